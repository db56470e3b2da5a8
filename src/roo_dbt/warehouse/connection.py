"""What every engine offers: a `Warehouse` that opens short `Session`s."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from roo_dbt.records import Column, Relation
from roo_dbt.warehouse.dialect import Dialect


class Session(ABC):
    """A connection for a short piece of work. Not shared between threads."""

    @abstractmethod
    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement; its rows, or for a write one row with the number of rows written.

        Raises:
            WarehouseLost: the connection or the disk failed. RefusedStatement: the engine will not run it.
        """

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """All statements inside, or none of them."""

    def one(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The first column of the first row; None without a row."""
        rows = self.run(sql, parameters)
        return rows[0][0] if rows else None


class Warehouse(ABC):
    """An engine with the project's models in it. Safe to use from several threads."""

    dialect: Dialect
    database: str
    """The catalogue that unqualified schemas are looked up in."""

    @abstractmethod
    def session(self) -> AbstractContextManager[Session]:
        """Open, use, close. On DuckDB the file is held only while a session is open.

        Raises:
            WarehouseUnavailable: it cannot be opened.
        """

    @abstractmethod
    def columns(self, session: Session, relation: Relation) -> list[Column] | None:
        """The columns of a table in their order; None when there is no such table."""
