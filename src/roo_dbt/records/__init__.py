"""The values that travel between the steps. Frozen, without behaviour beyond reading themselves.

All durations are seconds, all sizes bytes, all times UTC.
"""

from roo_dbt.errors import Problem
from roo_dbt.records.changes import (
    ACCEPTED,
    NOT_FINITE,
    Change,
    Code,
    Operation,
    Outcome,
    Status,
    refused,
)
from roo_dbt.records.declaration import (
    GROUP_MARK,
    AppDeclaration,
    Destination,
    Group,
    Mapped,
    SyncMode,
    Threshold,
)
from roo_dbt.records.project import Column, Model, Relation
from roo_dbt.records.requests import Answer, Item, Request
from roo_dbt.records.results import (
    Counts,
    DestinationPlan,
    DestinationResult,
    Failure,
    Finding,
    Invocation,
    PlanCounts,
    PlanReport,
    Progress,
    ResultStatus,
    RunRecord,
    Sample,
    SyncReport,
    Unaccepted,
)

__all__ = [
    "ACCEPTED",
    "GROUP_MARK",
    "NOT_FINITE",
    "Answer",
    "AppDeclaration",
    "Change",
    "Code",
    "Column",
    "Counts",
    "Destination",
    "DestinationPlan",
    "DestinationResult",
    "Failure",
    "Finding",
    "Group",
    "Invocation",
    "Item",
    "Mapped",
    "Model",
    "Operation",
    "Outcome",
    "PlanCounts",
    "PlanReport",
    "Problem",
    "Progress",
    "Relation",
    "Request",
    "ResultStatus",
    "RunRecord",
    "Sample",
    "Status",
    "SyncMode",
    "SyncReport",
    "Threshold",
    "Unaccepted",
    "refused",
]
