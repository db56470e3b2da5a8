"""The SQL that differs between engines, and DuckDB's way of saying it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Literal

from roo_dbt.records import NOT_FINITE


class Dialect(ABC):
    """Expressions as SQL text. Arguments named `expression` are SQL already."""

    @abstractmethod
    def quote(self, name: str) -> str:
        """A name as an identifier."""

    @abstractmethod
    def literal(self, value: str | float | bool | None) -> str:
        """A constant."""

    @abstractmethod
    def same(self, left: str, right: str) -> str:
        """Equality in which null equals null."""

    @abstractmethod
    def text(self, expression: str) -> str:
        """A value as text, as people write it."""

    @abstractmethod
    def try_cast(self, expression: str, type_: str) -> str:
        """A cast that gives null where it cannot be done."""

    @abstractmethod
    def digest(self, expression: str) -> str:
        """A short fingerprint of text."""

    @abstractmethod
    def sendable(self, type_: str) -> bool:
        """Whether a column of this type has a JSON form."""

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
    def membership(self, expression: str) -> str:
        """True or null, of a boolean that may be false."""

    @abstractmethod
    def names(self, expression: str) -> str:
        """An array of texts as a sorted set without nulls and blanks; null when nothing is left."""

    @abstractmethod
    def as_set(self, expression: str) -> str:
        """An array sorted, without duplicates."""

    @abstractmethod
    def lost(self, old: str, new: str) -> str:
        """The elements of one array that another lacks, one row each; either may be null."""

    def union(self, expression: str) -> str:
        """An aggregate: the elements of the arrays of all rows, as a set; null when nothing is left."""
        return self.names(f"flatten(list({expression}))")

    def normalised(self, expression: str, normalisation: Literal["exact", "lower"]) -> str:
        """An identifier as the vendor compares it; blank ones are null."""
        text = f"trim({self.text(expression)})"
        if normalisation == "lower":
            text = f"lower({text})"
        blank = f"nullif({text}, '')"
        if normalisation == "exact":
            return f"CASE WHEN {blank} IS NULL THEN NULL ELSE {self.text(expression)} END"
        return blank


# BIGNUM: DuckDB 2.0 ends the whole database when one does not fit a cast to another type.
_REFUSED = ("BLOB", "BIT", "INTERVAL", "UNION", "GEOMETRY", "VARIANT", "LAMBDA", "POINTER", "BIGNUM")
_WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
_HUGE = {"HUGEINT", "UHUGEINT"}
_ISO = "'%Y-%m-%dT%H:%M:%S.%gZ'"


class DuckDBDialect(Dialect):
    """DuckDB 1.4 and later. The session's time zone is UTC."""

    def quote(self, name: str) -> str:
        """Double quotes, doubled inside."""
        return '"' + name.replace('"', '""') + '"'

    def literal(self, value: str | float | bool | None) -> str:
        """Text in single quotes; numbers and booleans as they are."""
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return repr(value)
        return "'" + value.replace("'", "''") + "'"

    def same(self, left: str, right: str) -> str:
        """`IS NOT DISTINCT FROM`."""
        return f"({left} IS NOT DISTINCT FROM {right})"

    def text(self, expression: str) -> str:
        """A cast to VARCHAR."""
        return f"CAST({expression} AS VARCHAR)"

    def try_cast(self, expression: str, type_: str) -> str:
        """`TRY_CAST`."""
        return f"TRY_CAST({expression} AS {type_})"

    def digest(self, expression: str) -> str:
        """MD5, which need not be secret: it only tells a record from its next version."""
        return f"md5({expression})"

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
            return f"CASE WHEN {expression} IS NOT NULL THEN {self.json_object(pairs)} END"
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
        inside = ", ".join(f"{self.literal(name)}, {expression}" for name, expression in pairs)
        return f"json_object({inside})"

    def membership(self, expression: str) -> str:
        """A CASE without ELSE."""
        return f"CASE WHEN {expression} THEN true END"

    def names(self, expression: str) -> str:
        """List functions; `nullif` compares lists by value."""
        filled = f"list_filter(CAST({expression} AS VARCHAR[]), lambda e: e IS NOT NULL AND trim(e) <> '')"
        return f"nullif(list_sort(list_distinct({filled})), CAST([] AS VARCHAR[]))"

    def as_set(self, expression: str) -> str:
        """`list_distinct` drops nulls, too, as the vendors do."""
        return f"list_sort(list_distinct({expression}))"

    def lost(self, old: str, new: str) -> str:
        """`unnest` of the filtered list."""
        return f"unnest(list_filter({old}, lambda e: NOT list_contains(coalesce({new}, []), e)))"

    def json_array(self, expressions: Sequence[str]) -> str:
        """`to_json` of a list without its nulls."""
        inside = ", ".join(expressions)
        return f"to_json(list_filter([{inside}], lambda e: e IS NOT NULL))"


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


def identifier_text(
    dialect: Dialect, expressions: Sequence[str], normalisation: Literal["exact", "lower"]
) -> str:
    """An identifier of one or more parts as the vendor compares it; null when a part is missing."""
    parts = [dialect.normalised(expression, normalisation) for expression in expressions]
    if len(parts) == 1:
        return parts[0]
    present = " AND ".join(f"{part} IS NOT NULL" for part in parts)
    return f"CASE WHEN {present} THEN {dialect.text(dialect.json_array(parts))} END"


def key_text(dialect: Dialect, keys: Sequence[tuple[str, str]]) -> str:
    """The key as people read it: one column as text, several as a JSON array. `keys`: (SQL, type)."""
    if len(keys) == 1:
        return dialect.text(keys[0][0])
    return dialect.text(dialect.json_array([dialect.json_form(sql, type_) for sql, type_ in keys]))
