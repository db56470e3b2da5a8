"""Where the models and the state live: connections and SQL dialects, one module per engine."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from roo_dbt.errors import WarehouseUnavailable
from roo_dbt.warehouse.connection import Session, Warehouse
from roo_dbt.warehouse.dialect import Dialect
from roo_dbt.warehouse.engines import DUCKDB, ENGINES, Engine, engine_of
from roo_dbt.warehouse.layout import FieldColumn, KeyColumn, Layout, Shape

__all__ = ["Dialect", "FieldColumn", "KeyColumn", "Layout", "Session", "Shape", "Warehouse", "open_warehouse"]


def open_warehouse(
    kind: str, credentials: Mapping[str, Any], *, lock_wait_seconds: float = 30, read_only: bool = False
) -> Warehouse:
    """The warehouse of a dbt profile. Connects only when a session is opened.

    Args:
        kind: the profile's `type`.
        credentials: the profile's target, rendered.
        lock_wait_seconds: how long to wait for a database file that somebody else has open.
        read_only: only temporary tables will be written, as `plan` does.

    Raises:
        WarehouseUnavailable: for a type that is not supported, or whose driver is not installed.
    """
    engine = engine_of(kind, credentials)
    if engine is DUCKDB:
        from roo_dbt.warehouse.duckdb import DuckDB

        return DuckDB(credentials, lock_wait_seconds=lock_wait_seconds, read_only=read_only)
    if engine is None:
        types = list(dict.fromkeys(known.type for known in ENGINES))
        raise WarehouseUnavailable(
            f"the profile's type is {kind}, and roo-dbt reads {', '.join(types[:-1])} and {types[-1]} "
            "only so far.",
            hint="Choose a target of one of these types with --target.",
        )
    try:
        return _opened(engine, credentials)
    except ModuleNotFoundError as error:
        if not engine.driver or not _is_part(error.name, engine.driver):
            raise
        raise WarehouseUnavailable(
            f"the profile's type is {kind}, and {engine.driver} is not installed.",
            hint=f"Type: pip install 'roo-dbt[{engine.extra}]'",
        ) from None


def _opened(engine: Engine, credentials: Mapping[str, Any]) -> Warehouse:
    """Imports the module of one engine and nothing else; its class takes the profile's target."""
    place, _, name = engine.opened.partition(":")
    opened: Warehouse = getattr(import_module(place), name)(credentials)
    return opened


def _is_part(missing: str | None, driver: str) -> bool:
    """Whether a module that cannot be found is the driver, or the package that it is in."""
    return missing is not None and f"{driver}.".startswith(f"{missing}.")
