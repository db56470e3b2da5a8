"""Braze's standard profile fields: what refuses the whole object, and what is silently not stored.

Source: https://www.braze.com/docs/api/objects_filters/user_attributes_object, read 2026-09-02. Names
are case-sensitive; any other spelling is a custom attribute.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from roo_dbt.sandbox.braze.moments import moment
from roo_dbt.sandbox.exchange import NotStored

MAX_STRING = 255
MAX_IMAGE_URL = 1024
CONTROLS = frozenset(("_update_existing_only", "_merge_objects", "push_token_import"))

_EMAIL = re.compile(r"[^@\s,;<>()\[\]\"]+@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SUBSCRIBED = ("opted_in", "subscribed", "unsubscribed")
_GROUP_STATES = ("subscribed", "unsubscribed")


def is_email(value: Any) -> bool:
    """Whether Braze takes the value for an address."""
    return (
        isinstance(value, str) and len(value) <= 254 and ".." not in value and bool(_EMAIL.fullmatch(value))
    )


def _email(value: Any) -> str | None:
    if value is None or is_email(value):
        return None
    return "The value provided for the 'email' field is not a valid email."


def _phone(value: Any) -> str | None:
    return None if value is None or isinstance(value, str) else "'phone' must be a string"


def _subscription(name: str) -> Callable[[Any], str | None]:
    sentence = f"'{name}' must be 'subscribed', 'unsubscribed', or 'opted_in'"
    return lambda value: None if value in _SUBSCRIBED else sentence


def _groups(value: Any) -> str | None:
    if not isinstance(value, list):
        return "BAD_SUBSCRIPTION_GROUP_ARRAY"
    seen = set()
    for group in value:
        if not isinstance(group, Mapping):
            return "BAD_SUBSCRIPTION_GROUP_HASH"
        number = group.get("subscription_group_id")
        if not is_uuid(number) or number in seen:
            return "BAD_SUBSCRIPTION_GROUP_ID"
        seen.add(number)
        if group.get("subscription_state") not in _GROUP_STATES:
            return "BAD_SUBSCRIPTION_GROUP_STATE"
    return None


def is_uuid(value: Any) -> bool:
    """Whether the value is a UUID in its usual form, as ids of subscription groups are."""
    try:
        return isinstance(value, str) and str(UUID(value)) == value.lower()
    except ValueError:
        return False


def _location(value: Any) -> str | None:
    if value is None:
        return None
    numbers = (
        [value.get(name) for name in ("longitude", "latitude")] if isinstance(value, Mapping) else [None]
    )
    good = all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers)
    return None if good else "BAD_LOCATION_UPDATE"


def _tokens(value: Any) -> str | None:
    if not isinstance(value, list) or not all(isinstance(token, Mapping) for token in value):
        return "BAD_PUSH_TOKEN_VALUE"
    for token in value:
        if not isinstance(token.get("app_id"), str):
            return "BAD_PUSH_TOKEN_APP_ID"
        if not isinstance(token.get("token"), str):
            return "BAD_PUSH_TOKEN_STRING"
    return None


REFUSING: Mapping[str, Callable[[Any], str | None]] = {
    "email": _email,
    "phone": _phone,
    "email_subscribe": _subscription("email_subscribe"),
    "push_subscribe": _subscription("push_subscribe"),
    "subscription_groups": _groups,
    "current_location": _location,
    "push_tokens": _tokens,
    "email_subscription_info": lambda _: "INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO",
}
"""Field → why a value refuses the whole object, None when it is fine."""


def refusal(attributes: Mapping[str, Any]) -> str | None:
    """The first reason for which Braze refuses the object, None when there is none."""
    for name in REFUSING.keys() & attributes.keys():
        problem = REFUSING[name](attributes[name])
        if problem is not None:
            return problem
    return None


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        raise NotStored("it is no string")
    if len(value) > MAX_STRING:
        raise NotStored(f"it is longer than {MAX_STRING} characters")
    return value


def _of(*values: str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if value not in values:
            raise NotStored(f"it is none of {', '.join(values)}")
        return value

    return check


def _dob(value: Any) -> Any:
    if not isinstance(value, str) or not _DAY.fullmatch(value) or moment(value) is None:
        raise NotStored("it is no date of the form YYYY-MM-DD")
    return value


def _country(value: Any) -> Any:
    # Braze maps other spellings as well as it can; what it cannot map becomes null.
    return value.upper() if isinstance(value, str) and len(value) == 2 and value.isalpha() else None


def _language(value: Any) -> Any:
    if not isinstance(value, str) or len(value) != 2 or not value.isalpha():
        raise NotStored("it is no ISO 639-1 language")
    return value


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _time_zone(value: Any) -> Any:
    if value not in _zones():
        raise NotStored("it is no IANA time zone")
    return value


def _image_url(value: Any) -> Any:
    if not isinstance(value, str) or len(value) > MAX_IMAGE_URL:
        raise NotStored(f"it is no URL of at most {MAX_IMAGE_URL} characters")
    return value


def _boolean(value: Any) -> Any:
    if not isinstance(value, bool):
        raise NotStored("it is neither true nor false")
    return value


def _time(value: Any) -> Any:
    if moment(value) is None:
        raise NotStored("it is no ISO 8601 time")
    return value


def _object(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise NotStored("it is no object")
    return value


def _as_is(value: Any) -> Any:
    return value


def _withdrawn(_: Any) -> Any:
    raise NotStored("Braze withdrew the field")


STORING: Mapping[str, Callable[[Any], Any]] = {
    "first_name": _text,
    "last_name": _text,
    "home_city": _text,
    "dob": _dob,
    "gender": _of("M", "F", "O", "N", "P"),
    "country": _country,
    "language": _language,
    "time_zone": _time_zone,
    "current_location": _as_is,
    "image_url": _image_url,
    "email_subscribe": _as_is,
    "push_subscribe": _as_is,
    "email_open_tracking_disabled": _boolean,
    "email_click_tracking_disabled": _boolean,
    "marked_email_as_spam_at": _time,
    "date_of_first_session": _time,
    "date_of_last_session": _time,
    "push_tokens": _as_is,
    "facebook": _object,
    "twitter": _object,
    "bio": _withdrawn,
}
"""Field → the value as stored; raises NotStored where Braze silently keeps the old one."""

STANDARD = frozenset(STORING) | {"email", "phone"}
"""Names that are no custom attributes."""
