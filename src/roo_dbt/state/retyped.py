"""Values of a row that was not accepted, in the new types of their fields."""

from __future__ import annotations

from collections.abc import Sequence

from roo_dbt.warehouse import Dialect, FieldColumn, Shape
from roo_dbt.warehouse.forms import OLD, keeps_form, retyped


def kept(dialect: Dialect, old_shape: Shape | None, f: FieldColumn) -> str:
    """The value of a field in a row that was not accepted, in its new type.

    A null that is ignored makes nothing due, so a value that the new type cannot say is forgotten
    there: whatever but null comes next is sent.
    """
    old = old_shape.field(f.field) if old_shape else None
    if old is None:
        return f"CAST(NULL AS {f.type})"
    return retyped(dialect, f"s.{dialect.quote(f.name)}", old.type, f.type, ignores_nulls=f.ignores_nulls)


def unfaithful(
    dialect: Dialect,
    old_shape: Shape | None,
    fields: Sequence[FieldColumn],
    *,
    row: str = "s",
    prefix: str = "",
) -> str:
    """Whether a kept row lost something in the new types: then it is due, whole, once it is in the model.

    `row` and `prefix`: what has its old values, and what their names begin with there.
    """
    losses = []
    for f in fields:
        old = old_shape.field(f.field) if old_shape else None
        if old is not None and old.type != f.type and not f.ignores_nulls:
            value = f"{row}.{dialect.quote(prefix + f.name)}"
            losses.append(f"NOT {keeps_form(dialect, value, old.type, f.type)}")
    return " OR ".join(losses) or "false"


def unsure(dialect: Dialect, old_shape: Shape | None, fields: Sequence[FieldColumn]) -> str:
    """Whether nobody knows what the user of an accepted change `c` has.

    Of one that only left its groups nothing else was sent.
    """
    lost = unfaithful(dialect, old_shape, fields, row="c", prefix=OLD)
    return f"(c.roo_operation = 'depart' AND (c.roo_dirty OR {lost}))"
