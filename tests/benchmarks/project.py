"""A dbt project of many customers, as its files would be after `dbt build`, made without dbt."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

DESTINATION = "customers"
KEYS = {"ROO_KEY": "a-key-of-the-benchmarks"}

ROWS = (
    "SELECT i::BIGINT AS id, 'user' || i || '@example.com' AS email, 'First' || i % 997 AS first_name, "
    "'Last' || i % 1999 AS last_name, 'City ' || i % 211 AS city, "
    "CASE i % 3 WHEN 0 THEN 'free' WHEN 1 THEN 'team' ELSE 'enterprise' END AS plan, "
    "((i * 37 % 100000) / 100.0)::DOUBLE AS ltv"
)
"""Seven columns of a customer, by the number `i`."""

WIDE_ROWS = (
    f"{ROWS}, (i % 1000)::INTEGER AS orders, ((i * 13 % 1000000) / 100)::DECIMAL(12, 2) AS balance, "
    "i % 7 = 0 AS is_active, TIMESTAMP '2020-01-01' + INTERVAL (i % 100000000) SECOND AS seen_at, "
    "DATE '1950-01-01' + (i % 20000)::INTEGER AS born_on"
)
"""Twelve columns of a customer."""

BRAZE = {
    "external_id": "id",
    "email": "email",
    "first_name": "first_name",
    "last_name": "last_name",
    "home_city": "city",
    "plan": "plan",
    "ltv": "ltv",
}
BRAZE_WIDE = BRAZE | {
    "orders": "orders",
    "balance": "balance",
    "is_active": "is_active",
    "seen_at": "seen_at",
    "dob": "born_on",
}
ITERABLE = {
    "email": "email",
    "firstName": "first_name",
    "lastName": "last_name",
    "city": "city",
    "plan": "plan",
    "ltv": "ltv",
    "customer": "id",
}


@dataclass(frozen=True)
class Project:
    """A folder with dbt's files and a DuckDB file with the table `customers`.

    Args:
        folder: is made.
        url: where the vendor is.
        vendor: `braze` or `iterable`.
        mapping: destination field: column.
        enabled: whether the destination is synced at all.
        settings: DuckDB's settings in the profile, such as `memory_limit`.
        app: further settings of the app.
    """

    folder: Path
    url: str
    vendor: str
    mapping: dict[str, str]
    enabled: bool = True
    settings: tuple[tuple[str, str], ...] = ()
    app: tuple[tuple[str, Any], ...] = ()

    @property
    def file(self) -> Path:
        """The database."""
        return self.folder / "shop.duckdb"

    def make(self, rows: str, number: int) -> None:
        """Write everything; `rows` is a SELECT by the number `i`, which goes up to `number`."""
        self.folder.mkdir(parents=True)
        self.write()
        self.sql(f"CREATE TABLE customers AS {rows} FROM range(1, {number + 1}) r(i)")

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run SQL in a connection of its own; the last statement's rows."""
        found: list[tuple[Any, ...]] = []
        with duckdb.connect(str(self.file)) as connection:
            for statement in statements:
                found = connection.execute(statement).fetchall()
        return found

    def save(self, name: str) -> None:
        """Keep the database as it is under a name."""
        shutil.copy(self.file, self.folder / f"{name}.saved")

    def load(self, name: str) -> None:
        """Take the database back to what was saved."""
        shutil.copy(self.folder / f"{name}.saved", self.file)

    def results(self) -> dict[str, Any]:
        """What the last sync wrote of the destination."""
        (result,) = json.loads((self.folder / "target" / "roo_results.json").read_text())["results"]
        assert isinstance(result, dict)
        return result

    def write(self) -> None:
        """Write dbt's files."""
        output = {"type": "duckdb", "path": str(self.file), "settings": dict(self.settings)}
        profiles = {"shop": {"target": "dev", "outputs": {"dev": output}}}
        project = {
            "name": "shop",
            "version": "1.0",
            "profile": "shop",
            "vars": {"roo": {"apps": self._apps()}},
        }
        (self.folder / "profiles.yml").write_text(json.dumps(profiles))
        (self.folder / "dbt_project.yml").write_text(json.dumps(project))
        (self.folder / "target").mkdir(exist_ok=True)
        (self.folder / "target" / "manifest.json").write_text(json.dumps(self._manifest()))

    def _apps(self) -> dict[str, Any]:
        place = {"rest_endpoint": self.url} if self.vendor == "braze" else {"base_url": self.url}
        kind = {} if self.vendor == "braze" else {"project_type": "email"}
        return {
            self.vendor: {"type": self.vendor, "api_key": "${ROO_KEY}", **place, **kind, **dict(self.app)}
        }

    def _manifest(self) -> dict[str, Any]:
        destination = {
            "name": DESTINATION,
            "app": self.vendor,
            "sync_mode": "sync",
            "mapping": self.mapping,
            "enabled": self.enabled,
        }
        meta = {"roo": {"key": "id", "destinations": [destination]}}
        node = {
            "unique_id": "model.shop.customers",
            "resource_type": "model",
            "name": "customers",
            "package_name": "shop",
            "database": "shop",
            "schema": "main",
            "alias": "customers",
            "relation_name": '"shop"."main"."customers"',
            "original_file_path": "models/customers.sql",
            "path": "customers.sql",
            "fqn": ["shop", "customers"],
            "tags": [],
            "columns": {},
            "config": {"meta": meta, "materialized": "table", "enabled": True},
            "meta": meta,
            "depends_on": {"nodes": []},
        }
        metadata = {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
            "dbt_version": "1.11.16",
            "adapter_type": "duckdb",
            "project_name": "shop",
        }
        empty: dict[str, Any] = {"sources": {}, "exposures": {}, "parent_map": {}, "child_map": {}}
        return {"metadata": metadata, "nodes": {node["unique_id"]: node}, **empty}
