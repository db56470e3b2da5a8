"""Group memberships → parts of an attributes object.

A subscription group is a state of its own. Every other group is an entry of one array attribute, edited with
`add` and `remove`, so that entries written by others stay.
Sources: https://www.braze.com/docs/api/objects_filters/user_attributes_object and
https://www.braze.com/docs/api/endpoints/user_data/post_user_track (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from roo_dbt.destinations.braze import limits
from roo_dbt.destinations.braze.values import InvalidValueError, text
from roo_dbt.destinations.protocol import dropped_groups, memberships
from roo_dbt.records import GROUP_MARK, Change, Group

USUAL_ATTRIBUTE = "groups"
"""The array attribute of groups whose destination names no other."""


class GroupEdits:
    """What an attributes object says about the groups of its user.

    Args:
        groups: the declared groups.
        attribute: the array attribute of the groups that are no subscription groups.
    """

    def __init__(self, groups: Sequence[Group], attribute: str) -> None:
        self._groups = tuple(groups)
        self.is_any = bool(groups)
        """Whether a group is declared; without one, only dropped groups can be left."""
        self._attribute = attribute

    def of(self, change: Change, *, again: bool = False) -> dict[str, Any]:
        """The groups that a change joins and leaves, empty if there are none.

        Args:
            change: what happens to the record.
            again: join once more the groups that it is in already; never a subscription group.

        Raises:
            InvalidValueError: a group's name that Braze does not take.
        """
        # Most records have no groups, and most changes of a first sync no old values.
        if change.inherited and not change.departs:
            change = _with_inherited(change, change.inherited)
        if not self._groups and GROUP_MARK not in "".join(change.old):
            return {}
        if (again or _is_unsure(change)) and not change.departs:
            change = replace(change, whole=True)
        dropped = dropped_groups(change, self._groups)
        states: dict[str, str] = {}
        joined: dict[str, None] = {}
        left: dict[tuple[str, str], None] = {}
        for one in memberships(change, [*self._groups, *dropped]):
            if one.group.subscription_group_id is not None:
                states[one.group.subscription_group_id] = "subscribed" if one.joins else "unsubscribed"
            elif one.name is not None and one.joins:
                joined[one.name] = None
            elif one.name is not None:
                left[self._place(one.group), one.name] = None
        # Two groups may have the same name: a user stays in it as long as one of them says so.
        present = _names(self._groups, change.new)
        _check(joined, present)
        return self._written(states, list(joined), [each for each in left if not self._is_in(each, present)])

    def _place(self, group: Group) -> str:
        """The attribute of a group; one that is no longer declared says itself where it was."""
        return self._attribute if group in self._groups else group.place or USUAL_ATTRIBUTE

    def _is_in(self, left: tuple[str, str], present: set[str]) -> bool:
        place, name = left
        return place == self._attribute and name in present

    def leaving(self, change: Change) -> dict[str, Any]:
        """All groups that the record was in, to be left; raises as `of`."""
        return self.of(replace(change, new={}, changed=(), whole=False, inherited=None))

    def _written(
        self, states: Mapping[str, str], joined: list[str], left: list[tuple[str, str]]
    ) -> dict[str, Any]:
        parts: dict[str, Any] = {}
        if states:
            parts["subscription_groups"] = [
                {"subscription_group_id": group, "subscription_state": state}
                for group, state in states.items()
            ]
        edits: dict[str, dict[str, list[str]]] = {self._attribute: {"add": joined}} if joined else {}
        for place, name in left:
            edits.setdefault(place, {}).setdefault("remove", []).append(name)
        return parts | edits


def _is_unsure(change: Change) -> bool:
    """Whether the snapshot does not know what the user has: fields go that are as they were."""
    old, new = change.old, change.new
    return change.operation == "update" and any(old.get(name) == new.get(name) for name in change.changed)


def _with_inherited(change: Change, inherited: Mapping[str, Any]) -> Change:
    """The change with the groups that its user is in by another record among its old ones.

    Its own ones are joined all the same: the other record may leave them just now.
    """
    old = {name: value for name, value in change.old.items() if name.startswith(GROUP_MARK)}
    for name, value in inherited.items():
        before = old.get(name)
        if before and isinstance(value, list):
            old[name] = [*before, *value]
        elif value is None:
            old[name] = before
        else:
            old[name] = value
    return replace(change, old=old, whole=True)


def _names(groups: Iterable[Group], record: Mapping[str, Any]) -> set[str]:
    """The entries of the array attribute that a record has."""
    found: set[str] = set()
    for group in groups:
        value = record.get(group.field)
        if value and group.is_many:
            found.update(value)
        elif value and group.name is not None and group.subscription_group_id is None:
            found.add(group.name)
    return found


def _check(joined: Iterable[Any], present: set[str]) -> None:
    try:
        for name in joined:
            text(name)
    except InvalidValueError as error:
        raise InvalidValueError(f"groups: a name {error}") from None
    if len(present) > limits.ARRAY.number:
        raise InvalidValueError(
            f"groups: the user is in {len(present):,}; Braze keeps {limits.ARRAY.number} and drops the oldest"
        )
