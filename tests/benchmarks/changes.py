"""A second sync: a few customers changed, or none."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from pathlib import Path

from tests.benchmarks import project as shop
from tests.benchmarks.measure import Cost, Figure, Work, interleaved, process, roo_dbt
from tests.benchmarks.project import Project
from tests.benchmarks.sink import Server, running

CHANGED = 1_000


def second_sync(folder: Path, number: int, rounds: int) -> Iterator[Figure]:
    """The whole process, with as many requests as the changes need."""
    with running() as server:
        project = Project(folder / "changes", server.url, "braze", shop.BRAZE)
        project.make(shop.ROWS, number)
        process(roo_dbt("sync"), project.folder, shop.KEYS)
        project.save("same")
        project.sql(f"UPDATE customers SET city = 'Oslo' WHERE id % {number // CHANGED} = 0")
        project.save("changed")
        due = ceil(CHANGED / 75)
        figures = [
            (
                Figure(f"{CHANGED:,} of {number:,} changed", 2.0, note=f"{due} requests"),
                _sync(project, server, "changed", due),
            ),
            (
                Figure(f"none of {number:,} changed", 1.0, note="0 requests"),
                _sync(project, server, "same", 0),
            ),
        ]
        yield from interleaved(figures, None, rounds)


def _sync(project: Project, server: Server, state: str, due: int) -> Work:
    def sync() -> Cost:
        project.load(state)
        server.reset()
        cost = process(roo_dbt("sync"), project.folder, shop.KEYS)
        if server.counted()["requests"] != due:
            raise RuntimeError(f"{due} requests were due, and {server.counted()} came")
        return cost

    return sync
