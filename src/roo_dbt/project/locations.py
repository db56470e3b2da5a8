"""Where the project, its profiles and its artifacts are: options first, then dbt's variables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from roo_dbt import variables
from roo_dbt.errors import ProjectProblem

PROJECT_FILE = "dbt_project.yml"
PROFILES_FILE = "profiles.yml"


@dataclass(frozen=True, slots=True)
class ProjectOptions:
    """The options of dbt's own that every command takes; None: not given.

    `vars` is the YAML or JSON text of `--vars`.
    """

    project_dir: str | Path | None = None
    profiles_dir: str | Path | None = None
    profile: str | None = None
    target: str | None = None
    target_path: str | Path | None = None
    vars: str | None = None


def with_environment(options: ProjectOptions, environment: Mapping[str, str]) -> ProjectOptions:
    """The options, those not given filled from dbt's environment variables (`--vars` has none)."""

    def variable(name: str) -> str | None:
        return variables.value(name, environment) or None

    return ProjectOptions(
        project_dir=options.project_dir or variable("PROJECT_DIR"),
        profiles_dir=options.profiles_dir or variable("PROFILES_DIR"),
        profile=options.profile or variable("PROFILE"),
        target=options.target or variable("TARGET"),
        target_path=options.target_path or variable("TARGET_PATH"),
        vars=options.vars,
    )


def find_project(given: str | Path | None, cwd: Path) -> Path:
    """The folder of `dbt_project.yml`: the one given, else the current folder or the nearest above it.

    Raises:
        ProjectProblem: there is no such file.
    """
    if given is not None:
        folder = (cwd / Path(given).expanduser()).resolve()
        if (folder / PROJECT_FILE).is_file():
            return folder
        raise ProjectProblem(
            f"there is no {PROJECT_FILE} in this folder.",
            where=str(folder),
            hint="Point --project-dir (or DBT_PROJECT_DIR) at the folder of your dbt project.",
        )
    for folder in (cwd, *cwd.parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise ProjectProblem(
        f"this is not a dbt project: there is no {PROJECT_FILE} here or in any folder above.",
        where=str(cwd),
        hint="Go to your dbt project and try again, or add --project-dir PATH.",
    )


def find_profiles(given: str | Path | None, cwd: Path, project: Path, home: Path) -> Path:
    """The path of `profiles.yml`.

    Like dbt the current folder first and `~/.dbt` last (dbt-core 1.11.16, dbt/cli/resolvers.py, read
    2026-11-22; 2.0.0a4 tried); between them the project's folder, for those who start us elsewhere.

    Raises:
        ProjectProblem: no such file; names the folders looked in.
    """
    folders = [cwd, project, home / ".dbt"] if given is None else [(cwd / Path(given).expanduser()).resolve()]
    for folder in folders:
        if (folder / PROFILES_FILE).is_file():
            return folder / PROFILES_FILE
    looked = ", ".join(dict.fromkeys(str(folder) for folder in folders))
    raise ProjectProblem(
        f"there is no {PROFILES_FILE}; looked in {looked}.",
        hint="Add --profiles-dir PATH, or set DBT_PROFILES_DIR.",
    )
