"""Validation that goes on after a mistake: what is wrong is reported and left out, the rest is kept."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from roo_dbt.config.problems import Place, faults
from roo_dbt.records import Problem

ModelT = TypeVar("ModelT", bound=BaseModel)


def what_is_valid(
    model: type[ModelT],
    raw: Mapping[str, Any],
    place: Place,
    *,
    line_by_line: Iterable[str] = (),
    also: Iterable[str] = (),
) -> tuple[ModelT, list[Problem], frozenset[str]]:
    """A `model` of the settings in `raw` that are right, the problems of the others, and their names.

    Every field of `model` must have a default. Of the settings in `line_by_line`, which are mappings,
    only the wrong lines are left out. `also` are names to offer for an unknown setting besides the model's.
    """
    kept = copy.deepcopy(dict(raw))
    problems: list[Problem] = []
    wrong: set[str] = set()
    by_line = frozenset(line_by_line)
    while (error := _objection(model, kept)) is not None:
        problems += faults(error, place, model, also=also)
        for loc in _places(error, by_line):
            wrong.add(_leave_out(kept, loc, by_line))
    return model.model_validate(kept), problems, frozenset(wrong)


def _objection(model: type[BaseModel], raw: Mapping[str, Any]) -> ValidationError | None:
    try:
        model.model_validate(raw)
    except ValidationError as error:
        return error
    return None


def _places(error: ValidationError, by_line: frozenset[str]) -> list[tuple[str | int, ...]]:
    """The settings, and the lines of `by_line`, that have an error, each once."""
    locs = (detail["loc"] for detail in error.errors(include_url=False, include_input=False))
    return list(dict.fromkeys(loc[:2] if loc and loc[0] in by_line else loc[:1] for loc in locs))


def _leave_out(kept: dict[str, Any], loc: tuple[str | int, ...], by_line: frozenset[str]) -> str:
    """Take the setting at `loc` out of `kept`; the name of the setting."""
    name = str(loc[0]) if loc else ""
    lines = kept.get(name)
    if name in by_line and len(loc) > 1 and isinstance(lines, dict) and loc[1] in lines:
        del lines[loc[1]]
    elif name in kept:
        del kept[name]
    else:  # not a setting of its own: nothing of the rest can be trusted
        kept.clear()
    return name
