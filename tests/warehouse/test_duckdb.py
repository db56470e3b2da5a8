"""DuckDB's file is held only while it is worked with, and who holds it is named."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from roo_dbt.errors import WarehouseUnavailable
from roo_dbt.records import Column, Relation
from roo_dbt.warehouse import Session, open_warehouse
from roo_dbt.warehouse.duckdb import DuckDB
from roo_dbt.warehouse.statement import RefusedStatement

HOLD = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "reader")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database with one table of one row."""
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE customers AS SELECT 1 AS \"Id\", 'ann@example.com' AS email")
    return path


def opens_elsewhere(file: Path) -> bool:
    """Whether another process can open the file now."""
    arguments = [sys.executable, "-c", HOLD, str(file), "writer"]
    return (
        subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0
    )


@contextmanager
def held_elsewhere(file: Path, role: str = "writer") -> Iterator[subprocess.Popen[str]]:
    """Another process has the file open."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file), role],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.communicate()


def test_another_process_gets_the_file_between_two_sessions(file: Path) -> None:
    warehouse = DuckDB({"path": str(file)})
    with warehouse.session() as session:
        session.run("UPDATE customers SET email = 'new@example.com'")
    with held_elsewhere(file):
        pass
    with warehouse.session() as session:
        assert session.one("SELECT email FROM customers") == "new@example.com"


def test_the_file_is_held_until_the_last_session_of_the_process_ends(file: Path) -> None:
    warehouse = DuckDB({"path": str(file)})
    with warehouse.session():
        with warehouse.session() as inner:
            inner.run("SELECT 1")
        assert not opens_elsewhere(file)
    assert opens_elsewhere(file)


def test_a_file_that_stays_locked_is_reported_with_who_has_it_and_for_how_long_we_waited(file: Path) -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    warehouse = DuckDB({"path": str(file)}, lock_wait_seconds=7, clock=lambda: now[0], sleep=sleep)
    with held_elsewhere(file) as holder, pytest.raises(WarehouseUnavailable) as refusal, warehouse.session():
        pytest.fail("the file is locked")
    assert f"(PID {holder.pid})" in str(refusal.value)
    assert "waited 7 s" in str(refusal.value)
    assert 7 <= now[0] < 9


def test_a_file_that_is_let_go_in_time_is_opened(file: Path) -> None:
    with held_elsewhere(file) as holder:
        naps: list[float] = []

        def sleep(seconds: float) -> None:
            naps.append(seconds)
            holder.communicate()

        with DuckDB({"path": str(file)}, sleep=sleep).session() as session:
            assert session.one("SELECT count(*) FROM customers") == 1
    assert len(naps) == 1


def test_a_connection_of_the_same_process_shares_the_file(file: Path) -> None:
    warehouse = DuckDB({"path": str(file)})
    with duckdb.connect(str(file)) as other:
        with warehouse.session() as session:
            session.run("UPDATE customers SET email = 'new@example.com'")
        assert other.execute("SELECT email FROM customers").fetchone() == ("new@example.com",)
    with warehouse.session() as session:
        assert session.one("SELECT email FROM customers") == "new@example.com"
    assert opens_elsewhere(file)


def test_two_warehouses_of_one_process_take_turns(file: Path) -> None:
    together = threading.Barrier(2)

    def work(number: int) -> None:
        warehouse = DuckDB({"path": str(file)})
        together.wait()
        for _ in range(10):
            with warehouse.session() as session:
                session.run("INSERT INTO customers VALUES (?, 'x')", [number])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    with duckdb.connect(str(file)) as connection:
        assert connection.execute("SELECT count(*) FROM customers").fetchone() == (21,)


def test_a_file_named_like_a_database_that_is_always_there_can_be_used(tmp_path: Path) -> None:
    path = tmp_path / "memory.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT 1")
    with DuckDB({"path": str(path)}).session() as session:
        assert session.one("SELECT * FROM t") == 1
    assert opens_elsewhere(path)


def test_what_does_not_fit_into_memory_goes_beside_the_file(file: Path) -> None:
    with DuckDB({"path": str(file)}).session() as session:
        assert session.one("SELECT current_setting('temp_directory')") == f"{file}.tmp"


def test_a_plan_reads_while_another_process_reads(file: Path) -> None:
    with held_elsewhere(file, "reader"), DuckDB({"path": str(file)}, read_only=True).session() as session:
        session.run("CREATE TEMP TABLE found AS SELECT * FROM customers")
        assert session.one("SELECT count(*) FROM found") == 1


def test_a_path_with_lock_in_its_name_is_not_taken_for_a_lock(tmp_path: Path) -> None:
    folder = tmp_path / "locked.duckdb"
    folder.mkdir()

    def sleep(seconds: float) -> None:
        pytest.fail("there is nothing to wait for")

    with (
        pytest.raises(WarehouseUnavailable, match="cannot open"),
        DuckDB({"path": str(folder)}, sleep=sleep).session(),
    ):
        pytest.fail("a folder is no database")


def test_a_missing_file_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "none.duckdb"
    with (
        pytest.raises(WarehouseUnavailable, match="there is no database") as refusal,
        DuckDB({"path": str(path)}).session(),
    ):
        pytest.fail("there is no file")
    assert "dbt build" in str(refusal.value)
    assert not path.exists()


def test_a_file_that_is_no_database_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    path.write_text("id,email\n" * 1000)
    with (
        pytest.raises(WarehouseUnavailable, match="cannot open") as refusal,
        DuckDB({"path": str(path)}).session(),
    ):
        pytest.fail("it is text")
    assert "\n" not in str(refusal.value)


def test_another_type_of_warehouse_is_refused_by_name() -> None:
    with pytest.raises(WarehouseUnavailable, match="type is trino"):
        open_warehouse("trino", {})


def test_read_only_takes_temporary_tables_and_nothing_else(file: Path) -> None:
    before = file.read_bytes()
    with open_warehouse("duckdb", {"path": str(file)}, read_only=True).session() as session:
        session.run("CREATE OR REPLACE TEMP TABLE t AS SELECT * FROM customers")
        with pytest.raises(RefusedStatement):
            session.run("CREATE TABLE kept AS SELECT 1")
    assert file.read_bytes() == before


def test_temporary_tables_belong_to_one_session(file: Path) -> None:
    warehouse = DuckDB({"path": str(file)})
    with warehouse.session() as one, warehouse.session() as other:
        one.run("CREATE TEMP TABLE t AS SELECT 1")
        other.run("CREATE TEMP TABLE t AS SELECT 2")
        assert (one.one("SELECT * FROM t"), other.one("SELECT * FROM t")) == (1, 2)


def test_threads_share_the_file_and_do_not_disturb_each_other(file: Path) -> None:
    warehouse = DuckDB({"path": str(file)})
    with warehouse.session() as session:
        session.run("CREATE TABLE log (thread INTEGER, number INTEGER)")
    together = threading.Barrier(4)

    def work(thread: int) -> None:
        together.wait()
        for number in range(20):
            with warehouse.session() as session, session.transaction():
                session.run("INSERT INTO log VALUES (?, ?)", [thread, number])

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    with duckdb.connect(str(file)) as connection:
        assert connection.execute(
            "SELECT count(*), count(DISTINCT (thread, number)) FROM log"
        ).fetchone() == (80, 80)


def delete_and_fail(session: Session) -> None:
    """A transaction whose second statement is refused."""
    with session.transaction():
        session.run("DELETE FROM customers")
        session.run("SELECT nothing FROM customers")


def test_a_transaction_is_all_or_nothing(file: Path) -> None:
    warehouse = DuckDB({"path": str(file)})
    with warehouse.session() as session:
        with pytest.raises(RefusedStatement):
            delete_and_fail(session)
        assert session.one("SELECT count(*) FROM customers") == 1
        with session.transaction():
            session.run("DELETE FROM customers")
    with warehouse.session() as session:
        assert session.one("SELECT count(*) FROM customers") == 0


def test_times_are_written_in_utc_whatever_the_profile_says(file: Path) -> None:
    warehouse = DuckDB({"path": str(file), "settings": {"TimeZone": "Asia/Tokyo"}})
    with warehouse.session() as session:
        assert (
            session.one("SELECT CAST(TIMESTAMPTZ '2026-01-01 00:00:00Z' AS VARCHAR)")
            == "2026-01-01 00:00:00+00"
        )


def test_settings_and_extensions_of_the_profile_are_used(file: Path) -> None:
    credentials = {
        "path": str(file),
        "config_options": {"threads": 1},
        "settings": {"memory_limit": "512MB"},
        "extensions": ["json", {"name": "parquet", "repo": "core"}],
    }
    with DuckDB(credentials).session() as session:
        assert session.one("SELECT current_setting('threads')") == 1
        assert session.one("SELECT current_setting('memory_limit')") == "488.2 MiB"


def test_a_setting_that_duckdb_refuses_does_not_keep_the_file_locked(file: Path) -> None:
    warehouse = DuckDB({"path": str(file), "settings": {"no_such_setting": 1}})
    with pytest.raises(WarehouseUnavailable, match="cannot open") as refusal, warehouse.session():
        pytest.fail("the setting does not exist")
    assert opens_elsewhere(file)
    assert "no_such_setting" in str(refusal.value)


def test_an_attached_database_is_read_and_never_written(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.duckdb"
    with duckdb.connect(str(other)) as connection:
        connection.execute("CREATE TABLE people AS SELECT 7 AS id")
    warehouse = DuckDB({"path": str(file), "attach": [{"path": str(other), "alias": "hr"}]})
    with warehouse.session() as session:
        assert session.one("SELECT id FROM hr.people") == 7
        found = warehouse.columns(session, Relation("HR", "main", "People", ""))
        assert found == [Column("id", "INTEGER")]
        with pytest.raises(RefusedStatement):
            session.run("DELETE FROM hr.people")


def test_columns_keep_the_case_of_the_catalogue_and_a_missing_table_has_none(file: Path) -> None:
    warehouse = DuckDB({"path": str(file)})
    with warehouse.session() as session:
        found = warehouse.columns(session, Relation(None, "MAIN", "customers", ""))
        assert found == [Column("Id", "INTEGER"), Column("email", "VARCHAR")]
        assert warehouse.columns(session, Relation(None, "main", "nothing", "")) is None


@pytest.mark.parametrize("name", ["shop.duckdb", "shop.v2.duckdb", "shop", "a b.duckdb"])
def test_the_catalogue_is_named_as_duckdb_names_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    duckdb.connect(str(path)).close()
    warehouse = DuckDB({"path": str(path)})
    with warehouse.session() as session:
        assert session.one("SELECT current_database()") == warehouse.database


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT email::DATE FROM customers",
        "SELECT email::INTEGER FROM customers",
        "SELECT ('70' || '123')::INTEGER::TINYINT",
        "SELECT ('70' || '123')::DECIMAL(2,1)",
        "SELECT error(email) FROM customers",
        "SELECT strptime(email, '%Y') FROM customers",
        "SELECT (chr(39) || chr(10) || email)::DATE FROM customers",
    ],
)
def test_what_the_engine_objects_to_is_told_without_the_value(file: Path, sql: str) -> None:
    with DuckDB({"path": str(file)}).session() as session, pytest.raises(RefusedStatement) as refusal:
        session.run(sql)
    assert "Error" in refusal.value.message
    assert "ann@example.com" not in refusal.value.message
    assert "70123" not in refusal.value.message


def test_a_mistyped_name_is_shown(file: Path) -> None:
    with DuckDB({"path": str(file)}).session() as session, pytest.raises(RefusedStatement, match="emial"):
        session.run("SELECT emial FROM customers")
