"""What a sync prints for people."""

from __future__ import annotations

from collections.abc import Callable

from roo_dbt.records import Counts, DestinationResult, SyncReport
from roo_dbt.report.results import sync_lines

Make = Callable[..., DestinationResult]
Report = Callable[..., SyncReport]


def printed(report: SyncReport, *, problems_only: bool = False) -> str:
    return "\n".join(line.plain for line in sync_lines(report, problems_only=problems_only))


def test_each_destination_has_one_aligned_line(result: Make, sync_report: Report) -> None:
    report = sync_report(result(), result(destination="x", counts=Counts(unchanged=9), requests=0))

    head, first, second, *_ = printed(report).splitlines()

    assert head.split() == [
        "destination",
        "status",
        "created",
        "updated",
        "deleted",
        "unchanged",
        "failed",
        "requests",
        "time",
    ]
    assert first.split() == ["braze_customers", "success", "1,200", "0", "0", "34", "0", "16", "1.2", "s"]
    assert second.split() == ["x", "success", "0", "0", "0", "9", "0", "0", "1.2", "s"]
    assert len({len(head), len(first), len(second)}) == 1


def test_rare_counts_have_a_column_only_when_there_is_one(
    partial: DestinationResult, sync_report: Report
) -> None:
    head = printed(sync_report(partial, exit_code=1)).splitlines()[0].split()

    assert "held" in head
    assert "unknown" not in head
    assert "skipped" not in head


def test_failures_are_grouped_by_reason_with_a_few_examples(
    partial: DestinationResult, sync_report: Report
) -> None:
    text = printed(sync_report(partial, exit_code=1))

    assert "iterable_customers: 5 records were not accepted." in text
    assert "  rejected (4)\n    0  create  The e-mail is not valid.\n" in text
    assert "    … and 1 more\n" in text
    assert "missing_identifier (1)\n    9  update  email is null." in text
    assert "`roo-dbt failures -d iterable_customers` shows them all." in text
    assert text.endswith("5 records not accepted: `roo-dbt failures` shows them and why.")


def test_tolerated_failures_are_said_to_be_allowed(result: Make, sync_report: Report) -> None:
    allowed = result(status="partial", counts=Counts(created=9, failed=1), tolerated=True)

    assert "1 record was not accepted, within its allowed_failures." in printed(sync_report(allowed))


def test_a_blocked_destination_says_why_and_what_to_do(result: Make, sync_report: Report) -> None:
    reason = "400 records would be deleted, delete_limit allows 10."
    blocked = result(status="blocked", message=reason, counts=Counts())

    text = printed(sync_report(blocked, exit_code=1))

    assert f"braze_customers is blocked: {reason}" in text
    assert "run `roo-dbt sync` again" in text.splitlines()[-1]


def test_a_stop_midway_says_that_it_is_safe_to_go_on(result: Make, sync_report: Report) -> None:
    why = "Ctrl-C was pressed."
    report = sync_report(result(status="error"), exit_code=3, stopped=why)
    told = sync_report(result(status="error", message=why), exit_code=3, stopped=why)

    last = printed(report).splitlines()[-1]

    assert last == "Stopped after 1.9 s. Ctrl-C was pressed. Run `roo-dbt sync` again to send the rest."
    assert printed(told).count(why) == 1


def test_a_run_refused_by_every_app_says_that_nothing_was_sent(result: Make, sync_report: Report) -> None:
    report = sync_report(result(status="error", message="401", counts=Counts()), exit_code=2)

    assert "Nothing was sent." in printed(report).splitlines()[-1]


def test_a_silent_run_says_so(result: Make, sync_report: Report) -> None:
    silent = result(counts=Counts(unchanged=5), requests=0)

    assert printed(sync_report(silent)).endswith("Nothing had changed, nothing was sent.")


def test_quiet_shows_only_what_went_wrong(
    result: Make, partial: DestinationResult, sync_report: Report
) -> None:
    assert printed(sync_report(result()), problems_only=True) == ""

    text = printed(sync_report(result(), partial, exit_code=1), problems_only=True)
    assert "iterable_customers" in text
    assert "braze_customers" not in text


def test_no_line_ends_in_blanks(partial: DestinationResult, sync_report: Report) -> None:
    lines = printed(sync_report(partial, exit_code=1)).splitlines()

    assert lines == [line.rstrip() for line in lines]


def test_control_characters_of_a_key_do_not_reach_the_terminal(result: Make, sync_report: Report) -> None:
    text = printed(sync_report(result(destination="a\x1b[31m\nb")))

    assert "\x1b" not in text
    assert "a\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}b" in text
