"""Reports to print and to write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from roo_dbt.records import (
    Counts,
    DestinationPlan,
    DestinationResult,
    Failure,
    Invocation,
    PlanCounts,
    PlanReport,
    Sample,
    SyncReport,
)

INVOCATION = Invocation("7d5c", "dev", "2026-11-22T03:04:05Z", "0.1.0")
RESULT: dict[str, Any] = {
    "destination": "braze_customers",
    "unique_id": "model.shop.customers",
    "app": "braze",
    "object": "users",
    "status": "success",
    "counts": Counts(created=1200, unchanged=34),
    "rows": 1234,
    "requests": 16,
    "execution_time": 1.25,
}
PLAN: dict[str, Any] = {
    "destination": "braze_customers",
    "unique_id": "model.shop.customers",
    "app": "braze",
    "object": "users",
    "status": "planned",
    "counts": PlanCounts(create=1, update=1200, unchanged=30),
    "rows": 1231,
    "fields": {"email": 12, "first_name": 1200},
    "requests": 17,
    "seconds": 72.0,
    "data_points": 1212,
    "samples": (Sample("42", "update", {"email": "a•••"}, {"email": "b•••"}),),
}


@pytest.fixture
def result() -> Callable[..., DestinationResult]:
    """A result that went well, but for what the arguments say."""
    return lambda **changes: DestinationResult(**{**RESULT, **changes})


@pytest.fixture
def partial(result: Callable[..., DestinationResult]) -> DestinationResult:
    """Four records refused now, one held since earlier."""
    rejected = (Failure(str(n), "create", "rejected", "The e-mail is not valid.") for n in range(4))
    return result(
        destination="iterable_customers",
        app="iterable",
        status="partial",
        counts=Counts(updated=2, failed=4, held=1),
        failures=(*rejected, Failure("9", "update", "missing_identifier", "email is null.")),
    )


@pytest.fixture
def sync_report() -> Callable[..., SyncReport]:
    """A report of the given results."""

    def make(*results: DestinationResult, exit_code: int = 0, stopped: str | None = None) -> SyncReport:
        return SyncReport(INVOCATION, results, 1.9, exit_code, stopped)

    return make


@pytest.fixture
def planned() -> Callable[..., DestinationPlan]:
    """A plan with changes, but for what the arguments say."""
    return lambda **changes: DestinationPlan(**{**PLAN, **changes})


@pytest.fixture
def plan_report() -> Callable[..., PlanReport]:
    """A report of the given plans."""
    return lambda *plans: PlanReport(INVOCATION, plans, 0.4)
