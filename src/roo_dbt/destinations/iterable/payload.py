"""From a change to the JSON of one user. Pure: no I/O, no state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import orjson

from roo_dbt.destinations.iterable.fields import EMAIL, USER_ID
from roo_dbt.destinations.iterable.identity import Identity, is_blank
from roo_dbt.destinations.iterable.values import Encoder, encoder
from roo_dbt.destinations.protocol import fields_to_send
from roo_dbt.records import GROUP_MARK, Change, Column, Mapped


class UserPayload:
    """Writes the users of one destination.

    Args:
        identity: how they are told apart.
        mapping: the mapped fields.
        columns: their columns, by field; fields without one are constants.
        types: the types that fields have in the project, as far as they are known.
    """

    def __init__(
        self,
        identity: Identity,
        mapping: Sequence[Mapped],
        columns: Mapping[str, Column],
        types: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._identity = identity
        self._encoders = Encoders(columns, types)
        self._neighbours = _neighbours(line.field for line in mapping)
        identifiers = (EMAIL, USER_ID)
        self._clearable = [
            line.field for line in mapping if line.nulls == "clear" and line.field not in identifiers
        ]

    def user(
        self, change: Change, identifier: str, *, anew: bool = False, always: bool = False
    ) -> bytes | None:
        """The user's JSON; None when there is nothing to tell Iterable.

        Args:
            change: what happened to the record.
            identifier: by which the user is found.
            anew: another record's values may stand there, so nulls are sent as well.
            always: write the user even if there is nothing to tell.

        Raises:
            ValueError: a value cannot be sent; the message begins with its field.
        """
        fields, is_nested = self._data(change, anew=anew)
        if not fields and not always and change.operation != "create" and not change.whole:
            return None
        user: dict[str, Any] = {self._identity.field: identifier, "dataFields": fields}
        if is_nested:
            user["mergeNestedObjects"] = True
        # Clearing must not create a user who is gone.
        if self._identity.prefers_user_id and change.operation != "delete":
            user["preferUserId"] = True
        try:
            return orjson.dumps(user)
        except orjson.JSONEncodeError as fault:
            raise ValueError("a text is not valid Unicode") from fault

    def _data(self, change: Change, *, anew: bool) -> tuple[dict[str, Any], bool]:
        """The `dataFields`, and whether they must be merged into the objects of the profile."""
        values = self._values(change)
        if anew:
            for name in self._clearable:
                values.setdefault(name, change.new.get(name))
        encoders = self._encoders
        name = ""
        try:
            for name, value in values.items():
                if value is not None:
                    values[name] = encoders[name](value)
        except ValueError as fault:
            raise ValueError(f"{name}: {fault}") from fault
        if "." in "".join(values):
            return nested(values, change.old), True
        return values, False

    def _values(self, change: Change) -> dict[str, Any]:
        identity = self._identity
        if change.operation == "delete":
            # `changed` has what another record may have set besides.
            held = (*(name for name, value in change.old.items() if value is not None), *change.changed)
            values = {name: None for name in held if not name.startswith(GROUP_MARK)}
        else:
            change = _complete(change, identity.field)
            values = fields_to_send(change)
        values.pop(identity.field, None)
        if identity.other in values and not _sends_other(identity, change):
            del values[identity.other]
        if self._neighbours:
            self._add_neighbours(values, change.new)
        return values

    def _add_neighbours(self, values: dict[str, Any], new: Mapping[str, Any]) -> None:
        for name in tuple(values):
            for neighbour in self._neighbours.get(name, ()):
                if new.get(neighbour) is not None:
                    values.setdefault(neighbour, new[neighbour])


class Encoders(dict[str, Encoder]):
    """Encoders by field, made when a field is first seen: one that left the mapping is still cleared."""

    def __init__(self, columns: Mapping[str, Column], types: Mapping[str, str]) -> None:
        super().__init__()
        self._columns = columns
        self._types = types

    def __missing__(self, name: str) -> Encoder:
        self[name] = found = encoder(name, self._columns.get(name), self._types.get(name))
        return found


def _complete(change: Change, identifier: str) -> Change:
    """The change itself; as a whole record when the user was found by something else until now."""
    if change.operation == "update" and is_blank(change.old.get(identifier)):
        return replace(change, whole=True)
    return change


def _sends_other(identity: Identity, change: Change) -> bool:
    """Whether the other identifier goes along: never blank, and not when only its case has changed."""
    before, after = change.old.get(identity.other), change.new.get(identity.other)
    if is_blank(after):
        return False
    is_known = before is not None and not change.whole
    return not (is_known and identity.fold(before, identity.other) == identity.fold(after, identity.other))


def _neighbours(fields: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The fields that share two levels with a field of three: `a.b.c` and `a.b.d`.

    Iterable documents that it merges the keys of an object, not what becomes of objects in it; sending
    all of them is right either way.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in fields:
        path = name.split(".")
        if len(path) > 2:
            groups.setdefault((path[0], path[1]), []).append(name)
    return {name: tuple(group) for group in groups.values() if len(group) > 1 for name in group}


def nested(values: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted names as objects, written so that merging them leaves what the record says."""
    tree: dict[str, Any] = {}
    # The shallow ones first: they make the objects that the others are put into.
    for name in sorted(values, key=_depth):
        value = values[name]
        if isinstance(value, dict) or (value is None and _holds_others(name, values)):
            value = _replacing(old.get(name), value)
        *path, leaf = name.split(".")
        inside = tree
        for part in path:
            if not isinstance(inside.get(part), dict):
                inside[part] = {}
            inside = inside[part]
        # A null may come from a line that left the mapping: it must not undo what another line sets.
        if value is None:
            inside.setdefault(leaf, None)
        else:
            inside[leaf] = value
    return tree


def _depth(name: str) -> int:
    return name.count(".")


def _holds_others(name: str, names: Iterable[str]) -> bool:
    return any(other.startswith(f"{name}.") for other in names)


def _replacing(before: Any, after: Any) -> Any:
    """An object that, merged into `before`, leaves only itself: keys that are gone become null."""
    if not isinstance(before, dict):
        return after
    if after is None:
        return {name: _replacing(value, None) for name, value in before.items()}
    if not isinstance(after, dict):
        return after
    gone = {name: None for name in before if name not in after}
    return {name: _replacing(before.get(name), value) for name, value in after.items()} | gone
