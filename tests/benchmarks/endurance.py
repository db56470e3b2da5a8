"""Many changes over many connections: the rate that is kept, and the memory it takes."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from math import ceil
from pathlib import Path

from tests.benchmarks import project as shop
from tests.benchmarks.measure import Cost, Figure, roo_dbt
from tests.benchmarks.project import Project
from tests.benchmarks.sink import Server, running

from roo_dbt.destinations.braze.limits import TRACK_OBJECTS, TRACK_RATE

LOOK_SECONDS = 0.2


def endurance(folder: Path, number: int, rounds: int) -> Iterator[Figure]:
    """The rate at 50 ms latency over 64 connections, and the memory of many changes against that of few."""
    few, many = number * 3 // 2, number * 10
    limit = "the vendor's rate limit"
    rate = Figure(
        "requests a second, one user each, 50 ms latency, 64 connections", 0.9, limit, at_least=True
    )
    full = Figure(f"requests a second, {TRACK_OBJECTS.number} users each", None, limit, at_least=True)
    memory = Figure(f"memory while sending {many:,} users", 1.5, f"while sending {few:,}", unit="GB")
    with running(latency=0.05) as server:
        for turn in range(rounds):
            _load(server, folder / f"single{turn}", number // 5, each=1)
            _note_rate(server, rate)
            memory.floors.append(_load(server, folder / f"few{turn}", few))
            _note_rate(server, full)
        yield rate
        yield full
        memory.costs = [_load(server, folder / "many", many)] * rounds
        yield memory


def _note_rate(server: Server, figure: Figure) -> None:
    """Requests a second from the first that arrived to the last, in place of seconds."""
    counted = server.counted()
    seconds = counted["last"] - counted["first"]
    figure.costs.append(Cost((counted["requests"] - 1) / seconds, 0))
    figure.floors.append(Cost(TRACK_RATE.per_second, 0))


def _load(server: Server, folder: Path, number: int, *, each: int = TRACK_OBJECTS.number) -> Cost:
    """A first load; its cost has gigabytes in place of seconds: the most held while requests arrived.

    Of the second half: in the first the diff's memory is still being given back.
    """
    project = Project(folder, server.url, "braze", shop.BRAZE, app=(("max_objects", each),))
    project.make(shop.ROWS, number)
    server.reset()
    due = ceil(number / each)
    command = roo_dbt("sync", "--threads", "64")
    child = subprocess.Popen(command, cwd=folder, env=os.environ | shop.KEYS, stdout=subprocess.DEVNULL)
    held = 0
    while child.poll() is None:
        if due / 2 < server.counted()["requests"] < due:
            pages = int(Path(f"/proc/{child.pid}/statm").read_text().split()[1])
            held = max(held, pages * os.sysconf("SC_PAGE_SIZE"))
        time.sleep(LOOK_SECONDS)
    if child.returncode or server.counted()["objects"] != number:
        raise RuntimeError(f"the sync ended with {child.returncode}, and {server.counted()} came")
    return Cost(held / 1e9, 0.0, held)
