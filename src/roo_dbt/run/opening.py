"""Everything a command needs before it can look at data: files read, declarations checked, tables found."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from roo_dbt import __version__
from roo_dbt.config import Declarations, connect, declare, resolve
from roo_dbt.destinations.protocol import App, Identifier, Object
from roo_dbt.destinations.supervision import Asked
from roo_dbt.errors import ConfigurationProblem, UsageProblem
from roo_dbt.project import Project, ProjectOptions, load_project
from roo_dbt.records import Column, Destination, FailedTest, Invocation, Problem
from roo_dbt.run.choosing import selected
from roo_dbt.run.options import Options
from roo_dbt.state.tables import layout_of
from roo_dbt.warehouse import Layout, Session, Warehouse, open_state_file, open_warehouse
from roo_dbt.warehouse.statement import RefusedStatement

if TYPE_CHECKING:
    from roo_dbt.project.profile import Profile
    from roo_dbt.warehouse.state_file import StateFile


@dataclass(frozen=True)
class Opened:
    """A project whose declarations hold, with the destinations that the command is about.

    `destinations` are in the order in which they run. `columns` maps a destination to the columns of
    its model. `blocked` says why dbt's run results forbid a model, `failed_tests` which tests do where
    only tests do. `warehouse` is None where none was needed, `state_file` where the state is
    beside the models.
    `began` is when the command did, on the monotonic clock.
    """

    options: Options
    project: Project
    declarations: Declarations
    destinations: tuple[Destination, ...]
    invocation: Invocation
    environ: Mapping[str, str] = field(repr=False)
    blocked: Mapping[str, str] = field(default_factory=dict)
    failed_tests: Mapping[str, tuple[FailedTest, ...]] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()
    columns: Mapping[str, Mapping[str, Column]] = field(default_factory=dict)
    warehouse: Warehouse | None = None
    state_file: StateFile | None = None
    database: str = ""
    schema: str = ""
    began: float = field(default_factory=time.monotonic)

    @property
    def source(self) -> Warehouse:
        """The warehouse of the models, of a command that needs one."""
        if self.warehouse is None:
            raise UsageProblem("this needs the warehouse.")
        return self.warehouse

    @property
    def reached(self) -> Warehouse:
        """Where the state is and records are compared: the warehouse of the models, or the state file."""
        return self.state_file or self.source

    @property
    def is_state_elsewhere(self) -> bool:
        """The models are read from their warehouse, and nothing is written to it."""
        return self.state_file is not None

    @property
    def layout(self) -> Layout:
        """Where the state tables are."""
        return layout_of(self.reached, self.database, self.schema)

    def app(self, destination: Destination) -> App:
        """The app of a destination, good for describing; it may lack its secrets."""
        return self.declarations.apps[destination.app]

    def connect(self, name: str) -> App:
        """An app with its secrets, ready to send.

        Raises:
            ConfigurationProblem: its settings are wrong, or its variables are not set.
        """
        declaration = self.declarations.settings.apps[name]
        place = {"vars_file": self.project.vars_file, "vars_path": self.project.vars_path}
        return connect(declaration, self.environ, **place)

    def object_class(self, destination: Destination) -> type[Object]:
        """What the destination's rows become."""
        return type(self.app(destination)).objects[destination.object]

    def mapped(self, destination: Destination) -> dict[str, Column]:
        """The columns that are mapped, by their fields."""
        columns = self.columns[destination.name]
        return {line.field: columns[line.column] for line in destination.mapping if line.column is not None}

    def object(self, destination: Destination, app: App) -> Object:
        """The vendor's side of a destination, with the types of the mapped columns.

        Args:
            destination: with its columns resolved.
            app: its app; it may lack its secrets where nothing is asked.
        """
        with Asked(type(app).type, "its constructor"):
            return self.object_class(destination)(app, destination, columns=self.mapped(destination))

    def identifier(self, destination: Destination) -> Identifier:
        """The identifier that the destination uses, with its normalisation."""
        offered = self.object_class(destination).identifiers(self.app(destination))
        chosen = (each for each in offered if each.fields == destination.identifier)
        return next(chosen, Identifier(destination.identifier))


