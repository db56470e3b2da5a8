"""Changes → the groups that their users join and leave, whatever the vendor calls them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roo_dbt.destinations.facts import Normalisation, distinct
from roo_dbt.records import GROUP_MARK, Change, Group, group_form


@dataclass(frozen=True, slots=True)
class Membership:
    """A user joins or leaves a group. `name` is the group's name at the vendor, if it has one."""

    group: Group
    name: str | None
    joins: bool


def memberships(change: Change, groups: Sequence[Group], names: Normalisation = "exact") -> list[Membership]:
    """The groups that a change joins and leaves, in the order of the declaration.

    `names` is how the vendor compares their names (`Object.group_names`); the spelling that sorts first
    stands for all that are equal.

    A whole record joins again what it is in; a subscription is given again only when `change.resend`
    asks for it, or when the model's value changed and the record did not merely return. What the user is in
    by another record it leaves, unless this one is in it, too. An old membership that is false is one that
    nobody is sure of: the user leaves it, or joins it for the first time.
    """
    found = []
    for group in groups:
        old, new = change.old.get(group.field), change.new.get(group.field)
        inherited = (change.inherited or {}).get(group.field)
        again = change.whole or group.field in change.changed
        if group.is_many:
            before, after = distinct(old, names), distinct(new, names)
            left = [
                name for form, name in {**distinct(inherited, names), **before}.items() if form not in after
            ]
            found += [Membership(group, name, joins=False) for name in sorted(left)]
            joined = [name for form, name in after.items() if change.whole or form not in before]
            found += [Membership(group, name, joins=True) for name in sorted(joined)]
        elif new and again:
            repeats = change.returned or bool(old) or group.field not in change.changed
            if group.subscription_group_id is None or change.resend or not repeats:
                found.append(Membership(group, group.name, joins=True))
        elif not (old is None and inherited is None) and not new:
            found.append(Membership(group, group.name, joins=False))
    return found


def dropped_groups(change: Change, declared: Sequence[Group]) -> list[Group]:
    """Groups that the record was in and that the YAML no longer declares, for `memberships`.

    A dropped subscription group is none of them: it is forgotten, and nobody is unsubscribed by it.
    """
    return undeclared_groups({**(change.inherited or {}), **change.old}, declared)


def undeclared_groups(values: Mapping[str, Any], declared: Sequence[Group]) -> list[Group]:
    """Groups that somebody with these values is in and that the YAML does not declare."""
    fields = {group.field for group in declared}
    names = (name for name, value in values.items() if _is_in(value) and name.startswith(GROUP_MARK))
    groups = (_group_of(name) for name in names if name not in fields)
    return [group for group in groups if group is not None]


def _is_in(value: Any) -> bool:
    """Whether a membership among old values is one, or may be one (false)."""
    return value is not None and value != []


def _group_of(field: str) -> Group | None:
    """A group from the field under which its membership travels."""
    form = group_form(field)
    if form.kind == "group":
        return Group("", name=form.name, place=form.place)
    if form.kind == "groups":
        return Group(form.name, place=form.place)
    return Group("", list_id=int(form.name)) if form.kind == "list" else None
