"""The help of every command, word for word (`tests/data/help/`).

After a change: `UPDATE_HELP=1 python -m pytest tests/cli/test_help.py`, and read the difference.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from roo_dbt.cli.group import COMMANDS
from roo_dbt.records import THREADS

HELP = Path(__file__).parents[1] / "data" / "help"
Run = Callable[..., Any]


@pytest.mark.parametrize("name", ["roo-dbt", *COMMANDS])
def test_the_help_is_what_somebody_has_read(run: Run, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    file = HELP / f"{name}.txt"

    ran = run(*([] if name == "roo-dbt" else [name]), "--help")

    if os.environ.get("UPDATE_HELP"):
        file.write_text(ran.out, encoding="utf-8")
    assert ran.code == 0
    assert ran.err == ""
    assert ran.out == file.read_text(encoding="utf-8")


def test_every_file_is_the_help_of_a_command() -> None:
    assert {file.stem for file in HELP.glob("*")} == {"roo-dbt", *COMMANDS}


@pytest.mark.parametrize("name", ["roo-dbt", *COMMANDS])
def test_the_help_fits_a_terminal_and_shows_how_it_is_typed(name: str) -> None:
    lines = (HELP / f"{name}.txt").read_text(encoding="utf-8").splitlines()

    assert max(map(len, lines)) <= 100
    assert name == "roo-dbt" or f"  roo-dbt {name}" in "\n".join(lines).partition("Examples:")[2]


def test_the_help_names_the_threads_that_there_are_by_default() -> None:
    words = " ".join((HELP / "sync.txt").read_text(encoding="utf-8").split())

    assert f"Requests in flight per app. Default: {THREADS};" in words


def test_help_on_a_terminal_without_colour_is_the_same(tmp_path: Path) -> None:
    env = {**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "1", "COLUMNS": "100"}

    ran = subprocess.run(
        [sys.executable, "-m", "roo_dbt", "sync", "--help"],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout == (HELP / "sync.txt").read_text(encoding="utf-8")
