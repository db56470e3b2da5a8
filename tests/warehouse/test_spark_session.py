"""Spark's session, with a driver that takes notes: no Java is needed for what is said and when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roo_dbt.errors import WarehouseLost, WarehouseUnavailable
from roo_dbt.records import Relation
from roo_dbt.warehouse.dialects.spark import SparkDialect
from roo_dbt.warehouse.spark import Pyspark, Spark
from roo_dbt.warehouse.statement import RefusedStatement
from roo_dbt.warehouse.swapping import filled, read

TARGET: dict[str, Any] = {"type": "spark", "method": "session", "host": "NA", "schema": "main"}
DIALECT = SparkDialect()
LOCKS = "`main_roo`.`roo_locks`"
NEW_LOCKS = "`main_roo`.`roo_new__roo_locks`"
Answer = Callable[[str], Sequence[tuple[Any, ...]]]


class SparkError(Exception):
    """As pyspark's errors are: with the name of a condition and an SQLSTATE."""

    def __init__(self, condition: str, state: str, said: str = "") -> None:
        super().__init__(f"[{condition}] {said} SQLSTATE: {state}")
        self.condition, self.state = condition, state

    def getCondition(self) -> str:  # noqa: N802 pyspark's name
        return self.condition

    def getSqlState(self) -> str:  # noqa: N802 pyspark's name
        return self.state


class Notes:
    """A SparkSession, its builder and its configuration in one.

    Attributes:
        said: statements without their comments.
        settings: what it was configured with.
    """

    def __init__(self, answer: Answer = lambda _: []) -> None:
        self.answer = answer
        self.said: list[str] = []
        self.settings: dict[str, str] = {}
        self.builder = self.conf = self

    def enableHiveSupport(self) -> Notes:  # noqa: N802 pyspark's name
        return self

    def config(self, name: str, value: str) -> Notes:
        self.settings[name] = value
        return self

    def set(self, name: str, value: str) -> None:
        self.settings[name] = value

    def getOrCreate(self) -> Notes:  # noqa: N802 pyspark's name
        return self

    newSession = getOrCreate  # noqa: N815 pyspark's name

    def sql(self, statement: str) -> Rows:
        said = statement.partition(" /*")[0]
        self.said.append(said)
        return Rows(self.answer(said))

    def table(self, name: str) -> Rows:
        return Rows(self.answer(name))


class Rows:
    """An answer."""

    def __init__(self, rows: Sequence[tuple[Any, ...]]) -> None:
        self._rows = rows

    def collect(self) -> Sequence[tuple[Any, ...]]:
        return self._rows


