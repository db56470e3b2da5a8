"""Where the models and the state live: connections and SQL dialects, one module per engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roo_dbt.errors import WarehouseUnavailable
from roo_dbt.warehouse.connection import Session, Warehouse
from roo_dbt.warehouse.dialect import Dialect
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
        WarehouseUnavailable: for a type that is not supported.
    """
    if kind == "duckdb":
        from roo_dbt.warehouse.duckdb import DuckDB

        return DuckDB(credentials, lock_wait_seconds=lock_wait_seconds, read_only=read_only)
    if kind == "postgres":
        return _postgres(credentials)
    raise WarehouseUnavailable(
        f"the profile's type is {kind}, and roo-dbt reads duckdb and postgres only so far.",
        hint="Choose a target of one of these types with --target.",
    )


def _postgres(credentials: Mapping[str, Any]) -> Warehouse:
    try:
        from roo_dbt.warehouse.postgres import Postgres
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise WarehouseUnavailable(
            "the profile's type is postgres, and psycopg is not installed.",
            hint="Type: pip install 'roo-dbt[postgres]'",
        ) from None
    return Postgres(credentials)
