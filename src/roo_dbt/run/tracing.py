"""The life of one record, and the fields that a workspace knows."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

from roo_dbt.destinations.protocol import KnownField
from roo_dbt.errors import ConfigurationProblem, UsageProblem, nearest
from roo_dbt.export import open_lane
from roo_dbt.records import Destination
from roo_dbt.records.history import RecordLife
from roo_dbt.report.progress import SilentProgress
from roo_dbt.run.opening import Opened, read_declarations, with_warehouse
from roo_dbt.run.options import Options
from roo_dbt.run.preparing import key_as_kept, state_session
from roo_dbt.state import Known, failures, known
from roo_dbt.state.life import happenings, standing
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.dialect import key_text
from roo_dbt.warehouse.statement import RefusedStatement


def why(options: Options, environ: Mapping[str, str], name: str, key: str) -> RecordLife:
    """What was sent of a record and what became of it, as far as the state tables remember.

    Args:
        options: where the project is.
        environ: where `${NAME}` is looked up.
        name: of a destination, declared or gone.
        key: of the record, as `failures` shows it.

    Raises:
        UsageProblem: there is no such destination, or nothing is known of the record.
    """
    opened = read_declarations(options, environ, needs_profile=True)
    if opened.declarations.errors:
        raise ConfigurationProblem(opened.declarations.errors)
    declared = [d for d in opened.declarations.destinations if d.name == name]
    opened = with_warehouse(replace(opened, destinations=tuple(declared)), read_only=True)
    destination = opened.destinations[0] if declared else None
    with state_session(opened) as session:
        recorded = known(session, opened.layout) if session else {}
        if destination is None and name not in recorded:
            raise _no_such_destination(opened, name, recorded)
        life = RecordLife(name, key_as_kept(destination, key), "absent", None, None, None, False, ())
        if session is not None:
            life = _remembered(opened, session, recorded.get(name), life)
    if destination is not None:
        with opened.source.session() as session:
            life = replace(life, in_model=_in_model(opened, session, destination, life.key))
    if not (life.happenings or life.waiting or life.in_model) and life.standing == "absent":
        raise UsageProblem(
            f"nothing is known of a record {key} of {name}, and its model has no such row.",
            hint="Type the key as roo-dbt failures shows it; several columns are a JSON array.",
        )
    return life


def _no_such_destination(opened: Opened, name: str, recorded: Mapping[str, Known]) -> UsageProblem:
    names = [*(destination.name for destination in opened.declarations.destinations), *recorded]
    close = nearest(name, names)
    hint = f"Did you mean {close}?" if close else "Type roo-dbt list to see them all."
    return UsageProblem(f"no destination is named {name}.", hint=hint)


def _remembered(opened: Opened, session: Session, recorded: Known | None, life: RecordLife) -> RecordLife:
    layout = opened.layout
    where, since = standing(session, opened.reached.dialect, layout, recorded, life.key)
    waiting = failures(session, layout, destination=life.destination)
    return replace(
        life,
        standing=where,
        synced_at=since,
        waiting=next((row for row in waiting if row.key == life.key), None),
        interrupted=recorded is not None and recorded.pending_run is not None,
        happenings=tuple(happenings(session, layout, life.destination, life.key)),
    )


def _in_model(opened: Opened, session: Session, destination: Destination, key: str) -> bool | None:
    """Whether the model has the record now; None when its table cannot answer."""
    columns = opened.columns[destination.name]
    if not all(name in columns for name in destination.key):
        return None
    dialect = opened.source.dialect
    keys = [(dialect.quote(name), columns[name].type) for name in destination.key]
    # No parameter: a question mark may be an operator of the `where`.
    conditions = [f"{key_text(dialect, keys)} = {dialect.literal(key)}"]
    conditions += [f"({one}\n)" for one in (destination.where, destination.model.current_rows) if one]
    table = destination.model.relation.quoted
    try:
        return bool(session.one(f"SELECT count(*) FROM {table} WHERE {' AND '.join(conditions)}"))
    except RefusedStatement:
        return None


def fields(options: Options, environ: Mapping[str, str], app_name: str) -> tuple[KnownField, ...]:
    """The fields that an app's workspace knows now, by name. Needs the app's key and no warehouse.

    Raises:
        UsageProblem: the project has no such app. AppRefused: its key may not ask.
        Stopped: the vendor does not answer.
    """
    opened = read_declarations(options, environ, needs_profile=False)
    declared = opened.declarations.settings.apps
    if app_name not in declared:
        close = nearest(app_name, declared)
        known_apps = ", ".join(declared) or "none"
        raise UsageProblem(
            f"vars.roo.apps has no app named {app_name}.",
            hint=f"Did you mean {close}?" if close else f"It has {known_apps}.",
        )
    app = opened.connect(app_name)
    silent = SilentProgress()
    with (
        open_lane(app, app_name=app_name, stop=threading.Event(), progress=silent, threads=1) as lane,
        lane.watch.inside("fields"),
    ):
        return tuple(sorted(app.fields(lane.send), key=lambda field: field.name))
