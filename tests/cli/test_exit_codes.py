"""Every way a command can end, as the shell sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click
import pytest

from roo_dbt.errors import (
    AppRefused,
    Blocked,
    ConfigurationProblem,
    ExitCode,
    Interrupted,
    ProjectProblem,
    RooError,
    TargetRefused,
    WarehouseLost,
    WarehouseUnavailable,
)
from roo_dbt.records import (
    DestinationPlan,
    DestinationResult,
    Finding,
    Invocation,
    PlanCounts,
    PlanReport,
    Problem,
    SyncReport,
)

INVOCATION = Invocation("7d5c", "dev", "2026-11-22T03:04:05Z", "0.1.0")
Run = Callable[..., Any]
Pipeline = Callable[[str, Any], list[Any]]


def report(code: int, stopped: str | None = None) -> SyncReport:
    return SyncReport(INVOCATION, (), 0.1, code, stopped)


def plan(**facts: Any) -> PlanReport:
    made = {"status": "planned", **facts}
    return PlanReport(
        INVOCATION, (DestinationPlan("b", "model.shop.customers", "braze", "users", **made),), 0.1
    )


@pytest.mark.parametrize("code", [0, 1, 2, 3])
def test_a_sync_exits_with_the_code_of_its_report(run: Run, pipeline: Pipeline, code: int) -> None:
    pipeline("sync", report(code))

    assert run("sync").code == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ProjectProblem("No manifest."), 2),
        (TargetRefused("dev may not send."), 2),
        (WarehouseUnavailable("The file is locked."), 2),
        (ConfigurationProblem([Problem("unknown-key", "there is no such setting")]), 2),
        (Blocked("The key is null in 2 rows."), 1),
        (AppRefused("401"), 1),
        (Interrupted("Ctrl-C."), 3),
        (WarehouseLost("The warehouse went away."), 3),
    ],
)
def test_an_error_exits_with_its_own_code_and_one_sentence(
    run: Run, pipeline: Pipeline, error: RooError, code: int
) -> None:
    pipeline("sync", error)

    ran = run("sync")

    assert ran.code == code
    assert ran.out == ""
    assert ran.err == f"Error: {error}\n"


def test_each_configuration_problem_has_one_line(run: Run, pipeline: Pipeline) -> None:
    problems = [
        Problem("unknown-key", "there is no such setting", file="a.yml"),
        Problem("no-key", "key is needed"),
    ]
    pipeline("sync", ConfigurationProblem(problems))

    lines = run("sync").err.splitlines()

    assert lines == [
        "Error: 2 problems in the configuration.",
        "  error [unknown-key] a.yml: there is no such setting",
        "  error [no-key] key is needed",
    ]


def test_a_long_error_puts_place_and_advice_on_lines_of_their_own(run: Run, pipeline: Pipeline) -> None:
    pipeline(
        "plan", ProjectProblem("There is no manifest. " * 5, where="/shop/target", hint="Run `dbt build`.")
    )

    lines = run("plan").err.splitlines()

    assert lines[1:] == ["  at: /shop/target", "  Run `dbt build`."]


def test_an_error_can_be_json(run: Run, pipeline: Pipeline) -> None:
    pipeline("sync", ProjectProblem("No manifest.", where="target", hint="Run dbt build."))

    ran = run("sync", "--log-format", "json")

    assert json.loads(ran.err) == {
        "event": "error",
        "message": "No manifest.",
        "exit_code": 2,
        "type": "ProjectProblem",
        "where": "target",
        "hint": "Run dbt build.",
        "problems": [],
    }


def test_a_bug_before_sending_is_no_traceback_and_exits_with_2(run: Run, pipeline: Pipeline) -> None:
    pipeline("sync", KeyError("secret value"))

    ran = run("sync")

    assert ran.code == ExitCode.COULD_NOT_START
    assert ran.err.startswith(
        "Error: unexpected error (KeyError). This is a bug in roo-dbt, please report it."
    )
    assert "Traceback" not in ran.err
    assert "secret value" not in ran.err


def test_a_bug_after_sending_began_exits_with_3(run: Run, pipeline: Pipeline) -> None:
    def sync(options: Any, progress: Any, stop: Any) -> SyncReport:
        progress.started("braze_customers", 10)
        raise ZeroDivisionError

    pipeline("sync", sync)

    assert run("sync").code == ExitCode.STOPPED_MIDWAY


def test_debug_shows_where_a_bug_is(run: Run, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline("sync", KeyError("x"))

    assert "Traceback (most recent call last)" in run("sync", "--debug").err
    assert "Traceback" in run("--debug", "sync").err
    monkeypatch.setenv("DBT_DEBUG", "true")
    assert "Traceback" in run("sync").err


def test_ctrl_c_outside_of_a_sync_exits_with_3(run: Run, pipeline: Pipeline) -> None:
    pipeline("plan", click.Abort())

    ran = run("plan")

    assert ran.code == ExitCode.STOPPED_MIDWAY
    assert "interrupted" in ran.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sycn",), "Did you mean 'sync'?"),
        (("sync", "--ful-refresh"), "--full-refresh"),
        (("sync", "--limit", "0"), "--limit"),
        (("sync", "--threads", "many"), "--threads"),
        (("sync", "leftover"), "leftover"),
        (("plan", "--output", "yaml"), "--output"),
        (("--nonsense",), "--nonsense"),
    ],
)
def test_wrong_usage_exits_with_2_and_names_what_is_wrong(
    run: Run, arguments: tuple[str, ...], words: str
) -> None:
    ran = run(*arguments)

    assert ran.code == ExitCode.COULD_NOT_START
    assert words in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"counts": PlanCounts(unchanged=4)}, 0),
        ({"counts": PlanCounts(unchanged=4, skip=1, held=1)}, 0),
        ({"counts": PlanCounts(delete=1)}, 4),
        ({"counts": PlanCounts(delete=1), "blocked_by": ("delete_limit",)}, 1),
        ({"status": "blocked"}, 1),
    ],
)
def test_the_detailed_exit_code_says_what_a_sync_would_do(
    run: Run, pipeline: Pipeline, facts: dict[str, Any], code: int
) -> None:
    pipeline("plan", plan(**facts))

    assert run("plan", "--detailed-exitcode").code == code
    assert run("plan").code == 0


def test_a_check_that_fails_exits_with_1(run: Run, pipeline: Pipeline) -> None:
    pipeline("check", [Finding("warehouse", True, "duckdb"), Finding("braze", False, "401")])
    assert run("check").code == 1

    pipeline("check", [Finding("warehouse", True, "duckdb")])
    assert run("check").code == 0


def test_a_result_is_printed_to_stdout_and_nothing_else_is(run: Run, pipeline: Pipeline) -> None:
    result = DestinationResult("b", "model.shop.customers", "braze", "users", "success")
    pipeline("sync", SyncReport(INVOCATION, (result,), 0.1, 0))

    ran = run("sync")

    assert ran.out.splitlines()[1].startswith("b            success")
    assert ran.err == ""
