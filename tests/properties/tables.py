"""Random models and mappings, and a sync of them without a vendor: diff, acknowledge, commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import duckdb
import orjson
from hypothesis import strategies as st

from roo_dbt import state
from roo_dbt.destinations.protocol import fields_to_send
from roo_dbt.diff import Comparison, Frozen, freeze, read_page
from roo_dbt.records import ACCEPTED, Change, Destination, Mapped, Model, Outcome, Relation, SyncMode
from roo_dbt.state.tables import layout_of
from roo_dbt.warehouse import Layout, Session, Warehouse
from roo_dbt.warehouse.dialect import key_text
from roo_dbt.warehouse.duckdb import DuckDB, DuckDBSession

VALUES: Mapping[str, tuple[str, ...]] = {
    "BOOLEAN": ("true", "false"),
    "INTEGER": ("0", "1", "7", "-7"),
    "BIGINT": ("1", "7", "9007199254740993"),
    "HUGEINT": ("7", "170141183460469231731687303715884105727"),
    "DOUBLE": ("0", "1", "7", "7.5", "'nan'", "'-inf'", "1e300"),
    "FLOAT": ("7", "7.5", "0.1"),
    "DECIMAL(10,2)": ("7", "7.5", "0.1", "-0.01"),
    "DECIMAL(12,4)": ("7", "7.5", "7.5001"),
    "DECIMAL(3,3)": ("0.1", "-0.5", "0"),
    "DECIMAL(38,0)": ("7", "12345678901234567890123"),
    "VARCHAR": ("''", "' '", "'7'", "'7.5'", "'a'", "'2026-01-02'", "'[1]'", "'é😀\"\\'", "chr(0) || 'x'"),
    "DATE": ("'2026-01-02'", "'infinity'", "'0044-03-15 (BC)'"),
    "TIMESTAMP": ("'2026-01-02'", "'2026-01-02 00:00:00.000001'", "'infinity'"),
    "TIMESTAMP WITH TIME ZONE": (
        "'2026-01-02 00:00:00Z'",
        "'2026-01-02 02:00:00+02'",
        "'2026-01-03 00:00:00Z'",
    ),
    "TIME": ("'03:04:05'", "'00:00:00'"),
    "UUID": ("'00000000-0000-0000-0000-000000000001'", "'00000000-0000-0000-0000-000000000002'"),
    "ENUM('a', '7', 'x,(')": ("'a'", "'7'", "'x,('"),
    "JSON": ("'{\"a\": [1]}'", "'7'", "'{\"a\": NaN}'"),
    "INTEGER[]": ("[]", "[1]", "[1, NULL]", "[7, 7]"),
    "VARCHAR[]": ("[]", "['1']", "['a', NULL]"),
    'STRUCT("a b" INTEGER, c VARCHAR)': ("{'a b': 1, 'c': 'x'}", "{'a b': NULL, 'c': NULL}"),
    "MAP(VARCHAR, DOUBLE)": ("MAP {'a': 1}", "MAP {'a': 'nan'::DOUBLE}", "MAP {}"),
}
"""Types of columns with values as SQL; few of them, so that equal ones are common."""

POSTGRES_VALUES: Mapping[str, tuple[str, ...]] = {
    "boolean": ("true", "false"),
    "integer": ("0", "1", "7", "-7"),
    "bigint": ("1", "7", "9007199254740993"),
    "double precision": ("0", "1", "7", "7.5", "'NaN'", "'-Infinity'", "1e300"),
    "real": ("7", "7.5", "0.1"),
    "numeric(10,2)": ("7", "7.5", "0.1", "-0.01", "'NaN'"),
    "numeric(12,4)": ("7", "7.5", "7.5001"),
    "numeric": ("7", "7.50", "12345678901234567890123", "'NaN'", "'Infinity'"),
    "numeric(38,0)": ("7", "12345678901234567890123"),
    "text": ("''", "' '", "'7'", "'7.5'", "'a'", "'2026-01-02'", "'[1]'", "'é😀\"\\'", "'true'"),
    "character(3)": ("'a'", "'7'"),
    "date": ("'2026-01-02'", "'infinity'", "'0044-03-15 BC'"),
    "timestamp without time zone": ("'2026-01-02'", "'2026-01-02 00:00:00.000001'", "'infinity'"),
    "timestamp with time zone": ("'2026-01-02 00:00Z'", "'2026-01-02 02:00+02'", "'2026-01-03 00:00Z'"),
    "time without time zone": ("'03:04:05'", "'00:00:00'"),
    "uuid": ("'00000000-0000-0000-0000-000000000001'", "'00000000-0000-0000-0000-000000000002'"),
    "json": ("'{\"a\": [1]}'", "'{\"a\":[1]}'", "'7'"),
    "jsonb": ("'{\"a\": [1]}'", "'7'", "'null'"),
    "integer[]": ("'{}'", "'{1}'", "'{1,NULL}'", "'{7,7}'"),
    "text[]": ("'{}'", "'{\"1\"}'", "'{a,NULL}'"),
    "double precision[]": ("'{}'", "'{NaN,1}'"),
    "money": ("7", "7.5"),
}
"""The same for Postgres."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "duckdb": ("INTEGER", "BIGINT", "VARCHAR"),
    "postgres": ("integer", "bigint", "text"),
}
MODES: tuple[SyncMode, ...] = ("sync", "sync", "additive", "enrich")
REMOVALS: tuple[Literal["delete", "clear"], ...] = ("delete", "clear")
COLUMNS = ("c1", "c2", "c3")
FIELDS = ("plan", "Plan", "home town", "a.b")


