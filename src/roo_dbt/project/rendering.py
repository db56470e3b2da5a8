"""Jinja as dbt renders it in `profiles.yml` and `dbt_project.yml`: `env_var`, `var`, `target`, `as_*`.

A value that is one expression keeps its type, and text becomes a number or a boolean only through
`as_number`, `as_bool` or `as_native`
(dbt-core 1.11.16, dbt/config/renderer.py; dbt-common 1.39.0, clients/jinja.py; read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from roo_dbt.errors import ProjectProblem

if TYPE_CHECKING:
    from roo_dbt.project.jinja import Environment

_MISSING: Any = object()


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

    @cached_property
    def _jinja(self) -> Environment:
        """Made when it is needed: many projects have no Jinja in these files, and its import takes 50 ms."""
        from roo_dbt.project.jinja import new_environment

        return new_environment()

    def render(self, value: Any, *, where: str) -> Any:
        """The value, rendered if it is text with Jinja in it.

        Raises:
            ProjectProblem: an unset variable, an unknown name or a syntax error, at `where`.
        """
        if isinstance(value, date):
            return value.isoformat()
        if not isinstance(value, str) or not ("{{" in value or "{%" in value or "{#" in value):
            return value
        from jinja2 import TemplateError

        from roo_dbt.project.jinja import reason_of

        names = {**self.names, "env_var": self._env_var(where), "var": self._var(where)}
        try:
            return self._jinja.from_string(value).render(names)
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            # Without `from error`: its text and traceback may hold the value, which may be a secret.
            raise ProjectProblem(
                f"the Jinja here cannot be rendered: {reason_of(error)}.", where=where
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
        from jinja2 import TemplateError

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
