"""What a command does before it writes: apps connected, the target allowed, state tables made and reached."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from roo_dbt import state
from roo_dbt.config import target_allowed
from roo_dbt.destinations.protocol import App
from roo_dbt.errors import ConfigurationProblem, TargetRefused, WarehouseUnavailable
from roo_dbt.records import Destination, Problem
from roo_dbt.run.beating import beating
from roo_dbt.run.opening import Opened, read_declarations, with_warehouse
from roo_dbt.run.options import Options
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.statement import RefusedStatement


def connect_apps(opened: Opened) -> dict[str, App]:
    """The apps that will be contacted, with their keys, if this target may send to them.

    Raises:
        ConfigurationProblem: variables that are not set, of all apps at once.
        TargetRefused: the target may only plan.
    """
    names = list(dict.fromkeys(d.app for d in opened.destinations if d.enabled))
    apps: dict[str, App] = {}
    problems: list[Problem] = []
    for name in names:
        app, found = _try_connect(opened, name)
        apps |= {name: app} if app else {}
        problems += found
    if problems:
        raise ConfigurationProblem(problems)
    refuse_other_targets(opened, apps)
    return apps


def _try_connect(opened: Opened, name: str) -> tuple[App | None, tuple[Problem, ...]]:
    try:
        return opened.connect(name), ()
    except ConfigurationProblem as error:
        return None, error.problems


def refuse_other_targets(opened: Opened, apps: Mapping[str, App]) -> None:
    """Let nobody send, or change what was remembered of sending, from a target that may only plan.

    Raises:
        TargetRefused: the target may only plan.
    """
    settings, target = opened.declarations.settings, opened.invocation.target_name
    if not target_allowed(settings, apps, target):
        allowed = ", ".join(settings.targets or ())
        raise TargetRefused(
            f"the target {target} may not send; vars.roo.targets allows {allowed or 'none'}.",
            where=opened.project.vars_file,
            hint="Choose one with --target, or type roo-dbt plan, which works on every target.",
        )


def prepare_state(opened: Opened) -> None:
    """Make the state tables that are not there yet."""
    if not opened.destinations:
        return
    with opened.reached.session() as session:
        state.tables_exist(opened.reached, session, opened.database, opened.schema)
        try:
            state.create_tables(session, opened.layout)
        except RefusedStatement as error:
            raise WarehouseUnavailable(
                f"the state tables cannot be made in the schema {opened.schema}: {error.message}",
                hint=opened.reached.permission(opened.schema),
            ) from None


def open_state(options: Options, environ: Mapping[str, str], *, read_only: bool) -> Opened:
    """The project with its warehouse, for commands about the state alone: no model's table is looked at.

    Raises:
        CannotStart: whatever is wrong with the project or its declarations.
    """
    opened = read_declarations(options, environ, needs_profile=True)
    if opened.declarations.errors:
        raise ConfigurationProblem(opened.declarations.errors)
    reached = with_warehouse(replace(opened, destinations=()), read_only=read_only)
    return replace(reached, destinations=opened.destinations)


@contextmanager
def state_session(opened: Opened) -> Iterator[Session | None]:
    """A session in which the state tables exist; None before the first sync."""
    with opened.reached.session() as session:
        there = state.tables_exist(opened.reached, session, opened.database, opened.schema)
        yield session if there else None


@contextmanager
def locked(opened: Opened, session: Session, name: str) -> Iterator[None]:
    """Hold the lock of a destination, with what an interrupted run had confirmed folded in.

    Raises:
        Blocked: a live run has it.
    """
    run_id = opened.invocation.invocation_id
    state.lock(session, opened.layout, name, run_id)
    try:
        with beating(opened, name, run_id):
            state.recover(session, opened.reached.dialect, opened.layout, name, run_id)
        yield
    finally:
        state.unlock(session, opened.layout, name, run_id)


def key_as_kept(destination: Destination | None, key: str) -> str:
    """A key as the tables have it: a JSON array of several columns may be typed with blanks."""
    if destination is None or len(destination.key) == 1:
        return key
    try:
        parts = json.loads(key)
    except ValueError:
        return key
    return json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
