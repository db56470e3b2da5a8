"""What the user wrote: apps and destinations, checked and complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import quote

from roo_dbt.records.project import Model

SyncMode = Literal["sync", "additive", "enrich"]


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
            return f"{GROUP_MARK}subscription:{self.subscription_group_id.lower()}"
        if self.list_id is not None:
            return f"{GROUP_MARK}list:{self.list_id}"
        # A place is quoted, so that the first colon ends it.
        at = f" in {quote(self.place, safe='')}" if self.place else ""
        if self.name is None:
            return f"{GROUP_MARK}groups{at}:{self.column}"
        return f"{GROUP_MARK}group{at}:{self.name}"

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
