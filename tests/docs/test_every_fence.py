"""Every command that a page shows is run: here as it stands, by another test of that page, or not, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
from tests.docs.fences import COMMANDS, DATA, Fence, fences
from tests.docs.pages import ROOT
from tests.docs.rehearsal import PREPARATIONS, play, stage

from roo_dbt.sandbox.server import Sandbox

NOT_RUN: Mapping[tuple[str, str], str] = {
    ("README.md", "python3 -m venv .venv && .venv/bin/pip install -q '.[demo]' && .venv/bin/roo-dbt demo"): (
        "installs from a registry; the demo itself is run by tests/e2e/test_demo.py"
    ),
    (
        "README.md",
        "python3 -m venv .venv && .venv/bin/pip install -q '.[dev]' && .venv/bin/python -m pytest -n auto -q",
    ): "is what runs this test: .ci/run takes the line from the page",
    ("docs/figures.md", "python -m tests.benchmarks --quick"): (
        "measures for minutes, which tests must not; the figures are compared with the page"
    ),
    ("docs/command-line.md", 'eval "$(_ROO_DBT_COMPLETE=zsh_source roo-dbt)"      # ~/.zshrc'): (
        "zsh is not on every machine; tests/cli/test_completion.py checks the script that it evaluates"
    ),
    (
        "docs/command-line.md",
        "_ROO_DBT_COMPLETE=fish_source roo-dbt | source      # ~/.config/fish/config.fish",
    ): "fish is not on every machine; tests/cli/test_completion.py checks the script that it evaluates",
}
"""Commands that no test runs as they stand, by page and first line, with the reason."""

ELSEWHERE: Mapping[tuple[str, str], str] = {
    ("README.md", "console"): (
        "tests/docs/test_quickstart.py::test_five_minutes_from_a_project_to_a_first_sync"
    ),
    ("macros/README.md", "sql"): "tests/docs/test_every_fence.py::test_a_page_does_what_it_shows",
    ("docs/ci.md", "sql"): "tests/docs/test_rights.py::test_the_rights_of_ci_are_enough_for_a_plan",
    ("docs/warehouses.md", "sql"): (
        "tests/docs/test_rights.py::test_a_schema_that_an_owner_made_is_enough_for_a_sync"
    ),
    ("docs/destinations.md", "python"): (
        "tests/testing/test_destination_guide.py"
        "::test_the_guides_destination_passes_its_tests_as_they_stand_on_the_page"
    ),
    ("docs/editors.md", "sh"): (
        "tests/docs/test_editors_page.py::test_the_commands_write_the_files_that_the_settings_name"
    ),
    ("docs/orchestrators.md", "sh"): (
        "tests/docs/test_orchestrators_page.py"
        "::test_the_script_builds_syncs_and_tries_again_what_was_stopped_midway"
    ),
    ("docs/orchestrators.md", "python"): (
        "tests/docs/test_orchestrators_page.py::test_airflow_tries_again_for_one_exit_code_only"
    ),
    ("docs/python.md", "python"): "tests/api/test_api.py::test_the_snippets_of_the_guide_run",
    ("docs/transcript.md", "console"): (
        "tests/e2e/test_transcript.py::test_the_transcript_is_what_its_commands_print"
    ),
}
"""The tests that read the blocks of a page in one language from it, and run them all."""

SHELL = ("sh", "console")


def is_played(fence: Fence) -> bool:
    """Whether it is run here."""
    is_left_out = {(fence.page, command.partition("\n")[0]) for command in fence.commands} <= set(NOT_RUN)
    return fence.language in SHELL and (fence.page, fence.language) not in ELSEWHERE and not is_left_out


PLAYED = sorted({fence.page for fence in fences() if is_played(fence)})


@pytest.mark.parametrize("page", PLAYED)
def test_a_page_does_what_it_shows(page: str, tmp_path: Path) -> None:
    with Sandbox(enforce_limits=False) as sandbox:
        place = stage(tmp_path, sandbox)
        for fence in fences():
            if fence.page == page and is_played(fence):
                play(place, fence)


def complaints(blocks: Iterable[Fence]) -> Iterator[str]:
    """Blocks with commands that nobody runs."""
    for fence in blocks:
        where = f"{fence.page}:{fence.line}"
        if fence.language not in (*COMMANDS, *DATA):
            yield f"{where}: nobody knows whether {fence.language} is to be run"
        elif fence.language in DATA and re.search(r"^\$ |^(roo-dbt|dbt|pip) ", fence.text, re.MULTILINE):
            yield f"{where}: commands, which nobody runs; write sh or console"
        elif fence.language == "console" and not fence.commands:
            yield f"{where}: a console without a line that begins with $"
        elif fence.language in ("python", "sql") and (fence.page, fence.language) not in ELSEWHERE:
            yield f"{where}: {fence.language} that no test runs"


def test_every_fence_is_run_or_left_out_for_a_reason() -> None:
    assert list(complaints(fences())) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "import roo_dbt"),
        ("sql", "select 1"),
        ("", "roo-dbt sync"),
        ("console", "dbt build"),
        ("ruby", "1"),
    ],
)
def test_a_new_fence_that_nobody_runs_is_found(language: str, text: str) -> None:
    assert len(list(complaints([Fence("docs/new.md", 1, language, text)]))) == 1


@pytest.mark.parametrize("language", SHELL)
def test_the_commands_of_a_new_page_are_run(language: str) -> None:
    assert is_played(Fence("docs/new.md", 1, language, "$ roo-dbt teleport\n"))


def test_what_is_left_out_and_what_is_prepared_is_still_on_the_pages() -> None:
    typed = {(fence.page, command.partition("\n")[0]) for fence in fences() for command in fence.commands}
    blocks = {(fence.page, fence.language) for fence in fences()}

    assert set(NOT_RUN) | set(PREPARATIONS) <= typed
    assert set(ELSEWHERE) <= blocks
    assert all(len(reason) > 20 for reason in NOT_RUN.values())


@pytest.mark.parametrize("test", sorted(set(ELSEWHERE.values())))
def test_the_test_that_runs_a_page_is_there(test: str) -> None:
    file, name = test.split("::")

    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")
