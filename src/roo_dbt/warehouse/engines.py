"""The engines that roo-dbt knows: how a profile names them, what to install, and how far each is tested."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Tested = Literal[
    "tested against the real thing",
    "tested against an emulator",
    "golden SQL only",
    "not tested; what goes to DuckDB is",
]
"""How far an engine's support is shown to work by this project's own tests."""


@dataclass(frozen=True, slots=True)
class Engine:
    """An engine of the documentation's table.

    Args:
        title: as its makers write it.
        type: the profile's `type`.
        tested: how far.
        how: what the tests are, for people.
        opened: module and class of its `Warehouse`.
        extra: what `pip install 'roo-dbt[…]'` needs for it; empty: nothing.
        driver: the module that the extra brings.
        profile: what the target looks like where the type does not tell.
    """

    title: str
    type: str
    tested: Tested
    how: str
    opened: str
    extra: str = ""
    driver: str = ""
    profile: str = ""


DUCKDB = Engine(
    "DuckDB",
    "duckdb",
    "tested against the real thing",
    "the whole suite, on real files",
    "roo_dbt.warehouse.duckdb:DuckDB",
)
MOTHERDUCK = Engine(
    "MotherDuck",
    "duckdb",
    "not tested; what goes to DuckDB is",
    "token, options and messages with a local file in its place; the SQL is DuckDB's",
    "roo_dbt.warehouse.motherduck:MotherDuck",
    profile="`path: md:NAME`",
)
POSTGRES = Engine(
    "Postgres 13 and later",
    "postgres",
    "tested against the real thing",
    "the engine's suite, interruptions and kill -9 included, on a real server (15)",
    "roo_dbt.warehouse.postgres:Postgres",
    extra="postgres",
    driver="psycopg",
)
REDSHIFT = Engine(
    "Redshift",
    "redshift",
    "golden SQL only",
    "every statement of three syncs, parsed; the connection with a driver that takes notes",
    "roo_dbt.warehouse.redshift:Redshift",
    extra="redshift",
    driver="redshift_connector",
)
SNOWFLAKE = Engine(
    "Snowflake",
    "snowflake",
    "tested against an emulator",
    "syncs against fakesnow, without arrays; every statement of three syncs, parsed",
    "roo_dbt.warehouse.snowflake:Snowflake",
    extra="snowflake",
    driver="snowflake.connector",
)
BIGQUERY = Engine(
    "BigQuery",
    "bigquery",
    "golden SQL only",
    "every statement of three syncs, parsed; the jobs with a client that takes notes",
    "roo_dbt.warehouse.bigquery:BigQuery",
    extra="bigquery",
    driver="google.cloud.bigquery",
)
DATABRICKS = Engine(
    "Databricks",
    "databricks",
    "golden SQL only",
    "every statement of three syncs, parsed; its questions asked of a local Spark, nightly; the connection "
    "with a driver that takes notes",
    "roo_dbt.warehouse.databricks:Databricks",
    extra="databricks",
    driver="databricks.sql",
)
SPARK = Engine(
    "Spark 4 and later",
    "spark",
    "tested against the real thing",
    "eight modules of the engine's suite, nightly, on a local session; every statement of three syncs, "
    "parsed",
    "roo_dbt.warehouse.spark:Spark",
    extra="spark",
    driver="pyspark",
    profile="`method: session`",
)
ENGINES = (DUCKDB, MOTHERDUCK, POSTGRES, REDSHIFT, SNOWFLAKE, BIGQUERY, DATABRICKS, SPARK)


def engine_of(kind: str, credentials: Mapping[str, Any]) -> Engine | None:
    """The engine that a profile's target means; None: roo-dbt does not know it."""
    path = str(credentials.get("path") or "")
    if kind == "duckdb" and path.startswith(("md:", "motherduck:")):
        return MOTHERDUCK
    return next((engine for engine in ENGINES if engine.type == kind), None)
