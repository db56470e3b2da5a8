"""A record of the changes table as JSON text, and its fingerprint."""

from __future__ import annotations

from dataclasses import replace

from roo_dbt.warehouse.dialect import Dialect
from roo_dbt.warehouse.layout import Shape

NEW, OLD = "n_", "o_"
"""Prefixes of the columns with new and old values in the changes table."""


def json_values(dialect: Dialect, shape: Shape | None, prefix: str) -> str:
    """SQL of one side of a change as a JSON object, by destination field."""
    fields = shape.fields if shape else ()
    pairs = [(f.field, dialect.json_form(dialect.quote(prefix + f.name), f.type)) for f in fields]
    return dialect.json_object(pairs) if pairs else "'{}'"


def fingerprint(dialect: Dialect, shape: Shape) -> str:
    """SQL of a digest of the record as it was to be sent; tells a refused record from its next version.

    A record that left has no next version. Fields that the YAML dropped do not count: they vanish from
    the snapshot once others have been cleared.
    """
    sent = replace(shape, fields=tuple(f for f in shape.fields if not f.dropped))
    return dialect.digest(
        f"CASE WHEN roo_operation = 'delete' THEN 'left' ELSE {json_values(dialect, sent, NEW)} END"
    )
