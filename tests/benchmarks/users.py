"""A first load: every customer is new."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from pathlib import Path

from tests.benchmarks import project as shop
from tests.benchmarks.floors import post_all, ready_bodies
from tests.benchmarks.measure import Cost, Figure, interleaved, process, roo_dbt
from tests.benchmarks.project import Project
from tests.benchmarks.sink import Server, running

from roo_dbt.destinations.braze.limits import TRACK_OBJECTS
from roo_dbt.destinations.iterable.limits import BULK_UPDATE, BULK_USERS
from roo_dbt.sandbox.process import SandboxProcess
from roo_dbt.sandbox.settings import Settings

BATCH = TRACK_OBJECTS.number
PATH = "/users/track"


def first_load(folder: Path, number: int, rounds: int) -> Iterator[Figure]:
    """Both vendors without latency, Braze behind 100 ms, and Braze as the sandbox plays it."""
    with running() as server:
        yield from _against(server, folder / "braze", number, rounds, "no latency")
        yield from _paced(server, folder / "iterable", number)
    with running(latency=0.1) as server:
        yield from _against(
            server, folder / "far", number, rounds, "100 ms latency", connections=16, bar=1.25
        )
    with SandboxProcess(Settings(enforce_limits=False, log_size=1)) as sandbox:
        yield from _in_sandbox(sandbox, folder / "sandbox", number, rounds)


def _against(
    server: Server,
    folder: Path,
    number: int,
    rounds: int,
    where: str,
    *,
    connections: int = 1,
    bar: float | None = None,
) -> Iterator[Figure]:
    project = Project(folder, server.url, "braze", shop.BRAZE)
    project.make(shop.ROWS, number)
    project.save("new")
    bodies = ready_bodies(project, BATCH)

    def floor() -> Cost:
        return post_all(server.url, PATH, bodies, connections)

    def sync() -> Cost:
        project.load("new")
        server.reset()
        cost = process(roo_dbt("sync"), folder, shop.KEYS)
        counted = server.counted()
        if (counted["requests"], counted["objects"]) != (len(bodies), number):
            raise RuntimeError(f"{len(bodies)} requests were due, and {counted} came")
        return cost

    name = f"first {number:,} users, braze, {where}"
    floor_name = f"bare loop, {connections} connection{'s' if connections > 1 else ''}"
    figure = Figure(name, bar, floor_name, note=f"{len(bodies):,} requests")
    yield from interleaved([(figure, sync)], floor, rounds)


def _paced(server: Server, folder: Path, number: int) -> Iterator[Figure]:
    """Iterable takes 5 bulk requests a second: that, and no program, is the floor."""
    project = Project(folder, server.url, "iterable", shop.ITERABLE)
    project.make(shop.ROWS, number)
    due = ceil(number / BULK_USERS.number)
    server.reset()
    cost = process(roo_dbt("sync"), folder, shop.KEYS)
    counted = server.counted()
    if (counted["requests"], counted["objects"]) != (due, number):
        raise RuntimeError(f"{due} requests were due, and {counted} came")
    yield Figure(
        f"first {number:,} users, iterable, no latency",
        None,
        "the vendor's rate limit",
        note=f"{due:,} bulk requests, {counted['questions']} questions",
        costs=[cost],
        floors=[Cost(due / BULK_UPDATE.per_second, 0)],
    )


def _in_sandbox(sandbox: SandboxProcess, folder: Path, number: int, rounds: int) -> Iterator[Figure]:
    project = Project(folder, sandbox.url, "braze", shop.BRAZE)
    project.make(shop.ROWS, number)
    project.save("new")
    bodies = ready_bodies(project, BATCH)

    def floor() -> Cost:
        sandbox.reset()
        return post_all(sandbox.url, PATH, bodies)

    def sync() -> Cost:
        project.load("new")
        sandbox.reset()
        return process(roo_dbt("sync"), folder, shop.KEYS)

    figure = Figure(
        f"first {number:,} users, local Braze, no latency",
        1.5,
        "bare loop, 1 connection",
        note=f"{len(bodies):,} requests",
    )
    yield from interleaved([(figure, sync)], floor, rounds)
