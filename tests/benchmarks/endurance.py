"""Many changes over many connections: the rate that is kept, and the memory it takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import project as shop
from tests.benchmarks.measure import Cost, Figure, process, roo_dbt
from tests.benchmarks.project import Project
from tests.benchmarks.sink import Server, running

from roo_dbt.destinations.braze.limits import TRACK_RATE


def endurance(folder: Path, number: int, rounds: int) -> Iterator[Figure]:
    """The rate at 50 ms latency over 64 connections, and the memory of ten times as many changes."""
    few = number * 3 // 2
    with running(latency=0.05) as server:
        rate = Figure(
            f"share of the vendor's rate, {few:,} users, 50 ms latency, 64 connections",
            0.9,
            "the vendor's rate limit",
            at_least=True,
        )
        memory = Figure(f"memory for {number * 10:,} users", 1.5, f"memory for {few:,}", unit="GB")
        for turn in range(rounds):
            cost = _load(server, folder / f"few{turn}", few)
            counted = server.counted()
            seconds = counted["last"] - counted["first"]
            rate.costs.append(Cost((counted["requests"] - 1) / seconds, cost.cpu))
            rate.floors.append(Cost(TRACK_RATE.per_second, 0))
            memory.floors.append(Cost(cost.resident / 1e9, cost.cpu))
        yield rate
        many = _load(server, folder / "many", number * 10)
        memory.costs = [Cost(many.resident / 1e9, many.cpu)] * rounds
        yield memory


def _load(server: Server, folder: Path, number: int) -> Cost:
    project = Project(folder, server.url, "braze", shop.BRAZE)
    project.make(shop.ROWS, number)
    server.reset()
    return process(roo_dbt("sync", "--threads", "64"), folder, shop.KEYS)
