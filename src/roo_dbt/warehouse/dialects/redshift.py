"""Redshift's SQL: it looks like Postgres', and is another one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from roo_dbt.warehouse.dialect import Kind
from roo_dbt.warehouse.dialects.concatenated import ConcatenatedJson

_WHOLE = {"smallint", "integer", "bigint"}
_FLOATS = {"real", "double precision"}
_TEXTS = {"character varying", "character"}
_TIMES = {"timestamp without time zone", "timestamp with time zone"}
_CLOCKS = {"time without time zone", "time with time zone"}
_SENDABLE = {"boolean", "date", "numeric", "super", *_WHOLE, *_FLOATS, *_TEXTS, *_TIMES, *_CLOCKS}
_TEXT = "varchar(65535)"
"""The widest column: `varchar` alone has 256 bytes.

https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html (read 2026-11-22)
"""
_JSON = "varchar(max)"
"""JSON as text; another name of the same type tells it from other texts.

SUPER cannot go through a full join (https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html,
read 2026-11-22).
"""


class RedshiftDialect(ConcatenatedJson):
    """Amazon Redshift. The session's time zone is UTC.

    Statements and functions: https://docs.aws.amazon.com/redshift/latest/dg/c_SQL_reference.html
    (read 2026-11-22). It has no IS DISTINCT FROM, no arrays but in SUPER, and no cast of a boolean to text;
    SUPER is kept as text of JSON.
    """

    name = "Redshift"
    _types: ClassVar[Mapping[Kind, str]] = {
        "text": _TEXT,
        "integer": "bigint",
        "number": "double precision",
        "boolean": "boolean",
        # Its own clock, SYSDATE, has no zone.
        "time": "timestamp",
    }

    @property
    def names_type(self) -> str:
        """JSON."""
        return _JSON

    def sendable(self, type_: str) -> bool:
        """No bytes, intervals, shapes and sketches."""
        return _bare(type_) in _SENDABLE

    def stored(self, type_: str) -> str:
        """Texts at full width, so that a column that grows is not another type; SUPER as JSON."""
        if type_ == "super":
            return _JSON
        return _TEXT if _bare(type_) in _TEXTS else type_

    def as_stored(self, expression: str, type_: str) -> str:
        """SUPER is written as JSON."""
        return _serialized(expression) if type_ == "super" else super().as_stored(expression, type_)

    def same(self, left: str, right: str, type_: str = "") -> str:
        """Spelt out, and never null.

        Blanks at the end of a text count for nothing in its equality
        (https://docs.aws.amazon.com/redshift/latest/dg/r_Character_types.html, read 2026-11-22), so lengths
        are compared as well.
        """
        equal = f"{left} = {right}"
        if type_ in ("", _TEXT):
            equal = f"{left} = {right} AND octet_length({left}) = octet_length({right})"
        return f"coalesce({equal}, {left} IS NULL AND {right} IS NULL)"

    def try_cast(self, expression: str, type_: str, *, old: str) -> str:
        """`TRY_CAST` by way of text, which must not be blank; between JSON and the rest nothing is cast.

        https://docs.aws.amazon.com/redshift/latest/dg/r_TRY_CAST.html (read 2026-11-22)
        """
        if old == type_:
            return expression
        if _JSON in (old, type_):
            return f"CAST(NULL AS {type_})"
        text = self._boolean(expression) if old == "boolean" else self.text(expression)
        if type_ == _TEXT:
            return text
        if type_ == "boolean":
            return f"CASE lower({text}) WHEN 'true' THEN true WHEN 'false' THEN false END"
        return f"TRY_CAST(nullif(trim({text}), '') AS {type_})"

    def _boolean(self, expression: str) -> str:
        return f"CASE WHEN {expression} THEN 'true' WHEN NOT {expression} THEN 'false' END"

    def listed(self, expression: str) -> str:
        """`listagg`."""
        return f"listagg({expression}, ',')"

    def json_text(self, expression: str) -> str:
        """A scalar of SUPER, which is written as JSON."""
        return _serialized(expression, f"CAST({expression} AS super)")

    def json_form(self, expression: str, type_: str) -> str:
        """Text of JSON; null stays null."""
        bare = _bare(type_)
        text = self.text(expression)
        if type_ == _JSON:
            return expression
        if bare in _WHOLE:
            return text
        if bare in _FLOATS:
            finite = f"{text} NOT IN ('NaN', 'Infinity', '-Infinity')"
            return self.unless(finite, self.pointed(text), expression)
        if bare == "numeric":
            return self._numeric(expression, type_)
        return self._plain(expression, bare)

    def _numeric(self, expression: str, type_: str) -> str:
        text = self.text(expression)
        if "," not in type_ or type_.endswith(",0)"):
            fits = f"{expression} BETWEEN -9223372036854775808 AND 9223372036854775807"
            return self.unless(fits, text, expression)
        return self.pointed(f"rtrim(rtrim({text}, '0'), '.')")

    def _plain(self, expression: str, bare: str) -> str:
        if bare == "boolean":
            return self._boolean(expression)
        if bare == "date":
            ours = f"{expression} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'"
            return self.unless(ours, self.quoted(self.text(expression)), expression)
        if bare in _TIMES:
            clock = f"{expression} AT TIME ZONE 'UTC'" if bare == "timestamp with time zone" else expression
            ours = f"{clock} >= TIMESTAMP '0001-01-01' AND {clock} < TIMESTAMP '10000-01-01'"
            shown = self.quoted(f"""to_char({clock}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')""")
            return self.unless(ours, shown, expression)
        return self.quoted(self.text(expression)) if bare in _CLOCKS else self.json_text(expression)

    def names(self, expression: str) -> str:
        """A set of a SUPER array without nulls and empty texts; blanks alone are a name.

        https://docs.aws.amazon.com/redshift/latest/dg/array_except.html (read 2026-11-22)
        """
        kept = f"array_sort(array_except({expression}, array('', NULL), true))"
        return f"CASE WHEN get_array_length({kept}) > 0 THEN json_serialize({kept}) END"

    def as_set(self, expression: str) -> str:
        """Sorted, without duplicates and nulls."""
        kept = f"array_sort(array_except(json_parse({expression}), array(NULL), true))"
        return _serialized(expression, kept)

    def lacking(self, old: str, new: str) -> str:
        """A SUPER array."""
        return f"array_except(json_parse({old}), {_parsed(new)}, true)"

    def joined(self, left: str, right: str) -> str:
        """A SUPER array."""
        return f"array_concat({', '.join(_parsed(side) for side in (left, right))})"

    def exploded(self, array: str, source: str, condition: str) -> str:
        """An array in the FROM clause is a row for each element.

        https://docs.aws.amazon.com/redshift/latest/dg/query-super.html (read 2026-11-22)
        """
        rows = f"SELECT {array} AS names FROM {source} WHERE {condition}"
        return f"SELECT CAST(e AS {_TEXT}) AS name FROM ({rows}) r, r.names AS e"

    def now(self) -> str:
        """The transaction's moment; `now()` is a function of the leader alone."""
        return "sysdate"

    def ago(self, seconds: int) -> str:
        """`dateadd`."""
        return f"dateadd(second, -{seconds}, sysdate)"

    def iso(self, expression: str) -> str:
        """`to_char`; the clock shows UTC."""
        return f"""to_char({expression}, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""

    def temporary(self, name: str) -> str:
        """A name that no table of a schema has, since a temporary one is found by its name alone."""
        return f"roo_temporary__{name.removeprefix('roo_')}"

    def create_temporary(self, name: str, select: str, *, numbered: bool = False) -> Sequence[str]:
        """In the order of its numbers, so that a page reads its blocks alone.

        https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_AS.html (read 2026-11-22)
        """
        table = self.temporary(name)
        return [self.drop_temporary(name), f"CREATE TEMPORARY TABLE {table}{_sorted(numbered)} AS {select}"]

    def create_table(self, table: str, select: str, *, numbered: bool = False) -> Sequence[str]:
        """In the order of its numbers."""
        return [f"DROP TABLE IF EXISTS {table}", f"CREATE TABLE {table}{_sorted(numbered)} AS {select}"]

    def deleted(self, table: str, alias: str) -> tuple[str, str]:
        """DELETE takes no alias: rows are called by the table's own name.

        https://docs.aws.amazon.com/redshift/latest/dg/r_DELETE.html (read 2026-11-22)
        """
        return table, table.rpartition(".")[2]


def _serialized(expression: str, value: str = "") -> str:
    """A value as JSON, null where an expression is null; `json_serialize` would make it the text `null`.

    https://docs.aws.amazon.com/redshift/latest/dg/JSON_SERIALIZE.html (read 2026-11-22)
    """
    return f"CASE WHEN {expression} IS NOT NULL THEN json_serialize({value or expression}) END"


def _parsed(expression: str) -> str:
    return f"json_parse(coalesce({expression}, '[]'))"


def _sorted(numbered: bool) -> str:
    return " SORTKEY (roo_seq)" if numbered else ""


def _bare(type_: str) -> str:
    """A type without its length or precision."""
    return re.sub(r"\s*\([\d,]*\)", "", type_)
