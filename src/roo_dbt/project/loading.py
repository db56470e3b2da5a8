"""One call that reads everything dbt has to say: the project, its profile and its manifest."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from roo_dbt.errors import ProjectProblem
from roo_dbt.project.locations import (
    PROJECT_FILE,
    ProjectOptions,
    find_profiles,
    find_project,
    with_environment,
)
from roo_dbt.project.manifest import Manifest, read_manifest
from roo_dbt.project.meta_origin import project_env_vars
from roo_dbt.project.models import env_var_problem
from roo_dbt.project.profile import Profile, read_profile
from roo_dbt.project.project_file import ProjectFile, parse_vars, read_project_file
from roo_dbt.project.rendering import Renderer
from roo_dbt.project.run_results import RunResults, read_run_results
from roo_dbt.project.selectors_file import Selectors, read_selectors
from roo_dbt.records import Problem


@dataclass(frozen=True, slots=True)
class Project:
    """A dbt project as its files describe it.

    `directory` and `target_path` are absolute. `roo_vars` is the raw value of `vars: roo:`, written
    at `vars_path` in `vars_file`. `profile` is None when it was not asked for. `problems` are those
    of the project's files, the manifest's included: warnings and errors. `selectors` are those of
    `selectors.yml`.
    """

    directory: Path
    target_path: Path
    name: str
    roo_vars: Any
    vars_file: str
    vars_path: str
    profile: Profile | None
    manifest: Manifest
    problems: tuple[Problem, ...] = ()
    selectors: Selectors = field(default_factory=Selectors)

    @property
    def results_file(self) -> Path:
        """Where dbt leaves its run results, whether it did or not."""
        return self.target_path / "run_results.json"

    def run_results(self, paths: tuple[Path, ...] = ()) -> RunResults:
        """What dbt's runs say: of these files, else of the target folder's, if it has one.

        Raises:
            ProjectProblem: a file is missing, broken or of an unknown version.
        """
        if not paths and self.results_file.is_file():
            paths = (self.results_file,)
        return read_run_results(paths, self.manifest, target=self.profile.target if self.profile else None)


def load_project(
    options: ProjectOptions | None = None,
    *,
    needs_profile: bool = True,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    home: Path | None = None,
) -> Project:
    """Read the project, and its profile if it is needed.

    Args:
        options: what the command line says; dbt's environment variables fill the rest.
        needs_profile: read `profiles.yml`, too; without it no warehouse can be reached.
        environment: instead of the process's.
        cwd: instead of the current folder.
        home: instead of the user's home folder.

    Raises:
        ProjectProblem: a file of dbt's that is missing, broken or of an unknown version.
        UsageProblem: `--vars` is no mapping.
    """
    environment = os.environ if environment is None else environment
    cwd = (cwd or Path.cwd()).resolve()
    options = with_environment(options or ProjectOptions(), environment)
    directory = find_project(options.project_dir, cwd)
    variables = parse_vars(options.vars)
    file = read_project_file(directory, variables)
    renderer = Renderer(environment, variables)
    profile = None
    if needs_profile or _asks_for_target(options, file):
        profiles = find_profiles(options.profiles_dir, cwd, directory, home or Path.home())
        name = options.profile or renderer.render(file.profile, where=f"{directory / PROJECT_FILE} profile")
        profile = read_profile(profiles, name, options.target, renderer, cwd=cwd, project=directory)
        renderer = replace(renderer, names={"target": profile.target_names()})
    target_path = _target_path(options, file, renderer, directory)
    manifest = read_manifest(target_path / "manifest.json", directory, packages_path=file.packages_path)
    problems = [env_var_problem(path, PROJECT_FILE) for path in project_env_vars(file.document)]
    if profile is not None:
        problems += _agreement(profile, manifest)
    return Project(
        directory=directory,
        target_path=target_path,
        name=file.name,
        roo_vars=file.roo_vars,
        vars_file=file.vars_file,
        vars_path=file.vars_path,
        profile=profile if needs_profile else None,
        manifest=manifest,
        problems=(*problems, *manifest.problems),
        selectors=read_selectors(directory, renderer),
    )


def _asks_for_target(options: ProjectOptions, file: ProjectFile) -> bool:
    return options.target_path is None and "target" in str(file.target_path or "").partition("{{")[2]


def _target_path(options: ProjectOptions, file: ProjectFile, renderer: Renderer, directory: Path) -> Path:
    path = options.target_path
    if path is None:
        path = renderer.render(file.target_path, where=f"{directory / PROJECT_FILE} target-path")
    return (directory / str(path or "target")).resolve()


def _agreement(profile: Profile, manifest: Manifest) -> list[Problem]:
    """Whether manifest and profile fit. A manifest does not name the target that it was made for.

    Raises:
        ProjectProblem: they are of two kinds of warehouse.
    """
    if manifest.adapter_type and manifest.adapter_type != profile.type:
        raise ProjectProblem(
            f"the manifest is for {manifest.adapter_type}, the target `{profile.target}` is {profile.type}.",
            where=str(manifest.path),
            hint=f"Run `dbt parse --target {profile.target}`.",
        )
    schemas = {
        model.relation.schema.lower()
        for model in manifest.models
        if model.package == manifest.project_name and not model.config.get("schema")
    }
    if not profile.schema or not schemas or profile.schema.lower() in schemas:
        return []
    return [
        Problem(
            id="manifest-of-another-target",
            message=f"no model lies in the schema of the target {profile.target}; if the manifest is of "
            f"another target, run `dbt parse --target {profile.target}`",
            file=manifest.path.name,
            value=", ".join(sorted(schemas)),
            nearest=profile.schema,
            severity="warning",
        )
    ]
