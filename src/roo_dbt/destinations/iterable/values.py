"""What a value looks like in a request, decided by the type of its column and never by its looks."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, Literal

from roo_dbt.destinations.iterable.fields import EMAIL, USER_ID
from roo_dbt.destinations.iterable.identity import email_text, user_id_text
from roo_dbt.destinations.iterable.limits import VALUE_CHARACTERS
from roo_dbt.records import NOT_FINITE, Column

Encoder = Callable[[Any], Any]
"""Turns a value that is not null into JSON that Iterable takes. Raises ValueError with the reason."""

Family = Literal["text", "number", "boolean", "date", "time", "nested"]

_FAMILIES: tuple[tuple[Family, str], ...] = (
    ("nested", r".*\]|(STRUCT|MAP|ARRAY|LIST|RECORD|OBJECT|JSON|JSONB|SUPER|VARIANT)\b.*"),
    ("time", r"(TIMESTAMP|DATETIME).*"),
    ("date", r"DATE(32)?"),
    ("boolean", r"BOOL(EAN)?"),
    ("number", r"(U?(TINY|SMALL|MEDIUM|BIG|HUGE|BYTE)?INT(EGER)?\d*|SERIAL|BIGSERIAL)\b.*"),
    ("number", r"(DECIMAL|NUMERIC|NUMBER|BIGNUMERIC|BIGDECIMAL|BIGNUM|REAL|FLOAT\d*|DOUBLE|MONEY)\b.*"),
)
_CHARACTERS = VALUE_CHARACTERS.number
_EXACT = 2**53
"""Below it a floating-point number is exactly the whole number it shows."""
_LONGEST, _SHORTEST = 2**63 - 1, -(2**63)


def family(type_: str) -> Family:
    """What kind of values a column has, from its type in any warehouse; `text` when in doubt."""
    name = type_.strip().upper()
    return next((kind for kind, pattern in _FAMILIES if re.fullmatch(pattern, name)), "text")


def encoder(name: str, column: Column | None, type_: str | None = None) -> Encoder:
    """How the values of a field are written. Without a column they go as they are, and are checked.

    Args:
        name: of the field.
        column: that fills it.
        type_: what the project has the field as, if that is known; numbers are written as it wants them.
    """
    if name == EMAIL:
        return email_text
    if name == USER_ID:
        return user_id_text
    if column is None:
        return plain
    kind = family(column.type)
    if kind == "nested" and column.type.strip().endswith("]"):
        element = encoder("", Column("", column.type[: column.type.rindex("[")]), type_)
        return plain if element is plain else _each(element)
    if kind == "number":
        return _NUMBERS.get(type_ or "", plain)
    return {"time": time, "date": date}.get(kind, plain)


def plain(value: Any) -> Any:
    """Text, number, boolean, list or object as it is.

    Raises:
        ValueError: not finite, over 64 bits, or longer text than a profile holds.
    """
    kind = type(value)
    if kind is str:
        if len(value) > _CHARACTERS:
            raise ValueError(f"text of {len(value)} characters; Iterable holds {_CHARACTERS}")
        if value.startswith(NOT_FINITE):
            raise ValueError("a number that JSON cannot say (NaN, infinity or over 64 bits)")
    elif kind is int:
        if not _SHORTEST <= value <= _LONGEST:
            raise ValueError("a whole number over 64 bits")
    elif kind is float:
        if not math.isfinite(value):
            raise ValueError("a number that JSON cannot say (NaN or infinity)")
    elif kind is list:
        return [None if element is None else plain(element) for element in value]
    elif kind is dict:
        return {name: None if inner is None else plain(inner) for name, inner in value.items()}
    return value


def as_long(value: Any) -> Any:
    """A number for a field of whole numbers: 12.0 as 12; a fraction as it is, for Iterable to judge."""
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < _EXACT
    return int(value) if is_whole else plain(value)


def as_double(value: Any) -> Any:
    """A number for a field of fractions: 12 as 12.0."""
    is_whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _EXACT
    return float(value) if is_whole else plain(value)


def as_string(value: Any) -> Any:
    """A number for a field of text: a whole one as its digits; a fraction as it is, for Iterable to judge."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_whole else plain(value)


_NUMBERS: dict[str, Encoder] = {"long": as_long, "double": as_double, "string": as_string}


def time(value: Any) -> str:
    """A time as `yyyy-MM-dd HH:mm:ss +00:00`, the form Iterable stores and answers with.

    The ISO form is accepted as well, but only this one is documented to make a *new* field a date.
    Iterable keeps whole seconds. Source: https://support.iterable.com/hc/articles/208183076 (2026-11-22).

    Raises:
        ValueError: an infinite time, or a year without four digits.
    """
    if not (isinstance(value, str) and len(value) >= 20 and value[10] == "T" and value[-1] == "Z"):
        raise ValueError("a time that Iterable cannot hold (infinite, or a year without four digits)")
    return f"{value[:10]} {value[11:19]} +00:00"


def date(value: Any) -> str:
    """A date as `yyyy-MM-dd`. Raises ValueError: infinite, or a year without four digits."""
    if not (isinstance(value, str) and len(value) == 10 and value[4] == "-"):
        raise ValueError("a date that Iterable cannot hold (infinite, or a year without four digits)")
    return value


def _each(element: Encoder) -> Encoder:
    def encode(values: list[Any]) -> list[Any]:
        return [None if value is None else element(value) for value in values]

    return encode
