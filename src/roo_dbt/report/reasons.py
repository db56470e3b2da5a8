"""Why records were not accepted, counted by reason."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from roo_dbt.records import Unaccepted
from roo_dbt.report.columns import aligned, header


def reason_lines(records: Sequence[Unaccepted]) -> list[Text]:
    """How many records of each destination wait for the same reason, the most frequent first."""
    groups: dict[tuple[str, str, str], list[Unaccepted]] = {}
    for record in records:
        groups.setdefault((record.destination, record.code, fate(record)), []).append(record)
    ordered = sorted(groups.items(), key=lambda group: (group[0][0], -len(group[1]), group[0]))
    rows: list[list[str | Text]] = [
        [
            Text(destination, style="bold"),
            Text(code, style="red"),
            outcome,
            f"{len(alike):,}",
            f"{sum(record.attempts for record in alike):,}",
            moment(min(record.first_at for record in alike)),
            moment(max(record.last_at for record in alike)),
        ]
        for (destination, code, outcome), alike in ordered
    ]
    head = header("destination", "reason", "outcome", "records", "attempts", "first", "last")
    return aligned([head, *rows], right={3, 4})


def fate(record: Unaccepted) -> str:
    """The outcome, `held` for a refusal that nothing but a change or `retry` sends again."""
    return "held" if record.status == "failed" and record.permanent else record.status


def moment(iso: str) -> str:
    """A time to the second, without the T."""
    return iso[:19].replace("T", " ")
