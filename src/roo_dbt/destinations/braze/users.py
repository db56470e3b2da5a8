"""The object `users`: a row becomes a user profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, cast

import orjson
from pydantic import Field as Setting

from roo_dbt.destinations.braze import cost, fields
from roo_dbt.destinations.braze.calls import Delete
from roo_dbt.destinations.braze.column_types import family, holds_moments, misfit
from roo_dbt.destinations.braze.declaration import mapping_problem, user_problems
from roo_dbt.destinations.braze.discovery import disagreements
from roo_dbt.destinations.braze.groups import USUAL_ATTRIBUTE, GroupEdits
from roo_dbt.destinations.braze.identity import Identity
from roo_dbt.destinations.braze.lookup import Verify
from roo_dbt.destinations.braze.payload import Attributes
from roo_dbt.destinations.braze.rename import Kept, Rename, TellApart, renamed
from roo_dbt.destinations.braze.track import Leave, Move, Track
from roo_dbt.destinations.protocol import App, Call, Field, GroupKind, Identifier, KnownField, Object, Options
from roo_dbt.records import Change, Column, Destination, Item, Problem, SyncMode

if TYPE_CHECKING:
    from roo_dbt.destinations.braze.settings import Braze


_MOMENTS = ("date", "time")


class UserOptions(Options):
    """Settings of a destination block that only Braze users know."""

    merge_objects: bool = Setting(
        False, description="Merge object columns into what Braze has instead of writing over it."
    )
    groups_attribute: str = Setting(
        USUAL_ATTRIBUTE,
        description="The array attribute that holds the groups without a subscription_group_id.",
    )
    verify: bool = Setting(
        False,
        description="With `enrich`: look users up before sending, and skip those that Braze does not have.",
    )
    prioritization: tuple[Literal["identified", "unidentified", "most_recently_updated"], ...] = Setting(
        ("identified", "most_recently_updated"),
        min_length=1,
        description="Which of several users with the same e-mail or phone is deleted, where that identifies "
        "users; the default means the one that was written to.",
    )
    max_data_points: int | None = Setting(
        None, ge=0, description="A run that would cost more data points than this is blocked."
    )


class Users(Object):
    """Users; a field that Braze does not know is a custom attribute."""

    name: ClassVar[str] = "users"
    modes: ClassVar[frozenset[SyncMode]] = frozenset({"sync", "additive", "enrich"})
    resends: ClassVar[bool] = True
    known: ClassVar[tuple[Field, ...]] = fields.STANDARD
    reserved: ClassVar[Mapping[str, str]] = fields.RESERVED
    groups: ClassVar[frozenset[GroupKind]] = frozenset({"name", "from", "subscription_group_id"})
    group_place: ClassVar[str | None] = "groups_attribute"
    options: ClassVar[type[Options]] = UserOptions

    @classmethod
    def identifiers(cls, app: App) -> tuple[Identifier, ...]:  # noqa: ARG003
        """By an id, an alias, an e-mail or a phone number."""
        return fields.IDENTIFIERS

    @cached_property
    def settings(self) -> UserOptions:
        """The options of the destination."""
        return UserOptions.model_validate(dict(self.destination.options))

    @cached_property
    def identity(self) -> Identity:
        """How the destination finds users."""
        return Identity(self.destination.identifier)

    def calls(self) -> tuple[Call, ...]:
        """Look up (`verify`), rename, track, move whom no rename can help, delete."""
        app, identity = cast("Braze", self.app), self.identity
        enrich = self.destination.sync_mode == "enrich"
        verify = (Verify(app, identity),) if enrich and self.settings.verify else ()
        kinds = (Rename, TellApart, Kept) if identity.kind == "external_id" else ()
        rename = tuple(kind(app, identity) for kind in kinds)
        delete = Delete(app, identity, self.settings.prioritization)
        return (*verify, *rename, *self._tracks, delete)

    @cached_property
    def _tracks(self) -> tuple[Track, ...]:
        app, destination = cast("Braze", self.app), self.destination
        attributes = Attributes(
            (line.field for line in destination.mapping),
            merge_objects=self.settings.merge_objects,
            unordered=(line.field for line in destination.mapping if line.unordered),
            moments=(field for field, column in self.columns.items() if family(column.type) in _MOMENTS),
            dated=(field for field, column in self.columns.items() if holds_moments(column.type)),
        )
        groups = GroupEdits(destination.groups, self.settings.groups_attribute)
        enrich = destination.sync_mode == "enrich"
        clearable = [line.field for line in destination.mapping if line.nulls == "clear"]
        return tuple(
            kind(app, self.identity, attributes, groups, enrich=enrich, clearable=clearable)
            for kind in (Track, Leave, Move)
        )

    @classmethod
    def check_mapping(cls, app: App, destination: Destination) -> Sequence[Problem]:  # noqa: ARG003
        """Identifiers that exclude each other, names and combinations that Braze does not take."""
        return list(user_problems(destination))

    def check_columns(self, columns: Mapping[str, Column]) -> Sequence[Problem]:
        """Columns whose SQL type cannot fill their field."""
        problems = []
        for field, column in columns.items():
            objection = misfit(field, column.type)
            if objection:
                text = f"{column.name} is {column.type}: {objection}"
                problems.append(mapping_problem(self.destination, "column-type", field, text))
            elif field == "phone" and misfit("email", column.type):
                text = f"{column.name} is {column.type}, which has lost a leading +; Braze assumes the US"
                problems.append(
                    mapping_problem(self.destination, "column-type", field, text, severity="warning")
                )
        return problems

    def check_fields(self, columns: Mapping[str, Column], known: Sequence[KnownField]) -> Sequence[Problem]:
        """Custom attributes that the workspace has with another type, or on its blocklist."""
        return list(disagreements(self.destination, columns, known, self.settings.groups_attribute))

    def data_points(self, fields: Mapping[str, int]) -> int | None:
        """What sending these fields costs, as far as counts can say; raises nothing."""
        return cost.of_fields(fields, self.identity.fields)

    def points(self, change: Change) -> int:
        """What one change costs, by the objects that it sends."""
        total = 0
        is_renamed = self.identity.kind == "external_id" and not change.shared
        if is_renamed and self.identity.former(change) is not None:
            change = renamed(change)
        for call in self._tracks:
            item = call.item(change)
            if isinstance(item, Item):
                total += cost.of_user(orjson.loads(item.body), self.identity.kind)
        return total

    @property
    def spending_limit(self) -> int | None:
        """The destination's `max_data_points`, else the app's."""
        own = self.settings.max_data_points
        return cast("Braze", self.app).max_data_points if own is None else own
