"""The pipeline: manifest, configuration, diff, changes, export, outcomes, acknowledge, report.

`sync` and `plan` are the two ways through it. The modules of this package are its steps for one destination,
and what else a command asks of a project; they are the only ones that know all the other packages.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from roo_dbt.destinations.protocol import App, KnownField
from roo_dbt.destinations.supervision import Watch
from roo_dbt.errors import (
    AppRefused,
    CannotStart,
    ExitCode,
    Interrupted,
    Stopped,
    UsageProblem,
)
from roo_dbt.export import open_lane
from roo_dbt.records import (
    Destination,
    DestinationResult,
    Finding,
    PlanReport,
    Progress,
    RunRecord,
    SyncReport,
    Unaccepted,
)
from roo_dbt.records.history import GoneSnapshot, History, RecordLife
from roo_dbt.report import PLAN_FILE, RESULTS_FILE, write_plan, write_results
from roo_dbt.report.files import check_own_file
from roo_dbt.run import baselining, inspecting, tracing, upkeep
from roo_dbt.run.agreeing import field_warnings
from roo_dbt.run.branching import compare_manifests, not_compared, read_other
from roo_dbt.run.comparing import Compared
from roo_dbt.run.crew import Crew, Ended
from roo_dbt.run.inspecting import Declared
from roo_dbt.run.opening import Opened, open_project
from roo_dbt.run.options import Options
from roo_dbt.run.planning import plan_destination
from roo_dbt.run.preparing import connect_apps, prepare_state
from roo_dbt.run.syncing import Sync

if TYPE_CHECKING:
    from roo_dbt.project.edits import Edit
    from roo_dbt.run.generating import Generated
    from roo_dbt.run.starting import Start

__all__ = [
    "Declared",
    "Options",
    "adopt",
    "baseline",
    "check",
    "declared",
    "exposures",
    "failures",
    "fields",
    "forget",
    "generate",
    "gone",
    "last_runs",
    "plan",
    "retry",
    "start",
    "status",
    "sync",
    "why",
]


class _Halt(threading.Event):
    """Set by --fail-fast, or by whoever set `stop`: no new request of any app leaves."""

    def __init__(self, stop: threading.Event) -> None:
        super().__init__()
        self._stop = stop

    def is_set(self) -> bool:
        """Whether the run ends early, for either reason."""
        return super().is_set() or self._stop.is_set()


def sync(
    options: Options,
    progress: Progress,
    stop: threading.Event,
    environ: Mapping[str, str] = os.environ,
) -> SyncReport:
    """Send what changed and remember what was accepted.

    Args:
        options: what to sync and how.
        progress: is told what happens, from several threads.
        stop: set it to end early: requests in flight finish and are remembered.
        environ: where `${NAME}` is looked up.

    Raises:
        CannotStart: nothing was sent. Every later problem is in the report.
    """
    began = time.monotonic()
    with ExitStack() as held:
        opened = open_project(options, environ, read_only=False, held=held)
        _refuse_full_refresh(opened)
        check_own_file(opened.project.target_path / RESULTS_FILE)
        apps = connect_apps(opened)
        prepare_state(opened)
    lanes: dict[str, list[Destination]] = {name: [] for name in apps}
    ended: list[Ended] = []
    for destination in opened.destinations:
        if destination.enabled:
            lanes[destination.app].append(destination)
        else:
            ended.append((_left_out(destination, "disabled by enabled: false"), None))
    halt = _Halt(stop)
    crews = [Crew(lanes[name], Watch(type(apps[name]).type)) for name in lanes]
    for name, crew in zip(lanes, crews, strict=True):
        crew.start(name, partial(_sync_app, opened, apps[name], name, progress, stop, halt))
    for crew in crews:
        ended += crew.wait()
    order = [destination.name for destination in opened.destinations]
    ended.sort(key=lambda pair: order.index(pair[0].destination))
    code, stopped = _verdict(ended, failed_fast=halt.is_set() and not stop.is_set())
    report = SyncReport(
        opened.invocation,
        tuple(result for result, _ in ended),
        round(time.monotonic() - began, 3),
        code,
        stopped,
        opened.warnings,
        opened.destinations,
    )
    write_results(report, opened.project.target_path / RESULTS_FILE)
    return report


def plan(
    options: Options, *, show_values: bool = False, environ: Mapping[str, str] = os.environ
) -> PlanReport:
    """What `sync` would do. Takes no lock, needs no key, writes temporary tables and one file.

    Where the key of an app is set, its workspace is asked for its fields, and what does not agree with the
    mapping is a warning.

    Raises:
        CannotStart: the project, its configuration or the warehouse cannot be used.
    """
    began = time.monotonic()
    with ExitStack() as held:
        opened = open_project(options, environ, read_only=True, held=held)
        _refuse_full_refresh(opened)
        check_own_file(opened.project.target_path / PLAN_FILE)
        other = read_other(opened, options.state_dir) if options.state_dir else None
        planned: dict[str, Compared] = {}
        session = held.enter_context(opened.reached.session())
        plans = [
            plan_destination(opened, session, destination, planned, show_values=show_values)
            for destination in opened.destinations
        ]
        comparison = None
        if other is not None and options.state_dir is not None:
            comparison = compare_manifests(opened, session, other, options.state_dir)
    uncompared = (not_compared(options.state_dir),) if options.state_dir and other is None else ()
    # The warehouse is free while a vendor is asked.
    warnings = (*opened.warnings, *uncompared, *field_warnings(opened))
    report = PlanReport(
        opened.invocation,
        tuple(plans),
        round(time.monotonic() - began, 3),
        warnings,
        opened.destinations,
        comparison,
        show_values,
    )
    write_plan(report, opened.project.target_path / PLAN_FILE)
    return report


def declared(options: Options, *, offline: bool, environ: Mapping[str, str] = os.environ) -> Declared:
    """See `inspecting.declared`."""
    return inspecting.declared(options, environ, offline=offline)


def check(options: Options, environ: Mapping[str, str] = os.environ) -> list[Finding]:
    """See `inspecting.check`."""
    return inspecting.check(options, environ)


def status(options: Options, *, limit: int = 10, environ: Mapping[str, str] = os.environ) -> History:
    """See `inspecting.status`."""
    return inspecting.status(options, environ, limit=limit)


def failures(options: Options, environ: Mapping[str, str] = os.environ) -> list[Unaccepted]:
    """See `inspecting.failures`."""
    return inspecting.failures(options, environ)


def last_runs(options: Options, environ: Mapping[str, str] = os.environ) -> list[RunRecord]:
    """See `inspecting.last_runs`."""
    return inspecting.last_runs(options, environ)


def retry(options: Options, environ: Mapping[str, str] = os.environ, keys: Sequence[str] = ()) -> int:
    """See `upkeep.retry`."""
    return upkeep.retry(options, environ, keys)


def gone(options: Options, environ: Mapping[str, str] = os.environ) -> list[GoneSnapshot]:
    """See `upkeep.gone`."""
    return upkeep.gone(options, environ)


def forget(options: Options, name: str, environ: Mapping[str, str] = os.environ) -> None:
    """See `upkeep.forget`."""
    upkeep.forget(options, environ, name)


def adopt(options: Options, old: str, environ: Mapping[str, str] = os.environ) -> str:
    """See `upkeep.adopt`."""
    return upkeep.adopt(options, environ, old)


def baseline(options: Options, environ: Mapping[str, str] = os.environ) -> list[DestinationResult]:
    """See `baselining.baseline`."""
    return baselining.baseline(options, environ)


def why(options: Options, destination: str, key: str, environ: Mapping[str, str] = os.environ) -> RecordLife:
    """See `tracing.why`."""
    return tracing.why(options, environ, destination, key)


def generate(options: Options, what: str, model: str, environ: Mapping[str, str] = os.environ) -> Generated:
    """See `generating.generate`."""
    from roo_dbt.run import generating

    return generating.generate(options, environ, what, model)


def exposures(options: Options, file: Path | None = None, environ: Mapping[str, str] = os.environ) -> Edit:
    """See `exposing.exposures`."""
    from roo_dbt.run import exposing

    return exposing.exposures(options, environ, file)


def start(options: Options, what: str, model: str | None, environ: Mapping[str, str] = os.environ) -> Start:
    """See `starting.prepare`."""
    from roo_dbt.run import starting

    return starting.prepare(options, environ, what, model)


def fields(options: Options, app: str, environ: Mapping[str, str] = os.environ) -> tuple[KnownField, ...]:
    """See `tracing.fields`."""
    return tracing.fields(options, environ, app)


def _refuse_full_refresh(opened: Opened) -> None:
    """Events that arrived once must not arrive again.

    Raises:
        UsageProblem: `--full-refresh` for a destination whose records go once.
    """
    once = [d.name for d in opened.destinations if d.enabled and d.sync_mode is None]
    if opened.options.full_refresh and once:
        raise UsageProblem(
            f"--full-refresh would send every event of {', '.join(once)} a second time.",
            hint="Name the destinations that may be sent again with --destination.",
        )


def _sync_app(
    opened: Opened,
    app: App,
    name: str,
    progress: Progress,
    stop: threading.Event,
    halt: _Halt,
    crew: Crew,
) -> None:
    """The destinations of one app, one after the other, over one lane."""
    ended = crew.ended
    threads = opened.options.threads or opened.declarations.settings.threads
    with open_lane(
        app, app_name=name, stop=halt, progress=progress, threads=threads, watch=crew.watch
    ) as lane:
        crew.lane = lane
        for destination in crew.destinations:
            if halt.is_set():
                cause = Interrupted("interrupted before it began") if stop.is_set() else None
                ended.append((_left_out(destination, str(cause or "not started: --fail-fast")), cause))
                continue
            crew.current = Sync(opened, destination, app, lane, progress, opened.invocation.invocation_id)
            result, problem = crew.current.run()
            ended.append((result, problem))
            if opened.options.fail_fast and result.status != "success":
                halt.set()


def _left_out(destination: Destination, message: str) -> DestinationResult:
    return DestinationResult(
        destination=destination.name,
        unique_id=destination.model.unique_id,
        app=destination.app,
        object=destination.object,
        status="skipped",
        message=message,
    )


def _verdict(ended: Sequence[Ended], *, failed_fast: bool) -> tuple[ExitCode, str | None]:
    """The exit code of the whole run, and why it stopped midway if it did."""
    problems = [problem for _, problem in ended if problem is not None]
    if failed_fast:
        # Nobody interrupted it: the user asked to end at the first problem, and that is what counts.
        problems = [problem for problem in problems if not isinstance(problem, Interrupted)]
    stopped = next((problem for problem in problems if isinstance(problem, Stopped)), None)
    if stopped is not None:
        return ExitCode.STOPPED_MIDWAY, str(stopped)
    if all(
        result.status == "success" or result.tolerated or result.status == "skipped" for result, _ in ended
    ):
        return ExitCode.SUCCESS, None
    refused = any(isinstance(problem, AppRefused | CannotStart) for problem in problems)
    if refused and not any(_sent(result) for result, _ in ended):
        return ExitCode.COULD_NOT_START, None
    return ExitCode.FINISHED_WITH_PROBLEMS, None


def _sent(result: DestinationResult) -> bool:
    counts = result.counts
    return bool(counts.created + counts.updated + counts.deleted + counts.unknown)
