"""Spark, through a session in this process, as dbt-spark's method `session` has it."""

from __future__ import annotations

import logging
import os
import re
import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from importlib import import_module
from pathlib import Path
from typing import Any

from roo_dbt.errors import RooError, WarehouseUnavailable
from roo_dbt.records import Column, Relation
from roo_dbt.warehouse.connection import ELSEWHERE, Session, Warehouse
from roo_dbt.warehouse.dialects.spark import FRESH, TEMPORARY, SparkDialect
from roo_dbt.warehouse.driver import lost, refused
from roo_dbt.warehouse.layout import Layout
from roo_dbt.warehouse.statement import RefusedStatement
from roo_dbt.warehouse.swapping import filled, read

_NAMED = re.compile(r"\[(UNRESOLVED_|TABLE_OR_VIEW_|SCHEMA_|PARSE_|INSUFFICIENT_|PERMISSION_)")
"""Errors that quote names and no values.

https://spark.apache.org/docs/latest/sql-error-conditions.html (read 2026-11-22)
"""

_REFUSALS = ("0A", "21", "22", "23", "42")
"""Classes of SQLSTATE that are the statement's fault, and neither the disk's nor the engine's.

https://spark.apache.org/docs/latest/sql-error-conditions-sqlstates.html (read 2026-11-22)
"""

_KEPT = re.compile(r"CREATE TEMPORARY TABLE (?P<name>\w+) AS (?P<select>.*)", re.DOTALL)
_ADDED = re.compile(
    rf"INSERT INTO (?P<name>{TEMPORARY}\w+)( \((?P<columns>[^)]*)\))? (?P<select>SELECT .*)", re.DOTALL
)

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
}
"""Which our statements rely on. https://spark.apache.org/docs/latest/configuration.html (read 2026-11-22)"""


class SparkTables(Session):
    """A session of Spark with temporary names of its own, on tables that all of them share."""

    dialect: SparkDialect

    def __init__(self, warehouse: Spark, session: Any, label: str) -> None:
        self.dialect = warehouse.dialect
        self.label = label
        self._warehouse = warehouse
        self._session = session
        self._kept: set[str] = set()

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """See `Session.run`; an INSERT does not tell how many rows it wrote."""
        text = filled(sql, parameters, self.dialect.literal)
        try:
            # Between a DROP and a RENAME nobody else must look for the table.
            with self._warehouse.one_at_a_time:
                self._warehouse.look(self)
                return self._run(text)
        except self._warehouse.errors as error:
            raise self._warehouse.explained(error, text) from None

    def stream(self, sql: str, size: int) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Partition by partition. Of models, which nobody swaps meanwhile."""
        self._warehouse.count(self.label)
        part: list[tuple[Any, ...]] = []
        try:
            for row in self._session.sql(self.marked(sql)).toLocalIterator():
                part.append(_plain(row))
                if len(part) == size:
                    yield part
                    part = []
        except self._warehouse.errors as error:
            raise self._warehouse.explained(error, sql) from None
        if part:
            yield part

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Nothing: see `Dialect.replays`."""
        yield

    def types(self, table: str) -> list[Column]:
        """The columns of a table, named in SQL."""
        try:
            with self._warehouse.one_at_a_time:
                self._warehouse.look(self)
                fields = self._session.table(table).schema.fields
        except self._warehouse.errors as error:
            raise self._warehouse.explained(error, table) from None
        return [Column(field.name, field.dataType.simpleString()) for field in fields]

    def restore(self, schema: str) -> None:
        """Give a table's name to the successor that a crash left without it."""
        try:
            listed = self._sql(f"SHOW TABLES IN {schema}")
        except self._warehouse.errors as error:
            if _condition(error) == "SCHEMA_NOT_FOUND":
                return
            raise
        names = {name for _, name, is_temporary in listed if not is_temporary}
        for name in sorted(names):
            gone = name.removeprefix(FRESH)
            if name.startswith(FRESH) and gone not in names:
                self._sql(self.dialect.rename(f"{schema}.{self.dialect.quote(name)}", gone))

    def end(self) -> None:
        """Forget the temporary names; their rows go with them."""
        with suppress(*self._warehouse.errors):
            while self._kept:
                self._session.catalog.dropTempView(self._kept.pop())

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        if found := _ADDED.fullmatch(sql):
            return self._add(found["name"], found["columns"], found["select"])
        writing = read(sql)
        met = int(self._sql(writing.counting)[0][0]) if writing else 0
        if writing and not met:
            return [(0,)]
        rows: list[tuple[Any, ...]] = []
        for statement in self.dialect.spoken(sql):
            kept = _KEPT.fullmatch(statement)
            rows = self._keep(kept["name"], kept["select"], again=writing is not None) if kept else self._sql(statement)
        return [(met,)] if writing else rows

    def _sql(self, sql: str) -> list[tuple[Any, ...]]:
        self._warehouse.count(self.label)
        marked = self.marked(sql)
        try:
            return [_plain(row) for row in self._session.sql(marked).collect()]
        except self._warehouse.errors as error:
            if FRESH not in sql or not self._is_cleared(error):
                raise
        return [_plain(row) for row in self._session.sql(marked).collect()]

    def _is_cleared(self, error: Exception) -> bool:
        """Whether files without a table were in the way of a successor, and are gone now.

        Spark writes files before a table has them, and drops a table before its files: a crash leaves them.
        """
        if _condition(error) != "LOCATION_ALREADY_EXISTS":
            return False
        place = error.getMessageParameters()["location"].strip("'")  # type: ignore[attr-defined]
        machine = self._session._jvm.org.apache.hadoop.fs  # noqa: SLF001 as Spark's own Python code reaches it
        path = machine.Path(place)
        settings = self._session._jsparkSession.sessionState().newHadoopConf()  # noqa: SLF001
        return bool(path.getFileSystem(settings).delete(path, True))

    def _keep(self, name: str, select: str, *, again: bool = False) -> list[tuple[Any, ...]]:
        """Rows under a name, as they are now. `again`: the name has rows, and keeps the order of columns."""
        self._warehouse.count(self.label)
        found = self._session.sql(self.marked(select))
        if again:
            found = found.select(*_names(self._session.table(name).columns))
        return self._named(found, name)

    def _add(self, name: str, columns: str | None, select: str) -> list[tuple[Any, ...]]:
        """More rows under a name; columns that are not given are null."""
        self._warehouse.count(self.label)
        old, new = self._session.table(name), self._session.sql(self.marked(select))
        if columns is None:
            return self._named(old.union(new), name)
        given = [column.strip().strip("`") for column in columns.split(",")]
        return self._named(old.unionByName(new.toDF(*given), allowMissingColumns=True), name)

    def _named(self, found: Any, name: str) -> list[tuple[Any, ...]]:
        found.localCheckpoint(eager=True).createOrReplaceTempView(name)
        self._kept.add(name)
        return []


