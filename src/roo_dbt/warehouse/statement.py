"""A statement the engine will not run."""

from __future__ import annotations

from roo_dbt.errors import RooError


class RefusedStatement(RooError):
    """The engine refuses a statement: a wrong `where`, a missing right, a conflict of two writers.

    Args:
        message: the engine's first line.
        sql: the statement, for whoever knows what it was for; never printed.
    """

    def __init__(self, message: str, sql: str) -> None:
        super().__init__(message)
        self.sql = sql
