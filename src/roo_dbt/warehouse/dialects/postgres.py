"""Postgres' SQL."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from roo_dbt.records import NOT_FINITE
from roo_dbt.warehouse.dialect import Dialect, Kind

_WHOLE = {"smallint", "integer", "bigint"}
_FLOATS = {"real", "double precision"}
_QUOTED = {"uuid", "time with time zone", "time without time zone"}
_TEXTS = {"text", "character varying", "character", "bpchar", "name", "citext"}
_JSON = {"json", "jsonb"}
_TIMES = {"timestamp with time zone", "timestamp without time zone"}
_DECIMALS = {"numeric", "money"}
_SENDABLE = {"boolean", "date", *_WHOLE, *_FLOATS, *_QUOTED, *_TEXTS, *_JSON, *_TIMES, *_DECIMALS}
_MARK = json.dumps(NOT_FINITE)[:-1]

TRY_CAST = "pg_temp.roo_try_cast"
"""A function that casts text or gives null; `pg_input_is_valid` came with Postgres 16."""

CREATE_TRY_CAST = f"""
CREATE OR REPLACE FUNCTION {TRY_CAST}(value text, example anyelement)
RETURNS anyelement LANGUAGE plpgsql AS $$
DECLARE result example%TYPE;
BEGIN
  result := value;
  RETURN result;
EXCEPTION WHEN OTHERS THEN
  RETURN NULL;
