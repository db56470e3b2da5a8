"""Redshift, through Amazon's own driver: the one that dbt-redshift uses, and that knows IAM."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from roo_dbt.errors import RooError, WarehouseUnavailable
from roo_dbt.records import Column, Relation
from roo_dbt.warehouse.connection import ELSEWHERE, Session
from roo_dbt.warehouse.dialects.redshift import RedshiftDialect
from roo_dbt.warehouse.driver import DriverWarehouse, lost, refused, without

_COLUMNS = (
    "SELECT column_name, data_type, character_maximum_length, numeric_precision, numeric_scale "
    "FROM svv_columns WHERE lower(table_schema) = lower(?) AND lower(table_name) = lower(?) "
    "AND table_catalog = ? ORDER BY ordinal_position"
)
"""Late binding views, too: https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_COLUMNS.html
(read 2026-11-22)."""

_LOST = ("08", "57", "53", "58", "XX")
_SECRETS = ("password", "secret_access_key", "access_key_id")


class Redshift(DriverWarehouse):
    """A Redshift database, as dbt-redshift's profile names it.

    Args:
        credentials: the profile's target; keys as in
            https://docs.getdbt.com/docs/core/connect-data-platform/redshift-setup (read 2026-11-22).
        driver: for tests, instead of redshift_connector.
    """

    dialect = RedshiftDialect()

    def __init__(self, credentials: Mapping[str, Any], *, driver: Any = None) -> None:
        super().__init__(credentials, driver or import_module("redshift_connector"))

    def connected(self) -> Any:
        """A connection in autocommit mode, in the profile's role."""
        given = self._credentials
        try:
            connection = self.driver.connect(**self.parameters())
            connection.autocommit = True
            cursor = connection.cursor()
            cursor.execute("SET timezone TO 'UTC'")
            if given.get("role"):
                cursor.execute(f"SET ROLE {self.dialect.quote(str(given['role']))}")
        except self.errors as error:
            said = without([given.get(name) for name in _SECRETS], _message(error))
            place = f"{given.get('host')}:{given.get('port') or 5439}"
            raise WarehouseUnavailable(
                f"cannot connect to Redshift at {place}: {said}.",
                hint="Check host, user, password and method of the profile's target, and who may reach it.",
            ) from None
        return connection

    def parameters(self) -> dict[str, Any]:
        """What the driver is called with.

        Raises:
            WarehouseUnavailable: a method that only a person at a browser can answer, or an unknown one.
        """
        given = self._credentials
        mode = given.get("sslmode") or "prefer"
        host = str(given.get("host") or "")
        serverless = bool(given.get("is_serverless")) or "serverless" in host
        common = {
            "host": host,
            "port": int(given.get("port") or 5439),
            "database": self.database,
            "region": given.get("region"),
            "auto_create": given.get("autocreate"),
            "db_groups": given.get("db_groups"),
            "timeout": given.get("connect_timeout"),
            "is_serverless": serverless,
            "ssl": mode != "disable",
            "sslmode": {"disable": None, "verify-full": "verify-full"}.get(mode, "verify-ca"),
            "application_name": "roo-dbt",
        }
        found = {**common, **self._method(serverless=serverless)}
        return {name: value for name, value in found.items() if value not in (None, [])}

    def _method(self, *, serverless: bool) -> dict[str, Any]:
        given, method = self._credentials, self._credentials.get("method") or "database"
        if method == "database":
            return {"user": given.get("user"), "password": given.get("password")}
        if method not in ("iam", "iam_role"):
            raise WarehouseUnavailable(
                f"the profile's method is {method}, and roo-dbt knows database, iam and iam_role.",
                hint="Choose a target with one of these methods with --target.",
            )
        cluster = None if serverless else given.get("cluster_id")
        iam = {"iam": True, "user": "", "password": "", "cluster_identifier": cluster}
        keys = {name: given.get(name) for name in ("access_key_id", "secret_access_key") if given.get(name)}
        who = keys or {"profile": given.get("iam_profile")}
        if method == "iam":
            return {**iam, **who, "db_user": given.get("user")}
        return {**iam, **who, "group_federation": not serverless}

    def cursor(self, connection: Any) -> Any:
        """Parameters are `?`."""
        cursor = connection.cursor()
        cursor.paramstyle = "qmark"
        return cursor

    def explained(self, error: Exception, sql: str) -> RooError:
        """By the code that the server gives; without one it is the way there that failed."""
        code = str(_details(error).get("C") or "")
        said = _message(error)
        if not code or code.startswith(_LOST):
            return lost("Redshift", said)
        return refused(said, sql, hide=code[:2] in ("22", "23"))

    def columns(self, session: Session, relation: Relation) -> list[Column] | None:
        """As the catalogue spells them: in lower case, unless the cluster was told otherwise."""
        database = relation.database or self.database
        rows = session.run(_COLUMNS, [relation.schema, relation.identifier, database])
        return [Column(row[0], _type(*row[1:])) for row in rows] or None

    def permission(self, schema: str) -> str:
        """The statement that helps."""
        quote = self.dialect.quote
        user = quote(str(self._credentials.get("user")))
        return (
            f"Let an owner type: CREATE SCHEMA IF NOT EXISTS {quote(schema)} AUTHORIZATION {user}; or name "
            f"another schema with state_schema, or {ELSEWHERE}."
        )


def _details(error: Exception) -> Mapping[str, Any]:
    found = error.args[0] if error.args else None
    return found if isinstance(found, Mapping) else {}


def _message(error: Exception) -> str:
    return str(_details(error).get("M") or error)


def _type(name: str, length: int | None, precision: int | None, scale: int | None) -> str:
    if name == "numeric":
        return f"numeric({precision},{scale})"
    return f"{name}({length})" if name.startswith("character") and length else name
