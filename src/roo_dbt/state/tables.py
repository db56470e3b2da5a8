"""The fixed state tables, and their version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from roo_dbt.errors import WarehouseUnavailable
from roo_dbt.records import Relation
from roo_dbt.warehouse import Dialect, Layout, Session, Warehouse
from roo_dbt.warehouse.dialect import Kind
from roo_dbt.warehouse.layout import STATE_VERSION

_TABLES: Mapping[str, str] = {
    "runs": "run_id text, destination text, unique_id text, app text, object text, "
    "target text, host text, pid integer, started_at time, finished_at time, "
    "status text, message text, model_rows integer, created integer, updated integer, deleted integer, "
    "unchanged integer, skipped integer, failed integer, unknown integer, held integer, requests integer, "
    "retries integer, overrides text",
    "outcomes": "run_id text, destination text, key text, operation text, outcome text, "
    "code text, message text, time time",
    "locks": "destination text, run_id text, host text, pid integer, taken_at time, heartbeat_at time",
    "destinations": "destination text, unique_id text, app text, object text, "
    "endpoint text, workspace text, key_columns text, identifier text, snapshot_shape text, "
    "pending_run text, pending_shape text, created_at time, updated_at time",
    "unaccepted": "destination text, key text, operation text, status text, code text, "
    "message text, attempts integer, first_at time, last_at time, permanent boolean, "
    "fingerprint text",
    "former": "app text, fields text, identifier text, went_to text, destination text, since time",
    "acknowledged": "destination text, run_id text, first_seq integer, last_seq integer, "
    "status text, code text, message text, permanent boolean",
}
"""Columns by table, each with its `Kind`."""


def column_names(table: str) -> list[str]:
    """The columns of a table, in their order.

    >>> column_names("locks")[:2]
    ['destination', 'run_id']
    """
    return [column.split()[0] for column in _TABLES[table].split(", ")]


MIGRATIONS: Mapping[int, Sequence[str]] = {}
"""SQL that brings the tables to a version from the one before it; `{runs}` and the like are tables.

A change of `_TABLES` is a new STATE_VERSION with its statements here.
"""


def tables_exist(warehouse: Warehouse, session: Session, database: str, schema: str) -> bool:
    """Whether a sync has been here before; refuses tables of a newer roo-dbt.

    Raises:
        WarehouseUnavailable: the tables are of a version this roo-dbt does not know.
    """
    columns = warehouse.columns(session, Relation(database, schema, "roo_state", ""))
    if columns is None:
        return False
    version = session.one(f"SELECT max(version) FROM {layout_of(warehouse, database, schema).versions}")
    if version is not None and version > STATE_VERSION:
        raise WarehouseUnavailable(
            f"the state tables in {schema} are of version {version}, and this roo-dbt knows {STATE_VERSION}.",
            hint="Upgrade roo-dbt: pip install --upgrade roo-dbt",
        )
    # The version is written last: without it, a run died while it made the tables.
    return version is not None


def layout_of(warehouse: Warehouse, database: str, schema: str) -> Layout:
    """The layout of a state schema, quoted for its engine."""
    return warehouse.layout(database, schema)


def create_tables(session: Session, layout: Layout) -> None:
    """Make the schema and every fixed table that is not there yet, and bring older ones forward."""
    dialect = session.dialect
    with session.turn(layout.schema):
        session.run(dialect.create_schema(layout.schema))
        session.run(f"CREATE TABLE IF NOT EXISTS {layout.versions} (version {dialect.type('integer')})")
        _migrate(session, layout)
        for name, columns in _TABLES.items():
            session.run(f"CREATE TABLE IF NOT EXISTS {getattr(layout, name)} ({_typed(dialect, columns)})")
        session.run(
            f"INSERT INTO {layout.versions} SELECT {STATE_VERSION} FROM (SELECT 1 AS one) o "
            f"WHERE NOT EXISTS (SELECT 1 FROM {layout.versions})"
        )


def _typed(dialect: Dialect, columns: str) -> str:
    """Columns with the engine's types."""
    pairs = (column.split() for column in columns.split(", "))
    return ", ".join(f"{name} {dialect.type(cast('Kind', kind))}" for name, kind in pairs)


def _migrate(session: Session, layout: Layout) -> None:
    """Run what lies between the version of the tables and ours, each version in one transaction."""
    found = session.one(f"SELECT max(version) FROM {layout.versions}")
    tables = {name: getattr(layout, name) for name in _TABLES}
    for version in range(STATE_VERSION if found is None else found + 1, STATE_VERSION + 1):
        with session.transaction():
            for statement in MIGRATIONS.get(version, ()):
                session.run(statement.format_map(tables))
            session.run(f"UPDATE {layout.versions} SET version = {version} WHERE true")
