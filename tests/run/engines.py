"""The databases that a shop can stand on, each with the words that its SQL needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pytest
import sqlglot
from sqlglot import exp
from tests.postgres_server import PASSWORD, Server

Rows = list[tuple[Any, ...]]


ENGINES = ("duckdb", "postgres")
ELSEWHERE = "postgres, state in a file"
"""Of modules that say `ALSO_ELSEWHERE = True`."""

DUCKDB = pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
"""Marks a test about the file, or about what DuckDB alone has."""


class Engine(Protocol):
    """Where a shop's tables are."""

    @property
    def adapter(self) -> str:
        """dbt's name for it."""

    @property
    def database(self) -> str:
        """The database of the models."""

    @property
    def schema(self) -> str:
        """The schema of the models."""

    def relation(self, name: str) -> str:
        """A model of the schema, as dbt writes it in SQL."""

    def profile(self) -> dict[str, Any]:
        """The dbt target."""

    def sql(self, *statements: str) -> Rows:
        """Run SQL as DuckDB writes it, in a connection of its own; the last statement's rows."""


@dataclass
class DuckDBFile:
    """A file."""

    file: Path
    adapter: str = "duckdb"
    database: str = "shop"
    schema: str = "main"

    def relation(self, name: str) -> str:
        """All in quotes."""
        return f'"{self.database}"."{self.schema}"."{name}"'

    def profile(self) -> dict[str, Any]:
        """The path is all it takes."""
        return {"type": "duckdb", "path": str(self.file)}

    def sql(self, *statements: str) -> Rows:
        """As it is."""
        rows: Rows = []
        with duckdb.connect(str(self.file)) as connection:
            for statement in statements:
                rows = connection.execute(statement).fetchall()
        return rows


@dataclass
class PostgresDatabase:
    """A database of a server, whose tables are in the schema `main` as DuckDB's are."""

    server: Server
    database: str
    adapter: str = "postgres"
    schema: str = "main"

    def relation(self, name: str) -> str:
        """All in quotes."""
        return f'"{self.database}"."{self.schema}"."{name}"'

    def __post_init__(self) -> None:
        """Make the schema."""
        self.sql("CREATE SCHEMA IF NOT EXISTS main")

    def profile(self) -> dict[str, Any]:
        """A target with a password."""
        return self.server.profile(self.database)

    def sql(self, *statements: str) -> Rows:
        """In Postgres' words."""
        rows: Rows = []
        with self.server.connect(self.database) as connection:
            connection.execute("SET search_path = main; SET timezone = 'UTC'")
            for statement in statements:
                for translated in in_postgres(statement):
                    cursor = connection.execute(translated.encode())
                rows = cursor.fetchall() if cursor.description else []
        return rows


@dataclass
class StateInAFile:
    """A Postgres that its user may read and do nothing else, and a file beside the project for the state.

    SQL about the state goes to the file, all other SQL to the owner of the database.
    """

    warehouse: PostgresDatabase
    file: Path
    adapter: str = "postgres"

    def __post_init__(self) -> None:
        """Make the user, who has not even the right to a temporary table."""
        with self.warehouse.server.connect(self.database) as owner:
            owner.execute(f"REVOKE ALL ON DATABASE {self.database} FROM PUBLIC".encode())
            owner.execute(f"CREATE ROLE {self.user} LOGIN PASSWORD '{PASSWORD}'".encode())
            owner.execute(f"GRANT CONNECT ON DATABASE {self.database} TO {self.user}".encode())
            owner.execute(f"GRANT pg_read_all_data TO {self.user}".encode())

    @property
    def database(self) -> str:
        """The one with the models."""
        return self.warehouse.database

    @property
    def schema(self) -> str:
        """The one with the models."""
        return self.warehouse.schema

    def relation(self, name: str) -> str:
        """As the owner writes it."""
        return self.warehouse.relation(name)

    @property
    def user(self) -> str:
        """Who may only read."""
        return f"reader_of_{self.database}"

    def profile(self) -> dict[str, Any]:
        """The target of the reader."""
        return self.warehouse.server.profile(self.database, user=self.user)

    def sql(self, *statements: str) -> Rows:
        """By the schema that a statement names."""
        rows: Rows = []
        for statement in statements:
            about_state = re.search(r"\b\w+_roo\b", statement)
            place: Engine = DuckDBFile(self.file) if about_state else self.warehouse
            rows = place.sql(statement)
        return rows

    def drop(self) -> None:
        """Forget the user; the database must be gone."""
        with self.warehouse.server.connect() as owner:
            owner.execute(f"DROP ROLE {self.user}".encode())


def in_postgres(statement: str) -> list[str]:
    """DuckDB's SQL in Postgres' words.

    >>> in_postgres("CREATE TABLE t AS SELECT range AS i FROM range(3)")[-1]
    'CREATE TABLE t AS SELECT range AS i FROM GENERATE_SERIES(0, 3 - 1) AS range'
    """
    if statement.upper().startswith("DESCRIBE "):
        schema, table = statement.split()[1].split(".")
        where = f"WHERE table_schema = '{schema}' AND table_name = '{table}' ORDER BY ordinal_position"
        return [f"SELECT column_name, data_type FROM information_schema.columns {where}"]
    tree: Any = sqlglot.parse_one(statement, read="duckdb")
    for table in list(tree.find_all(exp.Table)):
        # `FROM range(3)` has a column `range`, which a function of another name has not.
        if isinstance(table.this, exp.GenerateSeries) and not table.alias:
            table.set("alias", exp.TableAlias(this=exp.to_identifier("range")))
    if not (isinstance(tree, exp.Create) and tree.args.get("replace")):
        return [tree.sql("postgres")]
    # As dbt does: made beside it, and swapped.
    name = tree.this.sql("postgres")
    tree.set("replace", False)
    tree.set("this", exp.to_table(f"{name}__dbt_tmp"))
    drop, rename = f"DROP {tree.kind} IF EXISTS {name} CASCADE", f"RENAME TO {name.rpartition('.')[2]}"
    return [tree.sql("postgres"), drop, f"ALTER {tree.kind} {name}__dbt_tmp {rename}"]
