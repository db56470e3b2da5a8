"""Changes → the attributes objects of `/users/track`. Pure.

Source: https://www.braze.com/docs/api/endpoints/user_data/post_user_track (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from roo_dbt.destinations.braze import limits
from roo_dbt.destinations.braze.attributes import (
    EDIT,
    attribute,
    attribute_set,
    is_edit,
    nested,
    size_of,
    with_removals,
)
from roo_dbt.destinations.braze.fields import CONSENT
from roo_dbt.destinations.braze.standard import CHECKS, OBJECTS, standard_object
from roo_dbt.destinations.braze.values import Check, InvalidValueError, check_moments, moment


class Attributes:
    """Writes values into attributes objects; made once for a destination.

    Args:
        fields: the mapped fields; others are learnt when they come.
        merge_objects: object columns are merged into what Braze has, not written over it.
        unordered: array fields that are sent as sets.
        moments: fields whose column holds dates or times, of which Braze would keep some as text.
        dated: fields that may have such inside of an array or an object, or are a part of one.
    """

    def __init__(
        self,
        fields: Iterable[str],
        *,
        merge_objects: bool = False,
        unordered: Iterable[str] = (),
        moments: Iterable[str] = (),
        dated: Iterable[str] = (),
    ) -> None:
        self._dated = frozenset(dated)
        self._merge_objects = merge_objects
        self._checks: dict[str, Check | None] = {}
        for names, check in ((unordered, attribute_set), (moments, moment)):
            self._checks |= {name: check for name in names if "." not in name and name not in CHECKS}
        for field in fields:
            if field not in self._checks:
                self._learn(field)

    def write(
        self,
        body: dict[str, Any],
        values: Mapping[str, Any],
        *,
        new: Mapping[str, Any],
        old: Mapping[str, Any],
    ) -> None:
        """Put `values` into `body`; null clears.

        `new` and `old` are the whole records: a standard object goes whole, and a part that left an
        object that is merged needs a null.

        Raises:
            InvalidValueError: names every field that breaks a rule, and the rule.
        """
        checks = self._checks
        dotted: list[str] = []
        try:
            if self._dated:
                for name in self._dated.intersection(values):
                    check_moments(values[name])
            for name, value in values.items():
                check = checks.get(name) or self._learn(name)
                if check is None:
                    dotted.append(name)
                elif value is not None:
                    body[name] = check(value)
                else:
                    _must_be_clearable(name)
                    body[name] = None
            if dotted:
                self._write_dotted(body, dotted, new, old)
        except InvalidValueError as error:
            problems = (self._problem(name, value, new) for name, value in values.items())
            told = "; ".join(dict.fromkeys(problem for problem in problems if problem))
            raise InvalidValueError(told or str(error)) from None
        if self._merge_objects or "_merge_objects" in body:
            self._merge(body, values, old)

    def _learn(self, name: str) -> Check | None:
        """The check of a field that is one key of the attributes object, None for a dotted field."""
        check = CHECKS.get(name) or (None if "." in name else attribute)
        self._checks[name] = check
        return check

    def _write_dotted(
        self, body: dict[str, Any], names: Sequence[str], new: Mapping[str, Any], old: Mapping[str, Any]
    ) -> None:
        for root in dict.fromkeys(name.partition(".")[0] for name in names):
            if root in OBJECTS:
                # Parts that are gone beside the whole object are those of an earlier mapping.
                if new.get(root) is None:
                    body[root] = standard_object(root, _parts(root, new))
                continue
            parts = [name for name in names if name.startswith(f"{root}.")]
            if not isinstance(new.get(root), dict | None):
                continue
            if root in body or _are_nested(parts):
                value = _remapped(root, new, old)
            else:
                value = _edited(root, parts, new, old)
            if size_of(value) > limits.OBJECT.number:
                raise InvalidValueError(
                    f"{root}: is larger than the {limits.OBJECT.number:,} bytes Braze stores"
                )
            if is_edit(value):
                raise InvalidValueError(f"{root}: {EDIT}")
            body[root] = value
            body["_merge_objects"] = True

    def _merge(self, body: dict[str, Any], values: Mapping[str, Any], old: Mapping[str, Any]) -> None:
        """Mark object columns for merging: the flag is one for the whole user."""
        for name, value in values.items():
            if isinstance(value, dict) and self._checks[name] is attribute:
                body[name] = with_removals(old.get(name), body[name])
                body["_merge_objects"] = True

    def _problem(self, name: str, value: Any, new: Mapping[str, Any]) -> str | None:
        root = name.partition(".")[0]
        check = self._checks.get(name) or self._learn(name)
        subject = name
        try:
            if name in self._dated:
                check_moments(value)
            if check is not None and value is not None:
                check(value)
            elif check is not None:
                _must_be_clearable(name)
            elif root in OBJECTS:
                subject = root
                standard_object(root, _parts(root, new))
            elif value is not None:
                nested(value)
        except InvalidValueError as error:
            return f"{subject}: {error}"
        return None


def _must_be_clearable(name: str) -> None:
    if name in CONSENT:
        raise InvalidValueError(
            "is null, and Braze cannot clear a subscription state; give opted_in, subscribed or "
            "unsubscribed, or map it with `nulls: ignore`"
        )


def _parts(root: str, record: Mapping[str, Any]) -> dict[str, Any]:
    return {name[len(root) + 1 :]: value for name, value in record.items() if name.startswith(f"{root}.")}


def _are_nested(names: Sequence[str]) -> bool:
    """Whether one of the fields is a part of another, as only a change of the mapping can make it."""
    return len(names) > 1 and any(other.startswith(f"{name}.") for name in names for other in names)


def _edited(
    root: str, names: Iterable[str], new: Mapping[str, Any], old: Mapping[str, Any]
) -> dict[str, Any]:
    """The parts of an object that changed, a null for one that became null."""
    tree: dict[str, Any] = {}
    for name in names:
        value = new.get(name)
        _plant(tree, name, None if value is None else with_removals(old.get(name), nested(value)))
    edited: dict[str, Any] = tree[root]
    return edited


def _remapped(root: str, new: Mapping[str, Any], old: Mapping[str, Any]) -> Any:
    """A whole object that was mapped in one column and is now in parts, or the other way round.

    Everything that the record has of it, with a null for what the record had and has no longer.
    """
    before, now = _whole(root, old), _whole(root, new)
    return with_removals(before, now) if now or root not in old else None


def _whole(root: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """An object put together from the column that has it, or from the fields that are parts of it."""
    tree: dict[str, Any] = {}
    for name, value in record.items():
        if value is not None and (name == root or name.startswith(f"{root}.")):
            _plant(tree, name, nested(value))
    whole = tree.get(root, {})
    return whole if isinstance(whole, dict) else {}


def _plant(tree: dict[str, Any], name: str, value: Any) -> None:
    *branches, leaf = name.split(".")
    for branch in branches:
        tree = tree.setdefault(branch, {})
    tree[leaf] = value
