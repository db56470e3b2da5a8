"""The pages of a plan and of a sync: complete, harmless, and in need of nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.report.pages import read

from roo_dbt.records import (
    Counts,
    DestinationDifference,
    DestinationPlan,
    DestinationResult,
    Difference,
    ManifestComparison,
    Moment,
    PlanCounts,
    PlanReport,
    Problem,
    Reason,
    Resent,
    Sample,
    SyncReport,
)
from roo_dbt.report.page import plan_page, sync_page

Make = Callable[..., Any]
NASTY = "<script>alert(1)</script> & \"' onload=x \x1b[31m\u202e {{ 7 * 7 }}"
MOMENTS = (Moment(0.2, 0, 0, 0), Moment(0.5, 600, 1, 8), Moment(1.2, 1199, 1, 16))
COMPARISON = ManifestComparison(
    "production",
    "2026-11-20T01:02:03Z",
    (
        DestinationDifference(
            "braze_customers",
            "model.shop.customers",
            "changed",
            (
                Difference("field", "tier", None, "tier"),
                Difference("mode", "sync_mode", "sync", "additive"),
                Difference("field", "phone", "phone", None),
            ),
            Resent(1, 280, 3, {"tier": 280}),
        ),
        DestinationDifference("new_one", "model.shop.other", "added", (), None, ("it has no key",)),
    ),
    4,
    (Problem("unknown-app", "there is no such app"),),
)


def test_a_plan_page_says_everything_that_the_plan_says(planned: Make, plan_report: Make) -> None:
    plan = planned(
        counts=PlanCounts(create=1, update=1200, delete=2, unchanged=30, skip=4, held=5),
        reasons=(Reason("held", "rejected", 5, "no such city"), Reason("failed", "invalid_value", 2, "bad")),
        blocked_by=("delete_limit: 40 records, 10 allowed",),
        notes=("absences are known at sync",),
    )
    text = read(plan_page(replace(plan_report(plan), comparison=COMPARISON))).text
    for said in (
        "braze_customers would be blocked: delete_limit: 40 records, 10 allowed",
        "A sync would not send the blocked destinations.",
        "1,200",
        "1 min 12 s",
        "1,212",
        "held back",
        "no such city",
        "absences are known at sync",
        "first_name",
        "a•••",
        "b•••",
        "What this branch changes",
        "Against the manifest in production, written 2026-11-20 01:02:03",
        "284 records (1 to create, 280 to update, 3 to delete)",
        "not known",
        "it has no key",
        "there is no such app",
        "values masked",
    ):
        assert said in " ".join(text.split()), said


def test_the_chart_has_a_bar_for_every_field_as_long_as_its_number(planned: Make, plan_report: Make) -> None:
    html = plan_page(plan_report(planned(fields={"email": 12, "first_name": 1200})))
    bars = re.findall(
        r"<title>(\w+): ([\d,]+)</title>.*?class=\"fill\".*?width=\"([\d.]+)\"", html, re.DOTALL
    )
    assert bars == [("first_name", "1,200", "400.0"), ("email", "12", "4.0")]


def test_many_fields_are_named_below_the_chart(planned: Make, plan_report: Make) -> None:
    fields = {f"field_{number:03}": 100 - number for number in range(70)}
    html = plan_page(plan_report(planned(fields=fields, samples=())))
    assert html.count('class="fill"') == 20
    assert "and 50 more: field_020, " in html


def test_a_sync_page_says_what_became_of_every_record(result: Make, sync_report: Make) -> None:
    troubled = result(
        status="partial",
        counts=Counts(updated=2, failed=4, held=1),
        moments=MOMENTS,
        reasons=(Reason("failed", "rejected", 4, "The e-mail is not valid."), Reason("held", "mode", 1, "x")),
        failures=(),
    )
    blocked = result(destination="other", status="blocked", message="other: null keys", rows=None)
    text = " ".join(read(sync_page(sync_report(troubled, blocked, exit_code=1))).text.split())
    for said in ("failed rejected 4 The e-mail is not valid.", "held back mode 1 x", "blocked: null keys"):
        assert said in text, said
    assert "1,200 changes in 16 requests within 1.0 s: 1,200 changes a second" in text


def test_the_throughput_is_plotted_where_something_was_sent(result: Make, sync_report: Make) -> None:
    html = sync_page(sync_report(result(moments=MOMENTS), result(destination="second", moments=MOMENTS)))
    assert html.count("<polyline") == 4
    assert "Changes accepted" in html
    assert "Requests sent" in html
    assert "<polyline" not in sync_page(sync_report(result()))


@pytest.mark.parametrize(
    ("changes", "exit_code", "verdict"),
    [
        ({}, 0, "Everything that changed was accepted."),
        ({"requests": 0}, 0, "Nothing had changed, nothing was sent."),
        ({"counts": Counts(failed=2), "status": "partial"}, 1, "Done; 2 records not accepted."),
        ({"status": "blocked"}, 1, "Done, with problems."),
        ({"status": "error"}, 2, "Nothing was sent."),
        ({"status": "error"}, 3, "Stopped midway: the next sync sends the rest."),
    ],
)
def test_a_sync_page_begins_with_its_verdict(
    result: Make, sync_report: Make, changes: dict[str, Any], exit_code: int, verdict: str
) -> None:
    assert f"<h1>{verdict}</h1>" in sync_page(sync_report(result(**changes), exit_code=exit_code))


def pages(planned: Make, plan_report: Make, result: Make, sync_report: Make, text: str) -> list[str]:
    sample = Sample(text, "update", {text: text, "b": None}, {text: None, "b": 3})
    plan: DestinationPlan = planned(
        fields={text: 3}, samples=(sample,), notes=(text,), blocked_by=(text,), message=text
    )
    reasons = (Reason("failed", "rejected", 1, text),)
    said = Difference("field", text, text, text)
    one = DestinationDifference("x", "model.shop.x", "changed", (said,), Resent(), (text,))
    comparison = ManifestComparison(text, text, (one,), 0, (Problem("p", text),))
    done: DestinationResult = result(status="error", message=text, reasons=reasons, moments=MOMENTS)
    report: PlanReport = replace(plan_report(replace(plan, reasons=reasons)), comparison=comparison)
    ended: SyncReport = sync_report(done, exit_code=3, stopped=text)
    return [plan_page(report), sync_page(ended)]


@pytest.mark.parametrize("text", ["plain", NASTY, "x" * 5_000, "日本語 \N{ARABIC LETTER BEH}"])
def test_a_page_is_well_formed_loads_nothing_and_runs_nothing(
    planned: Make, plan_report: Make, result: Make, sync_report: Make, text: str
) -> None:
    for html in pages(planned, plan_report, result, sync_report, text):
        page = read(html)
        assert page.unbalanced == []
        assert page.handlers == []
        assert "script" not in page.tags
        assert [to for to in page.references if not to.startswith("#d-")] == []
        assert "url(" not in html
        assert "@import" not in html
        assert "\x1b" not in html
        assert "\u202e" not in html
        assert "{{ 7 * 7 }}" in html or text != NASTY


def test_every_link_of_a_page_has_its_anchor(planned: Make, plan_report: Make) -> None:
    html = plan_page(plan_report(planned(), planned(destination="second")))
    links = re.findall(r'href="#([^"]+)"', html)
    assert links == ["d-1", "d-2"]
    assert all(f'id="{link}"' in html for link in links)


def test_a_page_knows_dark_and_paper(plan_report: Make) -> None:
    html = plan_page(plan_report())
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html
    assert "No destination is declared" in html


def test_a_plan_with_values_does_not_say_that_they_are_masked(planned: Make, plan_report: Make) -> None:
    assert "masked" not in plan_page(replace(plan_report(planned()), shows_values=True))
