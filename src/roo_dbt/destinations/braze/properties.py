"""The properties of events and purchases.

Sources: https://www.braze.com/docs/api/objects_filters/event_object and
https://www.braze.com/docs/api/objects_filters/purchase_object (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from roo_dbt.destinations.braze import limits, values
from roo_dbt.destinations.braze.attributes import attribute, size_of
from roo_dbt.destinations.braze.values import InvalidValueError
from roo_dbt.destinations.protocol import Limit

ROOT = "properties"


class Properties:
    """Writes the object `properties`.

    Args:
        reserved: names that Braze keeps to itself.
        limit: bytes of its JSON.
    """

    def __init__(self, reserved: Collection[str], limit: Limit) -> None:
        self._reserved = reserved
        self._limit = limit

    def of(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The properties of a record: one object column, or the dotted fields. Nulls are left out.

        Raises:
            InvalidValueError: names the first property that breaks a rule, and the rule.
        """
        whole = record.get(ROOT)
        if whole is not None and not isinstance(whole, dict):
            raise InvalidValueError(f"{ROOT}: must be an object")
        tree: dict[str, Any] = dict(whole or {})
        for name, value in record.items():
            if value is not None and name.startswith(f"{ROOT}."):
                _plant(tree, name.split(".")[1:], value)
        found = {name: self._part(name, value) for name, value in tree.items() if value is not None}
        if found and size_of(found) > self._limit.number:
            raise InvalidValueError(f"{ROOT}: are larger than the {self._limit.number:,} bytes Braze takes")
        return found

    def _part(self, name: str, value: Any) -> Any:
        wrong = self.name_problem(name)
        if wrong:
            raise InvalidValueError(f"{ROOT}: has a name that {wrong}")
        try:
            return _property(value)
        except InvalidValueError as error:
            raise InvalidValueError(f"{ROOT}.{name}: {error}") from None

    def name_problem(self, name: str) -> str | None:
        """Why Braze does not take a property of this name, None if it does."""
        if name in self._reserved:
            return f"Braze keeps to itself ({', '.join(sorted(self._reserved))})"
        return key_problem(name)


def key_problem(name: str) -> str | None:
    """Why Braze takes no key of this name in properties, at any depth; None if it does."""
    if not name.strip():
        return "is blank"
    if name.startswith("$"):
        return "starts with $"
    if len(name) > limits.ATTRIBUTE_NAME.number:
        return f"is longer than {limits.ATTRIBUTE_NAME.number} characters"
    return None


def _property(value: Any, *, in_array: bool = False) -> Any:
    if isinstance(value, dict):
        for key in value:
            wrong = key_problem(key)
            if wrong:
                raise InvalidValueError(f"has a key in its object that {wrong}")
        return {key: _property(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        if any(part is None for part in value):
            raise InvalidValueError("has a null among its elements; leave nulls out of the array")
        return [_property(part, in_array=True) for part in value]
    if in_array and isinstance(value, str) and values.is_moment(value):
        raise InvalidValueError("has a time among its elements, which Braze does not take")
    return attribute(value)


def _plant(tree: dict[str, Any], path: list[str], value: Any) -> None:
    *branches, leaf = path
    for branch in branches:
        tree = tree.setdefault(branch, {})
        if not isinstance(tree, dict):
            raise InvalidValueError(f"{ROOT}.{'.'.join(path)}: is inside of {branch}, which is no object")
    tree[leaf] = value
