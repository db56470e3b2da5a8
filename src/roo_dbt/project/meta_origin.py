"""How a node's `meta.roo` was written, which its manifest does not say.

dbt 1.11.16 copies a top-level `meta:` into `config.meta` and, unless the project sets
`state_modified_compare_more_unrendered_values`, writes rendered values into `unrendered_config`, too
(tried with `dbt parse`, 2026-11-22). So neither the place of a block nor an `env_var()` in it can be
seen in the manifest of dbt 1; only the YAML and SQL files tell. dbt 2.0.0a4 keeps the Jinja in
`unrendered_config`, except for columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from roo_dbt.errors import ProjectProblem
from roo_dbt.project.graph import Node
from roo_dbt.project.project_file import KEY
from roo_dbt.project.sql_config import read_sql_config
from roo_dbt.project.yaml_files import read_yaml

if TYPE_CHECKING:
    from pathlib import Path

_ENV_VAR = re.compile(r"\benv_var\s*\(")
_SECTIONS = {"model": "models", "seed": "seeds", "snapshot": "snapshots"}


@dataclass(frozen=True, slots=True)
class Origin:
    """What the files say about a node's block.

    `top_level` and `env_vars` are YAML paths: blocks written outside `config:`, and values that call
    `env_var()`. `own_version`: this version of the model has a block of its own; None: unknown.
    """

    top_level: tuple[str, ...] = ()
    env_vars: tuple[str, ...] = ()
    own_version: bool | None = None


@dataclass(frozen=True)
class Origins:
    """Reads the files that describe nodes, each once.

    Args:
        project: the project's folder; None: no file is read.
        package: the project's name.
        packages_path: where `dbt deps` installs packages, relative to the project.
    """

    project: Path | None
    package: str
    packages_path: str = "dbt_packages"
    _documents: dict[Path, Mapping[str, Any] | None] = field(default_factory=dict, init=False, repr=False)

    def of(self, node: Node, raw: Mapping[str, Any]) -> Origin:
        """The origin of the block of a node; `raw` is the node in the manifest."""
        entry = self._entry(node)
        sql = read_sql_config(raw.get("raw_code"))
        env_vars = [path for path, text in _block_texts(_described(entry, node)) if _ENV_VAR.search(text)]
        unrendered = (raw.get("unrendered_config") or {}).get("meta")
        if isinstance(unrendered, dict):
            env_vars += [
                f"config.{path}" for path, text in _block_texts({"meta": unrendered}) if _ENV_VAR.search(text)
            ]
        if sql.uses_env_var:
            env_vars.append(f"config(meta.{KEY})")
        own = sql.has_block or _has_block(_version_entry(entry, node))
        return Origin(
            top_level=tuple(_top_level(entry, node)),
            env_vars=tuple(dict.fromkeys(env_vars)),
            own_version=own if entry or sql.has_block else None,
        )

    def _entry(self, node: Node) -> Mapping[str, Any]:
        """What the YAML file says about the node, with Jinja; {} when it cannot be found."""
        if self.project is None or not node.patch_file:
            return {}
        root = (
            self.project if node.package == self.package else self.project / self.packages_path / node.package
        )
        document = self._document(root / node.patch_file)
        entries = document.get(_SECTIONS.get(node.resource_type, "")) if document else None
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and entry.get("name") == node.name:
                return entry
        return {}

    def _document(self, path: Path) -> Mapping[str, Any] | None:
        if path not in self._documents:
            try:
                self._documents[path] = read_yaml(path) if path.is_file() else None
            except ProjectProblem:
                # dbt will say so at the next parse; the manifest at hand is still good.
                self._documents[path] = None
        return self._documents[path]


def project_env_vars(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The YAML paths in `dbt_project.yml` where a `+meta: roo:` calls `env_var()`."""
    parts = {section: document.get(section) for section in _SECTIONS.values()}
    return tuple(path for path, text in _block_texts(parts) if _ENV_VAR.search(text))


def _version_entry(entry: Mapping[str, Any], node: Node) -> Mapping[str, Any]:
    versions = entry.get("versions")
    for version in versions if isinstance(versions, list) else ():
        if isinstance(version, dict) and str(version.get("v")) == node.version:
            return version
    return {}


def _described(entry: Mapping[str, Any], node: Node) -> dict[str, Any]:
    """The entry without the other versions."""
    kept = {key: value for key, value in entry.items() if key != "versions"}
    version = _version_entry(entry, node)
    return {**kept, "versions": {node.version: version}} if version else kept


def _meta(value: Any) -> Mapping[str, Any]:
    meta = value.get("meta") if isinstance(value, dict) else None
    return meta if isinstance(meta, dict) else {}


def _has_block(entry: Mapping[str, Any]) -> bool:
    return KEY in _meta(entry) or KEY in _meta(entry.get("config"))


def _top_level(entry: Mapping[str, Any], node: Node) -> Iterator[str]:
    version = _version_entry(entry, node)
    for prefix, each in (("", entry), (f"versions[{node.version}].", version)):
        if KEY in _meta(each):
            yield f"{prefix}meta.{KEY}"
        columns = each.get("columns")
        for column in columns if isinstance(columns, list) else ():
            if KEY in _meta(column):
                yield f"{prefix}columns[{column.get('name')}].meta.{KEY}"


def _block_texts(value: Any, path: str = "", inside: bool = False) -> Iterator[tuple[str, str]]:
    """Every text inside a `meta: roo:`, with its path."""
    if isinstance(value, dict):
        for key, each in value.items():
            below = f"{path}.{key}" if path else str(key)
            if str(key).lstrip("+") == "meta" and isinstance(each, dict) and not inside:
                yield from _block_texts(each.get(KEY), f"{below}.{KEY}", inside=True)
            else:
                yield from _block_texts(each, below, inside)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            name = each.get("name", index) if isinstance(each, dict) and not inside else index
            yield from _block_texts(each, f"{path}[{name}]", inside)
    elif isinstance(value, str) and inside:
        yield path, value
