"""The profile fields Iterable knows by name, those it keeps to itself, and the rules of a field's name.

Source: https://support.iterable.com/hc/articles/217744303 and https://support.iterable.com/hc/articles/208183076
(read 2026-11-22).
"""

from __future__ import annotations

from types import MappingProxyType

from roo_dbt.destinations.protocol import Field

EMAIL = "email"
USER_ID = "userId"

KNOWN = (
    Field(EMAIL, "string", "The e-mail address; sent trimmed and in lower case."),
    Field(USER_ID, "string", "Your own id of the user; numbers are sent as text. Case counts."),
    Field("phoneNumber", "string", "E.164 with the plus sign: `+14158675309`."),
    Field("locale", "string", "Language and country: `en_US`."),
    Field("timeZone", "string", "A name of the IANA database: `America/Los_Angeles`."),
    Field("signupDate", "date", "When the user signed up; Iterable fills it if you do not."),
    Field("ip", "string", "An IP address; Iterable may derive city, region, country and time zone."),
)

_LISTS = "Iterable writes it when a user joins or leaves a list"
_SUBSCRIPTIONS = "it overwrites a user's consent without an event; Iterable has calls of its own for it"
_ITERABLE = "Iterable writes it"

RESERVED = MappingProxyType(
    {
        "emailListIds": _LISTS,
        "userListIds": _LISTS,
        "subscribedMessageTypeIds": _SUBSCRIPTIONS,
        "unsubscribedChannelIds": _SUBSCRIPTIONS,
        "unsubscribedMessageTypeIds": _SUBSCRIPTIONS,
        "itblInternal": "it is Iterable's internal data",
        "itblDS": "it is Iterable's internal data",
        "itblUserId": "it is Iterable's internal data",
        "profileUpdatedAt": _ITERABLE,
        "signupSource": _ITERABLE,
        "devices": "Iterable writes it when an app registers a device",
        "phoneNumberDetails": "Iterable derives it from phoneNumber",
        "receivedSMSDisclaimer": _ITERABLE,
        "shoppingCartItems": "Iterable writes it with its cart and purchase calls",
    }
)
"""Fields nobody may map, each with the reason."""


def name_fault(name: str) -> str | None:
    """Why this cannot be the name of a profile field; None when it can."""
    parts = name.split(".")
    if not all(parts):
        return "a dot nests, so there must be a name on both sides of it."
    if any(part != part.strip() for part in parts):
        return "a name must not begin or end with a space."
    if parts[0] == "dataFields":
        return "profile fields are written without `dataFields.`."
    if len(parts) > 1 and parts[0] in RESERVED:
        return f"{parts[0]} may not be written: {RESERVED[parts[0]]}."
    if len(parts) > 1 and parts[0] in (EMAIL, USER_ID):
        return f"{parts[0]} is text and holds no further fields."
    return None
