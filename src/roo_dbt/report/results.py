"""What a sync did, as lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.text import Text

from roo_dbt.errors import ExitCode
from roo_dbt.records import DestinationResult, Failure, SyncReport
from roo_dbt.report.columns import aligned, header
from roo_dbt.report.wording import counted, duration

STYLES = {
    "success": "green",
    "partial": "yellow",
    "blocked": "red",
    "error": "red",
    "skipped": "dim",
}
FAILURES_PER_REASON = 3
ALWAYS = ("created", "updated", "deleted", "unchanged", "failed")
COUNTS = ("created", "updated", "deleted", "unchanged", "skipped", "failed", "unknown", "held")


def sync_lines(report: SyncReport, *, problems_only: bool = False) -> list[Text]:
    """One line per destination, what went wrong by reason, and what to do next.

    Args:
        report: the finished run.
        problems_only: for `--quiet`: nothing about destinations that went well.
    """
    shown = [result for result in report.results if not problems_only or _needs_attention(result)]
    lines = _table(shown) if shown else []
    for result in shown:
        lines += _details(result)
    if problems_only and not shown and report.exit_code == ExitCode.SUCCESS:
        return []
    return [*lines, *([Text()] if lines else []), _ending(report)]


def unaccepted(result: DestinationResult) -> int:
    """How many records of a destination no vendor has accepted."""
    return result.counts.failed + result.counts.unknown + result.counts.held


def _table(results: Sequence[DestinationResult]) -> list[Text]:
    names = [name for name in COUNTS if name in ALWAYS or any(getattr(r.counts, name) for r in results)]
    retried = any(result.retries for result in results)
    head = header("destination", "status", *names, "requests", *(["retries"] if retried else []), "time")
    rows = [head] + [_row(result, names, retried=retried) for result in results]
    return aligned(rows, right=range(2, len(head)))


def _row(result: DestinationResult, names: Sequence[str], *, retried: bool) -> list[Text]:
    numbers = [_number(getattr(result.counts, name), name) for name in names]
    retries = [Text(f"{result.retries:,}")] if retried else []
    return [
        Text(result.destination, style="bold"),
        Text(result.status, style=STYLES[result.status]),
        *numbers,
        Text(f"{result.requests:,}"),
        *retries,
        Text(duration(result.execution_time)),
    ]


def _number(number: int, name: str) -> Text:
    if not number:
        return Text("0", style="dim")
    return Text(f"{number:,}", style="red" if name in ("failed", "unknown", "held") else "")


def _details(result: DestinationResult) -> list[Text]:
    lines: list[Text] = []
    missing = unaccepted(result)
    if missing:
        allowed = ", within its allowed_failures" if result.tolerated else ""
        was = "was" if missing == 1 else "were"
        lines.append(Text(f"{result.destination}: {counted(missing, 'record')} {was} not accepted{allowed}."))
        lines += _reasons(result.failures)
        lines.append(Text(f"  `roo-dbt failures -d {result.destination}` shows them all."))
    if result.message:
        label = f"{result.destination} is blocked" if result.status == "blocked" else result.destination
        lines.append(Text(f"{label}: {result.message}"))
    return [Text(), *lines] if lines else []


def _reasons(failures: Iterable[Failure]) -> list[Text]:
    lines: list[Text] = []
    ordered = sorted(failures, key=lambda failure: failure.code)
    for code, group in groupby(ordered, key=lambda failure: failure.code):
        same = list(group)
        lines.append(Text.assemble("  ", (code, "red"), f" ({len(same):,})"))
        rows = [[f"    {f.key}", f.operation, f.message] for f in same[:FAILURES_PER_REASON]]
        lines += aligned(rows)
        if len(same) > FAILURES_PER_REASON:
            lines.append(Text(f"    … and {len(same) - FAILURES_PER_REASON:,} more", style="dim"))
    return lines


def _needs_attention(result: DestinationResult) -> bool:
    return result.status in ("error", "blocked") or unaccepted(result) > 0


def _ending(report: SyncReport) -> Text:
    took = duration(report.elapsed_time)
    if report.exit_code == ExitCode.STOPPED_MIDWAY:
        said = any(result.message == report.stopped for result in report.results)
        why = f" {report.stopped}" if report.stopped and not said else ""
        return Text(f"Stopped after {took}.{why} Run `roo-dbt sync` again to send the rest.", style="red")
    if report.exit_code == ExitCode.COULD_NOT_START:
        return Text("Nothing was sent. `roo-dbt check` shows what each app says to its key.", style="red")
    if any(result.status in ("error", "blocked") for result in report.results):
        advice = "Everything that was not sent stays due: mend the cause above and run `roo-dbt sync` again."
        return Text(f"Done in {took}, with problems. {advice}", style="yellow")
    missing = sum(unaccepted(result) for result in report.results)
    if missing:
        advice = f"`roo-dbt failures` shows {'it' if missing == 1 else 'them'} and why."
        return Text(f"Done in {took}. {counted(missing, 'record')} not accepted: {advice}", style="yellow")
    if not report.results:
        return Text(f"Done in {took}. No destination is selected, so nothing was sent.", style="yellow")
    if not any(result.requests for result in report.results):
        return Text(f"Done in {took}. Nothing had changed, nothing was sent.", style="green")
    return Text(f"Done in {took}. Everything that changed was accepted.", style="green")
