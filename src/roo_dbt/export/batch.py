"""Filling requests: as many items as the vendor takes, in count and in bytes."""

from __future__ import annotations

from collections.abc import Sequence

from roo_dbt.destinations.protocol import Call
from roo_dbt.records import Item, Outcome, Request, refused


class Packer:
    """Collects the items of one call, across pages, until a request is full.

    Items of different `batch` are kept apart.
    """

    def __init__(self, call: Call) -> None:
        self._call = call
        self._open: dict[str, list[Item]] = {}
        self._bytes: dict[str, int] = {}
        self._envelope: int | None = None

    def __len__(self) -> int:
        return len(self._open)

    def refusal(self, item: Item) -> Outcome | None:
        """Why an item cannot be sent at all: alone it is larger than a request may be."""
        size = self._envelope_bytes(item) + len(item.body)
        return oversize(self._call, size) if size > self._call.max_bytes else None

    def add(self, item: Item) -> Sequence[Item]:
        """Take an item; returns the batch that is complete with it or without it, else nothing.

        The item must have no `refusal`.
        """
        size = len(item.body) + 1
        held = self._bytes.get(item.batch, 0)
        complete: Sequence[Item] = ()
        # The last item of a request has no comma behind it, hence the one byte of slack.
        if held and self._envelope_bytes(item) + held + size - 1 > self._call.max_bytes:
            complete = self._take(item.batch)
        items = self._open.setdefault(item.batch, [])
        items.append(item)
        self._bytes[item.batch] = self._bytes.get(item.batch, 0) + size
        return complete or (self._take(item.batch) if len(items) >= self._call.batch_size else ())

    def flush(self) -> Sequence[Sequence[Item]]:
        """Give up the incomplete batches."""
        return [self._take(batch) for batch in list(self._open)]

    def _take(self, batch: str) -> Sequence[Item]:
        self._bytes.pop(batch)
        return self._open.pop(batch)

    def _envelope_bytes(self, item: Item) -> int:
        if self._envelope is None:
            self._envelope = body_bytes(self._call.request([item])) - len(item.body)
        return self._envelope


def body_bytes(request: Request) -> int:
    """The size of a request's body."""
    return len(request.body or b"")


def oversize(call: Call, size: int) -> Outcome:
    """The verdict on a record that is larger than a request may be."""
    return refused(
        "invalid_value",
        f"the record needs a request of {size:,} bytes and {call.name} takes {call.max_bytes:,} at most",
    )
