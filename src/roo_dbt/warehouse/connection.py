"""What every engine offers: a `Warehouse` that opens short `Session`s."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from roo_dbt.records import Column, Relation
from roo_dbt.warehouse.dialect import Dialect
from roo_dbt.warehouse.layout import Layout

ELSEWHERE = "keep the state in a local file: vars.roo.state: {path: roo_state.duckdb}"
"""What those can do who may only read the warehouse."""


class Session(ABC):
    """A connection for a short piece of work. Not shared between threads."""

    dialect: Dialect
    label: str = ""
    """Whom the next statements are for, a destination; empty: for all of them."""

    def marked(self, sql: str) -> str:
        """A statement with a comment that says whose it is, for engines that others watch."""
        return f"{sql} /* roo-dbt {self.label} */" if self.label else f"{sql} /* roo-dbt */"

    @abstractmethod
    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement; its rows, or for a write one row with the number of rows written.

        Raises:
            WarehouseLost: the connection or the disk failed. RefusedStatement: the engine will not run it.
        """

    def stream(self, sql: str, size: int) -> Iterator[Sequence[tuple[Any, ...]]]:
        """The rows of one SELECT in parts of at most `size`, for reading more than fits into memory.

        All at once where an engine does not say better. Raises as `run`.
        """
        yield self.run(sql)

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """All statements inside, or none of them; nothing at all where `Dialect.replays`."""

    def probe(self, sql: str) -> None:  # noqa: B027 most engines cannot tell
        """Let the engine refuse a SELECT that would write, through a function, where it can tell.

        Raises:
            RefusedStatement: it would.
        """

    def turn(self, name: str) -> AbstractContextManager[None]:
        """A transaction that lets no other with the same name begin before it ended.

        Nothing at all where only one process can have the database open, and on engines without such a
        lock: who takes turns must not rely on it (`state.lock` does not).
        """
        return nullcontext()

    def steady(self, table: str) -> AbstractContextManager[None]:
        """All statements inside see a table as it is now.

        Nothing where nobody else writes, and on engines that cannot say so.
        """
        return nullcontext()

    def run_all(self, statements: Iterable[str]) -> None:
        """Run statements one after the other."""
        for statement in statements:
            self.run(statement)

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row; None without a row."""
        rows = self.run(sql, parameters)
        return rows[0][0] if rows else None


class Warehouse(ABC):
    """An engine with the project's models in it. Safe to use from several threads."""

    dialect: Dialect
    database: str
    """The catalogue that unqualified schemas are looked up in."""

    is_shared: ClassVar[bool] = True
    """Other processes may write while we have a session."""

    acknowledge_seconds: ClassVar[float | None] = None
    """Seconds between two writes of outcomes, where a statement is slow or costs money; None: the usual."""

    can_only_read: ClassVar[bool] = False
    """It takes `untouched=True`, and the engine then refuses every write."""

    def __init__(self) -> None:
        self._statements = Counter[str]()
        self._scanned = Counter[str]()
        self._counting = threading.Lock()

    def count(self, label: str) -> None:
        """Note that a statement is run."""
        with self._counting:
            self._statements[label] += 1

    def statements(self, label: str) -> int:
        """How many statements were run in the sessions of a label."""
        return self._statements[label]

    def note_scanned(self, label: str, number: int) -> None:
        """Note the bytes that the engine says it read for a statement."""
        with self._counting:
            self._scanned[label] += number

    def bytes_scanned(self, label: str) -> int | None:
        """The bytes that were read in the sessions of a label; None where the engine does not tell."""
        return self._scanned.get(label)

    @abstractmethod
    def session(self, label: str = "") -> AbstractContextManager[Session]:
        """Open, use, close. On DuckDB the file is held only while a session is open.

        Args:
            label: whom the statements are for, a destination; engines that others watch are told.

        Raises:
            WarehouseUnavailable: it cannot be opened.
        """

    def layout(self, database: str, schema: str) -> Layout:
        """Where the state tables are, in this engine's words.

        Raises:
            WarehouseUnavailable: the engine cannot reach that database.
        """
        quote = self.dialect.quote
        return Layout(f"{quote(database)}.{quote(schema)}", quote("")[0])

    def permission(self, schema: str) -> str:
        """What to type, or to ask for, when the state tables cannot be made."""
        return (
            "Give the right to create it, name another one with state_schema and state_database, "
            f"or {ELSEWHERE}."
        )

    @abstractmethod
    def columns(self, session: Session, relation: Relation) -> list[Column] | None:
        """The columns of a table in their order; None when there is no such table."""
