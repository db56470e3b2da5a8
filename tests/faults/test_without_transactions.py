"""Where a CREATE ends a transaction, a sync may end after any statement, and one more run makes it whole.

The engine is DuckDB, whose transactions are taken away; after the death of the process nothing is run any more.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from tests.run.shop import Shop
from tests.state.test_lock import dead_pid

from roo_dbt.errors import UsageProblem
from roo_dbt.run import adopt, forget
from roo_dbt.warehouse.dialects.duckdb import DuckDBDialect
from roo_dbt.warehouse.duckdb import DuckDB, DuckDBSession


class Death(BaseException):
    """The process ends; nothing that handles errors may handle it."""


class Lifetime:
    """How many statements all sessions of the process may still run.

    `last_words`: the process ends before a statement that looks like this; `spared`: and has been run so often.
    """

    def __init__(self) -> None:
        self.left: int | None = None
        self.last_words, self.spared = "", 0
        self.ran = 0
        self._guard = threading.Lock()
        self._run = DuckDBSession.run

    def run(self, session: DuckDBSession, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement, unless the process is dead."""
        with self._guard:
            if self.last_words and re.search(self.last_words, sql):
                self.spared -= 1
                if self.spared < 0:
                    self.left, self.last_words = 0, ""
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
        mock.patch.object(DuckDB, "is_shared", True),
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
    ran = 0
    for number, rows in enumerate(DAYS):
        shop.customers(rows)
        before = life.ran
        life.left = after if number == day else None
        if died(shop, life, synced):
            recovered(shop)
        if number == day:
            ran = life.ran - before
    return ran


def died(shop: Shop, life: Lifetime, work: Callable[[Shop], object]) -> bool:
    """Whether the process did while it worked; its threads are gone then, and its locks are a dead one's."""
    alive = set(threading.enumerate())
    try:
        work(shop)
    except Death:
        while set(threading.enumerate()) - alive:
            time.sleep(0.01)
        life.left = None
        if shop.sql("SELECT 1 FROM duckdb_tables() WHERE table_name = 'roo_locks'"):
            shop.sql(f"UPDATE main_roo.roo_locks SET pid = {dead_pid()}")
        return True
    life.left = None
    return False


def recovered(shop: Shop) -> None:
    """The next process: a plan can be made, and one sync brings all to its end."""
    assert {plan.status for plan in shop.plans()} == {"planned"}
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


def test_a_first_load_of_which_nothing_was_taken_can_begin_anew_elsewhere(shop: Shop, life: Lifetime) -> None:
    shop.braze()
    shop.customers(DAYS[0])
    shop.sandbox.fault("item", "/users/track", ids=["1", "2", "3"], count=1)
    shop.sync()
    shop.roo["apps"]["braze"]["rest_endpoint"] = shop.sandbox.url.replace("127.0.0.1", "localhost")
    life.last_words = r"DROP TABLE IF EXISTS .*snapshot__braze_customers"
    assert died(shop, life, Shop.sync)
    assert shop.plan().counts.create == 3
    assert shop.sync().counts.created == 3


def test_events_that_count_as_sent_stay_so_whenever_the_first_sync_dies(shop: Shop, life: Lifetime) -> None:
    mapping = {"external_id": "id", "name": {"value": "Order Placed"}, "time": "ordered_at"}
    shop.braze(object="events", sync_mode=None, mapping=mapping, first_sync="baseline")
    shop.customers("SELECT 'u' || i AS id, TIMESTAMP '2026-01-01 00:00:00' AS ordered_at FROM range(3) r(i)")
    for last_words in ("INSERT INTO .*roo_acknowledged", "UPDATE .*pending_run", "TEMP TABLE .*roo_answered"):
        shop.sql("DROP SCHEMA IF EXISTS main_roo CASCADE")
        life.last_words, life.spared = last_words, 0
        assert died(shop, life, Shop.sync), last_words
        shop.sync()
        assert shop.sandbox.braze_events == [], last_words


def test_what_arrived_of_a_refused_record_is_not_forgotten(shop: Shop, life: Lifetime) -> None:
    """The fields were taken, the list was not; the run dies while it writes that down, and the row goes back."""
    columns = "id, email, city, ltv, vip"
    shop.roo["apps"]["iterable"]["settle_seconds"] = 0
    shop.iterable(groups=[{"name": "VIP", "column": "vip"}])
    shop.customers("(1, 'ann@x.org', 'Oslo', 1, false)", columns)
    shop.sync()
    shop.sandbox.fault("item", "/api/lists/subscribe", ids=["ann@x.org"], count=1)
    shop.customers("(1, 'ann@x.org', 'Rome', 1, true)", columns)
    # That it leaves, and one of two: what is there, and the outcome.
    life.last_words, life.spared = "INSERT INTO .*roo_acknowledged", 2
    assert died(shop, life, Shop.sync)
    shop.customers("(1, 'ann@x.org', 'Oslo', 1, false)", columns)
    shop.sync()
    assert shop.sandbox.iterable_users["ann@x.org"]["city"] == "Oslo"


def test_a_run_that_died_at_its_very_end_is_not_running_for_ever_and_leaves_nothing(
    shop: Shop, life: Lifetime
) -> None:
    shop.braze()
    shop.customers(DAYS[0])
    life.last_words = "DELETE FROM .*roo_acknowledged"
    assert died(shop, life, Shop.sync)
    assert shop.sync().counts.unchanged == 3
    assert {run.status for run in shop.status()} == {"error", "success"}
    shop.customers(DAYS[1].replace("(4,", "(2,"))
    shop.sync()
    assert shop.sql("SELECT count(*) FROM main_roo.roo_acknowledged") == [(0,)]


@pytest.mark.parametrize(
    "last_words", ["DROP TABLE IF EXISTS .*snapshot__braze_customers", "DELETE FROM .*roo_locks"]
)
def test_what_a_takeover_that_died_leaves_of_the_old_name_can_be_forgotten(
    shop: Shop, life: Lifetime, last_words: str
) -> None:
    shop.braze()
    shop.customers(DAYS[0])
    shop.sync()
    shop.destinations[0]["name"] = "braze_people"
    shop.write()
    life.last_words = last_words
    assert died(shop, life, lambda shop: adopt(shop.options(), "braze_customers", shop.environ))
    forget(shop.options(), "braze_customers", shop.environ)
    left = shop.sql("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE '%braze_customers'")
    assert (left, shop.sql("SELECT destination FROM main_roo.roo_locks")) == ([], [("braze_people",)])
    assert shop.sync().counts.unchanged == 3
    with pytest.raises(UsageProblem, match="there is no snapshot"):
        forget(shop.options(), "braze_customers", shop.environ)
