"""Reports as plain dictionaries: what the files hold and what `--log-format json` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from roo_dbt.records import (
    Destination,
    DestinationDifference,
    DestinationPlan,
    DestinationResult,
    Invocation,
    ManifestComparison,
    PlanReport,
    SyncReport,
)

SCHEMA_VERSION = "1"


def results_document(report: SyncReport) -> dict[str, Any]:
    """The content of `roo_results.json`."""
    return {
        "metadata": _metadata(report.invocation),
        "results": [result_entry(result) for result in report.results],
        "elapsed_time": report.elapsed_time,
    }


def plan_document(report: PlanReport) -> dict[str, Any]:
    """The content of `roo_plan.json`."""
    return {
        "metadata": _metadata(report.invocation),
        "results": [plan_entry(plan) for plan in report.plans],
        "comparison": comparison_entry(report.comparison) if report.comparison else None,
        "elapsed_time": report.elapsed_time,
    }


def published_schema(file: str) -> str:
    """The JSON Schema of `roo_results.json` or `roo_plan.json`, as text."""
    from importlib.resources import files

    name = f"{file.removesuffix('.json')}.schema.json"
    return (files("roo_dbt.report") / "schemas" / name).read_text(encoding="utf-8")


def result_entry(result: DestinationResult) -> dict[str, Any]:
    """One destination of `roo_results.json`."""
    return {
        "destination": result.destination,
        "unique_id": result.unique_id,
        "app": result.app,
        "object": result.object,
        "status": result.status,
        "message": result.message,
        "rows": result.rows,
        "counts": asdict(result.counts),
        "requests": result.requests,
        "retries": result.retries,
        "statements": result.statements,
        "bytes_scanned": result.bytes_scanned,
        "execution_time": result.execution_time,
        "reasons": [asdict(reason) for reason in result.reasons],
        "failures": [asdict(failure) for failure in result.failures],
    }


def plan_entry(plan: DestinationPlan) -> dict[str, Any]:
    """One destination of `roo_plan.json`."""
    return {
        "destination": plan.destination,
        "unique_id": plan.unique_id,
        "app": plan.app,
        "object": plan.object,
        "status": plan.status,
        "message": plan.message,
        "rows": plan.rows,
        "counts": asdict(plan.counts),
        "fields": dict(plan.fields),
        "requests": plan.requests,
        "data_points": plan.data_points,
        "seconds": plan.seconds,
        "samples": [_sample(sample.key, sample.operation, sample.old, sample.new) for sample in plan.samples],
        "reasons": [asdict(reason) for reason in plan.reasons],
        "blocked_by": list(plan.blocked_by),
        "notes": list(plan.notes),
    }


def comparison_entry(comparison: ManifestComparison) -> dict[str, Any]:
    """What a branch changes, as `roo_plan.json` has it."""
    return {
        "manifest": comparison.manifest,
        "generated_at": comparison.generated_at,
        "unchanged": comparison.unchanged,
        "destinations": [_difference(each) for each in comparison.destinations],
        "problems": [str(problem) for problem in comparison.problems],
    }


def _difference(one: DestinationDifference) -> dict[str, Any]:
    resent = one.resent
    return {
        "destination": one.destination,
        "unique_id": one.unique_id,
        "change": one.change,
        "differences": [
            {"aspect": d.aspect, "name": d.name, "kind": d.kind, "old": d.old, "new": d.new}
            for d in one.differences
        ],
        "resent": None
        if resent is None
        else {
            "create": resent.create,
            "update": resent.update,
            "delete": resent.delete,
            "fields": dict(resent.fields),
        },
        "notes": list(one.notes),
    }


def declared_entry(destination: Destination) -> dict[str, Any]:
    """One declared destination, for `list`."""
    return {
        "destination": destination.name,
        "unique_id": destination.model.unique_id,
        "file": destination.model.file,
        "app": destination.app,
        "object": destination.object,
        "sync_mode": destination.sync_mode,
        "key": list(destination.key),
        "identifier": list(destination.identifier),
        "fields": {line.field: line.column for line in destination.mapping},
        "where": destination.where,
        "enabled": destination.enabled,
    }


def _sample(key: str, operation: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {"key": key, "operation": operation, "old": dict(old), "new": dict(new)}


def _metadata(invocation: Invocation) -> dict[str, str]:
    return {
        "schema_version": SCHEMA_VERSION,
        "roo_dbt_version": invocation.roo_dbt_version,
        "generated_at": invocation.generated_at,
        "invocation_id": invocation.invocation_id,
        "target_name": invocation.target_name,
    }
