"""The summary of records that were not accepted, by reason."""

from __future__ import annotations

from roo_dbt.records import Unaccepted
from roo_dbt.report.listings import unaccepted_lines
from roo_dbt.report.reasons import reason_lines


def letter(key: str, code: str, first: str, *, permanent: bool = True, attempts: int = 1) -> Unaccepted:
    return Unaccepted(
        "braze_customers",
        key,
        "create",
        "failed",
        code,
        "…",
        attempts,
        first,
        "2026-11-22T10:00:00Z",
        permanent,
    )


def test_records_that_wait_for_the_same_reason_are_counted_together() -> None:
    letters = [
        letter("3", "unavailable", "2026-11-22T09:00:00Z", permanent=False),
        letter("1", "rejected", "2026-11-20T10:00:00Z"),
        letter("2", "rejected", "2026-11-21T10:00:00Z", attempts=3),
    ]
    last = ["2026-11-22", "10:00:00"]

    _, *summary = [line.plain.split() for line in reason_lines(letters)]

    assert summary == [
        ["braze_customers", "rejected", "held", "2", "4", "2026-11-20", "10:00:00", *last],
        ["braze_customers", "unavailable", "failed", "1", "1", "2026-11-22", "09:00:00", *last],
    ]
    listed = [line.plain for line in unaccepted_lines(letters)]
    assert all(line.plain in listed for line in reason_lines(letters))
