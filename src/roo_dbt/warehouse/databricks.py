"""Databricks, through its own connector, on Unity Catalog."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from roo_dbt.errors import RooError, WarehouseUnavailable
from roo_dbt.records import Column, Relation
from roo_dbt.warehouse.connection import ELSEWHERE, Session
from roo_dbt.warehouse.dialects.databricks import DatabricksDialect
from roo_dbt.warehouse.driver import DriverWarehouse, lost, refused, without
from roo_dbt.warehouse.statement import RefusedStatement

_NAMED = re.compile(
    r"\[(UNRESOLVED_|TABLE_OR_VIEW_|SCHEMA_|PARSE_|INSUFFICIENT_|PERMISSION_|DELTA_CONCURRENT|UC_)"
)
"""Errors that quote names and no values.

https://docs.databricks.com/aws/en/error-messages/error-classes (read 2026-11-22)
"""

_SECRETS = ("token", "client_secret")


class Databricks(DriverWarehouse):
    """A workspace of Databricks, as dbt-databricks' profile names it.

    Args:
        credentials: the profile's target; keys as in
            https://docs.getdbt.com/docs/core/connect-data-platform/databricks-setup (read 2026-11-22).
        driver: for tests, instead of databricks.sql.
    """

    dialect = DatabricksDialect()

    conflict = re.compile(r"DELTA_(CONCURRENT|METADATA_CHANGED)|Concurrent\w+Exception")
    """As https://docs.databricks.com/aws/en/error-messages/delta-concurrent-append-error-class and
    https://docs.databricks.com/aws/en/delta/concurrency-control have it (read 2026-11-22)."""

    def __init__(
        self,
        credentials: Mapping[str, Any],
        *,
        driver: Any = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(credentials, driver or import_module("databricks.sql"), sleep=sleep)
        # As dbt-databricks has it where the profile names no catalogue.
        self.database = self.database or "hive_metastore"

    def connected(self) -> Any:
        """A connection whose clock shows UTC."""
        given = self._credentials
        try:
            connection = self.driver.connect(**self.parameters())
            connection.cursor().execute("SET TIME ZONE 'UTC'")
        except self.errors as error:
            said = without([given.get(name) for name in _SECRETS], str(error))
            raise WarehouseUnavailable(
                f"cannot connect to Databricks at {given.get('host')}: {said}",
                hint="Check host, http_path and token of the profile's target.",
            ) from None
        return connection

    def parameters(self) -> dict[str, Any]:
        """What the connector is called with.

        https://docs.databricks.com/aws/en/dev-tools/python-sql-connector (read 2026-11-22)
        """
        given = self._credentials
        found = {
            "server_hostname": given.get("host"),
            "http_path": given.get("http_path"),
            "catalog": self.database,
            "schema": given.get("schema"),
            "session_configuration": given.get("session_properties"),
            "user_agent_entry": "roo-dbt",
            **(given.get("connection_parameters") or {}),
            **self._sign_in(),
        }
        return {name: value for name, value in found.items() if value is not None}

    def _sign_in(self) -> dict[str, Any]:
        given = self._credentials
        if given.get("token"):
            return {"access_token": given["token"]}
        if given.get("auth_type") != "oauth":
            raise WarehouseUnavailable(
                "the profile has neither a token nor auth_type: oauth for Databricks.",
                hint="Add one of them to the target.",
            )
        if given.get("client_secret"):
            return {"credentials_provider": self._service_principal}
        return {"auth_type": "databricks-oauth", "oauth_client_id": given.get("client_id")}

    def _service_principal(self) -> Any:
        """A token of a service principal, made anew when it is old."""
        core, given = import_module("databricks.sdk.core"), self._credentials
        config = core.Config(
            host=f"https://{given.get('host')}",
            client_id=given.get("client_id"),
            client_secret=given.get("client_secret"),
        )
        return core.oauth_service_principal(config)

    def written(self, cursor: Any) -> int:
        """A statement that writes answers with the number of rows."""
        rows = cursor.fetchall()
        return int(rows[0][0]) if rows and isinstance(rows[0][0], int) else 0

    def explained(self, error: Exception, sql: str) -> RooError:
        """What the server says of a statement is the statement's; the rest is the way there."""
        said = str(error)
        if not isinstance(error, self.driver.ServerOperationError):
            return lost("Databricks", " ".join(said.split())[:300])
        if "TEMPORARY TABLE" in sql and "[PARSE_SYNTAX_ERROR]" in said:
            return RefusedStatement(
                "this compute has no temporary tables; a SQL warehouse has, and a runtime from 18.1 on", sql
            )
        return refused(said, sql, hide=_NAMED.search(said) is None)

    def columns(self, session: Session, relation: Relation) -> list[Column] | None:
        """As the catalogue spells them, in lower case."""
        catalogue = relation.database or self.database
        try:
            if catalogue == "hive_metastore":
                return self._described(session, relation)
            rows = session.run(
                "SELECT column_name, full_data_type "
                f"FROM {self.dialect.quote(catalogue)}.information_schema.columns "
                "WHERE table_schema = lower(?) AND table_name = lower(?) ORDER BY ordinal_position",
                [relation.schema, relation.identifier],
            )
        except RefusedStatement as error:
            if "NOT_FOUND" in error.message:
                return None
            raise
        return [Column(name, type_.lower()) for name, type_ in rows] or None

    def _described(self, session: Session, relation: Relation) -> list[Column] | None:
        """The old metastore has no tables about tables."""
        names = ("hive_metastore", relation.schema, relation.identifier)
        found = []
        for name, type_, *_ in session.run(f"DESCRIBE TABLE {'.'.join(map(self.dialect.quote, names))}"):
            if not name or name.startswith("#"):
                break
            found.append(Column(name, type_))
        return found or None

    def permission(self, schema: str) -> str:
        """The grants that are missing."""
        quote = self.dialect.quote
        return (
            f"Let an owner type: GRANT USE CATALOG, CREATE SCHEMA ON CATALOG {quote(self.database)} TO you; "
            f"or name another schema with state_schema, or {ELSEWHERE}."
        )
