"""One destination's plan: the diff of a sync, shown instead of sent, without a trace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from roo_dbt import state
from roo_dbt.destinations.protocol import App
from roo_dbt.destinations.supervision import Asked
from roo_dbt.diff import changed_fields, read_page, reasons
from roo_dbt.errors import Blocked, ConfigurationProblem
from roo_dbt.estimate import Estimate, sample
from roo_dbt.records import Change, Destination, DestinationPlan, PlanCounts, Reason, without_mark
from roo_dbt.run.comparing import Compared, compare, gate
from roo_dbt.run.neighbours import neighbours
from roo_dbt.run.opening import Opened
from roo_dbt.run.paging import page_ranges
from roo_dbt.state import Known
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.statement import RefusedStatement


def plan_destination(
    opened: Opened,
    session: Session,
    destination: Destination,
    planned: dict[str, Compared],
    *,
    show_values: bool,
) -> DestinationPlan:
    """What a sync would do for one destination. Writes temporary tables only.

    `session` is the whole plan's, and from here on this destination's. `planned` holds what was found for
    the destinations before it, and gets this one's.
    """
    if not destination.enabled:
        return _empty(destination, "skipped", "disabled by enabled: false")
    session.label = destination.name
    try:
        warning = gate(opened, destination)
        notes = [warning] if warning else []
        compared = planned[destination.name] = _compare(opened, session, destination, planned)
    except Blocked as error:
        return _empty(destination, "blocked", str(error), blocked_by=(str(error),))
    notes += _notes(opened, session, compared)
    frozen = compared.frozen
    if compared.is_baseline:
        return _baseline(compared)
    obj = opened.object(destination, opened.app(destination))
    estimate = Estimate(obj)
    with Asked(type(obj.app).type, "its calls"):
        estimate.read(_pages(session, compared))
    effort = estimate.effort(frozen.total)
    fields = changed_fields(session, compared.comparison, frozen.total)
    return DestinationPlan(
        destination=destination.name,
        unique_id=destination.model.unique_id,
        app=destination.app,
        object=destination.object,
        status="blocked" if compared.reasons else "planned",
        counts=PlanCounts(
            create=frozen.creates,
            update=frozen.updates,
            delete=frozen.deletes,
            unchanged=frozen.unchanged,
            skip=frozen.skips,
            held=frozen.held,
        ),
        rows=frozen.rows,
        fields={without_mark(name): count for name, count in fields.items()},
        requests=effort.requests,
        seconds=effort.seconds,
        data_points=None if obj.data_points({}) is None else estimate.data_points(frozen.total),
        samples=tuple(sample(change, show_values=show_values) for change in estimate.samples()),
        blocked_by=compared.reasons,
        notes=(*notes, *compared.notes),
        reasons=_reasons(session, compared, estimate),
    )


def _notes(opened: Opened, session: Session, compared: Compared) -> list[str]:
    """What whoever reads the plan should know of it."""
    notes = []
    if not state.tables_exist(opened.reached, session, opened.database, opened.schema):
        schema = f"{opened.database}.{opened.schema}" if opened.options.state_database else opened.schema
        notes.append(f"no earlier sync is recorded in the schema {schema}, so every record is new")
    if compared.comparison.destination.sync_mode == "enrich":
        notes.append("enrich: which users the vendor does not have is known only at the sync")
    return [*notes, compared.cost] if compared.cost else notes


def _reasons(session: Session, compared: Compared, estimate: Estimate) -> tuple[Reason, ...]:
    """Why records would not be accepted: what the warehouse knows, and what building the requests shows."""
    total = compared.frozen.total
    known = reasons(session, compared.comparison, total)
    return (*known, *compared.held_back, *estimate.refused(total))


def _compare(
    opened: Opened, session: Session, destination: Destination, planned: Mapping[str, Compared]
) -> Compared:
    """What a sync would find. Begins anew if one has ended meanwhile, and its tables with it."""
    everything = _known(opened, session)
    try:
        return _compare_with(opened, session, destination, everything, planned)
    except (Blocked, RefusedStatement):
        if (now := _known(opened, session)) == everything:
            raise
        return _compare_with(opened, session, destination, now, planned)


def _known(opened: Opened, session: Session) -> dict[str, Known]:
    if not state.tables_exist(opened.reached, session, opened.database, opened.schema):
        return {}
    return state.known(session, opened.layout)


def _compare_with(
    opened: Opened,
    session: Session,
    destination: Destination,
    everything: Mapping[str, Known],
    planned: Mapping[str, Compared],
) -> Compared:
    app, has_secrets = _app(opened, destination)
    # What interrupted runs had confirmed counts, also that of others, who may have the same users.
    recorded = everything.get(destination.name)
    interrupted = [row for row in (recorded, *neighbours(opened, destination, everything)) if row]
    previews = {
        row.destination: state.preview(session, opened.reached.dialect, opened.layout, row)
        for row in interrupted
        if row.is_interrupted
    }
    return compare(
        opened,
        session,
        destination,
        app,
        everything={**everything, **{name: preview.known for name, preview in previews.items()}},
        run_id=None,
        previews=previews,
        has_secrets=has_secrets,
        planned=planned,
    )


def _app(opened: Opened, destination: Destination) -> tuple[App, bool]:
    """The app with its key if the environment has it; a plan needs none."""
    with suppress(ConfigurationProblem):
        return opened.connect(destination.app), True
    return opened.app(destination), False


def _pages(session: Session, compared: Compared) -> Iterator[Sequence[Change]]:
    for after, size in page_ranges(compared.frozen.total):
        yield read_page(session, compared.comparison, after, size)


def _baseline(compared: Compared) -> DestinationPlan:
    plan = _empty(compared.comparison.destination, "skipped", "")
    note = f"first_sync: baseline takes {compared.frozen.total:,} records as already sent"
    return replace(
        plan,
        status="blocked" if compared.reasons else "planned",
        message=None,
        rows=compared.frozen.rows,
        counts=PlanCounts(unchanged=compared.frozen.rows),
        blocked_by=compared.reasons,
        notes=(note, *([compared.cost] if compared.cost else [])),
    )


def _empty(
    destination: Destination, status: str, message: str, *, blocked_by: tuple[str, ...] = ()
) -> DestinationPlan:
    return DestinationPlan(
        destination=destination.name,
        unique_id=destination.model.unique_id,
        app=destination.app,
        object=destination.object,
        status="blocked" if status == "blocked" else "skipped",
        message=message,
        blocked_by=blocked_by,
    )
