"""The current rows taken as already exported: what a sync would send is remembered as sent."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace

from roo_dbt import state
from roo_dbt.destinations.protocol import App
from roo_dbt.errors import Blocked
from roo_dbt.records import Counts, Destination, DestinationResult, Outcome
from roo_dbt.run.beating import beating
from roo_dbt.run.comparing import Compared, compare, forget_settled, gate, refuse_blocked
from roo_dbt.run.neighbours import recover_neighbours
from roo_dbt.run.opening import Opened, open_project
from roo_dbt.run.options import Options
from roo_dbt.run.preparing import connect_apps, locked, prepare_state
from roo_dbt.warehouse import Session

_AT_ONCE = 100_000
"""Changes acknowledged in one step; a million take ten."""

_TAKEN = Outcome("accepted", message="taken as already sent by roo-dbt baseline")


def baseline(options: Options, environ: Mapping[str, str]) -> list[DestinationResult]:
    """Take the current rows of the selected destinations as already exported. Nobody is contacted.

    A snapshot of another endpoint, workspace or key is replaced. Records that no vendor could have,
    because they share an identifier, stay failed.

    Raises:
        CannotStart: the project, its configuration, its keys or the warehouse cannot be used.
    """
    # Every row goes through the comparison, refused ones too, and nothing elsewhere stands against it.
    options = replace(options, full_refresh=True, limit=None)
    with ExitStack() as held:
        opened = open_project(options, environ, read_only=False, held=held)
        apps = connect_apps(opened)
        prepare_state(opened)
        enabled = [destination for destination in opened.destinations if destination.enabled]
        return [_baseline(opened, destination, apps[destination.app]) for destination in enabled]


def _baseline(opened: Opened, destination: Destination, app: App) -> DestinationResult:
    began = time.monotonic()
    layout, run_id = opened.layout, opened.invocation.invocation_id
    result = DestinationResult(
        destination.name, destination.model.unique_id, destination.app, destination.object, "success"
    )
    with opened.reached.session(destination.name) as session:
        state.start_run(session, layout, destination, run_id, opened.invocation.target_name)
        overrides = "baseline"
        try:
            gate(opened, destination)
            with locked(opened, session, destination.name), beating(opened, destination.name, run_id):
                compared = _compare(opened, session, destination, app)
                failed = _take(opened, session, compared)
                result = _taken(result, compared, failed)
                overrides = "; ".join(["baseline", *compared.overrides])
        except Blocked as error:
            result = replace(result, status="blocked", message=str(error))
        result = replace(result, execution_time=round(time.monotonic() - began, 3))
        days = opened.declarations.settings.history_days
        state.finish_run(session, layout, run_id, result, overrides=overrides, history_days=days)
    return result


def _compare(opened: Opened, session: Session, destination: Destination, app: App) -> Compared:
    everything = recover_neighbours(opened, session, destination)
    run_id = opened.invocation.invocation_id
    compared = compare(opened, session, destination, app, everything=everything, run_id=run_id)
    refuse_blocked(opened, session, compared, run_id)
    return compared


def _take(opened: Opened, session: Session, compared: Compared) -> int:
    """Remember every change as accepted but for those that have a verdict; how many of these failed."""
    destination, layout = compared.comparison.destination, opened.layout
    run_id, total = opened.invocation.invocation_id, compared.frozen.total
    verdicts = {
        seq: Outcome(status, code, message, permanent=status == "failed")
        for seq, status, code, message in session.run(
            f"SELECT roo_seq, roo_status, roo_code, roo_message FROM {compared.comparison.changes} "
            f"WHERE roo_status IS NOT NULL AND roo_seq <= {total}"
        )
    }
    with session.transaction():
        state.register_changes(
            session,
            layout,
            destination,
            endpoint=compared.endpoint,
            workspace=compared.workspace,
            run_id=run_id,
            pending=compared.comparison.shape,
            fresh=compared.fresh,
        )
        forget_settled(session, compared)
        for first in range(1, total + 1, _AT_ONCE):
            part = range(first, min(first + _AT_ONCE, total + 1))
            outcomes = [(seq, verdicts.get(seq, _TAKEN)) for seq in part]
            state.acknowledge(session, layout, destination.name, run_id, outcomes)
    state.commit(session, opened.reached.dialect, layout, destination.name, run_id)
    return sum(verdict.status == "failed" for verdict in verdicts.values())


def _taken(result: DestinationResult, compared: Compared, failed: int) -> DestinationResult:
    taken = compared.frozen.rows - failed
    records = f"{taken:,} record{'s are' if taken != 1 else ' is'}"
    return replace(
        result,
        status="partial" if failed else "success",
        rows=compared.frozen.rows,
        counts=Counts(unchanged=taken, failed=failed),
        message=f"baseline: {records} taken as already sent; nothing was sent.",
    )
