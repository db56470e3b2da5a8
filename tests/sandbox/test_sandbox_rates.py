"""The two ways of counting requests."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from roo_dbt.sandbox.rates import RATES, Bucket, Window

NUMBERS = st.integers(1, 20)
SECONDS = st.sampled_from([1.0, 3.0, 60.0])
STEPS = st.lists(st.floats(0, 2, allow_subnormal=False), min_size=1, max_size=200)


@given(NUMBERS, SECONDS, STEPS)
def test_no_clock_window_lets_more_through_than_its_number(
    number: int, per_seconds: float, steps: list[float]
) -> None:
    window, now = Window(number, per_seconds), 1_800_000_000.0
    let: dict[float, int] = {}
    for step in steps:
        now += step
        place = now // per_seconds
        let[place] = let.get(place, 0) + window.take(now).allowed
    assert max(let.values()) <= number


@given(NUMBERS, SECONDS, STEPS)
def test_a_bucket_lets_through_its_burst_and_what_refilled(
    number: int, per_seconds: float, steps: list[float]
) -> None:
    bucket, now, let = Bucket(number, per_seconds), 0.0, 0
    for step in steps:
        now += step
        let += bucket.take(now).allowed
    refilled = (now - steps[0]) * number / per_seconds
    assert let <= number + refilled + 1e-3


@given(NUMBERS, SECONDS, st.sampled_from([Window, Bucket]))
def test_who_waits_as_long_as_told_is_let_through(
    number: int, per_seconds: float, kind: type[Window | Bucket]
) -> None:
    meter, now = kind(number, per_seconds), 1_800_000_000.5
    while (allowance := meter.take(now)).allowed:
        pass
    assert 0 < allowance.wait <= per_seconds
    assert allowance.remaining == 0
    assert meter.take(now + allowance.wait).allowed


def test_an_hour_ends_on_the_hour() -> None:
    window = Window(1, 3_600)
    ten_to = 1_800_000_000.0 // 3_600 * 3_600 + 3_000
    assert window.take(ten_to).wait == 600
    assert not window.take(ten_to + 599).allowed
    assert window.take(ten_to + 600).allowed


def test_every_rate_says_where_it_comes_from() -> None:
    for name, rate in RATES.items():
        assert rate.source.startswith("https://")
        assert rate.read.startswith("2026-")
        assert name.startswith(("braze.", "iterable."))
