"""roo-dbt from Python: what `roo-dbt sync` and `roo-dbt plan` do, with the results as objects.

This is what `import roo_dbt` offers; everything else may move.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from roo_dbt import run
from roo_dbt.errors import ExitCode, UsageProblem
from roo_dbt.records import DestinationPlan, DestinationResult, PlanReport, Problem, SyncReport
from roo_dbt.report.documents import plan_document, results_document
from roo_dbt.report.progress import SilentProgress
from roo_dbt.run import Options

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Plan", "Results", "plan", "sync"]

Words = str | Sequence[str]
"""One word or several, as after `--select`."""

Entry = TypeVar("Entry", DestinationResult, DestinationPlan)


@dataclass(frozen=True, eq=False)
class Results(Mapping[str, DestinationResult]):
    """What a sync did, by destination, in the order in which they ran.

    Args:
        report: of the pipeline.
    """

    report: SyncReport

    @property
    def ok(self) -> bool:
        """Every change was accepted, skipped by its mode, or tolerated (`allowed_failures`)."""
        return self.report.exit_code == ExitCode.SUCCESS

    @property
    def exit_code(self) -> ExitCode:
        """What the command line would have told the shell."""
        return ExitCode(self.report.exit_code)

    @property
    def stopped(self) -> str | None:
        """Why it ended midway; None when it finished. It is safe to sync again."""
        return self.report.stopped

    @property
    def elapsed_time(self) -> float:
        """Seconds."""
        return self.report.elapsed_time

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is odd in the project."""
        return self.report.warnings

    def to_dict(self) -> dict[str, Any]:
        """The content of `roo_results.json`."""
        return results_document(self.report)

    def __getitem__(self, destination: str) -> DestinationResult:
        return _named(self.report.results, destination)

    def __iter__(self) -> Iterator[str]:
        return (result.destination for result in self.report.results)

    def __len__(self) -> int:
        return len(self.report.results)


@dataclass(frozen=True, eq=False)
class Plan(Mapping[str, DestinationPlan]):
    """What a sync would do, by destination.

    Args:
        report: of the pipeline.
    """

    report: PlanReport

    @property
    def has_changes(self) -> bool:
        """A sync would send something."""
        counts = [plan.counts for plan in self.report.plans]
        return any(one.create + one.update + one.delete for one in counts)

    @property
    def blocked(self) -> tuple[str, ...]:
        """The destinations that a guard, or something else, would keep from being exported."""
        plans = self.report.plans
        return tuple(one.destination for one in plans if one.status == "blocked" or one.blocked_by)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is odd in the project."""
        return self.report.warnings

    def to_dict(self) -> dict[str, Any]:
        """The content of `roo_plan.json`."""
        return plan_document(self.report)

    def __getitem__(self, destination: str) -> DestinationPlan:
        return _named(self.report.plans, destination)

    def __iter__(self) -> Iterator[str]:
        return (plan.destination for plan in self.report.plans)

    def __len__(self) -> int:
        return len(self.report.plans)


class PlanOptions(TypedDict, total=False):
    """What can be told to `plan`: the options of the command line.

    `variables` is `--vars` and `state_dir` is `--state`. Paths are those of the current folder, unless
    dbt says otherwise; None means dbt's default or environment variable.
    """

    select: Words
    exclude: Words
    selector: str | None
    destinations: Words
    profiles_dir: str | PathLike[str] | None
    profile: str | None
    target: str | None
    target_path: str | PathLike[str] | None
    variables: Mapping[str, Any] | None
    state_dir: str | PathLike[str] | None
    state_schema: str | None
    state_database: str | None
    full_refresh: bool
    limit: int | None
    yes_delete: Words
    same_workspace: bool
    resend_subscriptions: bool


class SyncOptions(PlanOptions, total=False):
    """What can be told to `sync`."""

    threads: int | None
    fail_fast: bool


def sync(
    project_dir: str | PathLike[str] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    stop: threading.Event | None = None,
    **options: Unpack[SyncOptions],
) -> Results:
    """Send what changed since the last sync, and remember what was accepted.

    Args:
        project_dir: the folder of `dbt_project.yml`; None: the current folder and its parents.
        environ: where `${NAME}` is looked up; None: the process's variables.
        stop: set it, from another thread, to end early and in good order.
        options: those of `roo-dbt sync`.

    Raises:
        CannotStart: nothing was sent. What goes wrong later is in the results.
        Stopped: the results could not be written to their file; everything else was done.
    """
    asked = _options(project_dir, options)
    return Results(run.sync(asked, SilentProgress(), stop or threading.Event(), _variables(environ)))


def plan(
    project_dir: str | PathLike[str] | None = None,
    *,
    show_values: bool = False,
    environ: Mapping[str, str] | None = None,
    **options: Unpack[PlanOptions],
) -> Plan:
    """What `sync` would do. Sends nothing and needs no key.

    Args:
        project_dir: the folder of `dbt_project.yml`; None: the current folder and its parents.
        show_values: samples with their values; they are masked otherwise.
        environ: where `${NAME}` is looked up; None: the process's variables.
        options: those of `roo-dbt plan`.

    Raises:
        CannotStart: the project, its configuration or the warehouse cannot be used.
    """
    asked = _options(project_dir, options)
    return Plan(run.plan(asked, show_values=show_values, environ=_variables(environ)))


_PATHS = ("profiles_dir", "target_path", "state_dir")
_WORDS = ("select", "exclude", "destinations")
_NARROWING = ("select", "destinations")
"""Without them everything is taken; an empty list must not mean that."""


def _options(project_dir: str | PathLike[str] | None, given: Mapping[str, Any]) -> Options:
    unknown = given.keys() - SyncOptions.__annotations__.keys()
    if unknown:
        raise TypeError(f"unexpected option: {', '.join(sorted(unknown))}")
    values = dict(given)
    values |= {name: Path(values[name]) for name in _PATHS if values.get(name) is not None}
    values |= {name: _words(values[name]) for name in _WORDS if name in values}
    empty = [name for name in _NARROWING if name in values and not values[name]]
    if empty:
        raise UsageProblem(f"{empty[0]} is empty.", hint="Leave it out to take everything.")
    if "yes_delete" in values:
        values["yes_delete"] = frozenset(_words(values["yes_delete"]))
    variables = values.pop("variables", None)
    return Options(
        project_dir=None if project_dir is None else Path(project_dir),
        vars=None if variables is None else json.dumps(variables),
        **values,
    )


def _words(value: Words) -> tuple[str, ...]:
    return tuple(value.split()) if isinstance(value, str) else tuple(value)


def _variables(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environ is None else environ


def _named(entries: Sequence[Entry], destination: str) -> Entry:
    for entry in entries:
        if entry.destination == destination:
            return entry
    raise KeyError(destination)
