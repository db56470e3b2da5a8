"""The types of Iterable's profile fields, fixed for the whole project by the first value.

Source: https://support.iterable.com/hc/en-us/articles/208183076, read 2026-11-22.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

MAX_FIELDS = 1_000
"""Unique profile fields of a project, nested ones counted."""

MAX_STRING = 32_000
"""Characters of a value, as the help centre says ("about 32k")."""

BUILT_IN = {
    "email": "string",
    "userId": "string",
    "firstName": "string",
    "lastName": "string",
    "phoneNumber": "string",
    "signupDate": "date",
    "signupSource": "string",
    "profileUpdatedAt": "date",
    "emailListIds": "long",
    "userListIds": "long",
}

# A fraction of a second is a date only after a T.
_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}"
    r"(?: \d{2}:\d{2}:\d{2}(?: ?[+-]\d{2}:?\d{2})?|T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_ZONE = re.compile(r" ?([+-]\d{2}):?(\d{2})$")
_FRACTION = re.compile(r"\.\d+")


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A value of another type than its field has."""

    field: str
    expected: str
    found: str
    value: Any

    def as_json(self) -> dict[str, Any]:
        """The entry below `validationErrors`."""
        incoming = ["string", "keyword"] if self.found == "string" else [self.found]
        return {
            "incomingTypes": incoming,
            "expectedType": self.expected,
            "category": "user",
            "offendingValue": self.value,
            "_type": "UnexpectedType",
        }


def as_date(text: str) -> datetime | None:
    """The time in UTC that `text` is taken for; None when it is a plain string."""
    if len(text) < 10 or text[4] != "-" or not _DATE.fullmatch(text):
        return None
    plain = _FRACTION.sub("", text.replace("Z", "+00:00"))
    zone = _ZONE.search(plain) if len(plain) > 10 else None
    if zone:
        plain = f"{plain[: zone.start()]}{zone[1]}:{zone[2]}"
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(timezone.utc)


def type_of(name: str, value: Any) -> str | None:
    """The type a value would give to a new field; None for nothing (null, an empty array)."""
    if isinstance(value, str):
        return "date" if as_date(value) else "string"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "long"
    if isinstance(value, float):
        return "double"
    if isinstance(value, list):
        return next((kind for entry in value if (kind := type_of(name, entry))), None)
    if isinstance(value, dict):
        is_place = name.endswith("_geo_location") and value.keys() == {"lat", "lon"}
        return "geo_location" if is_place else "object"
    return None


def _fits(expected: str, found: str, value: Any) -> bool:
    if expected == found:
        return True
    if expected == "double":
        return found == "long"
    if expected == "long":
        return found == "double" and isinstance(value, float) and value.is_integer()
    return expected == "string" and found == "date"


class Schema:
    """The fields of the project and their types; nested ones are written with dots."""

    def __init__(self) -> None:
        self.types: dict[str, str] = dict(BUILT_IN)

    def check(self, values: Mapping[str, Any]) -> tuple[list[Mismatch], dict[str, str]]:
        """What does not fit, and the new fields that `values` would bring with their types."""
        mismatches: list[Mismatch] = []
        new: dict[str, str] = {}
        for name, value in _leaves(values):
            found = type_of(name, value)
            if found is None:
                continue
            expected = self.types.get(name) or new.get(name)
            if expected is None:
                new[name] = found
            elif not all(_fits(expected, kind, entry) for kind, entry in _entries(name, value, found)):
                mismatches.append(Mismatch(name, expected, found, value))
        return mismatches, new

    def known(self, values: Mapping[str, Any], prefix: str = "") -> tuple[dict[str, Any], list[str]]:
        """The part of `values` whose fields exist, and the names of the others."""
        kept: dict[str, Any] = {}
        dropped: list[str] = []
        for name, value in values.items():
            full = prefix + name
            if full not in self.types and value is not None:
                dropped.append(full)
            elif isinstance(value, dict) and self.types.get(full) == "object":
                kept[name], inner = self.known(value, f"{full}.")
                dropped += inner
            else:
                kept[name] = value
        return kept, dropped

    def stored(self, values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
        """The values as profiles hold them: dates in one form, in UTC."""
        return {name: self._stored(prefix + name, value) for name, value in values.items()}

    def _stored(self, name: str, value: Any) -> Any:
        if isinstance(value, str) and self.types.get(name) == "date":
            moment = as_date(value)
            return moment.strftime("%Y-%m-%d %H:%M:%S +00:00") if moment else value
        if isinstance(value, dict):
            return self.stored(value, f"{name}.")
        if isinstance(value, list):
            return [self._stored(name, entry) for entry in value]
        return value


def _leaves(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        full = prefix + name
        yield full, value
        if isinstance(value, dict) and type_of(full, value) == "object":
            yield from _leaves(value, f"{full}.")
        elif isinstance(value, list):
            for entry in value:
                if isinstance(entry, dict):
                    yield from _leaves(entry, f"{full}.")


def _entries(name: str, value: Any, found: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, list):
        yield found, value
        return
    for entry in value:
        kind = type_of(name, entry)
        if kind is not None:
            yield kind, entry
