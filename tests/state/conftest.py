"""State tables in a real file and in a real Postgres, as the first sync makes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from tests.postgres_server import Server

from roo_dbt.records import Destination, Mapped, Model, Relation
from roo_dbt.state import create_tables
from roo_dbt.state.tables import layout_of
from roo_dbt.warehouse import Layout, Session, Warehouse
from roo_dbt.warehouse.duckdb import DuckDB
from roo_dbt.warehouse.postgres import Postgres

MODEL = Model(
    "model.shop.customers",
    "customers",
    "model",
    Relation("shop", "main", "customers", '"shop"."main"."customers"'),
    "models/customers.sql",
    {},
    {},
)


@dataclass(frozen=True)
class State:
    """An open session with the state tables."""

    warehouse: Warehouse
    session: Session
    layout: Layout


def destination(name: str = "braze") -> Destination:
    """A declaration with two fields."""
    mapping = (Mapped("external_id", "id"), Mapped("email", "email"))
    return Destination(name, MODEL, "braze", "users", ("id",), mapping, ("external_id",), sync_mode="sync")


@contextmanager
def in_a_file(tmp_path: Path) -> Iterator[Warehouse]:
    """DuckDB."""
    file = tmp_path / "shop.duckdb"
    duckdb.connect(str(file)).close()
    yield DuckDB({"path": str(file)})


@contextmanager
def on_a_server(server: Server) -> Iterator[Warehouse]:
    """Postgres."""
    name = server.database()
    yield Postgres(server.credentials(name))
    server.drop(name)


@pytest.fixture(params=["duckdb", "postgres"])
def warehouse(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Warehouse]:
    """An empty database."""
    is_file = request.param == "duckdb"
    made = in_a_file(tmp_path) if is_file else on_a_server(request.getfixturevalue("postgres"))
    with made as opened:
        yield opened


@pytest.fixture
def state(warehouse: Warehouse) -> Iterator[State]:
    """Empty state tables."""
    layout = layout_of(warehouse, warehouse.database, "main_roo")
    with warehouse.session() as session:
        create_tables(session, layout)
        yield State(warehouse, session, layout)
