"""A plan as a comment on a pull request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.report.test_pages import COMPARISON

from roo_dbt.records import (
    DestinationDifference,
    Difference,
    ManifestComparison,
    PlanCounts,
    PlanReport,
    Reason,
    Resent,
    Sample,
)
from roo_dbt.report.markdown import MARK, plan_markdown

Make = Callable[..., Any]
GITHUB = 65_536


def size(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def test_a_plan_is_a_table_and_details_to_fold_out(planned: Make, plan_report: Make) -> None:
    assert plan_markdown(plan_report(planned())).splitlines() == [
        MARK,
        "### roo-dbt plan: A sync would send 1,201 changes in 17 requests",
        "",
        "target `dev` · 1 destination · planned in 0.4 s · roo-dbt 0.1.0",
        "",
        "| destination | create | update | delete | unchanged | held or skipped | requests | time | data points |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
        "| `braze_customers` | **1** | **1,200** | 0 | 30 | 0 | 17 | 1 min 12 s | 1,212 |",
        "",
        "<details><summary><b>braze_customers</b>: 1,201 changes · customers → braze users</summary>",
        "",
        "| field | records that change it |",
        "|---|---|",
        "| `first_name` | 1,200 |",
        "| `email` | 12 |",
        "",
        "| sample | key | field | old | new |",
        "|---|---|---|---|---|",
        "| update | `42` | `email` | `a•••` | `b•••` |",
        "",
        "</details>",
    ]


def test_guards_reasons_and_notes_are_in_it(planned: Make, plan_report: Make) -> None:
    text = plan_markdown(
        plan_report(
            planned(
                blocked_by=("delete_limit: 40 records",),
                reasons=(Reason("held", "rejected", 3, "no such city"),),
                notes=("absences are known at sync",),
            ),
            planned(destination="off", status="skipped", message="disabled", counts=PlanCounts(), fields={}),
        )
    )
    assert "> [!WARNING]\n> `braze_customers` would be blocked: delete\\_limit: 40 records  \n" in text
    assert "| ⛔ `braze_customers` |" in text
    assert "| held back | `rejected` | 3 | no such city |" in text
    assert "absences are known at sync" in text
    assert "| `off` | skipped: disabled |" in text


def test_what_a_branch_changes_is_a_table_of_its_own(planned: Make, plan_report: Make) -> None:
    text = plan_markdown(replace(plan_report(planned()), comparison=COMPARISON))
    table = text.partition("#### What this branch changes")[2].partition("<details>")[0]
    assert "Against the manifest in production" in table
    rows = [line for line in table.splitlines() if line.startswith("| `")]
    assert rows == [
        "| `braze_customers` | **changed** |  |  | 284 records (1 to create, 280 to update, 3 to delete) |",
        "| `braze_customers` | field added | `tier` | `tier` |  |",
        "| `braze_customers` | sync mode |  | `sync → additive` |  |",
        "| `braze_customers` | field dropped | `phone` | `phone` |  |",
        "| `new_one` | **added** |  | it has no key. | not known |",
    ]
    assert "there is no such app" in table


def test_a_comment_fits_however_many_destinations_there_are(planned: Make, plan_report: Make) -> None:
    plans = [planned(destination=f"braze_{number:04}") for number in range(3_000)]
    text = plan_markdown(plan_report(*plans))
    assert size(text) < GITHUB
    shown = text.count("| `braze_")
    assert shown > 100
    assert f"… and {3_000 - shown:,} more destinations that this comment has no room for." in text
    folded = text.count("<details>")
    assert text.count("</details>") == folded
    assert (
        f"the details of {3_000 - folded:,} destinations are left out; `roo_plan.json` has them all" in text
    )


ANYTHING = st.text(max_size=300)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.lists(st.tuples(ANYTHING, ANYTHING, st.integers(0, 10**9)), max_size=4), st.integers(1, 400))
def test_a_comment_fits_and_its_tables_hold_whatever_is_in_them(
    planned: Make, plan_report: Make, texts: list[tuple[str, str, int]], times: int
) -> None:
    report = nasty(planned, plan_report, texts, times)
    text = plan_markdown(report)
    assert size(text) < GITHUB
    for block in text.split("\n\n"):
        rows = [line for line in block.splitlines() if line.startswith("|")]
        bars = {line.replace("\\|", "").count("|") for line in rows if "skipped:" not in line}
        assert len(bars) <= 1, block
    assert "<script" not in text


def nasty(planned: Make, plan_report: Make, texts: list[tuple[str, str, int]], times: int) -> PlanReport:
    samples = tuple(Sample(a, "update", {a: b}, {a: None, b: n}) for a, b, n in texts)
    plan = planned(
        samples=samples,
        fields={a: n for a, _, n in texts},
        reasons=tuple(Reason("failed", "rejected", n, b) for _, b, n in texts),
        notes=tuple(a for a, _, _ in texts),
    )
    said = tuple(Difference("field", a, b, a) for a, b, _ in texts)
    one = DestinationDifference("x", "model.shop.x", "changed", said, Resent(), tuple(b for _, b, _ in texts))
    comparison = ManifestComparison("there", "", (one,) * times, 0)
    report: PlanReport = replace(plan_report(*[plan] * times), comparison=comparison)
    return report


def test_nobody_is_mentioned_and_nothing_is_markup(planned: Make, plan_report: Make) -> None:
    text = plan_markdown(
        plan_report(
            planned(
                notes=("ask @octocat about #12 <img src=x> *now*",),
                samples=(Sample("@octocat | `x`", "create", {}, {"a``b": "<b>"}),),
            )
        )
    )
    assert "ask @\u200boctocat about \\#12 &lt;img src=x&gt; \\*now\\*" in text
    assert "`` @octocat \\| `x` ``" in text
    assert "```a``b```" in text
    assert "`<b>`" in text
