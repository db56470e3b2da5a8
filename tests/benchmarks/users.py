"""A first load: every customer is new."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from pathlib import Path

from roo_dbt.sandbox.process import SandboxProcess
from roo_dbt.sandbox.settings import Settings
from tests.benchmarks import project as shop
from tests.benchmarks.floors import post_all, ready_bodies
from tests.benchmarks.measure import Cost, Figure, interleaved, process, roo_dbt
from tests.benchmarks.project import Project
from tests.benchmarks.sink import Server, running

BATCH = {"braze": 75, "iterable": 1000}
PATHS = {"braze": "/users/track", "iterable": "/api/users/bulkUpdate"}


def first_load(folder: Path, number: int, rounds: int) -> Iterator[Figure]:
    """Both vendors without latency, Braze behind 100 ms, and Braze as the sandbox plays it."""
    with running() as server:
        yield from _against(server, folder / "braze", "braze", number, rounds, "no latency")
        yield from _against(server, folder / "iterable", "iterable", number, rounds, "no latency")
    with running(latency=0.1) as server:
        yield from _against(
            server, folder / "far", "braze", number, rounds, "100 ms latency", connections=16, bar=1.25
        )
    with SandboxProcess(Settings(enforce_limits=False, log_size=1)) as sandbox:
        yield from _in_sandbox(sandbox, folder / "sandbox", number, rounds)


def _against(
    server: Server,
    folder: Path,
    vendor: str,
    number: int,
    rounds: int,
    where: str,
    *,
    connections: int = 1,
    bar: float | None = None,
) -> Iterator[Figure]:
    mapping = shop.BRAZE if vendor == "braze" else shop.ITERABLE
    project = Project(folder, server.url, vendor, mapping)
    project.make(shop.ROWS, number)
    project.save("new")
    bodies = ready_bodies(project, BATCH[vendor])

    def floor() -> Cost:
        return post_all(server.url, PATHS[vendor], bodies, connections)

    def sync() -> Cost:
        project.load("new")
        server.reset()
        cost = process(roo_dbt("sync"), folder, shop.KEYS)
        counted = server.counted()
        expected = (ceil(number / BATCH[vendor]), number)
        if (counted["requests"], counted["objects"]) != expected:
            raise RuntimeError(f"{expected} requests and users were due, and {counted} came")
        return cost

    name = f"first {number:,} users, {vendor}, {where}"
    floor_name = f"bare loop, {connections} connection{'s' if connections > 1 else ''}"
    figure = Figure(name, bar, floor_name, note=f"{len(bodies):,} requests")
    yield from interleaved([(figure, sync)], floor, rounds)


def _in_sandbox(sandbox: SandboxProcess, folder: Path, number: int, rounds: int) -> Iterator[Figure]:
    project = Project(folder, sandbox.url, "braze", shop.BRAZE)
    project.make(shop.ROWS, number)
    project.save("new")
    bodies = ready_bodies(project, BATCH["braze"])

    def floor() -> Cost:
        sandbox.reset()
        return post_all(sandbox.url, PATHS["braze"], bodies)

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
