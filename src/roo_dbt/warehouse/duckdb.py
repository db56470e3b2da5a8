"""DuckDB: one file, one process at a time, so the file is open only while a session is."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from roo_dbt.errors import WarehouseLost, WarehouseUnavailable
from roo_dbt.records import Column, Relation
from roo_dbt.warehouse.connection import Session, Warehouse
from roo_dbt.warehouse.dialect import DuckDBDialect
from roo_dbt.warehouse.statement import RefusedStatement

_LOCK = re.compile(r"Could not set lock|used by another process", re.IGNORECASE)
_LOCKED = re.compile(r"Conflicting lock is held in (?P<program>.*?)\s*\(PID (?P<pid>\d+)\)")


class DuckDBSession(Session):
    """A cursor of the shared connection."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """See `Session.run`."""
        try:
            return self._cursor.execute(sql, list(parameters)).fetchall()
        except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException) as error:
            raise WarehouseLost(
                f"DuckDB could not go on: {_first_line(error)}",
                hint="Nothing that was confirmed is lost: make room and run roo-dbt sync again.",
            ) from error
        except duckdb.Error as error:
            raise RefusedStatement(_without_values(error), sql) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN and COMMIT, or ROLLBACK when something is raised."""
        self.run("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            # An engine that broke down has nothing left to roll back; why it did is what matters.
            with suppress(duckdb.Error):
                self._cursor.rollback()
            raise
        self.run("COMMIT")


class DuckDB(Warehouse):
    """A DuckDB file (or MotherDuck database) as dbt-duckdb's profile names it.

    Args:
        credentials: the profile's target: `path`, `database`, `extensions`, `settings`, `attach`.
        lock_wait_seconds: how long to wait for another process to close the file.
        read_only: open it so that others may read at the same time; temporary tables still work.
        clock, sleep: for tests.
    """

    dialect = DuckDBDialect()

    def __init__(
        self,
        credentials: Mapping[str, Any],
        *,
        lock_wait_seconds: float = 30,
        read_only: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.path = str(credentials.get("path") or ":memory:")
        self._remote = self.path.startswith(("md:", "motherduck:"))
        self.database = str(credentials.get("database") or self._catalogue())
        self._credentials = credentials
        self._wait = lock_wait_seconds
        self._read_only = read_only
        self._clock, self._sleep = clock, sleep
        self._guard = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._users = 0

    def _catalogue(self) -> str:
        """DuckDB's name for the file: up to its first dot, so that `shop.v2.duckdb` is `shop`."""
        if self._remote:
            return self.path.split(":", 1)[1].split("?")[0] or "my_db"
        return Path(self.path).name.lstrip(".").split(".")[0]

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Opens the file when nobody in this process has it, closes it when the last one leaves."""
        with self._guard:
            if self._connection is None:
                self._connection = self._open()
            self._users += 1
            cursor = self._connection.cursor()
        try:
            # A cursor starts with its own settings; times are compared and written in UTC.
            cursor.execute("SET TimeZone = 'UTC'")
            yield DuckDBSession(cursor)
        finally:
            cursor.close()
            self._leave()

    def _leave(self) -> None:
        with self._guard:
            self._users -= 1
            if self._users == 0 and self._connection is not None:
                self._connection.close()
                self._connection = None

    def columns(self, session: Session, relation: Relation) -> list[Column] | None:
        """As the catalogue spells them."""
        names = (relation.database or self.database, relation.schema, relation.identifier)
        table = ".".join(self.dialect.quote(name) for name in names)
        try:
            rows = session.run(f"DESCRIBE {table}")
        except RefusedStatement:
            # No such table, or a view that is broken: the catalogue knows, and takes 20 ms to tell.
            rows = session.run(
                "SELECT column_name, data_type FROM duckdb_columns() WHERE lower(database_name) = lower(?) "
                "AND lower(schema_name) = lower(?) AND lower(table_name) = lower(?) ORDER BY column_index",
                names,
            )
        return [Column(row[0], row[1]) for row in rows] or None

    def _open(self) -> duckdb.DuckDBPyConnection:
        if not self._remote and not Path(self.path).exists():
            raise WarehouseUnavailable(
                f"there is no database at {self.path}.",
                hint="Run dbt build first, or choose another target with --target.",
            )
        try:
            return self._connect()
        except duckdb.Error as error:
            if not _is_locked(error):
                raise self._unavailable(error) from error
        return self._connect_once_free()

    def _connect_once_free(self) -> duckdb.DuckDBPyConnection:
        # Only who waits needs it, and it takes 30 ms to import.
        import tenacity

        attempts = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_is_locked),
            stop=tenacity.stop_when_event_set(_Deadline(self._clock, self._wait)),
            wait=tenacity.wait_random_exponential(multiplier=0.05, max=1),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return attempts(self._connect)
        except duckdb.Error as error:
            raise self._unavailable(error) from error

    def _connect(self) -> duckdb.DuckDBPyConnection:
        config = {str(k): v for k, v in (self._credentials.get("config_options") or {}).items()}
        connection = duckdb.connect(self.path, read_only=self._read_only, config=config)
        try:
            self._prepare(connection)
        except BaseException:
            # Else the file stays locked for as long as somebody looks at the error.
            connection.close()
            raise
        return connection

    def _prepare(self, connection: duckdb.DuckDBPyConnection) -> None:
        for extension in self._credentials.get("extensions") or ():
            connection.load_extension(extension if isinstance(extension, str) else str(extension["name"]))
        for name, value in (self._credentials.get("settings") or {}).items():
            connection.execute(f"SET {self.dialect.quote(str(name))} = {self.dialect.literal(str(value))}")
        for entry in self._credentials.get("attach") or ():
            connection.execute(self._attachment(entry))

    def _attachment(self, entry: Mapping[str, Any]) -> str:
        path = str(entry.get("path"))
        alias = str(entry.get("alias") or Path(path).stem)
        options = [f"TYPE {entry['type']}"] if entry.get("type") else []
        # Only the models are read from an attached database.
        options.append("READ_ONLY")
        quoted = self.dialect.quote(alias)
        return f"ATTACH IF NOT EXISTS {self.dialect.literal(path)} AS {quoted} ({', '.join(options)})"

    def _unavailable(self, error: duckdb.Error) -> WarehouseUnavailable:
        held = _LOCKED.search(str(error))
        if held is None:
            return WarehouseUnavailable(f"cannot open {self.path}: {_first_line(error)}")
        return WarehouseUnavailable(
            f"{self.path} is open in another process (PID {held['pid']}), "
            f"and DuckDB lets one process write; waited {self._wait:g} s.",
            hint="Close that program, or raise lock_wait_seconds in vars: roo, and try again.",
        )


class _Deadline(threading.Event):
    """Set once `seconds` have passed since it was made."""

    def __init__(self, clock: Callable[[], float], seconds: float) -> None:
        super().__init__()
        self._clock, self._end = clock, clock() + seconds

    def is_set(self) -> bool:
        return self._clock() >= self._end


def _is_locked(error: BaseException) -> bool:
    return isinstance(error, duckdb.IOException) and _LOCK.search(str(error)) is not None


def _without_values(error: duckdb.Error) -> str:
    """What the engine said. It quotes the values it could not convert; a message must not carry them."""
    if isinstance(error, duckdb.InvalidInputException):
        return "Invalid Input Error: a function cannot work with one of its values."
    if not isinstance(error, duckdb.DataError):
        return re.sub(r"'[^']*'", "'…'", _first_line(error))
    # Values may hold quotes and line breaks themselves, hence from the first quote to the last.
    said = str(error).partition("\n\nLINE ")[0]
    said = re.sub(r"""(?<!\w)(["']).*\1|(?<!\w)["'].*$""", "…", said, flags=re.DOTALL)
    return re.sub(r"\b\d[\d.,:-]*", "…", said).splitlines()[0][:300]


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
