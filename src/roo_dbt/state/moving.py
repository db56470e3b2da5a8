"""Snapshots whose destination is gone: which they are, and how they are taken over or forgotten."""

from __future__ import annotations

from collections.abc import Collection

from roo_dbt.records import Destination
from roo_dbt.records.history import GoneSnapshot
from roo_dbt.state.snapshots import known
from roo_dbt.warehouse import Dialect, Layout, Session


def gone_snapshots(session: Session, layout: Layout, declared: Collection[str]) -> list[GoneSnapshot]:
    """Snapshots of destinations that are not `declared`, by name."""
    times = dict(
        session.run(f"SELECT destination, {session.dialect.iso('updated_at')} FROM {layout.destinations}")
    )
    return [
        GoneSnapshot(
            name,
            old.unique_id,
            old.app,
            old.object,
            old.endpoint,
            active_records(session, layout, name) if old.shape else 0,
            times[name],
        )
        for name, old in sorted(known(session, layout).items())
        if name not in declared
    ]


def active_records(session: Session, layout: Layout, name: str) -> int:
    """How many records of a snapshot had not left the model."""
    return int(session.one(f"SELECT count(*) FROM {layout.snapshot(name)} WHERE NOT roo_departed"))


def forget(session: Session, layout: Layout, name: str) -> None:
    """Drop everything that holds records of a destination; its rows in `roo_runs` stay."""
    with session.transaction():
        session.run(f"DROP TABLE IF EXISTS {layout.snapshot(name)}")
        session.run(f"DROP TABLE IF EXISTS {layout.changes(name)}")
        for table in (
            layout.destinations,
            layout.unaccepted,
            layout.acknowledged,
            layout.outcomes,
            layout.locks,
        ):
            session.run(f"DELETE FROM {table} WHERE destination = ?", [name])


def take_over(session: Session, dialect: Dialect, layout: Layout, old: str, heir: Destination) -> None:
    """Give the snapshot of `old`, with its refusals and outcomes, to a destination that has none."""
    new = heir.name
    with session.transaction():
        session.run(f"DROP TABLE IF EXISTS {layout.snapshot(new)}")
        session.run(dialect.rename(layout.snapshot(old), f"snapshot__{new}"))
        for table in (layout.destinations, layout.unaccepted):
            session.run(f"DELETE FROM {table} WHERE destination = ?", [new])
        for table in (layout.destinations, layout.unaccepted, layout.outcomes):
            session.run(f"UPDATE {table} SET destination = ? WHERE destination = ?", [new, old])
        session.run(
            f"UPDATE {layout.destinations} SET unique_id = ? WHERE destination = ?",
            [heir.model.unique_id, new],
        )
        session.run(f"DELETE FROM {layout.locks} WHERE destination = ?", [old])
