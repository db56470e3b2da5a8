"""The geometry of the charts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from roo_dbt.records import DestinationResult, Moment
from roo_dbt.report.charts import BAR_WIDTH, PLOT_HEIGHT, PLOT_WIDTH, bar_chart, parts, steps, throughput

NUMBERS = st.dictionaries(st.text(min_size=1, max_size=60), st.integers(0, 10**12), max_size=60)


@settings(deadline=None)
@given(NUMBERS)
def test_bars_are_as_long_as_their_share_of_the_largest(numbers: dict[str, int]) -> None:
    chart = bar_chart(numbers)
    assert len(chart.bars) + len(chart.rest) == len(numbers)
    assert [bar.number for bar in chart.bars] == sorted(numbers.values(), reverse=True)[: len(chart.bars)]
    for bar in chart.bars:
        assert 0 < bar.width <= BAR_WIDTH
        assert len(bar.label) <= 30
        assert 0 <= bar.y < chart.height


@settings(deadline=None)
@given(NUMBERS)
def test_the_parts_of_a_stack_fill_it(numbers: dict[str, int]) -> None:
    found = parts(numbers)
    assert {part.name for part in found} == {name for name, number in numbers.items() if number}
    assert all(part.percent > 0 for part in found)
    assert not found or sum(part.percent for part in found) == pytest.approx(100, abs=1)


@settings(deadline=None)
@given(st.floats(1e-3, 1e12))
def test_an_axis_has_a_few_round_steps_up_to_its_top(top: float) -> None:
    marks = steps(top)
    assert marks[0] == 0
    assert 2 <= len(marks) <= 7
    assert marks[-1] >= top * 0.999_999
    assert marks[-1] <= top * 2.6


@settings(deadline=None)
@example([(5e-324, 0, 0)])
@given(st.lists(st.tuples(st.floats(0, 50), st.integers(0, 10**6), st.integers(0, 100)), max_size=30))
def test_lines_stay_inside_the_plot(steps_taken: list[tuple[float, int, int]]) -> None:
    moments, second, accepted, requests = [Moment(0.0, 0, 0, 0)], 0.0, 0, 0
    for pause, more, sent in steps_taken:
        second, accepted, requests = second + pause, accepted + more, requests + sent
        moments.append(Moment(second, accepted, 0, requests))
    made: dict[str, Any] = {"unique_id": "m", "app": "a", "object": "users", "status": "success"}
    result = DestinationResult(destination="d", moments=tuple(moments), **made)
    plots = throughput([result])
    assert len(plots) == (2 if steps_taken else 0)
    for plot in plots:
        for line in plot.lines:
            for point in line.points.split():
                x, y = (float(number) for number in point.split(","))
                assert 0 <= x <= PLOT_WIDTH
                assert 0 <= y <= PLOT_HEIGHT
