"""Braze's custom attributes: types, arrays, nested objects, increments.

Source: https://www.braze.com/docs/user_guide/data/custom_data/custom_attributes and the pages on
nested attributes and arrays below it, read 2026-09-02. What Braze cannot store it accepts and leaves
out; here that raises NotStored, so that the sandbox can show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import orjson

from roo_dbt.sandbox.braze.moments import moment
from roo_dbt.sandbox.exchange import NotStored

MAX_NAME = 255
MAX_STRING = 255
MAX_ARRAY = 500
MAX_BYTES = 100_000

_Value = TypeVar("_Value")

_ARRAY_EDITS = frozenset(("add", "remove"))
_OBJECT_EDITS = frozenset(("$add", "$remove", "$update"))


def attribute_name(name: str) -> str:
    """The name as Braze stores it. Raises NotStored for one it refuses."""
    trimmed = name.strip()
    if not trimmed or len(trimmed) > MAX_NAME:
        raise NotStored(f"the name is empty or longer than {MAX_NAME} characters")
    if trimmed.startswith("$"):
        raise NotStored("the name starts with $")
    return trimmed


def stored_value(current: Any, value: Any, *, merge: bool) -> Any:
    """The value of an attribute after `value` was sent to one that holds `current`.

    Args:
        current: the value now, None when there is none.
        value: what was sent; not None, which clears.
        merge: whether the object carries `_merge_objects`.

    Raises:
        NotStored: Braze answers success and leaves the attribute as it is.
    """
    if isinstance(value, str):
        if len(value) > MAX_STRING:
            raise NotStored(f"it is longer than {MAX_STRING} characters")
        return value
    if isinstance(value, list):
        return _array(value)
    if isinstance(value, dict):
        return _object(current, value, merge=merge)
    return value


def coerced(value: Any, kind: str) -> Any:
    """The value as the type forced in the dashboard. Raises NotStored where none can be made of it."""
    if kind == "string":
        if isinstance(value, list | dict):
            raise NotStored("its type is forced to string")
        return value if isinstance(value, str) else orjson.dumps(value).decode()
    if kind == "number":
        return _number(value)
    if kind == "boolean":
        words = {"true": True, "false": False, "1": True, "0": False, "t": True, "f": False}
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in words:
            return words[value.lower()]
        raise NotStored("its type is forced to boolean")
    if kind == "array" and not isinstance(value, list) and not _edits(value, _ARRAY_EDITS):
        raise NotStored("its type is forced to array")
    return value


def kind_of(value: Any) -> str:
    """The data type that Braze's list of custom attributes shows."""
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int | float):
        return "Number"
    if isinstance(value, list):
        return "Object Array" if value and isinstance(value[0], dict) else "Array"
    if isinstance(value, dict):
        return "Object"
    return "Date" if moment(value) else "String"


def _number(value: Any) -> Any:
    if isinstance(value, dict) and "inc" in value:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise NotStored("its type is forced to number")
    try:
        return value if not isinstance(value, str) else float(value)
    except ValueError as error:
        raise NotStored("its type is forced to number") from error


def _edits(value: Any, words: frozenset[str]) -> bool:
    return isinstance(value, dict) and bool(value) and value.keys() <= words


def _array(values: list[Any]) -> list[Any]:
    if any(isinstance(value, dict) for value in values):
        for value in values:
            _check_nested(value)
        return _within_size(values)
    if any(isinstance(value, str) and len(value) > MAX_STRING for value in values):
        raise NotStored(f"an element is longer than {MAX_STRING} characters")
    # A value that comes again moves to the end; a full array loses its oldest.
    return _within_size(_without_repeats(values)[-MAX_ARRAY:])


def _without_repeats(values: list[Any]) -> list[Any]:
    last = {orjson.dumps(value): value for value in reversed(values)}
    return list(reversed(last.values()))


def _object(current: Any, value: dict[str, Any], *, merge: bool) -> Any:
    if value.keys() == {"inc"}:
        return _increment(current, value["inc"])
    if _edits(value, _ARRAY_EDITS):
        return _edited_array(current, value)
    if _edits(value, _OBJECT_EDITS):
        return _within_size(_edited_objects(current, value, merge=merge))
    _check_nested(value)
    base = current if merge and isinstance(current, dict) else {}
    return _within_size(_merged(base, value))


def _increment(current: Any, step: Any) -> Any:
    if isinstance(step, bool) or not isinstance(step, int):
        raise NotStored("inc takes an integer")
    return step + (current if isinstance(current, int | float) and not isinstance(current, bool) else 0)


def _edited_array(current: Any, edits: Mapping[str, Any]) -> list[Any]:
    if not all(isinstance(part, list) for part in edits.values()):
        raise NotStored("add and remove take an array")
    values = list(current) if isinstance(current, list) else []
    gone = edits.get("remove", [])
    return _array([v for v in values + edits.get("add", []) if v not in gone])


def _edited_objects(current: Any, edits: Mapping[str, Any], *, merge: bool) -> list[Any]:
    # Braze adds, removes and updates in this order, whatever the order of the keys.
    values = [*(current if isinstance(current, list) else []), *edits.get("$add", [])]
    for criterion in edits.get("$remove", []):
        values = [value for value in values if not _is_meant(value, criterion)]
    for change in edits.get("$update", []):
        new = change.get("$new_object", {})
        values = [
            (_merged(value, new) if merge else new) if _is_meant(value, change) else value for value in values
        ]
    for value in values:
        _check_nested(value)
    return values


def _is_meant(value: Any, criterion: Mapping[str, Any]) -> bool:
    name = criterion.get("$identifier_key")
    return isinstance(value, dict) and name in value and value[name] == criterion.get("$identifier_value")


def _merged(base: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(base)
    for name, value in new.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict) and "$time" not in value:
            inner = result.get(name)
            result[name] = _merged(inner if isinstance(inner, dict) else {}, value)
        else:
            result[name] = value
    return result


def _check_nested(value: Any) -> None:
    if isinstance(value, list):
        for entry in value:
            _check_nested(entry)
    elif isinstance(value, str) and len(value) > MAX_STRING:
        raise NotStored(f"a string in it is longer than {MAX_STRING} characters")
    elif isinstance(value, dict):
        if "$time" in value:
            if moment(value["$time"]) is None:
                raise NotStored("a $time in it is no time")
            return
        for name, entry in value.items():
            _check_key(name)
            _check_nested(entry)


def _check_key(name: str) -> None:
    if len(name) > MAX_NAME or any(sign in name for sign in " .$"):
        raise NotStored("a key in it is too long or holds a blank, a dot or a $")


def _within_size(value: _Value) -> _Value:
    if len(orjson.dumps(value)) > MAX_BYTES:
        raise NotStored(f"it is larger than {MAX_BYTES // 1000} KB")
    return value
