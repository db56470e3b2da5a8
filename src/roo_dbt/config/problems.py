"""How a problem is written down: its place in the YAML, its value, and what pydantic found as sentences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from pydantic import BaseModel, ValidationError

from roo_dbt.errors import nearest, printable
from roo_dbt.records import Problem

_PLAIN = re.compile(r"[\w.]+")
_QUOTED = re.compile(r"'([^']*)'")

_EXPECTED = {
    "string": "text",
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "finite": "a finite number",
    "list": "a list",
    "tuple": "a list",
    "dict": "a mapping (name: value)",
    "mapping": "a mapping (name: value)",
    "model": "a mapping (name: value)",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the project's YAML: file, model (if it is in one) and YAML path."""

    file: str
    model: str = ""
    path: str = ""

    def at(self, *parts: str | int) -> Place:
        """The place below this one; numbers are positions in a list."""
        path = self.path
        for part in parts:
            if isinstance(part, int):
                path += f"[{part}]"
            elif _PLAIN.fullmatch(part):
                path += f".{part}" if path else part
            else:
                path += f"[{shown(part)}]"
        return replace(self, path=path)

    def problem(
        self,
        id: str,  # noqa: A002 - the name it has in Problem
        message: str,
        *,
        value: str = "",
        nearest: str = "",
        severity: Literal["error", "warning"] = "error",
    ) -> Problem:
        """A problem at this place."""
        return Problem(id, message, self.file, self.model, self.path, printable(value), nearest, severity)

    def located(self, problem: Problem) -> Problem:
        """A problem that somebody else found, with what it does not say itself about its place."""
        return replace(
            problem,
            file=problem.file or self.file,
            model=problem.model or self.model,
            path=problem.path or self.path,
        )


def shown(value: object, limit: int = 60) -> str:
    """A value on one line as JSON has it, shortened to `limit` characters."""
    text = printable(json.dumps(value, default=str, ensure_ascii=False))
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def faults(
    error: ValidationError,
    place: Place,
    model: type[BaseModel],
    *,
    also: Iterable[str] = (),
    hidden: bool = False,
) -> list[Problem]:
    """What pydantic objects to, one problem each.

    Args:
        error: raised by `model`.
        place: where the validated mapping is.
        model: whose fields are offered as the nearest name of an unknown setting.
        also: further names that would be right beside the model's own.
        hidden: print no values, because one of them may be a secret.
    """
    found = []
    for detail in error.errors(include_url=False):
        loc = [part for part in detail["loc"] if part != "[key]"]
        id_, message, near = _sentence(detail["type"], detail, _siblings(model, loc, also))
        value = detail["input"]
        is_scalar = value is None or isinstance(value, (str, int, float))
        says_it = id_ == "unknown-setting" or hidden or not is_scalar or not loc
        found.append(
            place.at(*loc).problem(id_, message, value="" if says_it else shown(value), nearest=near)
        )
    return found


def textual(value: Any) -> Any:
    """A YAML value in which every name of a mapping is text, as it is in JSON."""
    if isinstance(value, Mapping):
        return {str(name): textual(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [textual(part) for part in value]
    return value


def wrong_type(place: Place, expected: str, value: object) -> Problem:
    """A value of another type than `expected` (words that follow "must be")."""
    return place.problem("wrong-type", f"must be {expected}.{_quote_it(value, expected)}", value=shown(value))


def _sentence(kind: str, detail: Mapping[str, Any], siblings: Sequence[str]) -> tuple[str, str, str]:
    """Id, message and nearest name for one of pydantic's error types."""
    if "-" in kind:  # raised by a validator of ours, under our own id
        return kind, detail["msg"], ""
    if kind == "extra_forbidden":
        name = str(detail["loc"][-1])
        return "unknown-setting", "there is no setting of this name.", nearest(name, siblings)
    if kind == "string_too_short":
        return "bad-value", "must not be empty.", ""
    if kind == "missing":
        return "missing-setting", "is required.", ""
    if kind in ("literal_error", "enum"):
        expected = str(detail["ctx"]["expected"])
        choices = _QUOTED.findall(expected)
        words = expected.replace("'", "")
        return "bad-value", f"must be {words}.", nearest(str(detail["input"]), choices)
    family = kind.partition("_")[0]
    if family in _EXPECTED and kind.endswith(("_type", "_parsing", "_from_float", "_number")):
        expected = _EXPECTED[family]
        return "wrong-type", f"must be {expected}.{_quote_it(detail['input'], expected)}", ""
    message = str(detail["msg"]).removeprefix("Value error, ").replace("Input should be", "must be", 1)
    return "bad-value", message.rstrip(".") + ".", ""


def _quote_it(value: object, expected: str) -> str:
    """What to do about a name that YAML read as a number or a boolean."""
    unquoted = expected.startswith(("text", "the name", "a column")) and isinstance(value, (bool, int, float))
    return " YAML reads this as something else than text: put it in quotes." if unquoted else ""


def _siblings(model: type[BaseModel], loc: Sequence[str | int], also: Iterable[str]) -> list[str]:
    """The names of the settings that may stand where the last part of `loc` stands."""
    if len(loc) <= 1:
        return [*_names(model), *also]
    field = model.model_fields.get(str(loc[0])) or next(
        (info for info in model.model_fields.values() if info.alias == loc[0]), None
    )
    inner = _model_in(field.annotation) if field else None
    return _names(inner) if inner else []


def _names(model: type[BaseModel]) -> list[str]:
    return [info.alias or name for name, info in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The first pydantic model inside a type such as `dict[str, Line]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(part) for part in getattr(annotation, "__args__", ()))
    return next((model for model in inner if model is not None), None)
