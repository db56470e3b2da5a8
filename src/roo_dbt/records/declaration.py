"""What the user wrote: apps and destinations, checked and complete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote, unquote

from roo_dbt.records.project import Model

SyncMode = Literal["sync", "additive", "enrich"]

THREADS = 16
"""Requests in flight per app, where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number of records, or a percentage of them (`10%`: never means fewer than 10)."""

    number: float
    is_percentage: bool

    def records(self, total: int, *, at_least: int = 10) -> int:
        """How many of `total` records this allows."""
        if not self.is_percentage:
            return int(self.number)
        return max(at_least, int(total * self.number / 100))


@dataclass(frozen=True, slots=True)
class Mapped:
    """One line of a mapping: a destination field filled from a column or a constant.

    `column` has the catalogue's case once the table was looked at; None for a constant. `unordered`:
    an array that is compared, and sent, as a set.
    """

    field: str
    column: str | None = None
    value: str | int | float | bool | None = None
    nulls: Literal["clear", "ignore"] = "clear"
    unordered: bool = False


GROUP_MARK = "@"
"""First character of the field under which a group's membership travels; no vendor's field has it."""

_SUBSCRIPTION = f"{GROUP_MARK}subscription:"


@dataclass(frozen=True, slots=True)
class GroupForm:
    """What the field of a group says: `@KIND:NAME`, or `@KIND in PLACE:NAME` with the place quoted.

    `kind` is `group`, `groups` (`name` is the array column), `list` (`name` is its id) or `subscription`.
    """

    kind: str
    name: str
    place: str | None = None

    @property
    def at(self) -> str:
        """The place as the field says it, after the kind; empty where it is the usual one."""
        return _at(self.place)


def group_field(kind: str, name: object, place: str | None = None) -> str:
    """The field under which a membership travels.

    >>> group_field("group", "High value", "my groups")
    '@group in my%20groups:High value'
    """
    return f"{GROUP_MARK}{kind}{_at(place)}:{name}"


def group_form(field: str) -> GroupForm:
    """What `group_field` was made of.

    >>> group_form("@group in my%20groups:6:1")
    GroupForm(kind='group', name='6:1', place='my groups')
    """
    form, _, name = without_mark(field).partition(":")
    kind, _, place = form.partition(" in ")
    return GroupForm(kind, name, unquote(place) or None)


def is_subscription(field: str) -> bool:
    """Whether it is the membership of a subscription group, which is consent.

    >>> is_subscription("@subscription:7a1c"), is_subscription("@list:42")
    (True, False)
    """
    return field.startswith(_SUBSCRIPTION)


def shared_groups(ours: Iterable[str], theirs: Iterable[str]) -> frozenset[str]:
    """Those of our group fields that may be groups of another destination, as far as the fields tell.

    An array names any group of its place, and a list that has an id here may have its name there.
    Subscription groups are none of these: they are consent.

    >>> sorted(shared_groups(["@list:42", "@list:43", "@subscription:7a"], ["@list:43", "@subscription:7a"]))
    ['@list:43']
    >>> sorted(shared_groups(["@list:42"], ["@group:VIPs"]))
    ['@list:42']
    """
    others = [group_form(field) for field in theirs if not is_subscription(field)]
    fields = [field for field in ours if not is_subscription(field)]
    return frozenset(f for f in fields if any(_may_be_one(group_form(f), other) for other in others))


def _may_be_one(one: GroupForm, other: GroupForm) -> bool:
    if one.place != other.place:
        return False
    return one.kind != other.kind or one.kind == "groups" or one.name == other.name


def without_mark(field: str) -> str:
    """The field as people read it.

    >>> without_mark("@list:42"), without_mark("email")
    ('list:42', 'email')
    """
    return field.removeprefix(GROUP_MARK)


def _at(place: str | None) -> str:
    # Quoted, so that the first colon ends it.
    return f" in {quote(place, safe='')}" if place else ""


@dataclass(frozen=True, slots=True)
class Group:
    """A set of users: a subscription group, a list, or an entry of an array attribute.

    Membership travels in a change like a field: `field` is true or null for a group with a boolean
    `column`; for an array column (`name` and both ids None) it is the sorted list of group names.
    `place`: where the vendor keeps it, if not at the usual place; the same name elsewhere is another group.
    """

    column: str
    name: str | None = None
    subscription_group_id: str | None = None
    list_id: int | None = None
    place: str | None = None

    @property
    def field(self) -> str:
        """The name of its membership among the values of a change."""
        if self.subscription_group_id is not None:
            return group_field("subscription", self.subscription_group_id.lower())
        if self.list_id is not None:
            return group_field("list", self.list_id)
        if self.name is None:
            return group_field("groups", self.column, self.place)
        return group_field("group", self.name, self.place)

    @property
    def is_many(self) -> bool:
        """Every element of the array column names a group."""
        return self.name is None and self.list_id is None and self.subscription_group_id is None


@dataclass(frozen=True, slots=True)
class AppDeclaration:
    """`vars: roo: apps: NAME`, with `${…}` not yet read."""

    name: str
    type: str
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Destination:
    """One model exported to one object of one app: a declaration, checked and complete.

    `identifier` names the mapped fields by which the vendor finds the user. `options` holds the
    settings that only this object knows. `sync_mode` is None for objects that have no mode.
    `nulls` is what a line of the mapping gets that does not say itself.
    """

    name: str
    model: Model
    app: str
    object: str
    key: tuple[str, ...]
    mapping: tuple[Mapped, ...]
    identifier: tuple[str, ...]
    sync_mode: SyncMode | None = None
    where: str | None = None
    enabled: bool = True
    on_removal: Literal["delete", "clear"] = "delete"
    delete_limit: Threshold = Threshold(10, is_percentage=True)
    allowed_failures: Threshold = Threshold(0, is_percentage=False)
    on_failed_model: Literal["block", "warn"] = "block"
    hold_back_failing_rows: bool = False
    on_unknown: Literal["hold", "resend"] = "hold"
    recheck_days: int | None = None
    map_other_columns: bool = False
    nulls: Literal["clear", "ignore"] = "clear"
    groups: tuple[Group, ...] = ()
    first_sync: Literal["send", "baseline"] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""

    def mapped(self, name: str) -> Mapped | None:
        """The mapping line of a destination field, if there is one."""
        return next((line for line in self.mapping if line.field == name), None)