def open_project(
    options: Options,
    environ: Mapping[str, str],
    *,
    read_only: bool,
    needs_warehouse: bool = True,
    held: ExitStack | None = None,
) -> Opened:
    """Read and check everything, the warehouse's tables included.

    Args:
        options: where the project is, and what of it is wanted.
        environ: where `${NAME}` is looked up.
        read_only: nothing will be written to the warehouse.
        needs_warehouse: False leaves the warehouse alone.
        held: keeps the warehouse open until it is closed; for callers that go on with it at once.

    Raises:
        CannotStart: whatever is wrong; ConfigurationProblem carries every problem at once.
    """
    opened = read_declarations(options, environ, needs_profile=needs_warehouse)
    if needs_warehouse:
        opened = with_warehouse(opened, read_only=read_only, held=held)
    errors = [*opened.declarations.errors, *(p for p in opened.warnings if p.severity == "error")]
    if errors:
        raise ConfigurationProblem(list(dict.fromkeys(errors)))
    # No errors are left, so these are warnings, and who only plans and syncs should see them, too.
    return replace(opened, warnings=(*opened.declarations.problems, *opened.warnings))


def read_declarations(options: Options, environ: Mapping[str, str], *, needs_profile: bool) -> Opened:
    """The project and its declarations, problems and all; nothing of the warehouse is looked at."""
    project = load_project(
        ProjectOptions(
            options.project_dir,
            options.profiles_dir,
            options.profile,
            options.target,
            options.target_path,
            options.vars,
        ),
        needs_profile=needs_profile,
        environment=environ,
    )
    results = project.run_results()
    declarations = declare(
        project.manifest.models,
        project.roo_vars,
        vars_file=project.vars_file,
        vars_path=project.vars_path,
        environ=environ,
    )
    destinations, warnings = selected(options, project, declarations)
    return Opened(
        options,
        project,
        declarations,
        destinations,
        _invocation(project),
        environ,
        blocked=results.blocked,
        failed_tests=results.failed_tests,
        warnings=(*project.problems, *results.problems, *warnings),
    )


def _invocation(project: Project) -> Invocation:
    target = project.profile.target if project.profile else ""
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Invocation(str(uuid.uuid4()), target, now, __version__)


def with_warehouse(opened: Opened, *, read_only: bool, held: ExitStack | None = None) -> Opened:
    """The project with its warehouse, and the destinations in terms of its tables.

    `held` is as in `open_project`.
    """
    opened = _with_places(opened, read_only=read_only)
    if opened.is_state_elsewhere and not opened.destinations:
        return opened
    problems: list[Problem] = []
    destinations, columns = [], {}
    with ExitStack() if held is None else nullcontext(held) as stack:
        session = stack.enter_context(opened.source.session())
        for destination in opened.destinations:
            resolved, columns[destination.name], found = in_terms_of_its_table(opened, session, destination)
            problems += found
            destinations.append(resolved)
    return replace(
        opened,
        destinations=tuple(destinations),
        columns=columns,
        warnings=(*opened.warnings, *problems),
    )


def _with_places(opened: Opened, *, read_only: bool) -> Opened:
    """The project with where its models and its state are; nothing is opened yet."""
    profile = opened.project.profile
    if profile is None:
        raise UsageProblem("this needs the profile's warehouse.")
    settings, options = opened.declarations.settings, opened.options
    state_file = _state_file(opened, profile, read_only=read_only)
    warehouse = open_warehouse(
        profile.type,
        profile.credentials,
        lock_wait_seconds=settings.lock_wait_seconds,
        read_only=read_only,
        untouched=state_file is not None,
    )
    default = (state_file or warehouse).database
    return replace(
        opened,
        warehouse=warehouse,
        state_file=state_file,
        database=options.state_database or settings.state_database or default,
        schema=options.state_schema or settings.state_schema or f"{profile.schema or 'main'}_roo",
    )


