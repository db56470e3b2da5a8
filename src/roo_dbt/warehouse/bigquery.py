"""BigQuery, through Google's client: a statement is a job, and temporary tables live in a session."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any

from roo_dbt.errors import RooError, WarehouseUnavailable
from roo_dbt.records import Column, Relation
from roo_dbt.warehouse.bigquery_client import Google, client_of, load
from roo_dbt.warehouse.conflicts import insisting
from roo_dbt.warehouse.connection import ELSEWHERE, Session, Warehouse
from roo_dbt.warehouse.dialects.bigquery import BigQueryDialect
from roo_dbt.warehouse.driver import lost, refused
from roo_dbt.warehouse.statement import RefusedStatement

_NAMED = re.compile(r"Unrecognized name|Not found|Syntax error|Access Denied|not found inside", re.IGNORECASE)
"""Errors that quote names and no values."""

_CONFLICT = re.compile(r"Could not serialize access|concurrent update|Too many DML statements outstanding")
"""Of two writers of one table.

https://cloud.google.com/bigquery/docs/data-manipulation-language (read 2026-11-22)
"""

_CHANGES = re.compile(r"(INSERT|UPDATE|DELETE)\b")


class BigQuerySession(Session):
    """Jobs that share temporary tables, once there is one.

    https://cloud.google.com/bigquery/docs/sessions (read 2026-11-22)
    """

    def __init__(self, warehouse: BigQuery, label: str) -> None:
        self.dialect = warehouse.dialect
        self._warehouse = warehouse
        self.label = label
        self._session: str | None = None

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """See `Session.run`."""
        self._warehouse.count(self.label)
        google, begins = self._warehouse.google, self._session is None and " TEMP TABLE " in sql[:40]
        text, values = _typed(sql, parameters)
        errors = (google.error, OSError)

        def attempt() -> tuple[Any, list[tuple[Any, ...]]]:
            config = self._warehouse.job(self.label, values, self._session, begins=begins)
            job = self._warehouse.client.query(text, job_config=config)
            return job, [tuple(row.values()) for row in job.result()]

        try:
            job, rows = insisting(attempt, _CONFLICT, errors, sleep=self._warehouse.sleep)
        except errors as error:
            raise self._warehouse.explained(error, sql) from None
        self._warehouse.note_scanned(self.label, int(job.total_bytes_processed or 0))
        if begins:
            self._session = job.session_info.session_id
        return [(int(job.num_dml_affected_rows or 0),)] if _CHANGES.match(sql) else rows

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Nothing: see `Dialect.replays`."""
        yield

    def end(self) -> None:
        """Drop the temporary tables now; they would live for a day."""
        if self._session is not None:
            with suppress(RooError):
                self.run("CALL BQ.ABORT_SESSION()")


class BigQuery(Warehouse):
    """A BigQuery project, as dbt-bigquery's profile names it.

    Args:
        credentials: the profile's target; keys as in
            https://docs.getdbt.com/docs/core/connect-data-platform/bigquery-setup (read 2026-11-22).
        google: for tests, instead of Google's packages.
        sleep: for tests.
    """

    dialect = BigQueryDialect()
    acknowledge_seconds = 15

    def __init__(
        self,
        credentials: Mapping[str, Any],
        *,
        google: Google | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__()
        self.sleep = sleep
        self.google = google or load()
        self._credentials = credentials
        self.database = str(credentials.get("database") or credentials.get("execution_project") or "")

    @cached_property
    def client(self) -> Any:
        """Safe to use from several threads.

        Raises:
            WarehouseUnavailable: the credentials cannot be had.
        """
        try:
            return client_of(self.google, self._credentials)
        except (self.google.error, self.google.auth_error, OSError, ValueError) as error:
            raise WarehouseUnavailable(
                f"cannot sign in to BigQuery's project {self.database}: {type(error).__name__}.",
                hint="Check method and keyfile of the target, or type: gcloud auth application-default login",
            ) from None

    @contextmanager
    def session(self, label: str = "") -> Iterator[Session]:
        """No connection is held: every statement is a job."""
        opened = BigQuerySession(self, label)
        try:
            yield opened
        finally:
            opened.end()

    def job(self, label: str, values: Sequence[tuple[str, Any]], session: str | None, *, begins: bool) -> Any:
        """The settings of a job: whose it is, what it may cost, which session it belongs to."""
        bigquery, given = self.google.bigquery, self._credentials
        config = bigquery.QueryJobConfig(
            query_parameters=[bigquery.ScalarQueryParameter(None, kind, value) for kind, value in values],
            labels={"roo-dbt": re.sub(r"[^a-z0-9_-]", "_", label.lower())[:63]},
        )
        if given.get("maximum_bytes_billed"):
            config.maximum_bytes_billed = int(given["maximum_bytes_billed"])
        if given.get("priority"):
            config.priority = str(given["priority"]).upper()
        if begins:
            config.create_session = True
        if session is not None:
            config.connection_properties = [bigquery.ConnectionProperty("session_id", session)]
        return config

    def explained(self, error: Exception, sql: str) -> RooError:
        """What the request is to blame for has a code from 400 on; 429 and 500 are the service's."""
        code = int(getattr(error, "code", 0) or 0)
        said = str(getattr(error, "message", "") or error)
        if not 400 <= code < 500 or code in (401, 408, 429):
            return lost("BigQuery", " ".join(said.split())[:300])
        found = refused(said, sql, hide=_NAMED.search(said) is None)
        if _NAMED.search(said) is None:
            found.message = found.message.partition(": ")[0]
        return found

    def columns(self, session: Session, relation: Relation) -> list[Column] | None:
        """As the catalogue spells them."""
        dataset = (relation.database or self.database, relation.schema, "INFORMATION_SCHEMA", "COLUMNS")
        catalogue = ".".join(self.dialect.quote(name) for name in dataset)
        try:
            rows = session.run(
                f"SELECT column_name, data_type FROM {catalogue} WHERE table_name = ? "
                "ORDER BY ordinal_position",
                [relation.identifier],
            )
        except RefusedStatement as error:
            if "Not found" in error.message:
                return None
            raise
        return [Column(*row) for row in rows] or None

    def permission(self, schema: str) -> str:
        """The roles that are missing."""
        return (
            f"Let an owner make the dataset {schema} and give the role BigQuery Data Editor on it, or name "
            f"another one with state_schema, or {ELSEWHERE}; the project needs BigQuery Job User."
        )


def _typed(sql: str, parameters: Sequence[Any]) -> tuple[str, list[tuple[str, Any]]]:
    """A parameter has a type, and null has none: it is written into the statement."""
    first, *rest = sql.split("?") if parameters else [sql]
    text, values = [first], []
    for value, part in zip(parameters, rest, strict=True):
        text += ["NULL" if value is None else "?", part]
        if value is not None:
            values.append((_KINDS[type(value)], value))
    return "".join(text), values


_KINDS = {str: "STRING", bool: "BOOL", int: "INT64", float: "FLOAT64"}
