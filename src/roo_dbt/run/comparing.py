"""One destination's diff, for a sync and for a plan alike: keys, guards and frozen changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from roo_dbt import state
from roo_dbt.destinations.protocol import App
from roo_dbt.diff import (
    Comparison,
    Frozen,
    freeze,
    note_withheld,
    read_page,
    read_withheld,
    withheld_keys,
    withhold,
)
from roo_dbt.errors import Blocked
from roo_dbt.guard import Identity, other_identity, renamed, same_key_columns, too_many
from roo_dbt.records import Change, Destination, Failure, Reason
from roo_dbt.run.arriving import Arrived, arrived
from roo_dbt.run.holding import Leaver, holders, may_delete
from roo_dbt.run.opening import Opened
from roo_dbt.run.paging import page_ranges
from roo_dbt.run.spending import too_expensive
from roo_dbt.run.withholding import may_withhold
from roo_dbt.state import Known, Preview, former_identifiers, heartbeat, strangers, workspace_of
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.statement import RefusedStatement

FAILURES_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Compared:
    """A diff that is ready to be sent or shown.

    `fresh`: the old snapshot belongs elsewhere and is replaced. `reasons` are the guards that stop
    it. `overrides` are the flags that were needed. `withheld` are the first records that failed dbt
    tests hold back, `failed_tests` the names of those. `cost` says what it takes to have the state elsewhere
    than the models.
    """

    comparison: Comparison
    frozen: Frozen
    endpoint: str
    workspace: str
    fresh: bool
    reasons: tuple[str, ...]
    overrides: tuple[str, ...]
    withheld: tuple[Failure, ...] = ()
    failed_tests: tuple[str, ...] = ()
    cost: str | None = None

    @property
    def is_baseline(self) -> bool:
        """The first sync takes what is there as already sent."""
        return self.comparison.snapshot is None and self.comparison.destination.first_sync == "baseline"

    @property
    def notes(self) -> tuple[str, ...]:
        """How many rows failed dbt tests hold back, and which tests."""
        tests = ", ".join(sorted(self.failed_tests))
        held = f"{self.frozen.withheld:,} held back: they fail in dbt ({tests})"
        return (held,) if self.frozen.withheld else ()

    @property
    def held_back(self) -> tuple[Reason, ...]:
        """The rows that failed dbt tests hold back, as a reason."""
        if not self.frozen.withheld:
            return ()
        said = self.withheld[0].message if self.withheld else "held back: a dbt test lists it"
        return (Reason("held", "invalid_value", self.frozen.withheld, said),)


_WAYS = {
    True: "hold_back_failing_rows: true (with store_failures on the tests), or on_failed_model: warn",
    False: "on_failed_model: warn",
}


def gate(opened: Opened, destination: Destination) -> str | None:
    """Refuse a model that dbt could not build or test; the warning, if it may go all the same.

    Raises:
        Blocked: the run results say that it failed or was skipped.
    """
    reason = opened.blocked.get(destination.model.unique_id)
    if reason is None or may_withhold(opened, destination):
        return None
    if destination.on_failed_model == "warn":
        return reason
    way = _WAYS[destination.model.unique_id in opened.failed_tests]
    hint = f"Mend it and run dbt build, or set {way}."
    raise Blocked(reason, where=destination.model.name, hint=hint)


def compare(
    opened: Opened,
    session: Session,
    destination: Destination,
    app: App,
    *,
    everything: dict[str, Known],
    run_id: str | None,
    previews: Mapping[str, Preview] | None = None,
    has_secrets: bool = True,
    planned: Mapping[str, Compared] | None = None,
) -> Compared:
    """Find what changed and what stands against sending it.

    Args:
        opened: the project.
        session: temporary tables live as long as it does.
        destination: with its columns resolved.
        app: whose endpoint and key the snapshot is compared with.
        everything: what is known of every destination, from the state tables.
        run_id: the run that has the lock; None for a plan, which leaves no trace.
        previews: tables to compare with instead of a destination's own, by its name.
        has_secrets: the app's key is real; without it workspaces are not compared.
        planned: what a plan found for the destinations before this one, which a sync would have sent.

    Raises:
        Blocked: null or duplicate keys, another key, values that the warehouse cannot handle.
        WarehouseLost: not our lock.
    """
    options, recorded = opened.options, everything.get(destination.name)
    workspace = _workspace(app, recorded) if has_secrets else ""
    table, refusals = _tables(opened, destination, previews or {})
    elsewhere = _identity_guards(opened, destination, app, recorded, workspace)
    # What holds no record stands in nobody's way; its refusals were meant for elsewhere, too.
    fresh = bool(elsewhere) and (options.full_refresh or _is_empty(session, table, refusals, destination))
    elsewhere = [] if fresh and not options.full_refresh else elsewhere
    if elsewhere and not options.full_refresh and _other_key(destination, recorded):
        # The snapshot cannot be compared by a key that it does not have.
        raise Blocked(" Also: ".join(elsewhere), where=destination.name)
    shape = recorded.shape if recorded and not fresh else None
    old_name = [] if shape or fresh else _name_guards(opened, destination, everything)
    leaving = {name: _leaving(opened, before) for name, before in (planned or {}).items()}
    others = holders(opened, session, Leaver(destination, app, recorded), everything, previews or {}, leaving)
    with arrived(opened, session, destination, withholds=True) as here, others as found:
        comparison = replace(
            comparison_of(opened, here),
            snapshot=(table, shape) if shape else None,
            unaccepted=_refusals(session, refusals, destination) if recorded and not fresh else None,
            holders=found,
            temporary=run_id is None,
            former=_former(opened, destination) if everything else None,
        )
        comparison = withhold(session, comparison, here.failing) if here.failing else comparison
        frozen = _freeze(opened, session, comparison, run_id)
        held = _withheld(session, comparison)
    reasons, overrides = _weigh(opened, destination, frozen, [*elsewhere, *old_name])
    reasons = (*reasons, *too_expensive(session, comparison, frozen, opened.object(destination, app)))
    tests, place = tuple(each.test for each in here.failing), (app.endpoint, workspace)
    return Compared(comparison, frozen, *place, fresh, reasons, overrides, held, tests, here.cost)


def _workspace(app: App, recorded: Known | None) -> str:
    return workspace_of(app.workspace, app.secrets(), recorded.workspace if recorded else "")


def _tables(opened: Opened, destination: Destination, previews: Mapping[str, Preview]) -> tuple[str, str]:
    """The snapshot to compare with, and the table of refusals."""
    preview = previews.get(destination.name)
    if preview is None:
        return opened.layout.snapshot(destination.name), opened.layout.unaccepted
    return preview.snapshot, preview.unaccepted


def refuse_blocked(opened: Opened, session: Session, compared: Compared, run_id: str) -> None:
    """Go no further if a guard stops the diff; its frozen changes, which nobody will send, are dropped.

    Raises:
        Blocked: with the reasons of the guards.
        WarehouseLost: another run took over the lock, and the changes may be its.
    """
    if not compared.reasons:
        return
    name = compared.comparison.destination.name
    with session.transaction():
        heartbeat(session, opened.layout, name, run_id)
        session.run(f"DROP TABLE IF EXISTS {compared.comparison.changes}")
    raise Blocked(" Also: ".join(compared.reasons), where=name)


def _freeze(opened: Opened, session: Session, comparison: Comparison, run_id: str | None) -> Frozen:
    still_ours = None
    # Where nobody else can open the database, the session itself keeps the lock ours.
    if run_id and opened.reached.is_shared:
        still_ours = partial(heartbeat, session, opened.layout, comparison.destination.name, run_id)
    try:
        return freeze(session, comparison, still_ours)
    except RefusedStatement as error:
        reason = f"the warehouse cannot compare it: {error.message}"
        raise Blocked(reason, where=comparison.destination.model.name) from None


def comparison_of(opened: Opened, here: Arrived) -> Comparison:
    """A comparison as the declaration and the options want it, before anything is known of the past."""
    destination = here.destination
    options, kind = opened.options, opened.object_class(destination)
    resends = kind.resends and destination.sync_mode == "enrich"
    return Comparison(
        destination=destination,
        columns=here.columns,
        dialect=opened.reached.dialect,
        layout=opened.layout,
        normalisation=opened.identifier(destination).normalisation,
        full_refresh=options.full_refresh,
        limit=options.limit,
        resend=options.resend_subscriptions,
        order=kind.order,
        unique_identifier=kind.unique_identifier,
        frees_identifiers=kind.frees_identifiers,
        resend_after_days=destination.recheck_days if resends else None,
        recheck_days=destination.recheck_days or kind.recheck_days,
        is_shared=may_delete(opened, destination),
        consent=frozenset(known.name for known in kind.known if known.consent),
        worded=frozenset(known.name for known in kind.known if known.consent and "array" not in known.type),
    )


def _weigh(
    opened: Opened, destination: Destination, frozen: Frozen, elsewhere: list[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The guards that stop the sync, and the flags and settings that overrode others."""
    options = opened.options
    removals = too_many(
        destination,
        rows=frozen.rows,
        active=frozen.active,
        removals=frozen.removals,
        cleared=frozen.cleared,
        leavers=frozen.leavers,
    )
    overridden = destination.name in options.yes_delete
    failed_model = opened.blocked.get(destination.model.unique_id)
    withheld = may_withhold(opened, destination)
    reasons = (*(() if options.full_refresh else elsewhere), *(() if overridden else removals))
    overrides = {
        "--full-refresh": options.full_refresh and bool(elsewhere),
        f"--yes-delete {destination.name}": overridden and bool(removals),
        f"on_failed_model: warn ({failed_model})": failed_model is not None and not withheld,
        f"hold_back_failing_rows ({failed_model})": failed_model is not None and withheld,
        "--same-workspace": options.same_workspace,
    }
    return reasons, tuple(flag for flag, used in overrides.items() if used)


