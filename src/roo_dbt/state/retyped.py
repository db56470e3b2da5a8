"""Values of a row that was not accepted, in the new types of their fields."""

from __future__ import annotations

from collections.abc import Sequence

from roo_dbt.warehouse import Dialect, FieldColumn, Shape
from roo_dbt.warehouse.forms import keeps_form, retyped


def kept(dialect: Dialect, old_shape: Shape | None, f: FieldColumn) -> str:
    """The value of a field in a row that was not accepted, in its new type.

    A null that is ignored makes nothing due, so a value that the new type cannot say is forgotten
    there: whatever but null comes next is sent.
    """
    old = old_shape.field(f.field) if old_shape else None
    if old is None:
        return f"CAST(NULL AS {f.type})"
    return retyped(dialect, _column(dialect, f), old.type, f.type, ignores_nulls=f.ignores_nulls)


def unfaithful(dialect: Dialect, old_shape: Shape | None, fields: Sequence[FieldColumn]) -> str:
    """Whether a kept row lost something in the new types: then it is due, whole, in the next run."""
    losses = []
    for f in fields:
        old = old_shape.field(f.field) if old_shape else None
        if old is not None and old.type != f.type and not f.ignores_nulls:
            losses.append(f"NOT {keeps_form(dialect, _column(dialect, f), old.type, f.type)}")
    return " OR ".join(losses) or "false"


def _column(dialect: Dialect, f: FieldColumn) -> str:
    return f"s.{dialect.quote(f.name)}"
