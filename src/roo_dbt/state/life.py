"""What the state tables know of one record."""

from __future__ import annotations

from roo_dbt.records.history import Happening, Standing
from roo_dbt.state.snapshots import Known
from roo_dbt.state.swap import snapshot_table
from roo_dbt.warehouse import Dialect, Layout, Session
from roo_dbt.warehouse.dialect import key_text


def happenings(session: Session, layout: Layout, destination: str, key: str) -> list[Happening]:
    """What became of its changes, the oldest first."""
    rows = session.run(
        f"SELECT {session.dialect.iso('time')}, run_id, operation, outcome, code, message "
        f"FROM {layout.outcomes} WHERE destination = ? AND key = ? ORDER BY time",
        [destination, key],
    )
    return [Happening(*row) for row in rows]


def standing(
    session: Session, dialect: Dialect, layout: Layout, recorded: Known | None, key: str
) -> tuple[Standing, str | None]:
    """Whether the snapshot has the record, and since when (ISO 8601, UTC)."""
    if recorded is None or recorded.shape is None:
        return "absent", None
    columns = [(f"s.{dialect.quote(column.name)}", column.type) for column in recorded.shape.key]
    rows = session.run(
        f"SELECT roo_departed, {dialect.iso('roo_synced_at')} "
        f"FROM {snapshot_table(layout, recorded)} s WHERE {key_text(dialect, columns)} = ?",
        [key],
    )
    # Null: nobody knows whether the vendor has it.
    if not rows or rows[0][0] is None:
        return "absent", None
    departed, synced_at = rows[0]
    return ("departed" if departed else "active"), synced_at
