"""A story that needs every statement of the engine: three syncs of one destination, told on any session.

On DuckDB it really happens, and the answers to its questions are noted; other engines are told the same
story and get these answers, so that what they would have been asked can be read and parsed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from roo_dbt import state
from roo_dbt.diff import (
    Comparison,
    FailingRows,
    Holder,
    changed_fields,
    freeze,
    group_names,
    mark_overwritten,
    read_page,
    read_withheld,
    reasons,
    withhold,
)
from roo_dbt.records import (
    ACCEPTED,
    Column,
    Counts,
    Destination,
    DestinationResult,
    Group,
    Mapped,
    Model,
    Outcome,
    Relation,
    Trace,
    refused,
)
from roo_dbt.state.life import happenings, standing
from roo_dbt.state.moving import forget, gone_snapshots, take_over
from roo_dbt.state.retry import make_due
from roo_dbt.warehouse import Dialect, Layout, Session

NAMES = ("id", "email", "city", "ltv", "spent", "vip", "segments", "seen_at", "born", "doc")
"""Columns of the model. `segments` is an array of texts, `doc` is JSON or what comes nearest."""


@dataclass
class Story:
    """Everything the steps share.

    Attributes:
        session: of an engine, or one that takes notes.
        dialect: its SQL.
        layout: where the state is.
        relation: the model's table, in the engine's words.
        types: the engine's name of each column's type.
        changed: the model has other rows from now on, told with the number of the sync.
        retyped: the type that `ltv` has from the third sync on.
    """

    session: Session
    dialect: Dialect
    layout: Layout
    relation: Relation
    types: Mapping[str, str]
    retyped: str
    changed: Callable[[int], None] = field(default=lambda _: None)
    chapter: Callable[[str], None] = field(default=lambda _: None)

    def tell(self) -> None:
        """All of it."""
        self.chapter("the state tables")
        state.create_tables(self.session, self.layout)
        self.changed(1)
        self.sync(1, self.destination)
        self.changed(2)
        self.sync(2, self.destination)
        self.changed(3)
        without_city = tuple(line for line in self.destination.mapping if line.field != "home_city")
        self.sync(3, replace(self.destination, mapping=without_city))
        self.afterwards()

    @property
    def destination(self) -> Destination:
        """Users by e-mail, with every kind of column and group."""
        model = Model("model.shop.customers", "customers", "model", self.relation, "models/c.sql", {}, {})
        fields = {"email": "email", "home_city": "city", "ltv": "ltv", "spent": "spent"}
        more = {"seen": "seen_at", "dob": "born", "doc": "doc"}
        return Destination(
            name="people",
            model=model,
            app="iterable",
            object="users",
            key=("id",),
            mapping=(
                *(Mapped(name, self.column(column)) for name, column in {**fields, **more}.items()),
                Mapped("tags", self.column("segments"), unordered=True),
                Mapped("source", value="warehouse"),
            ),
            identifier=("email",),
            sync_mode="sync",
            where="1 = 1",
            groups=(Group(self.column("vip"), name="VIP"), Group(self.column("segments"))),
            recheck_days=7,
        )

    def column(self, name: str) -> str:
        """A name as the engine's catalogue has it."""
        return name.upper() if self.dialect.name == "Snowflake" else name

    def comparison(self, number: int, destination: Destination) -> Comparison:
        """As a run would make it."""
        types = {**self.types, "ltv": self.retyped} if number == 3 else self.types
        known = state.known(self.session, self.layout).get("people")
        snapshot = self.layout.snapshot("people")
        columns = {self.column(name): Column(self.column(name), type_) for name, type_ in types.items()}
        email = self.dialect.text(self.dialect.quote(self.column("email")))
        nobody = f"SELECT {email} AS identifier FROM {self.relation.quoted} WHERE {email} IS NULL"
        return Comparison(
            replace(destination, key=(self.column("id"),)),
            columns,
            self.dialect,
            self.layout,
            normalisation="lower",
            snapshot=(snapshot, known.shape) if known and known.shape else None,
            unaccepted=self.layout.unaccepted if known and known.shape else None,
            resend_after_days=30,
            recheck_days=7,
            holders=lambda: [Holder("leads", nobody)],
            is_shared=True,
            former=state.former_identifiers(self.dialect, self.layout, "iterable", ("email",)),
        )

    def sync(self, number: int, destination: Destination) -> None:
        """One run, with an answer of each sort."""
        session, layout, run_id = self.session, self.layout, f"run {number}"
        self.chapter(f"sync {number}: the lock")
        state.lock(session, layout, "people", run_id)
        state.heartbeat(session, layout, "people", run_id)
        state.recover(session, self.dialect, layout, "people", run_id)
        state.start_run(session, layout, destination, run_id, "prod")
        self.chapter(f"sync {number}: the diff")
        comparison = self.comparison(number, destination)
        if number == 2:
            failing = FailingRows("not_null_city", self.relation.quoted, ((self.column("id"),) * 2,))
            read_withheld(session, withhold(session, comparison, [failing]), 5)
        frozen = freeze(session, comparison)
        changed_fields(session, comparison, frozen.total)
        group_names(session, comparison, frozen.total)
        reasons(session, comparison, frozen.total)
        adopted = {"endpoint": "http://127.0.0.1", "workspace": "name:shop", "run_id": run_id}
        state.register_changes(
            session, layout, destination, pending=comparison.shape, fresh=False, whole=number == 3, **adopted
        )
        mark_overwritten(session, comparison, frozen.total)
        self.chapter(f"sync {number}: a page, and what became of it")
        page = read_page(session, comparison, 0, 25_000)
        # The vendor says no to one record in every run, and yes to the rest.
        answers: list[tuple[int, Outcome]] = [
            (change.seq, refused("rejected", "no") if change.key == "2" else ACCEPTED) for change in page
        ]
        if number == 2:
            traces: list[tuple[int, Trace]] = [(sequence, "written") for sequence, _ in answers]
            state.note_traces(session, layout, "people", run_id, traces)
        state.mark_sending(session, layout, "people", run_id, (1, 1), repeatable=False)
        state.acknowledge(session, layout, "people", run_id, answers)
        if number == 3:
            self.chapter("sync 3: a plan while a run was interrupted")
            state.preview(session, self.dialect, layout, state.known(session, layout)["people"])
        self.chapter(f"sync {number}: the commit")
        self.commit(number)
        self.end(run_id)

    def commit(self, number: int) -> None:
        """Fold it in."""
        crashed, owner = number == 3, f"run {number}"
        state.commit(self.session, self.dialect, self.layout, "people", owner, crashed=crashed)

    def end(self, run_id: str) -> None:
        """The row of the run, and the lock."""
        result = DestinationResult(
            "people", "model.shop.customers", "iterable", "users", "success", Counts(created=4), rows=4
        )
        state.finish_run(self.session, self.layout, run_id, result, overrides=None, history_days=30)
        state.unlock(self.session, self.layout, "people", run_id)

    def afterwards(self) -> None:
        """What people ask, and what they undo."""
        self.chapter("questions, and forgetting")
        state.runs(self.session, self.layout, limit=5)
        state.failures(self.session, self.layout)
        happenings(self.session, self.layout, "people", "1")
        standing(
            self.session, self.dialect, self.layout, state.known(self.session, self.layout)["people"], "1"
        )
        gone_snapshots(self.session, self.layout, [])
        make_due(self.session, self.layout, "people")
        take_over(self.session, self.dialect, self.layout, "people", replace(self.destination, name="folk"))
        forget(self.session, self.layout, "folk")
