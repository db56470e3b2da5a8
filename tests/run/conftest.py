"""Every test of the engine talks to a real DuckDB file or a real Postgres, and to a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.postgres_server import Server
from tests.run.emulated import BRIEF, EMULATED, emulator
from tests.run.engines import ELSEWHERE, ENGINES, DuckDBFile, Engine, PostgresDatabase, StateInAFile
from tests.run.shop import ANN, BO, CY, Shop
from tests.run.sparked import SPARKED, spark_schema

from roo_dbt.sandbox.server import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Both vendors on loopback, without their rate limits."""
    with Sandbox(enforce_limits=False) as running:
        yield running


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test of the engine on DuckDB and Postgres; some also with the state in a file, or on an emulator."""
    names = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "engine" not in metafunc.fixturenames or "engine" in names:
        return
    engines: list[object] = list(ENGINES)
    if getattr(metafunc.module, "ALSO_ELSEWHERE", False):
        engines.append(ELSEWHERE)
    module = metafunc.module.__name__.rpartition(".")[2]
    if module in EMULATED:
        reason = EMULATED[module].get(metafunc.function.__name__)
        marks = [pytest.mark.skip(reason)] if reason else []
        engines.append(
            pytest.param("snowflake", marks=marks if module == BRIEF else [*marks, pytest.mark.slow])
        )
    if module in SPARKED:
        reason = SPARKED[module].get(metafunc.function.__name__)
        left_out = [pytest.mark.skip(reason)] if reason else []
        engines.append(pytest.param("spark", marks=[*left_out, pytest.mark.nightly]))
    metafunc.parametrize("engine", engines, indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database; a test that says `@DUCKDB` keeps to a file."""
    if request.param == "duckdb":
        yield DuckDBFile(tmp_path / "shop.duckdb")
        return
    if request.param == "snowflake":
        with emulator() as account:
            yield account
        return
    if request.param == "spark":
        with spark_schema() as schema:
            yield schema
        return
    server: Server = request.getfixturevalue("postgres")
    database = PostgresDatabase(server, server.database())
    if request.param == ELSEWHERE:
        reader = StateInAFile(database, tmp_path / "state.duckdb")
        yield reader
        server.drop(database.database)
        reader.drop()
        return
    yield database
    server.drop(database.database)


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox, engine: Engine) -> Shop:
    """A project with three customers for Braze."""
    made = Shop(tmp_path, sandbox, engine=engine)
    made.customers(f"{ANN}, {BO}, {CY}")
    made.braze()
    return made
