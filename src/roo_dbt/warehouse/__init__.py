"""Where the models and the state live: connections and SQL dialects, one module per engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roo_dbt.errors import WarehouseUnavailable
from roo_dbt.warehouse.connection import Session, Warehouse
from roo_dbt.warehouse.dialect import Dialect
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
        WarehouseUnavailable: for a type that is not supported.
    """
    if kind == "duckdb":
        from roo_dbt.warehouse.duckdb import DuckDB

        return DuckDB(credentials, lock_wait_seconds=lock_wait_seconds, read_only=read_only or untouched)
    if kind == "postgres":
        return _postgres(credentials, untouched=untouched)
    raise WarehouseUnavailable(
        f"the profile's type is {kind}, and roo-dbt reads duckdb and postgres only so far.",
        hint="Choose a target of one of these types with --target.",
    )


def open_state_file(path: Path, *, lock_wait_seconds: float = 30, read_only: bool = False) -> StateFile:
    """A local file that keeps the state; the arguments are those of `StateFile`.

    Raises:
        WarehouseUnavailable: no file can be there.
    """
    from roo_dbt.warehouse.state_file import StateFile

    return StateFile(path, lock_wait_seconds=lock_wait_seconds, read_only=read_only)


def _postgres(credentials: Mapping[str, Any], *, untouched: bool) -> Warehouse:
    try:
        from roo_dbt.warehouse.postgres import Postgres
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise WarehouseUnavailable(
            "the profile's type is postgres, and psycopg is not installed.",
            hint="Type: pip install 'roo-dbt[postgres]'",
        ) from None
    return Postgres(credentials, untouched=untouched)
