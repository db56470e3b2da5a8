"""What Databricks' dialect asks, asked of a real Spark: three syncs end as they do on DuckDB.

It takes minutes: `python -m pytest -m nightly tests/warehouse/test_spark.py`, with pyspark and Java 17.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.warehouse.notes import RETYPED, TYPES, build, relation
from tests.warehouse.spark_tables import SparkTables, spark_tables
from tests.warehouse.story import NAMES, Story

from roo_dbt.records import Relation
from roo_dbt.warehouse import Layout, Session
from roo_dbt.warehouse.duckdb import DuckDB

pytestmark = pytest.mark.nightly

SPARK_TYPES = dict(
    zip(
        NAMES,
        (
            "bigint",
            "string",
            "string",
            "double",
            "decimal(10,2)",
            "boolean",
            "array<string>",
            "timestamp",
            "date",
            "map<string,bigint>",
        ),
        strict=True,
    )
)
FIRST = (
    "(1, 'Ann@example.com', 'Oslo', 1.5, 2.50, true, array('b', 'a'), map('a', 1))",
    "(2, 'bo@example.com', NULL, 9.25, 1, false, NULL, NULL)",
    "(3, 'cy@example.com', 'Rome', NULL, NULL, NULL, CAST(array() AS array<string>), NULL)",
    "(4, 'di@example.com', 'Rome', 7, 7, true, array('a'), map('b', 1))",
    "(5, 'cy@example.com', 'Bonn', 2, 3, true, array('a', 'c'), NULL)",
)
LATER = (
    "(1, 'Ann@example.com', 'Paris', 1.5, 2.50, false, array('a'), map('a', 2))",
    "(2, 'bob@example.com', NULL, 9.25, 1, true, array('z'), NULL)",
    "(4, 'dia@example.com', 'Rome', 7, 7, true, array('a'), map('b', 1))",
    "(6, 'di@example.com', 'Bonn', 2, 3, true, array('a', 'c'), NULL)",
)


class Untold(Story):
    """Without the last chapter: the tables are looked at instead."""

    def afterwards(self) -> None:
        pass


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkTables]:
    """A local session."""
    pytest.importorskip("pyspark", reason="pip install pyspark")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17: apt-get install openjdk-17-jre-headless")
    with spark_tables(tmp_path_factory.mktemp("spark")) as session:
        yield session


def model(session: Session, number: int) -> None:
    """The rows of the other engines, in Spark's words."""
    rows = ", ".join(FIRST if number == 1 else LATER)
    types = {**SPARK_TYPES, **({"ltv": "decimal(12,4)"} if number == 3 else {})}
    names = ("id", "email", "city", "ltv", "spent", "vip", "segments", "doc")
    casts = ", ".join(f"CAST({name} AS {types[name]}) AS {name}" for name in names)
    session.run(
        f"CREATE OR REPLACE TABLE shop.customers AS SELECT {casts}, TIMESTAMP '2026-01-02 00:00:00' AS seen_at, "
        f"DATE '1999-01-02' AS born FROM VALUES {rows} AS t({', '.join(names)})"
    )


def end_state(story: Story) -> dict[str, list[Any]]:
    """What the state tables say, but for times and for the JSON column, whose type is another."""
    layout, run = story.layout, story.session.run
    fields = "email, ltv, spent, dob, tags, source, _group_vip, _groups_segments"
    return {
        "snapshot": run(
            f"SELECT key__id, {fields}, roo_departed, roo_dirty, roo_whole "
            f"FROM {layout.snapshot('people')} ORDER BY key__id"
        ),
        "outcomes": run(
            "SELECT run_id, key, operation, outcome, code, message "
            f"FROM {layout.outcomes} ORDER BY run_id, key"
        ),
        "refusals": run(f"SELECT key, status, code, attempts FROM {layout.unaccepted} ORDER BY key"),
        "former": run(f"SELECT identifier FROM {layout.former} ORDER BY identifier"),
    }


def test_three_syncs_end_as_on_duckdb(spark: SparkTables, tmp_path: Path) -> None:
    file = tmp_path / "shop.duckdb"
    duckdb.connect(str(file)).close()
    warehouse = DuckDB({"path": str(file)})
    with warehouse.session() as session:
        story = Untold(
            session,
            session.dialect,
            warehouse.layout("shop", "main_roo"),
            relation(),
            TYPES,
            RETYPED,
            lambda number: build(session, number),
        )
        story.tell()
        expected = end_state(story)

    spark.run("CREATE SCHEMA IF NOT EXISTS shop")
    place = Relation(None, "shop", "customers", "`shop`.`customers`")
    layout = Layout("`main_roo`", "`")
    there = Untold(
        spark, spark.dialect, layout, place, SPARK_TYPES, "decimal(12,4)", lambda number: model(spark, number)
    )
    there.tell()
    assert end_state(there) == expected
