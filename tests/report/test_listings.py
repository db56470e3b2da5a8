"""The tables of list, validate, check, status and failures."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from roo_dbt.records import (
    Counts,
    Destination,
    Finding,
    Mapped,
    Model,
    Problem,
    Relation,
    RunRecord,
    Unaccepted,
)
from roo_dbt.report.documents import declared_entry
from roo_dbt.report.listings import (
    destination_lines,
    finding_lines,
    problem_lines,
    run_lines,
    unaccepted_lines,
    verdict_line,
)

RELATION = Relation(None, "main", "customers", '"main"."customers"')
MODEL = Model("model.shop.customers", "customers", "model", RELATION, "models/customers.yml", {}, {})
DESTINATION = Destination(
    name="braze_customers",
    model=MODEL,
    app="braze",
    object="users",
    key=("customer_id",),
    mapping=(Mapped("external_id", "customer_id"), Mapped("source", value="shop")),
    identifier=("external_id",),
    sync_mode="sync",
)


def refused(**changes: Any) -> Unaccepted:
    facts: dict[str, Any] = {
        "destination": "braze_customers",
        "key": "42",
        "operation": "update",
        "status": "failed",
        "code": "rejected",
        "message": "The e-mail is not valid.",
        "attempts": 1,
        "first_at": "2026-11-21T00:00:00Z",
        "last_at": "2026-11-22T03:04:05Z",
        "permanent": True,
    }
    return Unaccepted(**{**facts, **changes})


def text(lines: list[Text]) -> list[str]:
    return [line.plain for line in lines]


def test_a_destination_is_listed_on_one_line() -> None:
    head, line = text(destination_lines([DESTINATION]))

    assert head.split() == [
        "destination",
        "model",
        "app",
        "object",
        "sync",
        "mode",
        "key",
        "fields",
        "enabled",
    ]
    assert line.split() == [
        "braze_customers",
        "customers",
        "braze",
        "users",
        "sync",
        "customer_id",
        "2",
        "yes",
    ]


def test_a_project_without_destinations_says_where_to_put_one() -> None:
    assert "config: meta: roo:" in text(destination_lines([]))[0]


def test_a_listed_destination_names_its_fields_and_columns() -> None:
    assert declared_entry(DESTINATION)["fields"] == {"external_id": "customer_id", "source": None}


def test_each_problem_is_one_line() -> None:
    problems = [
        Problem("unknown-key", "there is no such setting", file="a.yml", path="x.y", nearest="mapping")
    ]

    assert text(problem_lines(problems)) == [
        "error [unknown-key] a.yml x.y: there is no such setting. Did you mean mapping?"
    ]


def test_the_verdict_counts_errors_and_warnings() -> None:
    problems = [Problem("a", "b"), Problem("c", "d", severity="warning")]

    assert verdict_line([], problems, offline=False).plain.startswith(
        "1 error; 1 warning. Nothing can be sent"
    )
    assert verdict_line([DESTINATION], [], offline=False).plain == "1 destination is valid."
    assert verdict_line([DESTINATION] * 2, problems[1:], offline=True).plain == (
        "2 destinations are valid, the tables were not looked at; 1 warning."
    )


def test_findings_are_aligned() -> None:
    lines = text(finding_lines([Finding("warehouse", True, "duckdb"), Finding("braze", False, "401")]))

    assert lines == ["ok      warehouse  duckdb", "FAILED  braze      401"]


def test_past_runs_show_their_message_below() -> None:
    counts = Counts(created=1)
    runs = [
        RunRecord(
            "braze_customers", "r1", "2026-11-22T03:04:05.123Z", None, "blocked", "too many", 9, counts, 1, 0
        )
    ]

    lines = text(run_lines(runs))

    assert lines[1].startswith("2026-11-22 03:04:05  braze_customers  blocked")
    assert lines[-1] == "braze_customers, 2026-11-22 03:04:05: too many"
    assert "No run is recorded" in text(run_lines([]))[0]


def test_failures_say_what_happens_to_them() -> None:
    due = [refused(permanent=False, key="43"), refused(status="unknown", permanent=False)]
    records = [refused(), *due, refused(status="unknown")]

    lines = text(unaccepted_lines(records))

    assert lines[1].split()[:6] == ["braze_customers", "42", "update", "held", "rejected", "1"]
    assert lines[-3:] == [
        "1 record held: sent again when it changes, or after `roo-dbt retry`.",
        "1 record without a sure answer: sent again after `roo-dbt retry`.",
        "2 records due: the next `roo-dbt sync` tries again.",
    ]


def test_no_failures_is_good_news() -> None:
    assert text(unaccepted_lines([])) == ["No record was refused."]
