"""Where the models and the state live: connections and SQL dialects, one module per engine."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roo_dbt.errors import WarehouseUnavailable
from roo_dbt.warehouse.connection import Session, Warehouse
from roo_dbt.warehouse.dialect import Dialect
from roo_dbt.warehouse.engines import DUCKDB, ENGINES, Engine, engine_of
from roo_dbt.warehouse.layout import FieldColumn, KeyColumn, Layout, Shape

if TYPE_CHECKING:
    from roo_dbt.warehouse.state_file import StateFile

__all__ = [
    "Dialect",
    "FieldColumn",
    "KeyColumn",
    "Layout",
    "Session",
    "Shape",
    "Warehouse",
    "open_state_file",
    "open_warehouse",
]


def open_warehouse(
    kind: str,
    credentials: Mapping[str, Any],
    *,
    lock_wait_seconds: float = 30,
    read_only: bool = False,
    untouched: bool = False,
) -> Warehouse:
    """The warehouse of a dbt profile. Connects only when a session is opened.

    Args:
        kind: the profile's `type`.
        credentials: the profile's target, rendered.
        lock_wait_seconds: how long to wait for a database file that somebody else has open.
        read_only: only temporary tables will be written, as `plan` does.
        untouched: nothing at all will be written, because the state is elsewhere; engines that can are told
            to refuse it.

    Raises:
        WarehouseUnavailable: for a type that is not supported, or whose driver is not installed.
    """
    engine = engine_of(kind, credentials)
    if engine is DUCKDB:
        from roo_dbt.warehouse.duckdb import DuckDB

        return DuckDB(credentials, lock_wait_seconds=lock_wait_seconds, read_only=read_only or untouched)
    if engine is None:
        types = list(dict.fromkeys(known.type for known in ENGINES))
        raise WarehouseUnavailable(
            f"the profile's type is {kind}, and roo-dbt reads {', '.join(types[:-1])} and {types[-1]} "
            "only so far.",
            hint="Choose a target of one of these types with --target.",
        )
    try:
        return _opened(engine, credentials, untouched=untouched)
    except ModuleNotFoundError as error:
        if not engine.driver or not _is_part(error.name, engine.driver):
            raise
        raise WarehouseUnavailable(
            f"the profile's type is {kind}, and {engine.driver} is not installed.",
            hint=f"Type: pip install 'roo-dbt[{engine.extra}]'",
        ) from None


def open_state_file(path: Path, *, lock_wait_seconds: float = 30, read_only: bool = False) -> StateFile:
    """A local file that keeps the state; the arguments are those of `StateFile`.

    Raises:
        WarehouseUnavailable: no file can be there.
    """
    from roo_dbt.warehouse.state_file import StateFile

    return StateFile(path, lock_wait_seconds=lock_wait_seconds, read_only=read_only)


def _opened(engine: Engine, credentials: Mapping[str, Any], *, untouched: bool) -> Warehouse:
    """Imports the module of one engine and nothing else; its class takes the profile's target."""
    place, _, name = engine.opened.partition(":")
    kind = getattr(import_module(place), name)
    telling = {"untouched": True} if untouched and kind.can_only_read else {}
    opened: Warehouse = kind(credentials, **telling)
    return opened


def _is_part(missing: str | None, driver: str) -> bool:
    """Whether a module that cannot be found is the driver, or the package that it is in."""
    return missing is not None and f"{driver}.".startswith(f"{missing}.")
