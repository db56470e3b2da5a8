"""The destinations that may have the same users: the others of the same app and object."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from roo_dbt import state
from roo_dbt.errors import Blocked
from roo_dbt.records import Destination
from roo_dbt.run.opening import Opened
from roo_dbt.run.preparing import locked
from roo_dbt.state import Known
from roo_dbt.warehouse import Session


def declared_beside(opened: Opened, destination: Destination) -> list[Destination]:
    """The others of the same app and object that the project declares."""
    place = (destination.app, destination.object)
    return [
        other
        for other in opened.declarations.destinations
        if other.name != destination.name and (other.app, other.object) == place
    ]


def neighbours(opened: Opened, destination: Destination, everything: Mapping[str, Known]) -> list[Known]:
    """What is known of them. One that is no longer declared has nobody."""
    declared = {each.name for each in opened.declarations.destinations} - {destination.name}
    return [
        other
        for other in everything.values()
        if other.destination in declared
        and (other.app, other.object) == (destination.app, destination.object)
    ]


def recover_neighbours(opened: Opened, session: Session, destination: Destination) -> dict[str, Known]:
    """Fold in what interrupted runs of theirs had confirmed, and say what is known then of every destination.

    Without it, a user that they had sent would be deleted as nobody's. What a live run is exporting is left
    to it.
    """
    everything = state.known(session, opened.layout)
    interrupted = [row for row in neighbours(opened, destination, everything) if row.is_interrupted]
    for row in interrupted:
        with suppress(Blocked), locked(opened, session, row.destination):
            pass
    return state.known(session, opened.layout) if interrupted else everything
