"""What the state remembers, and what was done to it by hand, as lines for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from roo_dbt.destinations.protocol import KnownField
from roo_dbt.records import DestinationResult
from roo_dbt.records.history import GoneSnapshot, Happening, RecordLife
from roo_dbt.report.columns import aligned, header
from roo_dbt.report.results import STYLES
from roo_dbt.report.wording import counted, model_name

OUTCOMES = {"accepted": "green", "skipped": "dim", "failed": "red", "unknown": "red"}


def life_lines(life: RecordLife) -> list[Text]:
    """The life of one record: where it stands, then what happened to it."""
    lines = [Text.assemble((life.destination, "bold"), f" {life.key}")]
    lines += [Text(f"  {sentence}") for sentence in _standing(life)]
    if not life.happenings:
        return [*lines, Text("  Nothing is recorded of it in the days that are kept (history_days).")]
    head = header("when", "operation", "outcome", "code", "run", "message")
    return [*lines, Text(), *aligned([head, *(_happening(one) for one in life.happenings)])]


def _standing(life: RecordLife) -> list[str]:
    since = f", last accepted {moment(life.synced_at)}" if life.synced_at else ""
    sentences = [
        {
            "active": f"The vendor has it{since}.",
            "departed": f"It left the model and stays at the vendor{since}.",
            "absent": _absence(life),
        }[life.standing],
    ]
    if life.in_model is not None:
        sentences.append("It is in the model now." if life.in_model else "It is not in the model now.")
    if life.waiting is not None:
        sentences.append(_waiting(life))
    if life.interrupted:
        sentences.append("A run has not ended, or was interrupted: what it did is shown after the next one.")
    return sentences


def _absence(life: RecordLife) -> str:
    """Why the snapshot does not have it; it may have had it, or another snapshot may."""
    accepted = [one for one in life.happenings if one.outcome == "accepted"]
    if not accepted:
        return "No vendor has accepted it."
    if accepted[-1].operation == "delete":
        return f"It was removed at the vendor, {moment(accepted[-1].time)}."
    return (
        f"The snapshot was started anew since it was last accepted, {moment(accepted[-1].time)}: "
        "where it goes now, no vendor has accepted it."
    )


def _waiting(life: RecordLife) -> str:
    waiting = life.waiting
    if waiting is None:
        return ""
    tried = f"{counted(waiting.attempts, 'attempt')} since {moment(waiting.first_at)}"
    why = f"{waiting.code}, {waiting.message} ({tried})"
    if not waiting.permanent:
        return f"It is due, and was not accepted so far: {why}."
    if waiting.status == "unknown":
        return f"Nobody knows whether it arrived: {why}. `roo-dbt retry` sends it again."
    return f"It is held until it changes, or until `roo-dbt retry`: {why}."


def _happening(one: Happening) -> list[str | Text]:
    return [
        moment(one.time),
        one.operation,
        Text(one.outcome, style=OUTCOMES.get(one.outcome, "")),
        Text(one.code or "-", style="red" if one.code else "dim"),
        one.run_id[:8],
        one.message or "-",
    ]


def gone_lines(snapshots: Sequence[GoneSnapshot]) -> list[Text]:
    """Snapshots whose destination is gone, and what can be done about them."""
    if not snapshots:
        return []
    head = header("snapshot", "model", "app", "object", "records", "last used")
    rows: list[list[str | Text]] = [
        [
            Text(one.destination, style="bold"),
            model_name(one.unique_id),
            one.app,
            one.object,
            f"{one.records:,}",
            moment(one.updated_at),
        ]
        for one in snapshots
    ]
    advice = (
        "`roo-dbt baseline --from NAME` gives one to the destination that took its place, "
        "`roo-dbt forget NAME` drops it."
    )
    title = "Snapshots whose destination is not declared any more:"
    return [Text(), Text(title, style="yellow"), *aligned([head, *rows], right={4}), Text(advice)]


def baseline_lines(results: Sequence[DestinationResult]) -> list[Text]:
    """What `baseline` took as sent, one destination a line."""
    if not results:
        return [Text("There is nothing to take: no destination is selected.")]
    rows: list[list[str | Text]] = [
        [
            Text(result.destination, style="bold"),
            Text(result.status, style=STYLES[result.status]),
            result.message or "",
        ]
        for result in results
    ]
    lines = aligned(rows)
    failed = sum(result.counts.failed for result in results)
    if failed:
        lines.append(Text(f"{counted(failed, 'record')} cannot be sent as it is: see `roo-dbt failures`."))
    return lines


def field_lines(app: str, fields: Sequence[KnownField]) -> list[Text]:
    """The fields of a workspace, one a line."""
    if not fields:
        return [Text(f"{app} names no fields: its workspace has none yet, or the vendor does not tell.")]
    rows: list[list[str | Text]] = [
        [Text(field.name, style="bold"), field.type, Text(field.note, style="yellow")] for field in fields
    ]
    return [*aligned([header("field", "type", ""), *rows]), Text(counted(len(fields), "field"))]


def moment(iso: str) -> str:
    """A time to the second, UTC."""
    return iso[:19].replace("T", " ")
