"""docs/transcript.md is what a terminal shows today. To write it again: `python -m tests.e2e.transcript`."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.e2e.transcript import DOCUMENT, SCENES, comparable, transcript

from roo_dbt.cli.group import COMMANDS

pytestmark = pytest.mark.xdist_group("transcript")


def test_the_transcript_is_what_its_commands_print(tmp_path: Path) -> None:
    written = DOCUMENT.read_text(encoding="utf-8")

    made = transcript(tmp_path)

    assert list(comparable(made)) == list(comparable(written))


def test_what_no_two_runs_share_is_all_that_is_not_compared() -> None:
    one = "b  success  3 requests  0.3 s\n2026-11-22 07:46:16  update  61cbf962\nplanned in 1.4 s"
    other = "b  success   3 requests   12 s\n2026-01-02 01:02:03  update  a1b2c3d4\nplanned in 0.2 s"

    assert list(comparable(one)) == list(comparable(other))
    assert list(comparable(one)) != list(comparable(one.replace("3 requests", "4 requests")))


@pytest.mark.parametrize(
    "took", ["0.2 s", "42 s", "3 min 20 s", "2 h 5 min", "1,000 h 0 min", "under a second"]
)
def test_a_machine_may_take_its_time(took: str) -> None:
    fast, slow = (f"shop  success  3  {time}\nplanned in {time}, 4 requests" for time in ("0.1 s", took))

    assert list(comparable(slow)) == list(comparable(fast))


def test_it_shows_most_of_the_commands() -> None:
    typed = {
        part.split()[1]
        for scene in SCENES
        for command in scene.commands
        for part in command.split(" | ")
        if part.startswith("roo-dbt ")
    }

    assert typed <= set(COMMANDS)
    assert len(typed) >= len(COMMANDS) / 2
