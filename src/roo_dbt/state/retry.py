"""Records that wait for somebody to ask for them are made due again."""

from __future__ import annotations

from collections.abc import Sequence

from roo_dbt.warehouse import Layout, Session


def make_due(session: Session, layout: Layout, destination: str, keys: Sequence[str] = ()) -> int:
    """Let the next sync send what was refused, and what got no sure answer, once more.

    Args:
        session: of the warehouse.
        layout: where the state tables are.
        destination: whose records; its lock must be held.
        keys: these records alone, and then those that the vendor did not have, too; empty: all.

    Returns:
        How many records are due that were not.
    """
    where = "destination = ? AND permanent"
    if keys:
        where += f" AND key IN ({', '.join('?' * len(keys))})"
    parameters = [destination, *keys]
    refused = "status <> 'unknown'" if keys else "status = 'failed'"
    with session.transaction():
        # An event goes because nothing is known of its key; so what is known is forgotten.
        unsure = session.one(
            f"DELETE FROM {layout.unaccepted} WHERE {where} AND status = 'unknown'", parameters
        )
        held = session.one(
            f"UPDATE {layout.unaccepted} SET permanent = false WHERE {where} AND {refused}", parameters
        )
    return int(unsure) + int(held)
