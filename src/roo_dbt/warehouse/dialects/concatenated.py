"""JSON put together as text, for engines whose JSON types change what they are given.

Some write 7.0 as 7, some as 7.000000000000000e+00, some leave nulls out or take the mark of what is not
finite for text that they must escape. Text that we concatenate says what we say.
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Sequence

from roo_dbt.records import NOT_FINITE
from roo_dbt.warehouse.dialect import Dialect


class ConcatenatedJson(Dialect):
    """A dialect in which a JSON value is text, and an SQL null is not yet one of JSON."""

    def literal(self, value: str | float | bool | None) -> str:
        r"""A constant; a backslash escapes in these engines, so that `\n` says a line break."""
        if not isinstance(value, str):
            return super().literal(value)
        escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
        return f"'{escaped}'"

    @abstractmethod
    def json_text(self, expression: str) -> str:
        """A text as JSON, quoted and escaped; null stays null."""

    def json_object(self, pairs: Sequence[tuple[str, str]]) -> str:
        """Concatenated text."""
        parts = []
        for number, (name, form) in enumerate(pairs):
            label = f"{',' if number else '{'}{json.dumps(name, ensure_ascii=False)}:"
            parts += [self.literal(label), f"coalesce({form}, 'null')"]
        return f"({' || '.join([*parts, self.literal('}' if parts else '{}')])})"

    def json_array(self, expressions: Sequence[str]) -> str:
        """Concatenated, each with a comma before it, of which the first is cut off."""
        parts = [f"coalesce(',' || {expression}, '')" for expression in expressions]
        return f"('[' || substr({' || '.join(parts)}, 2) || ']')"

    def json_texts(self, expressions: Sequence[str]) -> str:
        """The same, of quoted texts."""
        return self.json_array([self.json_text(expression) for expression in expressions])

    def quoted(self, expression: str) -> str:
        """Text that needs no escaping, in double quotes."""
        return f"('\"' || {expression} || '\"')"

    def unless(self, condition: str, shown: str, expression: str) -> str:
        """What is shown where a condition holds; else the value as text that is marked."""
        mark = self.literal(json.dumps(NOT_FINITE)[:-1])
        return f"CASE WHEN {condition} THEN {shown} ELSE {mark} || {self.text(expression)} || '\"' END"

    def pointed(self, shown: str) -> str:
        """A number as text, with a decimal point: 7 is 7.0, so that it never looks like a whole one."""
        return f"CASE WHEN {shown} LIKE '%.%' OR {shown} LIKE '%e%' THEN {shown} ELSE {shown} || '.0' END"
