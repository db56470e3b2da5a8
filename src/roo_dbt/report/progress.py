"""How a run goes, while it goes, where there is no terminal: plain lines or JSON."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from roo_dbt.records import DestinationResult
from roo_dbt.report.wording import counted, duration

LINE_SECONDS = 10.0
"""Seconds between two plain lines of a destination."""
SHORT_SECONDS = 2.0
"""A destination that is done within these seconds is not talked about."""
SHORT_WAIT = 1.0
"""Waits under this many seconds are ordinary pacing."""


class SilentProgress:
    """Says nothing, for `--quiet`."""

    def started(self, destination: str, total: int) -> None:
        """Nothing."""

    def advanced(self, destination: str, done: int) -> None:
        """Nothing."""

    def waiting(self, app: str, seconds: float, reason: str) -> None:
        """Nothing."""

    def finished(self, result: DestinationResult) -> None:
        """Nothing."""


@dataclass
class _Sending:
    total: int
    since: float
    spoken: float
    done: int = 0
    quarter: int = 0


class LineProgress:
    """A line every ten seconds and at each quarter, none for short runs.

    Args:
        say: where an event goes, with the sentence that tells it and its facts.
        clock: seconds, monotonic.
    """

    def __init__(
        self, say: Callable[[str, dict[str, Any]], None], clock: Callable[[], float] = monotonic
    ) -> None:
        self._say = say
        self._clock = clock
        self._lock = threading.Lock()
        self._sending: dict[str, _Sending] = {}

    def started(self, destination: str, total: int) -> None:
        """Remember when the destination began."""
        now = self._clock()
        with self._lock:
            self._sending[destination] = _Sending(total, now, now)

    def advanced(self, destination: str, done: int) -> None:
        """Say how far it is, if there is something new to say."""
        with self._lock:
            sending = self._sending.get(destination)
            if sending is None:
                return
            sending.done += done
            now = self._clock()
            quarter = sending.done * 4 // sending.total if sending.total else 4
            milestone = quarter > sending.quarter and quarter < 4 and now - sending.since >= SHORT_SECONDS
            sending.quarter = max(quarter, sending.quarter)
            if not milestone and now - sending.spoken < LINE_SECONDS:
                return
            sending.spoken = now
            sentence, facts = _how_far(destination, sending, now)
        self._say(sentence, facts)

    def waiting(self, app: str, seconds: float, reason: str) -> None:
        """Say that an app is paused, unless it is for a moment only."""
        if seconds >= SHORT_WAIT:
            facts = {"event": "waiting", "app": app, "seconds": round(seconds, 1), "reason": reason}
            self._say(f"{app}: waiting {duration(seconds)} ({reason})", facts)

    def finished(self, result: DestinationResult) -> None:
        """Say that a long destination is done."""
        with self._lock:
            sending = self._sending.pop(result.destination, None)
        if sending is not None and self._clock() - sending.since >= SHORT_SECONDS:
            took = duration(result.execution_time)
            sentence = f"{result.destination}: {result.status}, {counted(sending.done, 'change')} in {took}"
            facts = {"event": "done", "destination": result.destination, "status": result.status}
            self._say(sentence, facts)


def _how_far(destination: str, sending: _Sending, now: float) -> tuple[str, dict[str, Any]]:
    rate = sending.done / max(now - sending.since, 0.001)
    left = (sending.total - sending.done) / rate if rate else 0.0
    percent = 100 * sending.done // sending.total if sending.total else 100
    share = f"{sending.done:,} of {sending.total:,} ({percent} %)"
    sentence = f"{destination}: {share}, {rate:,.0f}/s, about {duration(left)} left"
    facts = {
        "event": "progress",
        "destination": destination,
        "done": sending.done,
        "total": sending.total,
        "per_second": round(rate, 1),
        "seconds_left": round(left, 1),
    }
    return sentence, facts
