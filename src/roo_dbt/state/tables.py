"""The fixed state tables, and their version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roo_dbt.errors import WarehouseUnavailable
from roo_dbt.records import Relation
from roo_dbt.warehouse import Layout, Session, Warehouse
from roo_dbt.warehouse.layout import STATE_VERSION

_TABLES = {
    "runs": "run_id VARCHAR, destination VARCHAR, unique_id VARCHAR, app VARCHAR, object VARCHAR, "
    "target VARCHAR, host VARCHAR, pid BIGINT, started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ, "
    "status VARCHAR, message VARCHAR, model_rows BIGINT, created BIGINT, updated BIGINT, deleted BIGINT, "
    "unchanged BIGINT, skipped BIGINT, failed BIGINT, unknown BIGINT, held BIGINT, requests BIGINT, "
    "retries BIGINT, overrides VARCHAR",
    "outcomes": "run_id VARCHAR, destination VARCHAR, key VARCHAR, operation VARCHAR, outcome VARCHAR, "
    "code VARCHAR, message VARCHAR, time TIMESTAMPTZ",
    "locks": "destination VARCHAR, run_id VARCHAR, host VARCHAR, pid BIGINT, taken_at TIMESTAMPTZ, "
    "heartbeat_at TIMESTAMPTZ",
    "destinations": "destination VARCHAR, unique_id VARCHAR, app VARCHAR, object VARCHAR, "
    "endpoint VARCHAR, workspace VARCHAR, key_columns VARCHAR, identifier VARCHAR, snapshot_shape VARCHAR, "
    "pending_run VARCHAR, pending_shape VARCHAR, created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ",
    "unaccepted": "destination VARCHAR, key VARCHAR, operation VARCHAR, status VARCHAR, code VARCHAR, "
    "message VARCHAR, attempts BIGINT, first_at TIMESTAMPTZ, last_at TIMESTAMPTZ, permanent BOOLEAN, "
    "fingerprint VARCHAR",
    "former": "app VARCHAR, fields VARCHAR, identifier VARCHAR, destination VARCHAR, since TIMESTAMPTZ",
    "acknowledged": "destination VARCHAR, run_id VARCHAR, first_seq BIGINT, last_seq BIGINT, "
    "status VARCHAR, code VARCHAR, message VARCHAR, permanent BOOLEAN",
}

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
    return True


def layout_of(warehouse: Warehouse, database: str, schema: str) -> Layout:
    """The layout of a state schema, quoted for its engine."""
    quote = warehouse.dialect.quote
    return Layout(f"{quote(database)}.{quote(schema)}")


def create_tables(session: Session, layout: Layout) -> None:
    """Make the schema and every fixed table that is not there yet, and bring older ones forward."""
    session.run(f"CREATE SCHEMA IF NOT EXISTS {layout.schema}")
    session.run(f"CREATE TABLE IF NOT EXISTS {layout.versions} (version BIGINT)")
    _migrate(session, layout)
    for name, columns in _TABLES.items():
        session.run(f"CREATE TABLE IF NOT EXISTS {getattr(layout, name)} ({columns})")
    session.run(
        f"INSERT INTO {layout.versions} SELECT {STATE_VERSION} "
        f"WHERE NOT EXISTS (SELECT 1 FROM {layout.versions})"
    )


def _migrate(session: Session, layout: Layout) -> None:
    """Run what lies between the version of the tables and ours, each version in one transaction."""
    found = session.one(f"SELECT max(version) FROM {layout.versions}")
    tables = {name: getattr(layout, name) for name in _TABLES}
    for version in range(STATE_VERSION if found is None else found + 1, STATE_VERSION + 1):
        with session.transaction():
            for statement in MIGRATIONS.get(version, ()):
                session.run(statement.format_map(tables))
            session.run(f"UPDATE {layout.versions} SET version = {version}")
