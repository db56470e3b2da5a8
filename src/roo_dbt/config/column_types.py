"""What the type of a column says in the words of any engine: a boolean, an array, an array of text."""

from __future__ import annotations

import re

_BOOLEAN = re.compile(r"bool(ean)?", re.IGNORECASE)
_TEXT = re.compile(
    r"(text|string|varchar|nvarchar|character varying|char|bpchar|enum|uuid)\s*(\(.*\))?", re.IGNORECASE
)
# `VARCHAR[]`, `VARCHAR[3]`, `ARRAY<STRING>`, `ARRAY(VARCHAR)`, and `ARRAY`, which does not say of what.
_ARRAY = re.compile(
    r"(?P<before>.+)\[\d*\]|array\s*(?:<(?P<angle>.+)>|\((?P<round>.+)\))?", re.IGNORECASE | re.DOTALL
)


def is_boolean(type_: str) -> bool:
    """Whether a column of this type is true, false or null."""
    return _BOOLEAN.fullmatch(type_.strip()) is not None


def is_array(type_: str) -> bool:
    """Whether a column of this type holds a list of values."""
    return _ARRAY.fullmatch(type_.strip()) is not None


def is_text_array(type_: str) -> bool:
    """Whether a column of this type holds a list of texts, or may."""
    match = _ARRAY.fullmatch(type_.strip())
    if match is None:
        return False
    element = match["before"] or match["angle"] or match["round"]
    return element is None or _TEXT.fullmatch(element.strip()) is not None
