"""Outcomes are counted by reason and over time, in a memory that does not grow with the run."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from roo_dbt.records import ACCEPTED, Change, Outcome, Reason, refused
from roo_dbt.run.tally import MOST_MOMENTS, Tally

CHANGE = Change(1, "update", "1", {}, {}, ())


def test_every_record_that_was_not_accepted_is_in_one_reason() -> None:
    tally = Tally(held=[Reason("held", "rejected", 4, "no")])
    for outcome in (ACCEPTED, refused("rejected", "first"), refused("rejected", "second"), ACCEPTED):
        tally.add(CHANGE, outcome)
    tally.add(CHANGE, Outcome("skipped", "absent", "not there"))
    assert tally.reasons() == (
        Reason("failed", "rejected", 2, "first"),
        Reason("skipped", "absent", 1, "not there"),
        Reason("held", "rejected", 4, "no"),
    )
    assert tally.counts == {"updated": 2, "failed": 2, "skipped": 1}
    assert tally.remarks() == ["1 skipped: not there"]


@settings(deadline=None)
@given(st.lists(st.floats(0, 20), max_size=2_000))
def test_moments_are_few_in_order_and_end_with_the_last(pauses: list[float]) -> None:
    tally, now = Tally(began=100.0), 100.0
    tally.note(now, 0)
    for sent, pause in enumerate(pauses, start=1):
        now += pause
        tally.add(CHANGE, ACCEPTED if sent % 3 else refused("rejected", "no"))
        tally.note(now, sent)
    tally.end(now, len(pauses))
    moments = tally.moments
    assert len(moments) <= MOST_MOMENTS
    assert [m.second for m in moments] == sorted(m.second for m in moments)
    assert [m.requests for m in moments] == sorted(m.requests for m in moments)
    last = moments[-1]
    assert (last.requests, last.accepted + last.others) == (len(pauses), len(pauses))
    assert (moments[0].second, moments[0].requests) == (0, 0)


def test_a_moment_is_not_kept_for_every_request() -> None:
    tally = Tally()
    for millisecond in range(10_000):
        tally.note(millisecond / 1_000, millisecond)
    assert 100 <= len(tally.moments) <= MOST_MOMENTS
