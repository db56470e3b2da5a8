"""dbt's selection grammar: names, methods, `+` and `@`, unions by space, intersections by comma.

It needs the manifest alone (dbt-core 1.11.16, dbt/graph/selector_spec.py, read 2026-11-22).
What needs another run's state is dbt's to answer; its answer can be handed to `--select`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from roo_dbt.errors import UsageProblem
from roo_dbt.project.graph import Graph
from roo_dbt.project.manifest import Manifest
from roo_dbt.project.models import TABLES
from roo_dbt.project.selection_methods import METHODS, Lookup
from roo_dbt.records import Problem

_CRITERION = re.compile(
    r"(?P<relatives>@)?(?:(?P<parents>\d*)\+)?(?:(?P<method>[\w.]+):)?(?P<value>.*?)(?:\+(?P<children>\d*))?"
)


NEEDS_MORE = frozenset({"state", "result", "source_status", "selector", "test_type"})
"""Methods of dbt's that look further than the manifest."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The nodes that `--select` and `--exclude` leave, of every kind; `problems` are warnings."""

    unique_ids: frozenset[str]
    problems: tuple[Problem, ...] = ()


def select_nodes(manifest: Manifest, select: Sequence[str] = (), exclude: Sequence[str] = ()) -> Selection:
    """Select nodes as `dbt ls --select … --exclude …` does; no `select` means everything.

    Args:
        manifest: where the nodes are.
        select: values of `--select`, each of one or more criteria with spaces between.
        exclude: values of `--exclude`, likewise.

    Raises:
        UsageProblem: a method that roo-dbt does not have, or a criterion that cannot be read.
    """
    problems: list[Problem] = []
    chosen = _union(manifest, select, "--select", problems) if select else set(manifest.graph.nodes)
    left_out = _union(manifest, exclude, "--exclude", problems)
    return Selection(frozenset(chosen - left_out), tuple(problems))


def _union(manifest: Manifest, values: Sequence[str], option: str, problems: list[Problem]) -> set[str]:
    chosen: set[str] = set()
    specs = [spec for value in values for spec in value.split()]
    if values and not specs:
        problems.append(
            Problem(
                id="nothing-selected", message=f"`{option}` is empty and selects nothing", severity="warning"
            )
        )
    for spec in specs:
        found = set.intersection(*(_matching(manifest, part, spec) for part in spec.split(",")))
        if not found:
            problems.append(_nothing_matches(manifest.graph, spec, option))
        chosen |= found
    return chosen


def _matching(manifest: Manifest, criterion: str, spec: str) -> set[str]:
    """The nodes of one criterion, with the relatives it asks for."""
    match = _CRITERION.fullmatch(criterion)
    if match is None or not match["value"]:
        raise UsageProblem(
            f"the selection `{spec}` has an empty part.", hint="Example: --select tag:crm,customers+"
        )
    if match["relatives"] and match["children"] is not None:
        raise UsageProblem(
            f"the selection `{criterion}` has both @ and a + at its end.", hint="Leave one out."
        )
    method, *arguments = (match["method"] or _default_method(match["value"])).split(".")
    if method not in METHODS:
        raise _unknown_method(method, criterion)
    look = Lookup(manifest.graph, manifest.project_name, tuple(arguments), match["value"])
    found = set(METHODS[method](look))
    return found | _relatives(manifest.graph, found, match)


def _relatives(graph: Graph, found: set[str], match: re.Match[str]) -> set[str]:
    relatives: set[str] = set()
    if match["relatives"]:
        family = found | graph.descendants(found)
        relatives |= family | graph.ancestors(family)
    if match["parents"] is not None:
        relatives |= graph.ancestors(found, int(match["parents"]) if match["parents"] else None)
    if match["children"] is not None:
        relatives |= graph.descendants(found, int(match["children"]) if match["children"] else None)
    return relatives


def _default_method(value: str) -> str:
    if "/" in value or "\\" in value:
        return "path"
    return "file" if value.lower().endswith((".sql", ".py", ".csv")) else "fqn"


def _unknown_method(method: str, criterion: str) -> UsageProblem:
    nearest = [] if method in NEEDS_MORE else get_close_matches(method, METHODS, n=1)
    if nearest:
        hint = f"Did you mean `{nearest[0]}:`?"
    else:
        hint = f"Let dbt answer and hand over its list: --select \"$(dbt -q ls --select '{criterion}')\"."
    return UsageProblem(f"roo-dbt has no selection method `{method}:`.", hint=hint)


def _nothing_matches(graph: Graph, spec: str, option: str) -> Problem:
    names = [f"tag:{tag}" for node in graph.nodes.values() for tag in node.tags]
    names += [node.name for node in graph.nodes.values() if node.resource_type in TABLES]
    bare = spec.strip("+@0123456789")
    nearest = get_close_matches(bare, sorted(set(names)), n=1)
    return Problem(
        id="nothing-selected",
        message=f"`{option} {spec}` matches no node of the project",
        nearest=nearest[0] if nearest else "",
        severity="warning",
    )
