"""Identifiers that records gave up, for ever: a vendor may go on finding a renamed user by its old one."""

from __future__ import annotations

import json
from collections.abc import Callable

from roo_dbt.state.snapshots import Known
from roo_dbt.warehouse import Dialect, Layout, Session, Shape
from roo_dbt.warehouse.dialect import identifier_text
from roo_dbt.warehouse.forms import NEW, OLD


def remember_former(
    session: Session,
    dialect: Dialect,
    layout: Layout,
    row: Known,
    shape: Shape,
    accepted: Callable[[str, str], str],
) -> None:
    """Note the identifiers that accepted changes left.

    Args:
        session: in the transaction of the commit.
        dialect: of the warehouse.
        layout: where the state tables are.
        row: the destination.
        shape: of its changes.
        accepted: SELECT of its accepted changes, of columns and by a condition over the change `c`.
    """
    columns = [column for name in row.identifier if (column := shape.field(name)) is not None]
    if shape.once or not columns or len(columns) < len(row.identifier):
        return
    old, new = (
        identifier_text(dialect, [f"c.{dialect.quote(side + each.name)}" for each in columns], "exact")
        for side in (OLD, NEW)
    )
    left = accepted(f"{old} AS identifier", f"c.roo_operation = 'update' AND {old} <> {new}")
    session.run(
        f"INSERT INTO {layout.former} SELECT ?, ?, x.identifier, ?, {dialect.now()} FROM ({left}) x "
        f"WHERE NOT EXISTS (SELECT 1 FROM {layout.former} f WHERE f.app = ? AND f.fields = ? "
        "AND f.identifier = x.identifier)",
        [row.app, fields_text(row.identifier), row.destination, row.app, fields_text(row.identifier)],
    )


def former_identifiers(dialect: Dialect, layout: Layout, app: str, fields: tuple[str, ...]) -> str:
    """SELECT of the identifiers that records of an app gave up, by the fields that they are of."""
    return (
        f"SELECT identifier FROM {layout.former} WHERE app = {dialect.literal(app)} "
        f"AND fields = {dialect.literal(fields_text(fields))}"
    )


def fields_text(fields: tuple[str, ...]) -> str:
    """The fields of an identifier as the state tables have them."""
    return json.dumps(list(fields))
