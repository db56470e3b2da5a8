"""All requests of a run to one app: one connection pool, one pace, one pause, one end.

Destinations of one app use its lane in turn; the lanes of different apps know nothing of each other.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from roo_dbt.destinations.protocol import App, Limit, retry_after
from roo_dbt.destinations.supervision import Watch
from roo_dbt.errors import AppRefused, Fatal, Interrupted, LongWait, Retriable, RooError, VendorLost
from roo_dbt.export.clock import Clock, duration
from roo_dbt.export.pacing import Gate, Pacer
from roo_dbt.export.retry import Patience, RetryPolicy, TooLong
from roo_dbt.export.workers import Workers
from roo_dbt.records import THREADS, Answer, Progress, Request
from roo_dbt.transport import Transport

SLICE_SECONDS = 0.1
"""Longest sleep without looking whether the run stops."""


class Abandoned(Exception):
    """No further request leaves: the run is interrupted or the app cannot go on."""


class Lane:
    """The way to one app, shared by its workers.

    Args:
        app: the vendor's workspace.
        name: the app's name in the project.
        transport: where requests go out.
        threads: requests in flight at most.
        stop: set by whoever wants the run to end early.
        progress: is told about pauses.
        watch: knows which threads are in the vendor's own code.

    Attributes:
        given_up: nobody waits for the requests in flight any longer.
    """

    def __init__(
        self,
        app: App,
        name: str,
        transport: Transport,
        *,
        threads: int,
        stop: threading.Event,
        progress: Progress,
        policy: RetryPolicy,
        clock: Clock,
        watch: Watch,
    ) -> None:
        self.name = name
        self.watch = watch
        self.title = type(app).title
        self.policy = policy
        self.clock = clock
        self.workers = Workers(threads, f"roo-{name}")
        self.problem: RooError | None = None
        self.given_up = False
        self._transport = transport
        self._stop = stop
        self._progress = progress
        self._gate = Gate(threads)
        self._pacers: dict[int, Pacer] = {}
        self._limits: list[Limit] = []
        self._heard_at = float("-inf")
        self._lock = threading.Lock()
        self._said_rest = False

    @property
    def interrupted(self) -> bool:
        """Whether somebody asked the run to end early."""
        return self._stop.is_set()

    @property
    def closing(self) -> bool:
        """Whether no further request may leave."""
        return self._stop.is_set() or self.problem is not None

    def pacer(self, limit: Limit) -> Pacer:
        """The pacer of a limit: the same one for all calls that share the Limit object."""
        with self._lock:
            pacer = self._pacers.get(id(limit))
            if pacer is None:
                pacer = self._pacers[id(limit)] = Pacer(limit.per_second)
                # Kept alive, so that no other limit can come to bear the same id.
                self._limits.append(limit)
            return pacer

    def clear(self, pacer: Pacer | None) -> None:
        """Wait until a request may leave. Raises Abandoned when none may any more."""
        closures = -1
        while closures != self._gate.closures:
            closures = self._gate.closures
            self.rest(self._gate.enter(self.clock.now()))
            if pacer is not None:
                self.rest(pacer.reserve(self.clock.now()))
                self.rest(pacer.leave(self.clock.now()))

    def rest(self, seconds: float) -> None:
        """Wait some seconds. Raises Abandoned as soon as the lane closes."""
        if self.closing:
            raise Abandoned
        if seconds <= 0:
            return
        until = self.clock.now() + seconds
        while (left := until - self.clock.now()) > 0:
            self.clock.sleep(min(left, SLICE_SECONDS))
            if self.closing:
                raise Abandoned

    def post(self, request: Request) -> Answer:
        """Send a request once, now. Raises what `Transport.send` raises."""
        return self._transport.send(request)

    def patience(self) -> Patience:
        """The patience for one more request."""
        return Patience(self.policy, self.clock.now(), self._hold)

    def heard(self) -> None:
        """Note that the vendor is alive: it answered something other than a server error."""
        self._heard_at = self.clock.now()

    def heard_since(self, moment: float) -> bool:
        """Whether any request got a proper answer after a moment."""
        return self._heard_at > moment

    def redact(self, text: str) -> str:
        """The text without the app's secrets."""
        return self._transport.redact(text)

    def halt(self, problem: RooError) -> None:
        """Let no further request leave, for this reason; the first reason counts."""
        with self._lock:
            self.problem = self.problem or problem

    def refuse(self, refusal: Fatal) -> AppRefused:
        """The error for a vendor that accepts no request of ours."""
        return AppRefused(self.redact(refusal.message), where=self.name, hint=self.redact(refusal.hint))

    def lost(self, problem: Retriable, patience: Patience) -> VendorLost:
        """The error for a vendor that no longer answers."""
        number = max(patience.attempts, 1)
        attempts = f"{number} attempt{'s' if number > 1 else ''}"
        tried = f"{attempts} over {duration(self.clock.now() - patience.began)}"
        return VendorLost(
            f"{self.title} gives no answer ({self.redact(problem.message)}; {tried}).",
            where=self.name,
            hint="What was confirmed is kept: run the same command again when the vendor answers.",
        )

    def too_long(self, wait: TooLong) -> LongWait:
        """The error for a wait that nobody should sit through."""
        when = self.clock.time_of_day(wait.seconds)
        return LongWait(
            f"{self.title} asks for a wait of {duration(wait.seconds)} ({self.redact(wait.reason)}).",
            where=self.name,
            hint=f"What was confirmed is kept: run the same command again after {when}.",
        )

    def interruption(self) -> Interrupted:
        """The error for a run that was asked to end early."""
        return Interrupted(
            "Interrupted before everything was sent.",
            where=self.name,
            hint="What was confirmed is kept: run the same command again to send the rest.",
        )

    def send(self, request: Request) -> Answer:
        """Send a request on its own, with retry, and return the answer whatever its status.

        For questions such as `App.check`; rate limits of single calls are not observed. What is not a
        question (a POST) goes again only when it was certainly not carried out.

        Raises:
            VendorLost: no answer after all attempts. Interrupted: the run was asked to end.
            LongWait: the vendor asks for too long a wait. AppRefused: the request cannot be sent at all.
        """
        answers: list[Answer] = []

        def attempt() -> Answer:
            self.clear(None)
            answers.clear()
            answers.append(self.post(request))
            status = answers[0].status
            if status in (408, 425, 429) or status >= 500:
                asked = retry_after(answers[0]) if status == 429 else None
                # Stricter than for records: what is made twice, such as a list, is hard to get rid of.
                limited, ambiguous = asked is not None, status != 429
                raise Retriable(f"HTTP {status}", retry_in=asked, rate_limited=limited, ambiguous=ambiguous)
            return answers[0]

        patience = self.patience()
        try:
            with self.watch.outside():
                return patience.retrying(self.rest, repeatable=request.method == "GET")(attempt)
        except Retriable as problem:
            if answers:
                return answers[0]
            raise self.lost(problem, patience) from None
        except TooLong as wait:
            raise self.too_long(wait) from None
        except Abandoned:
            raise self.problem or self.interruption() from None
        except Fatal as refusal:
            raise self.refuse(refusal) from None

    def announce_rest(self, seconds: float) -> None:
        """Say once that the vendor is given time to settle."""
        if not self._said_rest:
            self._said_rest = True
            self._progress.waiting(self.name, seconds, f"{self.title} needs a moment to settle")

    def _hold(self, seconds: float, reason: str) -> None:
        if self._gate.close(self.clock.now(), seconds):
            self._progress.waiting(self.name, seconds, self.redact(reason))


