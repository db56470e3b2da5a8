"""The first lines of roo-dbt in a dbt project: `vars: roo:`, and a model's first block."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roo_dbt.config.describing import describe_settings
from roo_dbt.destinations.protocol import App
from roo_dbt.errors import ProjectProblem, UsageProblem
from roo_dbt.project import ProjectOptions, load_project
from roo_dbt.project.edits import Edit, read_text
from roo_dbt.project.insertion import new_file, with_meta, with_vars
from roo_dbt.project.locations import PROJECT_FILE, find_project, with_environment
from roo_dbt.project.project_file import parse_vars, read_project_file
from roo_dbt.report.generated import indented, roo_yaml, scalar
from roo_dbt.run.generating import SECTIONS, Generated, first_settings, generate, read_kind
from roo_dbt.run.options import Options

_VARIABLE = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Start:
    """What `init` would change, and `unset`: the variables without a default that the app needs."""

    edits: tuple[Edit, ...]
    app: str
    unset: tuple[str, ...]
    generated: Generated | None = None


def prepare(options: Options, environ: Mapping[str, str], what: str, model: str | None) -> Start:
    """Work out the edits; nothing is written.

    Args:
        options: where the project is.
        environ: where the profile's variables are looked up.
        what: TYPE or TYPE:OBJECT.
        model: that gets a first block; None: the app alone.

    Raises:
        UsageProblem: the project has such a block already, or there is no such object or model.
        ProjectProblem: the files cannot be read, or have no place for the block.
    """
    kind, _ = read_kind(what)
    folder = _project_folder(options, environ)
    file = read_project_file(folder, parse_vars(options.vars))
    if file.roo_vars:
        raise _started_already(file.roo_vars, file.vars_file, file.vars_path)
    made = generate(options, environ, what, model) if model else None
    if made is not None and made.is_item:
        raise UsageProblem(
            f"{made.model.name} declares destinations already, in {made.model.file}.",
            hint=f"Type roo-dbt init {kind.type} to add the app alone.",
        )
    path = folder / PROJECT_FILE
    before = read_text(path)
    block = _vars_block(kind, _target(options, environ))
    edits = [Edit(path, PROJECT_FILE, before, with_vars(before, block, where=str(path)))]
    if made is not None:
        edits.append(_model_edit(folder, made))
    variables = [match for value in first_settings(kind).values() for match in _VARIABLE.findall(value)]
    unset = tuple(name for name in variables if not environ.get(name))
    return Start(tuple(edits), kind.type, unset, made)


def _project_folder(options: Options, environ: Mapping[str, str]) -> Path:
    located = with_environment(ProjectOptions(project_dir=options.project_dir), environ)
    return find_project(located.project_dir, Path.cwd())


def _started_already(declared: Any, file: str, path: str) -> UsageProblem:
    apps = declared.get("apps") if isinstance(declared, dict) else None
    names = f", with {', '.join(map(str, apps))}" if isinstance(apps, dict) and apps else ""
    return UsageProblem(
        f"the project has a block `{path}` already{names}.",
        where=file,
        hint="roo-dbt generate TYPE MODEL prints a block for one more model.",
    )


def _target(options: Options, environ: Mapping[str, str]) -> str:
    """The dbt target that this person works with; `dev` when the profile cannot be read."""
    try:
        project = load_project(
            ProjectOptions(
                options.project_dir,
                options.profiles_dir,
                options.profile,
                options.target,
                options.target_path,
            ),
            environment=environ,
        )
    except ProjectProblem:
        return options.target or "dev"
    return project.profile.target if project.profile else "dev"


def _vars_block(kind: type[App], target: str) -> list[str]:
    choices = {setting.name: setting.type for setting in describe_settings(kind) if " | " in setting.type}
    lines = [f"type: {kind.type}"]
    for name, value in first_settings(kind).items():
        note = choices.get(name, "")
        if ":-http://127." in value:
            note = "the sandbox, unless the environment says otherwise"
        lines.append(f"{name}: {scalar(value)}{f' # {note}' if note else ''}")
    targets = f"targets: [{scalar(target)}] # dbt targets that may send; the others can only plan"
    return ["roo:", *indented(["apps:", *indented([f"{kind.type}:", *indented(lines)]), targets])]


def _model_edit(folder: Path, made: Generated) -> Edit:
    model = made.model
    if model.file.startswith(".."):
        raise UsageProblem(f"{model.name} is not a model of this project.")
    section = SECTIONS[model.resource_type]
    if model.file.endswith((".yml", ".yaml")):
        path = folder / model.file
        if not path.is_file():
            raise ProjectProblem(
                "the manifest names a file that is gone.", where=str(path), hint="Run dbt parse."
            )
        before = read_text(path)
        after = with_meta(before, section, model.name, roo_yaml(made.block), where=str(path))
        return Edit(path, model.file, before, after)
    path = _free_file(folder / model.path, model.name)
    name = path.relative_to(folder).as_posix()
    return Edit(path, name, None, new_file(made.lines))


def _free_file(sql: Path, name: str) -> Path:
    """A file beside the model that nobody has yet."""
    for candidate in (f"{name}.yml", f"_{name}__roo.yml"):
        if not (sql.parent / candidate).exists():
            return sql.parent / candidate
    raise ProjectProblem(
        f"{name}.yml is there, and dbt has not read it for {name}.",
        where=str(sql.parent),
        hint="Run dbt parse.",
    )
