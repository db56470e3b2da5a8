"""The tables of a Spark session, in which an UPDATE is a table that is made beside and takes the name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from roo_dbt.records import Column
from roo_dbt.warehouse.connection import Session
from roo_dbt.warehouse.dialects.spark import FRESH, TEMPORARY, SparkDialect
from roo_dbt.warehouse.swapping import filled, read

if TYPE_CHECKING:
    from roo_dbt.warehouse.spark import Spark

_KEPT = re.compile(r"CREATE TEMPORARY TABLE (?P<name>\w+) AS (?P<select>.*)", re.DOTALL)
_ADDED = re.compile(
    rf"INSERT INTO (?P<name>{TEMPORARY}\w+)( \((?P<columns>[^)]*)\))? (?P<select>SELECT .*)", re.DOTALL
)


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
            if condition(error) == "SCHEMA_NOT_FOUND":
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
            self._add(found["name"], found["columns"], found["select"])
            return []
        writing = read(sql)
        met = int(self._sql(writing.counting)[0][0]) if writing else 0
        if writing and not met:
            return [(0,)]
        rows: list[tuple[Any, ...]] = []
        for statement in self.dialect.spoken(sql):
            kept = _KEPT.fullmatch(statement)
            if kept:
                self._keep(kept["name"], kept["select"], again=writing is not None)
            else:
                rows = self._sql(statement)
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
        if condition(error) != "LOCATION_ALREADY_EXISTS":
            return False
        place = error.getMessageParameters()["location"].strip("'")  # type: ignore[attr-defined]
        machine = self._session._jvm.org.apache.hadoop.fs  # noqa: SLF001 as Spark's own Python code reaches it
        path = machine.Path(place)
        settings = self._session._jsparkSession.sessionState().newHadoopConf()  # noqa: SLF001
        return bool(path.getFileSystem(settings).delete(path, True))

    def _keep(self, name: str, select: str, *, again: bool = False) -> None:
        """Rows under a name, as they are now. `again`: the name has rows, and keeps the order of columns."""
        self._warehouse.count(self.label)
        found = self._session.sql(self.marked(select))
        if again:
            found = found.select(*_names(self._session.table(name).columns))
        self._named(found, name)

    def _add(self, name: str, columns: str | None, select: str) -> None:
        """More rows under a name; columns that are not given are null."""
        self._warehouse.count(self.label)
        old, new = self._session.table(name), self._session.sql(self.marked(select))
        if columns is None:
            self._named(old.union(new), name)
            return
        given = [column.strip().strip("`") for column in columns.split(",")]
        self._named(old.unionByName(new.toDF(*given), allowMissingColumns=True), name)

    def _named(self, found: Any, name: str) -> None:
        found.localCheckpoint(eager=True).createOrReplaceTempView(name)
        self._kept.add(name)


def condition(error: Exception) -> str:
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
