"""Postgres: a server that others write to at the same time, so what must agree happens in transactions."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from roo_dbt.errors import WarehouseUnavailable
from roo_dbt.records import Column, Relation
from roo_dbt.warehouse.connection import ELSEWHERE, Session, Warehouse
from roo_dbt.warehouse.dialects.postgres import CREATE_TRY_CAST, TRY_CAST, PostgresDialect
from roo_dbt.warehouse.layout import Layout
from roo_dbt.warehouse.postgres_errors import explained, unreachable

_SETTINGS = (
    "SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET extra_float_digits = 1; "
    "SET standard_conforming_strings = on; SET jit = off; "
    "SET parallel_tuple_cost = 0.01; SET default_statistics_target = 10; "
    "SELECT set_config('work_mem', '128MB', false) "
    "WHERE pg_size_bytes(current_setting('work_mem')) < pg_size_bytes('128MB')"
)
"""What the SQL of the dialect rests on; a role or a database may have other defaults.

A join of two large tables is twice as fast where it need not go by way of files, as with the 4 MB that a
server has unless told otherwise, and where its many comparisons are not compiled first. The server takes
half of the rows for changed and would have one process do it all; one in a hundred is usual. A small sample
is enough to know a table of changes.
https://www.postgresql.org/docs/15/runtime-config-query.html (read 2026-11-22)
"""

_OLDEST = 130_000
"""Postgres 13, the first with `trim_scale`."""

_COLUMNS = """
WITH RECURSIVE typed (place, name, type, modifier) AS (
  SELECT attnum, attname, atttypid, atttypmod FROM pg_attribute
  WHERE attrelid = to_regclass(?) AND attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT d.place, d.name, t.typbasetype, greatest(t.typtypmod, d.modifier)
  FROM typed d JOIN pg_type t ON t.oid = d.type WHERE t.typtype = 'd'
)
SELECT c.name, CASE
  WHEN t.typtype = 'e' THEN 'enum(' || t.typname || ')'
  WHEN e.typtype = 'e' THEN 'enum(' || e.typname || ')[]'
  WHEN t.typname = 'citext' THEN 'citext'
  WHEN e.typname = 'citext' THEN 'citext[]'
  ELSE format_type(c.type, c.modifier) END
