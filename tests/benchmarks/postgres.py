"""A million rows on Postgres, one in a hundred changed: diff and commit against plain scans, and our memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.measure import Cost, Figure, Work, interleaved, timed
from tests.postgres_server import running_server
from tests.run.engines import PostgresDatabase
from tests.run.shop import Shop

from roo_dbt import state
from roo_dbt.records import ACCEPTED
from roo_dbt.run import baseline
from roo_dbt.run.comparing import Compared, compare, pages
from roo_dbt.run.opening import Opened, open_project
from roo_dbt.sandbox.server import Sandbox

COLUMNS = (
    "i AS id, 'user' || i || '@example.com' AS email, 'First ' || i % 1000 AS first_name, "
    "'City ' || i % 997 AS city, (i % 10007 / 7.0)::DECIMAL(12,2) AS ltv, i % 50 AS orders, "
    "TIMESTAMP '2020-01-01' + i * INTERVAL 1 MINUTE AS signed_up, i % 3 = 0 AS is_active, "
    "i / 7.0::DOUBLE AS score, ['a', 'b' || i % 5] AS tags, DATE '1990-01-01' + (i % 9999)::INTEGER AS born"
)
FIELDS = "email first_name city ltv orders signed_up is_active score tags born"
SNAPSHOT = 'main_roo."snapshot__braze_customers"'


def on_postgres(folder: Path, number: int, rounds: int) -> Iterator[Figure]:
    """The diff of a sync, the commit, and what we hold while the changes are read."""
    folder = folder / "postgres"
    folder.mkdir()
    with running_server() as server, Sandbox(enforce_limits=False) as sandbox:
        shop = Shop(folder, sandbox, engine=PostgresDatabase(server, server.database()))
        shop.sql(f"CREATE TABLE customers AS SELECT {COLUMNS} FROM range(0, {number}) r(i)")
        shop.braze(mapping={"external_id": "id", **{name: name for name in FIELDS.split()}})
        shop.write()
        baseline(shop.options(), shop.environ)
        _vacuum(shop)
        diff = Figure(f"Postgres: diff, 1 % of {number:,} × 11", 4.0, "scan of both tables")
        held = Figure("Postgres: memory that the diff and reading its changes add", 100.0, unit="MB")
        commit = Figure(f"Postgres: commit of 1 % of {number:,}", 1.0, "scan of one table")
        for _ in range(rounds):
            _round(shop, diff, commit, held)
        yield from (diff, commit, held)


def _round(shop: Shop, diff: Figure, commit: Figure, held: Figure) -> None:
    shop.sql("UPDATE customers SET orders = orders + 1 WHERE id % 100 = 7")
    _vacuum(shop)
    before = _forget_peak()
    opened = open_project(shop.options(), shop.environ, read_only=False)
    found: list[Compared] = []
    both: Work = lambda: _scan(shop, "customers", SNAPSHOT)  # noqa: E731 a name for the type checker
    interleaved([(diff, lambda: timed(lambda: found.append(_compared(opened))))], both, 1)
    changes = sum(len(page) for page in pages(opened, found[0]))
    if changes != found[0].frozen.total:
        raise RuntimeError(f"{found[0].frozen.total} changes were found, and {changes} read")
    held.costs.append(Cost((_peak() - before) / 1e6, 0))
    interleaved([(commit, lambda: _committed(opened, found[0]))], lambda: _scan(shop, SNAPSHOT), 1)


def _vacuum(shop: Shop) -> None:
    """What autovacuum does on a server that is not a test's."""
    database: Any = shop.on
    with database.server.connect(database.database) as connection:
        connection.execute("VACUUM ANALYZE")


def _compared(opened: Opened) -> Compared:
    (destination,) = opened.destinations
    with opened.reached.session() as session:
        state.lock(session, opened.layout, destination.name, "benchmark")
        everything = state.known(session, opened.layout)
        app = opened.connect(destination.app)
        return compare(opened, session, destination, app, everything=everything, run_id="benchmark")


def _committed(opened: Opened, compared: Compared) -> Cost:
    (destination,) = opened.destinations
    dialect, layout = opened.reached.dialect, opened.layout
    with opened.reached.session() as session:
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
        outcomes = [(seq, ACCEPTED) for seq in range(1, compared.frozen.total + 1)]
        state.acknowledge(session, layout, destination.name, "benchmark", outcomes)
        cost = timed(lambda: state.commit(session, dialect, layout, destination.name, "benchmark"))
        state.unlock(session, layout, destination.name, "benchmark")
        return cost


def _scan(shop: Shop, *tables: str) -> Cost:
    """The time of an aggregate that touches every column of the tables."""
    read = ", ".join(f"{'bool_or' if name == 'is_active' else 'max'}({name})" for name in FIELDS.split())
    return timed(lambda: shop.sql(*(f"SELECT {read} FROM {table}" for table in tables)))


def _forget_peak() -> int:
    """Bytes resident now; from here on the most is counted anew (https://man7.org/linux, proc(5))."""
    Path("/proc/self/clear_refs").write_text("5")
    return _peak()


def _peak() -> int:
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) * 1024  # type: ignore[index]
