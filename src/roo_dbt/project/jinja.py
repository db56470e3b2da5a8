"""dbt's Jinja environment for YAML files: native values, and the filters that ask for them."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable, Iterable
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, Undefined
from jinja2.nativetypes import NativeCodeGenerator, NativeTemplate
from jinja2.sandbox import SandboxedEnvironment

_UNKNOWN_NAME = re.compile(r"'\w+' is undefined")


class _WrongType(TemplateError):
    """A filter was given something of another kind; the message does not hold it."""


class _Text(str):
    """The result of `as_text`: never taken for a number."""

    __slots__ = ()


def _as_native(value: object) -> Any:
    try:
        return literal_eval(str(value))
    except (ValueError, SyntaxError):
        return value


def _as_bool(value: object) -> bool:
    text = str(value).strip().lower()
    if text not in {"true", "false"}:
        raise _WrongType("as_bool was given something that is neither true nor false")
    return text == "true"


def _as_number(value: object) -> int | float:
    number = _as_native(value)
    if isinstance(number, (int, float)) and not isinstance(number, bool):
        return number
    raise _WrongType("as_number was given something that is no number")


def _join(parts: Iterable[Any]) -> Any:
    values = [str(part) if isinstance(part, Undefined) else part for part in parts]  # str() of it raises
    if len(values) == 1:
        return str(values[0]) if isinstance(values[0], _Text) else values[0]
    return "".join(str(value) for value in values)


class Environment(SandboxedEnvironment):
    """Templates of a single expression give its value, not its text."""

    code_generator_class = NativeCodeGenerator
    concat = staticmethod(_join)


class _Template(NativeTemplate):
    environment_class = Environment  # type: ignore[assignment]  # native in all but its bases


Environment.template_class = _Template


def new_environment() -> Environment:
    """As dbt makes it for its YAML files, with a sandbox around it."""
    environment = Environment(undefined=StrictUndefined, extensions=["jinja2.ext.do"])
    filters: dict[str, Callable[..., Any]] = {
        "as_text": _Text,
        "as_native": _as_native,
        "as_bool": _as_bool,
        "as_number": _as_number,
    }
    environment.filters.update(filters)
    return environment


def reason_of(error: Exception) -> str:
    """What went wrong, from the text of the template alone: no value of a variable is in it."""
    is_safe = isinstance(error, (TemplateSyntaxError, _WrongType)) or _UNKNOWN_NAME.fullmatch(str(error))
    return str(error) if is_safe else type(error).__name__
