"""How long it takes until something happens, against dbt's own start."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import project as shop
from tests.benchmarks.measure import Cost, Figure, interleaved, process
from tests.benchmarks.project import Project


def start(folder: Path, _number: int, rounds: int) -> Iterator[Figure]:
    """`--help`, and a `sync` that has read, checked and opened everything and has nothing to compare."""
    project = Project(folder / "start", "http://127.0.0.1:9", "braze", shop.BRAZE, enabled=False)
    project.make(shop.ROWS, 10)
    programs = Path(sys.executable).parent

    def run(program: str, *arguments: str) -> Cost:
        return process([str(programs / program), *arguments], project.folder, shop.KEYS)

    figures = [
        (Figure("roo-dbt --help", 0.05, "dbt --version"), lambda: run("roo-dbt", "--help")),
        (Figure("roo-dbt sync, ready to work", 0.15, "dbt --version"), lambda: run("roo-dbt", "sync")),
    ]
    yield from interleaved(figures, lambda: run("dbt", "--version"), rounds)
