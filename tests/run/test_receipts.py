"""Answers that cannot be written down at once: nothing of them is forgotten, nothing is sent or kept twice."""

from __future__ import annotations

import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

import pytest
from tests.faults import ledger
from tests.faults.test_signals import start, until
from tests.faults.test_warehouse_trouble import hold
from tests.run.engines import DUCKDB, PostgresDatabase
from tests.run.shop import Shop, counted

from roo_dbt import state
from roo_dbt.errors import WarehouseLost
from roo_dbt.records import Change
from roo_dbt.run import comparing, paging, syncing
from roo_dbt.run.syncing import Sync

BATCH, BATCHES = 75, 20

POSTGRES = pytest.mark.parametrize("engine", ["postgres"], indirect=True)
"""Marks a test about a server, whose connections can break."""


@pytest.fixture
def orders(shop: Shop) -> Shop:
    """Twenty batches of events; what has no sure answer must not go twice."""
    ledger.declare(shop, "braze events", BATCHES * BATCH)
    shop.destinations = [each for each in shop.destinations if each["name"] == "braze_orders"]
    return shop


def times(shop: Shop) -> Counter[str]:
    """How often each event arrived."""
    return Counter(ledger.arrived(shop, "braze_orders"))


def rest_goes_once(shop: Shop, confirmed: int) -> None:
    """The tables know what was confirmed, and one more run sends the others."""
    number = shop.sql("SELECT count(*) FROM customers")[0][0]
    snapshot = "SELECT count(*), count(DISTINCT key__id) FROM main_roo.snapshot__braze_orders"
    assert shop.sql(snapshot) == [(confirmed, confirmed)]
    shop.sandbox.latency = 0
    left = {"created": number - confirmed} if number > confirmed else {}
    assert counted(shop.sync()) == {**left, "unchanged": confirmed}
    assert shop.sql(snapshot) == [(number, number)]
    assert len(times(shop)) == number
    assert set(times(shop).values()) == {1}


def stuck(shop: Shop, table: str, deed: str, query: str, then: Callable[[], object] = lambda: None) -> None:
    """Hold a table of Postgres until a statement waits for it, and do something to that one's process."""
    engine = shop.on
    assert isinstance(engine, PostgresDatabase)
    waiting = (
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
        f"AND query LIKE '%{query}%'"
    )
    connect = engine.server.connect
    with connect(engine.database) as watcher, connect(engine.database) as holder, holder.transaction():
        holder.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
        then()
        until(lambda: bool(watcher.execute(waiting.encode()).fetchall()))
        watcher.execute(f"SELECT {deed}(pid) FROM ({waiting}) w".encode())


def first(monkeypatch: pytest.MonkeyPatch, trouble: Callable[[Callable[[], None]], None]) -> None:
    """Let something happen to the first acknowledgement, which is given as a function."""
    original, calls = Sync._acknowledge, [0]

    def acknowledge(self: Sync, *said: Any) -> None:
        calls[0] += 1
        write = partial(original, self, *said)
        trouble(write) if calls[0] == 1 else write()

    monkeypatch.setattr(Sync, "_acknowledge", acknowledge)


def broken(_: Callable[[], None]) -> None:
    """The connection breaks before anything is written."""
    raise WarehouseLost("the server closed the connection unexpectedly")


@contextmanager
def held(shop: Shop) -> Iterator[None]:
    """The DuckDB file is open in another program."""
    process: subprocess.Popen[str] = hold(shop)
    try:
        yield
    finally:
        process.communicate("\n", timeout=30)


