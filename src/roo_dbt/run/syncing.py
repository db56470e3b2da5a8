"""One destination from diff to report: the steps of a sync in their order."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace

from roo_dbt import state
from roo_dbt.destinations.protocol import App, Call, Object
from roo_dbt.diff import group_names, mark_overwritten, reasons
from roo_dbt.errors import (
    AppRefused,
    Blocked,
    RooError,
    Stopped,
    WarehouseLost,
    WarehouseUnavailable,
)
from roo_dbt.export import Lane, Shipment, export
from roo_dbt.records import (
    Change,
    Counts,
    Destination,
    DestinationResult,
    Failure,
    Outcome,
    Progress,
    Reason,
    ResultStatus,
    Trace,
)
from roo_dbt.run.beating import HEARTBEAT_SECONDS, beating
from roo_dbt.run.comparing import (
    FAILURES_SHOWN,
    Compared,
    compare,
    forget_settled,
    gate,
    pages,
    refuse_blocked,
)
from roo_dbt.run.neighbours import recover_neighbours
from roo_dbt.run.offered import refuse_undefined
from roo_dbt.run.opening import Opened
from roo_dbt.run.receipts import Receipts
from roo_dbt.run.tally import Tally
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.statement import RefusedStatement

ACKNOWLEDGE_SECONDS = 1.0


@dataclass(frozen=True)
class Sync:
    """The sync of one destination.

    Args:
        opened: the project.
        destination: with its columns resolved.
        app: its app, with the key.
        lane: the way there.
        progress: who wants to know.
        run_id: of the whole invocation.
    """

    opened: Opened
    destination: Destination
    app: App
    lane: Lane
    progress: Progress
    run_id: str

    def run(self) -> tuple[DestinationResult, RooError | None]:
        """Do it. The error, if there is one, decides the exit code of the whole run."""
        began = time.monotonic()
        tally, problem = Tally(self.opened.began), None
        compared: Compared | None = None
        shipment: Shipment | None = None
        try:
            # The warehouse is held open before the first request and after the last, not between them.
            with self._session():
                self._lock()
                compared = self._find()
                tally.held = self._held(compared)
                self.progress.started(self.destination.name, compared.frozen.total)
                if not compared.frozen.total or compared.is_baseline:
                    return self._take_as_sent(began, compared, tally)
                obj = self.opened.object(self.destination, self.app)
                groups = self._groups(compared)
            calls = self._calls(obj, groups)
            shipment = export(self._pages(compared, calls), calls, self.lane)
            problem = self._send(shipment, tally, is_sure=all(call.repeatable for call in calls))
            with self._session(sending=True):
                return self._end(began, compared, shipment, tally, problem)
        except RooError as error:
            result = self._result(began, compared, shipment, tally, error)
            self.give_up(result)
            self.progress.finished(result)
            return result, error

    def _calls(self, obj: Object, groups: Sequence[str]) -> tuple[Call, ...]:
        """The calls of the vendor, after it found or made what they need."""
        watch = self.lane.watch
        with watch.inside("fields"):
            refuse_undefined(obj, self.lane.send)
        with watch.inside("prepare"):
            obj.prepare(self.lane.send, groups)
        with watch.inside("calls"):
            return obj.calls()

    def _end(
        self,
        began: float,
        compared: Compared,
        shipment: Shipment | None,
        tally: Tally,
        problem: RooError | None,
    ) -> tuple[DestinationResult, RooError | None]:
        """Commit what was confirmed, write the history, give the lock back."""
        failures = self._commit()
        result = self._result(began, compared, shipment, tally, problem, failures)
        with self._session() as session:
            self._finish(session, result)
            state.unlock(session, self.opened.layout, self.destination.name, self.run_id)
        self.progress.finished(result)
        return result, problem

    def give_up(self, result: DestinationResult) -> None:
        """Write the history and give the lock back, if the warehouse can still be reached.

        A lock that stays is taken over by the next run, because this process is gone by then.
        """
        with suppress(RooError), self._session() as session:
            self._finish(session, result)
            state.unlock(session, self.opened.layout, self.destination.name, self.run_id)

    def _lock(self) -> None:
        layout, name = self.opened.layout, self.destination.name
        with self._session() as session:
            state.start_run(
                session, layout, self.destination, self.run_id, self.opened.invocation.target_name
            )
            gate(self.opened, self.destination)
            state.lock(session, layout, name, self.run_id)

    def _find(self) -> Compared:
        """Recover, compare, guard; the changes are frozen when this returns."""
        layout, name = self.opened.layout, self.destination.name
        with beating(self.opened, name, self.run_id), self._session() as session:
            if not self.opened.reached.is_shared:
                # Ours now is ours as long as the session has the file; elsewhere every writing asks again.
                state.heartbeat(session, layout, name, self.run_id)
            state.recover(session, self.opened.reached.dialect, layout, name, self.run_id)
            everything = recover_neighbours(self.opened, session, self.destination)
            compared = compare(
                self.opened,
                session,
                self.destination,
                self.app,
                everything=everything,
                run_id=self.run_id,
            )
            refuse_blocked(self.opened, session, compared, self.run_id)
            with session.transaction():
                if compared.is_baseline:
                    # Before anything is pending: a run that ends in between must not look like one that
                    # was about to send all of it.
                    state.acknowledge(session, layout, name, self.run_id, _as_sent(compared.frozen.total))
                mark_overwritten(session, compared.comparison, compared.frozen.total)
                state.register_changes(
                    session,
                    layout,
                    self.destination,
                    endpoint=compared.endpoint,
                    workspace=compared.workspace,
                    run_id=self.run_id,
                    pending=compared.comparison.shape,
                    fresh=compared.fresh,
                    whole=self.opened.options.full_refresh and compared.comparison.snapshot is not None,
                )
                state.note_overrides(session, layout, name, self.run_id, compared.overrides)
                forget_settled(session, compared)
        return compared

    def _held(self, compared: Compared) -> Sequence[Reason]:
        """Why records are held; asked before the frozen changes are gone."""
        if not compared.frozen.held:
            return ()
        with self._session() as session:
            return reasons(session, compared.comparison, 0)

    def _take_as_sent(
        self, began: float, compared: Compared, tally: Tally
    ) -> tuple[DestinationResult, RooError | None]:
        """End without a request; under `first_sync: baseline` what is there counts as sent."""
        tally.counts["unchanged"] += compared.frozen.total
        return self._end(began, compared, None, tally, None)

    def _groups(self, compared: Compared) -> list[str]:
        if not self.destination.groups and not any(f.is_group for f in compared.comparison.fields):
            return []
        with self._session() as session:
            return group_names(session, compared.comparison, compared.frozen.total)

    def _pages(self, compared: Compared, calls: Sequence[Call]) -> Iterator[Sequence[Change]]:
        """The frozen changes, marked before they leave: after a crash nobody knows what of them has left.

        An event that may go twice leaves nothing that could have to be taken back.
        """
        repeatable = all(call.repeatable for call in calls)
        is_marked = not (repeatable and compared.comparison.once)
        with _while_sending():
            for page in pages(self.opened, compared):
                if page and is_marked:
                    layout, name = self.opened.layout, self.destination.name
                    span = page[0].seq, page[-1].seq
                    with self._session() as session, session.transaction():
                        # Who slept while another run took over must not send that one's changes.
                        state.heartbeat(session, layout, name, self.run_id)
                        state.mark_sending(session, layout, name, self.run_id, span, repeatable=repeatable)
                yield page

    def _send(self, shipment: Shipment, tally: Tally, *, is_sure: bool) -> RooError | None:
        """Send the changes and acknowledge as answers come in; why it ended early, if it did.

        `is_sure`: what has no sure answer may be sent again without harm.
        """
        chosen = self.opened.declarations.settings.acknowledge_seconds
        wait = chosen or self.opened.reached.acknowledge_seconds or ACKNOWLEDGE_SECONDS
        now = time.monotonic()
        receipts = Receipts(self._acknowledge, shipment.traces, every=wait, beat=HEARTBEAT_SECONDS, last=now)
        problem: RooError | None = None
        tally.note(now, 0)
        try:
            # Whatever ends it is raised after the requests in flight have landed.
            for settled in shipment:
                for change, ended in settled:
                    outcome = ended
                    if outcome.status == "unknown" and not is_sure:
                        outcome = replace(outcome, permanent=True)
                    tally.add(change, outcome)
                    receipts.add(change.seq, outcome)
                self.progress.advanced(self.destination.name, len(settled))
                now = time.monotonic()
                tally.note(now, shipment.requests + shipment.retries)
                try:
                    receipts.write_if_due(now)
                except WarehouseLost as error:
                    # The loop goes on: a commit must know of every request whether it landed.
                    self.lane.halt(error)
        except (Stopped, AppRefused) as error:
            problem = error
        tally.end(time.monotonic(), shipment.requests + shipment.retries)
        receipts.finish()
        return problem

    def _acknowledge(
        self, outcomes: Sequence[tuple[int, Outcome]], traces: Sequence[tuple[int, Trace]] = ()
    ) -> None:
        """Write outcomes and traces, all of them or none, while the lock is ours."""
        layout, name = self.opened.layout, self.destination.name
        with self._session(sending=True) as session, session.transaction():
            state.heartbeat(session, layout, name, self.run_id)
            # Traces first: an outcome without its trace, after a death in between, would hide what arrived.
            state.note_traces(session, layout, name, self.run_id, traces)
            state.acknowledge(session, layout, name, self.run_id, outcomes)

    def _commit(self) -> tuple[Failure, ...]:
        """Fold what was confirmed into the snapshot; the first records that are still not accepted."""
        layout, name = self.opened.layout, self.destination.name
        with beating(self.opened, name, self.run_id), self._session() as session:
            state.commit(session, self.opened.reached.dialect, layout, name, self.run_id)
            rows = state.failures(session, layout, destination=name, limit=FAILURES_SHOWN)
        return tuple(Failure(row.key, row.operation, row.code, row.message) for row in rows)

    def _finish(self, session: Session, result: DestinationResult) -> None:
        state.finish_run(
            session,
            self.opened.layout,
            self.run_id,
            result,
            overrides=None,
            history_days=self.opened.declarations.settings.history_days,
        )

    @contextmanager
    def _session(self, *, sending: bool = False) -> Iterator[Session]:
        """A session; once requests have left, a warehouse that cannot be reached is one that was lost."""
        how = _while_sending() if sending else nullcontext()
        with how, self.opened.reached.session(self.destination.name) as session:
            yield session

    def _result(
        self,
        began: float,
        compared: Compared | None,
        shipment: Shipment | None,
        tally: Tally,
        problem: RooError | None,
        failures: tuple[Failure, ...] = (),
    ) -> DestinationResult:
        frozen = compared.frozen if compared else None
        counts = Counts(
            **{**tally.counts, "unchanged": tally.counts["unchanged"] + (frozen.unchanged if frozen else 0)},
            held=frozen.held if frozen else 0,
        )
        rows = frozen.rows if frozen else None
        refused = counts.failed + counts.held
        allowed = self.destination.allowed_failures.records(rows or 0, at_least=0)
        return DestinationResult(
            destination=self.destination.name,
            unique_id=self.destination.model.unique_id,
            app=self.destination.app,
            object=self.destination.object,
            status=_status(counts, problem),
            counts=counts,
            message=str(problem) if problem else _remarks(tally, compared),
            rows=rows,
            requests=shipment.requests if shipment else 0,
            retries=shipment.retries if shipment else 0,
            statements=self.opened.source.statements(self.destination.name),
            bytes_scanned=self.opened.source.bytes_scanned(self.destination.name),
            execution_time=round(time.monotonic() - began, 3),
            failures=_shown(compared.withheld if compared else (), failures),
            reasons=(*tally.reasons(), *(compared.held_back if compared else ())),
            moments=tuple(tally.moments),
            tolerated=problem is None and counts.unknown == 0 and refused <= allowed,
        )


@contextmanager
def _while_sending() -> Iterator[None]:
    """A warehouse that cannot be reached, or refuses, once requests have left is one that was lost."""
    try:
        yield
    except WarehouseUnavailable as error:
        raise WarehouseLost(error.message, where=error.where, hint=error.hint) from error
    except RefusedStatement as error:
        said = f"the warehouse refused a statement: {error.message}"
        hint = "What was confirmed is kept: run the same command again to send the rest."
        raise WarehouseLost(said, hint=hint) from error


def _as_sent(total: int) -> list[tuple[int, Outcome]]:
    """The outcome of every change of a first sync that takes what is there as already sent."""
    outcome = Outcome("accepted", message="taken as already sent (first_sync: baseline)")
    return [(seq, outcome) for seq in range(1, total + 1)]


def _shown(withheld: Sequence[Failure], failures: Sequence[Failure]) -> tuple[Failure, ...]:
    """The first records that are not accepted, each once: what is held back may have been refused before."""
    keys = {failure.key for failure in withheld}
    return (*withheld, *(failure for failure in failures if failure.key not in keys))[:FAILURES_SHOWN]


def _remarks(tally: Tally, compared: Compared | None) -> str | None:
    """What a person should know of a sync that ended well."""
    remarks = tally.remarks()
    if compared is None:
        return "; ".join(remarks) or None
    remarks += compared.notes
    frozen = compared.frozen
    if frozen.found > frozen.total:
        remarks.append(f"{frozen.found - frozen.total:,} more changes stay due (--limit)")
    return "; ".join(remarks) or None


def _status(counts: Counts, problem: RooError | None) -> ResultStatus:
    if isinstance(problem, Blocked):
        return "blocked"
    if problem is not None:
        return "error"
    return "partial" if counts.failed or counts.unknown or counts.held else "success"
