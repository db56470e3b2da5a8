"""`target/manifest.json`, schema v12: written by dbt 1.8 to 1.12 and by dbt 2."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roo_dbt.errors import ProjectProblem
from roo_dbt.project.artifacts import read_artifact
from roo_dbt.project.graph import Graph, read_graph
from roo_dbt.project.meta_origin import Origins
from roo_dbt.project.models import ModelReader
from roo_dbt.records import Model, Problem

SCHEMA = 12
"""The schema version that dbt-core 1.11.16 and 2.0.0a4 write (both tried 2026-11-22)."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a manifest says that roo-dbt needs.

    `models` are the models, seeds and snapshots that are tables or views, annotated or not, in the
    manifest's order; `graph` holds every node. `problems` are those of the blocks' place and kind.
    """

    path: Path
    project_name: str
    adapter_type: str
    dbt_version: str
    generated_at: str
    invocation_id: str
    models: tuple[Model, ...]
    graph: Graph
    problems: tuple[Problem, ...] = ()

    def model(self, unique_id: str) -> Model | None:
        """The model with this id, if it is a table or a view."""
        return next((model for model in self.models if model.unique_id == unique_id), None)


def read_manifest(
    path: Path, project: Path | None = None, *, packages_path: str = "dbt_packages"
) -> Manifest:
    """Read a manifest.

    Args:
        path: the file.
        project: the project's folder, for what only its YAML and SQL files say; None: not looked at.
        packages_path: where `dbt deps` installs packages, relative to the project.

    Raises:
        ProjectProblem: no manifest, a broken one, or one of another schema version.
    """
    if not path.is_file():
        raise ProjectProblem(
            "there is no manifest.json in dbt's target folder.",
            where=str(path.parent),
            hint="Run `dbt build` (or `dbt parse`) first, or add --target-path PATH.",
        )
    document = read_artifact(path, oldest=SCHEMA, newest=SCHEMA, again="dbt parse")
    metadata: dict[str, Any] = document["metadata"]
    try:
        graph = read_graph(document)
        origins = Origins(project, metadata.get("project_name") or "", packages_path)
        reader = ModelReader(document, graph, origins, _major(metadata.get("dbt_version")))
        models = tuple(reader.models())
    except (AttributeError, KeyError, TypeError) as error:
        raise ProjectProblem(
            f"the manifest is not built as its schema says ({type(error).__name__}: {error}).",
            where=str(path),
            hint="Run `dbt parse`.",
        ) from error
    return Manifest(
        path=path,
        project_name=metadata.get("project_name") or "",
        adapter_type=metadata.get("adapter_type") or "",
        dbt_version=metadata.get("dbt_version") or "",
        generated_at=metadata.get("generated_at") or "",
        invocation_id=metadata.get("invocation_id") or "",
        models=models,
        graph=graph,
        problems=tuple(reader.problems),
    )


def _major(version: object) -> int:
    """The major version of dbt; 2, the stricter one, when it cannot be told."""
    digits = str(version).partition(".")[0]
    return int(digits) if digits.isdigit() else 2
