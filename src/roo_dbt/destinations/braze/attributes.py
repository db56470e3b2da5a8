"""Custom attributes: what Braze accepts as their names and values.

Sources, all read 2026-11-22: https://www.braze.com/docs/api/objects_filters/user_attributes_object,
https://www.braze.com/docs/user_guide/data/activation/attributes/nested_custom_attribute_support and
https://www.braze.com/docs/user_guide/data/activation/attributes/array_of_objects.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import orjson

from roo_dbt.destinations.braze import limits, values
from roo_dbt.destinations.braze.values import InvalidValueError

_LONGEST = limits.TEXT.number
_LARGEST = limits.LARGEST_INTEGER
_EDITS = frozenset({"add", "remove"})

EDIT = (
    "is an object with no keys but inc, or add and remove, which Braze takes for an edit of a number or an "
    "array; give it another key"
)


def attribute(value: Any) -> Any:
    """A custom attribute's value, as Braze stores it; raises InvalidValueError."""
    kind = type(value)
    if kind is str:
        # The common case first: no marker of an unsayable number, no date from the year 3000 on.
        if len(value) <= _LONGEST and value[:1] != "\x00" and (value[4:5] != "-" or value[:1] < "3"):
            return value
        return _text(value)
    if kind is bool:
        return value
    if kind is int and -_LARGEST <= value <= _LARGEST:
        return value
    if kind is float and math.isfinite(value):
        return value
    if kind is dict:
        if is_edit(value):
            raise InvalidValueError(EDIT)
        return _within_size(_object(value))
    if kind is list:
        return _within_size(_array(value))
    return values.number(value)


def is_edit(value: Any) -> bool:
    """Whether Braze takes an object for an edit: `inc` of a number, `add` and `remove` of an array."""
    return isinstance(value, dict) and bool(value) and (value.keys() <= _EDITS or value.keys() == {"inc"})


def attribute_set(value: Any) -> Any:
    """An array of an `unordered` field: the same without repeats, in the order of their first places."""
    if type(value) is list:
        # By repr, because to Python 1 equals true, and a dict cannot be a key.
        firsts: dict[str, Any] = {}
        for part in value:
            firsts.setdefault(repr(part), part)
        value = list(firsts.values())
    return attribute(value)


def _text(value: str) -> str:
    values.text(value)
    return values.within_years(value) if values.is_moment(value) else value


def nested(value: Any) -> Any:
    """A value inside an object. Times are marked with `$time` there, else Braze keeps them as text."""
    kind = type(value)
    if kind is str:
        return {"$time": _text(value)} if values.is_moment(value) else _text(value)
    if kind is dict:
        return _object(value)
    if kind is list:
        return _array(value)
    return attribute(value)


def _object(value: Mapping[str, Any]) -> dict[str, Any]:
    """Null parts are left out: an inner null can make Braze discard the whole attribute."""
    if value.keys() == {"$time"}:
        return {"$time": values.moment(value["$time"])}
    for key in value:
        problem = key_problem(key)
        if problem:
            raise InvalidValueError(f"has a key in its object that {problem}")
    return {key: nested(part) for key, part in value.items() if part is not None}


def _array(value: list[Any]) -> list[Any]:
    if any(part is None for part in value):
        raise InvalidValueError("has a null among its elements; leave nulls out of the array")
    if any(type(part) is list for part in value):
        raise InvalidValueError("is an array of arrays, which Braze does not store")
    if not any(type(part) is dict for part in value) and len(value) > limits.ARRAY.number:
        raise InvalidValueError(
            f"has {len(value):,} elements; Braze keeps {limits.ARRAY.number} and drops the oldest"
        )
    return [_object(part) if type(part) is dict else attribute(part) for part in value]


def _within_size(value: Any) -> Any:
    """The value, unless its JSON is larger than Braze stores; Braze would drop it and answer success."""
    if size_of(value) > limits.OBJECT.number:
        raise InvalidValueError(f"is larger than the {limits.OBJECT.number:,} bytes that Braze stores")
    return value


def size_of(value: Any) -> int:
    """Bytes of a value's JSON. Raises InvalidValueError for text that is not Unicode."""
    try:
        return len(orjson.dumps(value))
    except orjson.JSONEncodeError:
        raise InvalidValueError("holds text that is not valid Unicode") from None


def with_removals(old: Any, new: Any) -> Any:
    """`new`, with a null for each part that `old` had and `new` has not.

    For objects that are merged into what Braze has: there a part that is left out stays.
    """
    if not isinstance(old, dict) or not isinstance(new, dict) or "$time" in new:
        return new
    merged = {key: with_removals(old.get(key), part) for key, part in new.items()}
    for key, part in old.items():
        if part is not None and key not in merged:
            merged[key] = None
    return merged


def name_problem(name: str) -> str | None:
    """Why Braze does not take an attribute of this name, None if it does. Dots nest."""
    root, *path = name.split(".")
    if not root.strip():
        return "has no name before its first dot" if path else "is blank"
    if root != root.strip():
        return "starts or ends with a blank, which Braze trims"
    if root.startswith("$"):
        return "starts with $"
    if len(root) > limits.ATTRIBUTE_NAME.number:
        return f"is longer than {limits.ATTRIBUTE_NAME.number} characters"
    return next((problem for key in path if (problem := key_problem(key))), None)


def key_problem(key: str) -> str | None:
    """Why Braze does not take a key inside an object, None if it does."""
    if not key:
        return "is empty"
    if len(key) > limits.ATTRIBUTE_NAME.number:
        return f"is longer than {limits.ATTRIBUTE_NAME.number} characters"
    if any(sign in key for sign in ".$") or any(sign.isspace() for sign in key):
        return "holds a blank, a dot or a $"
    return None
