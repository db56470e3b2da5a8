"""What every engine is asked in three syncs, reviewed once against its documentation and held ever since.

After a change of the SQL: `UPDATE_GOLDEN=1 python -m pytest tests/warehouse/test_golden_sql.py`, and read the
difference.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from tests.warehouse.notes import Rows, told_to, told_to_duckdb, written
from tests.warehouse.story import NAMES

from roo_dbt.warehouse import Dialect, Layout
from roo_dbt.warehouse.dialects.bigquery import BigQueryDialect
from roo_dbt.warehouse.dialects.databricks import DatabricksDialect
from roo_dbt.warehouse.dialects.postgres import PostgresDialect
from roo_dbt.warehouse.dialects.redshift import RedshiftDialect
from roo_dbt.warehouse.dialects.snowflake import SnowflakeDialect
from roo_dbt.warehouse.dialects.spark import SparkDialect

GOLDEN = Path(__file__).parent / "golden"


@dataclass(frozen=True)
class Told:
    """An engine as it has the model.

    Attributes:
        dialect: its SQL.
        layout: where the state is.
        relation: the model.
        types: its names of the types of `NAMES`, and of another one for `ltv`.
        pages: the documentation of what is used.
    """

    dialect: Dialect
    layout: Layout
    relation: str
    types: tuple[str, ...]
    retyped: str
    pages: tuple[str, ...]

    @property
    def columns(self) -> Mapping[str, str]:
        """Types by column."""
        return dict(zip(NAMES, self.types, strict=True))


ENGINES = {
    "postgres": Told(
        PostgresDialect(),
        Layout('"main_roo"'),
        '"shop"."main"."customers"',
        (
            "bigint",
            "text",
            "character varying(50)",
            "double precision",
            "numeric(10,2)",
            "boolean",
            "text[]",
            "timestamp with time zone",
            "date",
            "jsonb",
        ),
        "numeric(12,4)",
        (
            "https://www.postgresql.org/docs/15/sql-commands.html",
            "https://www.postgresql.org/docs/15/functions.html",
        ),
    ),
    "redshift": Told(
        RedshiftDialect(),
        Layout('"shop"."main_roo"'),
        '"shop"."main"."customers"',
        (
            "bigint",
            "character varying(100)",
            "character varying(50)",
            "double precision",
            "numeric(10,2)",
            "boolean",
            "super",
            "timestamp with time zone",
            "date",
            "super",
        ),
        "numeric(12,4)",
        (
            "https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_AS.html",
            "https://docs.aws.amazon.com/redshift/latest/dg/r_DELETE.html",
            "https://docs.aws.amazon.com/redshift/latest/dg/r_UPDATE.html",
            "https://docs.aws.amazon.com/redshift/latest/dg/r_correlated_subqueries.html",
            "https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html",
            "https://docs.aws.amazon.com/redshift/latest/dg/JSON_SERIALIZE.html",
            "https://docs.aws.amazon.com/redshift/latest/dg/r_TRY_CAST.html",
            "https://docs.aws.amazon.com/redshift/latest/dg/array_except.html",
        ),
    ),
    "snowflake": Told(
        SnowflakeDialect(),
        Layout("shop.main_roo", ""),
        "shop.main.customers",
        (
            "NUMBER(38,0)",
            "VARCHAR(16777216)",
            "VARCHAR(50) COLLATE 'en-ci'",
            "FLOAT",
            "NUMBER(10,2)",
            "BOOLEAN",
            "ARRAY",
            "TIMESTAMP_TZ(9)",
            "DATE",
            "VARIANT",
        ),
        "NUMBER(12,4)",
        (
            "https://docs.snowflake.com/en/sql-reference/sql/create-table",
            "https://docs.snowflake.com/en/sql-reference/sql/update",
            "https://docs.snowflake.com/en/sql-reference/sql/delete",
            "https://docs.snowflake.com/en/sql-reference/functions/row_number",
            "https://docs.snowflake.com/en/sql-reference/functions/is-distinct-from",
            "https://docs.snowflake.com/en/sql-reference/functions/try_cast",
            "https://docs.snowflake.com/en/sql-reference/functions/filter",
            "https://docs.snowflake.com/en/sql-reference/functions/to_json",
        ),
    ),
    "bigquery": Told(
        BigQueryDialect(),
        Layout("`shop`.`main_roo`", "`"),
        "`shop`.`main`.`customers`",
        (
            "INT64",
            "STRING",
            "STRING(50)",
            "FLOAT64",
            "NUMERIC(10, 2)",
            "BOOL",
            "ARRAY<STRING>",
            "TIMESTAMP",
            "DATE",
            "STRUCT<a INT64, b ARRAY<STRING>>",
        ),
        "NUMERIC(12, 4)",
        (
            "https://cloud.google.com/bigquery/docs/reference/standard-sql/data-definition-language",
            "https://cloud.google.com/bigquery/docs/reference/standard-sql/dml-syntax",
            "https://cloud.google.com/bigquery/docs/reference/standard-sql/query-syntax",
            "https://cloud.google.com/bigquery/docs/reference/standard-sql/json_functions",
            "https://cloud.google.com/bigquery/docs/reference/standard-sql/array_functions",
            "https://cloud.google.com/bigquery/docs/reference/standard-sql/conversion_functions",
            "https://cloud.google.com/bigquery/docs/transactions",
        ),
    ),
    "databricks": Told(
        DatabricksDialect(),
        Layout("`shop`.`main_roo`", "`"),
        "`shop`.`main`.`customers`",
        (
            "bigint",
            "string",
            "varchar(50)",
            "double",
            "decimal(10,2)",
            "boolean",
            "array<string>",
            "timestamp",
            "date",
            "struct<a:bigint,b:array<string>>",
        ),
        "decimal(12,4)",
        (
            "https://docs.databricks.com/aws/en/tables/temporary-tables",
            "https://docs.databricks.com/aws/en/sql/language-manual/delta-update",
            "https://docs.databricks.com/aws/en/sql/language-manual/delta-delete-from",
            "https://docs.databricks.com/aws/en/sql/language-manual/delta-merge-into",
            "https://docs.databricks.com/aws/en/sql/language-manual/functions/lteqgtsign",
            "https://docs.databricks.com/aws/en/sql/language-manual/functions/try_cast",
            "https://docs.databricks.com/aws/en/sql/language-manual/functions/to_json",
        ),
    ),
    "spark": Told(
        SparkDialect(),
        Layout("`main_roo`", "`"),
        "main.customers",
        (
            "bigint",
            "string",
            "string",
            "double",
            "decimal(10,2)",
            "boolean",
            "array<string>",
            "timestamp",
            "date",
            "map<string,bigint>",
        ),
        "decimal(12,4)",
        (
            "https://spark.apache.org/docs/latest/sql-ref-syntax-ddl-create-table-like.html",
            "https://spark.apache.org/docs/latest/sql-ref-syntax-dml-insert-table.html",
            "https://spark.apache.org/docs/latest/sql-ref-syntax-ddl-alter-table.html",
            "https://spark.apache.org/docs/latest/sql-ref-syntax-qry-star.html",
            "https://spark.apache.org/docs/latest/api/sql/",
        ),
    ),
}
NOT_SQL = ("DO $roo$",)
"""Statements of an engine that its parser takes for a command of its own."""

SHAPES = {
    "create schema": r"CREATE SCHEMA",
    "create table as": r"CREATE (OR REPLACE )?(TEMP(ORARY)? |TRANSIENT )?TABLE \S+.* AS SELECT",
    "insert from select": r"INSERT INTO \S+ \(.*\) SELECT",
    "delete where exists": r"(DELETE FROM .* WHERE |NOT coalesce\(\()EXISTS",
    "full join": r"CREATE .* (FULL JOIN|LEFT JOIN .* UNION ALL)",
    "numbered page": r"SELECT roo_seq, .* WHERE roo_seq > 0 AND roo_seq <= 25000 ORDER BY roo_seq",
    "drop": r"DROP TABLE IF EXISTS",
    "rename": r"ALTER TABLE \S+ RENAME TO",
}
"""A rename only in a transaction: where there is none, a copy that can be made again stands for it."""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> list[Rows]:
    """What DuckDB answered, which really has the tables."""
    return told_to_duckdb(tmp_path_factory.mktemp("shop"))


def said(name: str, answers: list[Rows]) -> list[str]:
    engine = ENGINES[name]
    dialect = engine.dialect
    told = told_to(dialect, answers, engine.layout, engine.relation, engine.columns, engine.retyped)
    if isinstance(dialect, SparkDialect):
        return [spoken for statement in told for spoken in dialect.spoken(statement)]
    return told


@pytest.mark.parametrize("name", ENGINES)
def test_the_statements_are_those_that_were_reviewed(name: str, answers: list[Rows]) -> None:
    head = "".join(f"-- {page}\n" for page in ENGINES[name].pages)
    text = f"-- The documentation of what is used here:\n{head}{written(said(name, answers))}"
    file = GOLDEN / f"{name}.sql"
    if os.environ.get("UPDATE_GOLDEN"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ENGINES)
def test_every_statement_is_sql_of_its_engine(name: str, answers: list[Rows]) -> None:
    for statement in said(name, answers):
        if statement.startswith(("--", *NOT_SQL)):
            continue
        tree = sqlglot.parse_one(statement, read=name)
        assert not isinstance(tree, exp.Command), statement


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ENGINES)
def test_every_shape_of_statement_is_among_them(name: str, shape: str, answers: list[Rows]) -> None:
    found = any(re.search(SHAPES[shape], statement, re.DOTALL) for statement in said(name, answers))
    is_said = shape != "rename" or name == "spark" or not ENGINES[name].dialect.replays
    assert found is is_said


NOT_EVERYWHERE = {
    r"string_agg\(|listagg\(": "Dialect.listed",
    r"bool_or\(": "Dialect.any_of",
    r"IS NOT DISTINCT FROM": "Dialect.same",
    r" UNION (?!ALL)": "UNION ALL and DISTINCT",
    r"UPDATE [^\n]* AS \w+ SET": "Dialect.update",
    r"DELETE FROM \{?\w+\}? [a-z] ": "Dialect.deleted",
    r"now\(\)\"|current_timestamp": "Dialect.now",
}
"""What some engine does not know, and what is to be used instead."""


@pytest.mark.parametrize("pattern", NOT_EVERYWHERE)
def test_the_engine_itself_writes_only_what_every_engine_knows(pattern: str) -> None:
    folder = Path(__file__).parents[2] / "src" / "roo_dbt"
    sources = [*(folder / "diff").glob("*.py"), *(folder / "state").glob("*.py")]
    found = {
        file.name: line.strip()
        for file in sources
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(pattern, line) and not line.lstrip().startswith(("#", '"""'))
    }
    assert found == {}, f"use {NOT_EVERYWHERE[pattern]}"
