"""Databricks' connection, with a driver that takes notes; and the real driver's errors, where it is there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from tests.warehouse.fake_driver import Driver, DriverError

from roo_dbt.errors import RooError, WarehouseLost, WarehouseUnavailable
from roo_dbt.records import Column, Relation
from roo_dbt.warehouse.databricks import Databricks
from roo_dbt.warehouse.dialects.databricks import DatabricksDialect
from roo_dbt.warehouse.statement import RefusedStatement

SECRET = "a-databricks-token-nobody-may-see"
TARGET: dict[str, Any] = {
    "host": "dbc-1.cloud.databricks.com",
    "http_path": "/sql/1.0/warehouses/1",
    "token": SECRET,
    "database": "shop",
    "schema": "main",
}
DIALECT = DatabricksDialect()


class Refusal(DriverError):
    """What the server says of a statement."""


class Connector(Driver):
    """With the error class of the real one."""

    ServerOperationError = Refusal


def test_the_profile_is_what_the_connector_is_called_with() -> None:
    driver = Connector()
    with Databricks({**TARGET, "session_properties": {"ansi_mode": True}}, driver=driver).session():
        pass
    assert driver.calls == [
        {
            "server_hostname": "dbc-1.cloud.databricks.com",
            "http_path": "/sql/1.0/warehouses/1",
            "access_token": SECRET,
            "catalog": "shop",
            "schema": "main",
            "session_configuration": {"ansi_mode": True},
            "user_agent_entry": "roo-dbt",
        }
    ]
    assert driver.statements == ["SET TIME ZONE 'UTC'"]


def test_oauth_is_a_browser_or_a_service_principal() -> None:
    target = {**TARGET, "token": None, "auth_type": "oauth"}
    person = Databricks(target, driver=Connector()).parameters()
    machine = Databricks(
        {**target, "client_id": "i", "client_secret": SECRET}, driver=Connector()
    ).parameters()
    assert person["auth_type"] == "databricks-oauth"
    assert callable(machine["credentials_provider"])
    assert SECRET not in str({name: value for name, value in machine.items() if isinstance(value, str)})
    with pytest.raises(WarehouseUnavailable, match="neither a token nor auth_type"):
        Databricks({**TARGET, "token": None}, driver=Connector()).parameters()


def test_the_real_driver_has_the_errors_that_we_ask_for() -> None:
    connector = pytest.importorskip("databricks.sql", reason="pip install 'roo-dbt[databricks]'")
    assert issubclass(connector.ServerOperationError, connector.Error)


def test_a_connection_that_fails_is_told_without_the_token() -> None:
    driver = Connector()
    driver.refusal = DriverError(f"Error during request to server. Invalid access token {SECRET}")
    with pytest.raises(WarehouseUnavailable, match=r"dbc-1\.cloud") as refusal:
        Databricks(TARGET, driver=driver).connected()
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (Refusal("[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column `emial`"), RefusedStatement, "`emial`"),
        (Refusal("[CAST_INVALID_INPUT] The value 'ann@example.com' of"), RefusedStatement, "CAST_INVALID"),
        (DriverError("Error during request to server"), WarehouseLost, "request to server"),
    ],
)
def test_an_error_is_the_statements_or_the_services(
    error: Exception, kind: type[RooError], said: str
) -> None:
    def answer(sql: str) -> Sequence[tuple[Any, ...]]:
        if "customers" in sql:
            raise error
        return []

    with pytest.raises(kind) as refusal, Databricks(TARGET, driver=Connector(answer)).session() as session:
        session.run("SELECT * FROM customers")
    assert said in refusal.value.message
    assert "ann@example.com" not in refusal.value.message


def test_compute_without_temporary_tables_is_told_in_words() -> None:
    def answer(sql: str) -> Sequence[tuple[Any, ...]]:
        if "TEMPORARY" in sql:
            raise Refusal("[PARSE_SYNTAX_ERROR] Syntax error at or near 'AS'")
        return []

    with (
        pytest.raises(RefusedStatement, match="a SQL warehouse has"),
        Databricks(TARGET, driver=Connector(answer)).session() as session,
    ):
        session.run_all(DIALECT.create_temporary("roo_x", "SELECT 1 AS a"))


def test_a_statement_that_writes_says_how_many_rows_it_wrote() -> None:
    driver = Connector(lambda sql: [(3, 0)] if sql.startswith("UPDATE") else [])
    with Databricks(TARGET, driver=driver).session("x") as session:
        assert session.one("UPDATE t SET a = ? WHERE b = ?", ["new", 1]) == 3
        assert session.one("CREATE TABLE t (a int)") == 0
    assert ("UPDATE t SET a = ? WHERE b = ? /* roo-dbt x */", ("new", 1)) in driver.said


def test_columns_come_from_unity_catalog_or_from_describe() -> None:
    def answer(sql: str) -> Sequence[tuple[Any, ...]]:
        if "roo_state" in sql:
            raise Refusal("[TABLE_OR_VIEW_NOT_FOUND] The table cannot be found")
        if sql.startswith("DESCRIBE"):
            return [("id", "bigint", None), ("", "", ""), ("# Partition Information", "", "")]
        return [("id", "BIGINT"), ("tags", "array<string>")] if "information_schema" in sql else []

    warehouse = Databricks(TARGET, driver=Connector(answer))
    old = Relation("hive_metastore", "main", "roo_state", "")
    with warehouse.session() as session:
        found = warehouse.columns(session, Relation(None, "Main", "customers", ""))
        assert found == [Column("id", "bigint"), Column("tags", "array<string>")]
        plain = Relation("hive_metastore", "main", "customers", "")
        assert warehouse.columns(session, plain) == [Column("id", "bigint")]
        assert warehouse.columns(session, old) is None


def test_three_part_names_stand_in_backticks() -> None:
    warehouse = Databricks(TARGET, driver=Connector())
    assert warehouse.layout("shop", "main_roo").runs == "`shop`.`main_roo`.`roo_runs`"
    assert "GRANT USE CATALOG, CREATE SCHEMA ON CATALOG `shop`" in warehouse.permission("main_roo")


@pytest.mark.parametrize(
    ("type_", "sendable"),
    [
        ("struct<a:bigint,b:array<string>>", True),
        ("struct<binary:int>", True),
        ("struct<a:binary>", False),
        ("map<string,double>", True),
        ("binary", False),
        ("interval day to second", False),
        ("array<interval day>", False),
        ("variant", True),
        ("string collate UNICODE_CI", True),
    ],
)
def test_types_that_can_be_sent_at_any_depth(type_: str, sendable: bool) -> None:
    assert DIALECT.sendable(type_) is sendable


def test_values_of_another_table_come_by_merge_and_others_by_update() -> None:
    assert DIALECT.update("t", "x", {"a": "true"}, "x.b") == "UPDATE t AS x SET a = true WHERE x.b"
    assert DIALECT.update("t", "x", {"a": "h.a"}, "x.b = h.b", source="h") == (
        "MERGE INTO t AS x USING h ON x.b = h.b WHEN MATCHED THEN UPDATE SET x.a = h.a"
    )


@pytest.mark.parametrize(("conflicts", "waits"), [(0, 0), (3, 3), (6, 5)])
def test_a_statement_that_met_another_writer_is_run_again(conflicts: int, waits: int) -> None:
    """Nothing of it was done: Delta lets one of two writers of the same rows commit."""
    left, slept = [conflicts], list[float]()

    def answer(sql: str) -> Sequence[tuple[Any, ...]]:
        if "roo_locks" in sql and left[0]:
            left[0] -= 1
            raise Refusal("[DELTA_CONCURRENT_APPEND.ROW_LEVEL_CHANGES] Transaction conflict detected.")
        return [(1, 0)]

    with Databricks(TARGET, driver=Connector(answer), sleep=slept.append).session("x") as session:
        update = partial(session.one, "UPDATE roo_locks SET heartbeat_at = current_timestamp()")
        if conflicts < 6:
            assert update() == 1
        else:
            with pytest.raises(RefusedStatement, match="DELTA_CONCURRENT_APPEND"):
                update()
    assert len(slept) == waits
    assert all(0 <= seconds <= 15 for seconds in slept)
