"""Values of a row that was not accepted, in the new types of their fields."""

from __future__ import annotations

from collections.abc import Sequence

from roo_dbt.warehouse import Dialect, FieldColumn, Shape


def kept(dialect: Dialect, old_shape: Shape | None, f: FieldColumn) -> str:
    """The value of a field in a row that was not accepted, in its new type.

    A null that is ignored makes nothing due, so a value that the new type cannot say is forgotten
    there: whatever but null comes next is sent.
    """
    old = old_shape.field(f.field) if old_shape else None
    if old is None:
        return f"CAST(NULL AS {f.type})"
    column = f"s.{dialect.quote(f.name)}"
    if old.type == f.type:
        return column
    cast = dialect.try_cast(column, f.type, old=old.type)
    return f"CASE WHEN {_keeps_form(dialect, f, old)} THEN {cast} END" if f.ignores_nulls else cast


def unfaithful(dialect: Dialect, old_shape: Shape | None, fields: Sequence[FieldColumn]) -> str:
    """Whether a kept row lost something in the new types: then it is due, whole, in the next run."""
    losses = []
    for f in fields:
        old = old_shape.field(f.field) if old_shape else None
        if old is not None and old.type != f.type and not f.ignores_nulls:
            losses.append(f"NOT {_keeps_form(dialect, f, old)}")
    return " OR ".join(losses) or "false"


def _keeps_form(dialect: Dialect, f: FieldColumn, old: FieldColumn) -> str:
    """Whether the vendor would see no difference between a value and its cast to the new type."""
    column = f"s.{dialect.quote(f.name)}"
    before = dialect.text(dialect.json_form(column, old.type))
    cast = dialect.try_cast(column, f.type, old=old.type)
    after = dialect.text(dialect.json_form(cast, f.type))
    return dialect.same(before, after)
