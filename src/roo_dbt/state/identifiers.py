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
    done: Callable[[str, str], str],
) -> None:
    """Note the identifiers that changes left, and what they went to.

    Args:
        session: in the transaction of the commit.
        dialect: of the warehouse.
        layout: where the state tables are.
        row: the destination.
        shape: of its changes.
        done: SELECT of the changes that the vendor has carried out, of columns and by a condition over the
            change `c`.
    """
    columns = [column for name in row.identifier if (column := shape.field(name)) is not None]
    if shape.once or not columns or len(columns) < len(row.identifier):
        return
    old, new = (
        identifier_text(dialect, [f"c.{dialect.quote(side + each.name)}" for each in columns], "exact")
        for side in (OLD, NEW)
    )
    left = done(f"{old} AS identifier, {new} AS went_to", f"c.roo_operation = 'update' AND {old} <> {new}")
    session.run(
        f"INSERT INTO {layout.former} (app, fields, identifier, went_to, destination, since) "
        f"SELECT DISTINCT ?, ?, x.identifier, x.went_to, ?, {dialect.now()} FROM ({left}) x "
        f"WHERE NOT EXISTS (SELECT 1 FROM {layout.former} f WHERE f.app = ? AND f.fields = ? "
        "AND f.identifier = x.identifier AND f.went_to = x.went_to)",
        [row.app, fields_text(row.identifier), row.destination, row.app, fields_text(row.identifier)],
    )


def former_identifiers(dialect: Dialect, layout: Layout, app: str, fields: tuple[str, ...]) -> str:
    """SELECT of the identifiers that records of an app gave up, by the fields that they are of.

    `went_to` is what the record got instead; one identifier may have been given up several times.
    """
    return (
        f"SELECT identifier, went_to FROM {layout.former} WHERE app = {dialect.literal(app)} "
        f"AND fields = {dialect.literal(fields_text(fields))}"
    )


def fields_text(fields: tuple[str, ...]) -> str:
    """The fields of an identifier as the state tables have them."""
    return json.dumps(list(fields))
