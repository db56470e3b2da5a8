"""MotherDuck as far as it can be tested without an account: what is asked of it, and what is never shown.

The database is a local file that stands in for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from roo_dbt.errors import WarehouseUnavailable
from roo_dbt.records import Column, Relation
from roo_dbt.warehouse import open_warehouse
from roo_dbt.warehouse.motherduck import MotherDuck

TOKEN = "a-motherduck-token-nobody-may-see"


class Cloud:
    """Takes note of how it is called, and opens a file of that name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.calls: list[tuple[str, Mapping[str, Any]]] = []

    def __call__(self, path: str, *, config: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
        self.calls.append((path, config))
        return duckdb.connect(str(self.folder / f"{path.partition(':')[2]}.duckdb"))


@pytest.fixture
def cloud(tmp_path: Path) -> Cloud:
    """With one database, `shop`."""
    with duckdb.connect(str(tmp_path / "shop.duckdb")) as connection:
        connection.execute("CREATE TABLE customers AS SELECT 1 AS id")
    return Cloud(tmp_path)


@pytest.mark.parametrize(
    "credentials",
    [
        {"path": f"md:shop?motherduck_token={TOKEN}"},
        {"path": f"md:shop?token={TOKEN}"},
        {"path": "md:shop", "motherduck_token": TOKEN},
        {"path": "md:shop", "settings": {"motherduck_token": TOKEN}},
        {"path": "md:shop", "settings": {"TOKEN": TOKEN}},
        {"path": "md:shop", "config_options": {"motherduck_token": TOKEN}},
        {"path": "md:shop", "plugins": [{"module": "motherduck", "config": {"token": TOKEN}}]},
    ],
)
def test_the_token_goes_along_before_the_connection_is_made_wherever_the_profile_has_it(
    cloud: Cloud, credentials: dict[str, Any]
) -> None:
    with MotherDuck(credentials, connect=cloud).session() as session:
        assert session.one("SELECT id FROM customers") == 1
    assert cloud.calls == [("md:shop", {"motherduck_token": TOKEN, "custom_user_agent": "roo-dbt"})]


def test_without_a_token_the_extension_looks_for_it_in_the_environment(cloud: Cloud) -> None:
    with MotherDuck({"path": "md:shop"}, connect=cloud).session():
        pass
    assert "motherduck_token" not in cloud.calls[0][1]


def test_other_settings_are_set_once_it_is_connected(cloud: Cloud) -> None:
    settings = {"memory_limit": "512MB", "motherduck_saas_mode": "true"}
    with MotherDuck({"path": "md:shop", "settings": settings}, connect=cloud).session() as session:
        assert session.one("SELECT current_setting('memory_limit')") == "488.2 MiB"
    assert cloud.calls[0][1]["motherduck_saas_mode"] == "true"


def test_one_connection_serves_all_sessions(cloud: Cloud) -> None:
    warehouse = MotherDuck({"path": "md:shop"}, connect=cloud)
    with warehouse.session() as session:
        session.run("UPDATE customers SET id = 2")
    with warehouse.session() as session:
        assert session.one("SELECT id FROM customers") == 2
        assert session.one("SELECT current_setting('TimeZone')") == "UTC"
        found = warehouse.columns(session, Relation("shop", "main", "customers", ""))
        assert found == [Column("id", "INTEGER")]
    assert len(cloud.calls) == 1


def test_others_may_write_meanwhile_so_locks_need_a_heartbeat() -> None:
    assert MotherDuck({"path": "md:shop"}).is_shared


@pytest.mark.parametrize(
    ("path", "name"), [("md:shop", "shop"), ("md:", "my_db"), ("motherduck:shop?attach_mode=single", "shop")]
)
def test_the_database_is_named_by_the_path(path: str, name: str) -> None:
    warehouse = open_warehouse("duckdb", {"path": path})
    assert isinstance(warehouse, MotherDuck)
    assert warehouse.database == name


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        (f"Invalid Input Error: Jwt of motherduck_token={TOKEN}& is expired", "MOTHERDUCK_TOKEN"),
        (f"IO Error: the token '{TOKEN}' is not valid", "MOTHERDUCK_TOKEN"),
        ("IO Error: Extension motherduck.duckdb_extension not found", "INSTALL motherduck"),
        ("IO Error: no route to host", ""),
    ],
)
def test_what_goes_wrong_is_told_without_the_token(said: str, hint: str) -> None:
    def refuse(path: str, *, config: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
        raise duckdb.IOException(said)

    warehouse = MotherDuck({"path": f"md:shop?motherduck_token={TOKEN}"}, connect=refuse)
    with pytest.raises(WarehouseUnavailable, match="cannot open md:shop") as refusal, warehouse.session():
        pytest.fail("it refuses")
    assert TOKEN not in str(refusal.value)
    assert hint in str(refusal.value)


def test_an_attached_database_of_motherduck_is_named_without_options() -> None:
    warehouse = MotherDuck({"path": "md:shop"})
    plain = warehouse._attachment({"path": f"md:hr?motherduck_token={TOKEN}"})
    named = warehouse._attachment({"path": "md:hr", "alias": "people"})
    assert (plain, named) == (
        "ATTACH IF NOT EXISTS 'md:hr'",
        """ATTACH IF NOT EXISTS 'md:hr' AS "people\"""",
    )
