"""DuckDB's SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from roo_dbt.records import NOT_FINITE
from roo_dbt.warehouse.dialect import Dialect, Kind

# BIGNUM: DuckDB 2.0 ends the whole database when one does not fit a cast to another type.
_NESTED = ("LIST", "MAP", "STRUCT", "JSON")
_HALVED = ("HUGEINT", "UHUGEINT", "UUID")
_HALVED_DIGITS = 18
"""Decimals of more digits are kept in 128 bits."""
_REFUSED = ("BLOB", "BIT", "INTERVAL", "UNION", "GEOMETRY", "VARIANT", "LAMBDA", "POINTER", "BIGNUM")
_WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
_HUGE = {"HUGEINT", "UHUGEINT"}
_ISO = "'%Y-%m-%dT%H:%M:%S.%gZ'"


class DuckDBDialect(Dialect):
    """DuckDB 1.4 and later. The session's time zone is UTC.

    Functions and types: https://duckdb.org/docs/stable/sql/introduction (read 2026-11-22).
    """

    name = "DuckDB"
    _types: ClassVar[Mapping[Kind, str]] = {
        "text": "VARCHAR",
        "integer": "BIGINT",
        "number": "DOUBLE",
        "boolean": "BOOLEAN",
        "time": "TIMESTAMPTZ",
    }

    def try_cast(self, expression: str, type_: str, *, old: str) -> str:
        """`TRY_CAST`."""
        return f"TRY_CAST({expression} AS {type_})"

    def sendable(self, type_: str) -> bool:
        """Everything but binary, intervals, unions, geometry and BIGNUM, at any depth."""
        outer = _outer(type_)
        if outer == "LIST":
            return self.sendable(_element(type_))
        if outer == "MAP":
            return all(self.sendable(part) for part in _split(type_))
        if outer == "STRUCT":
            return all(self.sendable(inner) for _, inner in _members(type_))
        return outer not in _REFUSED

    def json_form(self, expression: str, type_: str) -> str:
        """Follows the type into lists and structs; see `Dialect.json_form`."""
        outer = _outer(type_)
        if outer == "JSON":
            return f"CAST({expression} AS JSON)"
        if outer == "LIST":
            inner = self.json_form("e", _element(type_))
            return f"to_json(list_transform({expression}, lambda e: {inner}))"
        if outer == "MAP":
            _, value = _split(type_)
            entry = f"{{'key': {self.text('e.key')}, 'value': {self.json_form('e.value', value)}}}"
            return f"to_json(map_from_entries(list_transform(map_entries({expression}), lambda e: {entry})))"
        if outer == "STRUCT":
            pairs = [
                (name, self.json_form(f"({expression}).{self.quote(name)}", inner))
                for name, inner in _members(type_)
            ]
            return f"CASE WHEN {expression} IS NOT NULL THEN {self._object(pairs)} END"
        if outer == "DECIMAL" and _split(type_)[1] == "0":
            return self._scalar(expression, "HUGEINT")
        return self._scalar(expression, outer)

    def _scalar(self, expression: str, outer: str) -> str:
        # Through text: FLOAT 0.1 stays 0.1, and equal numbers look the same whatever their scale.
        shortest = f"to_json(CAST(CAST({expression} AS VARCHAR) AS DOUBLE))"
        if outer in ("FLOAT", "DOUBLE"):
            marked = f"to_json('{_MARK}' || CAST({expression} AS VARCHAR))"
            number = shortest if outer == "FLOAT" else f"to_json({expression})"
            return f"CASE WHEN isfinite({expression}) THEN {number} ELSE {marked} END"
        if outer in _HUGE:
            marked = f"to_json('{_MARK}' || CAST({expression} AS VARCHAR))"
            number = f"to_json(TRY_CAST({expression} AS BIGINT))"
            return f"CASE WHEN TRY_CAST({expression} AS BIGINT) IS NOT NULL THEN {number} ELSE {marked} END"
        if outer == "DATE":
            return self._time(expression, "'%Y-%m-%d'", expression)
        if outer.startswith("TIMESTAMP"):
            # Session time zone is UTC, so the cast of a zoned time says what its clock in UTC shows.
            return self._time(f"CAST({expression} AS TIMESTAMP)", _ISO, expression)
        if outer in ("BOOLEAN", "VARCHAR", *_WHOLE):
            return f"to_json({expression})"
        if outer == "DECIMAL":
            return shortest
        return f"to_json(CAST({expression} AS VARCHAR))"

    def _time(self, expression: str, form: str, original: str) -> str:
        marked = f"to_json('{_MARK}' || CAST({original} AS VARCHAR))"
        return (
            f"CASE WHEN isfinite({expression}) THEN to_json(strftime({expression}, {form})) ELSE {marked} END"
        )

    def json_object(self, pairs: Sequence[tuple[str, str]]) -> str:
        """`json_object`, which keeps nulls."""
        return self.text(self._object(pairs))

    def _object(self, pairs: Sequence[tuple[str, str]]) -> str:
        inside = ", ".join(f"{self.literal(name)}, {expression}" for name, expression in pairs)
        return f"json_object({inside})"

    def json_array(self, expressions: Sequence[str]) -> str:
        """`to_json` of a list without its nulls."""
        inside = ", ".join(expressions)
        return self.text(f"to_json(list_filter([{inside}], lambda e: e IS NOT NULL))")

    def json_texts(self, expressions: Sequence[str]) -> str:
        """The same: `to_json` sees what the elements are."""
        return self.json_array(expressions)

    def names(self, expression: str) -> str:
        """List functions; `nullif` compares lists by value."""
        filled = f"list_filter(CAST({expression} AS VARCHAR[]), lambda e: e IS NOT NULL AND trim(e) <> '')"
        return f"nullif(list_sort(list_distinct({filled})), CAST([] AS VARCHAR[]))"

    def as_set(self, expression: str) -> str:
        """`list_distinct` drops nulls, too, as the vendors do."""
        return f"list_sort(list_distinct({expression}))"

    def lacking(self, old: str, new: str) -> str:
        """A filtered list."""
        return f"list_filter({old}, lambda e: NOT list_contains(coalesce({new}, []), e))"

    def joined(self, left: str, right: str) -> str:
        """`list_concat`."""
        return f"list_concat(coalesce({left}, []), coalesce({right}, []))"

    def ago(self, seconds: int) -> str:
        """An interval of seconds."""
        return f"now() - INTERVAL {seconds} SECOND"

    def iso(self, expression: str) -> str:
        """`strftime`; the session's time zone is UTC."""
        return f"strftime({expression}, '%Y-%m-%dT%H:%M:%SZ')"

    def temporary(self, name: str) -> str:
        """Temporary tables are in a catalogue of their own."""
        return f"temp.{name}"

    def create_temporary(self, name: str, select: str, *, numbered: bool = False) -> Sequence[str]:
        """One statement; blocks of rows know their smallest and largest number, so no index is needed."""
        return [f"CREATE OR REPLACE TEMP TABLE {name} AS {select}"]

    def create_table(self, table: str, select: str, *, numbered: bool = False) -> Sequence[str]:
        """One statement, as for temporary tables."""
        return [f"CREATE OR REPLACE TABLE {table} AS {select}"]

    def spread(self, columns: str, source: str, changes: str, condition: str) -> str:
        """`range`, which needs no join."""
        numbers = "unnest(range(first_seq, last_seq + 1)) AS roo_seq"
        return f"SELECT {numbers}, {columns} FROM {source} WHERE {condition}"

    def hashed(self, values: Sequence[tuple[str, str]]) -> str:
        """`hash`; of what it takes for equal though it differs, the hash of its text or JSON.

        Of 128 bits it mixes the halves, so that 0 is -1 (seen in DuckDB 2.0.0 on 2026-11-22), and a nested
        null is one without members. https://duckdb.org/docs/stable/sql/functions/utility (read 2026-11-22)
        """
        return f"hash({', '.join(self._told_apart(sql, type_) for sql, type_ in values)})"

    def _told_apart(self, sql: str, type_: str) -> str:
        outer = _outer(type_)
        if outer in _NESTED:
            return self.text(f"to_json({sql})")
        is_wide = outer in _HALVED or (outer == "DECIMAL" and int(_split(type_)[0]) > _HALVED_DIGITS)
        return self.text(sql) if is_wide else sql

    def shared(self, rows: str, key_text: str, keys: Sequence[str]) -> str:
        """`arg_min`: one pass without sorting."""
        return (
            f"SELECT identifier, arg_min({key_text}, row({', '.join(keys)})) AS roo_key FROM ({rows}) c "
            "WHERE identifier IS NOT NULL GROUP BY identifier HAVING count(*) > 1"
        )


