"""A real Spark in this process: three syncs end as they do on DuckDB, and what only a real one can show.

It takes minutes: `python -m pytest -m nightly tests/warehouse/test_spark.py`, with pyspark and Java 17.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.run.sparked import drop, needs_spark, target
from tests.warehouse.notes import RETYPED, TYPES, build, relation
from tests.warehouse.story import Story
from tests.warehouse.test_golden_sql import ENGINES

from roo_dbt.records import Column, Relation
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.duckdb import DuckDB
from roo_dbt.warehouse.spark import Spark
from roo_dbt.warehouse.statement import RefusedStatement

pytestmark = pytest.mark.nightly

SPARK_TYPES = ENGINES["spark"].columns
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


@pytest.fixture
def spark() -> Iterator[Spark]:
    """A profile's Spark, with a schema for models that is gone afterwards."""
    needs_spark()
    warehouse = Spark(target("shop"))
    with warehouse.session() as session:
        drop(session, "shop")
        session.run("CREATE SCHEMA shop")
    yield warehouse
    with warehouse.session() as session:
        drop(session, "shop")


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


def test_three_syncs_end_as_on_duckdb(spark: Spark, tmp_path: Path) -> None:
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

    place = Relation(None, "shop", "customers", "`shop`.`customers`")
    with spark.session() as there:
        told = Untold(
            there,
            spark.dialect,
            spark.layout("", "shop_roo"),
            place,
            SPARK_TYPES,
            "decimal(12,4)",
            lambda number: model(there, number),
        )
        told.tell()
        assert end_state(told) == expected


class Killed(BaseException):
    """The process is gone."""


def test_a_run_that_is_killed_between_drop_and_rename_leaves_every_row(
    spark: Spark, monkeypatch: pytest.MonkeyPatch
) -> None:
    with spark.session() as session:
        session.run("CREATE TABLE shop.people AS SELECT id, 'old' AS what FROM range(3)")
        there: Any = session
        sql = there._sql

        def until_rename(statement: str) -> Any:
            if statement.startswith("ALTER TABLE"):
                raise Killed
            return sql(statement)

        monkeypatch.setattr(session, "_sql", until_rename)
        with pytest.raises(Killed):
            session.run("UPDATE shop.people SET what = 'new' WHERE id = 1")
        assert [row[1] for row in sql("SHOW TABLES IN shop")] == ["roo_new__people"]
    next_one = Spark(target("shop"))
    with next_one.session() as session:
        relation = Relation(None, "shop", "people", "shop.people")
        assert next_one.columns(session, relation) == [Column("id", "bigint"), Column("what", "string")]
        rows = session.run("SELECT id, what FROM shop.people ORDER BY id")
        assert rows == [(0, "old"), (1, "new"), (2, "old")]


def test_files_that_a_killed_run_left_without_a_table_are_not_in_the_way(spark: Spark) -> None:
    with spark.session() as session:
        session.run("CREATE TABLE shop.people AS SELECT id FROM range(3)")
        folder = Path(target("shop")["server_side_parameters"]["spark.sql.warehouse.dir"]) / "shop.db"
        for orphan in ("roo_new__people", "roo_new__others"):
            (folder / orphan).mkdir()
            (folder / orphan / "part-0.parquet").write_text("half a file")
        assert session.one("DELETE FROM shop.people WHERE id = 1") == 1
        session.run("CREATE OR REPLACE TABLE shop.others AS SELECT 1 AS id")
        assert session.run("SELECT id FROM shop.people ORDER BY id") == [(0,), (2,)]
        # A table of ours that this catalogue does not know may be that of another one.
        (folder / "strange").mkdir()
        (folder / "strange" / "part-0.parquet").write_text("another one's")
        with pytest.raises(RefusedStatement, match="LOCATION_ALREADY_EXISTS"):
            session.run("CREATE TABLE IF NOT EXISTS shop.strange (id bigint)")
        assert (folder / "strange" / "part-0.parquet").exists()


def test_temporary_rows_are_of_one_session_and_gone_with_it(spark: Spark) -> None:
    dialect, table = spark.dialect, spark.dialect.temporary("roo_some")
    with spark.session() as one, spark.session() as other:
        one.run_all(dialect.create_temporary("roo_some", "SELECT id, 'a' AS what FROM range(3)"))
        other.run_all(dialect.create_temporary("roo_some", "SELECT 7 AS id"))
        one.run(f"INSERT INTO {table} (what) SELECT 'b'")
        one.run(f"INSERT INTO {table} SELECT 9, 'c'")
        one.run(dialect.update(table, "s", {"what": "'z'"}, "s.id > 1"))
        one.run(f"DELETE FROM {table} s WHERE s.id = 0")
        assert one.run(f"SELECT * FROM {table} ORDER BY id") == [
            (None, "b"),
            (1, "a"),
            (2, "z"),
            (9, "z"),
        ]
        assert other.run(f"SELECT * FROM {table}") == [(7,)]
    with spark.session() as session:
        assert session.run("SHOW TABLES IN shop") == []
        assert session.run("SHOW TABLES IN default") == []
        with pytest.raises(RefusedStatement, match="NOT_FOUND"):
            session.run(f"SELECT * FROM {table}")


def test_a_moment_is_in_utc_wherever_the_process_is(spark: Spark) -> None:
    with spark.session() as session:
        moment = session.one("SELECT TIMESTAMP '2026-07-02 03:04:05.678'")
    assert moment == datetime(2026, 7, 2, 3, 4, 5, 678_000, tzinfo=timezone.utc)


def test_a_value_that_spark_objects_to_is_nowhere(spark: Spark, capfd: pytest.CaptureFixture[str]) -> None:
    with spark.session() as session:
        session.run("CREATE TABLE shop.people AS SELECT 'ann@example.com' AS email")
        with pytest.raises(RefusedStatement, match="CAST_INVALID_INPUT") as refusal:
            session.run("SELECT CAST(email AS int) FROM shop.people")
        with pytest.raises(RefusedStatement, match="`emial`"):
            session.run("SELECT emial FROM shop.people")
    written = capfd.readouterr()
    assert "ann@" not in refusal.value.message + written.out + written.err


def test_what_is_missing_is_none_and_no_error(spark: Spark) -> None:
    with spark.session() as session:
        assert spark.columns(session, Relation(None, "shop", "nothing", "")) is None
        assert spark.columns(session, Relation(None, "nowhere", "nothing", "")) is None


def test_a_large_answer_comes_in_parts(spark: Spark) -> None:
    with spark.session() as session:
        parts = [len(part) for part in session.stream("SELECT id FROM range(25)", 10)]
    assert parts == [10, 10, 5]
