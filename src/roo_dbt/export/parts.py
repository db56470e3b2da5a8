"""Changes that need several requests of one call: the last answer decides."""

from __future__ import annotations

from dataclasses import dataclass

from roo_dbt.records import Change, Outcome

_GRAVITY = {"accepted": 0, "skipped": 1, "failed": 2, "unknown": 3}


@dataclass(slots=True)
class _Expected:
    left: int
    worst: Outcome | None = None


class Parts:
    """Joins the outcomes of a change's parts: it is as bad as the worst of them."""

    def __init__(self) -> None:
        self._expected: dict[int, _Expected] = {}

    def __bool__(self) -> bool:
        return bool(self._expected)

    def expect(self, change: Change, parts: int) -> None:
        """A change has this many parts under way, more than one."""
        self._expected[change.seq] = _Expected(parts)

    def join(self, change: Change, outcome: Outcome) -> Outcome | None:
        """The outcome of the change, or None while parts of it are still under way."""
        expected = self._expected.get(change.seq)
        if expected is None:
            return outcome
        worst = expected.worst
        if worst is None or _GRAVITY[outcome.status] > _GRAVITY[worst.status]:
            expected.worst = outcome
        expected.left -= 1
        if expected.left:
            return None
        return self._expected.pop(change.seq).worst
