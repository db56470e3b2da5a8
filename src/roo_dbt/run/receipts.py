"""What the vendor answered, on its way to the warehouse: nothing of it is let go before it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from roo_dbt.errors import WarehouseLost
from roo_dbt.export.traces import Traces
from roo_dbt.records import Outcome, Trace

Write = Callable[[Sequence[tuple[int, Outcome]], Sequence[tuple[int, Trace]]], None]


@dataclass
class Receipts:
    """Outcomes and traces that are not written down yet.

    Args:
        write: writes outcomes and traces, all of them or none; raises WarehouseLost.
        traces: of the shipment.
        every: seconds between two writings while there is something to write.
        beat: seconds after which it writes even if there is nothing, as a sign of life.
        last: when the last writing was tried, on the monotonic clock.

    Attributes:
        has_failed: a writing failed, so no further request leaves, and what lands is written at the end.
    """

    write: Write
    traces: Traces
    every: float
    beat: float
    last: float
    has_failed: bool = False
    _outcomes: list[tuple[int, Outcome]] = field(default_factory=list)

    def add(self, seq: int, outcome: Outcome) -> None:
        """Keep the outcome of a change until it is written."""
        self._outcomes.append((seq, outcome))

    def write_if_due(self, now: float) -> None:
        """Write what there is, if the last time was long enough ago.

        Raises:
            WarehouseLost: nothing was written, and everything is kept for the next time.
        """
        has_news = bool(self._outcomes or self.traces) and not self.has_failed
        if now - self.last < (self.every if has_news else self.beat):
            return
        self.last = now
        try:
            self._write()
        except WarehouseLost:
            self.has_failed = True
            raise

    def finish(self) -> None:
        """Write what is left once no request is in flight; if need be with a second attempt.

        Raises:
            WarehouseLost: the warehouse does not come back, or the lock went to another run.
        """
        try:
            self._write()
        except WarehouseLost:
            if self.has_failed:
                raise
            self._write()

    def _write(self) -> None:
        self.write(self._outcomes, self.traces.untold)
        self._outcomes = []
        self.traces.told()
