"""What events and purchases have in common: a user, a time, an id, and data of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from roo_dbt.destinations.iterable.fields import EMAIL, USER_ID
from roo_dbt.destinations.iterable.identity import IDENTIFIERS, Identity
from roo_dbt.destinations.iterable.moments import epoch_seconds, stable_id
from roo_dbt.destinations.iterable.payload import Encoders, nested
from roo_dbt.destinations.iterable.values import family
from roo_dbt.destinations.protocol import App, Field, FieldSystem, Identifier, Object
from roo_dbt.records import Change, Column, Destination, Outcome, Problem, refused

if TYPE_CHECKING:
    from roo_dbt.destinations.iterable.settings import Iterable

CREATED_AT = "createdAt"
DATA = "dataFields"

COMMON = (
    Field(EMAIL, "string", "The e-mail address of the user."),
    Field(USER_ID, "string", "The userId of the user; numbers are sent as text."),
    Field(
        CREATED_AT,
        "long",
        "When it happened: a TIMESTAMP or DATE column, or a number of seconds since 1970.",
        required=True,
    ),
    Field("dataFields.*", "any", "Further data, under any name: `dataFields.total`. Dots nest."),
    Field("campaignId", "long", "The campaign it is attributed to."),
    Field("templateId", "long", "The template it is attributed to."),
)
RESERVED = {
    "id": "roo-dbt derives it from the destination's name and the record's key, so that what is sent twice "
    "counts once"
}


def whole_number(value: Any) -> int:
    """A number of 64 bits without a fraction. Raises ValueError for anything else."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
    if not is_whole:
        raise ValueError("this is no whole number")
    return int(value)


def of_kind(value: Any, kind: type, what: str, place: str = "this") -> Any:
    """The value. Raises ValueError, with the words for what it should be, when it is none of this kind."""
    fits = isinstance(value, kind)
    if not fits:
        raise ValueError(f"{place} is no {what}")
    return value


class Tracked(Object):
    """Something that users do, each once: it is sent with an id, and never changed or removed."""

    field_system: ClassVar[FieldSystem] = "static"
    order: ClassVar[str | None] = CREATED_AT
    unique_identifier: ClassVar[bool] = False
    reserved: ClassVar[Mapping[str, str]] = RESERVED
    types: ClassVar[Mapping[str, str]] = {}
    """The kind of column a field needs: `number`, `text` or `nested`."""

    @classmethod
    def identifiers(cls, app: App) -> tuple[Identifier, ...]:
        """By the type of the project, as for users."""
        return IDENTIFIERS[cast("Iterable", app).project_type]

    @property
    def identity(self) -> Identity:
        """How its users are told apart."""
        app = cast("Iterable", self.app)
        return Identity.of(app.project_type, self.destination.identifier[0], None)

    @classmethod
    def check_mapping(cls, app: App, destination: Destination) -> Sequence[Problem]:  # noqa: ARG003 - alike in all projects
        """A second identifier, which Iterable would not want beside the first."""
        other = {EMAIL: USER_ID, USER_ID: EMAIL}.get("".join(destination.identifier), "")
        if destination.mapped(other) is None:
            return ()
        message = (
            f"a user is named by one identifier here, and that is {destination.identifier[0]}: leave {other} "
            "out of the mapping, or say identifier."
        )
        return [objection(destination, "identifier-conflict", message, other)]

    def check_columns(self, columns: Mapping[str, Column]) -> Sequence[Problem]:
        """Columns that cannot hold what a field needs."""
        problems = []
        wanted = {CREATED_AT: "time, a date or a number", **self.types}
        for name, kind in wanted.items():
            column = columns.get(name)
            if column is None:
                continue
            found = family(column.type)
            fits = found in ("time", "date", "number") if name == CREATED_AT else found == kind
            if not fits:
                needs = {"nested": "an array of objects"}.get(kind, f"a {kind}")
                message = f"{name} needs {needs}, the column {column.name} is {column.type}."
                problems.append(objection(self.destination, "column-type", message, name))
        return problems

    def writer(self) -> TrackWriter:
        """What turns its changes into JSON."""
        fields = [line.field for line in self.destination.mapping]
        return TrackWriter(self.identity, self.destination.name, fields, self.columns)


class TrackWriter:
    """Writes the common part of events and purchases.

    Args:
        identity: how users are told apart.
        destination: its name, a part of the ids.
        fields: the mapped fields.
        columns: their columns, by field.
    """

    def __init__(
        self, identity: Identity, destination: str, fields: Sequence[str], columns: Mapping[str, Column]
    ) -> None:
        self.identity = identity
        self._destination = destination
        self._data = [name for name in fields if name == DATA or name.startswith(f"{DATA}.")]
        # By the name in the request, so that times inside get their form by the column's type.
        self._encoders = Encoders(columns, {})

    def user(self, change: Change) -> str | Outcome:
        """The identifier of the user, or why there is none."""
        return self.identity.text(change)

    def body(self, change: Change, fields: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any] | Outcome:
        """Id, time, data and the given fields, each with its reader; nulls are left out.

        A reader may refuse a null; it is asked for required fields, and for the others when they have a
        value.
        """
        values: dict[str, Any] = {"id": stable_id(self._destination, change.key)}
        name = CREATED_AT
        try:
            values[CREATED_AT] = epoch_seconds(change.new.get(CREATED_AT))
            for name, read in fields.items():
                values[name] = read(change.new.get(name))
            for name in ("campaignId", "templateId"):
                if change.new.get(name) is not None:
                    values[name] = whole_number(change.new[name])
            data: dict[str, Any] = {}
            for name in self._data:
                data |= self._datum(name, change.new.get(name))
        except ValueError as fault:
            return refused("invalid_value", f"{name}: {fault}")
        if data:
            values[DATA] = nested(data, {})
        return values

    def _datum(self, name: str, value: Any) -> dict[str, Any]:
        if value is None:
            return {}
        if name != DATA:
            return {name.removeprefix(f"{DATA}."): self._encoders[name](value)}
        found: dict[str, Any] = self._encoders[name](of_kind(value, dict, "object"))
        return found


def objection(destination: Destination, id_: str, message: str, field: str) -> Problem:
    """A problem of one line of the mapping."""
    path = f"{destination.path}.mapping.{field}" if destination.path else f"mapping.{field}"
    return Problem(
        id_, message, file=destination.model.file, model=destination.model.name, path=path, value=field
    )