@pytest.fixture(autouse=True)
def _java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """There seems to be one."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "java").touch()
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))


def warehouse(notes: Notes, **target: Any) -> Spark:
    return Spark({**TARGET, **target}, driver=Pyspark(notes, (SparkError,)))


@contextmanager
def opened(answer: Answer) -> Iterator[tuple[Any, list[str]]]:
    """A session, and what it says from now on."""
    notes = Notes(answer)
    with warehouse(notes).session("people") as session:
        notes.said.clear()
        yield session, notes.said


def failing(error: Exception) -> Answer:
    def answer(sql: str) -> Sequence[tuple[Any, ...]]:
        if sql.startswith("SHOW SCHEMAS"):
            return []
        raise error

    return answer


@pytest.mark.parametrize("method", ["thrift", "http", "odbc", None])
def test_another_way_to_spark_is_refused_with_the_one_that_works(method: str | None) -> None:
    with pytest.raises(WarehouseUnavailable, match="through method: session only") as refusal:
        warehouse(Notes(), method=method)
    assert "Databricks is type: databricks" in str(refusal.value)


def test_the_profiles_parameters_are_sparks_configuration_but_for_what_our_statements_need() -> None:
    notes = Notes()
    given = {"spark.sql.warehouse.dir": "/data", "spark.log.level": "WARN", "spark.cores.max": 2}
    needed = {"spark.sql.filesourceTableRelationCacheSize": "9", "spark.sql.session.timeZone": "Asia/Tokyo"}
    with warehouse(notes, server_side_parameters={**given, **needed}).session():
        pass
    assert notes.settings == {
        "spark.sql.warehouse.dir": "/data",
        "spark.log.level": "WARN",
        "spark.cores.max": "2",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.filesourceTableRelationCacheSize": "0",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.ansi.enabled": "true",
        "spark.sql.legacy.createHiveTableByDefault": "false",
        "spark.sql.constraintPropagation.enabled": "false",
    }


def test_without_java_the_sentence_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WarehouseUnavailable, match="needs Java 17") as refusal, warehouse(Notes()).session():
        pytest.fail("there is none")
    assert "apt-get install" in str(refusal.value)


def test_a_metastore_that_another_process_has_is_a_sentence_without_what_the_driver_says() -> None:
    def answer(_: str) -> Sequence[tuple[Any, ...]]:
        raise SparkError("_LEGACY_ERROR_TEMP_3065", "", "password=hunter2")

    with (
        pytest.raises(WarehouseUnavailable, match="cannot begin a session") as refusal,
        warehouse(Notes(answer)).session(),
    ):
        pytest.fail("it cannot be opened")
    assert "hunter2" not in str(refusal.value)
    assert "serves one process" in str(refusal.value)


def test_a_value_in_an_error_is_hidden_and_a_name_is_told() -> None:
    value = SparkError("CAST_INVALID_INPUT", "22018", "The value 'ann@example.com' of the type \"STRING\"")
    name = SparkError("UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", "A column with name `citty` cannot")
    for error, told in ((value, "…"), (name, "`citty`")):
        with opened(failing(error)) as (session, _), pytest.raises(RefusedStatement) as refusal:
            session.run("SELECT 1")
        assert told in refusal.value.message
        assert "ann@" not in refusal.value.message


def test_what_is_not_the_statements_fault_is_a_lost_warehouse() -> None:
    for error in (SparkError("FAILED_READ_FILE", "KD001", "ann@example.com"), OSError("gone")):
        with opened(failing(error)) as (session, _), pytest.raises(WarehouseLost) as lost:
            session.run("SELECT 1")
        assert "ann@" not in str(lost.value)


def test_an_update_counts_and_then_swaps_the_table() -> None:
    with opened(lambda _: [(1,)]) as (session, said):
        kept = session.one(f"UPDATE {LOCKS} SET run_id = ?, pid = ? WHERE destination = ?", ["r'1", 7, "a?"])
    assert kept == 1
    filled_in = (
        f"INSERT INTO {NEW_LOCKS} BY NAME SELECT r.* EXCEPT (roo_hit, run_id, pid), "
        "CASE WHEN r.roo_hit THEN 'r\\'1' ELSE r.run_id END AS run_id, "
        "CASE WHEN r.roo_hit THEN 7 ELSE r.pid END AS pid "
        f"FROM (SELECT r.*, coalesce((destination = 'a?'), false) AS roo_hit FROM {LOCKS} r) r"
    )
    assert said == [
        f"SELECT count(*) FROM {LOCKS} r WHERE destination = 'a?'",
        f"DROP TABLE IF EXISTS {NEW_LOCKS}",
        f"CREATE TABLE {NEW_LOCKS} LIKE {LOCKS}",
        filled_in,
        f"DROP TABLE IF EXISTS {LOCKS}",
        f"ALTER TABLE {NEW_LOCKS} RENAME TO `main_roo`.`roo_locks`",
    ]


def test_an_update_and_a_delete_that_meet_nobody_write_nothing() -> None:
    with opened(lambda _: [(0,)]) as (session, said):
        assert session.one(f"DELETE FROM {LOCKS} WHERE destination = 'x'") == 0
        assert session.one(f"UPDATE {LOCKS} SET pid = 1 WHERE destination = 'x'") == 0
    assert all(statement.startswith("SELECT count(*)") for statement in said)


def test_a_delete_keeps_rows_of_which_nobody_knows() -> None:
    (_, _, kept, *_) = DIALECT.spoken(f"DELETE FROM {LOCKS} u WHERE u.pid > 1")
    assert kept.endswith(f"SELECT u.* FROM {LOCKS} u WHERE NOT coalesce((u.pid > 1), false)")


def test_values_of_another_table_come_by_a_join() -> None:
    update = DIALECT.update(LOCKS, "s", {"pid": "h.pid"}, "h.k = s.k", source="(SELECT k, pid FROM t) h")
    written = read(update)
    assert written is not None
    assert written.counting == f"SELECT count(*) FROM {LOCKS} s JOIN (SELECT k, pid FROM t) h ON h.k = s.k"
    assert written.afterwards == (
        f"SELECT s.* EXCEPT (pid), CASE WHEN h.roo_hit THEN h.pid ELSE s.pid END AS pid FROM {LOCKS} s "
        "LEFT JOIN (SELECT h.*, true AS roo_hit FROM (SELECT k, pid FROM t) h) h ON h.k = s.k"
    )


@pytest.mark.parametrize("statement", [f"DROP TABLE IF EXISTS {LOCKS}", f"ALTER TABLE {LOCKS} RENAME TO x"])
def test_a_table_that_goes_takes_what_was_to_follow_it_along(statement: str) -> None:
    assert DIALECT.spoken(statement) == [f"DROP TABLE IF EXISTS {NEW_LOCKS}", statement]


def beside(*names: str) -> Answer:
    return lambda sql: [("main_roo", name, False) for name in names] if sql.startswith("SHOW TABLES") else []


def test_the_first_look_puts_a_successor_in_the_place_that_a_crash_left_empty() -> None:
    notes = Notes(beside("roo_new__roo_locks", "roo_runs", "roo_new__roo_runs"))
    spark = warehouse(notes)
    with spark.session() as session:
        layout = spark.layout(spark.database, "main_roo")
        session.run(f"SELECT * FROM {layout.locks}")
        session.run(f"SELECT * FROM {layout.runs}")
    assert notes.said[1:] == [
        "SHOW TABLES IN `main_roo`",
        f"ALTER TABLE {NEW_LOCKS} RENAME TO `main_roo`.`roo_locks`",
        f"SELECT * FROM {LOCKS}",
        "SELECT * FROM `main_roo`.`roo_runs`",
    ]


def test_a_schema_that_is_not_there_has_nothing_to_put_right() -> None:
    def answer(sql: str) -> Sequence[tuple[Any, ...]]:
        if sql.startswith("SHOW TABLES"):
            raise SparkError("SCHEMA_NOT_FOUND", "42704")
        if sql.startswith("`"):
            raise SparkError("TABLE_OR_VIEW_NOT_FOUND", "42P01")
        return []

    spark = warehouse(Notes(answer))
    with spark.session() as session:
        assert spark.columns(session, Relation(None, "nowhere", "roo_state", "")) is None


def test_a_database_beside_the_schema_is_refused() -> None:
    assert warehouse(Notes()).layout("", "main_roo").locks == LOCKS
    with pytest.raises(WarehouseUnavailable, match="no database shop"):
        warehouse(Notes()).layout("shop", "main_roo")


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_parameters_are_literals_whatever_is_in_them(values: list[str]) -> None:
    sql = f"SELECT '?', `?` {', '.join('?' * len(values))}"
    expected = ", ".join(DIALECT.literal(value) for value in values)
    assert filled(sql, values, DIALECT.literal) == f"SELECT '?', `?` {expected}"


@given(st.text(), st.text())
def test_words_in_text_are_no_words_of_the_statement(value: str, wanted: str) -> None:
    condition = f"key = {DIALECT.literal(wanted)} AND EXISTS (SELECT 1 FROM t WHERE a = b)"
    sets = (("a", DIALECT.literal(f"{value} FROM x WHERE , ")), ("b", "CASE WHEN x THEN 1 END"))
    written = read(DIALECT.update(LOCKS, "s", dict(sets), condition))
    assert written is not None
    assert (written.table, written.alias, written.sets, written.condition) == (LOCKS, "s", sets, condition)
