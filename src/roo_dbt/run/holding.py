"""Who else has the users that leave a destination: what its neighbours have sent, or are about to send.

A user who goes from one model to another, as from trial to customer, is never deleted on the way, whichever
destination has its turn first, in this run or in another one beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace

from roo_dbt.destinations.protocol import App
from roo_dbt.diff import Comparison, Holder
from roo_dbt.errors import Blocked
from roo_dbt.records import GROUP_MARK, Column, Destination, may_share_groups
from roo_dbt.run.arriving import arrived
from roo_dbt.run.neighbours import neighbours
from roo_dbt.run.opening import Opened, columns_by_name, in_terms_of_its_table
from roo_dbt.state import Known, Preview
from roo_dbt.state.swap import snapshot_table
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.dialect import identifier_text


@dataclass(frozen=True, slots=True)
class Leaver:
    """A destination that users may leave, and what tells who else has them.

    Args:
        destination: with its columns resolved.
        app: of the destination.
        groups: the fields of the groups that its users are in.
    """

    destination: Destination
    app: App
    groups: frozenset[str]

    @property
    def removes(self) -> bool:
        """Whether it does anything about users who leave."""
        return self.destination.sync_mode == "sync" or bool(self.groups)


def leaver(destination: Destination, app: App, recorded: Known | None) -> Leaver:
    """A destination as its users leave it; `recorded` is what is known of it."""
    shape = recorded.shape if recorded else None
    before = {f.field for f in shape.fields if f.field.startswith(GROUP_MARK)} if shape else set()
    return Leaver(destination, app, frozenset({*before, *(group.field for group in destination.groups)}))


def sent(
    opened: Opened,
    ours: Leaver,
    everything: Mapping[str, Known],
    previews: Mapping[str, Preview],
    leaving: Mapping[str, str],
) -> tuple[Holder, ...]:
    """The neighbours that have sent users; what is elsewhere, or found by another identifier, holds nobody.

    `leaving`: SQL over a row `s` of a neighbour's snapshot that tells who leaves it before our turn.
    """
    dialect, holders = opened.reached.dialect, []
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
            theirs = [f.field for f in other.shape.fields if f.field.startswith(GROUP_MARK)]
            holders.append(Holder(other.destination, users, may_share_groups(ours.groups, theirs)))
    return tuple(holders)


@contextmanager
def about_to_send(opened: Opened, session: Session, ours: Leaver) -> Iterator[tuple[Holder, ...]]:
    """The neighbours whose models have users, sent or not; to be asked until the block ends.

    One that is disabled sends nobody. One whose table is not there, or lacks the identifier, tells nothing.
    """
    declared = [
        other
        for other in opened.declarations.destinations
        if other.enabled
        and other.name != ours.destination.name
        and (other.app, other.object) == (ours.destination.app, ours.destination.object)
        and other.identifier == ours.destination.identifier
    ]
    with ExitStack() as stack:
        found = [_modelled(opened, session, ours, other, stack) for other in declared if ours.removes]
        yield tuple(holder for holder in found if holder is not None)


def _modelled(
    opened: Opened, session: Session, ours: Leaver, other: Destination, stack: ExitStack
) -> Holder | None:
    """The users of another destination's model as it is now."""
    found = _over_its_table(opened, session, other)
    if found is None:
        return None
    resolved, columns = found
    opened = replace(opened, columns={**opened.columns, other.name: columns})
    try:
        here = stack.enter_context(arrived(opened, session, resolved, name="held"))
    except Blocked:
        return None
    rows = Comparison(
        destination=here.destination,
        columns=here.columns,
        dialect=opened.reached.dialect,
        layout=opened.layout,
        normalisation=opened.identifier(other).normalisation,
    )
    users = f"SELECT {rows.identifier('c')} AS identifier FROM ({rows.current}) c"
    return Holder(other.name, users, may_share_groups(ours.groups, [group.field for group in other.groups]))


def _over_its_table(
    opened: Opened, session: Session, other: Destination
) -> tuple[Destination, Mapping[str, Column]] | None:
    """The identifier of another destination in terms of its table, selected or not."""
    chosen = next((each for each in opened.destinations if each.name == other.name), None)
    lines = tuple(line for line in (chosen or other).mapping if line.field in other.identifier)
    if len(lines) < len(other.identifier):
        return None
    identified = replace(chosen or other, mapping=lines, groups=(), map_other_columns=False)
    if chosen is not None:
        return identified, opened.columns[other.name]
    elsewhere = opened.source.session(other.name) if opened.is_state_elsewhere else nullcontext(session)
    with elsewhere as source:
        resolved, problems = in_terms_of_its_table(opened, source, identified)
        columns = columns_by_name(opened.source, source, other)
    return None if any(each.severity == "error" for each in problems) else (resolved, columns)
