"""Filling requests: as many items as the vendor takes, in count and in bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from roo_dbt.destinations.protocol import Call
from roo_dbt.records import Item, Outcome, Request, refused


@dataclass(slots=True)
class _Open:
    """A batch that is not full. `size`: the bodies of its items with a comma behind each, in bytes."""

    items: list[Item] = field(default_factory=list)
    size: int = 0


class Packer:
    """Collects the items of one call, across pages, until a request is full.

    Items of different `batch` are kept apart.
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        self._open: dict[str, _Open] = {}
        self.room = -1
        """Bytes that the bodies of items may have; below 0 until the first one shows what is around them."""

    def __len__(self) -> int:
        return len(self._open)

    def refusal(self, item: Item) -> Outcome | None:
        """Why an item with more bytes than there is `room` cannot be sent at all, or None.

        The first item shows what a request holds around its items.
        """
        if self.room < 0:
            self.room = self._call.max_bytes - body_bytes(self._call.request([item])) + len(item.body)
        excess = len(item.body) - self.room
        return oversize(self._call, self._call.max_bytes + excess) if excess > 0 else None

    def add(self, item: Item) -> Sequence[Item]:
        """Take an item; returns the batch that is complete with it or without it, else nothing.

        The item must have no `refusal`, which is to be asked for while its body is larger than `room`.
        """
        size = len(item.body) + 1
        complete: Sequence[Item] = ()
        batch = self._open.get(item.batch)
        # The last item of a request has no comma behind it, hence the one byte of slack.
        if batch is not None and batch.size + size - 1 > self.room:
            complete, batch = self._take(item.batch), None
        if batch is None:
            batch = self._open[item.batch] = _Open()
        batch.items.append(item)
        batch.size += size
        if complete or len(batch.items) < self._call.batch_size:
            return complete
        return self._take(item.batch)

    def flush(self) -> Sequence[Sequence[Item]]:
        """Give up the incomplete batches."""
        return [self._take(batch) for batch in list(self._open)]

    def _take(self, batch: str) -> Sequence[Item]:
        return self._open.pop(batch).items


def body_bytes(request: Request) -> int:
    """The size of a request's body."""
    return len(request.body or b"")


def oversize(call: Call, size: int) -> Outcome:
    """The verdict on a record that is larger than a request may be."""
    return refused(
        "invalid_value",
        f"the record needs a request of {size:,} bytes and {call.name} takes {call.max_bytes:,} at most",
    )
