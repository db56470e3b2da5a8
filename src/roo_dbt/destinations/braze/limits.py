"""What Braze limits, as data: number, unit, source and the day it was read."""

from __future__ import annotations

from roo_dbt.destinations.protocol import Limit

READ = "2026-11-22"

_RATES = "https://www.braze.com/docs/api/api_limits"
_TRACK = "https://www.braze.com/docs/api/endpoints/user_data/post_user_track"
_DELETE = "https://www.braze.com/docs/api/endpoints/user_data/post_user_delete"
_ATTRIBUTES = "https://www.braze.com/docs/api/objects_filters/user_attributes_object"
_NESTED = "https://www.braze.com/docs/user_guide/data/activation/attributes/nested_custom_attribute_support"
_ERRORS = "https://www.braze.com/docs/api/errors"
_RENAME = "https://www.braze.com/docs/api/endpoints/user_data/external_id_migration/post_external_ids_rename"
_EXPORT = "https://www.braze.com/docs/api/endpoints/export/user_data/post_users_identifier"
_ALIAS = "https://www.braze.com/docs/api/objects_filters/user_alias_object"
_EVENT = "https://www.braze.com/docs/api/objects_filters/event_object"
_PURCHASE = "https://www.braze.com/docs/api/objects_filters/purchase_object"

TRACK_RATE = Limit("users/track", 3_000, "requests per 3 s", _RATES, READ, per_seconds=3)
TRACK_OBJECTS = Limit("users/track objects", 75, "objects a request", _TRACK, READ)
USER_LIFE_RATE = Limit("users/delete", 20_000, "requests per 60 s", _RATES, READ, per_seconds=60)
"""One budget for deleting, aliasing, identifying and merging users."""
DELETE_USERS = Limit("users/delete users", 50, "users a request", _DELETE, READ)
RENAME_RATE = Limit("users/external_ids/rename", 1_000, "requests per 60 s", _RATES, READ, per_seconds=60)
RENAME_USERS = Limit("users/external_ids/rename users", 50, "users a request", _RENAME, READ)
EXPORT_RATE = Limit("users/export/ids", 40, "requests per 1 s", _EXPORT, READ, per_seconds=1)
"""For requests that name the fields they want, as ours do; others have 250 in 60 s."""
EXPORT_USERS = Limit("users/export/ids users", 50, "users a request", _EXPORT, READ)
DISCOVERY_RATE = Limit("custom_attributes", 1_000, "requests per 3,600 s", _RATES, READ, per_seconds=3_600)
BODY = Limit("request body", 4_000_000, "bytes", _ERRORS, READ)
EXTERNAL_ID = Limit("external_id", 987, "bytes", _TRACK, READ)
ALIAS = Limit("alias_name and alias_label", 236, "bytes each", _ALIAS, READ)
ATTRIBUTE_NAME = Limit("attribute name", 255, "characters", _ATTRIBUTES, READ)
TEXT = Limit("text value", 255, "characters", _ATTRIBUTES, READ)
IMAGE_URL = Limit("image_url", 1_024, "characters", _ATTRIBUTES, READ)
ARRAY = Limit("array attribute", 500, "elements", _ATTRIBUTES, READ)
OBJECT = Limit("object attribute", 100_000, "bytes", _NESTED, READ)
EVENT_PROPERTIES = Limit("properties of an event", 102_400, "bytes", _EVENT, READ)
PURCHASE_PROPERTIES = Limit("properties of a purchase", 50_000, "bytes", _PURCHASE, READ)
QUANTITY = Limit("quantity of a purchase", 100, "units", _PURCHASE, READ)

LIMITS = (
    TRACK_RATE,
    TRACK_OBJECTS,
    USER_LIFE_RATE,
    DELETE_USERS,
    RENAME_RATE,
    RENAME_USERS,
    EXPORT_RATE,
    EXPORT_USERS,
    DISCOVERY_RATE,
    BODY,
    EXTERNAL_ID,
    ALIAS,
    ATTRIBUTE_NAME,
    TEXT,
    IMAGE_URL,
    ARRAY,
    OBJECT,
    EVENT_PROPERTIES,
    PURCHASE_PROPERTIES,
    QUANTITY,
)

BODY_BUDGET = 3_500_000
"""Bytes we put into a body: head room below `BODY`, which Braze does not say how it measures."""

LARGEST_INTEGER = 2**53
"""Whole numbers beyond it change when a JSON reader keeps them as a double (RFC 8259, section 6)."""

LAST_YEAR = 3_000
"""Times after it become text, or are dropped inside an object (`user_attributes_object`)."""

SETTLE_SECONDS = 1.0
"""Rest before a request that builds on others of the same run. Braze applies most of them within a tenth of
it; requests that follow at once could be applied first."""
