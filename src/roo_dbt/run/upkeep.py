"""What people do to the state by hand: make records due, take a snapshot over, forget one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roo_dbt.errors import UsageProblem, nearest
from roo_dbt.records import Destination
from roo_dbt.records.history import GoneSnapshot
from roo_dbt.run.opening import Opened
from roo_dbt.run.options import Options
from roo_dbt.run.preparing import key_as_kept, locked, open_state, refuse_other_targets, state_session
from roo_dbt.state import Known, known
from roo_dbt.state.moving import active_records, gone_snapshots, has_leftovers, take_over, unsure_records
from roo_dbt.state.moving import forget as forget_snapshot
from roo_dbt.state.retry import make_due
from roo_dbt.warehouse import Session


def retry(options: Options, environ: Mapping[str, str], keys: Sequence[str]) -> int:
    """Make refused and unsure records of the selected destinations due again; how many there were.

    Args:
        options: where the project is, and which destinations are meant.
        environ: where `${NAME}` is looked up.
        keys: these records alone; empty: all of them.

    Raises:
        Blocked: a live run is exporting one of the destinations.
    """
    opened = open_state(options, environ, read_only=False)
    refuse_other_targets(opened, opened.declarations.apps)
    with state_session(opened) as session:
        if session is None:
            return 0
        recorded = known(session, opened.layout)
        return sum(
            _retry(opened, session, destination, keys)
            for destination in opened.destinations
            if destination.name in recorded
        )


def _retry(opened: Opened, session: Session, destination: Destination, keys: Sequence[str]) -> int:
    wanted = [key_as_kept(destination, key) for key in keys]
    with locked(opened, session, destination.name):
        return make_due(session, opened.layout, destination.name, wanted)


def gone(options: Options, environ: Mapping[str, str]) -> list[GoneSnapshot]:
    """Snapshots whose destination is not declared any more."""
    opened = open_state(options, environ, read_only=True)
    with state_session(opened) as session:
        return [] if session is None else gone_snapshots(session, opened.layout, _declared(opened))


def forget(options: Options, environ: Mapping[str, str], name: str) -> None:
    """Drop the snapshot of a destination that is gone. The vendor keeps what it has.

    Raises:
        UsageProblem: the destination is declared, or there is no snapshot of it.
        Blocked: a live run is exporting it.
    """
    opened = open_state(options, environ, read_only=False)
    refuse_other_targets(opened, opened.declarations.apps)
    with state_session(opened) as session:
        is_left = session is not None and has_leftovers(session, opened.layout, name)
        if name in _declared(opened) or not is_left:
            recorded_as_gone(opened, session, name)
        if session is not None:
            with locked(opened, session, name):
                forget_snapshot(session, opened.layout, name)


def adopt(options: Options, environ: Mapping[str, str], old: str) -> str:
    """Give the snapshot of a destination that is gone to the one that took its place; the latter's name.

    Raises:
        UsageProblem: the old one is declared or unknown, or it is not clear who takes its place.
        Blocked: a live run is exporting one of the two.
    """
    opened = open_state(options, environ, read_only=False)
    refuse_other_targets(opened, opened.declarations.apps)
    with state_session(opened) as session:
        before = recorded_as_gone(opened, session, old)
        heir = _heir(opened, before)
        if session is not None:
            with locked(opened, session, old), locked(opened, session, heir.name):
                _refuse_two_snapshots(opened, session, old, heir.name)
                run_id = opened.invocation.invocation_id
                take_over(session, opened.reached.dialect, opened.layout, old, heir, run_id)
    return heir.name


def recorded_as_gone(opened: Opened, session: Session | None, name: str) -> Known:
    """What is known of a destination that is gone.

    Raises:
        UsageProblem: it is declared, or nothing is known of it.
    """
    declared = _declared(opened)
    if name in declared:
        raise UsageProblem(
            f"{name} is declared in this project, so its snapshot is in use.",
            hint="Remove the destination from the model's meta first, or send everything again with "
            "roo-dbt sync --full-refresh.",
        )
    everything = known(session, opened.layout) if session else {}
    if name not in everything:
        names = [other for other in everything if other not in declared]
        close = nearest(name, names)
        hint = f"Did you mean {close}?" if close else "roo-dbt status lists the snapshots nobody declares."
        raise UsageProblem(f"there is no snapshot named {name}.", hint=hint)
    return everything[name]


def _declared(opened: Opened) -> list[str]:
    return [destination.name for destination in opened.declarations.destinations]


def _heir(opened: Opened, before: Known) -> Destination:
    """The destination that takes the place of one that is gone."""
    name = before.destination
    alike = [d for d in opened.destinations if (d.app, d.object) == (before.app, before.object)]
    if not opened.options.destinations:
        alike = [d for d in alike if d.model.unique_id == before.unique_id]
    if len(alike) == 1:
        return alike[0]
    was = f"{name} was {before.unique_id} → {before.app} {before.object}"
    if alike:
        names = ", ".join(d.name for d in alike)
        raise UsageProblem(
            f"{was}, and several destinations are: {names}.", hint="Name one with --destination."
        )
    raise UsageProblem(
        f"{was}, and no selected destination is.",
        hint="Name the one that takes its place with --destination; app and object must be the same.",
    )


def _refuse_two_snapshots(opened: Opened, session: Session, old: str, new: str) -> None:
    """Nothing is taken over into a snapshot that holds records already, or from one that never held any."""
    everything = known(session, opened.layout)
    own = everything.get(new)
    records = active_records(session, opened.layout, own) if own and own.shape else 0
    if records:
        raise UsageProblem(
            f"{new} has a snapshot of its own already, with {records:,} records.",
            hint=f"To drop the old one, type roo-dbt forget {old}.",
        )
    unsure = unsure_records(session, opened.layout, new, but=old)
    if unsure:
        found = f"{unsure:,} record{'s' if unsure != 1 else ''}"
        raise UsageProblem(
            f"{new} has {found} of its own that may have arrived, which would be forgotten.",
            hint=f"roo-dbt failures -d {new} names them; roo-dbt retry -d {new} makes them due again.",
        )
    if everything[old].shape is None:
        raise UsageProblem(f"{old} never sent a record, so there is nothing to take over.")
