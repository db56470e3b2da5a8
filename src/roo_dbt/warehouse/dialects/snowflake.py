"""Snowflake's SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from roo_dbt.warehouse.dialect import Kind
from roo_dbt.warehouse.dialects.concatenated import ConcatenatedJson

_TEXTS = {"VARCHAR", "CHAR", "CHARACTER", "STRING", "TEXT"}
_FLOATS = {"FLOAT", "DOUBLE", "REAL"}
_TIMES = {"TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ"}
_NESTED = {"VARIANT", "OBJECT", "ARRAY", "MAP"}
_NUMBERS = {"NUMBER", "DECIMAL", "NUMERIC", "INT", "INTEGER", "BIGINT"}
"""All are NUMBER, and so the catalogue says."""
_SENDABLE = {"BOOLEAN", "DATE", "TIME", *_NUMBERS, *_TEXTS, *_FLOATS, *_TIMES, *_NESTED}
_ZEROS = "[.]{0,1}0+$"
"""The end of a decimal that says nothing: 1.50 is 1.5, 7.00 is 7."""

_MOMENT = """'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"'"""
_SECOND = """'YYYY-MM-DD"T"HH24:MI:SS"Z"'"""


class SnowflakeDialect(ConcatenatedJson):
    """Snowflake. The session's time zone is UTC.

    Statements and functions: https://docs.snowflake.com/en/sql-reference (read 2026-11-22). A CREATE or DROP
    commits the transaction around it (https://docs.snowflake.com/en/sql-reference/transactions).
    """

    name = "Snowflake"
    replays = True
    unordered = "ORDER BY 1"
    _types: ClassVar[Mapping[Kind, str]] = {
        "text": "VARCHAR",
        "integer": "NUMBER(38,0)",
        "number": "FLOAT",
        "boolean": "BOOLEAN",
        "time": "TIMESTAMP_NTZ(9)",
    }

    @property
    def names_type(self) -> str:
        """An array of anything."""
        return "ARRAY"

    def sendable(self, type_: str) -> bool:
        """No bytes, shapes, vectors and files."""
        return _bare(type_) in _SENDABLE

    def stored(self, type_: str) -> str:
        """Texts at full width and without collation; what is nested without the types inside."""
        bare = _bare(type_)
        if bare in _TEXTS:
            return "VARCHAR"
        if bare == "MAP":
            return "OBJECT"
        return bare if bare in _NESTED else type_

    def as_stored(self, expression: str, type_: str) -> str:
        """A collation can take 'Ann' for 'ANN'; without it every change shows."""
        if _bare(type_) in _TEXTS:
            return f"COLLATE({expression}, '')" if "COLLATE" in type_ else expression
        return super().as_stored(expression, type_)

    def same(self, left: str, right: str, type_: str = "") -> str:
        """What is nested is compared as JSON."""
        if type_ in _NESTED:
            left, right = f"TO_JSON({left})", f"TO_JSON({right})"
        return super().same(left, right)

    def try_cast(self, expression: str, type_: str, *, old: str) -> str:
        """`TRY_CAST` takes texts alone; between what is nested and the rest nothing is cast.

        https://docs.snowflake.com/en/sql-reference/functions/try_cast (read 2026-11-22)
        """
        if old == type_:
            return expression
        if _NESTED & {old, type_}:
            return f"CAST(NULL AS {type_})"
        text = self.text(expression)
        return text if type_ == "VARCHAR" else f"TRY_CAST({text} AS {type_})"

    def any_of(self, expression: str, type_: str) -> str:
        """Arrays have no largest one; their text has."""
        if type_ == "ARRAY":
            return f"CAST(PARSE_JSON(MAX(TO_JSON({expression}))) AS ARRAY)"
        return f"BOOLOR_AGG({expression})"

    def listed(self, expression: str) -> str:
        """`LISTAGG`."""
        return f"LISTAGG({expression}, ',')"

    def json_text(self, expression: str) -> str:
        """A scalar of VARIANT, which is written as JSON."""
        return f"TO_JSON(TO_VARIANT({expression}))"

    def json_form(self, expression: str, type_: str) -> str:
        """Text of JSON; null stays null."""
        bare = _bare(type_)
        if bare in _NESTED:
            return f"TO_JSON({expression})"
        if bare in _FLOATS:
            finite = f"{expression} NOT IN ({', '.join(_float(name) for name in ('NaN', 'inf', '-inf'))})"
            return self.unless(finite, self.pointed(self.json_text(expression)), expression)
        if bare in _NUMBERS:
            return self._number(expression, type_)
        if bare == "BOOLEAN":
            return self.text(expression)
        if bare == "TIME":
            return self.quoted(self.text(expression))
        if bare == "DATE":
            ours = f"{expression} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
            return self.unless(ours, self.quoted(f"TO_VARCHAR({expression}, 'YYYY-MM-DD')"), expression)
        if bare in _TIMES:
            return self.quoted(f"TO_VARCHAR({_in_utc(expression, bare)}, {_MOMENT})")
        return self.json_text(expression)

    def _number(self, expression: str, type_: str) -> str:
        text = self.text(expression)
        if "," not in type_ or type_.endswith(",0)"):
            fits = f"{expression} BETWEEN -9223372036854775808 AND 9223372036854775807"
            return self.unless(fits, text, expression)
        return self.pointed(f"REGEXP_REPLACE({text}, {self.literal(_ZEROS)}, '')")

    def names(self, expression: str) -> str:
        """A sorted set of texts; JSON's null is none when it is cast."""
        filled = f"FILTER({expression}, e -> TRIM(CAST(e AS VARCHAR)) <> '')"
        kept = f"ARRAY_SORT(ARRAY_DISTINCT({filled}))"
        return f"CASE WHEN ARRAY_SIZE({kept}) > 0 THEN {kept} END"

    def as_set(self, expression: str) -> str:
        """Sorted, without duplicates and nulls."""
        return f"ARRAY_SORT(ARRAY_DISTINCT(ARRAY_COMPACT({expression})))"

    def lacking(self, old: str, new: str) -> str:
        """`ARRAY_EXCEPT` of sets."""
        return f"ARRAY_EXCEPT({old}, COALESCE({new}, ARRAY_CONSTRUCT()))"

    def joined(self, left: str, right: str) -> str:
        """`ARRAY_CAT`."""
        return f"ARRAY_CAT(COALESCE({left}, ARRAY_CONSTRUCT()), COALESCE({right}, ARRAY_CONSTRUCT()))"

    def exploded(self, array: str, source: str, condition: str) -> str:
        """`FLATTEN`."""
        rows = f"SELECT {array} AS names FROM {source} WHERE {condition}"
        return f"SELECT CAST(f.value AS VARCHAR) AS name FROM ({rows}) r, LATERAL FLATTEN(input => r.names) f"

    def now(self) -> str:
        """UTC, without a zone."""
        return "SYSDATE()"

    def ago(self, seconds: int) -> str:
        """`DATEADD`."""
        return f"DATEADD(second, -{seconds}, SYSDATE())"

    def iso(self, expression: str) -> str:
        """`TO_VARCHAR`; our own times have no zone."""
        return f"TO_VARCHAR({expression}, {_SECOND})"

    def rename(self, table: str, name: str) -> str:
        """With the schema in front: without it the table would move to the session's own."""
        return f"ALTER TABLE {table} RENAME TO {table.rpartition('.')[0]}.{name}"

    def temporary(self, name: str) -> str:
        """In the session's schema, under a name that no table of dbt has."""
        return f"roo_temporary__{name.removeprefix('roo_')}"

    def create_temporary(self, name: str, select: str, *, numbered: bool = False) -> Sequence[str]:
        """One statement; micropartitions know their smallest and largest number."""
        return [f"CREATE OR REPLACE TEMPORARY TABLE {self.temporary(name)} AS {select}"]

    def create_table(self, table: str, select: str, *, numbered: bool = False) -> Sequence[str]:
        """One statement, and no week of fail-safe to pay for: what is lost is sent again.

        https://docs.snowflake.com/en/user-guide/tables-temp-transient (read 2026-11-22)
        """
        return [f"CREATE OR REPLACE TRANSIENT TABLE {table} AS {select}"]


def folded(name: str) -> str:
    """A name as dbt writes it, without quotes, so that it is found in upper case; odd ones in quotes."""
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_$]*", name) else '"' + name.replace('"', '""') + '"'


def _float(name: str) -> str:
    return f"CAST('{name}' AS FLOAT)"


def _in_utc(expression: str, bare: str) -> str:
    return expression if bare == "TIMESTAMP_NTZ" else f"CONVERT_TIMEZONE('UTC', {expression})"


def _bare(type_: str) -> str:
    """A type without its length, precision or what is inside."""
    return re.split(r"[(\s]", type_.upper(), maxsplit=1)[0]
