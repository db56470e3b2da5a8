"""When a request may leave: at the vendor's rate, and not while the vendor asks for a pause.

Both classes only compute; waiting is left to the caller, so that time can be replaced in tests.
"""

from __future__ import annotations

import threading

TOLERANCE_SECONDS = 0.01
"""How far requests that were held up may catch up: 1 % of a second, so of the rate in any second."""

RESUME_SECONDS = 1.0
"""Time over which the workers come back after a pause."""
RESUME_STEP_SECONDS = 0.1
"""Longest distance between two workers that come back."""


class _Timeline:
    """Slots at a fixed distance, handed out one by one."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._free_at = float("-inf")

    def claim(self, now: float) -> float:
        """Take the next slot and return how many seconds it is away."""
        slot = max(self._free_at, now)
        self._free_at = slot + self._interval
        return slot - now


class Pacer:
    """Spaces requests evenly: a generic cell rate algorithm with a burst of one.

    A bucket that refills once a second lets twice the rate through in its first second. Here every
    request reserves a slot and waits for it on its own, so that many threads wake independently.
    Threads that wake late would leave in a bunch, so the moment of leaving is reserved as well.

    Args:
        per_second: requests a second, above 0.
    """

    def __init__(self, per_second: float) -> None:
        self._lock = threading.Lock()
        self._planned = _Timeline(1 / per_second)
        self._left = _Timeline(1 / per_second)

    def reserve(self, now: float) -> float:
        """Seconds to wait for the next slot; then call `leave`."""
        with self._lock:
            return self._planned.claim(now)

    def leave(self, now: float) -> float:
        """Seconds to wait still; 0 unless threads that woke late would leave together."""
        with self._lock:
            return max(0.0, self._left.claim(now) - TOLERANCE_SECONDS)


class Gate:
    """A pause shared by all workers of an app, who return one by one when it ends.

    Args:
        workers: how many there are.
    """

    def __init__(self, workers: int) -> None:
        self._lock = threading.Lock()
        self._workers = workers
        self._step = min(RESUME_STEP_SECONDS, RESUME_SECONDS / workers)
        self._until = float("-inf")
        self._next = float("-inf")
        self._returning = 0
        self._closures = 0

    @property
    def closures(self) -> int:
        """How often the pause began or grew. A worker that sees it grow must enter again."""
        return self._closures

    def close(self, now: float, seconds: float) -> bool:
        """Let nobody through for `seconds`; True if that is news: over a second later than before."""
        until = now + seconds
        with self._lock:
            if until <= self._until:
                return False
            news = self._until <= now or until - self._until > 1.0
            self._until = self._next = until
            self._returning = self._workers
            self._closures += 1
            return news

    def enter(self, now: float) -> float:
        """Seconds to wait before leaving; 0 when there is no pause."""
        with self._lock:
            if not self._returning and now >= self._until:
                return 0.0
            self._returning = max(0, self._returning - 1)
            slot = max(self._next, now)
            self._next = slot + self._step
            return slot - now
