"""BigQuery's SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from roo_dbt.warehouse.dialect import Kind
from roo_dbt.warehouse.dialects.concatenated import ConcatenatedJson

_DECIMALS = {"NUMERIC", "BIGNUMERIC"}
_PLAIN = {"INT64", "FLOAT64", "BOOL", "STRING", "DATE", "TIME", "DATETIME", "TIMESTAMP", "JSON", *_DECIMALS}
_REFUSED = re.compile(r"\b(BYTES|GEOGRAPHY|INTERVAL|RANGE)\b")
_MOMENT = "'%Y-%m-%dT%H:%M:%E3SZ'"


class BigQueryDialect(ConcatenatedJson):
    """BigQuery, GoogleSQL.

    Statements and functions: https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax
    (read 2026-11-22). Arrays and structs have no equality, and a table turns an array that is null into an
    empty one, so both are kept as JSON. A transaction takes no CREATE or DROP of a table that stays
    (https://cloud.google.com/bigquery/docs/transactions).
    """

    name = "BigQuery"
    replays = True
    _types: ClassVar[Mapping[Kind, str]] = {
        "text": "STRING",
        "integer": "INT64",
        "number": "FLOAT64",
        "boolean": "BOOL",
        "time": "TIMESTAMP",
    }

    def quote(self, name: str) -> str:
        """In backticks, which a backslash escapes."""
        return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"

    @property
    def names_type(self) -> str:
        """JSON, which can be null."""
        return "JSON"

    def sendable(self, type_: str) -> bool:
        """No bytes, shapes, intervals and ranges, at any depth."""
        if _is_nested(type_):
            return _REFUSED.search(_without_names(type_)) is None
        return _bare(type_) in _PLAIN

    def stored(self, type_: str) -> str:
        """Texts without their length, what is nested as JSON."""
        return "JSON" if _is_nested(type_) else _bare(type_) if _bare(type_) == "STRING" else type_

    def as_stored(self, expression: str, type_: str) -> str:
        """`TO_JSON` of what is nested."""
        if _is_nested(type_):
            return f"IF({expression} IS NULL, NULL, TO_JSON({expression}))"
        return super().as_stored(expression, type_)

    def same(self, left: str, right: str, type_: str = "") -> str:
        """JSON has no equality; its text has, and the text of null is `null`."""
        if type_ == "JSON":
            return f"(TO_JSON_STRING({left}) = TO_JSON_STRING({right}))"
        return super().same(left, right)

    def try_cast(self, expression: str, type_: str, *, old: str) -> str:
        """`SAFE_CAST` by way of text, which every type can be made of; of JSON nothing is made.

        https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_functions (read 2026-11-22)
        """
        if old == type_:
            return expression
        if "JSON" in (old, type_):
            return f"CAST(NULL AS {type_})"
        return f"SAFE_CAST({self.text(expression)} AS {type_})"

    def digest(self, expression: str) -> str:
        """MD5 gives bytes here."""
        return f"TO_HEX(MD5({expression}))"

    def any_of(self, expression: str, type_: str) -> str:
        """JSON has no largest value; its text has."""
        if type_ == "JSON":
            shown = f"IF({expression} IS NULL, NULL, TO_JSON_STRING({expression}))"
            return f"PARSE_JSON(MAX({shown}))"
        return f"LOGICAL_OR({expression})"

    def json_text(self, expression: str) -> str:
        """`TO_JSON_STRING` would make the text `null` of null."""
        return f"IF({expression} IS NULL, NULL, TO_JSON_STRING({expression}))"

    def json_form(self, expression: str, type_: str) -> str:
        """Text of JSON; null stays null, but for JSON, where it is the same."""
        bare = _bare(type_)
        text = self.text(expression)
        if bare == "JSON":
            return f"TO_JSON_STRING({expression})"
        if bare in ("INT64", "BOOL"):
            return text
        if bare == "FLOAT64":
            finite = f"NOT (IS_NAN({expression}) OR IS_INF({expression}))"
            return self.unless(finite, self.pointed(text), expression)
        if bare in _DECIMALS:
            return self._decimal(expression, type_)
        if bare == "TIMESTAMP":
            return self.quoted(f"FORMAT_TIMESTAMP({_MOMENT}, {expression}, 'UTC')")
        if bare == "DATETIME":
            return self.quoted(f"FORMAT_DATETIME({_MOMENT}, {expression})")
        return self.json_text(expression) if bare == "STRING" else self.quoted(text)

    def _decimal(self, expression: str, type_: str) -> str:
        text = self.text(expression)
        if re.search(r"\(\d+(, ?0)?\)$", type_):
            fits = f"{expression} BETWEEN -9223372036854775808 AND 9223372036854775807"
            return self.unless(fits, text, expression)
        return self.pointed(text)

    def names(self, expression: str) -> str:
        """JSON of a sorted set; the aggregate of no row would be JSON's null, which is none of SQL."""
        texts = f"SELECT CAST(e AS STRING) AS t FROM UNNEST({expression}) AS e"
        listed = "IF(COUNT(*) = 0, NULL, TO_JSON(ARRAY_AGG(DISTINCT t ORDER BY t)))"
        return f"(SELECT {listed} FROM ({texts}) AS s WHERE TRIM(t) <> '')"

    def as_set(self, expression: str) -> str:
        """Elements as text of JSON, sorted, without duplicates and nulls."""
        elements = f"SELECT TO_JSON_STRING(v) AS t FROM UNNEST(JSON_QUERY_ARRAY({expression})) AS v"
        listed = "PARSE_JSON('[' || IFNULL(STRING_AGG(DISTINCT t, ',' ORDER BY t), '') || ']')"
        return f"IF({expression} IS NULL, NULL, (SELECT {listed} FROM ({elements}) AS s WHERE t <> 'null'))"

    def lacking(self, old: str, new: str) -> str:
        """An array of texts."""
        kept = f"IFNULL(JSON_VALUE_ARRAY({new}), [])"
        return f"ARRAY(SELECT e FROM UNNEST(JSON_VALUE_ARRAY({old})) AS e WHERE e NOT IN UNNEST({kept}))"

    def joined(self, left: str, right: str) -> str:
        """An array of texts."""
        return f"ARRAY_CONCAT({', '.join(f'IFNULL(JSON_VALUE_ARRAY({side}), [])' for side in (left, right))})"

    def exploded(self, array: str, source: str, condition: str) -> str:
        """`UNNEST`, which stands beside a table as if it were one."""
        rows = f"SELECT {array} AS names FROM {source} WHERE {condition}"
        return f"SELECT name FROM ({rows}) AS r, UNNEST(r.names) AS name"

    def now(self) -> str:
        """A moment."""
        return "CURRENT_TIMESTAMP()"

    def ago(self, seconds: int) -> str:
        """`TIMESTAMP_SUB`."""
        return f"TIMESTAMP_SUB(CURRENT_TIMESTAMP(), INTERVAL {seconds} SECOND)"

    def iso(self, expression: str) -> str:
        """`FORMAT_TIMESTAMP`."""
        return f"FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%SZ', {expression}, 'UTC')"

    def create_temporary(self, name: str, select: str, *, numbered: bool = False) -> Sequence[str]:
        """Of the session: https://cloud.google.com/bigquery/docs/sessions (read 2026-11-22)."""
        return [f"CREATE OR REPLACE TEMP TABLE {self.temporary(name)} AS {select}"]

    def create_table(self, table: str, select: str, *, numbered: bool = False) -> Sequence[str]:
        """In clusters by number, so that a page costs its own blocks and not the table.

        https://cloud.google.com/bigquery/docs/clustered-tables (read 2026-11-22)
        """
        return [f"CREATE OR REPLACE TABLE {table}{' CLUSTER BY roo_seq' if numbered else ''} AS {select}"]

    def spread(self, columns: str, source: str, changes: str, condition: str) -> str:
        """`GENERATE_ARRAY`, which needs no join."""
        numbers = "UNNEST(GENERATE_ARRAY(first_seq, last_seq)) AS roo_seq"
        return f"SELECT roo_seq, {columns} FROM {source}, {numbers} WHERE {condition}"


def _is_nested(type_: str) -> bool:
    return type_.startswith(("ARRAY<", "STRUCT<"))


def _bare(type_: str) -> str:
    """A type without its length or precision."""
    return type_.partition("(")[0].strip()


def _without_names(type_: str) -> str:
    """A nested type whose members have no names, which could look like types."""
    return re.sub(r"([<,]\s*)(`[^`]*`|\w+)\s+(?=\w)", r"\1", type_)