FROM typed c JOIN pg_type t ON t.oid = c.type
LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
WHERE t.typtype <> 'd' ORDER BY c.place
"""
"""Columns with their types; a domain is what it is made of, and `citext` has no schema in front."""


class PostgresSession(Session):
    """A connection in autocommit mode."""

    dialect = PostgresDialect()

    def __init__(self, connection: psycopg.Connection[Any], warehouse: Warehouse, label: str) -> None:
        self._connection = connection
        self._warehouse = warehouse
        self.label = label

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """See `Session.run`. Parameters are sent apart from the statement, which says whose it is."""
        self._warehouse.count(self.label)
        try:
            if TRY_CAST in sql:
                self._connection.execute(CREATE_TRY_CAST.encode())
            cursor = psycopg.RawCursor(self._connection)
            marked = self.marked(_numbered(sql) if parameters else sql)
            cursor.execute(marked.encode(), parameters or None)
            return cursor.fetchall() if cursor.description else [(cursor.rowcount,)]
        except psycopg.Error as error:
            raise explained(error, sql, lost=self._connection.closed) from None

    def stream(self, sql: str, size: int) -> Iterator[Sequence[tuple[Any, ...]]]:
        """By a cursor of the server, in a transaction.

        Without the setting the server plans for whoever wants the first rows alone.
        https://www.postgresql.org/docs/15/runtime-config-query.html#GUC-CURSOR-TUPLE-FRACTION
        (read 2026-11-22)
        """
        self._warehouse.count(self.label)
        try:
            with self._connection.transaction():
                self._connection.execute("SET LOCAL cursor_tuple_fraction = 1")
                with self._connection.cursor("roo_rows") as cursor:
                    cursor.execute(self.marked(sql).encode())
                    while rows := cursor.fetchmany(size):
                        yield rows
        except psycopg.Error as error:
            raise explained(error, sql, lost=self._connection.closed) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN and COMMIT, inside another one a savepoint."""
        try:
            with self._connection.transaction():
                yield
        except psycopg.Error as error:
            raise explained(error, "COMMIT", lost=self._connection.closed) from None

    def probe(self, sql: str) -> None:
        """In a transaction that may only read.

        https://www.postgresql.org/docs/15/sql-set-transaction.html (read 2026-11-22)
        """
        with self.transaction():
            self.run("SET TRANSACTION READ ONLY")
            self.run(sql)

    @contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """An advisory lock until the transaction ends.

        https://www.postgresql.org/docs/15/explicit-locking.html#ADVISORY-LOCKS (read 2026-11-22)
        """
        with self.transaction():
            key = self.dialect.literal(f"roo-dbt {name}")
            self.run(f"SELECT pg_advisory_xact_lock(hashtextextended({key}, 0))")
            yield

    @contextmanager
    def steady(self, table: str) -> Iterator[None]:
        """One snapshot for all statements, and nobody replaces the table meanwhile.

        The lock comes before the snapshot: a table that somebody swaps in afterwards would look empty.
        https://www.postgresql.org/docs/15/sql-lock.html (read 2026-11-22)
        """
        kind = self.one("SELECT relkind FROM pg_class WHERE oid = to_regclass(?)", [table])
        with self.transaction():
            self.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            if kind in ("r", "p", "v"):
                self.run(f"LOCK TABLE {table} IN ACCESS SHARE MODE")
            yield


