"""The object `users`: a row becomes a user profile."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar, cast

from pydantic import Field as Setting

from roo_dbt.destinations.braze import fields
from roo_dbt.destinations.braze.attributes import name_problem
from roo_dbt.destinations.braze.calls import Delete, Track
from roo_dbt.destinations.braze.column_types import misfit
from roo_dbt.destinations.braze.payload import Attributes
from roo_dbt.destinations.braze.standard import OBJECTS, WHOLE
from roo_dbt.destinations.protocol import App, Call, Field, Identifier, Object, Options
from roo_dbt.records import Column, Destination, Problem, SyncMode

if TYPE_CHECKING:
    from roo_dbt.destinations.braze.settings import Braze


class UserOptions(Options):
    """Settings of a destination block that only Braze users know."""

    merge_objects: bool = Setting(
        False, description="Merge object columns into what Braze has instead of writing over it."
    )
    groups_attribute: str = Setting(
        "groups", description="The array attribute that holds groups. Not supported yet."
    )
    verify: bool = Setting(
        False, description="With `enrich`: look users up before sending. Not supported yet."
    )


class Users(Object):
    """Users by external_id; a field that Braze does not know is a custom attribute."""

    name: ClassVar[str] = "users"
    modes: ClassVar[frozenset[SyncMode]] = frozenset({"sync", "additive", "enrich"})
    known: ClassVar[tuple[Field, ...]] = fields.STANDARD
    reserved: ClassVar[Mapping[str, str]] = fields.RESERVED
    options: ClassVar[type[Options]] = UserOptions

    @classmethod
    def identifiers(cls, app: App) -> tuple[Identifier, ...]:  # noqa: ARG003
        """By external_id alone, for now."""
        return fields.IDENTIFIERS

    def calls(self) -> tuple[Call, ...]:
        """Track, then delete."""
        app = cast("Braze", self.app)
        options = UserOptions.model_validate(dict(self.destination.options))
        mapped = (line.field for line in self.destination.mapping)
        attributes = Attributes(mapped, merge_objects=options.merge_objects)
        enrich = self.destination.sync_mode == "enrich"
        return (Track(app, attributes, enrich=enrich), Delete(app))

    @classmethod
    def check_mapping(cls, app: App, destination: Destination) -> Sequence[Problem]:  # noqa: ARG003
        """Identifiers and settings that come later, names and combinations that Braze does not take."""
        names = [line.field for line in destination.mapping]
        return [
            *_unsupported(destination, names),
            *(problem for name in names for problem in _name_problems(destination, name)),
            *_combinations(destination, names),
        ]

    def check_columns(self, columns: Mapping[str, Column]) -> Sequence[Problem]:
        """Columns whose SQL type cannot fill their field."""
        problems = []
        for field, column in columns.items():
            objection = misfit(field, column.type)
            if objection:
                text = f"{column.name} is {column.type}: {objection}"
                problems.append(_problem(self.destination, "column-type", field, text))
            elif field == "phone" and misfit("email", column.type):
                text = f"{column.name} is {column.type}, which has lost a leading +; Braze assumes the US"
                problems.append(_problem(self.destination, "column-type", field, text, severity="warning"))
        return problems

    def data_points(self, fields: Mapping[str, int]) -> int | None:
        """What sending these fields costs on a contract by data points; newer contracts have none.

        A custom attribute is 1, each key of an object included; so is a standard field that is billed.
        Source: https://www.braze.com/docs/user_guide/data/data_points (read 2026-11-22).
        """
        return data_points(fields)


def data_points(counts: Mapping[str, int]) -> int:
    """Data points of sending fields (name → records)."""
    total = 0
    whole: dict[str, int] = {}
    for name, records in counts.items():
        root = name.partition(".")[0]
        if root in OBJECTS:
            whole[root] = max(whole.get(root, 0), records)
        elif name in fields.BILLED or name not in fields.NAMES:
            total += records
    return total + sum(records for root, records in whole.items() if root in fields.BILLED)


def _problem(
    destination: Destination,
    problem_id: str,
    field: str,
    message: str,
    *,
    nearest: str = "",
    severity: str = "error",
) -> Problem:
    return Problem(
        problem_id,
        message,
        file=destination.model.file,
        model=destination.model.name,
        path=f"{destination.path}.mapping{_step(field)}".lstrip("."),
        value=field,
        nearest=nearest,
        severity="warning" if severity == "warning" else "error",
    )


def _step(field: str) -> str:
    """A field as a step of a YAML path, quoted unless it is plain."""
    return f".{field}" if re.fullmatch(r"[\w.]+", field) else f"[{json.dumps(field, ensure_ascii=False)}]"


def _unsupported(destination: Destination, names: Sequence[str]) -> Iterator[Problem]:
    later = {name for identifier in fields.LATER_IDENTIFIERS for name in identifier.fields}
    plain = {"email", "phone"}
    for name in names:
        if name in later - plain:
            text = f"identifying users by {name} is not supported yet; map external_id"
            yield _problem(destination, "not-supported-yet", name, text)
        elif name in plain and fields.EXTERNAL_ID not in names:
            text = f"finding users by {name} alone is not supported yet; map external_id as well"
            yield _problem(destination, "not-supported-yet", name, text)
    for option in ("groups_attribute", "verify"):
        if destination.options.get(option):
            yield Problem(
                "not-supported-yet",
                f"{option} is not supported yet; leave it out",
                file=destination.model.file,
                model=destination.model.name,
                path=f"{destination.path}.{option}".lstrip("."),
            )


def _name_problems(destination: Destination, name: str) -> Iterator[Problem]:
    wrong = name_problem(name)
    if wrong:
        yield _problem(destination, "invalid-field-name", name, f"the attribute name {name!r} {wrong}")
        return
    root, _, part = name.partition(".")
    if not part or root == "user_alias":
        return
    if root in OBJECTS:
        if part not in OBJECTS[root]:
            nearest = get_close_matches(part, OBJECTS[root], n=1, cutoff=0.5)
            text = f"{root} has no part {part}; it has {', '.join(OBJECTS[root])}"
            yield _problem(
                destination, "unknown-field", name, text, nearest=f"{root}.{nearest[0]}" if nearest else ""
            )
    elif root in fields.NAMES:
        yield _problem(destination, "unknown-field", name, f"{root} is a single value, so it has no parts")


def _combinations(destination: Destination, names: Sequence[str]) -> Iterator[Problem]:
    for root in WHOLE:
        given = [name for name in names if name.startswith(f"{root}.")]
        missing = [f"{root}.{part}" for part in OBJECTS[root] if f"{root}.{part}" not in names]
        if given and missing:
            text = f"Braze takes {root} only with {' and '.join(missing)}"
            yield _problem(destination, "missing-field", given[0], text)
