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

from roo_dbt.errors import RooError, WarehouseLost, WarehouseUnavailable
from roo_dbt.records import Column, Relation
from roo_dbt.warehouse.connection import ELSEWHERE, Session, Warehouse
from roo_dbt.warehouse.dialects.duckdb import DuckDBDialect
from roo_dbt.warehouse.statement import RefusedStatement

_LOCK = re.compile(r"Could not set lock|used by another process|Unique file handle conflict", re.IGNORECASE)
_SHARED = re.compile(r"Unique file handle conflict", re.IGNORECASE)
_DISK = re.compile(r"Could not (write|sync|truncate)|No space left", re.IGNORECASE)
_DENIED = re.compile(r"Permission denied|Read-only file system", re.IGNORECASE)
_LOCKED = re.compile(r"Conflicting lock is held in (?P<program>.*?)\s*\(PID (?P<pid>\d+)\)")

_RESERVED = ("memory", "system", "temp")
"""Databases that every engine has: a file of that name cannot stand beside them."""


class DuckDBSession(Session):
    """A cursor of the shared connection."""

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        count: Callable[[str], None] = lambda _: None,
        dialect: DuckDBDialect | None = None,
        label: str = "",
    ) -> None:
        self._cursor = cursor
        self._count = count
        self.dialect = dialect or DuckDBDialect()
        self.label = label

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """See `Session.run`."""
        self._count(self.label)
        try:
            return self._cursor.execute(sql, list(parameters)).fetchall()
        except duckdb.Error as error:
            raise _explained(error, sql) from None

    def stream(self, sql: str, size: int) -> Iterator[Sequence[tuple[Any, ...]]]:
        """The engine makes the rows while they are fetched."""
        self._count(self.label)
        try:
            self._cursor.execute(sql)
            while rows := self._cursor.fetchmany(size):
                yield rows
        except duckdb.Error as error:
            raise _explained(error, sql) from None

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
    """A DuckDB file as dbt-duckdb's profile names it.

    Args:
        credentials: the profile's target: `path`, `database`, `extensions`, `settings`, `attach`.
        lock_wait_seconds: how long to wait for another process to close the file.
        read_only: open it so that others may read at the same time; temporary tables still work.
        clock, sleep: for tests.
    """

    dialect = DuckDBDialect()
    is_shared = False

    def __init__(
        self,
        credentials: Mapping[str, Any],
        *,
        lock_wait_seconds: float = 30,
        read_only: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__()
        self.path = str(credentials.get("path") or ":memory:")
        self.database = str(credentials.get("database") or self._catalogue())
        self._credentials = credentials
        self._wait = lock_wait_seconds
        self._read_only = read_only
        self._clock, self._sleep = clock, sleep
        self._attaches = self.path != ":memory:" and self.database.lower() not in _RESERVED
        self._guard = threading.Lock()
        self._engine: duckdb.DuckDBPyConnection | None = None
        self._users = 0

    def _catalogue(self) -> str:
        """DuckDB's name for the file: up to its first dot, so that `shop.v2.duckdb` is `shop`."""
        return Path(self.path).name.lstrip(".").split(".")[0]

    @contextmanager
    def session(self, label: str = "") -> Iterator[Session]:
        """Opens the file when nobody in this process has it, closes it when the last one leaves."""
        with self._guard:
            if self._engine is None or not self._users:
                self._engine = self._open()
            self._users += 1
            cursor = self._engine.cursor()
        try:
            # A cursor starts with its own settings; times are compared and written in UTC.
            cursor.execute("SET TimeZone = 'UTC'")
            if self._attaches:
                cursor.execute(f"USE {self.dialect.quote(self.database)}")
            yield DuckDBSession(cursor, self.count, self.dialect, label)
        finally:
            cursor.close()
            with self._guard:
                self._users -= 1
                if not self._users:
                    self._let_go()

    def _let_go(self) -> None:
        """Give the file back. The engine stays, unless it broke down: to start one takes 20 ms."""
        if self._engine is None:
            return
        try:
            if self._attaches:
                for name in (self.database, *(self._alias(entry) for entry in self._attachments)):
                    self._engine.execute(f"DETACH DATABASE IF EXISTS {self.dialect.quote(name)}")
                return
        except duckdb.Error:
            # Closing it gives the file back in any case.
            pass
        self._engine.close()
        self._engine = None

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

    def _look(self) -> None:
        """Refuse a place where nothing can be opened."""
        if not Path(self.path).exists():
            raise WarehouseUnavailable(
                f"there is no database at {self.path}.",
                hint="Run dbt build first, or choose another target with --target.",
            )

    def _open(self) -> duckdb.DuckDBPyConnection:
        self._look()
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
        """An engine with the file in it."""
        if self._engine is None:
            self._engine = self._start()
        try:
            if self._attaches:
                self._engine.execute(self._attaching())
            for entry in self._attachments:
                self._engine.execute(self._attachment(entry))
        except duckdb.Error as error:
            # Else the file stays locked for as long as somebody looks at the error.
            self._let_go()
            if not (self._attaches and _SHARED.search(str(error))):
                raise
            # Another connection of this very process has the file: from now on its engine is shared.
            self._attaches = False
            self._let_go()
            return self._connect()
        return self._engine

    def _attaching(self) -> str:
        """SQL that opens the file."""
        mode = " (READ_ONLY)" if self._read_only else ""
        return f"ATTACH {self.dialect.literal(self.path)} AS {self.dialect.quote(self.database)}{mode}"

    def _start(self) -> duckdb.DuckDBPyConnection:
        engine = self._engine_of(self._options())
        try:
            for extension in self._credentials.get("extensions") or ():
                engine.load_extension(extension if isinstance(extension, str) else str(extension["name"]))
            for name, value in self._settings().items():
                engine.execute(f"SET {self.dialect.quote(name)} = {self.dialect.literal(value)}")
        except BaseException:
            engine.close()
            raise
        return engine

    def _engine_of(self, config: dict[str, Any]) -> duckdb.DuckDBPyConnection:
        if not self._attaches:
            return duckdb.connect(self.path, read_only=self._read_only, config=config)
        # Without it an engine of no file spills into the current folder.
        return duckdb.connect(config={"temp_directory": f"{self.path}.tmp", **config})

    def _options(self) -> dict[str, Any]:
        """What must be said before the engine starts."""
        return {str(k): v for k, v in (self._credentials.get("config_options") or {}).items()}

    def _settings(self) -> dict[str, str]:
        """What is set once it runs."""
        return {str(k): str(v) for k, v in (self._credentials.get("settings") or {}).items()}

    @property
    def _attachments(self) -> Sequence[Mapping[str, Any]]:
        """Other databases that the profile names; only models are read from them."""
        return self._credentials.get("attach") or ()

    def _alias(self, entry: Mapping[str, Any]) -> str:
        return str(entry.get("alias") or Path(str(entry.get("path"))).stem)

    def _attachment(self, entry: Mapping[str, Any]) -> str:
        path, name = str(entry.get("path")), self.dialect.quote(self._alias(entry))
        if path.startswith(("md:", "motherduck:")):
            # Options in the path are for a connection, and READ_ONLY is one of files.
            place = self.dialect.literal(path.partition("?")[0])
            return f"ATTACH IF NOT EXISTS {place}{f' AS {name}' if entry.get('alias') else ''}"
        options = [f"TYPE {entry['type']}"] if entry.get("type") else []
        options.append("READ_ONLY")
        return f"ATTACH IF NOT EXISTS {self.dialect.literal(path)} AS {name} ({', '.join(options)})"

    def _unavailable(self, error: duckdb.Error) -> WarehouseUnavailable:
        held = _LOCKED.search(str(error))
        if _SHARED.search(str(error)):
            return WarehouseUnavailable(
                f"{self.path} is open in this very process; waited {self._wait:g} s.",
                hint="Close the other connection first.",
            )
        if held is None:
            hint = f"Give the right to write it, or {ELSEWHERE}." if _DENIED.search(str(error)) else ""
            return WarehouseUnavailable(f"cannot open {self.path}: {first_line(error)}", hint=hint)
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


def _explained(error: duckdb.Error, sql: str) -> RooError:
    """What the engine said, without values; a statement that it refused, or that it broke down."""
    if not _is_breakdown(error):
        return RefusedStatement(_without_values(error), sql)
    return WarehouseLost(
        f"DuckDB could not go on: {first_line(error)}",
        hint="Nothing that was confirmed is lost: make room and run roo-dbt sync again.",
    )


def _is_breakdown(error: duckdb.Error) -> bool:
    """The disk or the memory failed, not the statement. A full disk is noticed when a statement commits."""
    broken = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException)
    return isinstance(error, broken) or (
        isinstance(error, duckdb.TransactionException) and _DISK.search(str(error)) is not None
    )


def _is_locked(error: BaseException) -> bool:
    return isinstance(error, duckdb.Error) and _LOCK.search(str(error)) is not None


def _without_values(error: duckdb.Error) -> str:
    """What the engine said. It quotes the values it could not convert; a message must not carry them."""
    if isinstance(error, duckdb.InvalidInputException):
        return "Invalid Input Error: a function cannot work with one of its values."
    if not isinstance(error, duckdb.DataError):
        return re.sub(r"'[^']*'", "'…'", first_line(error))
    # Values may hold quotes and line breaks themselves, hence from the first quote to the last.
    said = str(error).partition("\n\nLINE ")[0]
    said = re.sub(r"""(?<!\w)(["']).*\1|(?<!\w)["'].*$""", "…", said, flags=re.DOTALL)
    return re.sub(r"\b\d[\d.,:-]*", "…", said).splitlines()[0][:300]


def first_line(error: BaseException) -> str:
    """What an error says first, 300 characters at most."""
    return str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