class Spark(Warehouse):
    """A local Spark, or the cluster that its configuration names.

    Args:
        credentials: the profile's target; keys as in
            https://docs.getdbt.com/docs/local/connect-data-platform/spark-setup (read 2026-11-22).

    Raises:
        WarehouseUnavailable: the profile wants another way to Spark than a session in this process.
    """

    dialect = SparkDialect()
    acknowledge_seconds = 15
    database = ""

    def __init__(self, credentials: Mapping[str, Any]) -> None:
        super().__init__()
        self._pyspark = import_module("pyspark.sql")
        self.errors: tuple[type[Exception], ...] = (
            import_module("pyspark.errors").PySparkException,
            import_module("py4j.protocol").Py4JError,
            OSError,
        )
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
        """Before the first statement that can be about a schema: put in its place what a crash left beside."""
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
            "Let spark.sql.warehouse.dir of server_side_parameters be a folder that you may write to, name another "
            f"schema with state_schema, or {ELSEWHERE}."
        )

    def explained(self, error: Exception, sql: str) -> RooError:
        """What Spark says of a statement is the statement's; the rest is the disk's or the engine's."""
        said = str(error)
        state = getattr(error, "getSqlState", lambda: None)() or ""
        if not state.startswith(_REFUSALS):
            return lost("Spark", _condition(error) or type(error).__name__)
        return refused(said, sql, hide=_NAMED.search(said) is None)

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
                "Spark needs Java 17 or later, and there is none: no java on the PATH, and no JAVA_HOME with one.",
                hint="Install one, for example: apt-get install openjdk-17-jre-headless",
            )
        # Spark's Python half writes errors with values to the terminal, whoever catches them.
        logger = import_module("pyspark.logger").PySparkLogger.getLogger("SQLQueryContextLogger")
        logger.setLevel(logging.CRITICAL + 1)
        given = self._credentials.get("server_side_parameters") or {}
        builder = self._pyspark.SparkSession.builder.enableHiveSupport()
        for name, value in {**_USUAL, **given, **_NEEDED}.items():
            builder = builder.config(name, str(value))
        try:
            started = builder.getOrCreate()
            # A catalogue is opened by the first question.
            started.sql("SHOW SCHEMAS").collect()
        except self.errors as error:
            raise WarehouseUnavailable(
                f"cannot begin a session of Spark: {_condition(error) or type(error).__name__}.",
                hint="A local metastore serves one process: wait until dbt and notebooks have ended. Or look at "
                "server_side_parameters of the profile's target.",
            ) from None
        return started


def _java() -> bool:
    """Whether there is a Java where pyspark looks for it."""
    home = os.environ.get("JAVA_HOME")
    return (Path(home) / "bin" / "java").exists() if home else shutil.which("java") is not None


def _condition(error: Exception) -> str:
    """Spark's name of an error; empty: it has none."""
    return str(getattr(error, "getCondition", lambda: None)() or "")


def _names(columns: Sequence[str]) -> list[str]:
    return ["`" + column.replace("`", "``") + "`" for column in columns]


def _plain(row: Any) -> tuple[Any, ...]:
    """A row whose moments say that they are in UTC: pyspark gives them in the zone of this machine."""
    return tuple(
        value.astimezone(timezone.utc) if isinstance(value, datetime) and value.tzinfo is None else value
        for value in row
    )
