"""The exposures that the project should have, beside those that it has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from roo_dbt.destinations import app_type
from roo_dbt.errors import ConfigurationProblem, UsageProblem
from roo_dbt.project.edits import Edit, read_text
from roo_dbt.project.project_file import read_project_file
from roo_dbt.records import AppDeclaration, Destination
from roo_dbt.report.exposed import ExposedApp, exposures_yaml
from roo_dbt.run.opening import Opened, read_declarations
from roo_dbt.run.options import Options

FILE = "roo_exposures.yml"


def exposures(options: Options, environ: Mapping[str, str], file: Path | None) -> Edit:
    """What the file of exposures holds, and what it should hold; nothing is written.

    Args:
        options: where the project is.
        environ: where `${NAME}` is looked up; nothing of it gets into the file.
        file: relative to the project; None: `roo_exposures.yml` among the models.

    Raises:
        ConfigurationProblem: the declarations have errors.
        UsageProblem: the project has another exposure of the name of an app.
    """
    opened = read_declarations(options, environ, needs_profile=False)
    if opened.declarations.errors:
        raise ConfigurationProblem(opened.declarations.errors)
    project = opened.project
    name = file or Path(_model_path(opened)) / FILE
    path = project.directory / name
    apps = _apps(opened)
    _refuse_taken(opened, [app.name for app in apps], path)
    nodes = project.manifest.graph.nodes
    versions = {one: node.version for one, node in nodes.items() if node.version is not None}
    owner = opened.declarations.settings.owner or project.name
    before = read_text(path) if path.is_file() else None
    return Edit(path, Path(name).as_posix(), before, exposures_yaml(apps, owner, project.name, versions))


def _model_path(opened: Opened) -> str:
    document = read_project_file(opened.project.directory, {}).document
    paths = document.get("model-paths")
    return str(paths[0]) if isinstance(paths, list) and paths else "models"


def _apps(opened: Opened) -> list[ExposedApp]:
    """The apps that get something; what is switched off goes nowhere."""
    by_app: dict[str, list[Destination]] = {}
    for destination in sorted(opened.declarations.destinations, key=lambda d: d.name):
        if destination.enabled:
            by_app.setdefault(destination.app, []).append(destination)
    declared = opened.declarations.settings.apps
    return [_exposed(declared[name], by_app[name]) for name in sorted(by_app)]


def _exposed(app: AppDeclaration, destinations: list[Destination]) -> ExposedApp:
    kind = app_type(app.type)
    # A variable has another value on every machine, and the file must be the same on all of them.
    written = {
        name: value for name, value in app.options.items() if isinstance(value, str) and "${" not in value
    }
    return ExposedApp(app.name, kind.title, kind.website(written), destinations)


def _refuse_taken(opened: Opened, names: list[str], path: Path) -> None:
    for node in opened.project.manifest.graph.nodes.values():
        own = node.package == opened.project.name and (opened.project.directory / node.file) == path
        if node.resource_type == "exposure" and node.name in names and not own:
            raise UsageProblem(
                f"the project has an exposure named {node.name} already, and dbt takes no second one.",
                where=node.file,
                hint="Rename it, or the app.",
            )
