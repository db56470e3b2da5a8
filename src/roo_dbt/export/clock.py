"""Time as the export sees it: three functions that a test can replace."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

LONGEST_NAMED = 30 * 86_400.0
"""Seconds (30 days) beyond which a wait is not turned into a date."""


def _utc() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True, slots=True)
class Clock:
    """A steady clock in seconds, a sleep, and the time of day."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    utc: Callable[[], datetime] = _utc

    def time_of_day(self, seconds: float) -> str:
        """When `seconds` from now will be, to the minute, never too early."""
        if seconds > LONGEST_NAMED:
            return "more than 30 days from now"
        moment = self.utc() + timedelta(seconds=seconds + 60)
        return moment.strftime("%Y-%m-%d %H:%M UTC")


def duration(seconds: float) -> str:
    """A number of seconds as people say it."""
    if seconds > LONGEST_NAMED:
        return "more than 30 days"
    if seconds < 120:
        return f"{seconds:.0f} seconds"
    if seconds < 7_200:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3_600:.1f} hours"
