"""Users: profiles of a project, written in bulk, with only the fields that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from pydantic import Field as Setting

from roo_dbt.destinations.iterable.calls import BulkUpdate, Delete, Lookup
from roo_dbt.destinations.iterable.field_types import fields_left, known_fields, misfits
from roo_dbt.destinations.iterable.fields import EMAIL, KNOWN, RESERVED, USER_ID, name_fault
from roo_dbt.destinations.iterable.identity import IDENTIFIERS, Identity
from roo_dbt.destinations.iterable.list_calls import Join, Leave
from roo_dbt.destinations.iterable.lists import ListGroups
from roo_dbt.destinations.iterable.moves import Moves
from roo_dbt.destinations.iterable.payload import UserPayload
from roo_dbt.destinations.iterable.renames import Rename, Vacancy
from roo_dbt.destinations.iterable.values import family
from roo_dbt.destinations.protocol import (
    App,
    Call,
    Field,
    GroupKind,
    Identifier,
    KnownField,
    Object,
    Options,
    Send,
)
from roo_dbt.records import Column, Destination, Problem, Request, SyncMode

if TYPE_CHECKING:
    from roo_dbt.destinations.iterable.settings import Iterable


class UserOptions(Options):
    """Settings of a destination of Iterable users."""

    create_new_fields: bool | None = Setting(
        None,
        description="Whether fields that the project does not have are created (true) or dropped (false). "
        "Left out, the project's own setting decides.",
    )
    create_lists: bool = Setting(
        True, description="Whether lists that the project does not have are created when users join them."
    )


SHORTEST_REST = 0.001
"""Seconds that a call which goes last rests when `settle_seconds` is 0: it goes last all the same."""


class Users(Object):
    """The users of an Iterable project."""

    name: ClassVar[str] = "users"
    modes: ClassVar[frozenset[SyncMode]] = frozenset({"sync", "additive", "enrich"})
    recheck_days: ClassVar[int | None] = 7
    frees_identifiers: ClassVar[bool] = True
    known: ClassVar[tuple[Field, ...]] = KNOWN
    groups: ClassVar[frozenset[GroupKind]] = frozenset({"name", "from", "list_id"})
    reserved: ClassVar[Mapping[str, str]] = RESERVED
    options: ClassVar[type[Options]] = UserOptions

    @classmethod
    def identifiers(cls, app: App) -> tuple[Identifier, ...]:
        """By the type of the project: email, userId, or either."""
        return IDENTIFIERS[cast("Iterable", app).project_type]

    def __init__(
        self, app: App, destination: Destination, *, columns: Mapping[str, Column] | None = None
    ) -> None:
        super().__init__(app, destination, columns=columns)
        self._options = UserOptions.model_validate(dict(destination.options))
        self._lists = ListGroups(destination, app.endpoint, creates=self._options.create_lists)
        self._types: dict[str, str] = {}

    def prepare(self, send: Send, groups: Sequence[str]) -> None:
        """Read the types of the fields that numbers go to; find the lists, and make those that are missing.

        Raises:
            Blocked: a list cannot be had. AppRefused: Iterable refuses the key.
        """
        if any(_is_number(column) for name, column in self.columns.items() if name not in (EMAIL, USER_ID)):
            known = known_fields(send(Request("GET", "/api/users/getFields")))
            self._types.update((field.name, field.type) for field in known or ())
        self._lists.prepare(send, groups)

    def calls(self) -> tuple[Call, ...]:
        """The calls of every change, then those that go last, for moved users.

        `vacancy` and `rename`; `lookup` (enrich alone); `bulk_update`, `leave_lists`, `join_lists`, `delete`;
        and once more `bulk_update`, `leave_lists`, `join_lists`.
        """
        app, destination = cast("Iterable", self.app), self.destination
        mode, is_email_based = destination.sync_mode, app.project_type == "email"
        moves = Moves(Identity.of(app.project_type, destination.identifier[0], mode))
        by_user_id = moves.identity.field == USER_ID
        # Where one of several users with a userId is meant, Iterable creates none unless asked to.
        looks_up = mode == "enrich" and not (is_email_based and by_user_id)
        first: list[Call] = [Vacancy(moves, app.endpoint)] if is_email_based and by_user_id else []
        first.append(Rename(moves, app.endpoint, app.project_type))
        if looks_up:
            first.append(Lookup(moves, app.endpoint))
        settle = max(app.settle_seconds, SHORTEST_REST)
        delete = Delete(moves, app.endpoint, may_delete=mode == "sync")
        return app.paced(*first, *self._writes(moves, 0.0), delete, *self._writes(moves, settle))

    def _writes(self, moves: Moves, after_seconds: float) -> tuple[Call, ...]:
        """The bulk calls; those with a wait are for moved users, the others for everybody else."""
        app, mode = cast("Iterable", self.app), self.destination.sync_mode
        is_email_based = app.project_type == "email"
        only_existing = mode == "enrich"
        write = BulkUpdate(
            moves,
            app.endpoint,
            UserPayload(moves.identity, self.destination.mapping, self.columns, self._types),
            create_new_fields=self._options.create_new_fields,
            lists=self._lists,
            only_existing=only_existing and is_email_based and moves.identity.field == USER_ID,
            after_seconds=after_seconds,
        )
        join = Join(
            moves,
            app.endpoint,
            self._lists,
            only_existing=only_existing,
            is_email_based=is_email_based,
            after_seconds=after_seconds,
        )
        # Out before in: two records may exchange their users, and then each joins what the other leaves.
        return write, Leave(moves, app.endpoint, self._lists, after_seconds=after_seconds), join

    @classmethod
    def check_mapping(cls, app: App, destination: Destination) -> Sequence[Problem]:
        """Names that cannot be fields, fields inside one another, and identifiers that do not go together."""
        names = [line.field for line in destination.mapping]
        problems = [
            _problem(destination, "invalid-field-name", fault, name)
            for name in names
            if (fault := name_fault(name)) is not None
        ]
        problems += [
            _problem(destination, "field-mapped-twice", f"{outer} is mapped as a whole, too.", name)
            for name in names
            for outer in names
            if name.startswith(f"{outer}.") and name_fault(name) is None
        ]
        if cast("Iterable", app).project_type == "email" and destination.identifier == (USER_ID,):
            problems += _by_user_id(destination, names)
        return problems

    def check_columns(self, columns: Mapping[str, Column]) -> Sequence[Problem]:
        """Fields that are text at Iterable and get something else here, which it would refuse."""
        problems = []
        for field in self.known:
            column = columns.get(field.name)
            if column is None or field.type != "string":
                continue
            kind = family(column.type)
            if kind != "text" and not (field.name == USER_ID and kind == "number"):
                message = f"{field.name} is text at Iterable, the column {column.name} is {column.type}."
                problems.append(_problem(self.destination, "column-type", message, field.name))
        return problems

    def check_fields(self, columns: Mapping[str, Column], known: Sequence[KnownField]) -> Sequence[Problem]:
        """Warnings about columns that do not fit the project's fields, and about too many fields."""
        found = [
            replace(_problem(self.destination, id_, message, name), severity="warning")
            for id_, name, message in misfits(columns, known)
        ]
        if message := fields_left(columns, known):
            path = f"{self.destination.path}.mapping" if self.destination.path else "mapping"
            model = self.destination.model
            found.append(Problem("many-fields", message, model.file, model.name, path, severity="warning"))
        return found


def _is_number(column: Column) -> bool:
    """Whether a column holds numbers, or lists of them."""
    return family(column.type.partition("[")[0]) == "number"


def _by_user_id(destination: Destination, names: Sequence[str]) -> list[Problem]:
    """What is special about userId as identifier in an email-based project, where it is not unique."""
    problems = []
    if EMAIL in names:
        message = (
            "in an email-based project Iterable finds a user by email as soon as it is sent: "
            "say identifier: email, or leave email out of the mapping."
        )
        problems.append(_problem(destination, "identifier-conflict", message, EMAIL))
    if destination.sync_mode == "sync" and destination.on_removal == "delete":
        message = (
            "in an email-based project several users can share a userId, and a delete by userId removes "
            "all of them; on_removal: clear deletes nobody."
        )
        problems.append(
            Problem(
                "deletes-sharing-users",
                message,
                file=destination.model.file,
                model=destination.model.name,
                path=destination.path,
                severity="warning",
            )
        )
    return problems


def _problem(destination: Destination, id_: str, message: str, field: str) -> Problem:
    path = f"{destination.path}.mapping.{field}" if destination.path else f"mapping.{field}"
    return Problem(
        id_, message, file=destination.model.file, model=destination.model.name, path=path, value=field
    )
