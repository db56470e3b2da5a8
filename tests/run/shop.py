"""A dbt project as its files would be after `dbt build`, made without dbt so that a test takes no seconds."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.run.engines import DuckDBFile, Engine, StateInAFile

from roo_dbt.records import (
    DestinationPlan,
    DestinationResult,
    RunRecord,
    SyncReport,
    Unaccepted,
)
from roo_dbt.report.progress import SilentProgress
from roo_dbt.run import Options, failures, plan, status, sync
from roo_dbt.sandbox.server import Sandbox

ANN, BO, CY = (
    "(1, 'ann@example.com', 'Oslo', 10.5)",
    "(2, 'bo@example.com', NULL, 20)",
    "(3, 'cy@example.com', 'Rome', NULL)",
)
"""Rows of the three customers that most tests begin with."""

KEYS = {"BRAZE_KEY": "a-braze-key-nobody-may-see", "ITERABLE_KEY": "an-iterable-key-nobody-may-see"}


@dataclass
class Shop:
    """A folder with a manifest and a profile, and a database beside it; `customers` is its table.

    Attributes:
        folder: the project.
        sandbox: where both apps point.
        environ: what `${NAME}` sees.
        destinations: the destinations of the model, as in the YAML.
        nodes: what the manifest has beside the model, by unique id.
        engine: the database; a DuckDB file in the folder unless it is given.
        materialized: what the manifest says the model is.
    """

    folder: Path
    sandbox: Sandbox
    environ: dict[str, str] = field(default_factory=lambda: dict(KEYS))
    destinations: list[dict[str, Any]] = field(default_factory=list)
    key: Any = "id"
    roo: dict[str, Any] = field(default_factory=dict)
    nodes: dict[str, dict[str, Any]] = field(default_factory=dict)
    engine: Engine | None = None
    materialized: str = "table"

    def __post_init__(self) -> None:
        """Write the project; no table yet."""
        self.roo = {
            "apps": {
                "braze": {"type": "braze", "rest_endpoint": self.sandbox.url, "api_key": "${BRAZE_KEY}"},
                "iterable": {
                    "type": "iterable",
                    "base_url": self.sandbox.url,
                    "api_key": "${ITERABLE_KEY}",
                    "project_type": self.sandbox.iterable_project_type,
                },
            }
        }
        if isinstance(self.on, StateInAFile):
            self.roo["state"] = {"path": self.on.file.name}
        (self.folder / "profiles.yml").write_text(
            json.dumps({"shop": {"target": "dev", "outputs": {"dev": self.on.profile()}}})
        )
        self.sql("SELECT 1")

    @property
    def on(self) -> Engine:
        """The database."""
        return self.engine or DuckDBFile(self.file)

    @property
    def file(self) -> Path:
        """DuckDB's database."""
        return self.folder / "shop.duckdb"

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run SQL as dbt or a person would, in a connection of its own; the last one's rows."""
        return self.on.sql(*statements)

    def customers(self, rows: str, columns: str = "id, email, city, ltv") -> None:
        """(Re)build the model from SQL VALUES, or from any SELECT."""
        if rows.startswith("("):
            casts = {
                "ltv": "DOUBLE",
                "city": "VARCHAR",
                "vip": "BOOLEAN",
                "news": "BOOLEAN",
                "segments": "VARCHAR[]",
            }
            typed = [
                f"{name}::{casts[name]} AS {name}" if name in casts else name for name in columns.split(", ")
            ]
            rows = f"SELECT {', '.join(typed)} FROM (VALUES {rows}) t({columns})"
        self.sql(f"CREATE OR REPLACE TABLE customers AS {rows}")

    def braze(self, mode: str = "sync", **settings: Any) -> None:
        """Declare the Braze destination, replacing an earlier one."""
        mapping = {"external_id": "id", "email": "email", "home_city": "city", "ltv": "ltv"}
        self._declare(
            {"name": "braze_customers", "app": "braze", "sync_mode": mode, "mapping": mapping}, settings
        )

    def iterable(self, mode: str = "sync", **settings: Any) -> None:
        """Declare the Iterable destination, replacing an earlier one."""
        mapping = {"email": "email", "city": "city", "ltv": "ltv"}
        self._declare(
            {"name": "iterable_customers", "app": "iterable", "sync_mode": mode, "mapping": mapping}, settings
        )

    def _declare(self, defaults: dict[str, Any], settings: Mapping[str, Any]) -> None:
        declared = {key: value for key, value in {**defaults, **settings}.items() if value is not None}
        self.destinations = [d for d in self.destinations if d["name"] != declared["name"]] + [declared]

    def write(self) -> None:
        """Write dbt's files as they would be after `dbt build`."""
        (self.folder / "dbt_project.yml").write_text(
            json.dumps({"name": "shop", "version": "1.0", "profile": "shop", "vars": {"roo": self.roo}})
        )
        meta = {"roo": {"key": self.key, "destinations": self.destinations}}
        node = {
            "unique_id": "model.shop.customers",
            "resource_type": "model",
            "name": "customers",
            "package_name": "shop",
            "database": self.on.database,
            "schema": self.on.schema,
            "alias": "customers",
            "relation_name": self.on.relation("customers"),
            "original_file_path": "models/customers.sql",
            "patch_path": "shop://models/schema.yml",
            "path": "customers.sql",
            "fqn": ["shop", "customers"],
            "tags": [],
            "columns": {},
            "config": {"meta": meta, "materialized": self.materialized, "enabled": True},
            "meta": meta,
            "depends_on": {"nodes": []},
            "unrendered_config": {"meta": meta},
        }
        manifest = {
            "metadata": {
                "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
                "dbt_version": "1.11.16",
                "adapter_type": self.on.adapter,
                "project_name": "shop",
                "generated_at": "2026-11-22T00:00:00Z",
                "invocation_id": "one",
            },
            "nodes": {node["unique_id"]: node} | self.nodes,
            "sources": {},
            "exposures": {},
            "parent_map": {node["unique_id"]: []},
            "child_map": {node["unique_id"]: []},
        }
        (self.folder / "target").mkdir(exist_ok=True)
        (self.folder / "target" / "manifest.json").write_text(json.dumps(manifest))

    def options(self, **options: Any) -> Options:
        """The options of a command in this project."""
        return Options(project_dir=self.folder, profiles_dir=self.folder, **options)

    def report(self, *, stop: threading.Event | None = None, **options: Any) -> SyncReport:
        """`roo-dbt sync`."""
        self.write()
        self.sandbox.clear_requests()
        return sync(self.options(**options), SilentProgress(), stop or threading.Event(), self.environ)

    def sync(self, **options: Any) -> DestinationResult:
        """`roo-dbt sync` of a project with one destination."""
        (result,) = self.report(**options).results
        return result

    def plan(self, *, show_values: bool = False, **options: Any) -> DestinationPlan:
        """`roo-dbt plan` of a project with one destination."""
        self.write()
        report = plan(self.options(**options), show_values=show_values, environ=self.environ)
        (one,) = report.plans
        return one

    def plans(self) -> tuple[DestinationPlan, ...]:
        """`roo-dbt plan` of a project with several destinations."""
        self.write()
        return plan(self.options(), environ=self.environ).plans

    def failures(self) -> list[Unaccepted]:
        """`roo-dbt failures`."""
        self.write()
        return failures(self.options(), self.environ)

    def status(self) -> list[RunRecord]:
        """`roo-dbt status`."""
        self.write()
        return list(status(self.options(), environ=self.environ).runs)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The objects that the last sync sent to Braze, in the order of arrival."""
        return [body for entry in self.sandbox.requests for body in (entry.body or {}).get("attributes", [])]


def counted(result: DestinationResult) -> dict[str, int]:
    """The counts that are not 0."""
    counts = {name: getattr(result.counts, name) for name in result.counts.__slots__}
    return {name: number for name, number in counts.items() if number}
