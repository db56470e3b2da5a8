"""Databricks' SQL: Spark's, on Delta tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from roo_dbt.warehouse.dialect import Kind
from roo_dbt.warehouse.dialects.concatenated import ConcatenatedJson

_WHOLE = {"tinyint", "smallint", "int", "bigint"}
_FLOATS = {"float", "double"}
_TEXTS = {"string", "varchar", "char"}
_TIMES = {"timestamp", "timestamp_ntz"}
_NESTED = ("array", "struct", "map", "variant")
_SENDABLE = {"boolean", "decimal", "date", *_WHOLE, *_FLOATS, *_TEXTS, *_TIMES, *_NESTED}
_REFUSED = re.compile(r"\b(binary|interval|void|geography|geometry|object)\b")
_ZEROS = "[.]{0,1}0+$"
"""The end of a decimal that says nothing: 1.50 is 1.5, 7.00 is 7."""
_NO_TEXTS = "CAST(array() AS array<string>)"


class DatabricksDialect(ConcatenatedJson):
    """Databricks, SQL warehouses and runtimes with temporary tables. The session's time zone is UTC.

    Statements and functions: https://docs.databricks.com/aws/en/sql/language-manual (read 2026-11-22).
    A statement on a Delta table is atomic, and there is no transaction over several.
    """

    name = "Databricks"
    replays = True
    unordered = "ORDER BY 1"
    _types: ClassVar[Mapping[Kind, str]] = {
        "text": "string",
        "integer": "bigint",
        "number": "double",
        "boolean": "boolean",
        "time": "timestamp",
    }

    def quote(self, name: str) -> str:
        """In backticks, doubled inside."""
        return "`" + name.replace("`", "``") + "`"

    @property
    def names_type(self) -> str:
        """An array of texts."""
        return "array<string>"

    def sendable(self, type_: str) -> bool:
        """No bytes, intervals and shapes, at any depth."""
        inside = re.sub(r"(?<=[<,])\s*(`[^`]*`|\w+)\s*:", "", type_)
        return _bare(type_) in _SENDABLE and _REFUSED.search(inside) is None

    def stored(self, type_: str) -> str:
        """Texts without length and collation."""
        return "string" if _bare(type_) in _TEXTS else type_

    def as_stored(self, expression: str, type_: str) -> str:
        """A collation can take 'Ann' for 'ANN'; without it every change shows."""
        if " collate " in type_.lower():
            return f"({expression} COLLATE UTF8_BINARY)"
        return super().as_stored(expression, type_)

    def same(self, left: str, right: str, type_: str = "") -> str:
        """`<=>`; what is nested is compared as JSON, since a map has no equality.

        https://docs.databricks.com/aws/en/sql/language-manual/functions/lteqgtsign (read 2026-11-22)
        """
        if _bare(type_) in _NESTED:
            left, right = _json(left), _json(right)
        return f"({left} <=> {right})"

    def try_cast(self, expression: str, type_: str, *, old: str) -> str:
        """`try_cast` by way of text; between what is nested and the rest nothing is cast."""
        if old == type_:
            return expression
        if _bare(old) in _NESTED or _bare(type_) in _NESTED:
            return f"CAST(NULL AS {type_})"
        return f"try_cast({self.text(expression)} AS {type_})"

    def listed(self, expression: str) -> str:
        """A list that is joined."""
        return f"array_join(collect_list({expression}), ',')"

    def json_text(self, expression: str) -> str:
        """An array of one text without its brackets: `to_json` takes no text alone."""
        alone = f"to_json(array({expression}))"
        return f"CASE WHEN {expression} IS NOT NULL THEN substring({alone}, 2, length({alone}) - 2) END"

    def json_form(self, expression: str, type_: str) -> str:
        """Text of JSON; null stays null."""
        bare = _bare(type_)
        text = self.text(expression)
        if bare in _WHOLE or bare == "boolean":
            return text
        if bare in _FLOATS:
            finite = f"NOT (isnan({expression}) OR abs({expression}) = CAST('Infinity' AS double))"
            return self.unless(finite, self.pointed(text), expression)
        if bare == "decimal":
            return self._decimal(expression, type_)
        if bare == "date":
            ours = f"{expression} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
            return self.unless(ours, self.quoted(text), expression)
        if bare in _TIMES:
            moment = self.literal("yyyy-MM-dd'T'HH:mm:ss.SSS'Z'")
            ours = f"year({expression}) BETWEEN 1 AND 9999"
            return self.unless(ours, self.quoted(f"date_format({expression}, {moment})"), expression)
        return _json(expression) if bare in _NESTED else self.json_text(expression)

    def _decimal(self, expression: str, type_: str) -> str:
        text = self.text(expression)
        if "," not in type_ or type_.replace(" ", "").endswith(",0)"):
            fits = f"{expression} BETWEEN -9223372036854775808 AND 9223372036854775807"
            return self.unless(fits, text, expression)
        return self.pointed(f"regexp_replace({text}, {self.literal(_ZEROS)}, '')")

    def names(self, expression: str) -> str:
        """A sorted set of texts."""
        filled = f"filter(CAST({expression} AS array<string>), e -> trim(e) <> '')"
        kept = f"array_sort(array_distinct({filled}))"
        return f"CASE WHEN size({kept}) > 0 THEN {kept} END"

    def as_set(self, expression: str) -> str:
        """Sorted, without duplicates and nulls."""
        return f"array_sort(array_distinct(filter({expression}, e -> e IS NOT NULL)))"

    def lacking(self, old: str, new: str) -> str:
        """`array_except`."""
        return f"array_except({old}, coalesce({new}, {_NO_TEXTS}))"

    def joined(self, left: str, right: str) -> str:
        """`concat`."""
        return f"concat(coalesce({left}, {_NO_TEXTS}), coalesce({right}, {_NO_TEXTS}))"

    def exploded(self, array: str, source: str, condition: str) -> str:
        """`explode`."""
        return f"SELECT explode({array}) AS name FROM {source} WHERE {condition}"

    def now(self) -> str:
        """A moment."""
        return "current_timestamp()"

    def ago(self, seconds: int) -> str:
        """An interval of seconds."""
        return f"current_timestamp() - INTERVAL {seconds} SECONDS"

    def iso(self, expression: str) -> str:
        """`date_format`; the session's time zone is UTC."""
        pattern = self.literal("yyyy-MM-dd'T'HH:mm:ss'Z'")
        return f"date_format({expression}, {pattern})"

    def rename(self, table: str, name: str) -> str:
        """With catalogue and schema in front."""
        return f"ALTER TABLE {table} RENAME TO {table.rpartition('.')[0]}.{self.quote(name)}"

    def temporary(self, name: str) -> str:
        """A name alone, that no table of dbt has: a temporary table is found before others.

        https://docs.databricks.com/aws/en/tables/temporary-tables (read 2026-11-22)
        """
        return f"roo_temporary__{name.removeprefix('roo_')}"

    def create_temporary(self, name: str, select: str, *, numbered: bool = False) -> Sequence[str]:
        """Dropped first: CREATE OR REPLACE came later than the tables."""
        return [self.drop_temporary(name), f"CREATE TEMPORARY TABLE {self.temporary(name)} AS {select}"]

    def create_table(self, table: str, select: str, *, numbered: bool = False) -> Sequence[str]:
        """One atomic statement.

        https://docs.databricks.com/aws/en/sql/language-manual/sql-ref-syntax-ddl-create-table-using
        (read 2026-11-22)
        """
        return [f"CREATE OR REPLACE TABLE {table} AS {select}"]

    def update(
        self, table: str, alias: str, sets: Mapping[str, str], condition: str, *, source: str = ""
    ) -> str:
        """UPDATE has no FROM: values of another table come by MERGE.

        https://docs.databricks.com/aws/en/sql/language-manual/delta-update (read 2026-11-22)
        """
        if not source:
            return super().update(table, alias, sets, condition)
        values = ", ".join(f"{alias}.{column} = {value}" for column, value in sets.items())
        return (
            f"MERGE INTO {table} AS {alias} USING {source} ON {condition} "
            f"WHEN MATCHED THEN UPDATE SET {values}"
        )

    def spread(self, columns: str, source: str, changes: str, condition: str) -> str:
        """`sequence`, which needs no join."""
        numbers = "explode(sequence(first_seq, last_seq)) AS roo_seq"
        return f"SELECT {numbers}, {columns} FROM {source} WHERE {condition}"


def _json(expression: str) -> str:
    return f"to_json({expression}, map('ignoreNullFields', 'false'))"


def _bare(type_: str) -> str:
    """A type without its length, precision or what is inside."""
    return re.split(r"[(<\s]", type_.lower(), maxsplit=1)[0]
