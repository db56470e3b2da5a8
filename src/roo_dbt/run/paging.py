"""How the frozen changes are cut into pages."""

from __future__ import annotations

from collections.abc import Iterator

PAGE_SIZE = 25_000
"""Changes a page holds: a million changes take 40 page queries, and a page a few megabytes."""


def page_ranges(total: int) -> Iterator[tuple[int, int]]:
    """For every page the number of the change before it, and how many changes it has.

    >>> list(page_ranges(60_000))
    [(0, 25000), (25000, 25000), (50000, 10000)]
    """
    for after in range(0, total, PAGE_SIZE):
        yield after, min(PAGE_SIZE, total - after)
