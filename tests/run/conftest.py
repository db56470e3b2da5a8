"""Every test of the engine talks to a real DuckDB file or a real Postgres, and to a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.postgres_server import Server
from tests.run.engines import DuckDBFile, Engine, PostgresDatabase
from tests.run.shop import ANN, BO, CY, Shop

from roo_dbt.sandbox.server import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Both vendors on loopback, without their rate limits."""
    with Sandbox(enforce_limits=False) as running:
        yield running


@pytest.fixture(params=["duckdb", "postgres"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database; a test that says `@DUCKDB` keeps to a file."""
    if request.param == "duckdb":
        yield DuckDBFile(tmp_path / "shop.duckdb")
        return
    server: Server = request.getfixturevalue("postgres")
    name = server.database()
    yield PostgresDatabase(server, name)
    server.drop(name)


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox, engine: Engine) -> Shop:
    """A project with three customers for Braze."""
    made = Shop(tmp_path, sandbox, engine=engine)
    made.customers(f"{ANN}, {BO}, {CY}")
    made.braze()
    return made
