"""The changes of one destination on their way through its calls."""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from operator import itemgetter
from queue import Empty, SimpleQueue

from roo_dbt.destinations.protocol import Call
from roo_dbt.errors import DestinationFault, RooError, Skippable
from roo_dbt.export.batch import Packer
from roo_dbt.export.delivery import Delivery
from roo_dbt.export.lane import Lane
from roo_dbt.export.masking import without_values
from roo_dbt.export.parts import Parts
from roo_dbt.export.traces import Traces
from roo_dbt.export.workers import Job
from roo_dbt.records import ACCEPTED, OPERATIONS, Change, Item, Outcome, refused

BATCHES_PER_THREAD = 2
"""Batches in flight or queued: one being sent, one ready. Bounds the memory."""
CHANGES_PER_TURN = 500
"""Changes looked at between two looks at the answers."""
TURN_SECONDS = 0.2
"""Longest wait for an answer before the caller gets a turn."""

Settled = tuple[Change, Outcome]


class Shipment:
    """Sends changes and yields what became of them, as it becomes known. Iterate it once.

    Iterating yields a sequence of outcomes, possibly empty, at least every `TURN_SECONDS`, while the
    workers go on. When the run stops early, the outcomes of the requests in flight are yielded before
    the reason is raised; a change without an outcome stays due.

    Attributes:
        requests: how many batches were sent.
        retries: how many further requests it took.
        traces: what is at the vendor of changes that are not accepted yet.

    Raises:
        AppRefused, VendorLost, LongWait, Interrupted: see `roo_dbt.errors`.
        RooError: whatever reading the pages raised, after the requests in flight.
    """

    def __init__(self, pages: Iterable[Sequence[Change]], calls: Sequence[Call], lane: Lane) -> None:
        self.requests = 0
        self.retries = 0
        self.traces = Traces()
        self._changes = chain.from_iterable(pages)
        self._calls = calls
        self._lane = lane
        self._room = lane.workers.number * BATCHES_PER_THREAD
        self._packers = [Packer(call) for call in calls]
        self._items = [call.item for call in calls]
        self._asking = [lane.watch.inside(f"item of the call {call.name}") for call in calls]
        self._every = range(len(calls))
        # `Call.concerns`, looked up once: every record passes here.
        self._concerned = {
            operation: [stage for stage in self._every if operation in calls[stage].operations]
            for operation in OPERATIONS
        }
        self._batches = [0] * len(calls)
        self._ready: deque[tuple[int, Sequence[Item]]] = deque()
        self._late: deque[tuple[int, Sequence[Item]]] = deque()
        self._flying: set[Delivery] = set()
        self._landed: SimpleQueue[Job] = SimpleQueue()
        self._settled: list[Settled] = []
        self._warnings: dict[int, str] = {}
        self._parts = Parts()
        self._landed_at = float("-inf")
        self._all_read = False
        self._left_over = 0
        self._problem: BaseException | None = None

    def __iter__(self) -> Iterator[Sequence[Settled]]:
        """The outcomes, in the order in which they become known."""
        try:
            while not self._closing and not self._finished:
                self._fill()
                self._dispatch()
                self._rest()
                self._collect(wait=bool(self._flying) and (self._all_read or self._full))
                self._look_after()
                yield self._take()
            yield from self._drain()
        finally:
            for delivery in self._flying:
                delivery.cancelled = True
        self._end()

    @property
    def _closing(self) -> bool:
        return self._problem is not None or self._lane.closing

    @property
    def _finished(self) -> bool:
        return self._all_read and not (any(self._batches) or any(self._packers) or self._left_over)

    @property
    def _full(self) -> bool:
        return len(self._flying) >= self._room

    def _fill(self) -> None:
        """Read on until a batch is ready; at the end, send off what is incomplete, call by call."""
        if not self._all_read and not self._ready and not self._full:
            self._read()
        if self._all_read:
            self._flush()

    def _read(self) -> None:
        read = 0
        try:
            for change in islice(self._changes, CHANGES_PER_TURN):
                read += 1
                if change.verdict is not None:
                    self._settled.append((change, change.verdict))
                    continue
                self._route(change, 0)
                if self._ready:
                    return
        except RooError as problem:
            self._problem = problem
            return
        self._all_read = read < CHANGES_PER_TURN

    def _route(self, change: Change, first: int) -> bool:
        """Take a change to the next call that needs it, from the stage `first` on; whether it is accepted."""
        for stage in self._every if change.vacated else self._concerned[change.operation]:
            if stage < first:
                continue
            try:
                with self._asking[stage]:
                    found = self._items[stage](change)
            except Skippable as refusal:
                found = refused(refusal.code, refusal.message)
            if not found:
                continue
            if isinstance(found, Outcome):
                return self._finish(change, found)
            self._pack(change, stage, (found,) if isinstance(found, Item) else found)
            return False
        return self._finish(change, ACCEPTED)

    def _pack(self, change: Change, stage: int, items: Sequence[Item]) -> None:
        """Put the parts of a change into batches; none of them if one can never be sent."""
        packer = self._packers[stage]
        for item in items:
            if len(item.body) > packer.room:
                with self._asking[stage]:
                    verdict = packer.refusal(item)
                if verdict is not None:
                    self._finish(change, verdict)
                    return
        if len(items) > 1:
            self._parts.expect(change, len(items))
        for item in items:
            complete = packer.add(item)
            if complete:
                self._queue(stage, complete)

    def _queue(self, stage: int, items: Sequence[Item]) -> None:
        if self._calls[stage].after_seconds:
            # By stage: a later call must not stand in front of one that it waits for.
            insort(self._late, (stage, items), key=itemgetter(0))
        else:
            self._ready.append((stage, items))
        self._batches[stage] += 1

    def _finish(self, change: Change, outcome: Outcome) -> bool:
        """Keep what became of a change; whether it is accepted."""
        is_accepted = outcome.status == "accepted"
        if is_accepted:
            self.traces.forget(change)
        if outcome.message:
            said = without_values(self._lane.redact(outcome.message), change)
            outcome = replace(outcome, message=said)
        warning = self._warnings.pop(change.seq, None) if self._warnings else None
        if warning and is_accepted:
            message = f"{warning}; {outcome.message}" if outcome.message else warning
            outcome = replace(outcome, message=message)
        self._settled.append((change, outcome))
        return is_accepted

    def _flush(self) -> None:
        """Send off incomplete batches of the first call that has any, once those before are done."""
        for stage, packer in enumerate(self._packers):
            for items in packer.flush():
                self._queue(stage, items)
            if self._batches[stage]:
                return

    def _dispatch(self) -> None:
        while not self._full and (waiting := self._ready or (self._late if self._may_go_late() else None)):
            stage, items = waiting.popleft()
            delivery = Delivery(stage, self._calls[stage], items, self._lane, self._landed)
            self._flying.add(delivery)
            self._lane.workers.submit(delivery)

    def _may_go_late(self) -> bool:
        """Whether the first batch of a call that goes last may leave: the calls before it have settled."""
        if not self._late or not self._all_read:
            return False
        stage = self._late[0][0]
        if any(self._batches[:stage]) or any(self._packers[:stage]):
            return False
        return self._settling(stage) <= 0

    def _settling(self, stage: int) -> float:
        """Seconds until the vendor has settled what was sent before a call that goes last."""
        return self._landed_at + self._calls[stage].after_seconds - self._lane.clock.now()

    def _rest(self) -> None:
        """Spend a turn waiting when there is nothing to do but to let the vendor settle."""
        if self._late and self._all_read and not self._flying and not self._ready:
            left = self._settling(self._late[0][0])
            if left > 0:
                self._lane.announce_rest(left)
                self._lane.clock.sleep(min(left, TURN_SECONDS))

    def _collect(self, *, wait: bool) -> None:
        """Take in the deliveries that ended; with `wait`, give the first one some time."""
        try:
            job = self._landed.get(timeout=TURN_SECONDS) if wait else self._landed.get_nowait()
            while True:
                if isinstance(job, Delivery):
                    self._flying.discard(job)
                    self._land(job, job.settled)
                job = self._landed.get_nowait()
        except Empty:
            return

    def _land(self, delivery: Delivery, outcomes: Sequence[Settled]) -> None:
        self._batches[delivery.stage] -= 1
        self.requests += delivery.requests
        self.retries += delivery.retries
        self._left_over += delivery.size - len(outcomes)
        self._problem = self._problem or delivery.handover.problem
        self._landed_at = self._lane.clock.now()
        call = self._calls[delivery.stage]
        for seq in delivery.doubted:
            self.traces.doubt(seq, call)
        for change, part in outcomes:
            outcome = self._parts.join(change, part) if self._parts else part
            if outcome is None or not self._pass_on(change, outcome, delivery.stage):
                self.traces.note(change, call, part)

    def _pass_on(self, change: Change, outcome: Outcome, stage: int) -> bool:
        """Take a change to the calls after `stage`, if that one accepted it; whether all have."""
        if outcome.status != "accepted" or stage + 1 == len(self._calls):
            return self._finish(change, outcome)
        if outcome.message:
            earlier = self._warnings.get(change.seq)
            self._warnings[change.seq] = f"{earlier}; {outcome.message}" if earlier else outcome.message
        try:
            return self._route(outcome.instead or change, stage + 1)
        except DestinationFault as fault:
            # What else has an outcome is still told.
            self._problem = self._problem or fault
            return False

    def _look_after(self) -> None:
        """Close the lane when a worker does not come back from the destination's own code."""
        fault = self._lane.watch.overdue() if self._flying else None
        if fault is not None:
            self._lane.halt(fault)

    def _take(self) -> Sequence[Settled]:
        settled, self._settled = self._settled, []
        return settled

    def _drain(self) -> Iterator[Sequence[Settled]]:
        """Wait for the requests in flight; after an interrupt, or for who hangs, not for ever."""
        clock, since = self._lane.clock, None
        while self._flying:
            self._collect(wait=True)
            yield self._take()
            if self._lane.watch.overdue() is not None:
                break
            if self._lane.interrupted:
                since = clock.now() if since is None else since
                if clock.now() - since > self._lane.policy.drain_seconds:
                    break
        self._lane.given_up = bool(self._flying)
        for delivery in self._flying:
            self._land(delivery, delivery.abandon())
        yield self._take()

    def _end(self) -> None:
        problem = self._problem or self._lane.problem
        if problem is not None:
            raise problem
        if self._lane.given_up or not self._finished:
            raise self._lane.interruption()


def export(pages: Iterable[Sequence[Change]], calls: Sequence[Call], lane: Lane) -> Shipment:
    """Send the changes of one destination through its calls.

    Args:
        pages: the changes, in the order of their sequence; read only as far as there is work for it.
        calls: what the destination's object needs, in order.
        lane: the way to its app.
    """
    return Shipment(pages, calls, lane)
