"""The folder of `--state`: dbt's artifacts of an earlier run, to compare this one with.

Each file is read when a selection asks for it. What they are asked is in dbt-core 1.11.16,
dbt/contracts/state.py (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from roo_dbt.errors import ProjectProblem, UsageProblem
from roo_dbt.project.artifacts import read_artifact
from roo_dbt.project.modified import Comparison

MANIFEST = (12, 12)
RUN_RESULTS = (4, 6)
SOURCES = (1, 3)
"""Oldest and newest schema version that can be read."""


def find_state(given: Path, project: Path, cwd: Path) -> Path:
    """The folder that `--state` means: like dbt's, relative to the project, else to the current folder.

    Raises:
        UsageProblem: there is no such folder.
    """
    for folder in (project / given, cwd / given):
        if folder.is_dir():
            return folder.resolve()
    raise UsageProblem(
        f"--state {given} is no folder.",
        hint="It is a copy of dbt's target folder from an earlier run: manifest.json, and run_results.json "
        "or sources.json if the selection looks at them.",
    )


@dataclass(frozen=True)
class PreviousState:
    """The artifacts of an earlier run, and those of this one that they are compared with.

    Args:
        folder: that of `--state`; None: not given.
        manifest: this project's manifest.
        target_path: where this project's other artifacts are.
    """

    folder: Path | None
    manifest: Path
    target_path: Path

    @cached_property
    def comparison(self) -> Comparison:
        """Both manifests, side by side."""
        before = self._read("manifest.json", MANIFEST, "state:")
        current = read_artifact(self.manifest, oldest=MANIFEST[0], newest=MANIFEST[1], again="dbt parse")
        return Comparison(before, current)

    @cached_property
    def statuses(self) -> Mapping[str, str]:
        """How each node ended in the earlier run."""
        document = self._read("run_results.json", RUN_RESULTS, "result:")
        return {
            str(result.get("unique_id")): str(result.get("status"))
            for result in document.get("results") or ()
        }

    @cached_property
    def fresher(self) -> frozenset[str]:
        """Sources with newer rows than in the earlier run."""
        before = _loaded_at(self._read("sources.json", SOURCES, "source_status:"))
        path = self.target_path / "sources.json"
        if not path.is_file():
            raise ProjectProblem(
                "`source_status:` compares with this run's sources.json, which is not there.",
                where=str(self.target_path),
                hint="Run `dbt source freshness` first.",
            )
        now = _loaded_at(
            read_artifact(path, oldest=SOURCES[0], newest=SOURCES[1], again="dbt source freshness")
        )
        # Times are ISO 8601 in UTC, written by one function of dbt's: they sort as text.
        return frozenset(source for source, at in now.items() if source not in before or at > before[source])

    def _read(self, name: str, versions: tuple[int, int], method: str) -> dict[str, Any]:
        if self.folder is None:
            raise UsageProblem(
                f"the selection method `{method}` compares with an earlier run.",
                hint=f"Add --state FOLDER (or DBT_STATE), a folder with that run's {name}.",
            )
        path = self.folder / name
        if not path.is_file():
            raise UsageProblem(
                f"the selection method `{method}` needs {name}, and the folder of --state has none.",
                where=str(self.folder),
                hint="Copy it there from dbt's target folder of the run to compare with.",
            )
        return read_artifact(path, oldest=versions[0], newest=versions[1], again="dbt build")


def _loaded_at(document: Mapping[str, Any]) -> dict[str, str]:
    """When each source got its last row; a source whose check broke off has no time."""
    return {
        str(result["unique_id"]): str(result["max_loaded_at"])
        for result in document.get("results") or ()
        if result.get("max_loaded_at")
    }
