"""The fields of a Braze user that Braze knows by name; any other name is a custom attribute.

Source: https://www.braze.com/docs/api/objects_filters/user_attributes_object (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from roo_dbt.destinations.protocol import Field, Identifier

EXTERNAL_ID: Final = "external_id"
BRAZE_ID: Final = "braze_id"
ALIAS_NAME: Final = "user_alias.alias_name"
ALIAS_LABEL: Final = "user_alias.alias_label"

IDENTIFYING: Final[tuple[Field, ...]] = (
    Field(EXTERNAL_ID, "text", "your own id of the user, at most 987 bytes, case sensitive"),
    Field(BRAZE_ID, "text", "Braze's id of a user that exists"),
    Field(ALIAS_NAME, "text", "the name in an alias, at most 236 bytes, case sensitive"),
    Field(ALIAS_LABEL, "text", "the label of the alias, at most 236 bytes: what kind of name it is"),
)
"""What names a user: the id, Braze's id, or the two parts of an alias. One of them, never two."""

STANDARD: Final[tuple[Field, ...]] = (
    *IDENTIFYING,
    Field(
        "email", "e-mail", "finds the user if no id and no alias is mapped; beside one it is a plain field"
    ),
    Field("phone", "text", "like email; best in E.164 form (+14155550100), ten digits are taken as US"),
    Field("first_name", "text", "at most 255 characters"),
    Field("last_name", "text", "at most 255 characters"),
    Field("home_city", "text", "at most 255 characters"),
    Field("dob", "date", "date of birth, `YYYY-MM-DD`"),
    Field("gender", "code", "`M`, `F`, `O` (other), `N` (not applicable) or `P` (prefer not to say)"),
    Field("country", "code", "ISO 3166-1 alpha-2; once set, the SDK no longer captures it"),
    Field("language", "code", "ISO 639-1, lower case; once set, the SDK no longer captures it"),
    Field("time_zone", "code", "a name of the IANA database, `Europe/Berlin`"),
    Field("current_location", "object", "`{longitude, latitude}`, both of them"),
    Field("current_location.latitude", "number", "goes together with the longitude"),
    Field("current_location.longitude", "number", "goes together with the latitude"),
    Field("image_url", "text", "a URL of at most 1,024 characters"),
    Field(
        "email_subscribe",
        "subscription state",
        "`opted_in`, `subscribed` or `unsubscribed`; for every user with the same e-mail; cannot be cleared",
        consent=True,
    ),
    Field(
        "push_subscribe",
        "subscription state",
        "`opted_in`, `subscribed` or `unsubscribed`; cannot be cleared",
        consent=True,
    ),
    Field("email_open_tracking_disabled", "boolean", "true: no tracking pixel in this user's e-mails"),
    Field("email_click_tracking_disabled", "boolean", "true: no tracked links in this user's e-mails"),
    Field("marked_email_as_spam_at", "time", "when the user's e-mail was marked as spam"),
    Field("date_of_first_session", "time", "when the user first used the app"),
    Field("date_of_last_session", "time", "when the user last used the app"),
    Field("facebook", "object", "`{id, likes, num_friends}`"),
    Field("twitter", "object", "`{id, screen_name, followers_count, friends_count, statuses_count}`"),
)

NAMES: Final = frozenset(field.name for field in STANDARD)

CONSENT: Final = frozenset(field.name for field in STANDARD if field.consent)

RESERVED: Final[Mapping[str, str]] = {
    "_update_existing_only": "roo-dbt sets it from the sync mode: `enrich` updates existing users only",
    "_merge_objects": "roo-dbt sets it for dotted fields; the option `merge_objects` asks for it elsewhere",
    "push_token_import": "push tokens are not exported by roo-dbt",
    "push_tokens": "push tokens are not exported by roo-dbt",
    "subscription_groups": "declare subscription groups under `groups`, with a `subscription_group_id`",
    "user_alias": "map `user_alias.alias_name` and `user_alias.alias_label`",
    "email_subscription_info": "Braze refuses a user that has it",
    "bio": "Braze withdrew it and ignores it",
}

PRIMARY: Final = (
    Identifier((EXTERNAL_ID,)),
    Identifier((BRAZE_ID,)),
    Identifier((ALIAS_NAME, ALIAS_LABEL)),
)
"""Identifiers of which an object for Braze has exactly one."""

IDENTIFIERS: Final = (
    *PRIMARY,
    Identifier(("email",), "lower", plain=True),
    Identifier(("phone",), plain=True),
)
"""What a destination can find users by, best first. The last two work only without one before them."""

BILLED: Final = frozenset(
    {
        "first_name",
        "last_name",
        "email",
        "phone",
        "gender",
        "dob",
        "home_city",
        "time_zone",
        "country",
        "language",
        "current_location",
    }
)
"""Standard fields that cost a data point each time they are sent; the others are free.

Source: https://www.braze.com/docs/user_guide/data/data_points (read 2026-11-22). It lists
country and language both ways: free when the SDK captures them, billed when set, as we do.
"""
