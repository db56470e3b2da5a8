"""The SQL of a state file: DuckDB's, over values that another warehouse wrote as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence

from roo_dbt.warehouse.dialects.duckdb import DuckDBDialect

AS_WRITTEN = "JSON"
"""The type of a column that holds what the warehouse would have sent, as its own dialect wrote it."""


class StateFileDialect(DuckDBDialect):
    """DuckDB's, but for JSON: text that is put together and never read.

    DuckDB's functions parse JSON and write it anew, in which a whole number beyond 64 bits would lose digits.
    https://duckdb.org/docs/stable/data/json/json_type (read 2026-11-22)
    """

    def json_form(self, expression: str, type_: str) -> str:
        """What was written stays as it is."""
        if type_ == AS_WRITTEN:
            return self.text(expression)
        return super().json_form(expression, type_)

    def json_object(self, pairs: Sequence[tuple[str, str]]) -> str:
        """Concatenated text."""
        parts = []
        for number, (name, form) in enumerate(pairs):
            label = f"{',' if number else '{'}{json.dumps(name, ensure_ascii=False)}:"
            parts += [self.literal(label), f"coalesce({self.text(form)}, 'null')"]
        return f"({' || '.join([*parts, self.literal('}') if parts else self.literal('{}')])})"

    def json_array(self, expressions: Sequence[str]) -> str:
        """Joined text; `array_to_string` leaves nulls out."""
        inside = ", ".join(self.text(expression) for expression in expressions)
        return f"('[' || array_to_string([{inside}], ',') || ']')"

    def json_texts(self, expressions: Sequence[str]) -> str:
        """Of texts that are no JSON yet."""
        return super().json_array(expressions)

    def try_cast(self, expression: str, type_: str, *, old: str) -> str:
        """A text becomes the JSON of a text, and the JSON of a text becomes a text."""
        if type_ == AS_WRITTEN:
            return f"CAST({super().json_form(expression, old)} AS {AS_WRITTEN})"
        if old == AS_WRITTEN and type_ == self.type("text"):
            return f"({expression} ->> '$')"
        return super().try_cast(expression, type_, old=old)

    def as_set(self, expression: str) -> str:
        """Of a JSON array, its elements as they were written."""
        elements = f"list_sort(list_distinct(CAST({expression} AS {AS_WRITTEN}[])))"
        return f"CAST(CASE WHEN {expression} IS NOT NULL THEN to_json({elements}) END AS {AS_WRITTEN})"
