"""The fields that a project has now, and which columns do not fit them.

Source: https://api.iterable.com/api/docs#users_getUserFields (read 2026-11-22). The first value a field ever
got fixed its type for the whole project; a value of another type is refused. Arrays are not marked: a list
of numbers is `long`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from roo_dbt.destinations.iterable.answers import json_body
from roo_dbt.destinations.iterable.fields import EMAIL, RESERVED, USER_ID
from roo_dbt.destinations.iterable.limits import PROFILE_FIELDS
from roo_dbt.destinations.iterable.values import Family, family
from roo_dbt.destinations.protocol import KnownField
from roo_dbt.records import Answer, Column

NEAR = 900
"""Fields from which on a project is close to its limit."""

_WHOLE = re.compile(
    r"(U?(TINY|SMALL|MEDIUM|BIG|HUGE|BYTE)?INT(EGER)?\d*|SERIAL|BIGSERIAL)\b.*", re.IGNORECASE
)
_FITS: Mapping[str, frozenset[Family]] = {
    "string": frozenset({"text", "date", "time", "number"}),
    "long": frozenset({"number"}),
    "double": frozenset({"number"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date", "time", "text"}),
    "object": frozenset({"nested"}),
    "nested": frozenset({"nested"}),
    "geo_location": frozenset({"nested"}),
}


def known_fields(answer: Answer) -> tuple[KnownField, ...] | None:
    """The fields in an answer of getFields, by name; None when it is no such answer."""
    body = json_body(answer)
    fields = body.get("fields") if isinstance(body, dict) else None
    if answer.status != 200 or not isinstance(fields, dict):
        return None
    return tuple(
        KnownField(name, str(type_), f"kept by Iterable: {reason}" if reason else "")
        for name, type_ in sorted(fields.items())
        for reason in (RESERVED.get(name.split(".")[0], ""),)
    )


def misfits(columns: Mapping[str, Column], known: Sequence[KnownField]) -> Iterator[tuple[str, str, str]]:
    """What the project will object to: problem id, field and sentence."""
    types = {field.name: field.type for field in known}
    folded = {name.casefold(): name for name in types}
    for name, column in columns.items():
        if name in (EMAIL, USER_ID):
            continue
        if name in types:
            if fault := type_fault(column, types[name]):
                yield "field-type", name, fault
        elif (parent := _closed_parent(name, types)) is not None:
            yield (
                "field-type",
                name,
                f"{parent} is {types[parent]} in the project and holds no further fields.",
            )
        elif (alike := folded.get(name.casefold())) is not None:
            message = f"the project has {alike}; this would create another field, and fields stay for ever."
            yield "field-case", name, message


def fields_left(columns: Mapping[str, Column], known: Sequence[KnownField]) -> str | None:
    """A warning when the project has, or will have, nearly as many fields as Iterable allows."""
    names = {field.name for field in known}
    new = {part for name in columns for part in _parts(name)} - names
    total = len(names) + len(new)
    most = PROFILE_FIELDS.number
    if total < NEAR:
        return None
    made = f", {len(new)} of them made by this mapping" if new else ""
    message = f"the project has {total:,} profile fields{made}; Iterable allows about {most:,}"
    return (
        f"{message}, and fields cannot be deleted." if total <= most else f"{message} and refuses new ones."
    )


def type_fault(column: Column, type_: str) -> str | None:
    """Why values of a column do not fit a field of this type; None when they do, or when it is not known."""
    text = column.type.strip()
    while re.search(r"\[\d*\]$", text):
        text = text[: text.rindex("[")]
    kind = family(text)
    says = f"is {type_} in the project, and the column {column.name} is {column.type}"
    if type_ in _FITS and kind not in _FITS[type_]:
        return f"{says}: Iterable would refuse its values."
    if type_ == "date" and kind == "text":
        return f"{says}: only text in the form of a date is taken; a DATE or TIMESTAMP column is safer."
    if type_ in ("long", "string") and kind == "number" and not _WHOLE.fullmatch(text):
        return f"{says}: values with a fraction do not fit."
    return None


def _closed_parent(name: str, types: Mapping[str, str]) -> str | None:
    """A field that a dotted name would be inside of, and that is no object."""
    return next(
        (part for part in _parts(name)[:-1] if types.get(part, "object") not in ("object", "nested")), None
    )


def _parts(name: str) -> list[str]:
    """A dotted name with all its parents: Iterable counts each as a field."""
    path = name.split(".")
    return [".".join(path[:length]) for length in range(1, len(path) + 1)]
