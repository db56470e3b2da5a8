"""However a run ends, what was answered is known and the rest stays due."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest

from roo_dbt.errors import AppRefused, ExitCode, Interrupted, VendorLost, WarehouseLost
from roo_dbt.export import Clock, RetryPolicy, export
from roo_dbt.records import Change

if TYPE_CHECKING:
    from tests.export.conftest import Bench, Received, Reply


@pytest.mark.parametrize("status", [401, 403, 404, 405, 415, 302])
def test_a_vendor_that_refuses_the_app_ends_its_shipment(bench: Bench, status: int) -> None:
    bench.vendor.answers(bench.Reply(), bench.Reply(status, {"location": "/elsewhere"}))

    ledger = bench.ship(bench.changes(60), bench.Call(), threads=1)

    assert isinstance(ledger.problem, AppRefused)
    assert str(ledger.problem).startswith(f"shop: HTTP {status}")
    assert ledger.with_status("accepted") == {0, 1, 2}
    assert len(ledger.outcomes) == 3
    assert len(bench.vendor.received) == 2


def test_outcomes_of_requests_in_flight_come_before_the_refusal(bench: Bench) -> None:
    refused, in_flight = threading.Event(), threading.Event()

    def script(received: Received) -> Reply:
        if 0 in received.ids:
            in_flight.wait(10)
            refused.set()
            return bench.Reply(401)
        in_flight.set()
        refused.wait(10)
        return bench.Reply()

    bench.vendor.script = script
    ledger = bench.ship(bench.changes(2), bench.Call(batch_size=1), threads=2)

    assert isinstance(ledger.problem, AppRefused)
    assert ledger.with_status("accepted") == {1}


def test_a_refused_app_is_not_asked_again_for_its_next_destination(bench: Bench) -> None:
    bench.vendor.script = lambda _: bench.Reply(401)

    with bench.lane() as lane:
        bench.ship_on(lane, [bench.changes(1)], bench.Call())
        ledger = bench.ship_on(lane, [bench.changes(1)], bench.Call())

    assert isinstance(ledger.problem, AppRefused)
    assert len(bench.vendor.received) == 1


def test_a_key_with_a_line_break_is_refused_before_anything_is_sent(bench: Bench) -> None:
    with pytest.raises(AppRefused, match="line break") as caught, bench.lane(key="secret\n"):
        pass

    assert "secret" not in str(caught.value)


def test_an_interrupt_lets_requests_in_flight_finish_and_starts_none(bench: Bench) -> None:
    def script(_: Received) -> Reply:
        bench.stop.set()
        return bench.Reply()

    bench.vendor.script = script
    ledger = bench.ship(bench.changes(300), bench.Call(), threads=1)

    assert isinstance(ledger.problem, Interrupted)
    assert ledger.problem.exit_code is ExitCode.STOPPED_MIDWAY
    assert bench.vendor.ids() == [[0, 1, 2]]
    assert ledger.with_status("accepted") == {0, 1, 2}
    assert len(ledger.outcomes) == 3


def test_an_interrupt_after_the_last_answer_is_no_interrupt(bench: Bench) -> None:
    def script(_: Received) -> Reply:
        bench.stop.set()
        return bench.Reply()

    bench.vendor.script = script
    ledger = bench.ship(bench.changes(2), bench.Call(), threads=1)

    assert ledger.problem is None
    assert ledger.with_status("accepted") == {0, 1}


def test_an_interrupt_before_the_start_sends_nothing(bench: Bench) -> None:
    bench.stop.set()

    ledger = bench.ship(bench.changes(2), bench.Call())

    assert isinstance(ledger.problem, Interrupted)
    assert bench.vendor.received == []


def test_an_interrupt_ends_a_wait_and_the_change_stays_due(bench: Bench) -> None:
    bench.vendor.script = lambda _: bench.Reply(503, {"retry-after": "290"})

    def sleep(seconds: float) -> None:
        bench.time.sleep(seconds)
        bench.stop.set()

    clock = Clock(lambda: bench.time.now, sleep)
    with bench.lane(clock=clock) as lane:
        ledger = bench.ship_on(lane, [bench.changes(1)], bench.Call(repeatable=False))

    assert isinstance(ledger.problem, Interrupted)
    assert ledger.outcomes == {}
    assert bench.time.slept < 1


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_request_that_hangs_does_not_hold_up_an_interrupt(bench: Bench, *, repeatable: bool) -> None:
    hangs, over = threading.Event(), threading.Event()

    def script(received: Received) -> Reply:
        if 1 in received.ids:
            hangs.set()
            over.wait(10)
        else:
            hangs.wait(10)
            bench.stop.set()
        return bench.Reply()

    bench.vendor.script = script
    policy = RetryPolicy(drain_seconds=0.05)
    try:
        with bench.lane(threads=2, policy=policy, clock=Clock()) as lane:
            call = bench.Call(batch_size=1, repeatable=repeatable)
            ledger = bench.ship_on(lane, [bench.changes(4)], call)
    finally:
        over.set()

    assert isinstance(ledger.problem, Interrupted)
    assert ledger.with_status("accepted") == {0}
    assert ledger.with_status("unknown") == (set() if repeatable else {1})
    assert len(bench.vendor.received) == 2


def test_pages_that_can_no_longer_be_read_end_the_shipment_after_the_answers(bench: Bench) -> None:
    def pages() -> Iterator[Sequence[Change]]:
        yield bench.changes(3)
        raise WarehouseLost("the warehouse went away")

    with bench.lane() as lane:
        ledger = bench.ship_on(lane, pages(), bench.Call())

    assert isinstance(ledger.problem, WarehouseLost)
    assert ledger.with_status("accepted") == {0, 1, 2}


def test_a_lost_vendor_still_gives_the_outcomes_of_the_others(bench: Bench) -> None:
    bench.vendor.script = lambda received: bench.Reply(200 if received.ids == [0] else 500)

    ledger = bench.ship(bench.changes(3), bench.Call(batch_size=1), threads=1)

    assert isinstance(ledger.problem, VendorLost)
    assert ledger.with_status("accepted") == {0}
    assert len(ledger.outcomes) == 1


def test_the_caller_gets_a_turn_while_the_vendor_is_slow(bench: Bench) -> None:
    asked, turn = threading.Event(), threading.Event()

    def script(_: Received) -> Reply:
        asked.set()
        turn.wait(10)
        return bench.Reply()

    bench.vendor.script = script
    with bench.lane() as lane:
        empty = 0
        for settled in export([bench.changes(1)], [bench.Call()], lane):
            if not settled and asked.is_set():
                empty += 1
                turn.set()

    assert empty >= 1
    assert turn.is_set()


def test_a_caller_that_leaves_early_leaves_no_thread_and_sends_no_more(bench: Bench) -> None:
    before = set(threading.enumerate())
    with bench.lane(threads=2) as lane:
        for settled in export([bench.changes(1000)], [bench.Call(batch_size=1)], lane):
            if settled:
                break
    sent = len(bench.vendor.received)

    assert sent <= 2 * 2 + 4
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name.startswith("roo-")]


def test_an_empty_shipment_needs_no_thread(bench: Bench) -> None:
    with bench.lane() as lane:
        ledger = bench.ship_on(lane, [], bench.Call())
        threads = [thread for thread in threading.enumerate() if thread.name.startswith("roo-")]

    assert (ledger.problem, ledger.outcomes, threads) == (None, {}, [])
