"""Engines behind a driver as PEP 249 has it: connections that are kept, and statements on their cursors."""

from __future__ import annotations

import re
import threading
import time
import weakref
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, ClassVar

from roo_dbt.errors import RooError, WarehouseLost
from roo_dbt.warehouse.conflicts import insisting
from roo_dbt.warehouse.connection import Session, Warehouse
from roo_dbt.warehouse.statement import RefusedStatement

_QUESTION = re.compile(r"\s*(SELECT|WITH|DESCRIBE|SHOW)\b", re.IGNORECASE)

IDLE_SECONDS = 60
"""A connection that nobody used for so long is asked for a sign of life first."""


class DriverSession(Session):
    """A connection in autocommit mode."""

    def __init__(self, connection: Any, warehouse: DriverWarehouse, label: str) -> None:
        self.dialect = warehouse.dialect
        self._connection = connection
        self._warehouse = warehouse
        self.label = label

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """See `Session.run`. Says whose the statement is, for those who look at what the warehouse does."""
        self._warehouse.count(self.label)
        warehouse, attempt = self._warehouse, partial(self._executed, sql, parameters)
        try:
            return insisting(attempt, warehouse.conflict, warehouse.errors, sleep=warehouse.sleep)
        except warehouse.errors as error:
            raise warehouse.explained(error, sql) from None

    def _executed(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        cursor = self._warehouse.cursor(self._connection)
        try:
            cursor.execute(self.marked(sql), *([list(parameters)] if parameters else []))
            if _QUESTION.match(sql):
                return [tuple(row) for row in cursor.fetchall()]
            return [(self._warehouse.written(cursor),)]
        finally:
            cursor.close()

    def stream(self, sql: str, size: int) -> Iterator[Sequence[tuple[Any, ...]]]:
        """As the driver hands them over."""
        self._warehouse.count(self.label)
        try:
            cursor = self._warehouse.cursor(self._connection)
            try:
                cursor.execute(self.marked(sql))
                while rows := cursor.fetchmany(size):
                    yield [tuple(row) for row in rows]
            finally:
                cursor.close()
        except self._warehouse.errors as error:
            raise self._warehouse.explained(error, sql) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN and COMMIT; nothing at all where a CREATE would end it (`Dialect.replays`)."""
        if self.dialect.replays:
            yield
            return
        self.run("BEGIN")
        try:
            yield
        except BaseException:
            with suppress(RooError):
                self.run("ROLLBACK")
            raise
        self.run("COMMIT")

    @contextmanager
    def steady(self, table: str) -> Iterator[None]:
        """One transaction sees one version of a table, where there are transactions."""
        with self.transaction():
            yield


class DriverWarehouse(Warehouse):
    """A service whose connections are made by a driver.

    Args:
        credentials: the profile's target.
        driver: the module: `connect` and `Error` of it are used.
        sleep: for tests.
    """

    acknowledge_seconds = 15

    conflict: ClassVar[re.Pattern[str] | None] = None
    """What the service says when two sessions write one table; None: they wait for each other."""

    def __init__(
        self, credentials: Mapping[str, Any], driver: Any, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        super().__init__()
        self.driver = driver
        self.sleep = sleep
        self.errors: tuple[type[Exception], ...] = (driver.Error, OSError)
        self.database = str(credentials.get("database") or "")
        self._credentials = credentials
        self._guard = threading.Lock()
        self._idle: list[tuple[float, Any]] = []
        weakref.finalize(self, _close, self._idle, self.errors)

    @contextmanager
    def session(self, label: str = "") -> Iterator[Session]:
        """A connection that is not in use; it goes back when the session ends."""
        connection = self._take()
        try:
            yield DriverSession(connection, self, label)
        except WarehouseLost:
            with suppress(*self.errors):
                connection.close()
            raise
        except BaseException:
            self._give_back(connection)
            raise
        else:
            self._give_back(connection)

    def _give_back(self, connection: Any) -> None:
        with self._guard:
            self._idle.append((time.monotonic(), connection))

    def _take(self) -> Any:
        while True:
            with self._guard:
                since, connection = self._idle.pop() if self._idle else (0.0, None)
            if connection is None:
                return self.connected()
            if time.monotonic() - since < IDLE_SECONDS:
                return connection
            with suppress(*self.errors):
                self.cursor(connection).execute("SELECT 1")
                return connection
            with suppress(*self.errors):
                connection.close()

    @abstractmethod
    def connected(self) -> Any:
        """A new connection.

        Raises:
            WarehouseUnavailable: it cannot be made; the sentence holds no secret.
        """

    @abstractmethod
    def explained(self, error: Exception, sql: str) -> RooError:
        """An error of a statement as a `WarehouseLost` or a `RefusedStatement`, without values."""

    def cursor(self, connection: Any) -> Any:
        """A cursor that takes `?` for parameters."""
        return connection.cursor()

    def written(self, cursor: Any) -> int:
        """How many rows the last statement wrote."""
        return int(cursor.rowcount or 0)


def lost(engine: str, said: str) -> WarehouseLost:
    """The engine itself failed, or the way to it."""
    return WarehouseLost(
        f"{engine} could not go on: {said}",
        hint="Nothing that was confirmed is lost: run roo-dbt sync again.",
    )


def refused(said: str, sql: str, *, hide: bool) -> RefusedStatement:
    """A statement that will not run. `hide`: what stands in quotes is a value."""
    line = said.strip().splitlines()[0] if said.strip() else "no reason given"
    if hide:
        line = re.sub(r"(['\"]).*\1", "…", said.strip(), flags=re.DOTALL).splitlines()[0]
    return RefusedStatement(line[:300], sql)


def without(secrets: Sequence[Any], said: str) -> str:
    """A driver's sentence without the secrets of a profile, in one line."""
    for secret in secrets:
        said = said.replace(str(secret), "…") if secret else said
    return " ".join(said.split())[:300]


def _close(connections: list[tuple[float, Any]], errors: tuple[type[Exception], ...]) -> None:
    while connections:
        with suppress(*errors):
            connections.pop()[1].close()