class Postgres(Warehouse):
    """A Postgres database as dbt-postgres's profile names it.

    Args:
        credentials: the profile's target; keys as in
            https://docs.getdbt.com/docs/core/connect-data-platform/postgres-setup (read 2026-11-22).
        untouched: the server refuses every write of our sessions.
    """

    dialect = PostgresDialect()

    can_only_read = True

    def __init__(self, credentials: Mapping[str, Any], *, untouched: bool = False) -> None:
        super().__init__()
        self._untouched = untouched
        self.database = str(credentials.get("database") or "")
        self._credentials = credentials
        self._guard = threading.Lock()
        self._idle: list[psycopg.Connection[Any]] = []
        weakref.finalize(self, _close, self._idle)

    @contextmanager
    def session(self, label: str = "") -> Iterator[Session]:
        """A connection that is not in use; it goes back when the session ends."""
        connection = self._take()
        try:
            yield PostgresSession(connection, self, label)
        finally:
            self._give_back(connection)

    def _take(self) -> psycopg.Connection[Any]:
        while True:
            with self._guard:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return self._connect()
            # Nobody may have used it for an hour, and servers and firewalls end what is idle.
            with suppress(psycopg.Error):
                connection.execute("SELECT 1")
                return connection
            connection.close()

    def _give_back(self, connection: psycopg.Connection[Any]) -> None:
        with suppress(psycopg.Error):
            connection.execute("DISCARD TEMP")
            with self._guard:
                self._idle.append(connection)
            return
        connection.close()

    def _connect(self) -> psycopg.Connection[Any]:
        retries = int(self._credentials.get("retries", 1))
        try:
            connection = psycopg.connect(**self._parameters())
        except psycopg.Error as error:
            if retries < 1 or not isinstance(error, psycopg.OperationalError):
                raise unreachable(error, self._credentials) from None
            connection = self._connect_again(retries)
        try:
            self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connect_again(self, times: int) -> psycopg.Connection[Any]:
        """As often as the profile's `retries` says, after a pause."""
        # Only who waits needs it, and it takes 30 ms to import.
        import tenacity

        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception_type(psycopg.OperationalError),
            stop=tenacity.stop_after_attempt(times),
            wait=tenacity.wait_random_exponential(multiplier=0.5, max=5),
            reraise=True,
        )
        try:
            return attempts(psycopg.connect, **self._parameters())
        except psycopg.Error as error:
            raise unreachable(error, self._credentials) from None

    def _parameters(self) -> dict[str, Any]:
        given = self._credentials
        parameters = {
            "host": given.get("host"),
            "port": given.get("port") or 5432,
            "user": given.get("user"),
            "password": given.get("password"),
            "dbname": self.database,
            "connect_timeout": given.get("connect_timeout", 10),
            "application_name": given.get("application_name") or "roo-dbt",
            "client_encoding": "UTF8",
            "autocommit": True,
        }
        for name in ("sslmode", "sslcert", "sslkey", "sslrootcert", "keepalives_idle"):
            if given.get(name):
                parameters[name] = given[name]
        given_ones = {name: value for name, value in parameters.items() if value is not None}
        # Behind a pooler the next statement may meet another server connection.
        return given_ones | {"prepare_threshold": None}

    def _prepare(self, connection: psycopg.Connection[Any]) -> None:
        """The role and the settings of a new connection."""
        quote = self.dialect.quote
        role, path = self._credentials.get("role"), self._credentials.get("search_path")
        statements = [_SETTINGS]
        if self._untouched:
            statements.append("SET default_transaction_read_only = on")
        if path:
            names = [name.strip() for name in str(path).split(",")]
            statements.append(f"SET search_path = {', '.join(_as_name(quote, name) for name in names)}")
        if role:
            statements.append(f"SET ROLE {quote(str(role))}")
        try:
            if connection.info.server_version < _OLDEST:
                version = connection.info.server_version // 10_000
                raise WarehouseUnavailable(
                    f"{self._credentials.get('host')} runs Postgres {version}, and roo-dbt needs 13 or later."
                )
            for statement in statements:
                connection.execute(statement.encode())
        except psycopg.Error as error:
            raise WarehouseUnavailable(
                f"Postgres refuses the profile's settings: {error.diag.message_primary or error}.",
                hint="Look at role and search_path of the target.",
            ) from None

    def layout(self, database: str, schema: str) -> Layout:
        """The schema alone: a statement reaches one database."""
        if database != self.database:
            raise WarehouseUnavailable(
                f"the state tables are meant for the database {database}, and Postgres reaches only "
                f"{self.database}, which the profile connects to.",
                hint="Leave out state_database; state_schema may name another schema.",
            )
        return Layout(self.dialect.quote(schema))

    def permission(self, schema: str) -> str:
        """The GRANT that is missing."""
        quote = self.dialect.quote
        user = quote(str(self._credentials.get("role") or self._credentials.get("user")))
        return (
            f"Let an owner type: CREATE SCHEMA IF NOT EXISTS {quote(schema)} AUTHORIZATION {user}; or name "
            f"another schema with state_schema; or {ELSEWHERE}."
        )

    def columns(self, session: Session, relation: Relation) -> list[Column] | None:
        """As the catalogue spells them."""
        if relation.database and relation.database != self.database:
            raise WarehouseUnavailable(
                f"the table {relation.quoted or relation.identifier} is in the database {relation.database}, "
                f"and the profile connects to {self.database}.",
                hint="Choose the target that dbt built it with, with --target.",
            )
        names = (relation.schema, relation.identifier)
        table = ".".join(self.dialect.quote(name) for name in names)
        rows = session.run(_COLUMNS, [table])
        return [Column(*row) for row in rows] or None


def _close(connections: list[psycopg.Connection[Any]]) -> None:
    while connections:
        connections.pop().close()


def _numbered(sql: str) -> str:
    """`?` as Postgres wants them, $1, $2 … Statements with parameters hold no other question mark."""
    first, *rest = sql.split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(rest, start=1))


def _as_name(quote: Any, name: str) -> str:
    return name if name.startswith('"') else quote(name)
