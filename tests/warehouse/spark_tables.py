"""Databricks' SQL on a local Spark, whose tables know neither UPDATE nor DELETE: each is a swap of the table.

What is tested is everything that asks: the joins, comparisons, casts and JSON of the dialect. UPDATE, DELETE
and MERGE need Delta, so the bed says them as a SELECT that makes the table anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from roo_dbt.warehouse import Session
from roo_dbt.warehouse.dialects.databricks import DatabricksDialect

_UPDATE = re.compile(r"UPDATE (?P<table>\S+) SET (?P<sets>.*?) WHERE (?P<condition>.*)", re.DOTALL)
_DELETE = re.compile(r"DELETE FROM (?P<table>\S+)( (?P<alias>\w+))? WHERE (?P<condition>.*)", re.DOTALL)
_CREATE = re.compile(r"CREATE OR REPLACE TABLE (?P<table>\S+) AS (?P<select>.*)", re.DOTALL)
_SWAP = "SWAP "


class SwappingDialect(DatabricksDialect):
    """Whose updates are told to the bed piece by piece."""

    def update(
        self, table: str, alias: str, sets: Mapping[str, str], condition: str, *, source: str = ""
    ) -> str:
        return _SWAP + json.dumps([table, alias, dict(sets), condition, source])


class SparkTables(Session):
    """Tables of a Spark session."""

    dialect = SwappingDialect()

    def __init__(self, spark: Any) -> None:
        self._spark = spark

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        sql = self._filled(sql, parameters)
        if sql.startswith(_SWAP):
            return [(self._update(*json.loads(sql.removeprefix(_SWAP))),)]
        if found := _UPDATE.fullmatch(sql):
            pairs = (each.partition(" = ") for each in re.split(r", (?=\w+ = )", found["sets"]))
            sets = {name: value for name, _, value in pairs}
            return [(self._update(found["table"], "x", sets, found["condition"], ""),)]
        if found := _DELETE.fullmatch(sql):
            kept = f"NOT coalesce(({found['condition']}), false)"
            return [
                self._replace(found["table"], f"SELECT * FROM {found[1]} {found['alias'] or ''} WHERE {kept}")
            ]
        if found := _CREATE.fullmatch(sql):
            return [self._replace(found["table"], found["select"])]
        rows = self._spark.sql(sql.replace("CREATE TEMPORARY TABLE", "CREATE TABLE")).collect()
        return [tuple(row) for row in rows]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield

    def _filled(self, sql: str, parameters: Sequence[Any]) -> str:
        if not parameters:
            return sql
        first, *rest = sql.split("?")
        pairs = zip(parameters, rest, strict=True)
        return first + "".join(f"{self.dialect.literal(value)}{part}" for value, part in pairs)

    def _update(self, table: str, alias: str, sets: dict[str, str], condition: str, source: str) -> int:
        """All rows that are met with their new values, and all others."""
        columns = self._spark.table(table.replace("`", "")).columns
        values = {name.strip("`"): value for name, value in sets.items()}
        if source:
            hit = "coalesce(h.roo_hit, false)"
            select, _, name = source.rpartition(" ")
            rows = f"{table} {alias} LEFT JOIN (SELECT q.*, true AS roo_hit FROM {select} q) {name} ON {condition}"
            hit = hit.replace("h.", f"{name}.")
            shown = [
                f"CASE WHEN {hit} THEN {values[c]} ELSE {alias}.`{c}` END AS `{c}`"
                if c in values
                else f"{alias}.`{c}`"
                for c in columns
            ]
            count = self.one(f"SELECT count(*) FROM {rows} WHERE {hit}")
            self._replace(table, f"SELECT {', '.join(shown)} FROM {rows}")
            return int(count)
        met = f"coalesce(({condition}), false)"
        new = ", ".join(f"{values[c]} AS `{c}`" if c in values else f"{alias}.`{c}`" for c in columns)
        old = ", ".join(f"{alias}.`{c}`" for c in columns)
        count = self.one(f"SELECT count(*) FROM {table} {alias} WHERE {met}")
        self._replace(
            table,
            f"SELECT {old} FROM {table} {alias} WHERE NOT {met} "
            f"UNION ALL SELECT {new} FROM {table} {alias} WHERE {met}",
        )
        return int(count)

    def _replace(self, table: str, select: str) -> tuple[int]:
        """A new table takes the name of the old one."""
        schema, _, name = table.rpartition(".")
        fresh = f"{schema}{'.' if schema else ''}`{name.strip('`')}__new`"
        self._spark.sql(f"DROP TABLE IF EXISTS {fresh}")
        self._spark.sql(f"CREATE TABLE {fresh} AS {select}")
        self._spark.sql(f"DROP TABLE IF EXISTS {table}")
        self._spark.sql(f"ALTER TABLE {fresh} RENAME TO {table}")
        return (1,)


@contextmanager
def spark_tables(folder: Path) -> Iterator[SparkTables]:
    """A session of one thread whose tables are in a folder."""
    builder = import_module("pyspark.sql").SparkSession.builder.master("local[1]")
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": str(folder),
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.sources.default": "parquet",
        "spark.sql.ansi.enabled": "true",
        # Four rows are read sooner than code for them is compiled.
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
        "spark.log.level": "OFF",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    try:
        yield SparkTables(spark)
    finally:
        spark.stop()
