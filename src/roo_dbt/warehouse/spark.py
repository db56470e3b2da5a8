"""Spark, through a session in this process, as dbt-spark's method `session` has it."""

from __future__ import annotations

import logging
import os
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from roo_dbt.errors import RooError, WarehouseUnavailable
from roo_dbt.records import Column, Relation
from roo_dbt.warehouse.connection import ELSEWHERE, Session, Warehouse
from roo_dbt.warehouse.dialects.spark import SparkDialect
from roo_dbt.warehouse.driver import lost, refused
from roo_dbt.warehouse.layout import Layout
from roo_dbt.warehouse.spark_tables import SparkTables, condition
from roo_dbt.warehouse.statement import RefusedStatement

_NAMED = re.compile(r"\[(UNRESOLVED_|TABLE_OR_VIEW_|SCHEMA_|PARSE_|INSUFFICIENT_|PERMISSION_)")
"""Errors that quote names and no values.

https://spark.apache.org/docs/latest/sql-error-conditions.html (read 2026-11-22)
"""

_REFUSALS = ("0A", "21", "22", "23", "42")
"""Classes of SQLSTATE that are the statement's fault, and neither the disk's nor the engine's.

https://spark.apache.org/docs/latest/sql-error-conditions-sqlstates.html (read 2026-11-22)
"""

_USUAL = {"spark.log.level": "OFF", "spark.ui.showConsoleProgress": "false"}
"""What a profile may say otherwise. Spark's log quotes values, and its progress bar would write over ours."""

_NEEDED = {
    # A table that another session has swapped has other files.
    "spark.sql.filesourceTableRelationCacheSize": "0",
}
_OF_SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.legacy.createHiveTableByDefault": "false",
    # A checkpoint has worked out what follows from a condition for every alias: minutes, for a diff of ten.
    "spark.sql.constraintPropagation.enabled": "false",
}
"""Which our statements rely on. https://spark.apache.org/docs/latest/configuration.html (read 2026-11-22)"""


@dataclass(frozen=True)
class Pyspark:
    """What is used of the driver.

    Args:
        sessions: `pyspark.sql.SparkSession`.
        errors: what its calls raise.
    """

    sessions: Any
    errors: tuple[type[Exception], ...]


def load() -> Pyspark:
    """The driver.

    Raises:
        ModuleNotFoundError: it is not installed.
    """
    import_module("pyspark")
    # Spark's Python half writes errors with values to the terminal, whoever catches them.
    logger = import_module("pyspark.logger").PySparkLogger.getLogger("SQLQueryContextLogger")
    logger.setLevel(logging.CRITICAL + 1)
    errors = (import_module("pyspark.errors").PySparkException, import_module("py4j.protocol").Py4JError)
    return Pyspark(import_module("pyspark.sql").SparkSession, errors)


