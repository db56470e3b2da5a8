"""A table too large to look at twice: plan, diff and commit against plain scans of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from math import log10
from pathlib import Path
from statistics import median

import duckdb
from tests.benchmarks import project as shop
from tests.benchmarks.measure import Cost, Figure, Work, interleaved, process, roo_dbt, timed
from tests.benchmarks.project import Project
from tests.benchmarks.sink import running

from roo_dbt import state
from roo_dbt.run import Options
from roo_dbt.run.comparing import compare
from roo_dbt.run.opening import open_project
from roo_dbt.warehouse import Session

SNAPSHOT = f'main_roo."snapshot__{shop.DESTINATION}"'
GIGABYTE = (("memory_limit", "1GB"),)


def scale(folder: Path, number: int, rounds: int) -> Iterator[Figure]:
    """`plan`, the diff of a `sync` and the commit, with 1 % changed, at this size, a tenth and a hundredth of it."""
    with running() as server:
        tiny = grown(Project(folder / "tiny", server.url, "braze", shop.BRAZE_WIDE), number // 100)
        small = grown(Project(folder / "small", server.url, "braze", shop.BRAZE_WIDE), number // 10)
        project = grown(Project(folder / "large", server.url, "braze", shop.BRAZE_WIDE), number)
        figures = list(_compared(project, f"{number:,} × 12", (3.0, 4.5), rounds))
        yield from figures
        smaller = list(_compared(small, f"{number // 10:,} × 12", (None, None), rounds))
        yield from smaller
        yield from _compared(tiny, f"{number // 100:,} × 12", (None, None), rounds)
        for name, large, little in zip(("plan", "diff"), figures, smaller, strict=True):
            growth = median(c.wall for c in large.costs) / median(c.wall for c in little.costs)
            power = Figure(f"{name}: wall time grows as rows to the power of", 1.1, unit="")
            power.costs.append(Cost(log10(growth), 0))
            yield power
        tight = Project(project.folder, server.url, "braze", shop.BRAZE_WIDE, settings=GIGABYTE)
        tight.write()
        for figure in _compared(tight, f"{number:,} × 12, memory_limit 1GB", (4.0, 4.0), rounds):
            yield figure
            held = max(cost.resident for cost in figure.costs) / 1e9
            yield Figure(f"{figure.name}: memory", 1.4, costs=[Cost(held, 0)], unit="GB")
        project.write()
        commit = Figure(f"commit of 1 % of {number:,}", 1.0, "scan of one table")
        work: Work = lambda: committed(project)  # noqa: E731 a name for the type checker
        yield from interleaved([(commit, work)], lambda: scan(project, SNAPSHOT), rounds)


def _compared(
    project: Project, what: str, bars: tuple[float | None, float | None], rounds: int
) -> Iterator[Figure]:
    floor = "scan of both tables"
    works: list[tuple[Figure, Work]] = [
        (Figure(f"plan, {what}", bars[0], floor), lambda: _run(project, "plan")),
        (Figure(f"sync --limit 1, {what}", bars[1], floor), lambda: _run(project, "sync", "--limit", "1")),
    ]
    yield from interleaved(works, lambda: scan(project, "customers", SNAPSHOT), rounds)


def _run(project: Project, *arguments: str) -> Cost:
    return process(roo_dbt(*arguments), project.folder, shop.KEYS)


def committed(project: Project) -> Cost:
    """The time of folding 1 % accepted changes into the snapshot; the diff before it is not counted."""
    project.sql("UPDATE customers SET orders = orders + 1 WHERE id % 100 = 7")
    options = Options(project_dir=project.folder, profiles_dir=project.folder)
    opened = open_project(options, os.environ | shop.KEYS, read_only=False)
    (destination,) = opened.destinations
    layout, name = opened.layout, destination.name
    with opened.reached.session() as session:
        state.lock(session, layout, name, "benchmark")
        everything = state.known(session, layout)
        app = opened.connect(destination.app)
        compared = compare(opened, session, destination, app, everything=everything, run_id="benchmark")
        state.register_changes(
            session,
            layout,
            destination,
            endpoint=compared.endpoint,
            workspace=compared.workspace,
            run_id="benchmark",
            pending=compared.comparison.shape,
            fresh=False,
        )
        _accept_all(session, layout.acknowledged, compared.frozen.total)
        cost = timed(lambda: state.commit(session, opened.reached.dialect, layout, name, "benchmark"))
        state.unlock(session, layout, name, "benchmark")
        return cost


def _accept_all(session: Session, table: str, total: int) -> None:
    session.run(
        f"INSERT INTO {table} VALUES (?, 'benchmark', 1, ?, 'accepted', NULL, NULL, false)",
        [shop.DESTINATION, total],
    )


def grown(project: Project, number: int) -> Project:
    """A project that has sent `number` customers, of which 1 % changed since; most went without a request."""
    project.make(shop.WIDE_ROWS, 100)
    process(roo_dbt("sync"), project.folder, shop.KEYS)
    mapped = ", ".join(f"c.{column}" for column in project.mapping.values())
    names = [row[0] for row in project.sql(f"DESCRIBE {SNAPSHOT}")]
    fields = ", ".join(name for name in names if not name.startswith(("key__", "roo_")))
    marks = ", ".join(name for name in names if name.startswith("roo_"))
    project.sql(
        f"INSERT INTO customers {shop.WIDE_ROWS} FROM range(101, {number + 1}) r(i)",
        f"INSERT INTO {SNAPSHOT} (key__id, {fields}, {marks}) SELECT c.id, {mapped}, {marks} "
        f"FROM customers c, (SELECT {marks} FROM {SNAPSHOT} LIMIT 1) WHERE c.id > 100",
        "UPDATE customers SET city = 'Oslo' WHERE id % 100 = 7",
    )
    return project


def scan(project: Project, *tables: str) -> Cost:
    """The time of an aggregate that touches every mapped column of the tables."""
    with duckdb.connect(str(project.file)) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, value in project.settings:
            connection.execute(f"SET {name} = '{value}'")

        def everything() -> None:
            for table in tables:
                columns = [row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall()]
                read = ", ".join(f"max({column})" for column in columns if not column.startswith("roo_"))
                connection.execute(f"SELECT {read} FROM {table}").fetchall()

        return timed(everything)
