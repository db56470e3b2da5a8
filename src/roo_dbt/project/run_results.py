"""`run_results.json`: which models dbt could not build, or whose tests failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from roo_dbt.errors import ProjectProblem
from roo_dbt.project.artifacts import read_artifact
from roo_dbt.project.graph import Graph, Node
from roo_dbt.project.manifest import Manifest
from roo_dbt.project.models import TABLES
from roo_dbt.records import FailedTest, Problem

OLDEST, NEWEST = 4, 6
"""Schema versions of run results that can be read; their outer shape is the same."""

GOOD = frozenset({"success", "pass", "warn", "no-op", "reused"})
"""Statuses that do not block; any other does, unknown ones too.

dbt-core 1.11.16, dbt/artifacts/schemas/results.py, read 2026-11-22; `reused` is dbt 2's.
"""

RECENT = timedelta(hours=1)
"""A manifest that is this much younger than the results may still be of the same evening's models."""
FAILED_TEST = frozenset({"fail", "error", "runtime error"})


@dataclass(frozen=True, slots=True)
class RunResults:
    """What dbt's last runs say about the models.

    `blocked` maps the unique id of a model, seed or snapshot to the reason why it must not be
    exported. What the files do not mention is not in it. `failed_tests` has the tests of those that are
    blocked by tests alone. `invocation_ids` are those of the files.
    """

    blocked: Mapping[str, str] = field(default_factory=dict)
    failed_tests: Mapping[str, tuple[FailedTest, ...]] = field(default_factory=dict)
    invocation_ids: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_run_results(paths: Sequence[Path], manifest: Manifest, *, target: str | None = None) -> RunResults:
    """Read one or more files; of a node in several of them the newest file counts.

    dbt overwrites the file with each command, so that after `dbt run` and `dbt test` a copy of the
    first is needed to know about both.

    Args:
        paths: the files; all must exist.
        manifest: the manifest they belong to.
        target: the target we run for; what a file built for another one is blocked.

    Raises:
        ProjectProblem: a file is missing, broken or of an unknown version.
    """
    documents = sorted(
        (_read(path) for path in paths), key=lambda each: str(each[1]["metadata"].get("generated_at"))
    )
    statuses: dict[str, tuple[str, Path]] = {}
    problems: list[Problem] = []
    elsewhere: dict[str, str] = {}
    for path, document in documents:
        problems += _doubts(path, document, manifest)
        elsewhere |= _built_elsewhere(document, manifest.graph, target)
        for result in document.get("results") or ():
            statuses[str(result.get("unique_id"))] = (str(result.get("status")).lower(), path)
    invocations = [str(document["metadata"].get("invocation_id") or "") for _, document in documents]
    broken, tests = _failed(statuses, manifest.graph)
    return RunResults(
        {**{unique_id: _tests_failed(those) for unique_id, those in tests.items()}, **broken, **elsewhere},
        {
            unique_id: tuple(those)
            for unique_id, those in tests.items()
            if unique_id not in broken and unique_id not in elsewhere
        },
        tuple(invocations),
        tuple(problems),
    )


def _read(path: Path) -> tuple[Path, dict[str, Any]]:
    if not path.is_file():
        raise ProjectProblem("there is no such file of run results.", where=str(path))
    return path, read_artifact(path, oldest=OLDEST, newest=NEWEST, again="dbt build")


def _is_recent(results: str, manifest: str) -> bool:
    """Whether the manifest was written soon after the results: `dbt ls` and `dbt parse` write it, too."""
    try:
        ran, written = (datetime.fromisoformat(each.replace("Z", "+00:00")) for each in (results, manifest))
        return abs(written - ran) <= RECENT
    except (ValueError, TypeError):
        return False


def _built_elsewhere(document: Mapping[str, Any], graph: Graph, target: str | None) -> dict[str, str]:
    """The tables that these results built for another target, each with the reason that this blocks it."""
    ran_on = (document.get("args") or {}).get("target")
    if not target or not ran_on or ran_on == target:
        return {}
    reason = (
        f"dbt built it for the target {ran_on} last, and this run is for {target}. Build it with --target "
        f"{target}, or type --target {ran_on} here"
    )
    named = (str(result.get("unique_id")) for result in document.get("results") or ())
    found = ((each, graph.nodes.get(each)) for each in named)
    return {each: reason for each, node in found if node is not None and node.resource_type in TABLES}


def _doubts(path: Path, document: Mapping[str, Any], manifest: Manifest) -> list[Problem]:
    problems = []
    invocation = document["metadata"].get("invocation_id")
    is_other = invocation and manifest.invocation_id and invocation != manifest.invocation_id
    if is_other and not _is_recent(
        str(document["metadata"].get("generated_at") or ""), manifest.generated_at
    ):
        problems.append(
            Problem(
                id="other-invocation",
                message="these results and manifest.json are of two dbt commands; "
                "what they say about failed models may be out of date",
                file=path.name,
                severity="warning",
            )
        )
    return problems


def _failed(
    statuses: Mapping[str, tuple[str, Path]], graph: Graph
) -> tuple[dict[str, str], dict[str, list[FailedTest]]]:
    """Why models could not be built, and which tests of models failed."""
    broken: dict[str, str] = {}
    tests: dict[str, list[FailedTest]] = {}
    for unique_id, (status, path) in statuses.items():
        node = graph.nodes.get(unique_id)
        if node is None:
            continue
        if node.resource_type in TABLES and status not in GOOD:
            broken[unique_id] = _reason(status, path)
        elif _is_failed_test(node, status):
            # A test that could not run has found nothing; the table may be an older one.
            rows = node.failing_rows if status == "fail" else None
            for tested in _tested(node, graph):
                failed = FailedTest(node.name, rows, node.test_name, node.tested_column)
                tests.setdefault(tested, []).append(failed)
    return broken, tests


def _tests_failed(tests: Sequence[FailedTest]) -> str:
    count = "A test of it failed" if len(tests) == 1 else f"{len(tests)} tests of it failed"
    return f"{count} in dbt: {', '.join(test.name for test in tests)}."


def _reason(status: str, path: Path) -> str:
    if status == "skipped":
        return f"dbt skipped it because something it is built from failed ({path.name})."
    return f"dbt could not build it: its status in {path.name} is `{status}`."


def _is_failed_test(node: Node, status: str) -> bool:
    return node.resource_type == "test" and node.severity == "error" and status in FAILED_TEST


def _tested(node: Node, graph: Graph) -> list[str]:
    """The model a test is attached to; a test in SQL of one's own tests everything it reads."""
    tested = [node.attached_node] if node.attached_node else list(node.depends_on)
    return [each for each in tested if each in graph.nodes and graph.nodes[each].resource_type in TABLES]
