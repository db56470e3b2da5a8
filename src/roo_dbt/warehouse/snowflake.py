"""Snowflake, through its own connector, which fetches results as Arrow."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from roo_dbt.errors import RooError, WarehouseUnavailable
from roo_dbt.records import Column, Relation
from roo_dbt.warehouse.connection import ELSEWHERE, Session
from roo_dbt.warehouse.dialects.snowflake import SnowflakeDialect, folded
from roo_dbt.warehouse.driver import DriverWarehouse, lost, refused, without
from roo_dbt.warehouse.layout import Layout
from roo_dbt.warehouse.snowflake_keys import private_key
from roo_dbt.warehouse.statement import RefusedStatement

_SESSION = {
    "TIMEZONE": "UTC",
    "TIMESTAMP_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF9 TZHTZM",
    "TIMESTAMP_NTZ_OUTPUT_FORMAT": "YYYY-MM-DD HH24:MI:SS.FF9",
    "DATE_OUTPUT_FORMAT": "YYYY-MM-DD",
    "TIME_OUTPUT_FORMAT": "HH24:MI:SS",
}
"""What the SQL of the dialect rests on; an account or a user may have other defaults.

https://docs.snowflake.com/en/sql-reference/parameters (read 2026-11-22)
"""

_AS_IT_IS = ("role", "warehouse", "host", "port", "proxy_host", "proxy_port", "protocol", "user", "password")
_SECRETS = ("password", "token", "private_key", "private_key_passphrase", "oauth_client_secret")


class Snowflake(DriverWarehouse):
    """A Snowflake account, as dbt-snowflake's profile names it.

    Args:
        credentials: the profile's target; keys as in
            https://docs.getdbt.com/docs/core/connect-data-platform/snowflake-setup (read 2026-11-22).
        driver: for tests, instead of snowflake.connector.
    """

    dialect = SnowflakeDialect()

    def __init__(self, credentials: Mapping[str, Any], *, driver: Any = None) -> None:
        super().__init__(credentials, driver or import_module("snowflake.connector"))

    def connected(self) -> Any:
        """A connection in autocommit mode."""
        given = self._credentials
        parameters = self.parameters()
        try:
            return self.driver.connect(**parameters)
        except self.errors as error:
            said = without([given.get(name) for name in _SECRETS], str(error))
            raise WarehouseUnavailable(
                f"cannot connect to Snowflake's account {given.get('account')} as {given.get('user')}: "
                f"{said}",
                hint="Check account, user, authenticator and role of the profile's target.",
            ) from None

    def parameters(self) -> dict[str, Any]:
        """What the connector is called with.

        https://docs.snowflake.com/en/developer-guide/python-connector/python-connector-api (read 2026-11-22)

        Raises:
            WarehouseUnavailable: a key that cannot be read, or an OAuth refresh token.
        """
        given = self._credentials
        found = {name: given.get(name) for name in _AS_IT_IS}
        tag = given.get("query_tag") or "roo-dbt"
        found |= {
            # As dbt-snowflake: a host name has no underscores.
            "account": str(given.get("account") or "").replace("_", "-"),
            "database": self.database,
            "schema": given.get("schema"),
            "login_timeout": given.get("connect_timeout"),
            "client_session_keep_alive": bool(given.get("client_session_keep_alive")),
            "insecure_mode": given.get("insecure_mode") or None,
            "session_parameters": {**_SESSION, "QUERY_TAG": tag},
            "application": "roo-dbt",
            "autocommit": True,
            "paramstyle": "qmark",
            **self._sign_in(),
        }
        return {name: value for name, value in found.items() if value is not None}

    def _sign_in(self) -> dict[str, Any]:
        given = self._credentials
        way = given.get("authenticator")
        if given.get("private_key_path"):
            secret = given.get("private_key_passphrase")
            return {"private_key_file": given["private_key_path"], "private_key_file_pwd": secret}
        if given.get("private_key"):
            secret = given.get("private_key_passphrase")
            return {"private_key": private_key(str(given["private_key"]), secret)}
        if way == "jwt":
            return {"authenticator": "oauth", "token": given.get("token")}
        if way == "oauth" and given.get("oauth_client_secret"):
            raise WarehouseUnavailable(
                "the profile has an OAuth refresh token, and roo-dbt takes access tokens only.",
                hint="Use a key pair, or authenticator: jwt with an access token.",
            )
        if way is None:
            return {}
        oauth = {name: value for name, value in given.items() if name.startswith("oauth_")}
        # The browser is asked once, and the answer kept where the system keeps secrets.
        remembered = {"client_store_temporary_credential": True, "client_request_mfa_token": True}
        return {"authenticator": way, "token": given.get("token"), **oauth, **remembered}

    def explained(self, error: Exception, sql: str) -> RooError:
        """What is no `ProgrammingError` is the service, or the way to it."""
        said = re.sub(r"^\d+ \(\w+\): (\S+: )?", "", str(error))
        if not isinstance(error, self.driver.ProgrammingError):
            return lost("Snowflake", " ".join(said.split())[:300])
        # Numbers from 100000 on are about values, which they quote.
        found = refused(said, sql, hide=int(getattr(error, "errno", 0) or 0) >= 100_000)
        if "Insufficient privileges" in said:
            found.message += "; an owner can help with GRANT"
        return found

    def layout(self, database: str, schema: str) -> Layout:
        """Names without quotes, which people then need not quote either."""
        return Layout(f"{folded(database)}.{folded(schema)}", "")

    def columns(self, session: Session, relation: Relation) -> list[Column] | None:
        """As the catalogue spells them."""
        names = (relation.database or self.database, relation.schema, relation.identifier)
        table = relation.quoted or ".".join(folded(name) for name in names)
        try:
            rows = session.run(f"DESCRIBE TABLE {table}")
        except RefusedStatement:
            return None
        return [Column(row[0], row[1]) for row in rows] or None

    def permission(self, schema: str) -> str:
        """The grant that is missing."""
        role = folded(str(self._credentials.get("role") or "PUBLIC"))
        return (
            f"Let an owner type: GRANT CREATE SCHEMA ON DATABASE {folded(self.database)} TO ROLE {role}; "
            f"or name another schema with state_schema, or {ELSEWHERE}."
        )
