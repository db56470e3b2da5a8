"""One project for all tests of the dbt package, built by real dbt on DuckDB and on Postgres."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.conftest import Dbt
from tests.macros.lab import ENGINES, Lab
from tests.postgres_server import Server
from tests.run.engines import DuckDBFile, PostgresDatabase

from roo_dbt.sandbox.server import Sandbox


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of one project stay together under `-n`; a mark at the fixture's parameter is not seen."""
    for item in items:
        engine = getattr(item, "callspec", None) and item.callspec.params.get("lab")  # type: ignore[attr-defined]
        if engine:
            item.add_marker(pytest.mark.xdist_group(f"{item.path.stem} on {engine}"))


@pytest.fixture(scope="module", params=ENGINES)
def lab(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, dbt: Dbt) -> Iterator[Lab]:
    """The project, with the package installed and nothing built."""
    folder = tmp_path_factory.mktemp("package")
    with Sandbox(enforce_limits=False) as sandbox:
        if request.param == "duckdb":
            yield Lab.made(folder, DuckDBFile(folder / "shop.duckdb"), sandbox, dbt)
            return
        server: Server = request.getfixturevalue("postgres")
        name = server.database()
        yield Lab.made(folder, PostgresDatabase(server, name), sandbox, dbt)
        server.drop(name)
