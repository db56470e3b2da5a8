"""One batch on its way: sent, sent again, halved, until each of its items has an outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from queue import SimpleQueue

from roo_dbt.destinations.protocol import Call
from roo_dbt.destinations.status import may_be_done
from roo_dbt.errors import AnswerProblem, DestinationFault, Fatal, Retriable, Skippable, Splittable
from roo_dbt.export.batch import body_bytes, oversize
from roo_dbt.export.clock import duration
from roo_dbt.export.lane import Abandoned, Lane
from roo_dbt.export.retry import Patience, TooLong
from roo_dbt.export.workers import Handover, Job
from roo_dbt.records import Change, Item, Outcome, Request, refused


@dataclass(frozen=True, slots=True)
class Part:
    """Some items of a batch that go in one request.

    `again`: their batch was sent before, so the request counts as a retry. `alone`: a single item
    that an answer did not mention.
    """

    items: Sequence[Item]
    again: bool = False
    alone: bool = False

    def halves(self, *, again: bool) -> tuple[Part, Part]:
        """The two halves; what was sent before stays so."""
        middle = len(self.items) // 2
        again = again or self.again
        return Part(self.items[:middle], again), Part(self.items[middle:], again)


class Delivery:
    """Sends one batch of one call and says what became of its items.

    Runs in a worker. An item without an outcome when `run` has ended stays due: it was not sent, or
    sending it twice does no harm.

    Attributes:
        stage: the position of the call among the destination's calls.
        size: how many items it has.
        settled: the outcomes so far.
        requests: 1 once the batch was sent (more if its size was misjudged).
        retries: further requests: sent again, halves, single items.
        doubted: the changes, by sequence, of which a request left without an answer that says what became
            of them. A later answer may have said it.
    """

    def __init__(self, stage: int, call: Call, items: Sequence[Item], lane: Lane, done: SimpleQueue[Job]):
        self.stage = stage
        self.size = len(items)
        self.settled: list[tuple[Change, Outcome]] = []
        self.requests = 0
        self.retries = 0
        self.doubted: set[int] = set()
        self.cancelled = False
        self.handover = Handover(self, done)
        self._call = call
        self._lane = lane
        self._extra = self._allowed = lane.policy.extra_calls(len(items))
        self._parts = [Part(items)]
        self._asked: Part | None = None
        self._waited = 0.0
        self._building = lane.watch.inside(f"request of the call {call.name}")
        self._reading = lane.watch.inside(f"outcomes of the call {call.name}")

    def run(self) -> None:
        """Deliver; problems of the whole app halt the lane instead of being raised."""
        try:
            while self._parts and not self.cancelled:
                self._deliver(self._parts.pop())
        except Abandoned:
            return
        except Fatal as refusal:
            self._lane.halt(self._lane.refuse(refusal))
        except TooLong as wait:
            self._lane.halt(self._lane.too_long(wait))
        except DestinationFault as fault:
            self._lane.halt(fault)

    def abandon(self) -> Sequence[tuple[Change, Outcome]]:
        """The outcomes so far, when nobody waits for the request in flight any longer.

        Its items are `unknown` if they must not go twice; otherwise they have no outcome.
        """
        self.cancelled = True
        # In this order: the worker notes outcomes first and then that no answer is awaited.
        asked, settled = self._asked, list(self.settled)
        if asked is not None:
            self._doubt(asked.items)
        if asked is None or self._call.repeatable:
            return settled
        sure = {change.seq for change, _ in settled}
        lost = _unknown("the run was stopped before the vendor answered")
        return settled + [(item.change, lost) for item in asked.items if item.change.seq not in sure]

    def _deliver(self, part: Part) -> None:
        with self._building:
            request = self._call.request(part.items)
        size = body_bytes(request)
        if size > self._call.max_bytes:
            if len(part.items) == 1:
                self._settle(part, oversize(self._call, size))
            else:
                self._parts += part.halves(again=False)
            return
        patience = self._lane.patience()
        retrying = patience.retrying(self._lane.rest, repeatable=self._call.repeatable)
        try:
            self._read(part, retrying(self._attempt, part, request, patience))
        except Splittable as refusal:
            self._split(part, refusal)
        except Skippable as refusal:
            self._settle(part, refused(refusal.code, refusal.message))
        except Retriable as problem:
            self._give_up(part, problem, patience)
        except DestinationFault:
            self._disown(part)
            raise
        finally:
            self._asked = None

    def _attempt(self, part: Part, request: Request, patience: Patience) -> Sequence[Outcome | None]:
        lane = self._lane
        lane.clear(lane.pacer(self._call.rate))
        if part.again or patience.tries:
            self.retries += 1
        else:
            self.requests += 1
        began = lane.clock.now()
        patience.tries += 1
        self._asked = part
        status = 0
        try:
            answer = lane.post(request)
            status = answer.status
            with self._reading:
                self._call.judge(answer)
                outcomes = self._call.outcomes(part.items, answer)
        except AnswerProblem as problem:
            if isinstance(problem, Retriable) and _may_be_done(problem, status):
                self._doubt(part.items)
            if not isinstance(problem, Retriable) or problem.rate_limited:
                lane.heard()
            raise
        except DestinationFault:
            self._doubt(part.items)
            raise
        finally:
            patience.spent += lane.clock.now() - began
        lane.heard()
        return outcomes

    def _read(self, part: Part, outcomes: Sequence[Outcome | None]) -> None:
        if len(outcomes) != len(part.items):
            said = f"{len(outcomes)} outcomes for {len(part.items)} records"
            raise self._lane.watch.fault(f"read {said} from an answer to the call {self._call.name}")
        later: list[Item] = []
        longest = 0.0
        for item, outcome in zip(part.items, outcomes, strict=True):
            if outcome is not None and outcome.retry_in is not None and self._may_wait(outcome.retry_in):
                later.append(item)
                longest = max(longest, outcome.retry_in)
                continue
            verdict = outcome or self._unmentioned(part, item)
            if verdict is not None:
                self.settled.append((item.change, self._redacted(verdict)))
        if later:
            self._postpone(later, longest)

    def _may_wait(self, seconds: float) -> bool:
        return self._extra >= 1 and self._waited + seconds <= self._lane.policy.longest_wait

    def _postpone(self, items: Sequence[Item], seconds: float) -> None:
        """Send these again on their own, after the wait that the vendor asked for."""
        self._extra -= 1
        self._waited += seconds
        # Nothing of them is under way during the wait.
        self._asked = None
        self._lane.rest(seconds)
        self._parts.append(Part(items, again=True))

    def _disown(self, part: Part) -> None:
        """Nobody can tell what the answer says, because the destination's own code failed over it."""
        if self._asked is part and not self._call.repeatable:
            self._settle(part, _unknown(f"the answer of {self._call.name} could not be read"))

    def _unmentioned(self, part: Part, item: Item) -> Outcome | None:
        """The outcome of an item that the answer says nothing about; None: it is asked for alone."""
        self._doubt((item,))
        if part.alone or not self._call.repeatable:
            return _unknown(f"the answer of {self._call.name} does not say what became of the record")
        if self._extra < 1:
            return self._search_ended("the answer does not mention every record")
        self._extra -= 1
        self._parts.append(Part((item,), again=True, alone=True))
        return None

    def _split(self, part: Part, refusal: Splittable) -> None:
        if len(part.items) == 1:
            self._settle(part, refused("rejected", refusal.message))
        elif self._extra < 2:
            self._settle(part, self._search_ended(refusal.message))
        else:
            self._extra -= 2
            self._parts += part.halves(again=True)

    def _search_ended(self, reason: str) -> Outcome:
        ended = f"and {self._allowed} further requests for its batch did not settle this record"
        return _due(f"{self._call.name}: {reason}, {ended}")

    def _give_up(self, part: Part, problem: Retriable, patience: Patience) -> None:
        lane = self._lane
        if problem.ambiguous and not self._call.repeatable:
            self._settle(part, _unknown(f"no sure answer: {problem.message}"))
        elif lane.heard_since(patience.began):
            tried = f"{patience.tries} attempts over {duration(lane.clock.now() - patience.began)}"
            self._settle(part, _due(f"no proper answer: {problem.message}; {tried}"))
        else:
            lane.halt(lane.lost(problem, patience))
            raise Abandoned

    def _doubt(self, items: Sequence[Item]) -> None:
        self.doubted |= {item.change.seq for item in items}

    def _settle(self, part: Part, outcome: Outcome) -> None:
        outcome = self._redacted(outcome)
        self.settled += [(item.change, outcome) for item in part.items]

    def _redacted(self, outcome: Outcome) -> Outcome:
        if not outcome.message:
            return outcome
        return replace(outcome, message=self._lane.redact(outcome.message))


def _may_be_done(problem: Retriable, status: int) -> bool:
    """Whether the vendor may have carried out a request that got no proper answer.

    Args:
        problem: why it goes again.
        status: of the answer; 0 if there was none.
    """
    return problem.ambiguous or may_be_done(status)


def _unknown(message: str) -> Outcome:
    return Outcome("unknown", "ambiguous", message)


def _due(message: str) -> Outcome:
    """A failure of the moment: the record is due again in the next run."""
    return Outcome("failed", "unavailable", message)
