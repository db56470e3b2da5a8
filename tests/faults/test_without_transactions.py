"""Where a CREATE ends a transaction, a sync may end after any statement, and one more run makes it whole.

The engine is DuckDB, whose transactions are taken away; after the death of the process nothing is run any more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from tests.run.shop import Shop
from tests.state.test_lock import dead_pid

from roo_dbt.warehouse.dialects.duckdb import DuckDBDialect
from roo_dbt.warehouse.duckdb import DuckDBSession


class Death(BaseException):
    """The process ends; nothing that handles errors may handle it."""


class Lifetime:
    """How many statements all sessions of the process may still run."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.ran = 0
        self._guard = threading.Lock()
        self._run = DuckDBSession.run

    def run(self, session: DuckDBSession, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement, unless the process is dead."""
        with self._guard:
            if self.left == 0:
                raise Death
            self.left = None if self.left is None else self.left - 1
            self.ran += 1
        return self._run(session, sql, parameters)


@contextmanager
def no_transaction(session: DuckDBSession) -> Iterator[None]:
    """Every statement stands for itself."""
    yield


@pytest.fixture
def life() -> Iterator[Lifetime]:
    lifetime = Lifetime()

    def run(session: DuckDBSession, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return lifetime.run(session, sql, parameters)

    with (
        mock.patch.object(DuckDBDialect, "replays", True),
        mock.patch.object(DuckDBSession, "transaction", no_transaction),
        mock.patch.object(DuckDBSession, "run", run),
    ):
        yield lifetime


DAYS = (
    "(1, 'a@example.com', 'Oslo', 1.0), (2, 'b@example.com', 'Rome', 2.0), (3, 'c@example.com', 'Bonn', 3.0)",
    "(1, 'a@example.com', 'Kyiv', 1.0), (3, 'c@example.com', 'Bonn', 4.0), (4, 'd@example.com', 'Lima', 5.0)",
)
"""The model, day by day; on the second one a row changed, one left, one came."""


def vendors(shop: Shop) -> dict[str, Any]:
    """What both have, without what differs from run to run."""
    fields = ("email", "home_city", "city", "ltv")
    braze, iterable = shop.sandbox.braze_users, shop.sandbox.iterable_users
    return {
        str(key): {name: value for name, value in user.items() if name in fields}
        for key, user in sorted({**braze, **iterable}.items())
    }


def synced(shop: Shop) -> None:
    """A run that ends well, of both destinations."""
    report = shop.report(yes_delete=frozenset({"braze_customers", "iterable_customers"}))
    assert [result.status for result in report.results] == ["success", "success"]


def told(shop: Shop, life: Lifetime, day: int, after: int | None) -> int:
    """Two days, and a death after so many statements of one of them; how many that day's sync ran."""
    shop.sql("DROP SCHEMA IF EXISTS main_roo CASCADE")
    shop.sandbox.reset()
    ran, alive = 0, set(threading.enumerate())
    for number, rows in enumerate(DAYS):
        shop.customers(rows)
        before = life.ran
        life.left = after if number == day else None
        try:
            synced(shop)
        except Death:
            while set(threading.enumerate()) - alive:
                time.sleep(0.01)
            life.left = None
            recovered(shop)
        life.left = None
        if number == day:
            ran = life.ran - before
    return ran


def recovered(shop: Shop) -> None:
    """The next process: a plan can be made, and one sync brings all to its end."""
    if shop.sql("SELECT 1 FROM duckdb_tables() WHERE table_name = 'roo_locks'"):
        shop.sql(f"UPDATE main_roo.roo_locks SET pid = {dead_pid()}")
    shop.plans()
    synced(shop)


@pytest.mark.parametrize("step", [17, pytest.param(1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("day", [0, 1])
def test_whatever_statement_of_a_sync_is_the_last_one_more_run_makes_it_whole(
    shop: Shop, life: Lifetime, day: int, step: int
) -> None:
    shop.braze()
    shop.iterable()
    statements = told(shop, life, day, None)
    expected = vendors(shop)
    assert statements > 40
    assert len(expected) == 6
    for after in range(statements - 1, -1, -step):
        told(shop, life, day, after)
        assert vendors(shop) == expected, after
