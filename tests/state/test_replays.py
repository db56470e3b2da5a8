"""Where no transaction covers a commit, it may end after any statement, and the next run makes it whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.warehouse.notes import RETYPED, TYPES, build, relation
from tests.warehouse.story import Story

from roo_dbt import state
from roo_dbt.errors import WarehouseLost
from roo_dbt.state.moving import active_records, forget, take_over
from roo_dbt.state.snapshots import known
from roo_dbt.state.swap import snapshot_table
from roo_dbt.warehouse import Session, Warehouse
from roo_dbt.warehouse.dialects.duckdb import DuckDBDialect
from roo_dbt.warehouse.duckdb import DuckDB


class Replaying(DuckDBDialect):
    """DuckDB, as if its transactions were worth nothing."""

    replays = True


class Death(Exception):
    """The process ends."""


class Mortal(Session):
    """A session without transactions that dies after so many statements, when it is told to."""

    dialect = Replaying()

    def __init__(self, inner: Session) -> None:
        self._inner = inner
        self.left: int | None = None
        self.ran = 0

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        if self.left == 0:
            raise Death
        self.left = None if self.left is None else self.left - 1
        self.ran += 1
        return self._inner.run(sql, parameters)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield


class Interrupted(Story):
    """The story, with a death in one of its commits."""

    warehouse: Warehouse
    number = 0
    after: int | None = None
    statements = 0
    left_behind = ""

    def commit(self, number: int) -> None:
        if number != self.number:
            super().commit(number)
            return
        session = self.session
        assert isinstance(session, Mortal)
        session.left, before = self.after, session.ran
        try:
            super().commit(number)
        except Death:
            # Temporary tables die with the process, so the next run has a session of its own.
            with self.warehouse.session() as opened:
                self.session = Mortal(opened)
                row = known(self.session, self.layout)["people"]
                state.preview(self.session, self.dialect, self.layout, row)
                self.left_behind = snapshot_table(self.layout, row)
                state.recover(self.session, self.dialect, self.layout, "people", f"run {number}")
            self.session = session
        session.left = None
        self.statements = session.ran - before

    def afterwards(self) -> None:
        """Nothing is forgotten: the tables are compared."""


def told(folder: Path, number: int, after: int | None) -> tuple[Interrupted, dict[str, list[Any]]]:
    """The story with a death after so many statements of a commit, and what the state tables say then."""
    file = folder / f"shop{after}.duckdb"
    duckdb.connect(str(file)).close()
    warehouse = DuckDB({"path": str(file), "database": "shop"})
    with warehouse.session() as session:
        story = Interrupted(
            Mortal(session),
            Replaying(),
            warehouse.layout("shop", "main_roo"),
            relation(),
            TYPES,
            RETYPED,
            lambda sync: build(session, sync),
        )
        story.warehouse, story.number, story.after = warehouse, number, after
        story.tell()
        layout = story.layout
        found = {
            "snapshot": f"SELECT * EXCLUDE (roo_synced_at) FROM {layout.snapshot('people')} ORDER BY ALL",
            "outcomes": f"SELECT * EXCLUDE (time) FROM {layout.outcomes} ORDER BY ALL",
            "refusals": f"SELECT destination, key, status, code, message FROM {layout.unaccepted} ORDER BY ALL",
            "shapes": f"SELECT snapshot_shape, pending_run, pending_shape FROM {layout.destinations}",
            "former": f"SELECT * EXCLUDE (since) FROM {layout.former} ORDER BY ALL",
        }
        return story, {name: session.run(sql) for name, sql in found.items()}


@pytest.mark.parametrize("step", [4, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_whatever_statement_is_the_last_the_next_run_ends_with_the_same_state(
    tmp_path: Path, number: int, step: int
) -> None:
    whole, expected = told(tmp_path, number, None)
    assert whole.statements > 15
    left_behind = set()
    for after in range(whole.statements - 1, -1, -step):
        story, found = told(tmp_path, number, after)
        assert found == expected, after
        left_behind.add(story.left_behind.rpartition(".")[2])
    # Rebuilt snapshots have a moment in which they are not yet in their place; edited ones have none.
    has_such_a_moment = number != 2 and step == 1
    assert left_behind - {""} >= {'"snapshot__people"'}
    assert ('"rebuilt__people"' in left_behind) >= has_such_a_moment
    assert ('"rebuilt__people"' in left_behind) <= (number != 2)


class Renamed(Interrupted):
    """The story whose destination is renamed at its end, and forgotten under the new name, with a death in it."""

    def afterwards(self) -> None:
        heir = replace(self.destination, name="folk")
        table, own = self.layout.destinations, self.layout.snapshot("folk")
        # The heir had a first sync of an empty model.
        self.session.run(f"CREATE TABLE {own} AS SELECT * FROM {self.layout.snapshot('people')} LIMIT 0")
        self.session.run(
            f"INSERT INTO {table} SELECT 'folk', * EXCLUDE (destination) FROM {table} WHERE destination = 'people'"
        )

        def take(session: Session) -> None:
            row = known(session, self.layout).get("folk")
            assert row is None or active_records(session, self.layout, row) == 0
            take_over(session, self.dialect, self.layout, "people", heir)

        self.statements = self.dying("people", take)

    def dying(self, name: str, work: Callable[[Session], None]) -> int:
        """Do it until it is done; whoever comes after a death goes by what is known. How many statements it takes."""
        session = self.session
        assert isinstance(session, Mortal)
        session.left, before = self.after, session.ran
        try:
            work(session)
        except Death:
            session.left = None
            if name in known(session, self.layout):
                work(session)
        session.left = None
        return session.ran - before


class Forgotten(Renamed):
    """The story whose destination is forgotten at its end, with a death in it."""

    def afterwards(self) -> None:
        self.statements = self.dying("people", lambda session: forget(session, self.layout, "people"))


def moved(folder: Path, kind: type[Renamed], after: int | None) -> tuple[int, dict[str, list[Any]]]:
    """How many statements it takes, and what is left of either name."""
    file = folder / f"{kind.__name__}{after}.duckdb"
    duckdb.connect(str(file)).close()
    warehouse = DuckDB({"path": str(file), "database": "shop"})
    with warehouse.session() as session:
        layout = warehouse.layout("shop", "main_roo")
        story = kind(
            Mortal(session),
            Replaying(),
            layout,
            relation(),
            TYPES,
            RETYPED,
            lambda sync: build(session, sync),
        )
        story.warehouse, story.after = warehouse, after
        story.tell()
        tables = session.run(
            "SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'snapshot!_!_%' ESCAPE '!' ORDER BY 1"
        )
        found = {
            "known": session.run(f"SELECT destination, snapshot_shape FROM {layout.destinations}"),
            "refusals": session.run(f"SELECT destination, key, status FROM {layout.unaccepted} ORDER BY ALL"),
            "outcomes": session.run(f"SELECT destination, key, outcome FROM {layout.outcomes} ORDER BY ALL"),
        }
        if kind is Renamed:
            snapshot = f"SELECT * FROM {layout.snapshot('folk')} ORDER BY ALL"
            found["snapshot"] = [row[:-1] for row in session.run(snapshot)]
        return story.statements, {**found, "tables": tables}


def test_a_snapshot_that_is_taken_over_is_whole_whatever_statement_is_the_last(tmp_path: Path) -> None:
    statements, expected = moved(tmp_path, Renamed, None)
    assert [name for name, _ in expected["known"]] == ["folk"]
    assert expected["refusals"]
    assert {name for name, *_ in expected["refusals"]} == {"folk"}
    for after in range(statements):
        _, found = moved(tmp_path, Renamed, after)
        mine = [row for row in found["refusals"] if row[0] == "folk"]
        assert {**found, "refusals": mine, "tables": []} == {**expected, "tables": []}, after
        assert ("snapshot__folk",) in found["tables"]


def test_a_destination_is_forgotten_whatever_statement_is_the_last(tmp_path: Path) -> None:
    statements, expected = moved(tmp_path, Forgotten, None)
    assert (expected["known"], expected["refusals"], expected["tables"]) == ([], [], [])
    for after in range(statements):
        assert moved(tmp_path, Forgotten, after)[1] == expected, after


class Asleep(Mortal):
    """A session that sleeps before a statement until another run has taken over and frozen changes of its own."""

    def __init__(self, inner: Session, before: str, takes_over: Callable[[], None]) -> None:
        super().__init__(inner)
        self._before, self._takes_over = before, takes_over

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        if self._before and self._before in sql:
            self._before = ""
            self._takes_over()
        return super().run(sql, parameters)


class Slept(Interrupted):
    """The story up to its second commit, in which the run sleeps for too long."""

    before = ""

    def commit(self, number: int) -> None:
        if number != 2:
            super().commit(number)
            return
        mine, layout = self.session, self.layout

        def take_over_lock() -> None:
            mine.run(f"UPDATE {layout.locks} SET run_id = 'theirs' WHERE true")
            mine.run(f"UPDATE {layout.destinations} SET pending_run = 'theirs' WHERE true")

        asleep = Asleep(mine, self.before, take_over_lock)
        with pytest.raises(WarehouseLost, match="another run took over"):
            state.commit(asleep, self.dialect, layout, "people", f"run {number}")
        raise Death


@pytest.mark.parametrize(
    "before", ["roo_destinations", "answered AS SELECT", "INSERT INTO", "SET snapshot_shape"]
)
def test_who_slept_in_its_commit_leaves_the_changes_of_the_next_run_alone(
    tmp_path: Path, before: str
) -> None:
    file = tmp_path / "shop.duckdb"
    duckdb.connect(str(file)).close()
    warehouse = DuckDB({"path": str(file), "database": "shop"})
    with warehouse.session() as session:
        layout = warehouse.layout("shop", "main_roo")
        mortal = Mortal(session)
        story = Slept(
            mortal, Replaying(), layout, relation(), TYPES, RETYPED, lambda sync: build(session, sync)
        )
        story.warehouse, story.before = warehouse, before
        with pytest.raises(Death):
            story.tell()
        assert known(mortal, layout)["people"].pending_run == "theirs"
        assert session.one(f"SELECT count(*) FROM {layout.changes('people')}")
