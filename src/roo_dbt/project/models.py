"""Nodes of a manifest → `records.Model`: what may declare destinations, with its raw block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from roo_dbt.project.current_rows import current_rows
from roo_dbt.project.graph import Graph, Node
from roo_dbt.project.meta_origin import Origin, Origins
from roo_dbt.project.project_file import KEY
from roo_dbt.records import Column, Model, Problem, Relation

TABLES = ("model", "seed", "snapshot")
"""Resource types that end as a table or a view."""


class ModelReader:
    """Reads the models of one manifest and collects what is wrong with them.

    Args:
        document: the manifest.
        graph: its graph.
        origins: reads the files that describe the nodes.
        dbt_major: the major version of the dbt that wrote it.
    """

    def __init__(self, document: Mapping[str, Any], graph: Graph, origins: Origins, dbt_major: int) -> None:
        self.problems: list[Problem] = []
        self._raw: Mapping[str, Mapping[str, Any]] = document.get("nodes") or {}
        self._graph = graph
        self._origins = origins
        self._dbt_major = dbt_major

    def models(self) -> Iterator[Model]:
        """Every model, seed and snapshot that is a table or a view."""
        for unique_id, raw in self._raw.items():
            node = self._graph.nodes[unique_id]
            if node.resource_type in TABLES:
                model = self._model(node, raw)
                if model is not None:
                    yield model

    def _model(self, node: Node, raw: Mapping[str, Any]) -> Model | None:
        meta = self._meta(raw)
        columns = dict(self._column_meta(raw))
        annotated = KEY in meta or bool(columns)
        origin = self._origins.of(node, raw) if annotated else Origin()
        if annotated and self._is_inherited(node, meta, origin):
            meta, columns, annotated, origin = {}, {}, False, Origin()
        file = self._file(node)
        quoted = raw.get("relation_name")
        if not quoted:
            if annotated:
                self._refuse_without_table(node, file)
            return None
        self._report(node, file, origin)
        return Model(
            unique_id=node.unique_id,
            name=node.name,
            resource_type=cast(Any, node.resource_type),
            relation=Relation(
                raw.get("database"), raw.get("schema") or "", raw.get("alias") or node.name, quoted
            ),
            file=file,
            meta=meta.get(KEY, {}),
            column_meta=columns,
            package=node.package,
            path=node.file,
            fqn=node.fqn,
            tags=node.tags,
            config=node.config,
            depends_on=node.depends_on,
            current_rows=current_rows(node.config) if node.resource_type == "snapshot" else None,
            top_level_meta=bool(origin.top_level),
            columns=tuple(
                Column(column.get("name") or name, column.get("data_type") or "")
                for name, column in (raw.get("columns") or {}).items()
            ),
        )

    def _meta(self, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        meta = (raw.get("config") or {}).get("meta")
        if meta is None and self._dbt_major < 2:
            meta = raw.get("meta")
        return meta if isinstance(meta, dict) else {}

    def _column_meta(self, raw: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Raw blocks by column. dbt 2 writes the model's meta into `columns[].meta`: never read there."""
        for name, column in (raw.get("columns") or {}).items():
            meta = (column.get("config") or {}).get("meta")
            if meta is None and self._dbt_major < 2:
                meta = column.get("meta")
            if isinstance(meta, dict) and KEY in meta:
                yield column.get("name") or name, meta[KEY]

    def _is_inherited(self, node: Node, meta: Mapping[str, Any], origin: Origin) -> bool:
        """Whether an older version has merely got the block that is written for all versions."""
        if node.version is None or node.version == node.latest_version:
            return False
        if origin.own_version is not None:
            return not origin.own_version
        latest_id = f"model.{node.package}.{node.name}.v{node.latest_version}"
        latest = self._meta(self._raw.get(latest_id) or {})
        return bool(meta.get(KEY) == latest.get(KEY))

    def _file(self, node: Node) -> str:
        file = node.patch_file or node.file
        if node.package in ("", self._origins.package):
            return file
        return f"{self._origins.packages_path}/{node.package}/{file}"

    def _refuse_without_table(self, node: Node, file: str) -> None:
        kind = node.config.get("materialized") or "unknown"
        self.problems.append(
            Problem(
                id="no-table",
                message=f"a model materialized as {kind} has no table to read; make it a table or a view",
                file=file,
                model=node.name,
                path="config.materialized",
                value=str(kind),
            )
        )

    def _report(self, node: Node, file: str, origin: Origin) -> None:
        self.problems += [env_var_problem(path, file, node.name) for path in origin.env_vars]
        if self._dbt_major < 2:
            self.problems += [
                Problem(
                    id="top-level-meta",
                    message=f"dbt 2 refuses `meta:` here; move it: `config: {{meta: {{{KEY}: …}}}}`",
                    file=file,
                    model=node.name,
                    path=path,
                    severity="warning",
                )
                for path in origin.top_level
            ]


def env_var_problem(path: str, file: str, model: str = "") -> Problem:
    """The value of an environment variable went into dbt's artifacts, where `path` says."""
    return Problem(
        id="env-var-in-meta",
        message="dbt writes the value of env_var() into manifest.json; "
        "name an app here and put ${NAME} into `vars: roo: apps:` instead, then parse again",
        file=file,
        model=model,
        path=path,
    )
