"""Time for tests: waits are counted, not waited."""

from __future__ import annotations

import threading
from datetime import datetime

from roo_dbt.export import Clock


class StandingClock:
    """Time that passes when somebody sleeps, and only then.

    Attributes:
        now: a steady clock, in seconds; it does not begin at 0, as none does.
        slept: by all threads together, in seconds.
    """

    def __init__(self, today: datetime | None = None) -> None:
        """`today` is what the wall clock says; None: the real one."""
        self.now = 1_000.0
        self.slept = 0.0
        self._today = today
        self._lock = threading.Lock()

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        with self._lock:
            self.now += seconds
            self.slept += seconds

    def clock(self) -> Clock:
        """What the export takes for a clock."""
        today = self._today
        if today is None:
            return Clock(lambda: self.now, self.sleep)
        return Clock(lambda: self.now, self.sleep, lambda: today)