class Spark(Warehouse):
    """A local Spark, or the cluster that its configuration names.

    Args:
        credentials: the profile's target; keys as in
            https://docs.getdbt.com/docs/local/connect-data-platform/spark-setup (read 2026-11-22).
        driver: for tests, instead of pyspark.

    Raises:
        WarehouseUnavailable: the profile wants another way to Spark than a session in this process.
    """

    dialect = SparkDialect()
    acknowledge_seconds = 15
    database = ""

    def __init__(self, credentials: Mapping[str, Any], *, driver: Pyspark | None = None) -> None:
        super().__init__()
        driver = driver or load()
        self._sessions = driver.sessions
        self.errors: tuple[type[Exception], ...] = (*driver.errors, OSError)
        self.one_at_a_time = threading.RLock()
        self._credentials = credentials
        self._idle: list[Any] = []
        self._known: set[str] = set()
        self._unseen: list[str] = []
        self._started: Any = None
        method = credentials.get("method")
        if method != "session":
            raise WarehouseUnavailable(
                f"the profile's method is {method}, and roo-dbt reaches Spark through method: session only.",
                hint="Choose a target with method: session; Databricks is type: databricks.",
            )

    @contextmanager
    def session(self, label: str = "") -> Iterator[Session]:
        """Of one Spark for the whole process."""
        with self.one_at_a_time:
            session = self._idle.pop() if self._idle else self._opened()
        tables = SparkTables(self, session, label)
        try:
            yield tables
        finally:
            tables.end()
            self._idle.append(session)

    def look(self, session: SparkTables) -> None:
        """Put in its place what a crash left beside, before the first statement about a schema."""
        while self._unseen:
            session.restore(self._unseen[-1])
            self._unseen.pop()

    def layout(self, database: str, schema: str) -> Layout:
        """Schemas alone: dbt-spark has no databases."""
        if database and database != schema:
            raise WarehouseUnavailable(
                f"Spark has no database {database} beside its schemas.",
                hint="Leave out state_database; state_schema may name another schema.",
            )
        layout = Layout(self.dialect.quote(schema), "`")
        if layout.schema not in self._known:
            self._known.add(layout.schema)
            self._unseen.append(layout.schema)
        return layout

    def columns(self, session: Session, relation: Relation) -> list[Column] | None:
        """As the catalogue spells them."""
        self.layout("", relation.schema)
        quote = self.dialect.quote
        name = f"{quote(relation.schema)}.{quote(relation.identifier)}"
        try:
            return session.types(name) if isinstance(session, SparkTables) else None
        except RefusedStatement as error:
            if "NOT_FOUND" in error.message:
                return None
            raise

    def permission(self, schema: str) -> str:
        """Whoever may write the files may make a schema."""
        return (
            "Let spark.sql.warehouse.dir of server_side_parameters be a folder that you may write to, "
            f"name another schema with state_schema, or {ELSEWHERE}."
        )

    def explained(self, error: Exception, sql: str) -> RooError:
        """What Spark says of a statement is the statement's; the rest is the disk's or the engine's."""
        said = str(error)
        state = getattr(error, "getSqlState", lambda: None)() or ""
        if not state.startswith(_REFUSALS):
            return lost("Spark", condition(error) or self._class_of(error))
        return refused(said, sql, hide=_NAMED.search(said) is None)

    def _class_of(self, error: Exception) -> str:
        """What went wrong, without what is said of it."""
        with suppress(*self.errors, AttributeError):
            return str(error.java_exception.getClass().getName())  # type: ignore[attr-defined]
        return type(error).__name__

    def _opened(self) -> Any:
        """A new session of the one Spark, which is begun for the first.

        Raises:
            WarehouseUnavailable: there is no Java, or the metastore cannot be opened.
        """
        if self._started is None:
            self._started = self._begun()
        session = self._started.newSession()
        for name, value in _OF_SESSION.items():
            session.conf.set(name, value)
        return session

    def _begun(self) -> Any:
        if not _java():
            raise WarehouseUnavailable(
                "Spark needs Java 17 or later: there is no java on the PATH, and no JAVA_HOME with one.",
                hint="Install one, for example: apt-get install openjdk-17-jre-headless",
            )
        given = self._credentials.get("server_side_parameters") or {}
        builder = self._sessions.builder.enableHiveSupport()
        for name, value in {**_USUAL, **given, **_NEEDED}.items():
            builder = builder.config(name, str(value))
        try:
            started = builder.getOrCreate()
            # A catalogue is opened by the first question.
            started.sql("SHOW SCHEMAS").collect()
        except self.errors as error:
            raise WarehouseUnavailable(
                f"cannot begin a session of Spark: {condition(error) or type(error).__name__}.",
                hint="A local metastore serves one process: wait until dbt and notebooks have ended. "
                "Or look at server_side_parameters of the profile's target.",
            ) from None
        return started


def _java() -> bool:
    """Whether there is a Java where pyspark looks for it."""
    home = os.environ.get("JAVA_HOME")
    return (Path(home) / "bin" / "java").exists() if home else shutil.which("java") is not None
