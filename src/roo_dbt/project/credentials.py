"""What a profile's credentials mean: the names dbt's adapters accept, their defaults, DuckDB's path."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from roo_dbt.errors import ProjectProblem

ALIASES: Mapping[str, Mapping[str, str]] = {
    "bigquery": {"project": "database", "dataset": "schema"},
    "databricks": {"catalog": "database"},
    "postgres": {"dbname": "database", "pass": "password"},
    "redshift": {"dbname": "database", "pass": "password"},
}
"""Other names of credentials by adapter, as dbt's adapters translate them."""

MOTHERDUCK = ("md:", "motherduck:")


def normalised(
    kind: str, credentials: Mapping[str, Any], *, cwd: Path, project: Path, where: str
) -> dict[str, Any]:
    """The credentials under one name each, `database` and `schema` among them where they are known.

    Raises:
        ProjectProblem: a DuckDB path that no second process can read.
    """
    aliases = ALIASES.get(kind, {})
    result = {aliases.get(name, name): value for name, value in credentials.items()}
    return _duckdb(result, cwd=cwd, project=project, where=where) if kind == "duckdb" else result


def _duckdb(credentials: dict[str, Any], *, cwd: Path, project: Path, where: str) -> dict[str, Any]:
    """Fill what dbt-duckdb fills (dbt-duckdb 1.11, credentials.py, read 2026-11-22)."""
    path = str(credentials.get("path") or ":memory:")
    if path.startswith(":memory:"):
        raise ProjectProblem(
            "the DuckDB database is in memory, so it is gone when dbt ends and there is nothing to export.",
            where=where,
            hint="Give the target a `path`, such as `path: warehouse.duckdb`.",
        )
    located = path if is_remote(path) else str(locate_duckdb(path, cwd=cwd, project=project))
    defaults = {"database": database_name(path), "schema": "main"}
    return {**defaults, **credentials, "path": located}


def is_remote(path: str) -> bool:
    """Whether a DuckDB path names no local file: MotherDuck, DuckLake, a URL."""
    return path.startswith((*MOTHERDUCK, "ducklake:")) or "://" in path


def locate_duckdb(path: str, *, cwd: Path, project: Path) -> Path:
    """The file that a profile's `path` means.

    dbt 1.11 leaves the current folder alone, even with --project-dir, and DuckDB opens the path from
    there (tried with dbt-core 1.11.16). If that file is missing and there is one beside
    `dbt_project.yml`, that one is meant: roo-dbt was started elsewhere than dbt.
    """
    named = Path(path).expanduser()
    here, beside = (cwd / named).resolve(), (project / named).resolve()
    return beside if not here.exists() and beside.exists() else here


def database_name(path: str) -> str:
    """The name under which DuckDB attaches the file: what comes before the first dot.

    >>> database_name("data/shop.prod.duckdb")
    'shop'
    """
    scheme, colon, rest = path.partition(":")
    if colon and f"{scheme}:" in MOTHERDUCK:
        name = rest.partition("?")[0].removeprefix("//")
        return Path(name).stem or "my_db"
    if colon and scheme == "ducklake":
        path = rest
    return Path(path.partition("?")[0]).name.lstrip(".").split(".")[0]
