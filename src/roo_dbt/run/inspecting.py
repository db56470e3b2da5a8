"""What commands read without sending: declarations, history, failures, and whether the apps answer."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

from roo_dbt import state
from roo_dbt.config import Settings
from roo_dbt.destinations.protocol import App
from roo_dbt.errors import CannotStart, ConfigurationProblem, RooError
from roo_dbt.export import Lane, open_lane
from roo_dbt.records import Destination, Finding, Problem, RunRecord, Unaccepted
from roo_dbt.records.history import History
from roo_dbt.report.progress import SilentProgress
from roo_dbt.run.offered import app_choices, option_choices, undefined
from roo_dbt.run.opening import Opened, open_project, read_declarations, with_warehouse
from roo_dbt.run.options import Options
from roo_dbt.run.preparing import open_state, state_session
from roo_dbt.state.moving import gone_snapshots
from roo_dbt.warehouse.engines import engine_of


@dataclass(frozen=True, slots=True)
class Declared:
    """What the project declares, with everything that is wrong with it."""

    destinations: tuple[Destination, ...]
    problems: tuple[Problem, ...]
    settings: Settings
    target: str | None


def declared(options: Options, environ: Mapping[str, str], *, offline: bool) -> Declared:
    """The destinations and their problems; `offline` looks at no warehouse."""
    opened = read_declarations(options, environ, needs_profile=not offline)
    if not offline:
        opened = _with_tables(opened)
    profile = opened.project.profile
    return Declared(
        opened.destinations,
        (*opened.declarations.problems, *opened.warnings),
        opened.declarations.settings,
        profile.target if profile else None,
    )


def _with_tables(opened: Opened) -> Opened:
    """With what the tables object to, too; where there are mistakes already, a lost warehouse is one more."""
    try:
        return with_warehouse(opened, read_only=True)
    except CannotStart as problem:
        if not opened.declarations.errors:
            raise
        unseen = Problem(
            "tables-not-checked", f"the tables were not looked at: {problem}", severity="warning"
        )
        return replace(opened, warnings=(*opened.warnings, unseen))


def check(options: Options, environ: Mapping[str, str]) -> list[Finding]:
    """Whether the warehouse and every app that the destinations need can be used."""
    opened = open_project(options, environ, read_only=True)
    tables = len({destination.model.unique_id for destination in opened.destinations})
    said = (
        f"{opened.source.database} answers; {tables} table{'s' if tables != 1 else ''} of destinations found"
    )
    profile = opened.project.profile
    engine = engine_of(profile.type, profile.credentials) if profile else None
    if engine is not None:
        said += f" ({engine.title}: {engine.tested})"
    findings = [Finding("warehouse", ok=True, message=said), *_check_state(opened)]
    wanted: dict[str, list[Destination]] = {}
    for destination in opened.destinations:
        if destination.enabled:
            wanted.setdefault(destination.app, []).append(destination)
    for name, destinations in wanted.items():
        findings += _check_app(opened, name, destinations)
    return findings


def _check_state(opened: Opened) -> list[Finding]:
    """Where the state is, if it is in a file: whether that can be opened."""
    if opened.state_file is None:
        return []
    with state_session(opened) as session:
        said = "there was no sync yet" if session is None else f"it has the schema {opened.schema}"
    return [Finding("state file", ok=True, message=f"{opened.state_file.path} can be used; {said}")]


def _check_app(opened: Opened, name: str, destinations: list[Destination]) -> list[Finding]:
    """Whether the app answers and the key suffices, and what its fields say about the mapped columns."""
    try:
        app = opened.connect(name)
        with open_lane(
            app, app_name=name, stop=threading.Event(), progress=SilentProgress(), threads=1
        ) as lane:
            with lane.watch.inside("check"):
                findings = list(app.check_for(lane.send, destinations))
            if all(finding.ok for finding in findings):
                with lane.watch.inside("choices"):
                    findings += app_choices(app, lane.send)
                findings += _check_fields(opened, app, lane, destinations)
    except RooError as error:
        return [Finding(name, ok=False, message=_in_one_line(error))]
    return [Finding(f"{name}: {finding.subject}", finding.ok, finding.message) for finding in findings]


def _in_one_line(error: RooError) -> str:
    if isinstance(error, ConfigurationProblem):
        return "; ".join(str(problem) for problem in error.problems)
    return str(error)


def _check_fields(opened: Opened, app: App, lane: Lane, destinations: list[Destination]) -> list[Finding]:
    """Mapped columns that do not agree with the fields the workspace has, as warnings that stop nobody."""
    try:
        with lane.watch.inside("fields"):
            known = app.fields(lane.send)
    except RooError as error:
        return [Finding("fields", ok=True, message=f"not compared: {error.message}")]
    findings = []
    for destination in destinations:
        obj = opened.object(destination, app)
        with lane.watch.inside("choices"):
            findings += option_choices(obj, lane.send)
        with lane.watch.inside("check_fields"):
            problems = list(obj.check_fields(opened.mapped(destination), known))
        strange = undefined(obj, known)
        if strange:
            said = f"the workspace has no field {', '.join(strange)}"
            findings.append(Finding(f"fields of {destination.name}", ok=False, message=said))
        for problem in problems:
            said = f"{problem.value or problem.path}: {problem.message}"
            findings.append(Finding(f"fields of {destination.name}", ok=True, message=said))
    return findings


def status(options: Options, environ: Mapping[str, str], *, limit: int) -> History:
    """The last runs of the selected destinations, and the snapshots whose destination is gone."""
    opened = open_state(options, environ, read_only=True)
    names = [destination.name for destination in opened.destinations]
    is_selection = options.is_selection or opened.project.selectors.default is not None
    with state_session(opened) as session:
        if session is None:
            return History(())
        runs = state.runs(session, opened.layout, limit=limit, destinations=names if is_selection else None)
        declared = [destination.name for destination in opened.declarations.destinations]
        return History(tuple(runs), tuple(gone_snapshots(session, opened.layout, declared)))


def failures(options: Options, environ: Mapping[str, str]) -> list[Unaccepted]:
    """Records that no vendor has accepted, of the selected destinations."""
    opened = open_state(options, environ, read_only=True)
    names = {destination.name for destination in opened.destinations}
    with state_session(opened) as session:
        if session is None:
            return []
        return [row for row in state.failures(session, opened.layout) if row.destination in names]


def last_runs(options: Options, environ: Mapping[str, str]) -> list[RunRecord]:
    """The last run of each of the selected destinations that ever ran."""
    opened = open_state(options, environ, read_only=True)
    with state_session(opened) as session:
        if session is None:
            return []
        names = [destination.name for destination in opened.destinations]
        found = [state.runs(session, opened.layout, limit=1, destinations=[name]) for name in names]
        return [run for runs in found for run in runs]