@DUCKDB
def test_events_in_flight_while_the_file_is_locked_are_waited_for_and_never_sent_twice(
    orders: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(write: Callable[[], None]) -> None:
        # More requests leave while the sync waits for the file.
        with held(orders):
            write()

    orders.roo["lock_wait_seconds"] = 1
    orders.sandbox.latency = 0.4
    first(monkeypatch, locked)
    report = orders.report(threads=2)
    (result,) = report.results

    assert (report.exit_code, result.status) == (3, "error")
    assert "is open in another process" in str(report.stopped)
    assert counted(result) == {"created": len(times(orders))}
    assert 0 < result.counts.created < BATCHES * BATCH
    rest_goes_once(orders, result.counts.created)


@POSTGRES
def test_events_in_flight_when_a_connection_breaks_are_waited_for_and_never_sent_twice(orders: Shop) -> None:
    orders.sandbox.latency = 0.5
    process = start(orders)
    until(lambda: len(orders.sandbox.requests) >= 4)
    stuck(orders, "main_roo.roo_acknowledged", "pg_terminate_backend", "INSERT INTO%roo_acknowledged")
    out, _ = process.communicate(timeout=60)

    assert process.returncode == 3
    assert "Postgres could not go on: terminating connection" in out
    confirmed = len(times(orders))
    assert 0 < confirmed < BATCHES * BATCH
    assert f"braze_orders  error       {confirmed}" in out
    rest_goes_once(orders, confirmed)


def test_an_acknowledgement_that_breaks_halfway_is_undone_before_it_is_written_again(
    orders: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "ACKNOWLEDGE_SECONDS", 0.0)
    original, calls = state.note_traces, [0]

    def note_traces(*arguments: Any) -> None:
        calls[0] += 1
        if calls[0] == 1:
            raise WarehouseLost("the server closed the connection unexpectedly")
        original(*arguments)

    monkeypatch.setattr(state, "note_traces", note_traces)
    report = orders.report(threads=1)

    assert report.exit_code == 3
    rest_goes_once(orders, report.results[0].counts.created)


def test_an_acknowledgement_that_was_written_though_its_confirmation_got_lost_counts_once(
    orders: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unconfirmed(write: Callable[[], None]) -> None:
        write()
        raise WarehouseLost("the server closed the connection unexpectedly")

    monkeypatch.setattr(syncing, "ACKNOWLEDGE_SECONDS", 0.0)
    first(monkeypatch, unconfirmed)
    report = orders.report(threads=1)

    outcomes = orders.sql("SELECT count(*), count(DISTINCT key) FROM main_roo.roo_outcomes")
    created = report.results[0].counts.created
    assert outcomes == [(created, created)]
    rest_goes_once(orders, created)


def test_a_last_acknowledgement_that_fails_once_is_tried_again_and_the_run_ends_well(
    orders: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "ACKNOWLEDGE_SECONDS", 60.0)
    first(monkeypatch, broken)
    report = orders.report()

    assert (report.exit_code, counted(report.results[0])) == (0, {"created": BATCHES * BATCH})
    rest_goes_once(orders, BATCHES * BATCH)


def test_what_the_vendor_has_of_a_change_is_noted_again_after_it_could_not_be_written(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = "id, email, city, ltv, vip"
    shop.destinations = []
    shop.roo["apps"]["iterable"]["settle_seconds"] = 0
    shop.iterable(groups=[{"name": "VIP", "column": "vip"}])
    shop.customers("(1, 'ann@example.com', 'Oslo', 1, false)", columns)
    shop.sync()
    shop.customers("(1, 'ann@example.com', 'Rome', 1, true)", columns)
    with monkeypatch.context() as patched:
        patched.setattr(syncing, "ACKNOWLEDGE_SECONDS", 0.0)
        first(patched, broken)
        assert shop.report().exit_code == 3
    assert shop.sandbox.iterable_users["ann@example.com"]["city"] == "Rome"
    assert shop.sandbox.iterable_lists.get("VIP", []) == []

    shop.customers("(1, 'ann@example.com', 'Oslo', 1, false)", columns)
    assert counted(shop.sync()) == {"updated": 1}
    assert shop.sandbox.iterable_users["ann@example.com"]["city"] == "Oslo"


def third_page(monkeypatch: pytest.MonkeyPatch, trouble: Callable[[], AbstractContextManager[None]]) -> None:
    """Pages of four batches, and something that happens while the third one is read."""
    monkeypatch.setattr(paging, "PAGE_SIZE", 4 * BATCH)
    # As on the other warehouses, which are not written to every second.
    monkeypatch.setattr(syncing, "ACKNOWLEDGE_SECONDS", 60.0)
    original = comparing.pages

    def pages(*arguments: Any) -> Iterator[Sequence[Change]]:
        read = original(*arguments)
        yield next(read)
        yield next(read)
        with trouble():
            page = next(read)
        yield page

    monkeypatch.setattr(syncing, "pages", pages)


@DUCKDB
def test_what_was_confirmed_is_kept_when_the_file_is_locked_before_the_next_page(
    orders: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders.roo["lock_wait_seconds"] = 1
    with monkeypatch.context() as patched:
        third_page(patched, lambda: held(orders))
        report = orders.report(threads=1)

    assert report.exit_code == 3
    assert "is open in another process" in str(report.stopped)
    assert counted(report.results[0]) == {"created": 8 * BATCH}
    rest_goes_once(orders, 8 * BATCH)


@POSTGRES
def test_what_was_confirmed_is_kept_when_the_server_refuses_to_read_the_next_page(
    orders: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = 'main_roo."changes__braze_orders"'

    @contextmanager
    def cancelled() -> Iterator[None]:
        locked = threading.Event()
        cancelling = threading.Thread(target=stuck, args=(orders, table, "pg_cancel_backend", "", locked.set))
        cancelling.start()
        locked.wait(30)
        yield
        cancelling.join()

    with monkeypatch.context() as patched:
        third_page(patched, cancelled)
        report = orders.report(threads=1)

    assert report.exit_code == 3
    assert "the warehouse refused a statement: canceling statement due to user request" in str(report.stopped)
    assert counted(report.results[0]) == {"created": 8 * BATCH}
    rest_goes_once(orders, 8 * BATCH)
