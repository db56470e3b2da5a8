"""What changes left at the vendor before they were accepted: some of their calls were, others not yet."""

from __future__ import annotations

from collections.abc import Sequence

from roo_dbt.destinations.protocol import Call
from roo_dbt.records import Change, Outcome, Trace


class Traces:
    """Collects them until they are written down: `untold` says them, `told` forgets what was written.

    A change that is accepted leaves none.
    """

    def __init__(self) -> None:
        self._untold: dict[int, Trace] = {}

    def __len__(self) -> int:
        return len(self._untold)

    def note(self, change: Change, call: Call, outcome: Outcome) -> None:
        """A call accepted the change, or a part of it, and there is more to do."""
        if outcome.status != "accepted":
            return
        if outcome.renamed:
            self._untold[change.seq] = "renamed"
        elif call.writes:
            self._untold.setdefault(change.seq, "written")

    def forget(self, change: Change) -> None:
        """The change is accepted as a whole."""
        self._untold.pop(change.seq, None)

    @property
    def untold(self) -> Sequence[tuple[int, Trace]]:
        """Those that were not written down yet, by sequence."""
        return sorted(self._untold.items())

    def told(self) -> None:
        """All that are here are written down now."""
        self._untold.clear()
