"""A destination block that could be: the columns of a model matched with the fields a vendor knows.

What is suggested is tried: `suggest` declares it as a user would, and takes back every line that has a
problem. So whatever it leaves in the mapping is valid.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from roo_dbt.config.columns import resolve
from roo_dbt.config.declaration import declare
from roo_dbt.config.fields import FieldNames
from roo_dbt.config.modes import ORDER
from roo_dbt.config.synonyms import normal, spellings
from roo_dbt.destinations.protocol import App, Object
from roo_dbt.records import Column, Model, Problem

_TIME = re.compile(r"timestamp.*|datetime.*|date", re.IGNORECASE)
_SAFEST: Mapping[str, str] = {"sync_mode": "additive", "first_sync": "baseline"}
_PATH = re.compile(r"\.mapping(?:\.(?P<plain>.+)|\[\"(?P<quoted>.+)\"\])$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a mapping: `field` from a column or a constant; `note` says more about it."""

    field: str
    column: str | None = None
    value: str | None = None
    note: str = ""

    @property
    def source(self) -> Any:
        """What the YAML has after the field's name."""
        return self.column if self.column is not None else {"value": self.value}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A destination block to begin with.

    `mapping` is valid as it stands; `offered` are further lines, such as custom fields, to choose from;
    `missing` says what only a person can fill in.
    """

    name: str
    app: str
    object: str
    key: tuple[str, ...]
    sync_mode: str | None = None
    modes: tuple[str, ...] = ()
    first_sync: str | None = None
    mapping: tuple[Line, ...] = ()
    offered: tuple[Line, ...] = ()
    missing: tuple[str, ...] = ()

    def block(self) -> dict[str, Any]:
        """The block as the YAML would have it."""
        settings = {"sync_mode": self.sync_mode, "first_sync": self.first_sync}
        return {
            "name": self.name,
            "app": self.app,
            "object": self.object,
            **{name: value for name, value in settings.items() if value},
            "mapping": {line.field: line.source for line in self.mapping},
        }


@dataclass(frozen=True)
class Subject:
    """What a block is suggested for.

    Args:
        model: the model.
        columns: those of its table, or those that its YAML describes; the type may be empty.
        key: the columns that identify a record.
        app: a connection that can describe its objects.
        app_name: its name in the project.
        app_settings: its settings as the YAML has them.
        kind: what the rows become.
        sendable: whether a column's values can be sent at all.
    """

    model: Model
    columns: Sequence[Column]
    key: tuple[str, ...]
    app: App
    app_name: str
    app_settings: Mapping[str, Any]
    kind: type[Object]
    sendable: Callable[[Column], bool] = field(default=lambda _column: True)


def suggest(subject: Subject, name: str) -> Suggestion:
    """The block for a subject, under a name that is free in the project."""
    kind = subject.kind
    modes = tuple(mode for mode in ORDER if mode in kind.modes)
    chosen, offered = _Matching(subject).lines()
    suggestion = Suggestion(
        name,
        subject.app_name,
        kind.name,
        subject.key,
        (_SAFEST["sync_mode"] if _SAFEST["sync_mode"] in modes else modes[0]) if modes else None,
        modes,
        None if modes else _SAFEST["first_sync"],
        tuple(chosen),
        tuple(offered),
    )
    return _tried(subject, suggestion)


class _Matching:
    """Finds a column for every field that the vendor knows."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._names = FieldNames(subject.kind, subject.app)
        self._free = {column.name: column for column in subject.columns if subject.sendable(column)}

    def lines(self) -> tuple[list[Line], list[Line]]:
        """Lines of the mapping, and lines to choose from."""
        identifier, lines = self._identifier()
        closed = self._names.reserved_for_others(identifier) | set(identifier)
        offered: list[Line] = []
        for known in self._subject.kind.known:
            if known.name in closed or known.name.endswith("*"):
                continue
            line = self._line(known.name, known.type, needed=known.required)
            if line and known.consent:
                offered.append(replace(line, note=f"{known.type}: whose consent is it?"))
            elif line:
                lines.append(line)
        return lines, [*offered, *self._custom({line.column for line in lines})]

    def _identifier(self) -> tuple[tuple[str, ...], list[Line]]:
        """The identifier that can be filled best, from a column of that name, else from the key."""
        for one in self._names.identifiers:
            if self._key_is_called(one.fields):
                return one.fields, [self._take(one.fields[0], self._free[self._subject.key[0]])]
            found = [self._named(name) for name in one.fields]
            columns = [column for column in found if column is not None]
            if len(columns) == len(found):
                return one.fields, [self._take(*pair) for pair in zip(one.fields, columns, strict=True)]
            if one == self._names.identifiers[0] and self._key_is_the_user(one.fields):
                return one.fields, [self._take(one.fields[0], self._free[self._subject.key[0]])]
        first = self._names.identifiers[0].fields if self._names.identifiers else ()
        column = next((c for c in self._free.values() if c.name.casefold().endswith("id")), None)
        if len(first) == 1 and column:
            line = self._take(first[0], column)
            return first, [replace(line, note="a guess: which user is it?")]
        return first, []

    def _key_is_called(self, fields: tuple[str, ...]) -> bool:
        """Whether the key of a user has a name that means the vendor's identifier."""
        key = self._subject.key
        is_user = self._subject.kind.unique_identifier and len(key) == len(fields) == 1
        return is_user and key[0] in self._free and normal(key[0]) in spellings(fields[0])

    def _key_is_the_user(self, fields: tuple[str, ...]) -> bool:
        """Whether the key may serve as the vendor's id of the user: never as an address."""
        key = self._subject.key
        is_id = len(fields) == 1 and normal(fields[0]).endswith("id")
        if not (is_id and self._subject.kind.unique_identifier and len(key) == 1 and key[0] in self._free):
            return False
        others = (known.name for known in self._subject.kind.known if known.name not in fields)
        return not any(normal(key[0]) in spellings(other) for other in others)

    def _named(self, name: str) -> Column | None:
        """A free column that is called like the field, or like a synonym of it."""
        by_name = {normal(column): column for column in reversed(self._free)}
        found = next((by_name[spelt] for spelt in spellings(name) if spelt in by_name), None)
        return self._free[found] if found else None

    def _line(self, name: str, type_: str, *, needed: bool) -> Line | None:
        column = self._named(name)
        if column is None and needed and _is_time(name, type_):
            column = next((c for c in self._free.values() if _TIME.fullmatch(c.type)), None)
        if column is not None:
            return self._take(name, column, type_)
        if needed and normal(name) in ("name", "eventname"):
            title = self._subject.model.name.replace("_", " ").capitalize()
            return Line(name, value=title, note="what it shall be called")
        return None

    def _take(self, name: str, column: Column, type_: str = "") -> Line:
        del self._free[column.name]
        return Line(name, column.name, note=", from ".join(filter(None, (type_, column.type))))

    def _custom(self, used: Iterable[str | None]) -> Iterator[Line]:
        prefix = self._prefix()
        if prefix is None:
            return
        for column in self._free.values():
            if column.name not in used and column.name not in self._subject.key:
                yield Line(f"{prefix}{column.name.casefold()}", column.name, note=column.type)

    def _prefix(self) -> str | None:
        """What custom fields begin with; None when there can be none."""
        if self._subject.kind.field_system != "static":
            return ""
        for known in self._subject.kind.known:
            if known.name.endswith(".*"):
                return known.name.removesuffix("*")
        objects = (known.name for known in self._subject.kind.known if known.type == "object")
        name = next(objects, None)
        return f"{name}." if name else None


