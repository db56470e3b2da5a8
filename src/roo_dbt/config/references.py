"""`${NAME}` and `${NAME:-default}` in the settings of an app, read from the environment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_ENV_VAR = re.compile(r"\benv_var\s*\(")


@dataclass(frozen=True, slots=True)
class Reading:
    """A setting after its references were read; `unset` are the variables that have no value.

    `found` are the values that came from the environment.
    """

    value: Any
    unset: tuple[str, ...] = ()
    found: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reader:
    environ: Mapping[str, str]
    unset: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)

    def replacement(self, match: re.Match[str]) -> str:
        # As in a shell, `:-` also stands in for a variable that is set to nothing.
        value = self.environ.get(match[1], "")
        if value:
            self.found.append(value)
        value = value or match[2] or ""
        if not value and match[2] is None:
            self.unset.append(match[1])
            return match[0]
        return value

    def read(self, value: Any) -> Any:
        if isinstance(value, str):
            return _REFERENCE.sub(self.replacement, value)
        if isinstance(value, Mapping):
            return {name: self.read(part) for name, part in value.items()}
        if isinstance(value, list):
            return [self.read(part) for part in value]
        return value


def read(value: Any, environ: Mapping[str, str]) -> Reading:
    """Replace every reference inside `value`. A variable set to nothing counts as unset."""
    reader = _Reader(environ)
    result = reader.read(value)
    return Reading(result, tuple(dict.fromkeys(reader.unset)), tuple(dict.fromkeys(reader.found)))


def is_reference(value: str) -> bool:
    """Whether the whole text is one reference."""
    return _REFERENCE.fullmatch(value.strip()) is not None


def default_of(value: str) -> str:
    """The default of a text that is one reference; empty when it has none."""
    match = _REFERENCE.fullmatch(value.strip())
    return (match[2] or "") if match else ""


def has_reference(value: str) -> bool:
    """Whether the text holds a reference, alone or among other words."""
    return _REFERENCE.search(value) is not None


def has_default(value: str) -> bool:
    """Whether a reference in the text has a default."""
    return any(match[2] for match in _REFERENCE.finditer(value))


def is_malformed(value: str) -> bool:
    """Whether the text holds `${` that does not begin a reference."""
    return "${" in _REFERENCE.sub("", value)


def calls_env_var(value: str) -> bool:
    """Whether the text holds a call of dbt's `env_var`."""
    return _ENV_VAR.search(value) is not None


def texts(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text inside a YAML value, names of mappings included, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            if isinstance(name, str):
                yield path, name
            yield from texts(part, (*path, str(name)))
    elif isinstance(value, (list, tuple)):
        for number, part in enumerate(value):
            yield from texts(part, (*path, number))
