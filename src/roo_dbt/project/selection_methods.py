"""dbt's selection methods: which nodes `tag:crm` or `path:models/marts` mean.

They follow dbt-core 1.11.16, dbt/graph/selector_methods.py (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from roo_dbt.errors import UsageProblem, nearest
from roo_dbt.project.graph import Graph, Node, posix

if TYPE_CHECKING:
    from roo_dbt.project.previous_state import PreviousState


@dataclass(frozen=True, slots=True)
class Lookup:
    """One search: `arguments` are what follows the method's name (`config.ARGUMENT.ARGUMENT:`).

    `state` is the earlier run to compare with.
    """

    graph: Graph
    project_name: str
    arguments: tuple[str, ...]
    value: str
    state: PreviousState

    def nodes(self, *resource_types: str) -> Iterator[Node]:
        """All nodes, or those of some types."""
        for node in self.graph.nodes.values():
            if not resource_types or node.resource_type in resource_types:
                yield node


def _fqn(look: Lookup) -> Iterator[str]:
    for node in look.nodes():
        is_source = node.resource_type == "source"
        if node.unique_id == look.value or (not is_source and is_named(node, look.value)):
            yield node.unique_id


def is_named(node: Node, name: str) -> bool:
    """Whether a name, a dotted path or a pattern means the node, with or without its package."""
    return _matches_fqn(node.fqn, name, node.version is not None) or _matches_fqn(
        node.fqn[1:], name, node.version is not None
    )


def _matches_fqn(fqn: Sequence[str], name: str, versioned: bool) -> bool:
    leaf = fqn[-2:-1] if versioned else fqn[-1:]
    parts = name.split(".")
    if list(leaf) == [name] or (versioned and "_".join(fqn[-2:]) == "_".join(parts[-2:])):
        return True
    flat = [part for segment in fqn for part in segment.split(".")]
    if len(flat) < len(parts):
        return False
    for index, part in enumerate(parts):
        if any(wildcard in part for wildcard in "*?[]"):
            rest, pattern = ".".join(flat[index:]), ".".join(parts[index:])
            return fnmatchcase(rest, pattern) or ("." not in name and fnmatchcase("".join(leaf), name))
        if flat[index] != part:
            return False
    return True


def _tag(look: Lookup) -> Iterator[str]:
    return (n.unique_id for n in look.nodes() if any(fnmatchcase(tag, look.value) for tag in n.tags))


def _path(look: Lookup) -> Iterator[str]:
    pattern = PurePosixPath(posix(look.value)).parts
    for node in look.nodes():
        file = PurePosixPath(node.file)
        candidates = [file.parts, *(parent.parts for parent in file.parents if parent.parts)]
        if node.patch_file:
            candidates.append(PurePosixPath(node.patch_file).parts)
        if any(_matches_path(parts, pattern) for parts in candidates):
            yield node.unique_id


def _matches_path(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return _matches_path(parts, pattern[1:]) or (bool(parts) and _matches_path(parts[1:], pattern))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _matches_path(parts[1:], pattern[1:])


def _file(look: Lookup) -> Iterator[str]:
    for node in look.nodes():
        file = PurePosixPath(node.file)
        if fnmatchcase(file.name, look.value) or fnmatchcase(file.stem, look.value):
            yield node.unique_id


def _package(look: Lookup) -> Iterator[str]:
    pattern = look.project_name if look.value == "this" else look.value
    return (n.unique_id for n in look.nodes() if fnmatchcase(n.package, pattern))


NOT_CONFIGURABLE = frozenset({"exposure", "metric", "semantic_model", "saved_query", "unit_test", "function"})
"""Resource types that dbt leaves out of `config.…:`, although they have a config."""


def _config(look: Lookup) -> Iterator[str]:
    for node in look.nodes():
        if node.resource_type in NOT_CONFIGURABLE:
            continue
        value: Any = node.config
        for argument in look.arguments:
            value = value.get(argument) if isinstance(value, Mapping) else None
        if any(_equals(each, look.value) for each in (value if isinstance(value, list) else [value])):
            yield node.unique_id


def _equals(value: Any, text: str) -> bool:
    if isinstance(value, bool):
        return str(value).lower() == text.lower()
    return isinstance(value, (str, int, float)) and str(value).lower() == text.lower()


RESOURCE_TYPES = (
    *("model", "seed", "snapshot", "test", "analysis", "operation", "source", "exposure", "metric"),
    *("semantic_model", "saved_query", "unit_test", "function"),
)
"""What dbt's nodes can be."""


def _resource_type(look: Lookup) -> Iterator[str]:
    if look.value not in RESOURCE_TYPES:
        close = nearest(look.value, RESOURCE_TYPES)
        hint = f"Did you mean resource_type:{close}?" if close else f"There is {', '.join(RESOURCE_TYPES)}."
        raise UsageProblem(f"`resource_type:{look.value}` is unknown.", hint=hint)
    return (node.unique_id for node in look.nodes(look.value))