def _is_time(name: str, type_: str) -> bool:
    return type_ == "time" or normal(name).endswith(("time", "at"))


def _tried(subject: Subject, suggestion: Suggestion) -> Suggestion:
    """The suggestion without the lines that would be a problem, each of which is offered with its reason."""
    while True:
        problems = [p for p in _problems(subject, suggestion) if p.severity == "error"]
        wrong = {name: problem for problem in problems if (name := _field_of(problem))}
        mapped = {line.field for line in suggestion.mapping}
        if not mapped & wrong.keys():
            return replace(suggestion, missing=tuple(map(_to_do, problems)))
        refused = [
            replace(line, note=wrong[line.field].message)
            for line in suggestion.mapping
            if line.field in wrong
        ]
        kept = tuple(line for line in suggestion.mapping if line.field not in wrong)
        suggestion = replace(suggestion, mapping=kept, offered=(*refused, *suggestion.offered))


def _to_do(problem: Problem) -> str:
    setting = problem.path.rpartition(".")[2]
    return problem.message if setting == "mapping" else f"{setting}: {problem.message}"


def _field_of(problem: Problem) -> str:
    match = _PATH.search(problem.path)
    return (match["plain"] or match["quoted"]) if match else ""


def _problems(subject: Subject, suggestion: Suggestion) -> list[Problem]:
    """What `validate` would say about the block."""
    meta = {"key": list(suggestion.key), "destinations": [suggestion.block()]}
    model = replace(subject.model, meta=meta, column_meta={})
    settings = {"apps": {subject.app_name: dict(subject.app_settings)}, "targets": []}
    declared = declare([model], settings, environ={})
    problems = [problem for problem in declared.problems if problem.model == model.name]
    for destination in declared.destinations:
        app = declared.apps.get(destination.app, subject.app)
        problems += resolve(
            destination, subject.columns, obj_class=subject.kind, app=app, sendable=subject.sendable
        )[1]
    return problems
