"""dbt's selection grammar: names, methods, `+` and `@`, unions by space, intersections by comma.

Selections are read in `selection_spec` and `selectors_file`, and looked up here; no dbt is needed
(dbt-core 1.11.16, dbt/graph/selector.py, read 2026-11-22). Tests are selected only where they are named:
none is exported, and no relatives are taken along through one that was not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from roo_dbt.errors import UsageProblem
from roo_dbt.project.graph import Graph
from roo_dbt.project.manifest import Manifest
from roo_dbt.project.models import TABLES
from roo_dbt.project.piped import read_lines
from roo_dbt.project.previous_state import PreviousState
from roo_dbt.project.selection_methods import METHODS, Lookup
from roo_dbt.project.selection_spec import AllOf, AnyOf, Criterion, Spec, Without, read_words
from roo_dbt.project.selectors_file import Selectors
from roo_dbt.records import Problem


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for: values of `--select` and `--exclude`, the name of a selector.

    `piped` are the lines of standard input, for `--select -`; None when it was not read.
    """

    select: Sequence[str] = ()
    exclude: Sequence[str] = ()
    selector: str | None = None
    piped: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The nodes that are left, of every kind; `problems` are warnings."""

    unique_ids: frozenset[str]
    problems: tuple[Problem, ...] = ()


def select_nodes(
    manifest: Manifest,
    asked: Asked,
    *,
    selectors: Selectors | None = None,
    state: PreviousState | None = None,
) -> Selection:
    """Select nodes as `dbt ls` does; nothing asked for means everything.

    Args:
        manifest: where the nodes are.
        asked: what was asked for.
        selectors: those of `selectors.yml`.
        state: the earlier run to compare with.

    Raises:
        UsageProblem: a method that roo-dbt does not have, a criterion that cannot be read, a selector
            that does not exist, or one beside `--select` or `--exclude`.
        ProjectProblem: a file of the earlier run is broken.
    """
    search = _Search(
        manifest,
        selectors or Selectors(),
        state or PreviousState(None, manifest.path, manifest.path.parent),
    )
    if asked.selector is not None:
        if asked.select or asked.exclude or asked.piped is not None:
            raise UsageProblem(
                "--selector does not go together with --select or --exclude.",
                hint="Write the selection into selectors.yml, or select selector:NAME.",
            )
        chosen = search.matching(search.selectors.named(asked.selector))
        if not chosen:
            search.problems.append(_nothing(f"--selector {asked.selector}"))
        return Selection(frozenset(chosen), tuple(search.problems))
    chosen = search.union(asked.select, "--select") if asked.select else set()
    if asked.piped is not None:
        chosen |= search.piped(asked.piped)
    if not asked.select and asked.piped is None:
        chosen = set(manifest.graph.nodes)
    left_out = search.union(asked.exclude, "--exclude")
    return Selection(frozenset(chosen - left_out), tuple(search.problems))


@dataclass(frozen=True)
class _Search:
    """Looks up the nodes of selections, and collects what is odd about these."""

    manifest: Manifest
    selectors: Selectors
    state: PreviousState
    problems: list[Problem] = field(default_factory=list)

    def union(self, values: Sequence[str], option: str) -> set[str]:
        """The nodes of all values of an option."""
        chosen: set[str] = set()
        words = [word for value in values for word in read_words(value)]
        if values and not words:
            self.problems.append(_nothing(option, "is empty and selects nothing"))
        for word, spec in words:
            found = self.matching(spec)
            if not found:
                self.problems.append(_nothing_matches(self.manifest.graph, word, option))
            chosen |= found
        return chosen

    def piped(self, lines: Sequence[str]) -> set[str]:
        """The nodes that the lines of `dbt ls` name."""
        found, unknown = read_lines(self.manifest.graph, lines)
        for line in unknown:
            self.problems.append(_nothing_matches(self.manifest.graph, line, "--select -"))
        if not found and not unknown:
            self.problems.append(_nothing("--select -", "got no line that names a node, and selects nothing"))
        return found

    def matching(self, spec: Spec) -> set[str]:
        """The nodes of a selection."""
        if isinstance(spec, Without):
            return self.matching(spec.kept) - self.matching(spec.left_out)
        if isinstance(spec, AnyOf):
            return set().union(*map(self.matching, spec.parts))
        if isinstance(spec, AllOf):
            return set.intersection(*map(self.matching, spec.parts))
        return self._criterion(spec)

    def _criterion(self, criterion: Criterion) -> set[str]:
        """The nodes of one criterion, with the relatives it asks for."""
        if criterion.method == "selector":
            found = self.matching(self.selectors.named(criterion.value))
        elif criterion.method in METHODS:
            graph, project = self.manifest.graph, self.manifest.project_name
            look = Lookup(graph, project, criterion.arguments, criterion.value, self.state)
            found = set(METHODS[criterion.method](look))
        else:
            raise _unknown_method(criterion)
        return found | self._relatives(criterion, found)

    def _relatives(self, criterion: Criterion, found: set[str]) -> set[str]:
        graph = self.manifest.graph
        relatives: set[str] = set()
        if criterion.family:
            family = found | graph.descendants(found)
            relatives |= family | graph.ancestors(family)
        if criterion.parents is not None:
            relatives |= graph.ancestors(found, criterion.parents.steps)
        if criterion.children is not None:
            relatives |= graph.descendants(found, criterion.children.steps)
        return relatives


def _unknown_method(criterion: Criterion) -> UsageProblem:
    close = get_close_matches(criterion.method, [*METHODS, "selector"], n=1)
    if close:
        hint = f"Did you mean `{close[0]}:`?"
    else:
        hint = (
            f"Let dbt answer and pipe its list: dbt -q ls --select '{criterion.text}' --output json"
            " | roo-dbt … --select -"
        )
    return UsageProblem(f"roo-dbt has no selection method `{criterion.method}:`.", hint=hint)


def _nothing(option: str, said: str = "matches no node of the project", nearest: str = "") -> Problem:
    return Problem("nothing-selected", f"`{option}` {said}", nearest=nearest, severity="warning")


def _nothing_matches(graph: Graph, word: str, option: str) -> Problem:
    names = [f"tag:{tag}" for node in graph.nodes.values() for tag in node.tags]
    names += [node.name for node in graph.nodes.values() if node.resource_type in TABLES]
    nearest = get_close_matches(word.strip("+@0123456789"), sorted(set(names)), n=1)
    said = f"{option}: {word}" if option.endswith("-") else f"{option} {word}"
    return _nothing(said, nearest=nearest[0] if nearest else "")
