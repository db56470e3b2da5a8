"""Each change gets one outcome, and the right one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.export.conftest import FakeApp, item_of

from roo_dbt.errors import DestinationFault, Skippable
from roo_dbt.export import RetryPolicy, open_lane
from roo_dbt.records import ACCEPTED, Answer, Change, Item, Outcome, refused

if TYPE_CHECKING:
    from tests.export.conftest import Bench, Received, Reply


def test_a_change_with_a_verdict_is_never_sent(bench: Bench) -> None:
    verdict = Outcome("skipped", "mode", "enrich creates nobody")

    ledger = bench.ship([bench.change(0, verdict=verdict), bench.change(1)], bench.Call())

    assert ledger.outcomes == {0: verdict, 1: ACCEPTED}
    assert bench.vendor.ids() == [[1]]


def test_a_change_that_needs_no_call_is_accepted_without_a_request(bench: Bench) -> None:
    ledger = bench.ship(bench.changes(2), bench.Call(needs=lambda _: None))

    assert ledger.outcomes == {0: ACCEPTED, 1: ACCEPTED}
    assert bench.vendor.received == []


def test_an_outcome_in_place_of_an_item_ends_the_change_there(bench: Bench) -> None:
    bad = refused("invalid_value", "the date of birth is not a date")
    first = bench.Call(name="/first", needs=lambda change: bad if change.seq == 0 else bench.item(change))

    ledger = bench.ship(bench.changes(2), first, bench.Call(name="/second"))

    assert ledger.outcomes == {0: bad, 1: ACCEPTED}
    assert bench.vendor.ids() == [[1], [1]]


def test_a_change_ends_at_the_first_call_that_refuses_it(bench: Bench) -> None:
    bench.vendor.answers(bench.Reply(outcomes=["ok", "bad", "ok"]))

    ledger = bench.ship(bench.changes(3), bench.Call(name="/first"), bench.Call(name="/second"))

    assert ledger.with_status("accepted") == {0, 2}
    assert ledger.outcomes[1].code == "rejected"
    assert bench.vendor.ids("/second") == [[0, 2]]


def test_warnings_of_accepted_changes_survive_later_calls(bench: Bench) -> None:
    bench.vendor.answers(
        bench.Reply(outcomes=["warned", "warned", "ok"]), bench.Reply(outcomes=["ok", "also warned", "ok"])
    )

    ledger = bench.ship(bench.changes(3), bench.Call(name="/first"), bench.Call(name="/second"))

    assert ledger.outcomes == {
        0: Outcome("accepted", message="the country is not known"),
        1: Outcome("accepted", message="the country is not known; the list is full"),
        2: ACCEPTED,
    }


def test_a_key_that_the_vendor_repeats_is_not_in_the_message(bench: Bench) -> None:
    bench.vendor.answers(bench.Reply(outcomes=["bad"]))

    ledger = bench.ship(bench.changes(1), bench.Call())

    assert ledger.outcomes[0].message == "not a valid email (key [redacted])"


def test_a_record_the_answer_does_not_mention_is_asked_for_alone(bench: Bench) -> None:
    bench.vendor.answers(bench.Reply(outcomes=["ok", None, "bad"]), bench.Reply(outcomes=["ok"]))

    ledger = bench.ship(bench.changes(3), bench.Call())

    assert bench.vendor.ids() == [[0, 1, 2], [1]]
    assert ledger.with_status("accepted") == {0, 1}
    assert (ledger.requests, ledger.retries) == (1, 1)


def test_a_record_never_mentioned_is_unknown(bench: Bench) -> None:
    bench.vendor.answers(bench.Reply(outcomes=["ok", None]), bench.Reply(outcomes=[None]))

    ledger = bench.ship(bench.changes(2), bench.Call())

    assert len(bench.vendor.received) == 2
    assert (ledger.outcomes[1].status, ledger.outcomes[1].code) == ("unknown", "ambiguous")
    assert ledger.outcomes[1].message


def test_a_record_that_must_not_go_twice_is_unknown_at_once(bench: Bench) -> None:
    bench.vendor.answers(bench.Reply(outcomes=["ok", None]))

    ledger = bench.ship(bench.changes(2), bench.Call(repeatable=False))

    assert len(bench.vendor.received) == 1
    assert ledger.with_status("unknown") == {1}


@pytest.mark.parametrize("words", [["ok"], ["ok", "ok", "bad"]])
def test_a_wrong_number_of_outcomes_ends_the_app_and_nothing_is_taken_as_sent(
    bench: Bench, words: list[str]
) -> None:
    bench.vendor.answers(bench.Reply(outcomes=words))

    ledger = bench.ship(bench.changes(2), bench.Call())

    assert ledger.outcomes == {}
    assert isinstance(ledger.problem, DestinationFault)
    assert f"type fake read {len(words)} outcomes for 2 records" in str(ledger.problem)


def test_a_wrong_number_of_outcomes_leaves_events_unknown(bench: Bench) -> None:
    bench.vendor.answers(bench.Reply(outcomes=["ok"]))

    ledger = bench.ship(bench.changes(2), bench.Call(repeatable=False))

    assert ledger.with_status("unknown") == {0, 1}


def test_a_batch_refused_as_a_whole_is_halved_down_to_the_culprit(bench: Bench) -> None:
    bench.vendor.script = lambda received: bench.Reply(400 if 5 in received.ids else 200)

    ledger = bench.ship(bench.changes(8), bench.Call(batch_size=8))

    assert ledger.with_status("accepted") == {0, 1, 2, 3, 4, 6, 7}
    assert ledger.outcomes[5] == refused("rejected", "one of these records is refused")
    assert (ledger.requests, ledger.retries) == (1, 6)


def test_the_search_for_culprits_is_bounded_and_the_rest_stays_due(bench: Bench) -> None:
    bench.vendor.script = lambda _: bench.Reply(400)
    policy = RetryPolicy(isolated=2)

    ledger = bench.ship(bench.changes(64), bench.Call(batch_size=64), policy=policy)

    assert ledger.retries == policy.extra_calls(64) == 24
    assert len(ledger.outcomes) == 64
    due = [outcome for outcome in ledger.outcomes.values() if outcome.code == "unavailable"]
    assert due
    assert not any(outcome.permanent for outcome in due)
    assert "24 further requests" in (due[0].message or "")


def test_asking_for_single_records_is_bounded_and_the_rest_stays_due(bench: Bench) -> None:
    bench.vendor.script = lambda received: bench.Reply(outcomes=[None] * len(received.ids))
    policy = RetryPolicy(isolated=1)

    ledger = bench.ship(bench.changes(64), bench.Call(batch_size=64), policy=policy)

    assert ledger.retries == policy.extra_calls(64) == 12
    assert len(ledger.with_status("unknown")) == 12
    assert len(ledger.with_status("failed")) == 52


def test_an_error_in_a_destinations_code_names_the_destination_and_its_line(bench: Bench) -> None:
    class Broken(bench.Call):  # type: ignore[name-defined, misc]
        def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
            if items[0].change.seq == 3:
                raise LookupError("no such key in the answer")
            return list(super().outcomes(items, answer))

    ledger = bench.ship(bench.changes(6), Broken(batch_size=3))

    assert isinstance(ledger.problem, DestinationFault)
    said = "the destination type fake failed in outcomes of the call /upsert: LookupError in test_outcomes.py, line"
    assert said in str(ledger.problem)
    assert "no such key" not in str(ledger.problem)
    assert ledger.with_status("accepted") == {0, 1, 2}


@settings(deadline=None, max_examples=60)
@given(
    number=st.integers(1, 40),
    bad=st.sets(st.integers(0, 39), max_size=8),
    size=st.integers(1, 40),
    by_batch=st.booleans(),
)
def test_exactly_the_refused_records_are_not_accepted(
    fresh_bench: Callable[[], AbstractContextManager[Bench]],
    number: int,
    bad: set[int],
    size: int,
    *,
    by_batch: bool,
) -> None:
    with fresh_bench() as bench:

        def script(received: Received) -> Reply:
            if by_batch:
                return bench.Reply(400 if bad & set(received.ids) else 200)
            return bench.Reply(outcomes=["bad" if seq in bad else "ok" for seq in received.ids])

        bench.vendor.script = script
        ledger = bench.ship(bench.changes(number), bench.Call(batch_size=size))

        refusals = bad & set(range(number))
        assert ledger.problem is None
        assert ledger.with_status("accepted") == set(range(number)) - refusals
        assert {seq for seq, outcome in ledger.outcomes.items() if outcome.code == "rejected"} == refusals


@settings(deadline=None, max_examples=80)
@given(
    number=st.integers(0, 30),
    size=st.integers(1, 8),
    threads=st.integers(1, 4),
    repeatable=st.booleans(),
    script=st.lists(
        st.sampled_from(
            [
                "ok",
                "429",
                "429 soon",
                "500",
                "503",
                "504",
                "413",
                "400",
                "none",
                "short",
                "bad",
                "cut",
                "carried out, cut",
            ]
        ),
        max_size=25,
    ),
)
def test_each_change_gets_exactly_one_outcome_whatever_the_vendor_answers(
    fresh_bench: Callable[[], AbstractContextManager[Bench]],
    number: int,
    size: int,
    threads: int,
    script: list[str],
    *,
    repeatable: bool,
) -> None:
    with fresh_bench() as bench:
        left = iter(script)
        accepted: list[int] = []

        def reply(received: Received) -> Reply:
            word = next(left, "ok")
            if word in {"ok", "bad", "none"}:
                outcome = {"ok": "ok", "bad": "bad", "none": None}[word]
                words = ["ok"] * (len(received.ids) - 1) + [outcome]
                accepted.extend(received.ids[:-1] if outcome != "ok" else received.ids)
                return bench.Reply(outcomes=words)
            if word == "short":
                return bench.Reply(outcomes=["ok"] * (len(received.ids) + 1))
            if word == "carried out, cut":
                accepted.extend(received.ids)
            if "cut" in word:
                return bench.Reply(cut=True)
            return bench.Reply(int(word[:3]), {"retry-after": "2"} if "soon" in word else {})

        bench.vendor.script = reply
        changes, call = bench.changes(number), bench.Call(batch_size=size, repeatable=repeatable)
        # Five outages in a row end a run; more attempts than the script is long never do.
        ledger = bench.ship(
            changes, call, threads=threads, policy=RetryPolicy(attempts=30, seconds=1e6, longest_wait=1e6)
        )

        if ledger.problem is None:
            assert set(ledger.outcomes) == set(range(number))
        else:
            # A destination that contradicts itself ends the run; the other outcomes hold all the same.
            assert isinstance(ledger.problem, DestinationFault)
            assert "short" in script
        assert ledger.with_status("accepted") <= set(accepted)
        assert ledger.requests + ledger.retries == len(bench.vendor.received)
        if not repeatable:
            assert len(accepted) == len(set(accepted))


def test_a_call_may_refuse_records_by_raising(bench: Bench) -> None:
    class Choosy(bench.Call):  # type: ignore[name-defined, misc]
        def item(self, change: Change) -> Item | Outcome | None:
            if change.seq == 1:
                raise Skippable("the country is not served", code="invalid_value")
            return item_of(change)

        def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
            if items[0].change.seq == 2:
                raise Skippable("the vendor is not interested")
            return list(super().outcomes(items, answer))

    ledger = bench.ship(bench.changes(4), Choosy(batch_size=1))

    assert ledger.problem is None
    assert ledger.outcomes[1] == refused("invalid_value", "the country is not served")
    assert ledger.outcomes[2] == refused("rejected", "the vendor is not interested")
    assert ledger.with_status("accepted") == {0, 3}


def test_records_that_the_vendor_postpones_go_again_after_the_wait(bench: Bench) -> None:
    bench.vendor.answers(bench.Reply(outcomes=["ok", "later", "ok"]))

    ledger = bench.ship(bench.changes(3), bench.Call())

    assert ledger.with_status("accepted") == {0, 1, 2}
    assert bench.vendor.ids() == [[0, 1, 2], [1]]
    assert bench.time.slept == pytest.approx(7, abs=0.1)


def test_records_postponed_for_longer_than_anybody_waits_are_due_in_the_next_run(bench: Bench) -> None:
    bench.vendor.script = lambda received: bench.Reply(outcomes=["later"] * len(received.ids))

    ledger = bench.ship(bench.changes(2), bench.Call(), policy=RetryPolicy(longest_wait=20))

    assert ledger.with_status("failed") == {0, 1}
    assert not ledger.outcomes[0].permanent
    assert bench.time.slept < 30


def test_no_more_requests_are_in_flight_than_the_vendor_takes(bench: Bench) -> None:
    class Slow(FakeApp):
        parallelism = 2

    app = Slow(url=bench.vendor.url)
    with open_lane(app, app_name="shop", stop=bench.stop, progress=bench.log, threads=16) as lane:
        assert lane.workers.number == 2
