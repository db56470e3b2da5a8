"""Users: profiles of a project, written in bulk, with only the fields that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from pydantic import Field as Setting

from roo_dbt.destinations.iterable.calls import BulkUpdate, Delete, Lookup
from roo_dbt.destinations.iterable.fields import EMAIL, KNOWN, RESERVED, USER_ID, name_fault
from roo_dbt.destinations.iterable.identity import IDENTIFIERS, Identity
from roo_dbt.destinations.iterable.payload import UserPayload
from roo_dbt.destinations.iterable.values import family
from roo_dbt.destinations.protocol import App, Call, Field, Identifier, Object, Options
from roo_dbt.records import Column, Destination, Problem, SyncMode

if TYPE_CHECKING:
    from roo_dbt.destinations.iterable.settings import Iterable


class UserOptions(Options):
    """Settings of a destination of Iterable users."""

    create_new_fields: bool | None = Setting(
        None,
        description="Whether fields that the project does not have are created (true) or dropped (false). "
        "Left out, the project's own setting decides.",
    )


class Users(Object):
    """The users of an Iterable project."""

    name: ClassVar[str] = "users"
    modes: ClassVar[frozenset[SyncMode]] = frozenset({"sync", "additive", "enrich"})
    known: ClassVar[tuple[Field, ...]] = KNOWN
    reserved: ClassVar[Mapping[str, str]] = RESERVED
    options: ClassVar[type[Options]] = UserOptions

    @classmethod
    def identifiers(cls, app: App) -> tuple[Identifier, ...]:
        """By the type of the project: email, userId, or either."""
        return IDENTIFIERS[cast("Iterable", app).project_type]

    def calls(self) -> tuple[Call, ...]:
        """`lookup` (enrich alone), `bulk_update`, `delete`."""
        destination, host = self.destination, self.app.endpoint
        identity = Identity.of(
            cast("Iterable", self.app).project_type, destination.identifier[0], destination.sync_mode
        )
        options = UserOptions.model_validate(dict(destination.options))
        payload = UserPayload(identity, [line.field for line in destination.mapping], self.columns)
        write = BulkUpdate(identity, host, payload, create_new_fields=options.create_new_fields)
        delete = Delete(identity, host, may_delete=destination.sync_mode == "sync")
        if destination.sync_mode == "enrich":
            return Lookup(identity, host), write, delete
        return write, delete

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
