"""What a run did, would do, or did earlier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from roo_dbt.errors import Problem
from roo_dbt.records.branch import ManifestComparison
from roo_dbt.records.changes import Status
from roo_dbt.records.declaration import Destination

ResultStatus = Literal["success", "partial", "error", "blocked", "skipped"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A record that was not accepted, as the results file and `failures` show it."""

    key: str
    operation: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Each change of a run in exactly one count; `unchanged` are records without a change."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    unchanged: int = 0
    skipped: int = 0
    failed: int = 0
    unknown: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """Why records are, or will be, anything but accepted: how many, with one message as an example.

    `outcome`: `held` (refused earlier, unchanged since), `skipped`, `failed` or `unknown`.
    """

    outcome: str
    code: str
    records: int
    message: str


@dataclass(frozen=True, slots=True)
class Moment:
    """How far a destination was at one time: everything since its sync began.

    `second` counts from the beginning of the run, on a clock that never goes back.
    """

    second: float
    accepted: int
    others: int
    requests: int


@dataclass(frozen=True, slots=True)
class DestinationResult:
    """What a sync did for one destination. `rows` is None when the model was not read.

    `reasons` counts every record that was not accepted; `failures` are the first of them. `moments` tell
    how the sending went, a few hundred at most.
    `statements` are those that the warehouse ran for it, but for the last few that write the history, and
    `bytes_scanned` what they read, None where the engine does not tell. Those of a state file do not count.
    """

    destination: str
    unique_id: str
    app: str
    object: str
    status: ResultStatus
    counts: Counts = Counts()
    message: str | None = None
    rows: int | None = None
    requests: int = 0
    retries: int = 0
    execution_time: float = 0.0
    failures: tuple[Failure, ...] = ()
    tolerated: bool = False
    reasons: tuple[Reason, ...] = ()
    moments: tuple[Moment, ...] = ()
    statements: int = 0
    bytes_scanned: int | None = None


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """The changes a sync would make, by operation; `skip` are removals the mode forbids."""

    create: int = 0
    update: int = 0
    delete: int = 0
    unchanged: int = 0
    skip: int = 0
    held: int = 0


@dataclass(frozen=True, slots=True)
class Sample:
    """One change as a person reads it; values masked unless asked for."""

    key: str
    operation: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DestinationPlan:
    """What a sync would do for one destination. `reasons`: why records would not be sent, or not accepted."""

    destination: str
    unique_id: str
    app: str
    object: str
    status: Literal["planned", "blocked", "skipped"]
    counts: PlanCounts = PlanCounts()
    message: str | None = None
    rows: int | None = None
    fields: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    seconds: float = 0.0
    data_points: int | None = None
    samples: tuple[Sample, ...] = ()
    blocked_by: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call of `sync` or `plan`: the metadata block of its file."""

    invocation_id: str
    target_name: str
    generated_at: str
    roo_dbt_version: str


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What a whole sync did. `stopped` says why it ended midway, None when it finished.

    `declared` are the destinations of the results, as far as the project declares them.
    """

    invocation: Invocation
    results: tuple[DestinationResult, ...]
    elapsed_time: float
    exit_code: int
    stopped: str | None = None
    warnings: tuple[Problem, ...] = ()
    declared: tuple[Destination, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What a whole sync would do. `comparison` is with another manifest, if one was given.

    `shows_values`: the samples hold the customers' own values; they are masked otherwise.
    """

    invocation: Invocation
    plans: tuple[DestinationPlan, ...]
    elapsed_time: float
    warnings: tuple[Problem, ...] = ()
    declared: tuple[Destination, ...] = ()
    comparison: ManifestComparison | None = None
    shows_values: bool = False


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One destination of one past run, as `status` shows it. Times are ISO 8601, UTC."""

    destination: str
    run_id: str
    started_at: str
    finished_at: str | None
    status: str
    message: str | None
    rows: int | None
    counts: Counts
    requests: int
    retries: int


@dataclass(frozen=True, slots=True)
class Unaccepted:
    """A record that no vendor has accepted yet, and why.

    `permanent`: not sent again until the record changes or `retry` asks for it.
    """

    destination: str
    key: str
    operation: str
    status: Status
    code: str
    message: str
    attempts: int
    first_at: str
    last_at: str
    permanent: bool


class Progress(Protocol):
    """Who wants to know how a run goes. Called from worker threads; must not raise."""

    def started(self, destination: str, total: int) -> None:
        """`total` changes of `destination` are about to be sent."""

    def advanced(self, destination: str, done: int) -> None:
        """`done` further changes have an outcome."""

    def waiting(self, app: str, seconds: float, reason: str) -> None:
        """No request of `app` leaves for `seconds`."""

    def finished(self, result: DestinationResult) -> None:
        """A destination is done, whatever became of it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `roo-dbt check`: what was tried, whether it worked, and what to do if not."""

    subject: str
    ok: bool
    message: str
