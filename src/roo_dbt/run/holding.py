"""Who else has the users that leave a destination: what its neighbours have sent, or are about to send.

A user who goes from one model to another, as from trial to customer, is never deleted on the way, whichever
destination has its turn first, in this run or in another one beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from roo_dbt.destinations.protocol import App
from roo_dbt.diff import Comparison, Holder
from roo_dbt.errors import Blocked
from roo_dbt.records import GROUP_MARK, Column, Destination, shared_groups
from roo_dbt.run.arriving import arrived
from roo_dbt.run.neighbours import declared_beside, neighbours
from roo_dbt.run.opening import Opened, in_terms_of_its_table
from roo_dbt.state import Known, Preview
from roo_dbt.state.swap import snapshot_table
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.dialect import identifier_text


@dataclass(frozen=True, slots=True)
class Leaver:
    """A destination that users may leave.

    Args:
        destination: with its columns resolved.
        app: of the destination.
        recorded: what is known of it.
    """

    destination: Destination
    app: App
    recorded: Known | None

    @property
    def groups(self) -> list[str]:
        """The fields of the groups that its users are in."""
        return [*_groups(self.recorded), *(group.field for group in self.destination.groups)]


@contextmanager
def holders(
    opened: Opened,
    session: Session,
    ours: Leaver,
    everything: Mapping[str, Known],
    previews: Mapping[str, Preview],
    leaving: Mapping[str, str],
) -> Iterator[Callable[[], Sequence[Holder]]]:
    """What finds the neighbours that have users, until the block ends; nothing is read before.

    What is elsewhere, or finds users by another identifier, holds nobody.

    Args:
        opened: the project.
        session: where the state is.
        ours: the destination that users may leave.
        everything: what is known of every destination, from the state tables.
        previews: tables to read instead of a destination's own, by its name.
        leaving: SQL over a row `s` of a neighbour's snapshot that tells who leaves it before our turn.
    """
    with ExitStack() as stack:
        yield lambda: [
            *_sent(opened, ours, everything, previews, leaving),
            *_about_to_be_sent(opened, session, ours, everything, stack),
        ]


def may_delete(opened: Opened, destination: Destination) -> bool:
    """Whether a neighbour may delete a user of this destination who has left it."""
    return any(other.sync_mode == "sync" for other in declared_beside(opened, destination))


def _groups(known: Known | None) -> list[str]:
    shape = known.shape if known else None
    return [f.field for f in shape.fields if f.field.startswith(GROUP_MARK)] if shape else []


def _sent(
    opened: Opened,
    ours: Leaver,
    everything: Mapping[str, Known],
    previews: Mapping[str, Preview],
    leaving: Mapping[str, str],
) -> Iterator[Holder]:
    """The neighbours that have sent users."""
    dialect = opened.reached.dialect
    normalisation = opened.identifier(ours.destination).normalisation
    for other in neighbours(opened, ours.destination, everything):
        if (
            other.endpoint != ours.app.endpoint
            or other.identifier != ours.destination.identifier
            or other.shape is None
        ):
            continue
        columns = [other.shape.field(name) for name in other.identifier]
        names = [f"s.{dialect.quote(column.name)}" for column in columns if column is not None]
        if len(names) == len(other.identifier):
            preview = previews.get(other.destination)
            table = preview.snapshot if preview else snapshot_table(opened.layout, other)
            stays = f" AND NOT ({leaving[other.destination]})" if other.destination in leaving else ""
            users = (
                f"SELECT {identifier_text(dialect, names, normalisation)} AS identifier "
                f"FROM {table} s WHERE NOT s.roo_departed{stays}"
            )
            yield Holder(other.destination, users, shared_groups(ours.groups, _groups(other)))


def _about_to_be_sent(
    opened: Opened, session: Session, ours: Leaver, everything: Mapping[str, Known], stack: ExitStack
) -> Iterator[Holder]:
    """The neighbours whose models have users, sent or not. One that is disabled sends nobody.

    Where a model cannot be read nobody knows whom it has. One that has no table, and never sent anybody, was
    not built here.
    """
    for other in declared_beside(opened, ours.destination):
        if not other.enabled or other.identifier != ours.destination.identifier:
            continue
        resolved, columns = _over_its_table(opened, ours, other)
        known = everything.get(other.name)
        if not columns and (known is None or known.shape is None):
            continue
        users = _modelled(opened, session, ours, resolved, columns, stack) if resolved else None
        theirs = [group.field for group in other.groups]
        yield Holder(
            other.name, users, shared_groups(ours.groups, theirs) if users else frozenset(ours.groups)
        )


def _over_its_table(
    opened: Opened, ours: Leaver, other: Destination
) -> tuple[Destination | None, Mapping[str, Column]]:
    """The identifier of another destination in terms of its table, None if it does not fit; its columns."""
    chosen = next((each for each in opened.destinations if each.name == other.name), None)
    lines = tuple(line for line in (chosen or other).mapping if line.field in other.identifier)
    identified = replace(chosen or other, mapping=lines, groups=(), map_other_columns=False)
    if chosen is not None:
        return identified, opened.columns[other.name]
    # In a session of its own: what the warehouse refuses must not end the transaction of the diff.
    with opened.source.session(ours.destination.name) as source:
        resolved, columns, problems = in_terms_of_its_table(opened, source, identified)
    is_known = len(lines) == len(other.identifier) and all(each.severity != "error" for each in problems)
    return resolved if is_known else None, columns


def _modelled(
    opened: Opened,
    session: Session,
    ours: Leaver,
    other: Destination,
    columns: Mapping[str, Column],
    stack: ExitStack,
) -> str | None:
    """SELECT of the identifiers of another destination's model as it is now; None if it cannot be read."""
    known = replace(opened, columns={**opened.columns, other.name: columns})
    try:
        here = stack.enter_context(arrived(known, session, other, name="held", label=ours.destination.name))
    except Blocked:
        return None
    rows = Comparison(
        destination=here.destination,
        columns=here.columns,
        dialect=opened.reached.dialect,
        layout=opened.layout,
        normalisation=opened.identifier(other).normalisation,
    )
    return f"SELECT {rows.identifier('c')} AS identifier FROM ({rows.current}) c"
