"""What each command asks of the pipeline, and how it prints the answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest

from roo_dbt.cli.command import repeated
from roo_dbt.cli.group import COMMANDS
from roo_dbt.records import (
    Counts,
    Destination,
    DestinationPlan,
    DestinationResult,
    Finding,
    Invocation,
    Mapped,
    Model,
    PlanReport,
    Problem,
    Relation,
    RunRecord,
    SyncReport,
    Unaccepted,
)
from roo_dbt.records.history import History

INVOCATION = Invocation("7d5c", "dev", "2026-11-22T03:04:05Z", "0.1.0")
REPORT = SyncReport(
    INVOCATION, (DestinationResult("b", "model.shop.c", "braze", "users", "success"),), 0.1, 0
)
MODEL = Model("model.shop.c", "c", "model", Relation(None, "main", "c", "c"), "models/c.yml", {}, {})
DESTINATION = Destination(
    "b", MODEL, "braze", "users", ("id",), (Mapped("external_id", "id"),), ("external_id",)
)
Run = Callable[..., Any]
Pipeline = Callable[[str, Any], list[Any]]


def found(*problems: Problem) -> SimpleNamespace:
    return SimpleNamespace(destinations=(DESTINATION,), problems=problems, settings=None, target="dev")


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_the_help_of_each_command_has_a_sentence_and_an_example(run: Run, name: str, flag: str) -> None:
    ran = run(name, flag)

    assert ran.code == 0
    assert ran.out.startswith(f"Usage: roo-dbt {name}")
    assert ran.out.splitlines()[2].strip().endswith(".")
    assert f"Examples:\n  roo-dbt {name}" in ran.out
    assert all(line == line.rstrip() for line in ran.out.splitlines())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_help_text(name: str) -> None:
    import importlib

    command = importlib.import_module(f"roo_dbt.cli.commands.{name.replace('-', '_')}").command

    options = [param for param in command.params if isinstance(param, click.Option)]
    assert [option.name for option in options if not option.help] == []
    arguments = [
        str(param.metavar).strip("[]").partition("[")[0] for param in command.params if param not in options
    ]
    assert [argument for argument in arguments if argument not in str(command.help)] == []


def test_the_help_of_the_tool_lists_the_commands_in_the_order_of_a_day(run: Run) -> None:
    for ran in (run(), run("-h"), run("--help")):
        assert ran.code == 0
        lines = ran.out.partition("Commands:\n")[2].splitlines()
        assert [line.split()[0] for line in lines] == list(COMMANDS)


def test_the_version_is_the_packages(run: Run) -> None:
    from roo_dbt import __version__

    assert run("--version").out == f"roo-dbt {__version__}\n"


def test_options_reach_the_pipeline(run: Run, pipeline: Pipeline) -> None:
    calls = pipeline("sync", REPORT)

    run(
        *["sync", "--project-dir", "shop", "--profiles-dir", "p", "--profile", "shop", "-t", "prod"],
        *[
            "--target-path",
            "out",
            "--vars",
            "{day: 2}",
            "-s",
            "a",
            "b+",
            "--exclude",
            "tag:x tag:y",
            "-d",
            "b",
        ],
        *["--threads", "4", "--full-refresh", "--limit", "7", "--fail-fast", "--yes-delete", "b", "c"],
        *["--same-workspace", "--resend-subscriptions", "--state-schema", "s", "--state-database", "d"],
    )

    options = calls[0][0][0]
    assert options.project_dir == Path("shop")
    assert options.profiles_dir == Path("p")
    assert (options.profile, options.target, options.target_path) == ("shop", "prod", Path("out"))
    assert options.vars == "{day: 2}"
    assert (options.select, options.exclude, options.destinations) == (
        ("a", "b+"),
        ("tag:x", "tag:y"),
        ("b",),
    )
    assert (options.threads, options.limit, options.full_refresh, options.fail_fast) == (4, 7, True, True)
    assert options.yes_delete == frozenset({"b", "c"})
    assert (options.same_workspace, options.resend_subscriptions) == (True, True)
    assert (options.state_schema, options.state_database) == ("s", "d")


def test_without_options_the_pipeline_gets_its_defaults(run: Run, pipeline: Pipeline) -> None:
    from roo_dbt.run import Options

    calls = pipeline("sync", REPORT)
    run("sync")

    assert calls[0][0][0] == Options()


@pytest.mark.parametrize("prefix", ["DBT", "DBT_ENGINE"])
def test_dbts_variables_are_read(
    run: Run, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    calls = pipeline("sync", REPORT)
    monkeypatch.setenv(f"{prefix}_PROJECT_DIR", "shop")
    monkeypatch.setenv(f"{prefix}_TARGET", "prod")
    monkeypatch.setenv(f"{prefix}_FULL_REFRESH", "1")

    run("sync")

    options = calls[0][0][0]
    assert (options.project_dir, options.target) == (Path("shop"), "prod")
    assert options.full_refresh is False, "a refresh of the models is no wish to send everyone again"


def test_the_newer_name_of_a_variable_wins_as_in_dbt(
    run: Run, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = pipeline("sync", REPORT)
    for prefix, target in {"DBT": "old", "DBT_ENGINE": "new"}.items():
        monkeypatch.setenv(f"{prefix}_TARGET", target)

    run("sync")

    assert calls[0][0][0].target == "new"


@pytest.mark.parametrize("variable", ["DBT_LOG_FORMAT", "DBT_ENGINE_LOG_FORMAT"])
def test_a_line_that_cannot_be_parsed_is_refused_in_the_format_of_the_variable(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "json")

    assert json.loads(run("sync", "--no-such-option").err)["event"] == "error"


@pytest.mark.parametrize(
    ("typed", "parsed"),
    [
        (["-s", "a", "b"], ["-s", "a", "-s", "b"]),
        (["-s", "a", "-q", "b"], ["-s", "a", "-q", "b"]),
        (["--select=a", "b", "c"], ["--select=a", "--select", "b", "--select", "c"]),
        (["-sa", "b", "-d", "x", "y"], ["-sa", "-s", "b", "-d", "x", "-d", "y"]),
        (["--limit", "3", "4"], ["--limit", "3", "4"]),
        ([], []),
    ],
)
def test_several_values_after_one_option_are_repeated(typed: list[str], parsed: list[str]) -> None:
    assert repeated(typed, {"-s", "--select", "-d"}) == parsed


@pytest.mark.parametrize("named", ["default", "debug", "TEXT"])
def test_dbts_other_log_formats_are_text(
    run: Run, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    pipeline("sync", REPORT)
    monkeypatch.setenv("DBT_LOG_FORMAT", named)

    assert run("sync").out.startswith("destination")


def test_a_sync_can_speak_json_lines(run: Run, pipeline: Pipeline) -> None:
    pipeline("sync", REPORT)

    lines = [json.loads(line) for line in run("sync", "--log-format", "json").out.splitlines()]

    assert [line["event"] for line in lines] == ["result", "finished"]
    assert lines[0]["destination"] == "b"
    assert lines[1] == {"event": "finished", "elapsed_time": 0.1, "exit_code": 0, "stopped": None}


def test_progress_is_json_lines_on_stderr_when_json_is_asked_for(run: Run, pipeline: Pipeline) -> None:
    def sync(options: Any, progress: Any, stop: Any) -> SyncReport:
        progress.waiting("braze", 42, "rate limited")
        return REPORT

    pipeline("sync", sync)

    assert json.loads(run("sync", "--log-format", "json").err) == {
        "event": "waiting",
        "app": "braze",
        "seconds": 42,
        "reason": "rate limited",
    }
    assert run("sync").err == "braze: waiting 42 s (rate limited)\n"
    assert run("sync", "--quiet").err == ""


def test_quiet_prints_nothing_about_a_good_sync(run: Run, pipeline: Pipeline) -> None:
    pipeline("sync", REPORT)

    assert run("sync", "-q").out == ""


def test_a_plan_masks_values_unless_they_are_asked_for(run: Run, pipeline: Pipeline) -> None:
    plan = PlanReport(INVOCATION, (DestinationPlan("b", "model.shop.c", "braze", "users", "planned"),), 0.1)
    calls = pipeline("plan", plan)

    run("plan")
    run("plan", "--show-values")

    assert [call[1]["show_values"] for call in calls] == [False, True]
    assert json.loads(run("plan", "--output", "json").out)["event"] == "plan"
    assert "c → braze users" in run("plan").out


def test_list_needs_no_warehouse(run: Run, pipeline: Pipeline) -> None:
    calls = pipeline("declared", found())

    assert run("list").out.splitlines()[1].split()[0] == "b"
    assert calls[0][1] == {"offline": True}
    assert json.loads(run("list", "--output", "json").out)["unique_id"] == "model.shop.c"


def test_list_shows_what_is_fine_and_exits_with_2_when_something_is_not(run: Run, pipeline: Pipeline) -> None:
    pipeline("declared", found(Problem("no-key", "key is needed")))

    ran = run("list")

    assert ran.code == 2
    assert "b" in ran.out
    assert "error [no-key] key is needed" in ran.err


def test_validate_exits_with_2_for_an_error_and_0_for_a_warning(run: Run, pipeline: Pipeline) -> None:
    calls = pipeline("declared", found(Problem("no-key", "key is needed", severity="warning")))
    ran = run("validate", "--offline")
    assert (ran.code, calls[0][1]) == (0, {"offline": True})
    assert ran.out.splitlines()[0] == "warning [no-key] key is needed"

    pipeline("declared", found(Problem("no-key", "key is needed")))
    ran = run("validate", "--output", "json")
    assert ran.code == 2
    assert json.loads(ran.out)["id"] == "no-key"


def test_check_status_and_failures_print_what_they_got(run: Run, pipeline: Pipeline) -> None:
    pipeline("check", [Finding("braze", True, "may send users")])
    record = RunRecord("b", "r", "2026-11-22T03:04:05Z", None, "success", None, 1, Counts(), 0, 0)
    calls = pipeline("status", History((record,)))
    refused = Unaccepted("b", "42", "update", "failed", "rejected", "why", 1, "x", "y", permanent=True)
    pipeline("failures", [refused])
    pipeline("last_runs", [record])

    assert run("check").out == "ok  braze  may send users\n"
    assert "2026-11-22 03:04:05  b" in run("status", "--limit", "3").out
    assert calls[0][1] == {"limit": 3}
    assert "42" in run("failures").out
    for name in ("check", "status", "failures"):
        assert isinstance(json.loads(run(name, "--output", "json").out), dict)


def test_warnings_go_to_stderr_and_change_no_exit_code(run: Run, pipeline: Pipeline) -> None:
    odd = Problem("top-level-meta", "move it below config", severity="warning")
    pipeline("sync", SyncReport(INVOCATION, (), 0.1, 0, None, (odd,)))

    ran = run("sync")

    assert (ran.code, ran.err) == (0, "warning [top-level-meta] move it below config\n")
    assert json.loads(run("sync", "--log-format", "json").err)["id"] == "top-level-meta"
