"""The check of each standard field, and the standard fields that are objects of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from roo_dbt.destinations.braze import values
from roo_dbt.destinations.braze.values import Check, InvalidValueError


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise InvalidValueError("must be an array of text")
    return [values.text(part) for part in value]


OBJECTS: Final[Mapping[str, Mapping[str, Check]]] = {
    "current_location": {"longitude": values.degrees(180), "latitude": values.degrees(90)},
    "facebook": {"id": values.text, "likes": _texts, "num_friends": values.integer},
    "twitter": {
        "id": values.integer,
        "screen_name": values.text,
        "followers_count": values.integer,
        "friends_count": values.integer,
        "statuses_count": values.integer,
    },
}
"""Standard objects and their parts. They are written whole: `_merge_objects` is for custom ones."""

WHOLE: Final = frozenset({"current_location"})
"""Objects that make no sense without all of their parts."""


def standard_object(root: str, parts: Any) -> dict[str, Any] | None:
    """A standard object from its parts; None when all of them are null. Raises InvalidValueError."""
    checks = OBJECTS[root]
    if not isinstance(parts, Mapping):
        raise InvalidValueError(f"must be an object of {' and '.join(checks)}")
    given = {name: part for name, part in parts.items() if part is not None}
    if not given:
        return None
    unknown = next((name for name in given if name not in checks), None)
    if unknown is not None:
        raise InvalidValueError(f"has no part named {unknown}; it has {', '.join(checks)}")
    if root in WHOLE and given.keys() != checks.keys():
        raise InvalidValueError(f"needs {' and '.join(checks)}, or neither of them")
    return {name: _part(name, check, given[name]) for name, check in checks.items() if name in given}


def _part(name: str, check: Check, value: Any) -> Any:
    try:
        return check(value)
    except InvalidValueError as error:
        raise InvalidValueError(f"{name} {error}") from None


def _whole_object(root: str) -> Check:
    return lambda value: standard_object(root, value)


CHECKS: Final[Mapping[str, Check]] = {
    "email": values.email,
    "phone": values.phone,
    "first_name": values.text,
    "last_name": values.text,
    "home_city": values.text,
    "dob": values.calendar_date,
    "gender": values.gender,
    "country": values.country,
    "language": values.language,
    "time_zone": values.time_zone,
    "image_url": values.image_url,
    "email_subscribe": values.subscription_state,
    "push_subscribe": values.subscription_state,
    "email_open_tracking_disabled": values.boolean,
    "email_click_tracking_disabled": values.boolean,
    "marked_email_as_spam_at": values.moment,
    "date_of_first_session": values.moment,
    "date_of_last_session": values.moment,
    **{root: _whole_object(root) for root in OBJECTS},
}
"""By field. The identifier and the dotted parts of objects have their own ways."""
