"""Changes as a person or CI reads them before a sync: counts, requests, time, cost, samples."""

from __future__ import annotations

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, zip_longest
from math import ceil
from typing import Any

from roo_dbt.destinations.protocol import Call, Limit, Object
from roo_dbt.records import MASK, OPERATIONS, Change, Item, Operation, Outcome, Reason, Sample, without_mark

SAMPLES = 5
EXACT_CHANGES = 20_000
"""Up to here every request is built to be counted; beyond, the count is scaled up."""


@dataclass(slots=True)
class _Load:
    """What one call would have to send."""

    call: Call
    items: Counter[str] = field(default_factory=Counter)
    size: Counter[str] = field(default_factory=Counter)

    def add(self, item: Item) -> None:
        """Count an item in the batch it must be in."""
        self.items[item.batch] += 1
        self.size[item.batch] += len(item.body) + 1

    def requests(self, scale: float) -> int:
        """Requests that hold all items, each batch by itself."""
        size, limit = self.call.batch_size, self.call.max_bytes
        return sum(
            max(ceil(number * scale / size), ceil(self.size[batch] * scale / limit))
            for batch, number in self.items.items()
        )


@dataclass(frozen=True, slots=True)
class Effort:
    """Requests, and seconds at the vendor's rate limit."""

    requests: int
    seconds: float


@dataclass(slots=True)
class Estimate:
    """Looks at changes one by one and adds up what they would take."""

    obj: Object
    loads: list[_Load] = field(default_factory=list)
    seen: int = 0
    points: int = 0
    lowest: dict[Operation, list[Change]] = field(default_factory=dict)
    refusals: dict[tuple[str, str], Reason] = field(default_factory=dict)

    def read(self, pages: Iterable[Sequence[Change]]) -> None:
        """Build the items of the first `EXACT_CHANGES` changes."""
        self.loads = [_Load(call) for call in self.obj.calls()]
        changes = (change for page in pages for change in page)
        for change in islice(changes, EXACT_CHANGES):
            self.seen += 1
            self._sample(change)
            if change.verdict is None:
                self.points += self.obj.points(change)
                self._weigh(change)

    def data_points(self, total: int) -> int:
        """What `total` changes like those read cost."""
        return round(self.points * total / self.seen) if self.seen else 0

    def refused(self, total: int) -> list[Reason]:
        """Records known to be refused before they are sent, the most frequent reason first."""
        scale = total / self.seen if self.seen else 0.0
        known = sorted(self.refusals.values(), key=lambda each: (-each.records, each.outcome, each.code))
        return [replace(each, records=round(each.records * scale)) for each in known]

    def samples(self) -> list[Change]:
        """A few changes, one of each operation before a second of any.

        Of each operation they have the lowest keys read: a warehouse gives its rows in an order that nobody
        chose, and the same changes make the same plan.
        """
        found = [self.lowest.get(operation, []) for operation in OPERATIONS]
        chosen = [change for row in zip_longest(*found) for change in row if change is not None][:SAMPLES]
        return sorted(chosen, key=lambda change: OPERATIONS.index(change.operation))

    def effort(self, total: int) -> Effort:
        """Requests and seconds for `total` changes like those read."""
        scale = total / self.seen if self.seen else 0.0
        requests = [load.requests(scale) for load in self.loads]
        rates: dict[int, tuple[Limit, int]] = {}
        for load, number in zip(self.loads, requests, strict=True):
            _, before = rates.get(id(load.call.rate), (load.call.rate, 0))
            rates[id(load.call.rate)] = (load.call.rate, before + number)
        seconds = max((number / limit.per_second for limit, number in rates.values()), default=0.0)
        return Effort(sum(requests), round(seconds, 3))

    def _weigh(self, change: Change) -> None:
        for load in self.loads:
            if not load.call.concerns(change):
                continue
            part = load.call.item(change)
            if isinstance(part, Outcome):
                self._refuse(part)
                return
            for item in [part] if isinstance(part, Item) else part or ():
                load.add(item)
            if part:
                change = load.call.onward(change)

    def _refuse(self, outcome: Outcome) -> None:
        """Count what would never leave: an identifier that is missing, a value that no vendor takes."""
        if outcome.status == "accepted":
            return
        kind, message = (outcome.status, outcome.code or ""), outcome.message or ""
        known = self.refusals.get(kind) or Reason(*kind, 0, message)
        self.refusals[kind] = replace(known, records=known.records + 1, message=min(known.message, message))

    def _sample(self, change: Change) -> None:
        """Keep the change if its key is among the lowest of its operation."""
        kept = self.lowest.setdefault(change.operation, [])
        if len(kept) < SAMPLES or _rank(change) < _rank(kept[-1]):
            insort(kept, change, key=_rank)
            del kept[SAMPLES:]


def _rank(change: Change) -> tuple[int, str]:
    """Keys in the order in which people count them: 9 before 10."""
    return len(change.key), change.key


def sample(change: Change, *, show_values: bool) -> Sample:
    """A change with old and new values of the fields it touches, masked unless asked for."""
    if change.operation == "create":
        old: dict[str, Any] = {}
        new = {name: value for name, value in change.new.items() if value is not None}
    elif change.operation == "delete":
        old = {name: value for name, value in change.old.items() if value is not None}
        new = dict(change.new)
    else:
        touched = [name for name in change.new if name in change.changed] or list(change.changed)
        old = {name: change.old.get(name) for name in touched}
        new = {name: change.new.get(name) for name in touched}
    if not show_values:
        old, new = _masked(old), _masked(new)
    return Sample(change.key, change.operation, _shown(old), _shown(new))


def _masked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Whether a value is there may be seen, what it is may not."""
    return {name: None if value is None else MASK for name, value in values.items()}


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    return {without_mark(name): value for name, value in values.items()}