END $$
"""


class PostgresDialect(Dialect):
    """Postgres 13 and later. The session's time zone is UTC, its dates are ISO 8601.

    JSON is put together as text: the type `jsonb` orders the members anew and cannot hold
    the mark of what is not finite, and `json_build_object` takes 50 members at most.
    Types: https://www.postgresql.org/docs/15/datatype.html; functions:
    https://www.postgresql.org/docs/15/functions.html (read 2026-11-22).
    """

    name = "Postgres"
    _types: ClassVar[Mapping[Kind, str]] = {
        "text": "text",
        "integer": "bigint",
        "number": "double precision",
        "boolean": "boolean",
        "time": "timestamp with time zone",
    }

    def sendable(self, type_: str) -> bool:
        """What has one value that people can read: no bytes, intervals, ranges, points or rows."""
        bare = _bare(_element(type_))
        return bare in _SENDABLE or bare.startswith("enum(")

    def stored(self, type_: str) -> str:
        """Texts without the rules of their type, `json` with an equality, money as a number.

        `citext` takes 'Ann' for 'ANN' and `character(5)` overlooks blanks, so neither shows every change.
        An enum of the model's schema would tie the snapshot to it.
        """
        element = _element(type_)
        bare, brackets = _bare(element), type_[len(element) :]
        if bare in _TEXTS or bare.startswith("enum("):
            return f"text{brackets}"
        if bare in _JSON:
            return f"jsonb{brackets}"
        return f"numeric(24,3){brackets}" if bare == "money" else type_

    def try_cast(self, expression: str, type_: str, *, old: str) -> str:
        """By way of text, in a temporary function that the session makes when it is first used."""
        if type_ == "text":
            return self.text(expression)
        return f"{TRY_CAST}({self.text(expression)}, CAST(NULL AS {type_}))"

    def json_form(self, expression: str, type_: str) -> str:
        """Text of JSON, see the class; null stays null."""
        element = _element(type_)
        if element != type_:
            return self._json_array_form(expression, element)
        bare = _bare(type_)
        if bare in _WHOLE or bare in _JSON or bare == "boolean":
            return self.text(expression)
        if bare in _QUOTED:
            return f"'\"' || {self.text(expression)} || '\"'"
        if bare in _FLOATS:
            return self._float_form(expression)
        if bare == "numeric":
            return self._numeric_form(expression, is_whole=_is_whole(type_), has_scale="(" in type_)
        if bare == "date":
            ours = f"{expression} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
            return self._marked(ours, f"'\"' || {self.text(expression)} || '\"'", expression)
        if bare in _TIMES:
            clock = f"{expression} AT TIME ZONE 'UTC'" if bare == "timestamp with time zone" else expression
            ours = f"{clock} >= TIMESTAMP '0001-01-01' AND {clock} < TIMESTAMP '10000-01-01'"
            shown = f"""to_char({clock}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')"""
            return self._marked(ours, f"'\"' || {shown} || '\"'", expression)
        return f"CAST(to_json({expression}) AS text)"

    def _json_array_form(self, array: str, element: str) -> str:
        """`array_to_json` writes most elements as they should be, also in arrays of arrays."""
        bare = _bare(element)
        if bare not in {"numeric", "date", *_FLOATS, *_TIMES}:
            return f"CAST(array_to_json({array}) AS text)"
        form = f"coalesce({self.json_form('e.value', element)}, 'null')"
        elements = (
            f"(SELECT string_agg({form}, ',' ORDER BY e.place) "
            f"FROM unnest({array}) WITH ORDINALITY e(value, place))"
        )
        nested = f"'{_MARK}an array of arrays\"'"
        listed = f"'[' || coalesce({elements}, '') || ']'"
        return f"CASE WHEN array_ndims({array}) > 1 THEN {nested} WHEN {array} IS NOT NULL THEN {listed} END"

    def _float_form(self, expression: str) -> str:
        """7 is written `7.0`, so that a number column never looks like a column of whole numbers."""
        text = self.text(expression)
        shown = f"CASE WHEN {text} ~ '[.e]' THEN {text} ELSE {text} || '.0' END"
        return self._marked(f"{text} NOT IN ('NaN', 'Infinity', '-Infinity')", shown, expression)

    def _numeric_form(self, expression: str, *, is_whole: bool, has_scale: bool) -> str:
        """With a scale as a decimal, without one as the value is. What no double can hold is marked."""
        shown = f"CAST(trim_scale({expression}) AS text)"
        fits = f"{expression} BETWEEN -9223372036854775808 AND 9223372036854775807"
        if is_whole:
            return self._marked(fits, shown, expression)
        if has_scale:
            pointed = f"CASE WHEN strpos({shown}, '.') > 0 THEN {shown} ELSE {shown} || '.0' END"
            return self._marked(f"abs({expression}) < 1e308", pointed, expression)
        ours = f"({fits} OR trunc({expression}) <> {expression} AND abs({expression}) < 1e308)"
        return self._marked(ours, shown, expression)

    def _marked(self, condition: str, shown: str, expression: str) -> str:
        marked = f"'{_MARK}' || {self.text(expression)} || '\"'"
        return f"CASE WHEN {condition} THEN {shown} ELSE {marked} END"

    def json_object(self, pairs: Sequence[tuple[str, str]]) -> str:
        """Concatenated text."""
        parts = []
        for number, (name, form) in enumerate(pairs):
            label = f"{',' if number else '{'}{json.dumps(name, ensure_ascii=False)}:"
            parts += [self.literal(label), f"coalesce({form}, 'null')"]
        return f"({' || '.join([*parts, self.literal('}') if parts else self.literal('{}')])})"

    def json_array(self, expressions: Sequence[str]) -> str:
        """`array_to_string`, which leaves nulls out."""
        inside = ", ".join(f"CAST({expression} AS text)" for expression in expressions)
        return f"('[' || array_to_string(ARRAY[{inside}], ',') || ']')"

    def json_texts(self, expressions: Sequence[str]) -> str:
        """`array_to_json` without the nulls."""
        inside = ", ".join(expressions)
        return f"CAST(array_to_json(array_remove(CAST(ARRAY[{inside}] AS text[]), NULL)) AS text)"

    def names(self, expression: str) -> str:
        """A sorted aggregate, which is null without a row."""
        kept = "e IS NOT NULL AND trim(e) <> ''"
        return (
            f"(SELECT array_agg(DISTINCT e ORDER BY e) FROM unnest(CAST({expression} AS text[])) e "
            f"WHERE {kept})"
        )

    def as_set(self, expression: str) -> str:
        """The same, but an empty array stays one."""
        elements = f"SELECT array_agg(DISTINCT e ORDER BY e) FROM unnest({expression}) e WHERE e IS NOT NULL"
        return f"CASE WHEN {expression} IS NOT NULL THEN coalesce(({elements}), '{{}}') END"

    def lacking(self, old: str, new: str) -> str:
        """A subquery over the elements."""
        return f"ARRAY(SELECT e FROM unnest({old}) e WHERE NOT e = ANY(coalesce({new}, '{{}}')))"

    def joined(self, left: str, right: str) -> str:
        """`||`."""
        return f"(coalesce({left}, '{{}}') || coalesce({right}, '{{}}'))"

    def ago(self, seconds: int) -> str:
        """An interval of seconds."""
        return f"now() - INTERVAL '{seconds} seconds'"

    def iso(self, expression: str) -> str:
        """`to_char`."""
        return f"""to_char({expression} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""

    def create_schema(self, schema: str) -> str:
        """`IF NOT EXISTS` would ask for the right to create it although it is there."""
        found = f"to_regnamespace({self.literal(schema)}) IS NULL"
        return f"DO $roo$ BEGIN IF {found} THEN CREATE SCHEMA {schema}; END IF; END $roo$"

    def temporary(self, name: str) -> str:
        """The session's own schema."""
        return f"pg_temp.{name}"

    def create_temporary(self, name: str, select: str, *, numbered: bool = False) -> Sequence[str]:
        """With statistics, which nobody else gathers for a temporary table."""
        return [
            self.drop_temporary(name),
            f"CREATE TEMPORARY TABLE {name} AS {select}",
            *self._indexed(self.temporary(name), numbered=numbered),
        ]

    def create_table(self, table: str, select: str, *, numbered: bool = False) -> Sequence[str]:
        """With statistics: the next statements come before autovacuum does."""
        return [
            f"DROP TABLE IF EXISTS {table}",
            f"CREATE TABLE {table} AS {select}",
            *self._indexed(table, numbered=numbered),
        ]

    def _indexed(self, table: str, *, numbered: bool) -> list[str]:
        # One column will do where it is the only one that is searched: the number of rows comes with it.
        index = [f"CREATE UNIQUE INDEX ON {table} (roo_seq)"] if numbered else []
        return [*index, f"ANALYZE {table}{' (roo_seq)' if numbered else ''}"]

    def full_join(self, columns: str, new: str, nobody: str | None, old: str, on: str, condition: str) -> str:
        """In two halves, who is new or there and who left, because several processes can work on each.

        Before version 16 one alone does a full join: https://www.postgresql.org/docs/release/16.0/
        (read 2026-11-22).
        """
        if nobody is None:
            return super().full_join(columns, new, nobody, old, on, condition)
        there = f"SELECT {columns} FROM ({new}) c LEFT JOIN {old} s ON {on} WHERE {condition}"
        gone = f"NOT EXISTS (SELECT 1 FROM ({new}) c WHERE {on})"
        left = f"SELECT {columns} FROM {old} s CROSS JOIN ({nobody}) c WHERE {gone} AND ({condition})"
        return f"{there} UNION ALL {left}"

    def spread(self, columns: str, source: str, changes: str, condition: str) -> str:
        """`generate_series`, which needs no join."""
        numbers = "generate_series(first_seq, last_seq) AS roo_seq"
        return f"SELECT {numbers}, {columns} FROM {source} WHERE {condition}"


def _element(type_: str) -> str:
    """The type of an array's elements, however many brackets follow it; of anything else the type itself."""
    return re.sub(r"(\[\])+$", "", type_)


def _bare(type_: str) -> str:
    """A type without its length or precision: `timestamp(3) with time zone` has it in the middle."""
    return re.sub(r"\s*\([\d,-]*\)", "", type_)


def _is_whole(numeric: str) -> bool:
    """A scale of 0, or one that rounds to tens and hundreds."""
    return re.search(r",(0|-\d+)\)$", numeric) is not None
