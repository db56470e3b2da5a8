"""How the vendor sees what the warehouse has: values in another type, records as JSON, their fingerprint."""

from __future__ import annotations

from dataclasses import replace

from roo_dbt.warehouse.dialect import Dialect
from roo_dbt.warehouse.layout import Shape

NEW, OLD = "n_", "o_"
"""Prefixes of the columns with new and old values in the changes table."""


def known_operation(alias: str) -> str:
    """SQL of the operation of a change as people know it.

    >>> known_operation("c")
    "CASE WHEN c.roo_operation = 'depart' THEN 'update' ELSE c.roo_operation END"
    """
    return f"CASE WHEN {alias}.roo_operation = 'depart' THEN 'update' ELSE {alias}.roo_operation END"


def same_form(dialect: Dialect, one: str, one_type: str, other: str, other_type: str) -> str:
    """SQL that tells whether two values look the same as JSON: the vendor would see no difference."""
    forms = [dialect.text(dialect.json_form(*side)) for side in ((one, one_type), (other, other_type))]
    return dialect.same(*forms)


def keeps_form(dialect: Dialect, value: str, old_type: str, new_type: str) -> str:
    """SQL that tells whether a value looks the same once it is cast to the new type."""
    cast = dialect.try_cast(value, new_type, old=old_type)
    return same_form(dialect, value, old_type, cast, new_type)


def retyped(dialect: Dialect, value: str, old_type: str, new_type: str, *, ignores_nulls: bool) -> str:
    """SQL of an old value in the new type.

    What a null that is ignored stands for is kept only where the vendor would see no difference: nobody
    asked for a value that looks another way.
    """
    if old_type == new_type:
        return value
    cast = dialect.try_cast(value, new_type, old=old_type)
    if not ignores_nulls:
        return cast
    return f"CASE WHEN {keeps_form(dialect, value, old_type, new_type)} THEN {cast} END"


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
