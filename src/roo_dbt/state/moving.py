"""Snapshots whose destination is gone: which they are, and how they are taken over or forgotten."""

from __future__ import annotations

from collections.abc import Collection

from roo_dbt.records import Destination
from roo_dbt.records.history import GoneSnapshot
from roo_dbt.state.lock import heartbeat
from roo_dbt.state.snapshots import Known, known
from roo_dbt.state.swap import rebuilt, snapshot_table
from roo_dbt.state.tables import column_names
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
            active_records(session, layout, old) if old.shape else 0,
            times[name],
        )
        for name, old in sorted(known(session, layout).items())
        # Another project's run may have begun between the two questions.
        if name not in declared and name in times
    ]


def active_records(session: Session, layout: Layout, row: Known) -> int:
    """How many records of a snapshot had not left the model."""
    return int(session.one(f"SELECT count(*) FROM {snapshot_table(layout, row)} WHERE NOT roo_departed"))


def unsure_records(session: Session, layout: Layout, name: str, *, but: str) -> int:
    """How many records of a destination may have arrived, for all anybody knows, and are not `but`'s, too."""
    theirs = f"SELECT 1 FROM {layout.unaccepted} o WHERE o.destination = ? AND o.key = u.key"
    return int(
        session.one(
            f"SELECT count(*) FROM {layout.unaccepted} u WHERE u.destination = ? AND u.status = 'unknown' "
            f"AND NOT EXISTS ({theirs})",
            [name, but],
        )
    )


def forget(session: Session, layout: Layout, name: str) -> None:
    """Drop everything that holds records of a destination; its rows in `roo_runs` stay.

    In an order that can be told again: until the last statement the destination is known, without a snapshot.
    """
    mine = "WHERE destination = ?"
    with session.transaction():
        session.run(f"UPDATE {layout.destinations} SET snapshot_shape = NULL {mine}", [name])
        for left in (layout.snapshot(name), rebuilt(layout, name), layout.changes(name)):
            session.run(f"DROP TABLE IF EXISTS {left}")
        for table in (
            layout.unaccepted,
            layout.acknowledged,
            layout.outcomes,
            layout.locks,
            layout.destinations,
        ):
            session.run(f"DELETE FROM {table} {mine}", [name])


def has_leftovers(session: Session, layout: Layout, name: str) -> bool:
    """Whether something may be left of a destination of which nothing is known: its lock is dropped last."""
    return bool(session.one(f"SELECT count(*) FROM {layout.locks} WHERE destination = ?", [name]))


def take_over(
    session: Session, dialect: Dialect, layout: Layout, old: str, heir: Destination, owner: str | None = None
) -> None:
    """Give the snapshot of `old`, with its refusals and outcomes, to a destination that has none.

    In an order that can be told again where no transaction covers it: everything is copied first, one
    UPDATE of `roo_destinations` says whose it is, and what is left of the old one is dropped then.

    Args:
        session: of the state.
        dialect: of the state.
        layout: of the state.
        old: whose snapshot it is.
        heir: who gets it.
        owner: the run that has the locks of both; None: nobody else is there.

    Raises:
        WarehouseLost: a lock went to another run while the snapshot was copied; the old one has it still.
    """
    new, mine = heir.name, "WHERE destination = ?"
    copied = ", ".join(name for name in column_names("unaccepted") if name != "destination")
    with session.transaction():
        session.run(f"DELETE FROM {layout.destinations} {mine}", [new])
        if dialect.replays:
            session.run_all(
                dialect.create_table(layout.snapshot(new), f"SELECT * FROM {layout.snapshot(old)}")
            )
        else:
            session.run(f"DROP TABLE IF EXISTS {layout.snapshot(new)}")
            session.run(dialect.rename(layout.snapshot(old), f"snapshot__{new}"))
        if owner is not None:
            for name in (old, new):
                heartbeat(session, layout, name, owner)
        session.run(f"DELETE FROM {layout.unaccepted} {mine}", [new])
        session.run(
            f"INSERT INTO {layout.unaccepted} (destination, {copied}) "
            f"SELECT ?, {copied} FROM {layout.unaccepted} {mine}",
            [new, old],
        )
        session.run(f"UPDATE {layout.outcomes} SET destination = ? {mine}", [new, old])
        session.run(
            f"UPDATE {layout.destinations} SET destination = ?, unique_id = ? {mine}",
            [new, heir.model.unique_id, old],
        )
        session.run(f"DROP TABLE IF EXISTS {layout.snapshot(old)}")
        # The lock last: by it `forget` finds what a death in between leaves.
        for table in (layout.unaccepted, layout.locks):
            session.run(f"DELETE FROM {table} {mine}", [old])