# The mark starts with a NUL, which SQL text cannot hold: DuckDB gets it as chr(0) through JSON's escape.
_MARK = NOT_FINITE.replace("\x00", "' || chr(0) || '")


def _outer(type_: str) -> str:
    upper = type_.upper().strip()
    if upper.endswith("]"):
        return "LIST"
    return re.split(r"[(\s]", upper, maxsplit=1)[0] if not upper.startswith("TIMESTAMP") else "TIMESTAMP"


def _element(type_: str) -> str:
    return type_[: type_.rindex("[")]


def _members(type_: str) -> list[tuple[str, str]]:
    """The names and types of a STRUCT: `STRUCT("a b" INTEGER, c STRUCT(d DATE)[])`."""
    return [_member(part) for part in _split(type_)]


def _split(type_: str) -> list[str]:
    """What stands between the parentheses of a type, cut at its outermost commas."""
    inside = type_[type_.index("(") + 1 : type_.rindex(")")]
    parts, depth, start = [], 0, 0
    for token in re.finditer(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'|[(),]', inside):
        if token[0] == "(":
            depth += 1
        elif token[0] == ")":
            depth -= 1
        elif token[0] == "," and depth == 0:
            parts.append(inside[start : token.start()])
            start = token.end()
    parts.append(inside[start:])
    return [part.strip() for part in parts]


def _member(part: str) -> tuple[str, str]:
    if part.startswith('"'):
        end = re.match(r'"((?:[^"]|"")*)"', part)
        if end is not None:
            return end.group(1).replace('""', '"'), part[end.end() :].strip()
    name, _, type_ = part.partition(" ")
    return name, type_.strip()
