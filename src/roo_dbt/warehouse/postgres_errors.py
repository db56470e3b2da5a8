"""What Postgres says, as one sentence without values and with what to type next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import psycopg

from roo_dbt.errors import RooError, WarehouseLost, WarehouseUnavailable
from roo_dbt.warehouse.connection import ELSEWHERE
from roo_dbt.warehouse.statement import RefusedStatement

_LOST = ("08", "57P", "53", "58", "XX")
"""Classes of SQLSTATE that tell of the server, not of the statement: connections, shutdowns, a full disk.

https://www.postgresql.org/docs/15/errcodes-appendix.html (read 2026-11-22)
"""
_DENIED = "42501"
_FULL = "53100"

_REASONS: tuple[tuple[str, str], ...] = (
    (
        r"password authentication failed|no password supplied|authentication failed",
        "Check user and password of the profile's target.",
    ),
    (r"database .* does not exist", "Check dbname of the profile's target, or run dbt build first."),
    (r"role .* does not exist", "Check user of the profile's target."),
    (
        r"no pg_hba\.conf entry|SSL|ssl|certificate",
        "Check sslmode and the certificates of the target, and whether the server lets this host in.",
    ),
    (r"translate host name|resolve", "Check host of the profile's target."),
    (r"too many clients|remaining connection slots", "Wait until others have finished, and try again."),
    (r"starting up|shutting down", "Wait a moment and try again."),
)


def unreachable(error: psycopg.Error, credentials: Mapping[str, Any]) -> WarehouseUnavailable:
    """A connection that did not come about. The password is in no part of it."""
    said = re.sub(r"^.*(FATAL: +|connection to server at .* failed: )", "", _one_line(str(error)))
    place = f"{credentials.get('host') or 'localhost'}:{credentials.get('port') or 5432}"
    hint = next((hint for pattern, hint in _REASONS if re.search(pattern, said)), "")
    secret = str(credentials.get("password") or "")
    if secret:
        said = said.replace(secret, "…")
    return WarehouseUnavailable(
        f"cannot connect to Postgres at {place} as {credentials.get('user')}: {said}.",
        hint=hint or "Check that the server runs, and host and port of the profile's target.",
    )


def explained(error: psycopg.Error, sql: str, *, lost: bool) -> RooError:
    """An error of a statement.

    Args:
        error: from the server or the driver.
        sql: the statement.
        lost: the connection is gone.
    """
    state = error.sqlstate or ""
    said = _without_values(error)
    if state == _FULL and "shared memory" in said:
        return WarehouseLost(
            f"Postgres could not go on: {said}",
            hint="Give its container more shared memory (docker run --shm-size), or let an owner type: "
            "ALTER ROLE … SET max_parallel_workers_per_gather = 0. Then run roo-dbt sync again: nothing that "
            "was confirmed is lost.",
        )
    if lost or state.startswith(_LOST) or (not state and isinstance(error, psycopg.OperationalError)):
        return WarehouseLost(
            f"Postgres could not go on: {said}",
            hint="Nothing that was confirmed is lost: run roo-dbt sync again.",
        )
    refused = RefusedStatement(said, sql)
    if state == _DENIED:
        refused.message += _grant(said)
    return refused


def _grant(said: str) -> str:
    """Who may help, and how."""
    temporary = re.search(r"permission denied to create temporary tables in database (\S+)$", said)
    if temporary:
        return f"; an owner can help with GRANT TEMPORARY ON DATABASE {temporary[1]}, or {ELSEWHERE}"
    found = re.search(r"permission denied for (\w+(?: \w+)?) (\S+)$", said)
    kind = found[1] if found else ""
    grants = {
        "table": "GRANT SELECT ON {}",
        "view": "GRANT SELECT ON {}",
        "materialized view": "GRANT SELECT ON {}",
        "schema": "GRANT USAGE, CREATE ON SCHEMA {}",
        "database": "GRANT CREATE, TEMPORARY ON DATABASE {}",
    }
    if found is None or kind not in grants:
        return ""
    return f"; an owner can help with {grants[kind].format(found[2])}"


def _without_values(error: psycopg.Error) -> str:
    """The first line; data exceptions quote the value that they could not read."""
    state = error.sqlstate or ""
    said = error.diag.message_primary or _one_line(str(error))
    if state[:2] in ("22", "23"):
        return re.sub(r'".*"|\'.*\'', "…", said, flags=re.DOTALL).splitlines()[0][:300]
    if state[:2] == "P0":
        return "a function of the database raised an error."
    return said.splitlines()[0][:300]


def _one_line(text: str) -> str:
    """The last attempt of a connection tells most; psycopg lists one line for each address."""
    lines = [line.strip(" -\t") for line in text.strip().splitlines() if line.strip()]
    told = [line for line in lines if "failed" in line or "FATAL" in line] or lines
    return told[-1][:300] if told else "no reason given"
