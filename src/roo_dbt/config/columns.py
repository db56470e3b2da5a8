"""The columns that a declaration names, found in the table that dbt built."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from roo_dbt.config.column_types import is_array, is_boolean, is_text_array
from roo_dbt.config.fields import FieldNames, overlapping
from roo_dbt.config.problems import Place
from roo_dbt.destinations.protocol import App, Object
from roo_dbt.destinations.supervision import Asked
from roo_dbt.errors import nearest
from roo_dbt.records import Column, Destination, Group, Mapped, Problem


@dataclass(slots=True)
class _Resolution:
    destination: Destination
    columns: Sequence[Column]
    problems: list[Problem] = field(default_factory=list)

    @property
    def place(self) -> Place:
        model = self.destination.model
        return Place(model.file, model.name, self.destination.path)

    @property
    def key_place(self) -> Place:
        return replace(self.place, path="config.meta.roo.key")

    def line_place(self, line: Mapped) -> Place:
        """Beside the column if the line stands there, else in the mapping."""
        beside = self.destination.model.column_meta.get(line.column or "")
        name = self.destination.name
        if isinstance(beside, dict) and name in beside:
            return replace(self.place, path="").at(
                "columns", line.column or "", "config", "meta", "roo", name
            )
        return self.place.at("mapping", line.field)

    def find(self, name: str, place: Place) -> Column | None:
        """The column of a name: spelt the same, else the only one that differs in case alone."""
        exact = next((column for column in self.columns if column.name == name), None)
        if exact:
            return exact
        alike = [column for column in self.columns if column.name.casefold() == name.casefold()]
        if len(alike) == 1:
            return alike[0]
        if alike:
            names = ", ".join(column.name for column in alike)
            message = f"fits more than one column ({names}); spell it as one of them."
            self.problems.append(place.problem("ambiguous-column", message, value=name))
        else:
            close = nearest(name, (column.name for column in self.columns))
            relation = self.destination.model.relation.quoted
            message = f"the table {relation} has no such column."
            self.problems.append(place.problem("unknown-column", message, value=name, nearest=close))
        return None


def resolve(
    destination: Destination,
    table_columns: Sequence[Column],
    *,
    obj_class: type[Object],
    app: App,
    sendable: Callable[[Column], bool],
) -> tuple[Destination, list[Problem]]:
    """The destination with its columns in the catalogue's case, and what is wrong with them.

    Args:
        destination: as declared.
        table_columns: the columns of the model's table.
        obj_class: the object's class; it may object to types.
        app: the app of the destination; its secrets are not needed.
        sendable: whether values of a column's type can be sent at all; the warehouse's dialect knows.
    """
    work = _Resolution(destination, table_columns)
    key = [work.find(name, work.key_place) for name in destination.key]
    lines, used = _mapping(work, sendable)
    groups = [_group(work, group, number) for number, group in enumerate(destination.groups)]
    if destination.map_other_columns:
        for column in _others(work, used, groups):
            line = _other(work, column, lines, FieldNames(obj_class, app), sendable)
            if line:
                lines.append(line)
                used[line.field] = column
    resolved = replace(
        destination,
        key=tuple(column.name if column else name for column, name in zip(key, destination.key, strict=True)),
        mapping=tuple(lines),
        groups=tuple(groups),
    )
    if not any(problem.severity == "error" for problem in work.problems):
        with Asked(type(app).type, "check_columns"):
            objections = list(obj_class(app, resolved, columns=used).check_columns(used))
        work.problems += [work.place.located(problem) for problem in objections]
    return resolved, work.problems


def _mapping(work: _Resolution, sendable: Callable[[Column], bool]) -> tuple[list[Mapped], dict[str, Column]]:
    """The mapping in the catalogue's case, and the columns by field."""
    lines = []
    used = {}
    for line in work.destination.mapping:
        place = work.line_place(line)
        column = work.find(line.column, place) if line.column is not None else None
        if column is None:
            lines.append(line)
            continue
        if not sendable(column):
            message = f"values of type {column.type} cannot be sent; cast the column in the model."
            work.problems.append(place.problem("unsendable-type", message, value=column.name))
        elif line.unordered and not is_array(column.type):
            message = f"`unordered` is for arrays, and {column.name} is {column.type}."
            work.problems.append(place.problem("column-type", message, value=column.name))
        lines.append(replace(line, column=column.name))
        used[line.field] = column
    return lines, used


def _group(work: _Resolution, group: Group, number: int) -> Group:
    """The group with its column in the catalogue's case, if its type tells who is a member."""
    place = work.place.at("groups", number, "from" if group.is_many else "column")
    column = work.find(group.column, place)
    if column is None:
        return group
    message = ""
    if group.is_many and not is_text_array(column.type):
        message = f"is {column.type}; `from` needs an array of texts, the names of the groups."
    elif not group.is_many and not is_boolean(column.type):
        message = f"is {column.type}; a group needs a boolean column, true for its members."
    if message:
        work.problems.append(place.problem("column-type", f"{column.name} {message}", value=column.name))
    return replace(group, column=column.name)


def _others(work: _Resolution, used: dict[str, Column], groups: Sequence[Group]) -> list[Column]:
    taken = {column.name for column in used.values()} | {group.column for group in groups}
    return [column for column in work.columns if column.name not in taken]


def _other(
    work: _Resolution,
    column: Column,
    lines: Sequence[Mapped],
    names: FieldNames,
    sendable: Callable[[Column], bool],
) -> Mapped | None:
    """A line for a column that the mapping does not name, or None with a warning that says why not."""
    spelt = {name.casefold(): name for name in work.destination.model.column_meta}
    name = spelt.get(column.name.casefold(), column.name.casefold())
    reason = _left_out(name, lines, names, work.destination.identifier)
    if not sendable(column):
        reason = f"values of type {column.type} cannot be sent"
    if not reason:
        return Mapped(name, column.name, None, work.destination.nulls)
    place = work.place.at("map_other_columns")
    message = f"column {column.name} is left out: {reason}. Map it by hand if it is meant to go."
    work.problems.append(place.problem("column-left-out", message, severity="warning"))
    return None


def _left_out(name: str, lines: Sequence[Mapped], names: FieldNames, identifier: tuple[str, ...]) -> str:
    """Why a column is not mapped under its own name without being asked for; empty when it may be."""
    fields = [line.field for line in lines]
    if name in fields:
        return f"the field {name} is filled from elsewhere"
    if name in names.reserved_for_others(identifier):
        return f"{name} says which user a record is"
    if any(known.consent and known.name == name for known in names.kind.known):
        return f"{name} is a subscription state"
    clash = next((pair for pair in overlapping({*fields, name}) if name in pair), None)
    if clash:
        return f"{clash[0]} is a part of {clash[1]}"
    objection = names.objection(name, Place(""))
    if objection:
        near = f" ({objection.nearest})" if objection.nearest else ""
        return f"{name}: {objection.message.rstrip('.')}{near}"
    return ""
