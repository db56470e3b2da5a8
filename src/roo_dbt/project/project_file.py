"""`dbt_project.yml`: the project's name, its profile, its target path, and `vars: roo:`.

Like dbt, vars are not rendered: `${NAME}` and Jinja in them stay text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from roo_dbt.errors import ProjectProblem, UsageProblem
from roo_dbt.project.locations import PROJECT_FILE
from roo_dbt.project.yaml_files import parse_yaml, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

KEY = "roo"
"""What our blocks are called, in vars and in meta."""


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """What roo-dbt needs of `dbt_project.yml`. `profile` and `target_path` are not rendered yet.

    `roo_vars` is the raw value of `vars: roo:` ({} when absent), `vars_path` its YAML path and
    `vars_file` where it was written: `dbt_project.yml` or `--vars`. `document` is the whole file.
    """

    name: str
    profile: Any
    target_path: Any
    roo_vars: Any
    vars_file: str
    vars_path: str
    packages_path: str
    document: Mapping[str, Any]


def parse_vars(text: str | None) -> dict[str, Any]:
    """The mapping that `--vars` gives.

    Raises:
        UsageProblem: the text is no YAML mapping.
    """
    if text is None:
        return {}
    try:
        return parse_yaml(text, where="--vars")
    except ProjectProblem as problem:
        raise UsageProblem(
            problem.message, where=problem.where, hint="Write it like this: --vars '{name: value}'."
        ) from problem


def read_project_file(folder: Path, variables: Mapping[str, Any]) -> ProjectFile:
    """Read `dbt_project.yml` in `folder`; `variables` are those of `--vars`, which win.

    Raises:
        ProjectProblem: the file is no YAML mapping, or has no `name`.
    """
    path = folder / PROJECT_FILE
    document = read_yaml(path)
    name = document.get("name")
    if not isinstance(name, str) or not name:
        raise ProjectProblem("the project has no `name`.", where=str(path))
    roo_vars, vars_file, vars_path = _roo_vars(document.get("vars"), name, variables)
    packages = document.get("packages-install-path")
    return ProjectFile(
        name=name,
        profile=document.get("profile"),
        target_path=document.get("target-path"),
        roo_vars=roo_vars,
        vars_file=vars_file,
        vars_path=vars_path,
        packages_path=packages if isinstance(packages, str) else "dbt_packages",
        document=document,
    )


def _roo_vars(own: Any, project: str, variables: Mapping[str, Any]) -> tuple[Any, str, str]:
    """The value, file and path, in dbt's order: `--vars`, the project's own vars, everybody's."""
    if KEY in variables:
        return variables[KEY], "--vars", KEY
    everybody = own if isinstance(own, dict) else {}
    scoped = everybody.get(project)
    if isinstance(scoped, dict) and KEY in scoped:
        return scoped[KEY], PROJECT_FILE, f"vars.{project}.{KEY}"
    return everybody.get(KEY, {}), PROJECT_FILE, f"vars.{KEY}"