@dataclass(frozen=True)
class Version:
    """A model and its destination at one time. `rows`: one tuple of SQL values per key, in order."""

    key_type: str
    types: tuple[str, ...]
    keys: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    mapping: tuple[Mapped, ...]
    mode: SyncMode = "sync"
    on_removal: Literal["delete", "clear"] = "delete"
    engine: str = "duckdb"

    @property
    def select(self) -> str:
        """The model as SQL."""
        names = ["id", *COLUMNS]
        types = (self.key_type, *self.types)
        rows = [(str(key), *values) for key, values in zip(self.keys, self.rows, strict=True)]

        def selected(values: Sequence[str]) -> str:
            cast = (f"({v})::{t} AS {n}" for v, t, n in zip(values, types, names, strict=True))
            return f"SELECT {', '.join(cast)}"

        if not rows:
            return f"{selected(['NULL'] * len(names))} LIMIT 0"
        return " UNION ALL ".join(selected(row) for row in rows)


def mappings() -> st.SearchStrategy[tuple[Mapped, ...]]:
    """The identifier, and some fields from some columns or constants."""

    def line(name: str) -> st.SearchStrategy[Mapped]:
        column = st.builds(
            Mapped,
            st.just(name),
            column=st.sampled_from(COLUMNS),
            nulls=st.sampled_from(["clear", "clear", "ignore"]),
        )
        return st.one_of(
            column, column, st.builds(Mapped, st.just(name), value=st.sampled_from(["x", 7, 7.5, True]))
        )

    chosen = st.lists(st.sampled_from(FIELDS), unique=True, max_size=len(FIELDS))
    lines = chosen.flatmap(lambda names: st.tuples(*(line(name) for name in names)))
    return lines.map(lambda found: (Mapped("external_id", "id"), *found))


@st.composite
def versions(draw: st.DrawFn, *, like: Version | None = None, engine: str = "duckdb") -> Version:
    """A version, at random or like an earlier one with some things changed."""
    values_of = VALUES if engine == "duckdb" else POSTGRES_VALUES
    key_type = like.key_type if like and draw(st.integers(0, 4)) else draw(st.sampled_from(KEYS[engine]))
    types = tuple(
        like.types[n] if like and draw(st.integers(0, 3)) else draw(st.sampled_from(sorted(values_of)))
        for n in range(len(COLUMNS))
    )
    keys = tuple(draw(st.lists(st.integers(1, 6), unique=True, max_size=6)))
    before = dict(zip(like.keys, like.rows, strict=True)) if like and like.types == types else {}
    rows = []
    for key in keys:
        if key in before and draw(st.booleans()):
            rows.append(before[key])
        else:
            rows.append(tuple(draw(st.sampled_from(("NULL", *values_of[type_]))) for type_ in types))
    mapping = like.mapping if like and draw(st.booleans()) else draw(mappings())
    mode = draw(st.sampled_from(MODES))
    removal = draw(st.sampled_from(REMOVALS))
    return Version(key_type, types, keys, tuple(rows), mapping, mode, removal, engine)


