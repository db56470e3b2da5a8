"""Outcomes are written as ranges, and nothing of them is lost on the way."""

from __future__ import annotations

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st
from tests.state.conftest import State

from roo_dbt.records import ACCEPTED, Outcome, refused
from roo_dbt.state import acknowledge
from roo_dbt.state.acknowledge import ranges

OUTCOMES = st.sampled_from(
    [
        ACCEPTED,
        refused("rejected", "no"),
        refused("rejected", "other"),
        Outcome("skipped", "mode", "kept"),
        Outcome("unknown", "ambiguous"),
        Outcome("failed", "unavailable", "no"),
    ]
)
ANSWERED = st.dictionaries(st.integers(1, 200), OUTCOMES, max_size=100)


@given(ANSWERED, st.randoms(use_true_random=False))
def test_ranges_say_exactly_what_was_answered_in_whatever_order(
    answered: dict[int, Outcome], order: Random
) -> None:
    outcomes = list(answered.items())
    order.shuffle(outcomes)
    found = ranges(outcomes)
    spread = [(seq, outcome) for first, last, outcome in found for seq in range(first, last + 1)]
    assert len(spread) == len(answered)
    assert dict(spread) == answered


@given(ANSWERED)
def test_neighbours_with_the_same_outcome_share_a_row(answered: dict[int, Outcome]) -> None:
    found = ranges(answered.items())
    assert all(first <= last for first, last, _ in found)
    for (_, end, before), (start, _, after) in pairwise(found):
        assert end < start
        assert start > end + 1 or before != after


def test_a_run_that_goes_well_is_one_row(state: State) -> None:
    acknowledge(state.session, state.layout, "braze", "run", [(seq, ACCEPTED) for seq in range(1, 10_001)])
    rows = state.session.run(f"SELECT * FROM {state.layout.acknowledged}")
    assert rows == [("braze", "run", 1, 10_000, "accepted", None, None, False)]


def test_more_exceptions_than_one_statement_takes_are_all_written(state: State) -> None:
    outcomes = [(seq, refused("rejected", f"number {seq}")) for seq in range(1, 1_202)]
    acknowledge(state.session, state.layout, "braze", "run", outcomes)
    rows = state.session.run(
        "SELECT first_seq, last_seq, status, code, message, permanent "
        f"FROM {state.layout.acknowledged} ORDER BY 1"
    )
    assert rows == [(seq, seq, "failed", "rejected", f"number {seq}", True) for seq, _ in outcomes]


def test_nothing_to_say_writes_nothing(state: State) -> None:
    acknowledge(state.session, state.layout, "braze", "run", [])
    assert state.session.one(f"SELECT count(*) FROM {state.layout.acknowledged}") == 0
