"""Which user an object for Braze is about.

Source: https://www.braze.com/docs/api/objects_filters/user_attributes_object (read 2026-11-22): an object
has one of external_id, braze_id and user_alias, or else email or phone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal, cast

import orjson

from roo_dbt.destinations.braze import limits, values
from roo_dbt.destinations.braze.fields import ALIAS_LABEL, ALIAS_NAME, BRAZE_ID, EXTERNAL_ID
from roo_dbt.destinations.braze.values import InvalidValueError
from roo_dbt.destinations.protocol import Limit
from roo_dbt.records import NOT_FINITE, Change, Outcome, refused

Kind = Literal["external_id", "braze_id", "user_alias", "email", "phone"]
User = dict[str, Any]
"""The part of an object that names its user: `{"external_id": "42"}`."""

DELETED_AS: Final[Mapping[Kind, str]] = {
    "external_id": "external_ids",
    "braze_id": "braze_ids",
    "user_alias": "user_aliases",
    "email": "email_addresses",
    "phone": "phone_numbers",
}
"""The array of `/users/delete` for each kind; a request has one of them."""


def identifying_text(value: Any, field: str, limit: Limit) -> str | Outcome:
    """The text of an id or of a part of an alias, or why there is none; whole numbers lose their `.0`."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        return refused("invalid_value", f"{field}: must be text or a whole number")
    if isinstance(value, float):
        if not value.is_integer():
            return refused("invalid_value", f"{field}: is a number that is not whole; cast it to text")
        value = int(value)
    name = "" if value is None else str(value)
    if name.startswith(NOT_FINITE):
        name = name[len(NOT_FINITE) :]
        if not name.removeprefix("-").isdigit():
            return refused("invalid_value", f"{field}: is not a number that can name a user")
    if not name.strip():
        return refused("missing_identifier", f"{field} is null or blank, so Braze cannot find the user")
    size = len(name.encode("utf-8", "surrogatepass"))
    if size > limit.number:
        return refused("invalid_value", f"{field}: has {size:,} bytes; Braze takes at most {limit.number}")
    return name


def _external_id(record: Mapping[str, Any]) -> User | Outcome:
    value = record.get(EXTERNAL_ID)
    # The common cases first: every object of a large load comes by here.
    if type(value) is int:
        return {EXTERNAL_ID: str(value)}
    if type(value) is str and value[:1] > " " and len(value) <= 200 and not value.isspace():
        return {EXTERNAL_ID: value}
    name = identifying_text(value, EXTERNAL_ID, limits.EXTERNAL_ID)
    return {EXTERNAL_ID: name} if isinstance(name, str) else name


def _braze_id(record: Mapping[str, Any]) -> User | Outcome:
    name = identifying_text(record.get(BRAZE_ID), BRAZE_ID, limits.TEXT)
    return {BRAZE_ID: name} if isinstance(name, str) else name


def _alias(record: Mapping[str, Any]) -> User | Outcome:
    name = identifying_text(record.get(ALIAS_NAME), ALIAS_NAME, limits.ALIAS)
    label = identifying_text(record.get(ALIAS_LABEL), ALIAS_LABEL, limits.ALIAS)
    if not isinstance(name, str):
        return name
    if not isinstance(label, str):
        return label
    return {"user_alias": {"alias_name": name, "alias_label": label}}


def _address(field: str) -> Callable[[Mapping[str, Any]], User | Outcome]:
    check = values.email if field == "email" else values.phone

    def read(record: Mapping[str, Any]) -> User | Outcome:
        value = record.get(field)
        if value is None or (isinstance(value, str) and not value.strip()):
            return refused("missing_identifier", f"{field} is null or blank, so Braze cannot find the user")
        try:
            return {field: check(value)}
        except InvalidValueError as error:
            return refused("invalid_value", f"{field}: {error}")

    return read


_READERS: Final[Mapping[Kind, Callable[[Mapping[str, Any]], User | Outcome]]] = {
    "external_id": _external_id,
    "braze_id": _braze_id,
    "user_alias": _alias,
    "email": _address("email"),
    "phone": _address("phone"),
}


class Identity:
    """How a destination finds users.

    Args:
        fields: the fields of the destination's identifier.
    """

    def __init__(self, fields: Sequence[str]) -> None:
        self.fields = frozenset(fields)
        self.kind = cast("Kind", fields[0].partition(".")[0])
        self.of = _READERS[self.kind]
        """The user that a record names, or why it names none."""

    def former(self, change: Change) -> User | None:
        """The user that an updated record named before, if it names another one now."""
        if change.operation != "update":
            return None
        old, new = change.old, change.new
        for name in self.fields:
            if old.get(name) != new.get(name):
                break
        else:
            return None
        before, now = self.of(old), self.of(new)
        if isinstance(before, Outcome) or isinstance(now, Outcome):
            return None
        return before if self.key(before) != self.key(now) else None

    def key(self, user: User) -> str:
        """Text that is the same for the same user only."""
        value = user[self.kind]
        if self.kind == "user_alias":
            return f"{value['alias_label']}\x00{value['alias_name']}"
        return str(value).lower() if self.kind == "email" else str(value)

    def written(self, user: User) -> bytes | Outcome:
        """The JSON of what names the user, without its key."""
        try:
            return orjson.dumps(user[self.kind])
        except orjson.JSONEncodeError:
            return refused("invalid_value", f"{self.kind}: holds text that is not valid Unicode")