def _state_file(opened: Opened, profile: Profile, *, read_only: bool) -> StateFile | None:
    """The file that the project wants its state in, if it does.

    Raises:
        UsageProblem: it is the warehouse's own, or a database is named, too.
        WarehouseUnavailable: no file can be there.
    """
    settings = opened.declarations.settings
    if settings.state_path is None:
        return None
    if opened.options.state_database:
        raise UsageProblem(
            "the state is in a file of its own (vars.roo.state.path), which is one database.",
            hint="Leave out --state-database; --state-schema may name another schema in it.",
        )
    path = (opened.project.directory / Path(settings.state_path).expanduser()).resolve()
    if profile.type == "duckdb" and Path(str(profile.credentials.get("path"))).resolve() == path:
        raise UsageProblem(
            f"the state file {path} is the warehouse itself.",
            hint="Name another file in vars.roo.state.path, or leave it out to keep the state there.",
        )
    return open_state_file(path, lock_wait_seconds=settings.lock_wait_seconds, read_only=read_only)


def in_terms_of_its_table(
    opened: Opened, session: Session, destination: Destination
) -> tuple[Destination, dict[str, Column], list[Problem]]:
    """The destination with the columns as its table has them, all columns there, and what objects to it."""
    warehouse, model = opened.source, destination.model
    columns = warehouse.columns(session, model.relation)
    by_name = {column.name: column for column in columns or ()}
    if destination.app not in opened.declarations.apps:
        return destination, by_name, []
    if columns is None:
        problem = Problem(
            "missing-table",
            f"the table {model.relation.quoted} does not exist; type dbt build --select {model.name}",
            model.file,
            model.name,
        )
        return destination, by_name, [problem]
    resolved, problems = resolve(
        destination,
        columns,
        obj_class=opened.object_class(destination),
        app=opened.app(destination),
        sendable=lambda column: warehouse.dialect.sendable(column.type),
    )
    return resolved, by_name, [*problems, *_objections_to_where(session, resolved)]


_APART = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|/\*.*?\*/|(?P<dollar>\$\w*\$)""", re.DOTALL)
"""What is no code in a condition: text, names, comments, from left to right, so that none hides in another.

Postgres and DuckDB know text between dollar signs as well, which could hide any of them.
"""


def _objections_to_where(session: Session, destination: Destination) -> list[Problem]:
    """`where` is the only SQL that users write: one condition, which the engine must understand."""
    where = destination.where
    if where is None:
        return []
    path = f"{destination.path}.where"
    if any(piece["dollar"] for piece in _APART.finditer(where)):
        return [_where_problem(destination, path, "write text in single quotes, not between dollar signs")]
    said = _APART.sub("", where)
    if ";" in said:
        return [_where_problem(destination, path, "is one condition; leave out the semicolon")]
    if not _is_balanced(said):
        return [_where_problem(destination, path, "its parentheses do not match")]
    relation = destination.model.relation
    try:
        session.run(f"SELECT 1 FROM {relation.quoted} WHERE (({where}\n)) LIMIT 0")
        named = session.dialect.quote(relation.identifier)
        session.probe(f"SELECT 1 FROM (SELECT * FROM {relation.quoted} LIMIT 1) {named} WHERE (({where}\n))")
    except RefusedStatement as error:
        return [_where_problem(destination, path, f"the warehouse refuses it: {error.message}")]
    return []


def _is_balanced(text: str) -> bool:
    """Whether every parenthesis closes one that was opened before, so that no condition escapes its own."""
    depth = 0
    for character in text:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0


def _where_problem(destination: Destination, path: str, message: str) -> Problem:
    return Problem("where-refused", message, destination.model.file, destination.model.name, path)
