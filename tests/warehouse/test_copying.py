"""What a warehouse would have sent, and whether it changed, is the same after the values were copied."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.postgres_server import Server
from tests.properties.tables import POSTGRES_VALUES, VALUES

from roo_dbt.warehouse import Session, Warehouse
from roo_dbt.warehouse.copying import Copied, Size, copy, key_column, value_column
from roo_dbt.warehouse.duckdb import DuckDB
from roo_dbt.warehouse.postgres import Postgres
from roo_dbt.warehouse.state_file import StateFile

TYPES = [("duckdb", name) for name in VALUES] + [("postgres", name) for name in POSTGRES_VALUES]
BELOW_A_MILLISECOND = ("'2026-01-02'", "'2026-01-02 00:00:00.000001'")
"""The one difference: both are sent as the same text, and after the copy they are the same."""


@pytest.fixture(scope="module")
def server(postgres: Server) -> Iterator[Warehouse]:
    """One database for all types."""
    name = postgres.database()
    yield Postgres(postgres.credentials(name))
    postgres.drop(name)


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """`duckdb` or `postgres`."""
    return str(request.param)


@pytest.fixture
def warehouse(request: pytest.FixtureRequest, engine: str, tmp_path: Path) -> Warehouse:
    """Of that engine."""
    if engine == "postgres":
        found: Warehouse = request.getfixturevalue("server")
        return found
    import duckdb

    duckdb.connect(str(tmp_path / "shop.duckdb")).close()
    return DuckDB({"path": str(tmp_path / "shop.duckdb")})


@pytest.fixture
def file(tmp_path: Path) -> StateFile:
    """Where the values go."""
    return StateFile(tmp_path / "kept.duckdb")


def parsed(session: Session, expression: str, type_: str, rows: str) -> list[Any]:
    """A column as it is sent, in the order of `id`."""
    form = session.dialect.json_object([("value", session.dialect.json_form(expression, type_))])
    return [json.loads(text) for (text,) in session.run(f"SELECT {form} FROM {rows} ORDER BY id")]


def pairs(session: Session, expression: str, rows: str) -> list[tuple[Any, ...]]:
    """Which values are the same, by the ids of both."""
    left, right = (expression.replace("value", f"{alias}.value") for alias in "ab")
    same = session.dialect.same(left, right)
    return session.run(f"SELECT a.id, b.id, {same} FROM {rows} a, {rows} b ORDER BY 1, 2")


@pytest.mark.parametrize(("engine", "type_"), TYPES, indirect=["engine"])
def test_a_value_looks_the_same_and_changes_when_it_changed(
    warehouse: Warehouse, file: StateFile, type_: str
) -> None:
    values = (POSTGRES_VALUES if isinstance(warehouse, Postgres) else VALUES)[type_]
    rows = " UNION ALL ".join(
        f"SELECT {place} AS id, CAST({value} AS {type_}) AS value"
        for place, value in enumerate((*values, *values, "NULL"))
    )
    dialect = warehouse.dialect
    with warehouse.session() as source, file.session() as kept:
        source.run_all(dialect.create_temporary("roo_values", rows))
        columns = [
            key_column(dialect, "id", "id", "INTEGER"),
            value_column(dialect, "value", "value", type_),
        ]
        copy(source, kept, columns, dialect.temporary("roo_values"), "roo_copy")
        stored, place = dialect.as_stored("value", type_), dialect.temporary("roo_values")
        there = parsed(source, stored, dialect.stored(type_), place)
        assert parsed(kept, "value", columns[1].type, "temp.roo_copy") == there
        if values[:2] != BELOW_A_MILLISECOND:
            assert pairs(kept, "value", "temp.roo_copy") == pairs(source, stored, place)


@pytest.mark.parametrize(
    ("engine", "type_", "values", "same"),
    [
        ("postgres", "jsonb", ("'{\"a\": 1.0}'", "'{\"a\": 1.00}'"), (True, False)),
        ("postgres", "timestamp", BELOW_A_MILLISECOND, (False, True)),
        ("duckdb", "TIMESTAMP", BELOW_A_MILLISECOND, (False, True)),
    ],
    indirect=["engine"],
)
def test_what_differs_from_a_comparison_in_the_warehouse(
    warehouse: Warehouse, file: StateFile, type_: str, values: tuple[str, str], same: tuple[bool, bool]
) -> None:
    stored = {"timestamp": "timestamp without time zone"}.get(type_, type_)
    rows = " UNION ALL ".join(
        f"SELECT {n} AS id, CAST({value} AS {type_}) AS value" for n, value in enumerate(values)
    )
    with warehouse.session() as source, file.session() as kept:
        copy(source, kept, [value_column(warehouse.dialect, "value", "value", stored)], f"({rows}) r", "t")
        there = source.one(
            f"SELECT {source.dialect.same('min(value)', 'max(value)')} FROM ({rows}) r"
            if type_ != "jsonb"
            else f"SELECT {' = '.join(f'CAST({value} AS jsonb)' for value in values)}"
        )
        assert (there, kept.one("SELECT count(DISTINCT value) = 1 FROM temp.t")) == same


@pytest.mark.parametrize(
    ("engine", "type_", "values", "copied"),
    [
        ("postgres", "integer", ["9", "10"], [9, 10]),
        ("postgres", "numeric(12,0)", ["9", "10"], [9, 10]),
        ("postgres", "numeric(6,2)", ["1.5", "10"], [1.5, 10]),
        (
            "postgres",
            "uuid",
            ["'00000000-0000-0000-0000-000000000001'"],
            ["00000000-0000-0000-0000-000000000001"],
        ),
        ("postgres", "date", ["'2026-01-02'"], ["2026-01-02"]),
        ("postgres", "timestamptz", ["'2026-01-02 00:00:00.000001Z'"], ["2026-01-02 00:00:00.000001+00"]),
        ("postgres", "citext", ["'Ann'"], ["Ann"]),
        ("duckdb", "UBIGINT", ["18446744073709551615"], ["18446744073709551615"]),
    ],
    indirect=["engine"],
)
def test_a_key_is_a_number_or_what_people_type(
    warehouse: Warehouse, file: StateFile, type_: str, values: Sequence[str], copied: list[Any]
) -> None:
    if type_ == "citext":
        with warehouse.session() as owner:
            owner.run("CREATE EXTENSION IF NOT EXISTS citext")
    rows = " UNION ALL ".join(f"SELECT CAST({value} AS {type_}) AS k" for value in values)
    column = key_column(
        warehouse.dialect, "k", "k", "timestamp with time zone" if type_ == "timestamptz" else type_
    )
    with warehouse.session() as source, file.session() as kept:
        copy(source, kept, [column], f"({rows}) x", "roo_copy")
        assert [row[0] for row in kept.run("SELECT k FROM temp.roo_copy ORDER BY k")] == copied


@pytest.mark.parametrize("engine", ["duckdb", "postgres"], indirect=True)
def test_rows_come_in_parts_and_are_counted(
    warehouse: Warehouse, file: StateFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roo_dbt.warehouse.copying.ROWS", 1000)
    many = (
        "SELECT * FROM range(2500) r(i)"
        if isinstance(warehouse, DuckDB)
        else ("SELECT * FROM generate_series(0, 2499) r(i)")
    )
    text = Copied("t", "VARCHAR", "'x'")
    with warehouse.session("braze") as source, file.session() as kept:
        parts = [len(part) for part in source.stream(f"SELECT i FROM ({many}) m", 1000)]
        size = copy(source, kept, [text], f"({many}) m", "roo_copy")
        assert kept.one("SELECT count(*) FROM temp.roo_copy") == 2500
    assert parts == [1000, 1000, 500]
    assert size == Size(2500, 1, 2500 * 4 + 3)
    # A part is no statement of its own.
    assert warehouse.statements("braze") == 2


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_rows_that_do_not_fit_into_memory_wait_beside_the_file(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roo_dbt.warehouse.state_file.MEMORY", "40MB")
    columns = [
        key_column(warehouse.dialect, "id", "i", "BIGINT"),
        Copied("t", "VARCHAR", "repeat('x', 1000) || i"),
    ]
    with warehouse.session() as source, StateFile(tmp_path / "kept.duckdb").session() as kept:
        size = copy(source, kept, columns, "range(100_000) r(i)", "roo_copy")
        assert size.bytes > 100_000_000
        assert kept.run("SELECT count(*), count(DISTINCT t) FROM temp.roo_copy WHERE id < 10") == [(10, 10)]
        beside = tmp_path / "kept.duckdb.tmp"
        assert list(beside.glob("*storage*"))
        assert beside.stat().st_mode & 0o077 == 0
    assert not list(beside.glob("*storage*"))