def _source(look: Lookup) -> Iterator[str]:
    package, source, table = _three(look.value)
    for node in look.nodes("source"):
        names = (node.package, node.source_name or "", node.name)
        if all(map(fnmatchcase, names, (package, source, table))):
            yield node.unique_id


def _three(value: str) -> tuple[str, str, str]:
    parts = value.split(".")
    if len(parts) == 1:
        return "*", parts[0], "*"
    if len(parts) == 2:
        return "*", parts[0], parts[1]
    if len(parts) == 3:
        return parts[0], parts[1], parts[2]
    raise UsageProblem(f"`source:{value}` has too many dots.", hint="Write source:NAME or source:NAME.TABLE.")


def _of_type(resource_type: str) -> Method:
    def method(look: Lookup) -> Iterator[str]:
        package, dot, name = look.value.rpartition(".")
        for node in look.nodes(resource_type):
            if fnmatchcase(node.name, name) and (not dot or fnmatchcase(node.package, package)):
                yield node.unique_id

    return method


def _group(look: Lookup) -> Iterator[str]:
    return (n.unique_id for n in look.nodes() if n.group and fnmatchcase(n.group, look.value))


def _access(look: Lookup) -> Iterator[str]:
    return (node.unique_id for node in look.nodes("model") if node.access == look.value)


def _version(look: Lookup) -> Iterator[str]:
    tests: dict[str, Callable[[Node], bool]] = {
        "latest": lambda node: node.version is not None and node.version == node.latest_version,
        "old": lambda node: _order(node.version) < _order(node.latest_version),
        "prerelease": lambda node: _order(node.version) > _order(node.latest_version),
        "none": lambda node: node.version is None,
    }
    if look.value not in tests:
        raise UsageProblem(f"`version:{look.value}` is unknown.", hint=f"There is {', '.join(tests)}.")
    return (node.unique_id for node in look.nodes("model") if tests[look.value](node))


def _order(version: str | None) -> tuple[float, str]:
    """Numbers in their order, then text; no version is equal to no version."""
    try:
        return float(version or 0), ""
    except ValueError:
        return float("inf"), version or ""


def _test_name(look: Lookup) -> Iterator[str]:
    for node in look.nodes("test", "unit_test"):
        name = node.test_name if node.resource_type == "test" else node.name
        if name and fnmatchcase(name, look.value):
            yield node.unique_id


def _test_type(look: Lookup) -> Iterator[str]:
    kinds: dict[str, Callable[[Node], bool]] = {
        "generic": lambda node: node.test_name is not None,
        "singular": lambda node: node.resource_type == "test" and node.test_name is None,
        "data": lambda node: node.resource_type == "test",
        "unit": lambda node: node.resource_type == "unit_test",
        "schema": lambda node: node.test_name is not None,
    }
    if look.value not in kinds:
        raise UsageProblem(f"`test_type:{look.value}` is unknown.", hint=f"There is {', '.join(kinds)}.")
    return (n.unique_id for n in look.nodes("test", "unit_test") if kinds[look.value](n))


def _state(look: Lookup) -> Iterator[str]:
    # `state:modified.body` has its dot in the value, which is dbt's way to write it.
    return (
        unique_id for unique_id in look.state.comparison.select(look.value) if unique_id in look.graph.nodes
    )


def _result(look: Lookup) -> Iterator[str]:
    statuses = look.state.statuses
    return (node.unique_id for node in look.nodes() if statuses.get(node.unique_id) == look.value)


def _source_status(look: Lookup) -> Iterator[str]:
    if look.value != "fresher":
        raise UsageProblem(
            f"`source_status:{look.value}` is unknown.", hint="There is source_status:fresher."
        )
    fresher = look.state.fresher
    return (node.unique_id for node in look.nodes("source") if node.unique_id in fresher)


Method = Callable[[Lookup], Iterator[str]]

METHODS: Mapping[str, Method] = {
    "fqn": _fqn,
    "tag": _tag,
    "path": _path,
    "file": _file,
    "package": _package,
    "config": _config,
    "resource_type": _resource_type,
    "source": _source,
    "exposure": _of_type("exposure"),
    "metric": _of_type("metric"),
    "semantic_model": _of_type("semantic_model"),
    "saved_query": _of_type("saved_query"),
    "unit_test": _of_type("unit_test"),
    "group": _group,
    "access": _access,
    "version": _version,
    "test_name": _test_name,
    "test_type": _test_type,
    "state": _state,
    "result": _result,
    "source_status": _source_status,
}
"""Every method but `selector`, which means another selection."""
