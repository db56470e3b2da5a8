"""The custom attributes that a workspace has, and what does not agree with them.

Source: https://www.braze.com/docs/api/endpoints/export/custom_attributes/get_custom_attributes
(read 2026-11-22): 50 a page, and the next page's cursor in the header `Link`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from roo_dbt.destinations.braze.column_types import Family, family
from roo_dbt.destinations.braze.declaration import mapping_problem, setting_problem
from roo_dbt.destinations.braze.fields import NAMES
from roo_dbt.destinations.braze.outcomes import Source, judge, read_body
from roo_dbt.destinations.braze.standard import OBJECTS
from roo_dbt.destinations.protocol import KnownField, Send
from roo_dbt.errors import AppRefused, Fatal, Retriable, Splittable, VendorLost
from roo_dbt.records import Answer, Column, Destination, Problem, Request

PERMISSION = "custom_attributes.get"
BLOCKLISTED = "blocklisted"

_TAKES: Final[Mapping[str, frozenset[Family]]] = {
    "string": frozenset({"text", "date", "time"}),
    "number": frozenset({"number"}),
    "boolean": frozenset({"boolean"}),
    "date": frozenset({"date", "time", "text"}),
    "time": frozenset({"date", "time", "text"}),
    "array": frozenset({"array"}),
    "object": frozenset({"object"}),
    "object array": frozenset({"array"}),
}
"""Which columns fit which of Braze's types. Text may hold a time in a form that Braze knows."""


def custom_attributes(send: Send, source: Source) -> Iterator[KnownField]:
    """Every custom attribute of the workspace, page by page.

    Raises:
        AppRefused: the key may not ask. VendorLost: no proper answer.
    """
    cursor: str | None = None
    seen: set[str | None] = set()
    while cursor not in seen:
        seen.add(cursor)
        answer = send(Request("GET", "/custom_attributes", params={"cursor": cursor} if cursor else {}))
        yield from _attributes(_judged(answer, source))
        cursor = _next_cursor(answer.headers.get("link", ""))
        if cursor is None:
            return


def _judged(answer: Answer, source: Source) -> list[Any]:
    """The attributes of a page. Older pages of the documentation name the array differently."""
    try:
        judge(answer, source, now=0.0)
    except Fatal as refusal:
        raise AppRefused(refusal.message, hint=refusal.hint) from None
    except (Retriable, Splittable) as problem:
        raise _lost(problem.message) from None
    body = read_body(answer)
    found = body.get("attributes", body.get("custom_attributes"))
    if not isinstance(found, list):
        raise _lost(f"the answer ({answer.status}) holds no attributes")
    return found


def _lost(reason: str) -> VendorLost:
    return VendorLost(f"Braze does not list its custom attributes: {reason}.", hint="Try again later.")


def _attributes(entries: Sequence[Any]) -> Iterator[KnownField]:
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("name"), str):
            blocked = str(entry.get("status") or "").lower() == BLOCKLISTED
            yield KnownField(entry["name"], str(entry.get("data_type") or ""), BLOCKLISTED if blocked else "")


def _next_cursor(link: str) -> str | None:
    """The cursor in a header of RFC 8288. Only the cursor: the key goes to no address that it names."""
    for address, relations in re.findall(r"<([^>]*)>([^,<]*)", link):
        if re.search(r'rel="?[^";]*\bnext\b', relations):
            return next(iter(parse_qs(urlsplit(address).query).get("cursor", ())), None)
    return None


def disagreements(
    destination: Destination,
    columns: Mapping[str, Column],
    known: Sequence[KnownField],
    groups_attribute: str,
) -> Iterator[Problem]:
    """Warnings: attributes that Braze would ignore, because of their type or because it blocks them."""
    attributes = {one.name: one for one in known}
    warned: set[str] = set()
    for field in (line.field for line in destination.mapping):
        root, _, part = field.partition(".")
        there = attributes.get(root)
        if there is None or root in NAMES or root in OBJECTS:
            continue
        if there.note == BLOCKLISTED:
            if root not in warned:
                text = (
                    f"{root} is on the blocklist of the workspace: Braze answers success and stores nothing"
                )
                yield mapping_problem(destination, "blocklisted-attribute", field, text, severity="warning")
            warned.add(root)
            continue
        wrong = _mismatch(there, columns.get(field), is_part=bool(part))
        if wrong:
            yield mapping_problem(destination, "type-differs", field, wrong, severity="warning")
    yield from _groups_disagreement(destination, attributes.get(groups_attribute))


def _mismatch(there: KnownField, column: Column | None, *, is_part: bool) -> str | None:
    takes = _TAKES.get(_plain(there.type))
    if takes is None:
        return None
    kind: Family = "object" if is_part else family(column.type) if column is not None else "any"
    if kind == "any" or kind in takes:
        return None
    given = "is a part of an object here" if is_part or column is None else f"gets {column.type} here"
    return f"{there.name} is {there.type} in Braze and {given}; Braze may ignore it without a word"


def _groups_disagreement(destination: Destination, there: KnownField | None) -> Iterator[Problem]:
    if there is None or all(one.subscription_group_id is not None for one in destination.groups):
        return
    if there.note == BLOCKLISTED:
        text = f"{there.name} is on the blocklist of the workspace: Braze answers success and stores nothing"
        yield setting_problem(destination, "blocklisted-attribute", "groups", text, severity="warning")
    elif _plain(there.type) in _TAKES and _plain(there.type) != "array":
        text = f"{there.name} is {there.type} in Braze, not an array; Braze may ignore groups without a word"
        yield setting_problem(destination, "type-differs", "groups", text, severity="warning")


def _plain(data_type: str) -> str:
    """Braze's word for a type without what it adds: `String (Automatically Detected)`, `object_array`."""
    return re.sub(r"\(.*", "", data_type).replace("_", " ").strip().lower()