@st.composite
def histories(draw: st.DrawFn, *, least: int = 1, most: int = 3, engine: str = "duckdb") -> list[Version]:
    """Versions of one model, each made from the one before it."""
    found: list[Version] = []
    for _ in range(draw(st.integers(least, most))):
        found.append(draw(versions(like=found[-1] if found else None, engine=engine)))
    return found


Answer = Callable[[Change], Outcome]


@dataclass
class Engine:
    """One destination, its state tables, and a vendor that is a dictionary."""

    warehouse: Warehouse
    session: Session
    layout: Layout
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    cleared: set[str] = field(default_factory=set)
    forgettable: set[str] = field(default_factory=set)
    """Fields that ignored nulls when their type changed: what the new one cannot say is nobody's business any more."""
    runs: int = 0
    changes: Sequence[Change] = ()

    def compare(
        self, version: Version, *, full_refresh: bool = False, limit: int | None = None
    ) -> Comparison:
        """Build the model; what a sync would compare."""
        table = f'"{self.warehouse.database}"."main"."model"'
        self.session.run_all([f"DROP TABLE IF EXISTS {table}", f"CREATE TABLE {table} AS {version.select}"])
        relation = Relation(self.warehouse.database, "main", "model", table)
        destination = Destination(
            "braze",
            Model("model.shop.m", "m", "model", relation, "m.sql", {}, {}),
            "braze",
            "users",
            ("id",),
            version.mapping,
            ("external_id",),
            sync_mode=version.mode,
            on_removal=version.on_removal,
        )
        columns = self.warehouse.columns(self.session, relation) or []
        known = state.known(self.session, self.layout).get("braze")
        shape = known.shape if known else None
        return Comparison(
            destination=destination,
            columns={column.name: column for column in columns},
            dialect=self.warehouse.dialect,
            layout=self.layout,
            snapshot=(self.layout.snapshot("braze"), shape) if shape else None,
            unaccepted=self.layout.unaccepted,
            full_refresh=full_refresh,
            limit=limit,
        )

    def find(self, version: Version, *, full_refresh: bool = False, limit: int | None = None) -> Frozen:
        """The diff alone; `changes` holds what is due."""
        comparison = self.compare(version, full_refresh=full_refresh, limit=limit)
        frozen = freeze(self.session, comparison)
        self.changes = read_page(self.session, comparison, 0, frozen.total)
        self.forgettable |= {
            f.field for f in comparison.fields if f.ignores_nulls and f.old_type not in (None, f.new_type)
        }
        self._comparison = comparison
        return frozen

    def sync(
        self,
        version: Version,
        answer: Answer | None = None,
        *,
        full_refresh: bool = False,
        limit: int | None = None,
        confirmed: set[int] | None = None,
    ) -> Frozen:
        """Diff, send to the dictionary, acknowledge, commit.

        With `confirmed` the run breaks off: only those sequence numbers are sent and acknowledged.
        """
        frozen = self.find(version, full_refresh=full_refresh, limit=limit)
        self.runs += 1
        run_id, comparison = f"run {self.runs}", self._comparison
        state.lock(self.session, self.layout, "braze", run_id)
        state.register_changes(
            self.session,
            self.layout,
            comparison.destination,
            endpoint="",
            workspace="",
            run_id=run_id,
            pending=comparison.shape,
            fresh=False,
            whole=full_refresh and comparison.snapshot is not None,
        )
        reached = [change for change in self.changes if confirmed is None or change.seq in confirmed]
        outcomes = [
            (change, change.verdict or (answer(change) if answer else ACCEPTED)) for change in reached
        ]
        for change, outcome in outcomes:
            if outcome.status == "accepted":
                self._write(change)
        written = [(change.seq, outcome) for change, outcome in outcomes]
        state.acknowledge(self.session, self.layout, "braze", run_id, written)
        if confirmed is None:
            state.commit(self.session, comparison.dialect, self.layout, "braze", run_id)
        state.unlock(self.session, self.layout, "braze", run_id)
        return frozen

    def recover(self) -> None:
        """What the next run does first."""
        state.lock(self.session, self.layout, "braze", "next")
        state.recover(self.session, self.warehouse.dialect, self.layout, "braze", "next")
        state.unlock(self.session, self.layout, "braze", "next")

    def _write(self, change: Change) -> None:
        """What a vendor does with a change: merges fields, forgets nulls."""
        if change.operation == "delete" and not change.clears:
            self.users.pop(change.key, None)
            return
        (self.cleared.add if change.clears else self.cleared.discard)(change.key)
        ignored = {line.field for line in self._comparison.destination.mapping if line.nulls == "ignore"}
        user = self.users.setdefault(change.key, {})
        for name, value in fields_to_send(change).items():
            assert value is not None or name not in ignored or change.clears, f"{name} must not be cleared"
            if value is None:
                user.pop(name, None)
            else:
                user[name] = value

    def model(self) -> dict[str, dict[str, Any]]:
        """The rows of the last version as the vendor should have them, nulls included."""
        comparison = self._comparison
        dialect = comparison.dialect
        pairs = [
            (f.field, dialect.json_form(f"c.{dialect.quote(f.name)}", f.new_type))
            for f in comparison.fields
            if f.new_type is not None
        ]
        key = key_text(dialect, [(f"c.{dialect.quote(k.name)}", k.type) for k in comparison.keys])
        rows = self.session.run(
            f"SELECT {key}, {dialect.text(dialect.json_object(pairs))} FROM ({comparison.current}) c"
        )
        return {key: parsed(text) for key, text in rows}

    def differences(self) -> list[tuple[Any, ...]]:
        """Rows of the model that the snapshot does not have as they are, and the other way round."""
        comparison, known = self._comparison, state.known(self.session, self.layout)["braze"]
        assert known.shape is not None
        quote, text = comparison.dialect.quote, comparison.dialect.text
        ignored = {line.field for line in comparison.destination.mapping if line.nulls == "ignore"}
        differs = [
            f"(c.{quote(f.name)} IS DISTINCT FROM s.{quote(f.name)}"
            f"{f' AND c.{quote(f.name)} IS NOT NULL' if f.field in ignored else ''})"
            for f in comparison.fields
            if f.new_type is not None
        ]
        (key,) = comparison.keys
        same = f"{text(f'c.{quote(key.name)}')} = {text(f's.{quote(key.name)}')}"
        present = f"SELECT * FROM {comparison.layout.snapshot('braze')} WHERE NOT roo_departed"
        return self.session.run(
            f"SELECT * FROM ({comparison.current}) c FULL JOIN ({present}) s ON {same} "
            f"WHERE c.roo_present IS NULL OR s.roo_departed IS NULL OR {' OR '.join(differs)}"
        )


def parsed(text: str) -> dict[str, Any]:
    """JSON of the warehouse, NaN inside JSON columns included, as comparable text per field."""
    from roo_dbt.diff.page import _parsed

    found: dict[str, Any] = _parsed(text)
    return found


def said(value: Any) -> bytes:
    """A value as it would be sent: 7 and 7.0 and true are three different things."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


@contextmanager
def engine() -> Iterator[Engine]:
    """A fresh database in memory with the state tables."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        session, warehouse = DuckDBSession(connection), DuckDB({"path": ":memory:", "database": "memory"})
        layout = layout_of(warehouse, "memory", "main_roo")
        state.create_tables(session, layout)
        yield Engine(warehouse, session, layout)


@contextmanager
def on_postgres(warehouse: Warehouse) -> Iterator[Engine]:
    """A database as if nothing had ever been in it."""
    layout = layout_of(warehouse, warehouse.database, "main_roo")
    with warehouse.session() as session:
        session.run("DROP SCHEMA IF EXISTS main, main_roo CASCADE")
        session.run("CREATE SCHEMA main")
        state.create_tables(session, layout)
        yield Engine(warehouse, session, layout)
