"""What changes left, or may have left, at the vendor before they were accepted as a whole.

Some of their calls were accepted, others not yet; or an answer was lost.
"""

from __future__ import annotations

from collections.abc import Sequence

from roo_dbt.destinations.protocol import Call
from roo_dbt.records import Change, Outcome, Trace


class Traces:
    """Collects them until they are written down: `untold` says them, `told` forgets what was written.

    A change that is accepted leaves none.
    """

    def __init__(self) -> None:
        self._untold: dict[int, set[Trace]] = {}

    def __len__(self) -> int:
        return len(self._untold)

    def note(self, change: Change, call: Call, outcome: Outcome) -> None:
        """A call accepted the change, or a part of it, and there is more to do."""
        if outcome.status != "accepted":
            return
        if outcome.renamed:
            self._add(change.seq, "renamed")
        elif call.writes:
            self._add(change.seq, "written")

    def doubt(self, seq: int, call: Call) -> None:
        """A request with the change left, and no answer says what the vendor made of it."""
        if call.writes or call.renames:
            self._add(seq, "lost")

    def forget(self, change: Change) -> None:
        """The change is accepted as a whole."""
        self._untold.pop(change.seq, None)

    @property
    def untold(self) -> Sequence[tuple[int, Trace]]:
        """Those that were not written down yet, by sequence."""
        return sorted((seq, trace) for seq, traces in self._untold.items() for trace in traces)

    def told(self) -> None:
        """All that are here are written down now."""
        self._untold.clear()

    def _add(self, seq: int, trace: Trace) -> None:
        self._untold.setdefault(seq, set()).add(trace)
