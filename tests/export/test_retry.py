"""What is sent again, what is not, and when it ends."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from roo_dbt.destinations.protocol import Limit
from roo_dbt.errors import ExitCode, Interrupted, LongWait, VendorLost
from roo_dbt.export import RetryPolicy
from roo_dbt.export.clock import duration
from roo_dbt.records import Outcome, Request

if TYPE_CHECKING:
    from tests.export.conftest import Bench, Received, Reply

QUESTION = Request("GET", "/question")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_the_same_bytes_are_sent_again(bench: Bench, status: int) -> None:
    bench.vendor.answers(bench.Reply(status), bench.Reply(status))

    ledger = bench.ship(bench.changes(2), bench.Call())

    assert ledger.with_status("accepted") == {0, 1}
    assert len({received.body for received in bench.vendor.received}) == 1
    assert (ledger.requests, ledger.retries) == (1, 2)


def test_a_lost_connection_is_tried_again(bench: Bench) -> None:
    bench.vendor.answers(bench.Reply(cut=True))

    ledger = bench.ship(bench.changes(2), bench.Call())

    assert ledger.with_status("accepted") == {0, 1}
    assert ledger.retries == 1


@pytest.mark.parametrize("lost", ["408", "500", "502", "504", "cut"])
def test_what_must_not_go_twice_is_unknown_when_its_answer_is_lost(bench: Bench, lost: str) -> None:
    bench.vendor.answers(bench.Reply(cut=True) if lost == "cut" else bench.Reply(int(lost)))

    ledger = bench.ship(bench.changes(2), bench.Call(repeatable=False))

    assert len(bench.vendor.received) == 1
    assert ledger.problem is None
    assert {(outcome.status, outcome.code) for outcome in ledger.outcomes.values()} == {
        ("unknown", "ambiguous")
    }


@pytest.mark.parametrize("status", [425, 429, 503])
def test_what_must_not_go_twice_is_sent_again_when_it_was_not_carried_out(bench: Bench, status: int) -> None:
    bench.vendor.answers(bench.Reply(status))

    ledger = bench.ship(bench.changes(2), bench.Call(repeatable=False))

    assert ledger.with_status("accepted") == {0, 1}
    assert len(bench.vendor.received) == 2


def test_the_wait_that_the_vendor_names_is_obeyed(bench: Bench) -> None:
    bench.vendor.answers(bench.Reply(503, {"retry-after": "40"}))

    bench.ship(bench.changes(1), bench.Call())

    assert bench.time.slept == pytest.approx(40)


def test_waits_grow_from_half_a_second_and_are_random(bench: Bench) -> None:
    bench.vendor.answers(*[bench.Reply(500)] * 5)

    ledger = bench.ship(bench.changes(1), bench.Call())

    assert ledger.with_status("accepted") == {0}
    assert 5 * 0.05 <= bench.time.slept <= 0.5 + 1 + 2 + 4 + 8


def test_a_vendor_that_only_fails_is_lost_and_nothing_has_an_outcome(bench: Bench) -> None:
    bench.vendor.script = lambda _: bench.Reply(500)

    ledger = bench.ship(bench.changes(2), bench.Call())

    assert isinstance(ledger.problem, VendorLost)
    assert ledger.problem.exit_code is ExitCode.STOPPED_MIDWAY
    assert "HTTP 500; 6 attempts" in str(ledger.problem)
    assert ledger.outcomes == {}
    assert len(bench.vendor.received) == 6
    assert (ledger.requests, ledger.retries) == (1, 5)


def test_a_vendor_nobody_can_connect_to_is_lost(bench: Bench) -> None:
    bench.vendor = type(bench.vendor)()
    bench.vendor.close()

    ledger = bench.ship(bench.changes(2), bench.Call(repeatable=False))

    assert isinstance(ledger.problem, VendorLost)
    assert "no connection to http://127.0.0.1" in str(ledger.problem)
    assert ledger.outcomes == {}


def test_a_request_that_keeps_failing_while_others_succeed_stays_due(bench: Bench) -> None:
    failing, succeeded = threading.Event(), threading.Event()

    def script(received: Received) -> Reply:
        if received.ids == [0]:
            failing.set()
            succeeded.wait(10)
            return bench.Reply(500)
        failing.wait(10)
        if received.ids == [2]:
            # Its worker has read the answer to the one before.
            succeeded.set()
        bench.time.sleep(1)
        return bench.Reply()

    bench.vendor.script = script
    policy = RetryPolicy(seconds=1e6)
    ledger = bench.ship(bench.changes(3), bench.Call(batch_size=1), threads=2, policy=policy)

    assert ledger.problem is None
    assert ledger.outcomes[1] == Outcome("accepted")
    assert (ledger.outcomes[0].code, ledger.outcomes[0].permanent) == ("unavailable", False)
    assert "6 attempts" in (ledger.outcomes[0].message or "")


def test_the_time_for_one_request_is_bounded(bench: Bench) -> None:
    bench.vendor.script = lambda _: bench.Reply(500)
    policy = RetryPolicy(attempts=1_000_000, seconds=120)

    ledger = bench.ship(bench.changes(1), bench.Call(), policy=policy)

    assert isinstance(ledger.problem, VendorLost)
    assert bench.time.slept <= 120


def test_rate_limits_are_no_attempts(bench: Bench) -> None:
    bench.vendor.answers(*[bench.Reply(429, {"retry-after": "1"})] * 20)

    ledger = bench.ship(bench.changes(1), bench.Call())

    assert ledger.with_status("accepted") == {0}
    assert ledger.retries == 20


def test_one_rate_limit_pauses_the_whole_app(bench: Bench) -> None:
    at: list[float] = []
    both = threading.Barrier(2)

    def script(_: Received) -> Reply:
        at.append(bench.time.now)
        if len(at) <= 2:
            # Both workers have a request in flight, so that none is on its way when the pause begins.
            both.wait(10)
            return bench.Reply(429, {"retry-after": "30"})
        return bench.Reply()

    bench.vendor.script = script
    ledger = bench.ship(bench.changes(20), bench.Call(batch_size=1), threads=2)

    assert ledger.with_status("accepted") == set(range(20))
    assert min(at[2:]) >= at[0] + 30
    assert {(app, seconds) for app, seconds, _ in bench.log.pauses} == {("shop", 30.0)}


def test_a_wait_over_five_minutes_ends_the_run_and_says_when_to_come_back(bench: Bench) -> None:
    bench.vendor.answers(bench.Reply(), bench.Reply(429, {"retry-after": "2820"}))

    ledger = bench.ship(bench.changes(6), bench.Call(), threads=1)

    assert isinstance(ledger.problem, LongWait)
    assert "a wait of 47 minutes" in str(ledger.problem)
    assert "after 2026-11-22 14:48 UTC" in str(ledger.problem)
    assert bench.time.slept == 0
    assert ledger.with_status("accepted") == {0, 1, 2}
    assert len(ledger.outcomes) == 3


@pytest.mark.parametrize("seconds", ["1e300", "inf", "99999999999"])
def test_an_absurd_wait_ends_the_run_too(bench: Bench, seconds: str) -> None:
    bench.vendor.answers(bench.Reply(503, {"retry-after": seconds}))

    ledger = bench.ship(bench.changes(1), bench.Call())

    assert isinstance(ledger.problem, LongWait)
    assert "more than 30 days" in str(ledger.problem)


@pytest.mark.parametrize("seconds", ["0", "-5", "nan"])
def test_a_wait_of_nothing_is_still_a_wait(bench: Bench, seconds: str) -> None:
    bench.vendor.answers(bench.Reply(503, {"retry-after": seconds}))

    ledger = bench.ship(bench.changes(1), bench.Call())

    assert ledger.with_status("accepted") == {0}
    assert bench.time.slept == pytest.approx(0.05)


def test_rate_limits_in_a_row_add_up_to_five_minutes_at_most(bench: Bench) -> None:
    bench.vendor.script = lambda _: bench.Reply(429, {"retry-after": "100"})

    ledger = bench.ship(bench.changes(1), bench.Call())

    assert isinstance(ledger.problem, LongWait)
    assert len(bench.vendor.received) == 4
    # Three named waits of 100 s, and the moment in which a worker comes back.
    assert 300 <= bench.time.slept < 301


def test_the_pace_of_a_limit_is_shared_by_the_calls_that_have_it(bench: Bench) -> None:
    limit = Limit("users", 60, "requests per 60 s", "tests", "2026-11-22", 60.0)
    calls = [bench.Call(name=f"/{name}", batch_size=1, rate=limit) for name in ("first", "second")]

    ledger = bench.ship(bench.changes(10), *calls, threads=1)

    assert ledger.with_status("accepted") == set(range(10))
    assert bench.time.slept == pytest.approx(19, abs=0.1)


def test_calls_with_limits_of_their_own_do_not_wait_for_each_other(bench: Bench) -> None:
    limits = [Limit(name, 60, "requests per 60 s", "tests", "2026-11-22", 60.0) for name in ("a", "b")]
    calls = [bench.Call(name=f"/{limit.name}", batch_size=10, rate=limit) for limit in limits]

    bench.ship(bench.changes(10), *calls, threads=1)

    assert bench.time.slept == 0


def test_a_question_on_its_own_is_asked_again_and_answered_whatever_the_status(bench: Bench) -> None:
    bench.vendor.answers(bench.Reply(500), bench.Reply(429), bench.Reply(401, text="no"))

    with bench.lane() as lane:
        answer = lane.send(QUESTION)

    assert (answer.status, answer.body) == (401, b"no")
    assert len(bench.vendor.received) == 3


def test_a_question_that_is_never_answered_well_gets_the_last_answer(bench: Bench) -> None:
    bench.vendor.script = lambda _: bench.Reply(503, text="busy")

    with bench.lane() as lane:
        answer = lane.send(QUESTION)

    assert (answer.status, answer.body) == (503, b"busy")
    assert len(bench.vendor.received) == 6


def test_a_question_nobody_answers_loses_the_vendor(bench: Bench) -> None:
    bench.vendor.script = lambda _: bench.Reply(cut=True)

    with bench.lane() as lane, pytest.raises(VendorLost, match="6 attempts"):
        lane.send(QUESTION)


def test_a_post_on_its_own_is_not_repeated_when_it_may_have_been_carried_out(bench: Bench) -> None:
    bench.vendor.answers(bench.Reply(429), bench.Reply(503))

    with bench.lane() as lane:
        assert lane.send(Request("POST", "/make", b"{}")).status == 503
    assert len(bench.vendor.received) == 2

    bench.vendor.script = lambda _: bench.Reply(cut=True)
    with bench.lane() as lane, pytest.raises(VendorLost, match="1 attempt"):
        lane.send(Request("POST", "/make", b"{}"))


def test_a_question_after_an_interrupt_is_not_asked(bench: Bench) -> None:
    bench.stop.set()

    with bench.lane() as lane, pytest.raises(Interrupted):
        lane.send(QUESTION)

    assert bench.vendor.received == []


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(45, "45 seconds"), (2820, "47 minutes"), (9000, "2.5 hours"), (1e12, "more than 30 days")],
)
def test_a_duration_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said
