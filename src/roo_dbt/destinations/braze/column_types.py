"""Which SQL types fit which fields, so that a mapping that cannot work is refused before a run.

Type names differ between warehouses; one that is not known here is not objected to.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

from roo_dbt.destinations.braze.fields import ALIAS_LABEL, ALIAS_NAME, BRAZE_ID, EXTERNAL_ID, STANDARD

Family = Literal["boolean", "number", "text", "date", "time", "object", "array", "binary", "any"]

_FAMILIES: Final[tuple[tuple[Family, str], ...]] = (
    ("array", r".*\[\d*\]|(array|list)\b.*"),
    ("object", r"(struct|map|record|row)\b.*"),
    ("boolean", r"bool(ean)?"),
    (
        "number",
        r"u?(tiny|small|medium|big|huge|byte)?int(eger)?\d*|decimal|numeric|number|bignumeric|bigdecimal|long|short",
    ),
    ("number", r"float\d*|real|double( precision)?"),
    ("date", r"date"),
    ("time", r"timestamp.*|datetime"),
    ("text", r"n?(var)?char2?|character( varying)?|bpchar|citext|n?text|string|uuid|enum"),
    ("binary", r"blob|bytea|(var)?binary|bytes"),
)

_MOMENT: Final = re.compile(r"\b(date|timestamp|datetime)", re.IGNORECASE)

_FITTING: Final[Mapping[str, frozenset[Family]]] = {
    "text": frozenset({"text"}),
    "e-mail": frozenset({"text"}),
    "code": frozenset({"text"}),
    "subscription state": frozenset({"text"}),
    "date": frozenset({"date", "text"}),
    "time": frozenset({"date", "time", "text"}),
    "boolean": frozenset({"boolean"}),
    "number": frozenset({"number"}),
    "object": frozenset({"object"}),
}
"""By `Field.type`."""

_TYPES: Final = {field.name: field.type for field in STANDARD}

_NUMBERED: Final = frozenset({EXTERNAL_ID, BRAZE_ID, ALIAS_NAME, ALIAS_LABEL, "phone", "product_id"})
"""Text that may come as whole numbers."""

_HINTS: Final[Mapping[tuple[str, Family], str]] = {
    ("subscription state", "boolean"): ("Write: case when … then 'opted_in' else 'unsubscribed' end."),
    ("date", "time"): "Cast it to date.",
}


def family(sql_type: str) -> Family:
    """The family of a SQL type as a warehouse's catalogue names it; `any` for one that says nothing."""
    bare = re.sub(r"\s*\(.*?\)", "", sql_type.strip().lower())
    for known, pattern in _FAMILIES:
        if re.fullmatch(pattern, bare):
            return known
    return "any"


def holds_moments(sql_type: str) -> bool:
    """Whether values of a SQL type are dates or times, or arrays and objects that may have some inside."""
    kind = family(sql_type)
    return kind in ("date", "time") or (kind in ("array", "object") and _MOMENT.search(sql_type) is not None)


def misfit(field: str, sql_type: str, types: Mapping[str, str] = _TYPES) -> str | None:
    """Why a column of this type cannot fill this field, None if it can.

    `types` has the vendor's word for the type of each field that it knows.
    """
    kind = family(sql_type)
    if kind == "any":
        return None
    wanted = types.get(field)
    if wanted is None:
        return "Braze takes no binary values. Encode it as text." if kind == "binary" else None
    if kind in _FITTING[wanted] or (field in _NUMBERED and kind == "number"):
        return None
    hint = _HINTS.get((wanted, kind), "")
    return f"{field} takes {_article(wanted)}. {hint}".rstrip()


def _article(noun: str) -> str:
    if noun == "text":
        return noun
    return f"an {noun}" if noun[0] in "aeio" else f"a {noun}"
