"""A plan, or what a sync did, as one HTML page that needs nothing else: no script, no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from roo_dbt.errors import ExitCode
from roo_dbt.records import (
    Destination,
    DestinationPlan,
    DestinationResult,
    PlanReport,
    Sample,
    SyncReport,
)
from roo_dbt.report import branches
from roo_dbt.report.charts import BarChart, Part, bar_chart, parts, throughput
from roo_dbt.report.planned import FATES, to_send, verdict
from roo_dbt.report.reasons import moment
from roo_dbt.report.results import unaccepted
from roo_dbt.report.wording import counted, duration, model_name, sending_time

_BECAME = {**FATES, "skipped": "skipped", "failed": "failed"}
_TONES = {"success": "good", "partial": "warn", "blocked": "bad", "error": "bad"}
_SAMPLE_FIELDS = 12
_VALUE_LENGTH = 200


def plan_page(report: PlanReport) -> str:
    """The page of a plan: what a sync would do, and what a branch changes."""
    views = [_plan_view(plan, report.declared) for plan in report.plans]
    return _render(
        "plan.html.j2",
        report,
        command="plan",
        verdict=verdict(report),
        masked=not report.shows_values,
        comparison=report.comparison,
        blocked=[plan for plan in report.plans if plan.status == "blocked" or plan.blocked_by],
        plans=views,
        total=SimpleNamespace(**_planned(report.plans)),
    )


def sync_page(report: SyncReport) -> str:
    """The page of a sync: what became of every change, and how fast."""
    troubled = [r for r in report.results if r.status in ("error", "blocked") or unaccepted(r)]
    return _render(
        "sync.html.j2",
        report,
        command="sync",
        verdict=_sync_verdict(report),
        under=_sync_under(report),
        troubled=troubled,
        results=[_result_view(result, report.declared) for result in report.results],
        total=SimpleNamespace(**_done(report.results)),
        plots=throughput(report.results),
    )


def _render(template: str, report: PlanReport | SyncReport, **views: Any) -> str:
    return (
        _templates()
        .get_template(template)
        .render(invocation=report.invocation, elapsed_time=report.elapsed_time, **views)
    )


@cache
def _templates() -> Environment:
    templates = Environment(
        loader=PackageLoader("roo_dbt.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    templates.filters |= {
        "number": lambda number: f"{number:,}",
        "duration": duration,
        "moment": moment,
        "sending_time": sending_time,
        "fate": lambda outcome, planned: (FATES if planned else _BECAME)[outcome],
        "said": lambda result: (result.message or "").removeprefix(f"{result.destination}: "),
        "missing": unaccepted,
        "heading": branches.heading,
        "summary": branches.summary,
        "resent": branches.resent,
        "aspect": branches.aspect,
        "subject": branches.subject,
    }
    return templates


def _printable(value: Any) -> Any:
    """Text without what would not be seen, or turn the line around; markup is ours and stays."""
    if isinstance(value, Markup):
        return value
    text = str(value)
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


@dataclass(frozen=True, slots=True)
class _Row:
    field: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class _SampleView:
    operation: str
    key: str
    rows: tuple[_Row, ...]


@dataclass(frozen=True, slots=True)
class _PlanView:
    plan: DestinationPlan
    model: str
    mode: str
    word: str
    tone: str
    parts: tuple[Part, ...]
    chart: BarChart
    samples: tuple[_SampleView, ...]


@dataclass(frozen=True, slots=True)
class _ResultView:
    result: DestinationResult
    model: str
    mode: str
    tone: str
    missing: int
    parts: tuple[Part, ...]
    speed: str


def _plan_view(plan: DestinationPlan, declared: Sequence[Destination]) -> _PlanView:
    is_blocked = plan.status == "blocked" or bool(plan.blocked_by)
    word: str = "blocked" if is_blocked else plan.status
    if word == "planned":
        word = "to send" if to_send(plan) else "nothing to send"
    counts = plan.counts
    numbers = {
        "create": counts.create,
        "update": counts.update,
        "delete": counts.delete,
        "skipped": counts.skip,
        "held": counts.held,
        "unchanged": counts.unchanged,
    }
    return _PlanView(
        plan,
        model_name(plan.unique_id),
        _mode(plan.destination, declared),
        word,
        {"blocked": "bad", "to send": "good"}.get(word, ""),
        parts(numbers),
        bar_chart(plan.fields),
        tuple(_sample(sample) for sample in plan.samples),
    )


def _result_view(result: DestinationResult, declared: Sequence[Destination]) -> _ResultView:
    numbers: dict[str, int] = asdict(result.counts)
    order = ("created", "updated", "deleted", "skipped", "failed", "unknown", "held", "unchanged")
    return _ResultView(
        result,
        model_name(result.unique_id),
        _mode(result.destination, declared),
        _TONES.get(result.status, ""),
        unaccepted(result),
        parts({name: numbers[name] for name in order}),
        _speed(result),
    )


def _speed(result: DestinationResult) -> str:
    """How many changes a second were answered while requests were in flight."""
    if len(result.moments) < 2:
        return ""
    first, last = result.moments[0], result.moments[-1]
    took = last.second - first.second
    changes = last.accepted + last.others - first.accepted - first.others
    if took <= 0 or not changes:
        return ""
    requests = last.requests - first.requests
    rate = f"{changes / took:,.0f} changes a second"
    return f"{counted(changes, 'change')} in {counted(requests, 'request')} within {duration(took)}: {rate}"


def _mode(name: str, declared: Sequence[Destination]) -> str:
    destination = next((one for one in declared if one.name == name), None)
    if destination is None or destination.sync_mode is None:
        return ""
    return f"{destination.sync_mode} mode"


def _sample(sample: Sample) -> _SampleView:
    names = list(dict.fromkeys([*sample.old, *sample.new]))
    rows = [
        _Row(
            name,
            _value(sample.old[name]) if name in sample.old else None,
            _value(sample.new[name]) if name in sample.new else None,
        )
        for name in names[:_SAMPLE_FIELDS]
    ]
    if len(names) > _SAMPLE_FIELDS:
        rows.append(_Row(f"… and {counted(len(names) - _SAMPLE_FIELDS, 'more field')}", None, None))
    return _SampleView(sample.operation, sample.key, tuple(rows or [_Row("", None, None)]))


def _value(value: object) -> str:
    text = "null" if value is None else value if isinstance(value, str) else repr(value)
    return text if len(text) <= _VALUE_LENGTH else f"{text[: _VALUE_LENGTH - 1]}…"


def _planned(plans: Sequence[DestinationPlan]) -> Mapping[str, Any]:
    points = [plan.data_points for plan in plans if plan.data_points is not None]
    times: dict[str, float] = {}
    for plan in plans:
        # The destinations of one app are sent in turn, the apps side by side.
        times[plan.app] = times.get(plan.app, 0.0) + plan.seconds
    return {
        **{
            name: sum(getattr(plan.counts, name) for plan in plans) for name in ("create", "update", "delete")
        },
        "not_sent": sum(plan.counts.skip + plan.counts.held for plan in plans),
        "would_fail": sum(r.records for plan in plans for r in plan.reasons if r.outcome == "failed"),
        "requests": sum(plan.requests for plan in plans),
        "seconds": max(times.values(), default=0.0),
        "data_points": sum(points) if points else None,
    }


def _done(results: Sequence[DestinationResult]) -> Mapping[str, int]:
    names = ("created", "updated", "deleted", "skipped")
    return {
        **{name: sum(getattr(result.counts, name) for result in results) for name in names},
        "missing": sum(unaccepted(result) for result in results),
        "requests": sum(result.requests + result.retries for result in results),
    }


def _sync_verdict(report: SyncReport) -> str:
    if report.exit_code == ExitCode.STOPPED_MIDWAY:
        return "Stopped midway: the next sync sends the rest."
    if report.exit_code == ExitCode.COULD_NOT_START:
        return "Nothing was sent."
    missing = sum(unaccepted(result) for result in report.results)
    if any(result.status in ("error", "blocked") for result in report.results):
        return "Done, with problems."
    if missing:
        return f"Done; {counted(missing, 'record')} not accepted."
    if not report.results:
        return "No destination is selected, so nothing was sent."
    if not any(result.requests for result in report.results):
        return "Nothing had changed, nothing was sent."
    return "Everything that changed was accepted."


def _sync_under(report: SyncReport) -> str:
    sent = sum(r.counts.created + r.counts.updated + r.counts.deleted for r in report.results)
    requests = sum(result.requests for result in report.results)
    retries = sum(result.retries for result in report.results)
    words = f"{counted(sent, 'change')} accepted in {counted(requests, 'request')}"
    tail = f", {counted(retries, 'retry', 'retries')}" if retries else ""
    return (
        f"{report.stopped} {words}{tail}."
        if report.stopped
        else f"{words}{tail}, {duration(report.elapsed_time)}."
    )
