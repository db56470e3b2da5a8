"""The lines of `dbt ls`, in whatever form dbt was asked to print them.

`--output json` (also with `--output-keys unique_id`), `name`, `path` and dbt's own form, the fully
qualified name with a prefix for what is no model (dbt-core 1.11.16, dbt/task/list.py, read 2026-11-22);
unique ids as well. A line means exactly one thing: nothing is a pattern here.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from roo_dbt.project.graph import Graph, Node, posix

_TALK = re.compile(r"(\x1b\[\d*m)*\d\d:\d\d:\d\d(\.\d+)?\b")
"""How the lines begin that dbt prints beside its list unless `--quiet` says not to."""

_PREFIXED = frozenset({"source", "exposure", "metric", "semantic_model", "saved_query", "unit_test"})


def read_lines(graph: Graph, lines: Iterable[str]) -> tuple[set[str], list[str]]:
    """The nodes that the lines name, and the lines that name none.

    Blank lines and what dbt says about its own run are passed over.
    """
    known = _names(graph)
    found: set[str] = set()
    unknown = []
    for line in filter(None, map(str.strip, lines)):
        name = _named(line)
        if name is None:
            continue
        if name in known:
            found |= known[name]
        else:
            unknown.append(name)
    return found, unknown


def _named(line: str) -> str | None:
    """What a line names; None when it is talk."""
    if _TALK.match(line):
        return None
    if not line.startswith("{"):
        return posix(line)
    try:
        document: Any = json.loads(line)
    except ValueError:
        return line
    if not isinstance(document, dict) or "info" in document:
        return None
    return str(document.get("unique_id") or _from_parts(document) or line)


def _from_parts(document: dict[str, Any]) -> str | None:
    """A node of `--output json` whose keys leave the unique id out."""
    parts = [document.get(name) for name in ("resource_type", "package_name", "name")]
    return ".".join(map(str, parts)) if all(parts) else None


def _names(graph: Graph) -> dict[str, set[str]]:
    """Everything that `dbt ls` may call a node."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for node in graph.nodes.values():
        for name in _spellings(node):
            names[name].add(node.unique_id)
    return dict(names)


def _spellings(node: Node) -> Iterator[str]:
    yield node.unique_id
    yield node.file
    if node.resource_type in _PREFIXED:
        name = f"{node.name}_v{node.version}" if node.version else node.name
        parts = [node.package, *([node.source_name] if node.source_name else []), name]
        yield f"{node.resource_type}:{'.'.join(parts)}"
        yield ".".join(parts[1:])
        return
    yield ".".join(node.fqn)
    yield f"{node.name}.v{node.version}" if node.version else node.name
