"""The file of a state that is elsewhere: made when it is needed, private, and nobody else's."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from roo_dbt.errors import WarehouseUnavailable
from roo_dbt.state import create_tables, tables_exist
from roo_dbt.warehouse import open_state_file
from roo_dbt.warehouse.duckdb import DuckDB
from roo_dbt.warehouse.state_file import StateFile

HOLD = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


def filled(path: Path) -> StateFile:
    """A file with the state tables in it."""
    file = StateFile(path)
    with file.session() as session:
        create_tables(session, file.layout(file.database, "main_roo"))
    return file


def refusal(path: Path, *, lock_wait_seconds: float = 30) -> str:
    """What is said of a place that will not do."""
    with (
        pytest.raises(WarehouseUnavailable) as refused,
        open_state_file(path, lock_wait_seconds=lock_wait_seconds).session(),
    ):
        pass
    said = str(refused.value)
    assert "\n" not in said
    assert str(path) in said
    return said


def mode(path: Path) -> int:
    """Who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_the_file_and_the_log_of_its_writes_are_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    os.umask(before)
    path = tmp_path / "kept.duckdb"
    file = filled(path)
    with file.session() as session:
        session.run("CREATE TABLE main_roo.more AS SELECT 1 AS i")
        found = {each.name: mode(each) for each in tmp_path.iterdir()}
    assert found == {"kept.duckdb": 0o600, "kept.duckdb.wal": 0o600}
    assert {each.name: mode(each) for each in tmp_path.iterdir()} == {"kept.duckdb": 0o600}
    after = os.umask(before)
    assert after == before


def test_a_file_that_its_owner_opened_to_a_group_stays_so(tmp_path: Path) -> None:
    file = filled(tmp_path / "kept.duckdb")
    Path(file.path).chmod(0o660)
    with file.session() as session:
        session.run("CREATE TABLE main_roo.more AS SELECT 1 AS i")
    assert mode(Path(file.path)) == 0o660


def test_whoever_only_reads_makes_no_file(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "kept.duckdb", read_only=True)
    with file.session() as session:
        assert not tables_exist(file, session, file.database, "main_roo")
        session.run("CREATE TEMPORARY TABLE roo_rows AS SELECT 1 AS i")
    assert list(tmp_path.iterdir()) == []
    filled(tmp_path / "kept.duckdb")
    with file.session() as session:
        assert tables_exist(file, session, file.database, "main_roo")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    said = refusal(tmp_path)
    assert said == f"the state file {tmp_path} is a folder. Name a file in it: vars.roo.state.path."


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert f"there is no folder {tmp_path / 'no'}" in refusal(tmp_path / "no" / "kept.duckdb")


@pytest.mark.parametrize("name", ["temp.duckdb", "system.db", "memory"])
def test_a_name_that_duckdb_keeps_for_itself_is_refused(tmp_path: Path, name: str) -> None:
    assert "a name that DuckDB keeps for itself" in refusal(tmp_path / name)


def test_a_file_of_another_kind_is_no_state(tmp_path: Path) -> None:
    text, other = tmp_path / "notes.txt", tmp_path / "other.sqlite"
    text.write_text("notes\n" * 1000)
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (i)")
    connection.close()
    before = text.read_bytes(), other.read_bytes()
    for path in (text, other):
        assert refusal(path).startswith(f"the state file {path} is no DuckDB database.")
    assert (text.read_bytes(), other.read_bytes()) == before


def test_a_database_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as owner:
        owner.execute("CREATE TABLE customers AS SELECT 1 AS id")
    said = refusal(path)
    assert "is somebody else's: it holds 1 table and none of roo-dbt's" in said
    with duckdb.connect(str(path)) as owner:
        assert owner.execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(1,)]


def test_a_place_that_may_not_be_written_is_named_with_what_to_look_at(tmp_path: Path) -> None:
    path = tmp_path / "kept.duckdb"
    denied = duckdb.IOException(f'IO Error: Cannot open file "{path}": Permission denied')
    said = str(StateFile(path)._unavailable(denied))
    assert said.startswith(f"the state file {path} cannot be opened: permission denied.")
    other = str(DuckDB({"path": str(path)})._unavailable(denied))
    assert other.endswith("or keep the state in a local file: vars.roo.state: {path: roo_state.duckdb}.")


def test_tables_that_a_person_makes_beside_ours_do_no_harm(tmp_path: Path) -> None:
    filled(tmp_path / "kept.duckdb")
    with duckdb.connect(str(tmp_path / "kept.duckdb")) as owner:
        owner.execute("CREATE TABLE notes AS SELECT 1 AS i")
    with StateFile(tmp_path / "kept.duckdb").session() as session:
        assert session.one("SELECT count(*) FROM main_roo.roo_locks") == 0


def test_a_file_that_another_process_has_open_is_waited_for_and_then_named(tmp_path: Path) -> None:
    path = tmp_path / "kept.duckdb"
    filled(path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        said = refusal(path, lock_wait_seconds=0.1)
        holder.communicate()
    assert f"is open in another process (PID {holder.pid})" in said
    with StateFile(path).session() as session:
        assert session.one("SELECT 1") == 1
