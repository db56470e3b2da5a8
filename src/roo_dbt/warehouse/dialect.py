"""The SQL that differs between engines: expressions, and the few statements that are not the same everywhere.

What every engine has in common is written where it is used: plain SELECT, FULL JOIN, CASE, EXISTS, window
functions, INSERT … SELECT. A method here has a body when most engines agree on it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

Kind = Literal["text", "integer", "number", "boolean", "time"]
"""What our own columns hold; `time` is a moment in UTC."""

DAY = 86_400
"""Seconds."""


class Dialect(ABC):
    """SQL as text. Arguments named `expression`, `source`, `select` and `condition` are SQL already."""

    name: ClassVar[str]
    """The engine, as its makers write it."""

    replays: ClassVar[bool] = False
    """A transaction does not cover CREATE and DROP, or there is none: each statement stands alone.

    Then work that must be done as a whole is written so that it can be begun again after any of them.
    """

    _types: ClassVar[Mapping[Kind, str]]

    # Names, constants and types.

    def quote(self, name: str) -> str:
        """A name as an identifier: in double quotes, doubled inside."""
        return '"' + name.replace('"', '""') + '"'

    def literal(self, value: str | float | bool | None) -> str:
        """A constant: text in single quotes, numbers and booleans as they are."""
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return repr(value)
        return "'" + value.replace("'", "''") + "'"

    def type(self, kind: Kind) -> str:
        """The type of a column of our own."""
        return self._types[kind]

    @property
    def names_type(self) -> str:
        """The type of an array of texts."""
        return f"{self.type('text')}[]"

    @abstractmethod
    def sendable(self, type_: str) -> bool:
        """Whether a column of this type has a JSON form."""

    def stored(self, type_: str) -> str:
        """The type in which values are compared and kept: one whose equality tells every change."""
        return type_

    def as_stored(self, expression: str, type_: str) -> str:
        """A value of a column in the type it is kept in."""
        stored = self.stored(type_)
        return expression if stored == type_ else f"CAST({expression} AS {stored})"

    # Values.

    def same(self, left: str, right: str, type_: str = "") -> str:
        """Equality in which null equals null. `type_`: of both sides; empty: text."""
        return f"({left} IS NOT DISTINCT FROM {right})"

    def text(self, expression: str) -> str:
        """A value as text, as people write it."""
        return f"CAST({expression} AS {self.type('text')})"

    @abstractmethod
    def try_cast(self, expression: str, type_: str, *, old: str) -> str:
        """A cast from the type `old` that gives null where it cannot be done."""

    def digest(self, expression: str) -> str:
        """A short fingerprint of text. MD5 will do: it only tells a record from its next version."""
        return f"md5({expression})"

    def count(self, condition: str) -> str:
        """How many rows fulfil a condition, as an aggregate."""
        return f"count(CASE WHEN {condition} THEN 1 END)"

    def any_of(self, expression: str, type_: str) -> str:
        """Any value of a group but null, as an aggregate, of a membership or an array of names."""
        return f"bool_or({expression})" if type_ == self.type("boolean") else f"max({expression})"

    def listed(self, expression: str) -> str:
        """Texts with commas between them, as an aggregate."""
        return f"string_agg({expression}, ',')"

    # JSON.

    @abstractmethod
    def json_form(self, expression: str, type_: str) -> str:
        """The value as JSON: times in UTC, decimals as numbers, what is not finite marked."""

    @abstractmethod
    def json_object(self, pairs: Sequence[tuple[str, str]]) -> str:
        """A JSON object as text, of names and JSON-valued expressions."""

    @abstractmethod
    def json_array(self, expressions: Sequence[str]) -> str:
        """A JSON array as text of JSON-valued expressions; null elements are left out."""

    @abstractmethod
    def json_texts(self, expressions: Sequence[str]) -> str:
        """A JSON array as text of texts; null elements are left out."""

    # Memberships.

    def membership(self, expression: str) -> str:
        """True or null, of a boolean that may be false."""
        return f"CASE WHEN {expression} THEN true END"

    @abstractmethod
    def names(self, expression: str) -> str:
        """An array of texts as a sorted set without nulls and blanks; null when nothing is left."""

    @abstractmethod
    def as_set(self, expression: str) -> str:
        """An array sorted, without duplicates."""

    @abstractmethod
    def lacking(self, old: str, new: str) -> str:
        """The elements of one array of texts that another does not have; either may be null."""

    @abstractmethod
    def joined(self, left: str, right: str) -> str:
        """The elements of two arrays of texts; either may be null."""

    def exploded(self, array: str, source: str, condition: str) -> str:
        """SELECT of `name`: every element of an array of texts in the rows of a table."""
        return f"SELECT unnest({array}) AS name FROM {source} WHERE {condition}"

    # Time.

    def now(self) -> str:
        """The moment, on the warehouse's clock."""
        return "now()"

    @abstractmethod
    def ago(self, seconds: int) -> str:
        """The moment so many seconds before now."""

    @abstractmethod
    def iso(self, expression: str) -> str:
        """A moment as `YYYY-MM-DDTHH:MM:SSZ`."""

    # Statements.

    def create_schema(self, schema: str) -> str:
        """Make a schema, named as in `Layout.schema`, unless it is there."""
        return f"CREATE SCHEMA IF NOT EXISTS {schema}"

    def rename(self, table: str, name: str) -> str:
        """Give a table another name in its schema."""
        return f"ALTER TABLE {table} RENAME TO {self.quote(name)}"

    def temporary(self, name: str) -> str:
        """What SQL calls a temporary table of this session. `name` is our own and needs no quotes."""
        return name

    def drop_temporary(self, name: str) -> str:
        """Forget a temporary table, if there is one."""
        return f"DROP TABLE IF EXISTS {self.temporary(name)}"

    def create_temporary(self, name: str, select: str, *, numbered: bool = False) -> Sequence[str]:
        """Statements that make a temporary table anew. `numbered`: it is read in ranges of `roo_seq`."""
        return [self.drop_temporary(name), f"CREATE TEMPORARY TABLE {name} AS {select}"]

    def create_table(self, table: str, select: str, *, numbered: bool = False) -> Sequence[str]:
        """Statements that make a table anew, as `create_temporary`."""
        return [f"DROP TABLE IF EXISTS {table}", f"CREATE TABLE {table} AS {select}"]

    def full_join(self, columns: str, new: str, nobody: str | None, old: str, on: str, condition: str) -> str:
        """SELECT of `columns` of a full join that fulfil a condition.

        Args:
            columns: of `c`, the new side, and `s`, the old one.
            new: a SELECT.
            nobody: SELECT of one row with the columns of `new`, all null; None: `new` is to be read once.
            old: a table.
            on: what two rows that belong together fulfil.
            condition: which rows are wanted.
        """
        del nobody
        return f"SELECT {columns} FROM ({new}) c FULL JOIN {old} s ON {on} WHERE {condition}"

    def hashed(self, values: Sequence[tuple[str, str]]) -> str:
        """A number of 64 bits, never null, that differs where values do; empty: not worth its time there.

        Equal values need not have equal ones. `values`: (SQL, type).
        """
        del values
        return ""

    unordered: ClassVar[str] = ""
    """ORDER BY of a window whose order does not matter, where there must be one."""

    def update(
        self, table: str, alias: str, sets: Mapping[str, str], condition: str, *, source: str = ""
    ) -> str:
        """Change rows in place.

        Args:
            table: which.
            alias: what its rows are called in the others.
            sets: values by column, both SQL.
            condition: which rows.
            source: a table or SELECT with its alias, of which one row at most goes with a row.
        """
        values = ", ".join(f"{column} = {value}" for column, value in sets.items())
        found = f" FROM {source}" if source else ""
        return f"UPDATE {table} AS {alias} SET {values}{found} WHERE {condition}"

    def deleted(self, table: str, alias: str) -> tuple[str, str]:
        """A table as DELETE FROM names it, and what its rows are called in the condition."""
        return f"{table} {alias}", alias

    def spread(self, columns: str, source: str, changes: str, condition: str) -> str:
        """SELECT of `roo_seq` and `columns`: a row for every number of the ranges in `source`.

        `changes` is a table that has every number.
        """
        return (
            f"SELECT c.roo_seq, {columns} FROM {changes} c "
            f"JOIN {source} a ON c.roo_seq BETWEEN a.first_seq AND a.last_seq WHERE {condition}"
        )

    def shared(self, rows: str, key_text: str, keys: Sequence[str]) -> str:
        """SELECT of the `identifier`s that several rows share, with the lowest key as text, `roo_key`.

        Args:
            rows: a SELECT with the identifier in a column of that name; called `c` in the others.
            key_text: SQL of the key as text.
            keys: SQL of the key's columns, by whose order the lowest is found.
        """
        twice = (
            f"SELECT identifier FROM ({rows}) d WHERE identifier IS NOT NULL "
            "GROUP BY identifier HAVING count(*) > 1"
        )
        place = f"row_number() OVER (PARTITION BY c.identifier ORDER BY {', '.join(keys)})"
        return (
            "SELECT identifier, roo_key FROM ("
            f"SELECT c.identifier, {key_text} AS roo_key, {place} AS place FROM ({rows}) c "
            f"WHERE c.identifier IN ({twice})) n WHERE place = 1"
        )


