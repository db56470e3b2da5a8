"""How long it takes until something happens, against dbt's own start."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import project as shop
from tests.benchmarks.measure import Cost, Figure, interleaved, process
from tests.benchmarks.project import Project
from tests.benchmarks.sink import running


def start(folder: Path, _number: int, rounds: int) -> Iterator[Figure]:
    """`--help`, `list`, and two syncs: one that has nothing to compare, and one that finds nothing to do."""
    idle = Project(folder / "start", "http://127.0.0.1:9", "braze", shop.BRAZE, enabled=False)
    idle.make(shop.ROWS, 10)
    programs = Path(sys.executable).parent

    def run(project: Project, program: str, *arguments: str) -> Cost:
        return process([str(programs / program), *arguments], project.folder, shop.KEYS)

    with running() as server:
        synced = Project(folder / "synced", server.url, "braze", shop.BRAZE)
        synced.make(shop.ROWS, 10)
        run(synced, "roo-dbt", "sync")
        floor = "dbt --version"
        figures = [
            (Figure("roo-dbt --help", 0.05, floor), lambda: run(idle, "roo-dbt", "--help")),
            (Figure("roo-dbt list", 0.15, floor), lambda: run(synced, "roo-dbt", "list")),
            (Figure("roo-dbt sync, ready to work", 0.15, floor), lambda: run(idle, "roo-dbt", "sync")),
            (Figure("roo-dbt sync, nothing to do", 0.2, floor), lambda: run(synced, "roo-dbt", "sync")),
        ]
        yield from interleaved(figures, lambda: run(idle, "dbt", "--version"), rounds)
