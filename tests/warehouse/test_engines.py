"""The list of engines is what can be opened, lazily, and each says how far it is tested."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from typing import Any

import pytest
from tests.warehouse.test_golden_sql import ENGINES as GOLDEN

from roo_dbt.errors import WarehouseUnavailable
from roo_dbt.warehouse import open_warehouse
from roo_dbt.warehouse.engines import ENGINES, Engine, engine_of

BY_TITLE = {engine.title: engine for engine in ENGINES}
WITH_DRIVER = [engine for engine in ENGINES if engine.driver]


@pytest.mark.parametrize("engine", WITH_DRIVER, ids=lambda engine: engine.type)
def test_a_missing_driver_says_what_to_type(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(sys.modules):
        if name.startswith((engine.driver, engine.opened.partition(":")[0])):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, engine.driver, None)
    with pytest.raises(WarehouseUnavailable) as refusal:
        open_warehouse(engine.type, {"database": "shop"})
    assert f"{engine.driver} is not installed" in str(refusal.value)
    assert f"pip install 'roo-dbt[{engine.extra}]'" in str(refusal.value)


def test_no_driver_is_imported_before_a_profile_asks_for_it() -> None:
    drivers = [engine.driver for engine in WITH_DRIVER]
    program = (
        "import sys, roo_dbt.warehouse, roo_dbt.warehouse.engines, roo_dbt.run\n"
        f"print([name for name in {drivers} if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_engine_that_is_tested_by_its_sql_has_a_golden_file() -> None:
    told = {engine.type for engine in ENGINES if "golden" in engine.tested or "emulator" in engine.tested}
    assert told <= set(GOLDEN)


@pytest.mark.parametrize(
    ("kind", "credentials", "title"),
    [
        ("duckdb", {"path": "shop.duckdb"}, "DuckDB"),
        ("duckdb", {"path": "md:shop"}, "MotherDuck"),
        ("duckdb", {"path": "motherduck:shop"}, "MotherDuck"),
        ("snowflake", {}, "Snowflake"),
    ],
)
def test_a_target_means_one_engine(kind: str, credentials: dict[str, Any], title: str) -> None:
    assert engine_of(kind, credentials) is BY_TITLE[title]


def test_an_unknown_type_means_none() -> None:
    assert engine_of("trino", {}) is None


@pytest.mark.parametrize(
    "title", ["Redshift", "Snowflake", "BigQuery", "Databricks", "MotherDuck", "Spark 4 and later"]
)
def test_outcomes_are_written_less_often_where_a_statement_costs(title: str) -> None:
    place, _, name = BY_TITLE[title].opened.partition(":")
    assert getattr(import_module(place), name).acknowledge_seconds == 15
