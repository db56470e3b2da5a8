"""Rows of one warehouse copied into a temporary table of another, a part at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from roo_dbt.warehouse.connection import Session
from roo_dbt.warehouse.dialect import Dialect
from roo_dbt.warehouse.dialects.state_file import AS_WRITTEN

ROWS = 2_000
"""Rows that are in memory at a time."""

BYTES = 4_000_000
"""Of the texts of one insert; rows that are longer go in several."""

_TEXTS = {"text", "string", "varchar", "nvarchar", "character varying", "char", "character", "bpchar", "name"}
_WHOLE = {"tinyint", "byteint", "smallint", "integer", "int", "bigint", "int64", "long", "short", "byte"}
_WHOLE |= {"utinyint", "usmallint", "uinteger"}
_BOOLEANS = {"boolean", "bool"}
_DECIMAL = re.compile(r"(?:numeric|decimal|number)\((\d+),\s*(\d+)\)")
_DIGITS = 38
"""Of a DuckDB decimal: https://duckdb.org/docs/stable/sql/data_types/numeric (read 2026-11-22)."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A column of a copy: its name and type there, and SQL of its text where it comes from."""

    name: str
    type: str
    source: str


@dataclass(frozen=True, slots=True)
class Size:
    """What was read: rows, columns, and bytes of text."""

    rows: int
    columns: int
    bytes: int


def value_column(dialect: Dialect, name: str, column: str, type_: str) -> Copied:
    """A column whose values are compared and sent.

    Texts, whole numbers and booleans are what they are; of anything else the JSON is copied that the
    warehouse's own dialect would have sent.
    """
    value, stored = dialect.as_stored(dialect.quote(column), type_), dialect.stored(type_)
    plain = _plain(stored)
    form = dialect.text(dialect.json_form(value, stored))
    if plain:
        # Redshift casts no boolean to text, and every dialect writes one as JSON.
        return Copied(name, plain, form if plain == "BOOLEAN" else dialect.text(value))
    return Copied(name, AS_WRITTEN, f"CASE WHEN {dialect.quote(column)} IS NOT NULL THEN {form} END")


def key_column(dialect: Dialect, name: str, column: str, type_: str) -> Copied:
    """A column of the key: a number where it can be, so that 9 comes before 10; else as people type it."""
    value, stored = dialect.as_stored(dialect.quote(column), type_), dialect.stored(type_)
    text = dialect.text(value)
    decimal = _DECIMAL.fullmatch(stored.strip().lower())
    if decimal and int(decimal[2]) <= int(decimal[1]) <= _DIGITS:
        return Copied(name, f"DECIMAL({decimal[1]},{decimal[2]})", text)
    return Copied(name, _plain(stored) or "VARCHAR", text)


def _plain(type_: str) -> str | None:
    """The type of a file whose values look the same as JSON."""
    bare = re.sub(r"\s*\([\d,\s]*\)", "", type_.strip().lower())
    if bare in _TEXTS:
        return "VARCHAR"
    if bare in _WHOLE:
        return "BIGINT"
    return "BOOLEAN" if bare in _BOOLEANS else None


def copy(source: Session, target: Session, columns: Sequence[Copied], rows: str, table: str) -> Size:
    """Copy rows into a temporary table, made anew.

    Args:
        source: of the warehouse; one SELECT is run there.
        target: of the state file.
        columns: what is read.
        rows: what follows FROM in the source's SQL, with its condition.
        table: the name of the temporary table.
    """
    filling = _Filling(target, columns, table)
    for part in source.stream(f"SELECT {', '.join(column.source for column in columns)} FROM {rows}", ROWS):
        filling.add(part)
    return filling.size


class _Filling:
    """A table that is being filled."""

    def __init__(self, session: Session, columns: Sequence[Copied], table: str) -> None:
        self._session = session
        dialect = session.dialect
        typed = ", ".join(f"{dialect.quote(column.name)} {column.type}" for column in columns)
        session.run_all([dialect.drop_temporary(table), f"CREATE TEMPORARY TABLE {table} ({typed})"])
        names = [f"c{number}" for number in range(len(columns))]
        lists = ", ".join(f"unnest(CAST(CAST(? AS JSON) AS VARCHAR[])) AS {name}" for name in names)
        casts = (f"CAST({name} AS {column.type})" for name, column in zip(names, columns, strict=True))
        self._insert = (
            f"INSERT INTO {dialect.temporary(table)} SELECT {', '.join(casts)} FROM (SELECT {lists}) r"
        )
        self.size = Size(0, len(columns), 0)

    def add(self, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows, half by half where they are long."""
        # One text for each column: a row as a list of parameters takes three times as long.
        texts = [orjson.dumps(values).decode() for values in zip(*rows, strict=True)]
        length = sum(map(len, texts))
        if length > BYTES and len(rows) > 1:
            middle = len(rows) // 2
            self.add(rows[:middle])
            self.add(rows[middle:])
            return
        self._session.run(self._insert, texts)
        self.size = replace(self.size, rows=self.size.rows + len(rows), bytes=self.size.bytes + length)
