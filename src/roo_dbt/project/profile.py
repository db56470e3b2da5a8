"""`profiles.yml`: the chosen target of the chosen profile, rendered. The others are left alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from roo_dbt.errors import ProjectProblem
from roo_dbt.project.credentials import normalised
from roo_dbt.project.yaml_files import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from roo_dbt.project.rendering import Renderer


@dataclass(frozen=True, slots=True)
class Profile:
    """How to reach the warehouse. `credentials` holds secrets and is never shown.

    `type` is the adapter (`duckdb`, `postgres` …). Credentials have one name each: `database`,
    `schema`, `password` …, whatever alias the file uses; a DuckDB `path` is absolute.
    """

    name: str
    target: str
    type: str
    credentials: Mapping[str, Any] = field(repr=False)
    threads: int = 1

    @property
    def database(self) -> str | None:
        """The database of the target, if the profile says it."""
        return _text(self.credentials.get("database"))

    @property
    def schema(self) -> str | None:
        """The schema of the target, if the profile says it."""
        return _text(self.credentials.get("schema"))

    def target_names(self) -> dict[str, Any]:
        """What `target` holds in Jinja, credentials left out."""
        return {
            "name": self.target,
            "target_name": self.target,
            "profile_name": self.name,
            "type": self.type,
            "database": self.database,
            "schema": self.schema,
            "threads": self.threads,
        }


def read_profile(
    path: Path, name: Any, target: str | None, renderer: Renderer, *, cwd: Path, project: Path
) -> Profile:
    """Read one target of `profiles.yml`.

    Args:
        path: the file.
        name: the profile; None when neither the project nor an option names one.
        target: the target asked for; None: the profile's own choice, else `default`.
        renderer: for the Jinja of the file.
        cwd: the folder that a relative DuckDB path starts from.
        project: the project's folder.

    Raises:
        ProjectProblem: an unknown profile or target, broken YAML or Jinja, an unset variable.
    """
    if not isinstance(name, str) or not name:
        raise ProjectProblem(
            "the project names no profile.", hint="Add `profile: NAME` to dbt_project.yml, or --profile NAME."
        )
    profiles = {key: value for key, value in read_yaml(path).items() if key != "config"}
    where = str(path)
    profile = _mapping(_chosen(profiles, name, "profile", where), f"the profile {name}", where)
    outputs = _mapping(profile.get("outputs"), f"`outputs` of the profile {name}", where)
    if target is None:
        target = str(renderer.render(profile.get("target", "default"), where=f"{where} {name}.target"))
    place = f"{where} {name}.outputs.{target}"
    raw = _mapping(
        _chosen(outputs, target, "target", f"{where} {name}.outputs"), f"the target {target}", where
    )
    rendered = renderer.render_all(raw, where=place)
    kind = rendered.pop("type", None)
    if not isinstance(kind, str) or not kind:
        raise ProjectProblem(
            "the target has no `type`.", where=place, hint="Add one, such as `type: duckdb`."
        )
    threads = rendered.pop("threads", 1)
    return Profile(
        name=name,
        target=target,
        type=kind,
        credentials=normalised(kind, rendered, cwd=cwd, project=project, where=place),
        threads=threads if isinstance(threads, int) else 1,
    )


def _chosen(choices: Mapping[Any, Any], name: str, what: str, where: str) -> Any:
    if name in choices:
        return choices[name]
    known = [str(choice) for choice in choices]
    raise ProjectProblem(f"there is no {what} `{name}`.", where=where, hint=_advice(name, known, what))


def _advice(name: str, known: Iterable[str], what: str) -> str:
    names = sorted(known)
    nearest = get_close_matches(name, names, n=1)
    if nearest:
        return f"Did you mean `{nearest[0]}`? Choose with --{what}."
    return f"There is {', '.join(f'`{each}`' for each in names)}; choose with --{what}." if names else ""


def _mapping(value: Any, what: str, where: str) -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        raise ProjectProblem(f"{what} is empty or no mapping.", where=where)
    return value


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
