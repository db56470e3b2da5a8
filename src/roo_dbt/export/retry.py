"""What is sent again, how often, and for how long: every number in one place."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import SystemRandom
from typing import TYPE_CHECKING

from roo_dbt.errors import Retriable

if TYPE_CHECKING:
    from tenacity import RetryCallState, Retrying

_RANDOM = SystemRandom()


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How much patience one request gets. All times in seconds.

    A request that met a lost connection or a server error is sent again up to `attempts` times in
    all and for `seconds` of sending and waiting, after a random wait between `least` and `base`,
    doubled each time up to `cap` ("full jitter",
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/, read 2026-11-22).
    A wait that the vendor names is obeyed instead, is not counted in `seconds`, and pauses the whole
    app when it is a rate limit, which counts as no attempt either. Named waits and rate limits of
    one request may add up to `longest_wait`.

    A batch refused as a whole is halved until `isolated` culprits are found; the search, and asking
    again for single records that an answer does not mention, costs `extra_calls` requests at most.

    After an interrupt, requests in flight have `drain_seconds` to finish: with the commit that
    follows, the process ends within ten seconds.
    """

    attempts: int = 6
    seconds: float = 120.0
    base: float = 0.5
    cap: float = 30.0
    least: float = 0.05
    longest_wait: float = 300.0
    isolated: int = 8
    drain_seconds: float = 6.0

    def ceiling(self, attempt: int) -> float:
        """The longest wait after the `attempt`-th failure in a row, counted from 1."""
        return min(self.cap, self.base * 2.0 ** min(attempt - 1, 60))

    def extra_calls(self, items: int) -> int:
        """Requests a batch may cost beyond its own: two per halving and culprit."""
        return 2 * self.isolated * math.ceil(math.log2(max(items, 2)))


class TooLong(Exception):
    """The vendor asks for more waiting than the policy allows.

    Args:
        seconds: the wait it asks for now.
        reason: what it said.
    """

    def __init__(self, seconds: float, reason: str) -> None:
        super().__init__(reason)
        self.seconds = seconds
        self.reason = reason


class Patience:
    """The patience left for one request. Used by one thread.

    Args:
        policy: how much there is.
        began: when the request was first tried.
        hold: pauses the whole app for some seconds, for a reason.
    """

    def __init__(self, policy: RetryPolicy, began: float, hold: Callable[[float, str], None]) -> None:
        self.began = began
        self.attempts = 0
        self.tries = 0
        self.spent = 0.0
        self._policy = policy
        self._hold = hold
        self._limited = 0
        self._named = 0.0

    def retrying(self, sleep: Callable[[float], None], *, repeatable: bool = True) -> Retrying:
        """The loop: call it with what to attempt; in the end it raises what the last attempt raised.

        Args:
            sleep: waits some seconds; may raise to end the loop.
            repeatable: whether an attempt that may have been carried out is followed by another.

        Raises:
            TooLong: the vendor asks for too long a wait.
        """
        # Imported when the first request leaves: it takes 30 ms, and many runs send nothing.
        from tenacity import Retrying, retry_if_exception

        def again(problem: BaseException) -> bool:
            return isinstance(problem, Retriable) and (repeatable or not problem.ambiguous)

        return Retrying(
            retry=retry_if_exception(again),
            wait=self._pause,
            stop=self._exhausted,
            sleep=sleep,
            reraise=True,
        )

    def _pause(self, state: RetryCallState) -> float:
        problem = state.outcome.exception() if state.outcome else None
        if not isinstance(problem, Retriable):
            raise TypeError("only a Retriable is attempted again")
        if problem.rate_limited:
            self._limited += 1
            seconds = self._obey(problem, problem.retry_in or self._policy.ceiling(self._limited))
            self._hold(seconds, problem.message)
            return 0.0
        self.attempts += 1
        if problem.retry_in is not None:
            return self._obey(problem, problem.retry_in)
        wait = max(self._policy.least, _RANDOM.uniform(0, self._policy.ceiling(self.attempts)))
        self.spent += wait
        return wait

    def _obey(self, problem: Retriable, seconds: float) -> float:
        seconds = max(self._policy.least, seconds)
        self._named += seconds
        if self._named > self._policy.longest_wait:
            raise TooLong(seconds, problem.message)
        return seconds

    def _exhausted(self, state: RetryCallState) -> bool:  # noqa: ARG002 - tenacity's signature
        return self.attempts >= self._policy.attempts or self.spent > self._policy.seconds
