"""Snowflake's connection, with a driver that takes notes; what an emulator can show is in tests/run."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import pytest
from tests.warehouse.fake_driver import Driver, DriverError

from roo_dbt.errors import RooError, WarehouseLost, WarehouseUnavailable
from roo_dbt.records import Column, Relation
from roo_dbt.warehouse.dialects.snowflake import SnowflakeDialect, folded
from roo_dbt.warehouse.snowflake import Snowflake
from roo_dbt.warehouse.snowflake_keys import private_key
from roo_dbt.warehouse.statement import RefusedStatement

SECRET = "a-snowflake-password-nobody-may-see"
TARGET: dict[str, Any] = {
    "account": "my_org-shop",
    "user": "dbt",
    "password": SECRET,
    "role": "loader",
    "warehouse": "small",
    "database": "shop",
    "schema": "prod",
}
DIALECT = SnowflakeDialect()


class Refusal(DriverError):
    """What the connector raises about a statement."""

    def __init__(self, message: str, errno: int) -> None:
        super().__init__(message)
        self.errno = errno


class Connector(Driver):
    """With the error class of the real one."""

    ProgrammingError = Refusal


def test_the_profile_is_what_the_connector_is_called_with() -> None:
    driver = Connector()
    with Snowflake({**TARGET, "connect_timeout": 9}, driver=driver).session():
        pass
    (call,) = driver.calls
    session = call.pop("session_parameters")
    assert call == {
        "account": "my-org-shop",
        "user": "dbt",
        "password": SECRET,
        "role": "loader",
        "warehouse": "small",
        "database": "shop",
        "schema": "prod",
        "login_timeout": 9,
        "client_session_keep_alive": False,
        "application": "roo-dbt",
        "autocommit": True,
        "paramstyle": "qmark",
    }
    assert (session["QUERY_TAG"], session["TIMEZONE"]) == ("roo-dbt", "UTC")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"query_tag": "mine"}, {}),
        ({"authenticator": "externalbrowser"}, {"authenticator": "externalbrowser"}),
        ({"authenticator": "jwt", "token": "t"}, {"authenticator": "oauth", "token": "t"}),
        ({"authenticator": "oauth", "token": "t"}, {"authenticator": "oauth", "token": "t"}),
        ({"authenticator": "https://my.okta.com"}, {"authenticator": "https://my.okta.com"}),
        (
            {"private_key_path": "k.p8", "private_key_passphrase": "open"},
            {"private_key_file": "k.p8", "private_key_file_pwd": "open"},
        ),
    ],
)
def test_ways_to_sign_in_are_those_of_dbt(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    found = Snowflake({**TARGET, **changes}, driver=Connector()).parameters()
    assert {name: found[name] for name in expected} == expected
    assert found["session_parameters"]["QUERY_TAG"] == changes.get("query_tag", "roo-dbt")


def test_a_refresh_token_is_refused_before_anything_is_asked() -> None:
    target = {**TARGET, "authenticator": "oauth", "oauth_client_secret": SECRET, "token": "t"}
    with pytest.raises(WarehouseUnavailable, match="refresh token") as refusal:
        Snowflake(target, driver=Connector()).parameters()
    assert SECRET not in str(refusal.value)


def test_a_private_key_is_read_as_pem_and_as_base_64() -> None:
    rsa = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.rsa", reason="comes with the driver")
    how = import_module("cryptography.hazmat.primitives.serialization")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    plain = key.private_bytes(how.Encoding.DER, how.PrivateFormat.PKCS8, how.NoEncryption())
    locked = key.private_bytes(
        how.Encoding.PEM, how.PrivateFormat.PKCS8, how.BestAvailableEncryption(b"open")
    )
    assert private_key(locked.decode(), "open") == plain
    assert private_key(base64.b64encode(plain).decode(), None) == plain
    for text, secret in ((locked.decode(), "wrong"), ("no key", None)):
        with pytest.raises(WarehouseUnavailable, match="private_key"):
            private_key(text, secret)


def test_a_connection_that_fails_is_told_without_the_password() -> None:
    driver = Connector()
    driver.refusal = DriverError(f"250001 (08001): Incorrect username or password {SECRET}")
    with pytest.raises(WarehouseUnavailable, match="my_org-shop as dbt") as refusal:
        Snowflake(TARGET, driver=driver).connected()
    assert SECRET not in str(refusal.value)


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (Refusal("000904 (42000): invalid identifier 'EMIAL'", 904), RefusedStatement, "'EMIAL'"),
        (Refusal("100038 (22018): Numeric value 'ann@example.com' is no", 100038), RefusedStatement, "…"),
        (Refusal("003001 (42501): Insufficient privileges on 'X'", 3001), RefusedStatement, "GRANT"),
        (DriverError("250003: Failed to execute request"), WarehouseLost, "Failed to execute"),
    ],
)
def test_an_error_is_the_statements_or_the_services(
    error: Exception, kind: type[RooError], said: str
) -> None:
    def answer(sql: str) -> Sequence[tuple[Any, ...]]:
        raise error

    with pytest.raises(kind) as refusal, Snowflake(TARGET, driver=Connector(answer)).session("x") as session:
        session.run("SELECT 1")
    assert said in refusal.value.message
    assert "ann@example.com" not in refusal.value.message


def test_a_transaction_is_none_since_a_create_would_end_it() -> None:
    driver = Connector()
    with Snowflake(TARGET, driver=driver).session() as session, session.transaction():
        session.run("DELETE FROM t")
    assert driver.statements == ["DELETE FROM t /* roo-dbt */"]


def test_names_are_written_as_dbt_writes_them_so_that_people_need_no_quotes() -> None:
    warehouse = Snowflake(TARGET, driver=Connector())
    layout = warehouse.layout("shop", "prod_roo")
    assert layout.snapshot("people") == "shop.prod_roo.snapshot__people"
    assert folded("odd name") == '"odd name"'
    assert "GRANT CREATE SCHEMA ON DATABASE shop TO ROLE loader" in warehouse.permission("prod_roo")


def test_columns_come_from_describe_and_a_missing_table_has_none() -> None:
    def answer(sql: str) -> Sequence[tuple[Any, ...]]:
        if "roo_state" in sql:
            raise Refusal("002003 (02000): does not exist or not authorized", 2003)
        return [("ID", "NUMBER(38,0)", "COLUMN"), ("EMAIL", "VARCHAR(16777216)", "COLUMN")]

    driver = Connector(answer)
    warehouse = Snowflake(TARGET, driver=driver)
    with warehouse.session() as session:
        found = warehouse.columns(session, Relation("shop", "prod", "customers", "shop.prod.customers"))
        assert found == [Column("ID", "NUMBER(38,0)"), Column("EMAIL", "VARCHAR(16777216)")]
        assert warehouse.columns(session, Relation("shop", "prod_roo", "roo_state", "")) is None
    assert driver.statements == [
        "DESCRIBE TABLE shop.prod.customers /* roo-dbt */",
        "DESCRIBE TABLE shop.prod_roo.roo_state /* roo-dbt */",
    ]


@pytest.mark.parametrize(
    ("type_", "kept"),
    [
        ("VARCHAR(50)", "VARCHAR"),
        ("NUMBER(10,2)", "NUMBER(10,2)"),
        ("ARRAY(VARCHAR)", "ARRAY"),
        ("MAP(VARCHAR, NUMBER)", "OBJECT"),
        ("OBJECT(a NUMBER)", "OBJECT"),
        ("TIMESTAMP_TZ(9)", "TIMESTAMP_TZ(9)"),
        ("BINARY(8)", None),
        ("GEOGRAPHY", None),
        ("VECTOR(FLOAT, 3)", None),
    ],
)
def test_types_and_what_they_are_kept_as(type_: str, kept: str | None) -> None:
    assert DIALECT.sendable(type_) is (kept is not None)
    if kept is not None:
        assert DIALECT.stored(type_) == kept


def test_a_collation_is_taken_off_since_it_hides_changes() -> None:
    assert DIALECT.as_stored("x", "VARCHAR(9) COLLATE 'en-ci'") == "COLLATE(x, '')"
    assert DIALECT.as_stored("x", "VARCHAR(9)") == "x"