def pages(opened: Opened, compared: Compared) -> Iterator[Sequence[Change]]:
    """The frozen changes, each page in a session of its own."""
    for after, size in page_ranges(compared.frozen.total):
        with opened.reached.session(compared.comparison.destination.name) as session:
            page = read_page(session, compared.comparison, after, size)
        yield page


def _withheld(session: Session, comparison: Comparison) -> tuple[Failure, ...]:
    note_withheld(session, comparison)
    return read_withheld(session, comparison, FAILURES_SHOWN)


def forget_settled(session: Session, compared: Compared) -> None:
    """Forget the refusals of records that are no change any more, once the changes are frozen.

    Rows that failed tests hold back are no changes either, and what was refused of them stays refused.
    """
    comparison = compared.comparison
    if not compared.fresh:
        name, withheld = comparison.destination.name, withheld_keys(comparison)
        state.forget_settled(session, comparison.layout, name, comparison.changes, withheld)


def _identity_guards(
    opened: Opened, destination: Destination, app: App, recorded: Known | None, workspace: str
) -> list[str]:
    if recorded is None or recorded.shape is None:
        return []
    endpoint = "" if app.endpoint.endswith(".invalid") else app.endpoint
    return other_identity(
        Identity(recorded.endpoint, recorded.workspace, recorded.key_columns),
        Identity(endpoint, workspace, destination.key),
        same_workspace=opened.options.same_workspace,
    )


