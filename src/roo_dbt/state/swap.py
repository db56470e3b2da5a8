"""A rebuilt snapshot takes the place of the old one, where no transaction covers a rename."""

from __future__ import annotations

from roo_dbt.state.lock import heartbeat
from roo_dbt.state.snapshots import Known
from roo_dbt.warehouse import Dialect, Layout, Session


def rebuilt(layout: Layout, name: str) -> str:
    """The table in which the snapshot of a destination is made anew."""
    return layout.table(f"rebuilt__{name}")


def snapshot_table(layout: Layout, row: Known) -> str:
    """Where the snapshot of a destination is: a run may have ended before the swap."""
    return rebuilt(layout, row.destination) if row.is_unswapped else layout.snapshot(row.destination)


def swap(session: Session, dialect: Dialect, layout: Layout, name: str, owner: str) -> None:
    """Put the rebuilt snapshot in its place; it stays until that is said, so this can be done again.

    Raises:
        WarehouseLost: the run `owner` does not have the lock any more.
    """
    heartbeat(session, layout, name, owner)
    fresh = rebuilt(layout, name)
    session.run_all(dialect.create_table(layout.snapshot(name), f"SELECT * FROM {fresh}"))
    session.run(
        f"UPDATE {layout.destinations} SET pending_shape = NULL "
        "WHERE destination = ? AND pending_run IS NULL",
        [name],
    )
    session.run(f"DROP TABLE IF EXISTS {fresh}")
