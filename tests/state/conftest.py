"""State tables in a real file, as the first sync makes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from roo_dbt.records import Destination, Mapped, Model, Relation
from roo_dbt.state import create_tables
from roo_dbt.state.tables import layout_of
from roo_dbt.warehouse import Layout, Session
from roo_dbt.warehouse.duckdb import DuckDB

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

    warehouse: DuckDB
    session: Session
    layout: Layout


def destination(name: str = "braze") -> Destination:
    """A declaration with two fields."""
    mapping = (Mapped("external_id", "id"), Mapped("email", "email"))
    return Destination(name, MODEL, "braze", "users", ("id",), mapping, ("external_id",), sync_mode="sync")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """Empty state tables."""
    file = tmp_path / "shop.duckdb"
    duckdb.connect(str(file)).close()
    warehouse = DuckDB({"path": str(file)})
    layout = layout_of(warehouse, "shop", "main_roo")
    with warehouse.session() as session:
        create_tables(session, layout)
        yield State(warehouse, session, layout)