@contextmanager
def open_lane(
    app: App,
    *,
    app_name: str,
    stop: threading.Event,
    progress: Progress,
    threads: int = THREADS,
    policy: RetryPolicy | None = None,
    clock: Clock | None = None,
    watch: Watch | None = None,
) -> Iterator[Lane]:
    """Open the lane of one app for one run; on leaving, no request is in flight any more.

    No more than `App.parallelism` requests are in flight, whatever `threads` says.

    Raises:
        AppRefused: the app's headers cannot be sent (a key with a line break).
    """
    watch = watch or Watch(type(app).type)
    try:
        with watch.inside("headers"):
            endpoint, headers, hidden = app.endpoint, app.headers(), app.hidden()
        transport = Transport(endpoint, headers, secrets=hidden)
    except Fatal as refusal:
        raise AppRefused(refusal.message, where=app_name) from None
    policy = policy or RetryPolicy()
    with transport:
        lane = Lane(
            app,
            app_name,
            transport,
            threads=min(threads, type(app).parallelism or threads),
            stop=stop,
            progress=progress,
            policy=policy,
            clock=clock or Clock(),
            watch=watch,
        )
        try:
            yield lane
        finally:
            lane.halt(lane.interruption())
            # Who has waited for a hanging request once does not wait for it again.
            lane.workers.close(0 if lane.given_up else policy.drain_seconds)
