"""What is said while a run goes on."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from roo_dbt.records import DestinationResult
from roo_dbt.report.bars import BarProgress
from roo_dbt.report.progress import LineProgress, SilentProgress


class Listener:
    """A clock to turn by hand, and what was said."""

    def __init__(self) -> None:
        self.now = 0.0
        self.sentences: list[str] = []
        self.facts: list[dict[str, Any]] = []
        self.progress = LineProgress(self.say, lambda: self.now)

    def say(self, sentence: str, facts: dict[str, Any]) -> None:
        self.sentences.append(sentence)
        self.facts.append(facts)


@pytest.fixture
def listener() -> Listener:
    return Listener()


def test_a_short_run_says_nothing(listener: Listener, result: Callable[..., DestinationResult]) -> None:
    listener.progress.started("braze_customers", 100)
    for _ in range(100):
        listener.now += 0.01
        listener.progress.advanced("braze_customers", 1)
    listener.progress.finished(result())

    assert listener.sentences == []


def test_a_long_run_speaks_every_ten_seconds(listener: Listener) -> None:
    listener.progress.started("b", 100_000)
    for _ in range(59):
        listener.now += 0.5
        listener.progress.advanced("b", 100)

    assert listener.sentences == [
        "b: 2,000 of 100,000 (2 %), 200/s, about 8 min 10 s left",
        "b: 4,000 of 100,000 (4 %), 200/s, about 8 min 0 s left",
    ]
    assert listener.facts[0] == {
        "event": "progress",
        "destination": "b",
        "done": 2000,
        "total": 100_000,
        "per_second": 200.0,
        "seconds_left": 490.0,
    }


def test_each_quarter_is_said_once(listener: Listener) -> None:
    listener.progress.started("b", 8)
    for _ in range(8):
        listener.now += 1
        listener.progress.advanced("b", 1)

    assert [facts["done"] for facts in listener.facts] == [2, 4, 6]


def test_the_end_of_a_long_destination_is_said(
    listener: Listener, result: Callable[..., DestinationResult]
) -> None:
    listener.progress.started("braze_customers", 8)
    listener.now += 5
    listener.progress.finished(result())

    assert listener.sentences == ["braze_customers: success, 0 changes in 1.2 s"]


def test_waits_of_a_second_and_more_are_explained(listener: Listener) -> None:
    listener.progress.waiting("braze", 0.2, "pacing")
    listener.progress.waiting("braze", 42, "rate limited (429)")

    assert listener.sentences == ["braze: waiting 42 s (rate limited (429))"]


def test_progress_of_an_unknown_destination_is_no_error(
    listener: Listener, result: Callable[..., DestinationResult]
) -> None:
    listener.progress.advanced("never_started", 1)
    listener.progress.finished(result())

    assert listener.sentences == []


def test_nothing_to_send_divides_by_nothing(listener: Listener) -> None:
    listener.progress.started("b", 0)
    listener.now += 20
    listener.progress.advanced("b", 0)

    assert listener.sentences == ["b: 0 of 0 (100 %), 0/s, about 0.0 s left"]


def test_the_bar_shows_how_far_it_is_and_why_it_stands(result: Callable[..., DestinationResult]) -> None:
    screen = io.StringIO()
    progress = BarProgress(Console(file=screen, force_terminal=True, width=160))

    with progress.bars:
        progress.started("braze_customers", 200)
        progress.advanced("braze_customers", 50)
        progress.waiting("braze", 42, "rate limited (429)")
        progress.bars.refresh()
        progress.finished(result())

    assert "50/200" in screen.getvalue()
    assert "braze waits 42 s: rate limited (429)" in screen.getvalue()


def test_a_silent_progress_is_silent(
    capsys: pytest.CaptureFixture[str], result: Callable[..., DestinationResult]
) -> None:
    progress = SilentProgress()
    progress.started("b", 1)
    progress.advanced("b", 1)
    progress.waiting("braze", 99, "why")
    progress.finished(result())

    assert capsys.readouterr() == ("", "")
