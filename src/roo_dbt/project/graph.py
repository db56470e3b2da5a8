"""The nodes of a manifest and who depends on whom: everything selection and gating need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from roo_dbt.records import Relation

COLLECTIONS = (
    "nodes",
    "sources",
    "exposures",
    "metrics",
    "semantic_models",
    "saved_queries",
    "unit_tests",
    "functions",
)
"""Where a manifest keeps what takes part in the graph."""


@dataclass(frozen=True, slots=True)
class Node:
    """One thing of the dbt project, whatever its kind.

    `file` defines it and `patch_file` describes it, both relative to the project or package.
    `version` and `latest_version` are text; None: not versioned. `source_name` belongs to sources,
    `test_name`, `attached_node`, `severity` (lower case), `tested_column`, `test_columns` (all that a test
    is about) and `failing_rows`, the table of what it found, to tests.
    """

    unique_id: str
    name: str
    resource_type: str
    package: str = ""
    file: str = ""
    patch_file: str | None = None
    fqn: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    access: str | None = None
    version: str | None = None
    latest_version: str | None = None
    source_name: str | None = None
    test_name: str | None = None
    attached_node: str | None = None
    severity: str = "error"
    tested_column: str | None = None
    failing_rows: Relation | None = None
    test_columns: tuple[str, ...] = ()

    @property
    def group(self) -> str | None:
        """The dbt group it belongs to."""
        group = self.config.get("group")
        return group if isinstance(group, str) else None


@dataclass(frozen=True, slots=True)
class Graph:
    """All nodes, with the parents and children of each."""

    nodes: Mapping[str, Node]
    parents: Mapping[str, tuple[str, ...]]
    children: Mapping[str, tuple[str, ...]]

    def ancestors(self, unique_ids: Iterable[str], depth: int | None = None) -> set[str]:
        """What the nodes are built from, at most `depth` steps up."""
        return _reached(self.parents, unique_ids, depth)

    def descendants(self, unique_ids: Iterable[str], depth: int | None = None) -> set[str]:
        """What is built from the nodes, at most `depth` steps down."""
        return _reached(self.children, unique_ids, depth)


def _reached(edges: Mapping[str, tuple[str, ...]], start: Iterable[str], depth: int | None) -> set[str]:
    reached: set[str] = set()
    layer = set(start)
    while layer and (depth is None or depth > 0):
        layer = {neighbour for each in layer for neighbour in edges.get(each, ())} - reached
        reached |= layer
        depth = None if depth is None else depth - 1
    return reached


def read_graph(document: Mapping[str, Any]) -> Graph:
    """The graph of a manifest. Keys that one of the engines leaves out are optional.

    Nodes that are switched off are not in it: dbt keeps them elsewhere.
    """
    nodes = {node.unique_id: node for node in map(_node, _raw_nodes(document))}
    parents = {
        unique_id: tuple(parent for parent in node.depends_on if parent in nodes)
        for unique_id, node in nodes.items()
    }
    children: dict[str, list[str]] = {unique_id: [] for unique_id in nodes}
    for unique_id, those in parents.items():
        for parent in dict.fromkeys(those):
            children[parent].append(unique_id)
    return Graph(nodes, parents, {unique_id: tuple(those) for unique_id, those in children.items()})


def _raw_nodes(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for collection in COLLECTIONS:
        yield from (document.get(collection) or {}).values()


def _node(raw: Mapping[str, Any]) -> Node:
    config = raw.get("config") or {}
    test = raw.get("test_metadata") or {}
    patch = raw.get("patch_path")
    return Node(
        unique_id=raw["unique_id"],
        name=raw.get("name") or "",
        resource_type=raw.get("resource_type") or raw["unique_id"].partition(".")[0],
        package=raw.get("package_name") or "",
        file=posix(raw.get("original_file_path") or ""),
        patch_file=posix(patch.partition("://")[2]) if patch else None,
        fqn=tuple(raw.get("fqn") or ()),
        tags=tuple(raw.get("tags") or ()),
        config=config,
        depends_on=tuple((raw.get("depends_on") or {}).get("nodes") or ()),
        access=raw.get("access") or config.get("access"),
        version=_version(raw.get("version")),
        latest_version=_version(raw.get("latest_version")),
        source_name=raw.get("source_name"),
        test_name=test.get("name"),
        attached_node=raw.get("attached_node"),
        severity=str(config.get("severity") or "error").lower(),
        tested_column=raw.get("column_name") or (test.get("kwargs") or {}).get("column_name"),
        failing_rows=_failing_rows(raw, config),
        test_columns=_test_columns(test.get("kwargs") or {}),
    )


def _failing_rows(raw: Mapping[str, Any], config: Mapping[str, Any]) -> Relation | None:
    """The table in which dbt keeps every row that a test found; a `limit` makes it keep some only."""
    quoted = raw.get("relation_name")
    if not quoted or config.get("limit") is not None or raw.get("resource_type") != "test":
        return None
    name = raw.get("alias") or raw.get("name") or ""
    return Relation(raw.get("database"), raw.get("schema") or "", name, quoted)


def _test_columns(arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns a test is about: one, or those of dbt_utils.unique_combination_of_columns."""
    several = arguments.get("combination_of_columns")
    names = several if isinstance(several, list) else [arguments.get("column_name")]
    return tuple(str(name) for name in names if name)


def posix(path: str) -> str:
    r"""The path with `/`, also when dbt ran on Windows and wrote `\`."""
    return path.replace("\\", "/")


def _version(value: Any) -> str | None:
    return None if value is None else str(value)
