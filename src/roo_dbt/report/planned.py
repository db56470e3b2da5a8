"""What a sync would do, as lines for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from roo_dbt.records import DestinationPlan, PlanReport, Reason, Sample
from roo_dbt.report.branches import comparison_lines
from roo_dbt.report.columns import aligned
from roo_dbt.report.wording import counted, duration, model_name

OPERATIONS = {"create": "green", "update": "yellow", "delete": "red"}
VALUE_LENGTH = 60
FIELDS_SHOWN = 12
SAMPLE_FIELDS_SHOWN = 4


def plan_lines(report: PlanReport) -> list[Text]:
    """A block per destination, then what to type next."""
    lines: list[Text] = []
    for plan in report.plans:
        lines += [*_block(plan), Text()]
    if report.comparison is not None:
        lines += comparison_lines(report.comparison)
    return [*lines, _ending(report)]


FATES = {
    "held": "held back",
    "skipped": "would be skipped",
    "failed": "would fail",
    "unknown": "without a sure answer",
}
"""What becomes of records that a sync would not have accepted."""


def reason_words(reason: Reason) -> str:
    """`3 held back (rejected): the e-mail is not valid`."""
    code = f" ({reason.code})" if reason.code else ""
    return f"{reason.records:,} {FATES[reason.outcome]}{code}: {reason.message}"


def verdict(report: PlanReport) -> str:
    """What a sync would do, in one sentence."""
    changes = sum(to_send(plan) for plan in report.plans)
    if is_blocked(report):
        return "A sync would not send the blocked destinations."
    if not changes:
        return "A sync would send nothing."
    requests = sum(plan.requests for plan in report.plans)
    return f"A sync would send {counted(changes, 'change')} in {counted(requests, 'request')}."


def is_blocked(report: PlanReport) -> bool:
    """Whether something stands against sending one of the destinations."""
    return any(plan.status == "blocked" or plan.blocked_by for plan in report.plans)


def to_send(plan: DestinationPlan) -> int:
    """How many changes a sync would send."""
    return plan.counts.create + plan.counts.update + plan.counts.delete


def _block(plan: DestinationPlan) -> list[Text]:
    model = model_name(plan.unique_id)
    title = Text.assemble((plan.destination, "bold"), (f"  {model} → {plan.app} {plan.object}", "dim"))
    if plan.status == "skipped":
        return [title, Text(f"  skipped: {plan.message or 'it is disabled'}")]
    lines = [title, _counts(plan)]
    if to_send(plan):
        lines.append(_cost(plan))
    rows = [[Text(f"  {label}", style="dim"), value] for label, value in _facts(plan)]
    lines += aligned(rows) if rows else []
    lines += [Text(f"  {reason_words(reason)}", style="yellow") for reason in plan.reasons]
    lines += [Text(f"  would be blocked: {reason}", style="red") for reason in plan.blocked_by]
    if plan.message and plan.message not in plan.blocked_by:
        lines.append(Text(f"  {plan.message}", style="red" if plan.status == "blocked" else ""))
    lines += [Text(f"  note: {note}") for note in plan.notes]
    return lines


def _counts(plan: DestinationPlan) -> Text:
    counts = plan.counts
    line = Text("  ")
    for name, style in OPERATIONS.items():
        number = getattr(counts, name)
        line.append(f"{number:,} to {name}", style=style if number else "dim")
        line.append(", ")
    line.append(f"{counts.unchanged:,} unchanged")
    if counts.skip:
        line.append(f", {counts.skip:,} skipped by the sync mode")
    if counts.held:
        line.append(f", {counts.held:,} held since an earlier refusal")
    if plan.rows is not None:
        line.append(f" ({counted(plan.rows, 'row')})", style="dim")
    return line


def _cost(plan: DestinationPlan) -> Text:
    time = f"about {duration(plan.seconds)}" if plan.seconds >= 1 else "under a second"
    words = [counted(plan.requests, "request"), f"{time} at the rate limit"]
    if plan.data_points is not None:
        words.append(counted(plan.data_points, "data point"))
    return Text(f"  {', '.join(words)}")


def _facts(plan: DestinationPlan) -> list[tuple[str, Text]]:
    facts: list[tuple[str, Text]] = []
    if plan.fields:
        # The most changed field first: that is the one a reviewer asks about.
        ordered = sorted(plan.fields.items(), key=lambda item: (-item[1], item[0]))
        words = [f"{name} {number:,}" for name, number in ordered]
        facts.append(("fields", Text(_shortened(words, FIELDS_SHOWN))))
    for index, sample in enumerate(plan.samples):
        facts.append(("sample" if index == 0 else "", _sample(sample)))
    return facts


def _sample(sample: Sample) -> Text:
    line = Text.assemble((sample.operation, OPERATIONS.get(sample.operation, "")), f" {sample.key}")
    names = list(dict.fromkeys([*sample.old, *sample.new]))
    changes = [_change(name, sample.old, sample.new) for name in names]
    if changes:
        line.append(f"  {_shortened(changes, SAMPLE_FIELDS_SHOWN)}")
    return line


def _shortened(words: Sequence[str], number: int) -> str:
    """The first words and how many follow; `roo_plan.json` has them all."""
    # One word more takes no more room than saying that there is one.
    if len(words) <= number + 1:
        return ", ".join(words)
    return f"{', '.join(words[:number])} and {len(words) - number:,} more"


def _change(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    if name not in old:
        return f"{name} {_value(new[name])}"
    if name not in new:
        return f"{name} {_value(old[name])}"
    return f"{name} {_value(old[name])} → {_value(new[name])}"


def _value(value: Any) -> str:
    if value is None:
        return "null"
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= VALUE_LENGTH else f"{text[: VALUE_LENGTH - 1]}…"


def _ending(report: PlanReport) -> Text:
    changes = sum(to_send(plan) for plan in report.plans)
    requests = sum(plan.requests for plan in report.plans)
    took = duration(report.elapsed_time)
    if is_blocked(report):
        return Text("A sync would not send the blocked destinations; see the reasons above.", style="yellow")
    if not report.plans:
        return Text(f"No destination is selected, so there is nothing to plan ({took}).", style="yellow")
    if not changes:
        return Text(f"Nothing to send (planned in {took}).", style="green")
    words = f"{counted(changes, 'change')} in {counted(requests, 'request')}"
    return Text(f"Nothing was sent. `roo-dbt sync` would send {words} (planned in {took}).")
