"""Spark in this process, as a profile with method `session` begins it; it takes seconds to start, so it stays.

What differs there is said here, in one place.
"""

from __future__ import annotations

import atexit
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
import sqlglot
from sqlglot import exp
from tests.run.engines import Rows

from roo_dbt.warehouse import Session
from roo_dbt.warehouse.spark import Spark

SPARKED: dict[str, dict[str, str]] = {
    "test_sync_modes": {},
    "test_mapping_changes": {
        "test_a_subscription_state_that_a_type_could_not_say_for_a_while_is_not_repeated": "it makes an enum",
    },
    "test_refusals": {},
    "test_identifiers": {},
    "test_handovers": {},
    "test_guards": {
        "test_an_override_is_recorded_before_the_first_request": "the tables are in this process alone",
    },
    "test_upkeep": {},
    "test_neighbours": {},
    "test_holding": {},
    "test_leaving_groups": {},
}
"""Modules of the suite that are run on Spark, with the tests left out and why."""

_numbers = count(1)
_folders: list[Path] = []


def target(schema: str) -> dict[str, Any]:
    """A dbt target whose Spark keeps to one core and compiles nothing: four rows are read sooner."""
    if not _folders:
        _folders.append(Path(mkdtemp(prefix="spark-tables-")))
        atexit.register(shutil.rmtree, _folders[0], ignore_errors=True)
    return {
        "type": "spark",
        "method": "session",
        "host": "NA",
        "schema": schema,
        "server_side_parameters": {
            "spark.master": "local[1]",
            "spark.sql.catalogImplementation": "in-memory",
            "spark.sql.warehouse.dir": str(_folders[0]),
            "spark.sql.shuffle.partitions": "1",
            "spark.ui.enabled": "false",
            "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            "spark.driver.memory": "1g",
            "spark.sql.codegen.wholeStage": "false",
            "spark.sql.codegen.factoryMode": "NO_CODEGEN",
            "spark.sql.adaptive.enabled": "false",
        },
    }


def needs_spark() -> None:
    """Skip where there is none."""
    pytest.importorskip("pyspark", reason="pip install 'roo-dbt[spark]'")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17: apt-get install openjdk-17-jre-headless")


@dataclass
class SparkSchema:
    """A schema of this process' Spark; the state is in another beside it."""

    schema: str
    adapter: str = "spark"
    database: str = ""

    def relation(self, name: str) -> str:
        """As dbt-spark names a model, which quotes nothing."""
        return f"{self.schema}.{name}"

    def profile(self) -> dict[str, Any]:
        """A target of a local session."""
        return target(self.schema)

    def sql(self, *statements: str) -> Rows:
        """DuckDB's SQL in Spark's words."""
        rows: Rows = []
        with Spark(self.profile()).session() as session:
            session.run(f"CREATE SCHEMA IF NOT EXISTS {self.schema}")
            for statement in statements:
                if "information_schema.tables" in statement:
                    # Spark has no such view.
                    state = session.run(f"SHOW SCHEMAS LIKE '{self.schema}_roo'")
                    listed = [session.run(f"SHOW TABLES IN {name}") for (name,) in state]
                    rows = [(name,) for tables in listed for _, name, _ in tables]
                    continue
                for translated in in_spark(statement, self.schema):
                    rows = session.run(translated)
        return rows


def in_spark(statement: str, schema: str) -> list[str]:
    """DuckDB's SQL in Spark's words, with the schema's name in the place of `main`.

    >>> in_spark("SELECT * FROM main_roo.roo_locks", "shop_1")
    ['SELECT * FROM shop_1_roo.roo_locks']
    >>> in_spark("SELECT i FROM range(3) r(i)", "shop_1")
    ['SELECT i FROM range(3) AS r(i)']
    """
    # Both engines have the function, and the translator takes DuckDB's for another one.
    statement = re.sub(r"\brange(\([^)]*\))(?! r\()", r"spark_range\1 r(range)", statement)
    statement = re.sub(r"\brange\(", "spark_range(", re.sub(r"\bmain_roo\b", f"{schema}_roo", statement))
    tree: Any = sqlglot.parse_one(statement, read="duckdb")
    made = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier) and table.db in ("", "main") and table.name not in made:
            table.set("db", exp.to_identifier(schema))
    if isinstance(tree, (exp.Delete, exp.Update)) and not tree.args.get("where"):
        tree.set("where", exp.Where(this=exp.true()))
    return [tree.sql("spark").replace("SPARK_RANGE(", "range(")]


@contextmanager
def spark_schema() -> Iterator[SparkSchema]:
    """A new schema, gone afterwards with its state."""
    needs_spark()
    made = SparkSchema(f"shop_{next(_numbers)}")
    yield made
    with Spark(made.profile()).session() as session:
        drop(session, made.schema)


def drop(session: Session, schema: str) -> None:
    """Forget a schema and the state of its models."""
    for name in (schema, f"{schema}_roo"):
        session.run(f"DROP SCHEMA IF EXISTS {name} CASCADE")