def normalised(dialect: Dialect, expression: str, normalisation: Literal["exact", "lower"]) -> str:
    """An identifier as the vendor compares it; blank ones are null."""
    text = f"trim({dialect.text(expression)})"
    if normalisation == "lower":
        text = f"lower({text})"
    blank = f"nullif({text}, '')"
    if normalisation == "exact":
        return f"CASE WHEN {blank} IS NULL THEN NULL ELSE {dialect.text(expression)} END"
    return blank


def identifier_text(
    dialect: Dialect, expressions: Sequence[str], normalisation: Literal["exact", "lower"]
) -> str:
    """An identifier of one or more parts as the vendor compares it; null when a part is missing."""
    parts = [normalised(dialect, expression, normalisation) for expression in expressions]
    if len(parts) == 1:
        return parts[0]
    present = " AND ".join(f"{part} IS NOT NULL" for part in parts)
    return f"CASE WHEN {present} THEN {dialect.json_texts(parts)} END"


def key_text(dialect: Dialect, keys: Sequence[tuple[str, str]]) -> str:
    """The key as people read it: one column as text, several as a JSON array. `keys`: (SQL, type)."""
    if len(keys) == 1:
        return dialect.text(keys[0][0])
    return dialect.json_array([dialect.json_form(sql, type_) for sql, type_ in keys])
