"""The SQL that pages give to the owner of a Postgres: with it a plan, or a sync, works, and not without."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.docs.fences import fences
from tests.postgres_server import PASSWORD, Server
from tests.run.engines import PostgresDatabase
from tests.run.shop import ANN, BO, CY, Shop, counted

from roo_dbt.errors import RooError, WarehouseUnavailable
from roo_dbt.sandbox.server import Sandbox

ROLES = ("prod", "ci", "reporter")


def statements(page: str) -> list[str]:
    """The SQL of a page, one statement each."""
    (sql,) = (fence.text for fence in fences() if (fence.page, fence.language) == (page, "sql"))
    return [part.strip() for part in sql.split(";") if part.strip()]


@pytest.fixture
def database(postgres: Server) -> Iterator[PostgresDatabase]:
    """A database with a model that three roles may read, and no right for them beyond that."""
    engine = PostgresDatabase(postgres, postgres.database())
    with postgres.connect(engine.database) as owner:
        for role in ROLES:
            owner.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'".encode())
            owner.execute(f"GRANT USAGE ON SCHEMA main TO {role}".encode())
            owner.execute(
                f"ALTER DEFAULT PRIVILEGES IN SCHEMA main GRANT SELECT ON TABLES TO {role}".encode()
            )
        owner.execute(f"GRANT CREATE ON DATABASE {engine.database} TO prod".encode())
    yield engine
    postgres.drop(engine.database)
    with postgres.connect() as owner:
        for role in ROLES:
            owner.execute(f"DROP ROLE {role}".encode())


@pytest.fixture
def shop(tmp_path: Path, database: PostgresDatabase) -> Iterator[Shop]:
    """The project of three customers with one destination."""
    with Sandbox(enforce_limits=False) as sandbox:
        made = Shop(tmp_path, sandbox, engine=database)
        made.customers(f"{ANN}, {BO}, {CY}")
        made.braze()
        yield made


def become(shop: Shop, role: str) -> None:
    """Connect as a role from now on."""
    target = {**shop.on.profile(), "user": role}
    profile = {"shop": {"target": "dev", "outputs": {"dev": target}}}
    (shop.folder / "profiles.yml").write_text(json.dumps(profile))


def execute(database: PostgresDatabase, role: str, page: str) -> None:
    """Type the SQL of a page."""
    with database.server.connect(database.database, user=role) as connection:
        for statement in statements(page):
            connection.execute(statement.encode())


def test_the_rights_of_ci_are_enough_for_a_plan(shop: Shop, database: PostgresDatabase) -> None:
    become(shop, "prod")
    shop.sync(state_schema="analytics_roo")
    become(shop, "ci")
    with pytest.raises(RooError, match="permission denied for schema analytics_roo"):
        shop.plan(state_schema="analytics_roo")

    execute(database, "prod", "docs/ci.md")

    assert shop.plan(state_schema="analytics_roo").counts.unchanged == 3

    # A mapping that changes makes the snapshot anew.
    become(shop, "prod")
    shop.braze(mapping={"external_id": "id", "email": "email", "town": "city"})
    assert counted(shop.sync(state_schema="analytics_roo")) == {"updated": 3}
    become(shop, "ci")
    assert shop.plan(state_schema="analytics_roo").counts.unchanged == 3


def test_a_schema_that_an_owner_made_is_enough_for_a_sync(shop: Shop, database: PostgresDatabase) -> None:
    shop.roo["state_schema"] = "marketing_roo"
    become(shop, "reporter")
    with pytest.raises(WarehouseUnavailable, match="marketing_roo"):
        shop.sync()

    execute(database, database.profile()["user"], "docs/warehouses.md")

    assert counted(shop.sync()) == {"created": 3}
    assert counted(shop.sync()) == {"unchanged": 3}