def _is_empty(session: Session, table: str, refusals: str, destination: Destination) -> bool:
    """Whether nothing of a destination is at its vendor, as far as anybody knows."""
    unsure = f"SELECT count(*) FROM {refusals} WHERE destination = ? AND status = 'unknown'"
    return not (session.one(f"SELECT count(*) FROM {table}") or session.one(unsure, [destination.name]))


def _other_key(destination: Destination, recorded: Known | None) -> bool:
    return recorded is not None and not same_key_columns(recorded.key_columns, destination.key)


def _name_guards(opened: Opened, destination: Destination, everything: dict[str, Known]) -> list[str]:
    declared = [each.name for each in opened.declarations.destinations]
    return renamed(strangers(list(everything.values()), declared, destination))


def _former(opened: Opened, destination: Destination) -> str:
    app, fields = destination.app, destination.identifier
    return former_identifiers(opened.reached.dialect, opened.layout, app, fields)


def _refusals(session: Session, table: str, destination: Destination) -> str | None:
    count = session.one(
        f"SELECT count(*) FROM {table} WHERE destination = ? AND permanent", [destination.name]
    )
    return table if count else None


def _leaving(opened: Opened, before: Compared) -> str:
    """Who leaves a destination that has its turn before ours; a sync finds its snapshot without them."""
    if before.reasons:
        return "false"
    quote, text = opened.reached.dialect.quote, opened.reached.dialect.text
    same = " AND ".join(
        f"{text(f'g.{quote(key.name)}')} = {text(f's.{quote(key.name)}')}" for key in before.comparison.keys
    )
    return (
        f"EXISTS (SELECT 1 FROM {before.comparison.changes} g WHERE g.roo_operation IN ('delete', 'depart') "
        f"AND NOT g.roo_held AND g.roo_seq <= {before.frozen.total} AND {same})"
    )
