"""The numbers Iterable publishes, and those it does not: their `unit` says where they come from."""

from __future__ import annotations

from roo_dbt.destinations.protocol import Limit

_DOCS = "https://api.iterable.com/api/docs"
_READ = "2026-11-22"


def _rate(name: str, number: int, operation: str) -> Limit:
    unit = "requests a second, per project"
    return Limit(name, number, unit, f"{_DOCS}#{operation}", _READ, per_seconds=1)


def _cautious(name: str, number: int, operation: str) -> Limit:
    """A rate for a call whose limit Iterable does not publish."""
    unit = "requests a second (Iterable publishes no number; a cautious choice)"
    return Limit(name, number, unit, f"{_DOCS}#{operation}", _READ, per_seconds=1)


BULK_UPDATE = _rate("POST users/bulkUpdate", 5, "users_bulkUpdateUser")
UPDATE = _rate("POST users/update", 500, "users_updateUser")
DELETE_BY_EMAIL = _rate("DELETE users/{email}", 100, "users_delete")
DELETE_BY_USER_ID = _rate("DELETE users/byUserId/{userId}", 100, "users_delete_0")
GET_BY_EMAIL = _rate("GET users/getByEmail", 100, "users_getUser")
GET_BY_USER_ID = _rate("GET users/byUserId", 100, "users_getUserById")
GET_LISTS = _rate("GET lists", 100, "lists_getLists")
GET_FIELDS = _rate("GET users/getFields", 3, "users_getUserFields")
TRACK_BULK = _rate("POST events/trackBulk", 10, "events_trackBulk")
UPDATE_EMAIL = _cautious("POST users/updateEmail", 50, "users_updateEmail")
SUBSCRIBE = _cautious("POST lists/subscribe", 5, "lists_subscribe")
UNSUBSCRIBE = _cautious("POST lists/unsubscribe", 5, "lists_unsubscribe")
SUBSCRIPTIONS = _cautious("POST users/bulkUpdateSubscriptions", 5, "users_bulkUpdateSubscriptions")
TRACK_PURCHASE = _cautious("POST commerce/trackPurchase", 50, "commerce_trackPurchase")

BULK_BYTES = Limit("bulkUpdate body", 4_000_000, "bytes a request", f"{_DOCS}#users_bulkUpdateUser", _READ)
BULK_USERS = Limit(
    "bulkUpdate users",
    1000,
    "users a request (Iterable publishes no number; this is what other integrations send)",
    "https://github.com/rudderlabs/rudder-transformer",
    _READ,
)
BULK_OTHERS = Limit(
    "items of the other bulk calls",
    1000,
    "list members, events or subscriptions a request (as above)",
    "https://github.com/rudderlabs/rudder-transformer",
    _READ,
)
EVENT_ID = Limit(
    "event id",
    512,
    "bytes, letters, digits and hyphens (roo-dbt sends 64)",
    "https://support.iterable.com/hc/articles/206430615",
    _READ,
)
VALUE_CHARACTERS = Limit(
    "text value",
    32_000,
    "characters a value",
    "https://support.iterable.com/hc/articles/208183076",
    _READ,
)
PROFILE_FIELDS = Limit(
    "profile fields",
    1000,
    "different profile fields a project (a soft limit, nested fields count)",
    "https://support.iterable.com/hc/articles/26678893969812",
    _READ,
)
USER_ID_CHARACTERS = Limit(
    "userId",
    52,
    "characters (an older page; longer ones are sent, and refused if Iterable still has this limit)",
    "https://support.iterable.com/hc/articles/9216719179796",
    _READ,
)

UNPUBLISHED = (UPDATE_EMAIL, SUBSCRIBE, UNSUBSCRIBE, SUBSCRIPTIONS, TRACK_PURCHASE)
"""The rates that are our choice."""

LIMITS = (
    BULK_UPDATE,
    BULK_USERS,
    BULK_BYTES,
    UPDATE,
    UPDATE_EMAIL,
    DELETE_BY_EMAIL,
    DELETE_BY_USER_ID,
    GET_BY_EMAIL,
    GET_BY_USER_ID,
    GET_LISTS,
    SUBSCRIBE,
    UNSUBSCRIBE,
    SUBSCRIPTIONS,
    TRACK_BULK,
    TRACK_PURCHASE,
    BULK_OTHERS,
    GET_FIELDS,
    EVENT_ID,
    VALUE_CHARACTERS,
    PROFILE_FIELDS,
    USER_ID_CHARACTERS,
)
"""All of them, as `describe` and the README show them."""
