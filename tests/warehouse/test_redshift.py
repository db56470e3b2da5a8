"""Redshift's connection, with a driver that takes notes; and the real driver's parameters, where it is there."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import pytest
from tests.warehouse.fake_driver import Driver, DriverError

from roo_dbt.errors import RooError, WarehouseLost, WarehouseUnavailable
from roo_dbt.records import Column, Relation
from roo_dbt.warehouse import open_warehouse
from roo_dbt.warehouse.dialects.redshift import RedshiftDialect
from roo_dbt.warehouse.redshift import Redshift
from roo_dbt.warehouse.statement import RefusedStatement

SECRET = "a-redshift-password-nobody-may-see"
TARGET: dict[str, Any] = {
    "host": "cluster.example.com",
    "database": "shop",
    "schema": "main",
    "user": "dbt",
    "password": SECRET,
}
DIALECT = RedshiftDialect()


def test_the_profile_is_what_the_driver_is_called_with() -> None:
    driver = Driver()
    with Redshift({**TARGET, "role": "loader", "connect_timeout": 9}, driver=driver).session():
        pass
    (call,) = driver.calls
    assert call == {
        "host": "cluster.example.com",
        "port": 5439,
        "database": "shop",
        "user": "dbt",
        "password": SECRET,
        "timeout": 9,
        "ssl": True,
        "sslmode": "verify-ca",
        "is_serverless": False,
        "application_name": "roo-dbt",
    }
    assert driver.statements == ["SET timezone TO 'UTC'", 'SET ROLE "loader"']


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"sslmode": "disable"}, {"ssl": False}),
        ({"sslmode": "verify-full"}, {"ssl": True, "sslmode": "verify-full"}),
        (
            {"method": "iam", "cluster_id": "c1", "iam_profile": "me", "db_groups": ["g"]},
            {"iam": True, "cluster_identifier": "c1", "profile": "me", "db_user": "dbt", "db_groups": ["g"]},
        ),
        (
            {"method": "iam", "cluster_id": "c1", "access_key_id": "a", "secret_access_key": "b"},
            {"iam": True, "access_key_id": "a", "secret_access_key": "b"},
        ),
        (
            {"method": "iam_role", "host": "x.1.eu.redshift-serverless.amazonaws.com", "region": "eu"},
            {"iam": True, "is_serverless": True, "region": "eu", "group_federation": False},
        ),
    ],
)
def test_ways_to_sign_in_are_those_of_dbt(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    found = Redshift({**TARGET, **changes}, driver=Driver()).parameters()
    assert {name: found[name] for name in expected} == expected
    assert ("password" in found and found["password"] == SECRET) == ("method" not in changes)


def test_the_real_driver_knows_every_parameter() -> None:
    connector = pytest.importorskip("redshift_connector", reason="pip install 'roo-dbt[redshift]'")
    known = set(inspect.signature(connector.connect).parameters)
    for changes in ({}, {"method": "iam", "cluster_id": "c"}, {"method": "iam_role", "iam_profile": "p"}):
        assert set(Redshift({**TARGET, **changes}, driver=connector).parameters()) <= known


def test_a_method_that_needs_a_browser_is_refused() -> None:
    with pytest.raises(WarehouseUnavailable, match="browser_identity_center"):
        Redshift({**TARGET, "method": "browser_identity_center"}, driver=Driver()).parameters()


@pytest.mark.parametrize(
    "error",
    [
        DriverError({"S": "FATAL", "C": "28000", "M": f"password authentication failed: {SECRET}"}),
        ConnectionRefusedError(111, f"refused {SECRET}"),
    ],
)
def test_a_connection_that_fails_is_told_without_the_password(error: Exception) -> None:
    driver = Driver()
    driver.refusal = error
    with pytest.raises(WarehouseUnavailable, match=r"cluster\.example\.com:5439") as refusal:
        Redshift(TARGET, driver=driver).connected()
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (DriverError({"C": "42703", "M": 'column "emial" does not exist'}), RefusedStatement, '"emial"'),
        (DriverError({"C": "22P02", "M": "invalid input: 'ann@example.com'"}), RefusedStatement, "…"),
        (DriverError({"C": "57P01", "M": "terminating connection"}), WarehouseLost, "terminating"),
        (DriverError("connection is closed"), WarehouseLost, "closed"),
    ],
)
def test_an_error_is_the_statements_or_the_engines(error: Exception, kind: type[RooError], said: str) -> None:
    def answer(sql: str) -> Sequence[tuple[Any, ...]]:
        if "customers" in sql:
            raise error
        return []

    driver = Driver(answer)
    warehouse = Redshift(TARGET, driver=driver)
    with pytest.raises(kind) as refusal, warehouse.session("braze") as session:
        session.run("SELECT * FROM customers")
    assert said in refusal.value.message
    assert "ann@example.com" not in refusal.value.message
    assert driver.statements[-1] == "SELECT * FROM customers /* roo-dbt braze */"
    assert driver.closed == (kind is WarehouseLost)


def test_rows_and_counts_come_back_and_connections_are_kept() -> None:
    driver = Driver(lambda _: [(1, "a"), (2, "b")])
    warehouse = Redshift(TARGET, driver=driver)
    with warehouse.session("x") as session:
        assert session.run("SELECT 1") == [(1, "a"), (2, "b")]
        assert session.run("UPDATE t SET a = ? WHERE b = ?", ["new", 1]) == [(2,)]
    assert driver.said[-1] == ("UPDATE t SET a = ? WHERE b = ? /* roo-dbt x */", ("new", 1))
    with warehouse.session() as session, session.transaction():
        session.run("DELETE FROM t")
    assert driver.statements[-3:] == [
        "BEGIN /* roo-dbt */",
        "DELETE FROM t /* roo-dbt */",
        "COMMIT /* roo-dbt */",
    ]
    assert len(driver.calls) == 1
    assert warehouse.statements("x") == 2


def test_a_transaction_that_fails_is_undone() -> None:
    driver = Driver()
    with (
        pytest.raises(KeyError),
        Redshift(TARGET, driver=driver).session() as session,
        session.transaction(),
    ):
        raise KeyError
    assert driver.statements[-2:] == ["BEGIN /* roo-dbt */", "ROLLBACK /* roo-dbt */"]


def test_columns_have_their_length_and_scale() -> None:
    rows = [("id", "bigint", None, 64, 0), ("email", "character varying", 80, None, None)]
    driver = Driver(lambda sql: [*rows, ("ltv", "numeric", None, 10, 2)] if "svv_columns" in sql else [])
    warehouse = Redshift(TARGET, driver=driver)
    with warehouse.session() as session:
        found = warehouse.columns(session, Relation(None, "Main", "customers", ""))
        assert found == [
            Column("id", "bigint"),
            Column("email", "character varying(80)"),
            Column("ltv", "numeric(10,2)"),
        ]
        assert driver.said[-1][1] == ("Main", "customers", "shop")


def test_the_schema_that_we_may_not_make_has_a_statement_that_helps() -> None:
    said = Redshift(TARGET, driver=Driver()).permission("main_roo")
    assert 'CREATE SCHEMA IF NOT EXISTS "main_roo" AUTHORIZATION "dbt"' in said


@pytest.mark.parametrize(
    ("type_", "sendable"),
    [("super", True), ("varbyte", False), ("geometry", False), ("hllsketch", False), ("numeric(10,2)", True)],
)
def test_bytes_and_shapes_cannot_be_sent(type_: str, sendable: bool) -> None:
    assert DIALECT.sendable(type_) is sendable


def test_equality_sees_blanks_at_the_end_and_is_never_null() -> None:
    assert DIALECT.same("a", "b") == (
        "coalesce(a = b AND octet_length(a) = octet_length(b), a IS NULL AND b IS NULL)"
    )
    assert DIALECT.same("a", "b", "bigint") == "coalesce(a = b, a IS NULL AND b IS NULL)"


def test_what_is_nested_is_kept_as_json_since_it_cannot_go_through_a_full_join() -> None:
    kept = DIALECT.stored("super")
    assert kept == DIALECT.names_type
    assert kept != DIALECT.stored("character varying(100)")
    assert DIALECT.as_stored("x", "super") == "CASE WHEN x IS NOT NULL THEN json_serialize(x) END"
    assert DIALECT.json_form("x", kept) == "x"


def test_a_null_is_no_json_before_it_stands_in_an_object() -> None:
    assert DIALECT.json_text("x") == "CASE WHEN x IS NOT NULL THEN json_serialize(CAST(x AS super)) END"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("bigint", "numeric(10,2)", "TRY_CAST(nullif(trim(CAST(x AS varchar(65535))), '') AS numeric(10,2))"),
        ("varchar(65535)", "boolean", "CASE lower(CAST(x AS varchar(65535))) WHEN 'true' THEN true"),
        ("boolean", "varchar(65535)", "CASE WHEN x THEN 'true' WHEN NOT x THEN 'false' END"),
        ("varchar(max)", "bigint", "CAST(NULL AS bigint)"),
    ],
)
def test_a_cast_goes_by_way_of_text(old: str, new: str, expected: str) -> None:
    assert DIALECT.try_cast("x", new, old=old).startswith(expected)


def test_a_backslash_in_a_constant_is_doubled() -> None:
    assert DIALECT.literal("it's\\\n") == "'it\\'s\\\\\\n'"


def test_without_the_driver_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "redshift_connector", None)
    with pytest.raises(WarehouseUnavailable) as refusal:
        open_warehouse("redshift", TARGET)
    assert "pip install 'roo-dbt[redshift]'" in str(refusal.value)


def test_what_a_user_wrote_goes_as_it_is() -> None:
    driver = Driver(lambda _: [])
    with Redshift(TARGET, driver=driver).session("braze") as session:
        session.run("SELECT 1 FROM t WHERE name = 'two  spaces'")
    assert driver.statements[-1] == "SELECT 1 FROM t WHERE name = 'two  spaces' /* roo-dbt braze */"
