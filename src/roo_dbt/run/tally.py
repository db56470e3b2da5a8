"""Outcomes of a run, counted as they come: by count, by reason, and over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from roo_dbt.records import Change, Moment, Outcome, Reason

MOST_MOMENTS = 240
"""A page has room for as many; a long run keeps every second one of them, then every fourth …"""
FIRST_INTERVAL = 0.05
"""Seconds between two moments of a short run."""

_DONE = {"create": "created", "update": "updated", "delete": "deleted"}


@dataclass
class Tally:
    """What became of the changes of one destination.

    Args:
        began: when the run began, on the monotonic clock.

    Attributes:
        held: why records were not tried at all, known before the first request.
    """

    began: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    skips: Counter[str] = field(default_factory=Counter)
    held: Sequence[Reason] = ()
    moments: list[Moment] = field(default_factory=list)
    _others: Counter[tuple[str, str]] = field(default_factory=Counter)
    _messages: dict[tuple[str, str], str] = field(default_factory=dict)
    _interval: float = FIRST_INTERVAL
    _due: float = float("-inf")

    def add(self, change: Change, outcome: Outcome) -> None:
        """Put one change into the one count it belongs to."""
        if outcome.status == "accepted":
            self.counts[_DONE[change.operation]] += 1
            return
        self.counts[outcome.status] += 1
        if outcome.status == "skipped":
            self.skips[outcome.message or ""] += 1
        reason = (outcome.status, outcome.code or "")
        self._others[reason] += 1
        self._messages.setdefault(reason, outcome.message or "")

    def note(self, now: float, requests: int) -> None:
        """Remember how far it is, if the last time is long enough ago.

        Args:
            now: on the monotonic clock.
            requests: how many were sent, retries included.
        """
        if now >= self._due:
            self._keep(now, requests)
            self._due = now + self._interval

    def end(self, now: float, requests: int) -> None:
        """Remember how far it came, whenever the last time was."""
        self._keep(now, requests)

    def reasons(self) -> tuple[Reason, ...]:
        """Every record that was not accepted, counted by reason, the most frequent first."""
        counted = [
            Reason(status, code, number, self._messages[status, code])
            for (status, code), number in self._others.most_common()
        ]
        return (*counted, *self.held)

    def remarks(self) -> list[str]:
        """Why records were skipped, the most frequent reasons first."""
        return [f"{count:,} skipped: {reason}" for reason, count in self.skips.most_common(3)]

    def _keep(self, now: float, requests: int) -> None:
        accepted = sum(self.counts[name] for name in _DONE.values())
        others = self._others.total() if self._others else 0
        self.moments.append(Moment(round(now - self.began, 3), accepted, others, requests))
        if len(self.moments) >= MOST_MOMENTS:
            del self.moments[1::2]
            self._interval *= 2
