"""Two open-source tools that can be told to post to Braze, beside us: the same table, server and minute.

`python -m tests.benchmarks --only peers` finds them in the folder that `ROO_BENCHMARK_PEERS` names: the `bin` of
a virtual environment with `drt-core[duckdb]` and `dlt[duckdb]`. Both are set to their best: 100 requests for
each of drt's clients, a session that is kept for dlt, no rate limit. Neither knows Braze: they are generic HTTP
destinations, and neither reads what Braze says of single users.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import project as shop
from tests.benchmarks.floors import post_all, ready_bodies
from tests.benchmarks.measure import Cost, Figure, Work, interleaved, process, roo_dbt
from tests.benchmarks.project import Project
from tests.benchmarks.sink import Server, running

from roo_dbt.destinations.braze.limits import TRACK_OBJECTS

SIZE = TRACK_OBJECTS.number
SELECT = "SELECT " + ", ".join(f"{column} AS {field}" for field, column in shop.BRAZE.items())

DRT_SYNC = """\
name: braze
model: "{select}, updated_at FROM customers"
destination:
  type: rest_api
  url: "{url}/users/track"
  method: POST
  headers: {{Content-Type: application/json}}
  auth: {{type: bearer, token_env: ROO_KEY}}
  body_mode: batch
  max_records_per_request: {size}
  batch_template: '{{"attributes": {{{{ rows | tojson_safe }}}}}}'
sync:
  mode: incremental
  cursor_field: updated_at
  batch_size: {clients}
  rate_limit: {{requests_per_second: 100000}}
  on_error: skip
"""

DLT_RUN = """\
import duckdb, dlt, requests
from dlt.common import json

session = requests.Session()
session.headers["Content-Type"] = "application/json"

@dlt.destination(
    batch_size={size}, loader_file_format="typed-jsonl", naming_convention="direct",
    skip_dlt_columns_and_tables=True,
)
def braze(items, table):
    session.post("{url}/users/track", data=json.dumpb({{"attributes": items}})).raise_for_status()

@dlt.resource(write_disposition="append")
def users(cursor=dlt.sources.incremental("updated_at")):
    with duckdb.connect("shop.duckdb", read_only=True) as connection:
        rows = connection.execute("{select}, updated_at FROM customers")
        names = [column[0] for column in rows.description]
        while page := rows.fetchmany(10_000):
            yield [dict(zip(names, row)) for row in page]

dlt.pipeline("braze", destination=braze, pipelines_dir="state", progress=None).run(users())
"""


@dataclass(frozen=True)
class Peer:
    """Another tool, in a folder of its own."""

    name: str
    command: tuple[str, ...]
    project: Project

    def run(self) -> Cost:
        """One sync."""
        folder = self.project.folder
        quiet = {"HOME": str(folder), "RUNTIME__DLTHUB_TELEMETRY": "false", "DRT_TELEMETRY": "0"}
        return process(self.command, folder, shop.KEYS | quiet)


def peers(folder: Path, number: int, rounds: int) -> Iterator[Figure]:
    """A first load without latency and behind 100 ms, against a bare loop; whoever is not there is left out."""
    programs = Path(os.environ.get("ROO_BENCHMARK_PEERS", ""))
    for latency, connections, turns in ((0.0, 1, rounds), (0.1, 16, 1)):
        with running(latency=latency) as server:
            where = f"{latency * 1000:.0f} ms latency"
            yield from _beside(
                server, folder / where.replace(" ", "-"), programs, number, turns, where, connections
            )


def _beside(
    server: Server, folder: Path, programs: Path, number: int, rounds: int, where: str, connections: int
) -> Iterator[Figure]:
    ours = _project(folder / "roo-dbt", server, number)
    bodies = ready_bodies(ours, SIZE)
    works: list[tuple[Figure, Work]] = []
    floor_name = f"bare loop, {connections} connection{'s' if connections > 1 else ''}"
    tools = [Peer("roo-dbt", tuple(roo_dbt("sync")), ours), *_others(server, folder, programs, number)]
    for tool in tools:
        figure = Figure(f"first {number:,} users, {where}: {tool.name}", None, floor_name)
        works.append((figure, _first_load(tool, server, figure, number)))
    yield from interleaved(works, lambda: post_all(server.url, "/users/track", bodies, connections), rounds)


def _first_load(tool: Peer, server: Server, figure: Figure, number: int) -> Work:
    tool.project.save("new")

    def work() -> Cost:
        tool.project.load("new")
        for kept in (".drt", "state"):
            _forget(tool.project.folder / kept)
        server.reset()
        cost = tool.run()
        counted = server.counted()
        if counted["objects"] != number:
            raise RuntimeError(f"{tool.name}: {number} users were due, and {counted} came")
        figure.note = f"{counted['requests']:,.0f} requests"
        return cost

    return work


def _forget(state: Path) -> None:
    for file in sorted(state.rglob("*"), reverse=True) if state.is_dir() else ():
        if file.name != "profiles.yml" and file.is_file():
            file.unlink()


def _others(server: Server, folder: Path, programs: Path, number: int) -> Iterator[Peer]:
    if (programs / "drt").is_file():
        project = _project(folder / "drt", server, number)
        _write(project.folder / ".drt" / "profiles.yml", "local: {type: duckdb, database: shop.duckdb}\n")
        _write(project.folder / "drt_project.yml", 'name: bench\nversion: "0.1"\nprofile: local\n')
        text = DRT_SYNC.format(select=SELECT, url=server.url, size=SIZE, clients=SIZE * 100)
        _write(project.folder / "syncs" / "braze.yml", text)
        yield Peer("drt", (str(programs / "drt"), "run", "--select", "braze"), project)
    if (programs / "dlt").is_file():
        project = _project(folder / "dlt", server, number)
        text = DLT_RUN.format(select=SELECT, url=server.url, size=SIZE)
        _write(project.folder / "run.py", text)
        yield Peer("dlt", (str(programs / "python"), "run.py"), project)


def _project(folder: Path, server: Server, number: int) -> Project:
    project = Project(folder, server.url, "braze", shop.BRAZE)
    project.make(f"{shop.ROWS}, TIMESTAMP '2026-01-01' + INTERVAL (i) SECOND AS updated_at", number)
    return project


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
