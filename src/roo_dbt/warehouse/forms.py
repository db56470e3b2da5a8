"""A record of the changes table as JSON text, and its fingerprint."""

from __future__ import annotations

from roo_dbt.warehouse.dialect import Dialect
from roo_dbt.warehouse.layout import Shape

NEW, OLD = "n_", "o_"
"""Prefixes of the columns with new and old values in the changes table."""


def json_values(dialect: Dialect, shape: Shape | None, prefix: str) -> str:
    """SQL of one side of a change as a JSON object, by destination field."""
    fields = shape.fields if shape else ()
    pairs = [(f.field, dialect.json_form(dialect.quote(prefix + f.name), f.type)) for f in fields]
    return dialect.text(dialect.json_object(pairs)) if pairs else "'{}'"


def fingerprint(dialect: Dialect, new: Shape, old: Shape | None) -> str:
    """SQL of a digest of the record as it was to be sent; tells a refused record from its next version."""
    values = f"CASE WHEN roo_operation = 'delete' THEN {json_values(dialect, old, OLD)} "
    return dialect.digest(f"{values}ELSE {json_values(dialect, new, NEW)} END")
