"""The story told to DuckDB, with its answers noted, and then to an engine that only takes notes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from tests.warehouse.story import NAMES, Story

from roo_dbt.records import Relation
from roo_dbt.warehouse import Dialect, Layout, Session
from roo_dbt.warehouse.dialect import Kind
from roo_dbt.warehouse.dialects.duckdb import DuckDBDialect
from roo_dbt.warehouse.duckdb import DuckDB

Rows = list[tuple[Any, ...]]
KINDS: tuple[Kind, ...] = ("text", "integer", "number", "boolean", "time")

TYPES = dict(
    zip(
        NAMES,
        (
            "BIGINT",
            "VARCHAR",
            "VARCHAR",
            "DOUBLE",
            "DECIMAL(10,2)",
            "BOOLEAN",
            "VARCHAR[]",
            "TIMESTAMPTZ",
            "DATE",
            "JSON",
        ),
        strict=True,
    )
)
RETYPED = "DECIMAL(12,4)"
_ROWS = (
    "(1, 'Ann@example.com', 'Oslo', 1.5, 2.50, true, ['b', 'a'], '{\"a\": 1}')",
    "(2, 'bo@example.com', NULL, 9.25, 1, false, NULL, NULL)",
    "(3, 'cy@example.com', 'Rome', NULL, NULL, NULL, [], '{}')",
    "(4, 'di@example.com', 'Rome', 7, 7, true, ['a'], '[1]')",
    "(5, 'cy@example.com', 'Bonn', 2, 3, true, ['a', 'c'], NULL)",
)
_LATER = (
    # Ann is Bo's now, Bo has another address, Cy has left, a new record is Di's, and Di has a city.
    "(1, 'Ann@example.com', 'Paris', 1.5, 2.50, false, ['a'], '{\"a\": 2}')",
    "(2, 'bob@example.com', NULL, 9.25, 1, true, ['z'], NULL)",
    "(4, 'dia@example.com', 'Rome', 7, 7, true, ['a'], '[1]')",
    "(6, 'di@example.com', 'Bonn', 2, 3, true, ['a', 'c'], NULL)",
)


class Noted(Session):
    """DuckDB, whose answers to questions are kept."""

    dialect = DuckDBDialect()

    def __init__(self, inner: Session) -> None:
        self._inner = inner
        self.answers: list[Rows] = []

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> Rows:
        rows = self._inner.run(sql, parameters)
        if is_question(sql):
            self.answers.append(rows)
        return rows

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._inner.transaction():
            yield


class Notes(Session):
    """No engine at all: what it is asked is noted, and answered as DuckDB did."""

    def __init__(self, dialect: Dialect, answers: Sequence[Rows], types: Mapping[str, str]) -> None:
        self.dialect = dialect
        self.said: list[str] = []
        self._answers = iter(answers)
        self._types = types

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> Rows:
        assert sql.count("?") == len(parameters)
        self.said.append(sql)
        if not is_question(sql):
            return [(1,)]
        return [tuple(self._translated(value) for value in row) for row in next(self._answers)]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield

    def chapter(self, title: str) -> None:
        """Say what comes next."""
        self.said.append(f"-- {title}")

    def _translated(self, value: Any) -> Any:
        """The columns of a snapshot with this engine's types."""
        if not (isinstance(value, str) and value.startswith('{"key"')):
            return value
        shape = json.loads(value)
        for column in (*shape["key"], *shape["fields"]):
            column[2] = self._types[column[2]]
        if self.dialect.name == "Snowflake":
            # Its catalogue has upper case, and what is named after a column has it, too.
            for column in shape["key"]:
                column[0] = column[0].upper()
            for column in shape["fields"]:
                column[0] = column[0].replace("@groups:segments", "@groups:SEGMENTS")
        return json.dumps(shape)


def is_question(sql: str) -> bool:
    """Whether rows are the answer."""
    return sql.startswith("SELECT")


def relation() -> Relation:
    """The model in a file."""
    return Relation("shop", "main", "customers", '"shop"."main"."customers"')


def build(session: Session, number: int) -> None:
    """Make the model as it is before the sync of that number."""
    rows = _ROWS if number == 1 else _LATER
    casts = ", ".join(
        f"CAST({name} AS {RETYPED if name == 'ltv' and number == 3 else TYPES[name]}) AS {name}"
        for name in ("id", "email", "city", "ltv", "spent", "vip", "segments", "doc")
    )
    session.run(
        f"CREATE OR REPLACE TABLE customers AS SELECT {casts}, "
        "TIMESTAMPTZ '2026-01-02 00:00:00Z' AS seen_at, DATE '1999-01-02' AS born "
        f"FROM (VALUES {', '.join(rows)}) t(id, email, city, ltv, spent, vip, segments, doc)"
    )


def told_to_duckdb(folder: Path) -> list[Rows]:
    """The answers of a real file."""
    file = folder / "shop.duckdb"
    duckdb.connect(str(file)).close()
    warehouse = DuckDB({"path": str(file)})
    with warehouse.session() as session:
        noted = Noted(session)
        layout = warehouse.layout(warehouse.database, "main_roo")

        def changed(number: int) -> None:
            build(session, number)

        Story(noted, noted.dialect, layout, relation(), TYPES, RETYPED, changed).tell()
    return noted.answers


def told_to(
    dialect: Dialect,
    answers: Sequence[Rows],
    layout: Layout,
    table: str,
    types: Mapping[str, str],
    retyped: str,
) -> list[str]:
    """What an engine is asked, chapter by chapter."""
    ours = DuckDBDialect()
    words = {ours.type(kind): dialect.type(kind) for kind in KINDS} | {RETYPED: dialect.stored(retyped)}
    words |= {ours.stored(TYPES[name]): dialect.stored(types[name]) for name in NAMES}
    words |= {ours.names_type: dialect.names_type}
    notes = Notes(dialect, answers, words)
    place = Relation(None, "main", "customers", table)
    Story(notes, dialect, layout, place, types, retyped, chapter=notes.chapter).tell()
    return notes.said


def written(said: Sequence[str]) -> str:
    """Statements as a file of SQL, in lines that people can read."""
    lines = []
    for each in said:
        broken = re.sub(
            r" (FROM|WHERE|FULL JOIN|LEFT JOIN|JOIN|UNION ALL|GROUP BY|ORDER BY) ", r"\n  \1 ", each
        )
        lines.append(f"\n{broken}\n" if each.startswith("--") else f"{broken};\n")
    return "".join(lines)
