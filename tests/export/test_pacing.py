"""The vendor's rate is used in full and never exceeded; a pause holds for everybody."""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roo_dbt.export.pacing import RESUME_SECONDS, TOLERANCE_SECONDS, Gate, Pacer


def simulate(
    per_second: float, *, workers: int, seconds: float, lateness: Callable[[int], float], latency: float
) -> list[float]:
    """When requests leave, for workers that wake late by `lateness` and wait `latency` for answers."""
    pacer, left, wakes = Pacer(per_second), [], 0
    # Each entry is (time, worker, step); step 0: reserves a slot, 1: woke for it, 2: leaves.
    queue = [(0.0, worker, 0) for worker in range(workers)]
    while queue:
        now, worker, step = heapq.heappop(queue)
        if now > seconds:
            break
        if step == 0:
            wakes += 1
            heapq.heappush(queue, (now + pacer.reserve(now) + lateness(wakes), worker, 1))
        elif step == 1:
            heapq.heappush(queue, (now + pacer.leave(now), worker, 2))
        else:
            left.append(now)
            heapq.heappush(queue, (now + latency, worker, 0))
    return sorted(left)


def most_in_a_second(left: list[float]) -> int:
    return max(bisect_left(left, start + 1.0) - index for index, start in enumerate(left))


@settings(deadline=None, max_examples=40)
@given(
    per_second=st.sampled_from([5.0, 50.0, 333.3, 1000.0]),
    workers=st.sampled_from([1, 16, 64]),
    jitter=st.sampled_from([0.0, 0.0005, 0.004, 0.05]),
    stall=st.integers(1, 2000),
)
def test_no_second_holds_more_than_the_limit_and_one_percent(
    per_second: float, workers: int, jitter: float, stall: int
) -> None:
    def lateness(wake: int) -> float:
        return 0.3 if wake % 2000 == stall else jitter * (wake * 7919 % 100) / 100

    left = simulate(per_second, workers=workers, seconds=4.0, lateness=lateness, latency=0.0)

    assert most_in_a_second(left) <= per_second * 1.01 + 1


@pytest.mark.parametrize("per_second", [50.0, 1000.0])
@pytest.mark.parametrize("workers", [16, 64])
@pytest.mark.parametrize("late", [0.0, 0.002])
def test_the_average_reaches_the_limit(per_second: float, workers: int, late: float) -> None:
    left = simulate(
        per_second,
        workers=workers,
        seconds=10.0,
        lateness=lambda wake: late * (wake * 7919 % 100) / 100,
        latency=0.01,
    )

    assert len(left) / 10.0 >= per_second * 0.99


def test_the_first_second_holds_no_burst() -> None:
    left = simulate(100.0, workers=64, seconds=1.0, lateness=lambda _: 0.0, latency=0.0)

    assert [round(moment, 3) for moment in left[:4]] == [0.0, 0.01, 0.02, 0.03]


def test_workers_held_up_together_do_not_leave_together() -> None:
    pacer = Pacer(1000.0)
    for _ in range(64):
        pacer.reserve(0.0)

    waits = [pacer.leave(5.0) for _ in range(64)]

    assert sum(wait == 0 for wait in waits) <= TOLERANCE_SECONDS * 1000 + 1
    assert waits[-1] == pytest.approx(0.063 - TOLERANCE_SECONDS)


def test_an_open_gate_lets_everybody_through() -> None:
    gate = Gate(4)

    assert [gate.enter(1.0) for _ in range(10)] == [0.0] * 10


def test_after_a_pause_workers_return_one_by_one() -> None:
    gate = Gate(8)
    gate.close(100.0, 5.0)

    waits = [gate.enter(101.0) for _ in range(8)]

    assert waits[0] == pytest.approx(4.0)
    assert all(later - earlier > 0.09 for earlier, later in pairwise(waits))
    assert waits[-1] <= 4.0 + RESUME_SECONDS
    assert gate.enter(110.0) == 0.0


def test_nobody_passes_a_pause_however_many_ask() -> None:
    gate = Gate(2)
    gate.close(100.0, 5.0)

    assert all(gate.enter(101.0) >= 4.0 for _ in range(50))


def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    gate = Gate(2)

    assert gate.close(100.0, 60.0)
    assert not gate.close(101.0, 1.0)
    assert gate.enter(103.0) == pytest.approx(57.0)


def test_a_pause_that_grows_by_moments_is_no_news() -> None:
    gate = Gate(2)

    assert gate.close(100.0, 5.0)
    assert not gate.close(100.1, 5.0)
    assert gate.close(100.2, 50.0)
    assert gate.closures == 3


@given(
    closes=st.lists(st.tuples(st.floats(0, 50), st.floats(0.1, 20)), min_size=1, max_size=5),
    workers=st.integers(1, 64),
)
def test_no_pause_is_ever_cut_short(closes: list[tuple[float, float]], workers: int) -> None:
    gate, until = Gate(workers), 0.0
    for now, seconds in sorted(closes):
        gate.close(now, seconds)
        until = max(until, now + seconds)
        for _ in range(3):
            assert now + gate.enter(now) >= until - 1e-9
