"""A driver of PEP 249 that reaches nothing: it takes notes, and answers what it was told to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


class DriverError(Exception):
    """What a driver raises."""


class Driver:
    """The module. `answer` is asked for the rows of a statement, and may raise.

    Attributes:
        calls: how `connect` was called.
        said: statements with their parameters.
    """

    Error = DriverError

    def __init__(self, answer: Callable[[str], Sequence[tuple[Any, ...]]] = lambda _: []) -> None:
        self.answer = answer
        self.calls: list[dict[str, Any]] = []
        self.said: list[tuple[str, tuple[Any, ...]]] = []
        self.refusal: Exception | None = None
        self.closed = 0

    def connect(self, **parameters: Any) -> Connection:
        """Note how it is called."""
        self.calls.append(parameters)
        if self.refusal is not None:
            raise self.refusal
        return Connection(self)

    @property
    def statements(self) -> list[str]:
        """What was run, without parameters."""
        return [sql for sql, _ in self.said]


class Connection:
    """An open connection."""

    autocommit = False

    def __init__(self, driver: Driver) -> None:
        self.driver = driver

    def cursor(self) -> Cursor:
        """A new one."""
        return Cursor(self.driver)

    def close(self) -> None:
        """Count it."""
        self.driver.closed += 1


class Cursor:
    """Of one statement."""

    paramstyle = "format"
    rowcount = -1

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._rows: Sequence[tuple[Any, ...]] = []

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Note it."""
        self._driver.said.append((sql, tuple(parameters)))
        self._rows = self._driver.answer(sql)
        self.rowcount = len(self._rows)

    def fetchall(self) -> Sequence[tuple[Any, ...]]:
        """The answer."""
        return self._rows

    def close(self) -> None:
        """Nothing is held."""
