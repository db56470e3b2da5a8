"""Spark's SQL without Delta: Databricks', on tables that can be made, filled, dropped and renamed alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from roo_dbt.warehouse.dialect import Dialect
from roo_dbt.warehouse.dialects.databricks import DatabricksDialect
from roo_dbt.warehouse.swapping import read

FRESH = "roo_new__"
"""What stands before a table's name while its successor is made. No state table begins like that."""

TEMPORARY = "roo_temporary__"
"""What the names of rows begin with that are of a session alone."""

_REPLACED = re.compile(r"CREATE OR REPLACE TABLE (?P<table>\S+) AS (?P<select>.*)", re.DOTALL)
_GOING = re.compile(r"(DROP TABLE IF EXISTS|ALTER TABLE) (?P<table>\S+)")


class SparkDialect(DatabricksDialect):
    """Spark 4 and later, ANSI mode, times in UTC.

    Its tables of files know neither UPDATE nor DELETE, nor CREATE OR REPLACE: `spoken` says them as a table
    that is made beside and takes the name. There are no temporary tables either: the session keeps the rows
    of a SELECT under a name. https://spark.apache.org/docs/latest/sql-ref-syntax.html (read 2026-11-22)
    """

    name = "Spark"

    def drop_temporary(self, name: str) -> str:
        """Rows that are kept under a name are a view to Spark."""
        return f"DROP VIEW IF EXISTS {self.temporary(name)}"

    def update(
        self, table: str, alias: str, sets: Mapping[str, str], condition: str, *, source: str = ""
    ) -> str:
        """As most engines have it, to be `spoken`."""
        return Dialect.update(self, table, alias, sets, condition, source=source)

    def spoken(self, sql: str) -> list[str]:
        """A statement in those that Spark knows.

        A table that goes takes what a crash left of a successor along, so that it never comes back as that.
        """
        if found := _REPLACED.fullmatch(sql):
            table = found["table"]
            fresh = self.beside(table)
            return [
                f"DROP TABLE IF EXISTS {fresh}",
                f"CREATE TABLE {fresh} AS {found['select']}",
                *self._swapped(table),
            ]
        if writing := read(sql):
            if writing.table.startswith(TEMPORARY):
                return [f"CREATE TEMPORARY TABLE {writing.table} AS {writing.afterwards}"]
            fresh = self.beside(writing.table)
            return [
                f"DROP TABLE IF EXISTS {fresh}",
                f"CREATE TABLE {fresh} LIKE {writing.table}",
                f"INSERT INTO {fresh} BY NAME {writing.afterwards}",
                *self._swapped(writing.table),
            ]
        if found := _GOING.match(sql):
            return [f"DROP TABLE IF EXISTS {self.beside(found['table'])}", sql]
        return [sql]

    def beside(self, table: str) -> str:
        """The name under which the successor of a table is made; those of `Layout` are in backticks."""
        schema, _, name = table.rpartition(".")
        return f"{schema}.{self.quote(FRESH + name.strip('`'))}"

    def _swapped(self, table: str) -> Sequence[str]:
        """Only between these two there is no table: `Spark.session` looks for what a crash left there."""
        name = table.rpartition(".")[2].strip("`")
        return [f"DROP TABLE IF EXISTS {table}", self.rename(self.beside(table), name)]
