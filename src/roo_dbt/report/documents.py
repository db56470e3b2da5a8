"""Reports as plain dictionaries: what the files hold and what `--log-format json` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from roo_dbt.records import (
    Destination,
    DestinationPlan,
    DestinationResult,
    Invocation,
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
        "elapsed_time": report.elapsed_time,
    }


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
        "execution_time": result.execution_time,
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
        "blocked_by": list(plan.blocked_by),
        "notes": list(plan.notes),
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
