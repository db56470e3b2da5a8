"""A local DuckDB file for the state of people who may only read the warehouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from roo_dbt.errors import WarehouseUnavailable
from roo_dbt.warehouse.connection import Session
from roo_dbt.warehouse.dialects.state_file import StateFileDialect
from roo_dbt.warehouse.duckdb import DuckDB
from roo_dbt.warehouse.private_files import private_files

SETTING = "vars.roo.state.path"

MEMORY = "1GB"
"""What the comparison may hold; of a larger model the rest waits in a folder beside the file."""

_DENIED = re.compile(r"Permission denied|Read-only file system", re.IGNORECASE)
_NO_DATABASE = re.compile(r"not a valid DuckDB database|not a database", re.IGNORECASE)


class StateFile(DuckDB):
    """The state tables, and for the time of a diff the rows that are compared with them.

    The file holds what was sent, so it is made for its owner alone. One that is there keeps its mode.

    Args:
        path: the file, absolute; it is made when it is first written to.
        lock_wait_seconds: how long to wait for another process to close the file.
        read_only: as for `DuckDB`; where there is no file yet, none is made.

    Raises:
        WarehouseUnavailable: no file can be there.
    """

    dialect = StateFileDialect()

    def __init__(self, path: Path, *, lock_wait_seconds: float = 30, read_only: bool = False) -> None:
        super().__init__(
            {"path": str(path), "config_options": {"memory_limit": MEMORY}},
            lock_wait_seconds=lock_wait_seconds,
            read_only=read_only,
        )
        self._is_ours = False
        if not self._attaches:
            raise WarehouseUnavailable(
                f"the state file {path} has a name that DuckDB keeps for itself ({self.database}).",
                hint=f"Name another file in {SETTING}.",
            )
        self._look()

    @contextmanager
    def session(self, label: str = "") -> Iterator[Session]:
        """As of `DuckDB`; the log of its writes, and what does not fit into memory, are private, too."""
        with private_files(), super().session(label) as session:
            yield session

    def _look(self) -> None:
        path = Path(self.path)
        if path.is_dir():
            raise WarehouseUnavailable(
                f"the state file {path} is a folder.", hint=f"Name a file in it: {SETTING}."
            )
        if not path.parent.is_dir():
            raise WarehouseUnavailable(
                f"the state file {path} cannot be made: there is no folder {path.parent}.",
                hint=f"Make it, or name another file in {SETTING}.",
            )

    def _attaching(self) -> str:
        path, name = Path(self.path), self.dialect.quote(self.database)
        if self._read_only and not path.exists():
            return f"ATTACH ':memory:' AS {name}"
        # Without its type a file of another kind makes DuckDB look for an extension that knows it.
        mode = "TYPE DUCKDB, READ_ONLY" if self._read_only else "TYPE DUCKDB"
        return f"ATTACH {self.dialect.literal(self.path)} AS {name} ({mode})"

    def _connect(self) -> duckdb.DuckDBPyConnection:
        engine = super()._connect()
        if self._is_ours:
            return engine
        tables, ours = engine.execute(
            "SELECT count(*), count(*) FILTER (table_name = 'roo_state') FROM duckdb_tables() "
            "WHERE database_name = ? AND NOT internal",
            [self.database],
        ).fetchall()[0]
        if tables and not ours:
            self._let_go()
            raise WarehouseUnavailable(
                f"the state file {self.path} is somebody else's: it holds {tables:,} "
                f"table{'s' if tables != 1 else ''} and none of roo-dbt's.",
                hint=f"Name a file of its own in {SETTING}; it is made when it is first needed.",
            )
        self._is_ours = True
        return engine

    def _unavailable(self, error: duckdb.Error) -> WarehouseUnavailable:
        if _NO_DATABASE.search(str(error)):
            return WarehouseUnavailable(
                f"the state file {self.path} is no DuckDB database.",
                hint=f"Name another file in {SETTING}; it is made when it is first needed.",
            )
        if _DENIED.search(str(error)):
            return WarehouseUnavailable(
                f"the state file {self.path} cannot be opened: permission denied.",
                hint=f"Look at the rights of the file and its folder, or name another one in {SETTING}.",
            )
        return super()._unavailable(error)

    def permission(self, schema: str) -> str:
        """Who may write the file may make everything in it."""
        return f"Look at the rights of {self.path}, the state file; the schema in it is {schema}."
