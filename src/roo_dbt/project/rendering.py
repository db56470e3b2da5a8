"""Jinja as dbt renders it in `profiles.yml` and `dbt_project.yml`: `env_var`, `var`, `target`, `as_*`.

A value that is one expression keeps its type, and text becomes a number or a boolean only through
`as_number`, `as_bool` or `as_native`
(dbt-core 1.11.16, dbt/config/renderer.py; dbt-common 1.39.0, clients/jinja.py; read 2026-11-22).
"""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, Undefined
from jinja2.nativetypes import NativeCodeGenerator, NativeTemplate
from jinja2.sandbox import SandboxedEnvironment

from roo_dbt.errors import ProjectProblem

_MISSING: Any = object()
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


class _Environment(SandboxedEnvironment):
    code_generator_class = NativeCodeGenerator
    concat = staticmethod(_join)


class _Template(NativeTemplate):
    environment_class = _Environment  # type: ignore[assignment]  # native in all but its bases


_Environment.template_class = _Template


def _new_environment() -> _Environment:
    environment = _Environment(undefined=StrictUndefined, extensions=["jinja2.ext.do"])
    filters: dict[str, Callable[..., Any]] = {
        "as_text": _Text,
        "as_native": _as_native,
        "as_bool": _as_bool,
        "as_number": _as_number,
    }
    environment.filters.update(filters)
    return environment


def _reason(error: Exception) -> str:
    """What went wrong, from the text of the template alone: no value of a variable is in it."""
    is_safe = isinstance(error, (TemplateSyntaxError, _WrongType)) or _UNKNOWN_NAME.fullmatch(str(error))
    return str(error) if is_safe else type(error).__name__


@dataclass(frozen=True)
class Renderer:
    """Renders values of dbt's YAML files.

    Args:
        environment: the environment variables, `DBT_ENV_SECRET_*` included.
        variables: what `--vars` says; dbt offers nothing else to `var` in these files.
        names: further names, such as `target`.
    """

    environment: Mapping[str, str] = field(repr=False)
    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)
    names: Mapping[str, Any] = field(default_factory=dict, repr=False)
    _jinja: _Environment = field(default_factory=_new_environment, init=False, repr=False, compare=False)

    def render(self, value: Any, *, where: str) -> Any:
        """The value, rendered if it is text with Jinja in it.

        Raises:
            ProjectProblem: an unset variable, an unknown name or a syntax error, at `where`.
        """
        if isinstance(value, date):
            return value.isoformat()
        if not isinstance(value, str) or not ("{{" in value or "{%" in value or "{#" in value):
            return value
        names = {**self.names, "env_var": self._env_var(where), "var": self._var(where)}
        try:
            return self._jinja.from_string(value).render(names)
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            # Without `from error`: its text and traceback may hold the value, which may be a secret.
            raise ProjectProblem(
                f"the Jinja here cannot be rendered: {_reason(error)}.", where=where
            ) from None

    def render_all(self, value: Any, *, where: str) -> Any:
        """The value with every string in it rendered; keys are left alone."""
        if isinstance(value, dict):
            return {key: self._entry(key, each, where) for key, each in value.items()}
        if isinstance(value, list):
            return [self.render_all(each, where=f"{where}[{index}]") for index, each in enumerate(value)]
        return self.render(value, where=where)

    def _entry(self, key: Any, value: Any, where: str) -> Any:
        place = f"{where}.{key}"
        if key == "password" and isinstance(value, str) and not self._parses(value):
            return value  # passwords may look like Jinja; dbt takes them as they are, too
        return self.render_all(value, where=place)

    def _parses(self, text: str) -> bool:
        try:
            self._jinja.parse(text)
        except TemplateError:
            return False
        return True

    def _env_var(self, where: str) -> Callable[..., str]:
        def env_var(name: str, default: str | None = None) -> str:
            value = self.environment.get(name, default)
            if value is None:
                raise ProjectProblem(
                    f"the environment variable {name} is not set.",
                    where=where,
                    hint=f"Set it (export {name}=…), or give a default: env_var('{name}', '…').",
                )
            return value

        return env_var

    def _var(self, where: str) -> Callable[..., Any]:
        def var(name: str, default: Any = _MISSING) -> Any:
            value = self.variables.get(name, default)
            if value is _MISSING:
                raise ProjectProblem(
                    f"the variable {name} has no value.",
                    where=where,
                    hint=f"Add --vars '{name}: …', or give a default: var('{name}', '…').",
                )
            return value

        return var
