"""Tables of what is declared, checked, remembered and refused."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from roo_dbt.records import Destination, Finding, Problem, RunRecord, Unaccepted
from roo_dbt.report.columns import aligned, header
from roo_dbt.report.reasons import fate, moment, reason_lines
from roo_dbt.report.results import STYLES
from roo_dbt.report.wording import counted

SEVERITIES = {"error": "red", "warning": "yellow"}


def destination_lines(destinations: Sequence[Destination]) -> list[Text]:
    """The declared destinations, one a line."""
    if not destinations:
        return [Text("No destination is declared. Add `config: meta: roo:` to a model's YAML.")]
    head = header("destination", "model", "app", "object", "sync mode", "key", "fields", "enabled")
    rows: list[list[str | Text]] = [
        [
            Text(d.name, style="bold"),
            d.model.name,
            d.app,
            d.object,
            d.sync_mode or "-",
            ", ".join(d.key),
            f"{len(d.mapping):,}",
            "yes" if d.enabled else Text("no", style="yellow"),
        ]
        for d in destinations
    ]
    return aligned([head, *rows], right={6})


def problem_lines(problems: Sequence[Problem]) -> list[Text]:
    """Each problem on one line."""
    return [Text(str(problem), style=SEVERITIES[problem.severity]) for problem in problems]


def verdict_line(destinations: Sequence[Destination], problems: Sequence[Problem], *, offline: bool) -> Text:
    """The last line of `validate`."""
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    tail = f"; {counted(warnings, 'warning')}" if warnings else ""
    if errors:
        return Text(
            f"{counted(errors, 'error')}{tail}. Nothing can be sent before they are mended.", style="red"
        )
    checked = "valid, the tables were not looked at" if offline else "valid"
    verb = "is" if len(destinations) == 1 else "are"
    return Text(f"{counted(len(destinations), 'destination')} {verb} {checked}{tail}.", style="green")


def finding_lines(findings: Sequence[Finding]) -> list[Text]:
    """The lines of `check`."""
    rows: list[list[str | Text]] = [
        [
            Text("ok", style="green") if finding.ok else Text("FAILED", style="red"),
            Text(finding.subject, style="bold"),
            finding.message,
        ]
        for finding in findings
    ]
    return aligned(rows) if rows else [Text("There is nothing to check: no destination is selected.")]


def run_lines(runs: Sequence[RunRecord]) -> list[Text]:
    """The past runs in the order in which they come."""
    if not runs:
        return [Text("No run is recorded yet. `roo-dbt sync` makes the first.")]
    names = ("created", "updated", "deleted", "unchanged", "skipped", "failed", "unknown", "held")
    head = header("started", "destination", "status", *names, "requests")
    rows: list[list[str | Text]] = [
        [
            moment(run.started_at),
            Text(run.destination, style="bold"),
            Text(run.status, style=STYLES.get(run.status, "")),
            *(f"{getattr(run.counts, name):,}" for name in names),
            f"{run.requests:,}",
        ]
        for run in runs
    ]
    lines = aligned([head, *rows], right=range(3, len(head)))
    messages = [f"{run.destination}, {moment(run.started_at)}: {run.message}" for run in runs if run.message]
    return [*lines, *([Text()] if messages else []), *(Text(message) for message in messages)]


_ENDS = {
    "error": "stopped before its end: what it did not get to is still due.",
    "blocked": "was blocked: what changed is still due.",
    "running": "has not ended, or was killed: what it did not get to is due in the next one.",
}


def unfinished_lines(runs: Sequence[RunRecord]) -> list[Text]:
    """The runs that did not get to everything, one a line."""
    return [
        Text(f"The last run of {run.destination} {_ENDS[run.status]}", style="yellow")
        for run in runs
        if run.status in _ENDS
    ]


def unaccepted_lines(records: Sequence[Unaccepted]) -> list[Text]:
    """The records that no vendor has accepted, one a line, then what happens to them."""
    if not records:
        return [Text("No record was refused.", style="green")]
    head = header("destination", "key", "operation", "outcome", "code", "attempts", "last", "message")
    rows: list[list[str | Text]] = [
        [
            Text(record.destination, style="bold"),
            record.key,
            record.operation,
            fate(record),
            Text(record.code, style="red"),
            f"{record.attempts:,}",
            moment(record.last_at),
            record.message,
        ]
        for record in records
    ]
    held = sum(fate(record) == "held" for record in records)
    unsure = sum(record.status == "unknown" and record.permanent for record in records)
    endings = {
        "held: sent again when it changes, or after `roo-dbt retry`": held,
        "without a sure answer: sent again after `roo-dbt retry`": unsure,
        "due: the next `roo-dbt sync` tries again": len(records) - held - unsure,
    }
    told = [Text(f"{counted(number, 'record')} {ending}.") for ending, number in endings.items() if number]
    return [*aligned([head, *rows], right={5}), Text(), *reason_lines(records), Text(), *told]
