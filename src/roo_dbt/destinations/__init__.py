"""The vendors, found by the entry-point group `roo_dbt.destinations`.

A vendor's code is imported when its `type` is asked for and not before, so that a plugin that nobody
uses cannot slow a run down or break it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from roo_dbt.errors import ConfigurationProblem, nearest
from roo_dbt.records import Problem

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from roo_dbt.destinations.protocol import App

__all__ = ["GROUP", "AppSource", "app_type", "app_types"]

GROUP = "roo_dbt.destinations"
"""The entry-point group in which a package publishes its `App` classes: type name = "module:class"."""

_BUILT_IN = {
    "braze": "roo_dbt.destinations.braze:Braze",
    "iterable": "roo_dbt.destinations.iterable:Iterable",
    "webhook": "roo_dbt.destinations.webhook:Webhook",
}

# Whatever a plugin's module can raise while it is imported, short of stopping the process.
_IMPORT_FAILURES = (
    ImportError,
    AttributeError,
    NameError,
    SyntaxError,
    TypeError,
    ValueError,
    LookupError,
    RuntimeError,
    OSError,
)


class AppSource(Protocol):
    """Where an app type comes from; an `importlib.metadata.EntryPoint` is one."""

    @property
    def name(self) -> str:
        """The `type` that users write."""

    @property
    def value(self) -> str:
        """Module and class, as `module:class`."""

    def load(self) -> Any:
        """Import the module and return the class."""


def app_types() -> Mapping[str, AppSource]:
    """Every app type that is installed, by name, none of them imported.

    A built-in type cannot be replaced by a package; of two packages with the same name the first that
    Python's metadata lists counts.
    """
    found: dict[str, AppSource] = {name: _built_in(name) for name in _BUILT_IN}
    for source in _published():
        found.setdefault(source.name, source)
    return found


def app_type(name: str) -> type[App]:
    """The class of an app type.

    Raises:
        ConfigurationProblem: `unknown-app-type` when no installed package has it, `broken-plugin` when
            the package that has it cannot be imported or offers no `App`.
    """
    if name in _BUILT_IN:
        return _load(_built_in(name))
    types = app_types()
    if name not in types:
        known = ", ".join(sorted(types))
        message = f"there is no destination type of this name; installed are {known}."
        raise ConfigurationProblem(
            [Problem("unknown-app-type", message, value=name, nearest=nearest(name, types))]
        )
    return _load(types[name])


def _built_in(name: str) -> EntryPoint:
    from importlib.metadata import EntryPoint

    return EntryPoint(name=name, value=_BUILT_IN[name], group=GROUP)


def _published() -> list[EntryPoint]:
    from importlib.metadata import entry_points

    return list(entry_points(group=GROUP))


def _load(source: AppSource) -> type[App]:
    from roo_dbt.destinations.protocol import App

    try:
        loaded = source.load()
    except _IMPORT_FAILURES as failure:
        reason = f"{type(failure).__name__}: {failure}".splitlines()[0]
        raise _broken(source, f"cannot be imported ({reason}).") from failure
    if not (isinstance(loaded, type) and issubclass(loaded, App)):
        raise _broken(source, f"is no App class: {source.value}.")
    fault = _contradiction(loaded, source.name)
    if fault:
        raise _broken(source, fault)
    return loaded


def _contradiction(kind: type[App], name: str) -> str:
    """What a vendor says of itself that cannot be true, as it follows its name; empty when nothing is."""
    from roo_dbt.destinations.protocol import Object

    if getattr(kind, "type", None) != name:
        return f"calls itself {getattr(kind, 'type', 'nothing')}."
    for own, one in kind.objects.items():
        if not (isinstance(one, type) and issubclass(one, Object)):
            return f"has {own}, which is no Object class."
        if getattr(one, "name", None) != own:
            return f"has {own}, which calls itself {getattr(one, 'name', 'nothing')}."
        names = [field.name for field in one.known]
        twice = next((field for field in names if names.count(field) > 1), None)
        if twice:
            return f"names the field {twice} of {own} twice."
    return ""


def _broken(source: AppSource, why: str) -> ConfigurationProblem:
    distribution = getattr(getattr(source, "dist", None), "name", "roo-dbt")
    message = (
        f"the destination type {source.name} of the package {distribution} {why} "
        f"Reinstall or remove it: `pip install --force-reinstall {distribution}`."
    )
    return ConfigurationProblem([Problem("broken-plugin", message)])
