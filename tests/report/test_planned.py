"""What a plan prints for people."""

from __future__ import annotations

from collections.abc import Callable

from roo_dbt.records import DestinationPlan, PlanCounts, PlanReport, Sample
from roo_dbt.report.planned import plan_lines

Make = Callable[..., DestinationPlan]
Report = Callable[..., PlanReport]


def printed(report: PlanReport) -> str:
    return "\n".join(line.plain for line in plan_lines(report))


def test_a_plan_shows_counts_cost_fields_and_samples(planned: Make, plan_report: Report) -> None:
    assert printed(plan_report(planned())).splitlines() == [
        "braze_customers  customers → braze users",
        "  1 to create, 1,200 to update, 0 to delete, 30 unchanged (1,231 rows)",
        "  17 requests, about 1 min 12 s at the rate limit, 1,212 data points",
        "  fields  first_name 1,200, email 12",
        "  sample  update 42  email a••• → b•••",
        "",
        "Nothing was sent. `roo-dbt sync` would send 1,201 changes in 17 requests (planned in 0.4 s).",
    ]


def test_skipped_and_held_records_are_counted_when_there_are_any(planned: Make, plan_report: Report) -> None:
    text = printed(plan_report(planned(counts=PlanCounts(update=1, skip=2, held=3))))

    assert "2 skipped by the sync mode, 3 held since an earlier refusal" in text


def test_a_guard_that_would_block_is_named(planned: Make, plan_report: Report) -> None:
    text = printed(plan_report(planned(blocked_by=("delete_limit: 40 records, 10 allowed",))))

    assert "  would be blocked: delete_limit: 40 records, 10 allowed" in text
    assert text.endswith("A sync would not send the blocked destinations; see the reasons above.")


def test_notes_and_messages_are_shown_once(planned: Make, plan_report: Report) -> None:
    plan = planned(status="blocked", message="key is null in 2 rows", blocked_by=("key is null in 2 rows",))

    assert printed(plan_report(plan)).count("key is null in 2 rows") == 1
    assert "  note: absences are known at sync" in printed(
        plan_report(planned(notes=("absences are known at sync",)))
    )


def test_a_disabled_destination_says_so(planned: Make, plan_report: Report) -> None:
    text = printed(plan_report(planned(status="skipped", rows=None, counts=PlanCounts())))

    assert "  skipped: it is disabled" in text


def test_a_plan_without_changes_names_no_cost(planned: Make, plan_report: Report) -> None:
    text = printed(plan_report(planned(counts=PlanCounts(unchanged=5), requests=0, fields={}, samples=())))

    assert "request" not in text
    assert text.endswith("Nothing to send (planned in 0.4 s).")


def test_creates_and_deletes_show_the_side_they_have(planned: Make, plan_report: Report) -> None:
    samples = (
        Sample("1", "create", {}, {"email": "n•••", "age": None}),
        Sample("2", "delete", {"email": "o•••"}, {}),
    )

    text = printed(plan_report(planned(samples=samples)))

    assert "  sample  create 1  email n•••, age null\n" in text
    assert "          delete 2  email o•••\n" in text


def test_long_values_are_cut(planned: Make, plan_report: Report) -> None:
    text = printed(plan_report(planned(samples=(Sample("1", "create", {}, {"bio": "x" * 5000}),))))

    assert "x" * 59 + "…" in text
    assert "x" * 60 not in text


def test_what_is_shown_of_many_fields_is_short(planned: Make, plan_report: Report) -> None:
    new = {f"field_{n:02}": "***" for n in range(20)}
    plan = planned(seconds=0.2, fields=dict.fromkeys(new, 1), samples=(Sample("1", "create", {}, new),))

    text = printed(plan_report(plan))

    assert "field_11 1 and 8 more\n" in text
    assert "field_03 *** and 16 more\n" in text
    assert "under a second at the rate limit" in text
