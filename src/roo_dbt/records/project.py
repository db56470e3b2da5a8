"""What dbt's files say: models, columns, and problems in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Relation:
    """A table as dbt names it. `quoted` is complete and ready for SQL."""

    database: str | None
    schema: str
    identifier: str
    quoted: str


@dataclass(frozen=True, slots=True)
class FailedTest:
    """A dbt test that found rows it should not have.

    `relation` is the table of those rows, None where dbt keeps none (`store_failures`) or not all.
    `kind` is the name of a generic test, `column` what it looks at.
    """

    name: str
    relation: Relation | None = None
    kind: str | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A dbt model, seed or snapshot that may declare destinations.

    `meta` is the raw `config.meta.roo` (any type; {} when absent); `column_meta` maps a column
    to its raw `config.meta.roo`. `file` is the YAML file that describes the node if there is one,
    else the file that defines it, relative to the project. `current_rows` is SQL that keeps the
    rows of a dbt snapshot that are current, None elsewhere. `columns` are those that the YAML
    describes; the type is empty where it does not say.
    """

    unique_id: str
    name: str
    resource_type: Literal["model", "seed", "snapshot"]
    relation: Relation
    file: str
    meta: Any
    column_meta: Mapping[str, Any]
    package: str = ""
    path: str = ""
    fqn: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    config: Mapping[str, Any] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()
    current_rows: str | None = None
    top_level_meta: bool = False
    columns: tuple[Column, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table, its name and type as the warehouse's catalogue has them."""

    name: str
    type: str
