"""Changes that ended halfway, or whose answer was lost: the snapshot must not hide what the vendor may have.

Such a record may be back at its old values, or out of the model, before the next run. So its row is due,
whole, whatever the model says then: it knows all groups that its user may be in and the identifier that the
user has, and a new record whose user is there is remembered, to be removed when it leaves. Of one whose user
may be there `roo_departed` is null: in the model it is new, as before, and out of it to be removed.

A membership that nobody is sure of is false, which is neither to be in the group nor not to be: it is sent,
whatever comes next. So is a subscription state, which is null then.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from roo_dbt.records import GROUP_MARK, is_subscription
from roo_dbt.warehouse import Dialect, FieldColumn, Session, Shape
from roo_dbt.warehouse.forms import NEW

TRACED = "roo_traced"
"""Temporary table of the changes that ended halfway, and how: `renamed`, their user has its new identifier;
`partly`, some of their calls were accepted; `lost`, nobody knows of some."""


def read_traces(session: Session, dialect: Dialect, traces: str, answered: str, changes: str) -> int:
    """Find the changes that ended halfway, or may have; how many there are.

    Args:
        session: of the warehouse.
        dialect: of its SQL.
        traces: SELECT of `roo_seq` and `status`, one row for each trace.
        answered: the outcomes, by `roo_seq`.
        changes: the table of the changes.
    """
    lost, partly = (
        f"max(CASE WHEN t.status IN ({names}) THEN 1 ELSE 0 END) = 1"
        for names in ("'lost', 'leaving'", "'written', 'renamed'")
    )
    select = (
        f"SELECT t.roo_seq, min(CASE WHEN t.status = 'renamed' THEN 0 ELSE 1 END) = 0 AS renamed, "
        f"{lost} AS lost, {partly} AS partly FROM ({traces}) t JOIN {changes} c ON c.roo_seq = t.roo_seq "
        f"WHERE c.roo_status IS NULL AND NOT EXISTS (SELECT 1 FROM {answered} a "
        "WHERE a.roo_seq = t.roo_seq AND (a.status = 'accepted' OR t.status = 'leaving')) GROUP BY t.roo_seq"
    )
    session.run_all(dialect.create_temporary(TRACED, select))
    return int(session.one(f"SELECT count(*) FROM {dialect.temporary(TRACED)}"))


def renamed(dialect: Dialect, changes: str) -> Callable[[str, str], str]:
    """SELECT of columns of the changes `c` that ended halfway with their user renamed, by a condition."""

    def select(columns: str, condition: str) -> str:
        return (
            f"SELECT {columns} FROM {changes} c JOIN {dialect.temporary(TRACED)} t "
            f"ON t.roo_seq = c.roo_seq WHERE t.renamed AND {condition}"
        )

    return select


def keep_remains(
    session: Session,
    dialect: Dialect,
    *,
    changes: str,
    new: Shape,
    snapshot: tuple[str, Shape],
    identifier: Sequence[str],
) -> None:
    """Make what ended halfway due in the snapshot.

    Args:
        session: of the warehouse.
        dialect: of its SQL.
        changes: the table of the changes.
        new: their columns.
        snapshot: table and columns.
        identifier: the fields by which the vendor finds users.
    """
    table, shape = snapshot
    if new.once:
        return
    quote, text = dialect.quote, dialect.text
    same = " AND ".join(
        f"{text(f'c.{quote(theirs.name)}')} = {text(f's.{quote(ours.name)}')}"
        for ours, theirs in zip(shape.key, new.key, strict=True)
    )
    found = (
        "SELECT c.*, t.renamed AS roo_renamed, t.partly AS roo_partly, t.lost AS roo_lost "
        f"FROM {changes} c JOIN {dialect.temporary(TRACED)} t ON t.roo_seq = c.roo_seq"
    )
    fields = [f for f in shape.fields if new.field(f.field) is not None]
    consent = {f.field for f in new.fields if f.consent}
    sets = {
        "roo_departed": "CASE WHEN c.roo_operation = 'update' THEN false ELSE s.roo_departed END",
        "roo_dirty": "s.roo_departed IS NOT NULL",
        "roo_whole": "true",
        **{quote(f.name): _value(dialect, f, identifier, new, consent) for f in fields},
    }
    # Done again, it must not take a row that the next statement has made for one that was there.
    there = f"{same} AND (c.roo_operation <> 'create' OR s.roo_departed IS NULL)"
    session.run(dialect.update(table, "s", sets, there, source=f"({found}) c"))
    columns = ", ".join([*(quote(k.name) for k in shape.key), *(quote(f.name) for f in fields)])
    record = ", ".join(
        [
            *(f"CAST(c.{quote(n.name)} AS {k.type})" for k, n in zip(shape.key, new.key, strict=True)),
            *(_first_value(dialect, f) for f in fields),
        ]
    )
    session.run(
        f"INSERT INTO {table} ({columns}, roo_departed, roo_dirty, roo_whole, roo_synced_at) "
        f"SELECT {record}, CASE WHEN c.roo_partly THEN false END, false, true, {dialect.now()} "
        f"FROM ({found}) c "
        f"WHERE c.roo_operation = 'create' AND NOT EXISTS (SELECT 1 FROM {table} s WHERE {same})"
    )


def _is_membership(dialect: Dialect, f: FieldColumn) -> bool:
    return f.field.startswith(GROUP_MARK) and f.type == dialect.type("boolean")


def _first_value(dialect: Dialect, f: FieldColumn) -> str:
    """The value of a column in the row of a new record."""
    after = f"c.{dialect.quote(NEW + f.name)}"
    if _is_membership(dialect, f):
        return f"CASE WHEN c.roo_lost THEN NOT {after} ELSE {after} END"
    return after


def _value(
    dialect: Dialect, f: FieldColumn, identifier: Sequence[str], new: Shape, consent: Collection[str]
) -> str:
    """What a column becomes in a row that is there."""
    before, after = f"s.{dialect.quote(f.name)}", f"c.{dialect.quote(NEW + f.name)}"
    if f.field in identifier:
        # Of one that leaves the changes have no new identifier.
        unsure = f"WHEN s.roo_departed IS NULL THEN coalesce({after}, {before})"
        return f"CASE WHEN c.roo_renamed THEN {after} {unsure} ELSE {before} END"
    if _is_membership(dialect, f):
        # Who comes back is not subscribed again, and who goes leaves all the same.
        settled = "NOT c.roo_lost"
        if is_subscription(f.field):
            goes = "'depart', 'delete'" if new.clears else "'depart'"
            settled += f" OR c.roo_returned OR c.roo_operation IN ({goes})"
        unsure = f"CASE WHEN {dialect.same(before, after)} THEN {before} ELSE false END"
        return f"CASE WHEN {settled} THEN coalesce({before}, {after}) ELSE {unsure} END"
    if f.field.startswith(GROUP_MARK):
        return dialect.names(dialect.joined(before, after))
    kept = before
    if f.field in consent:
        kept = f"CASE WHEN NOT c.roo_lost OR {dialect.same(before, after)} THEN {before} END"
    # Of a new record everything counts that may have arrived.
    return f"CASE WHEN s.roo_departed IS NULL THEN coalesce({after}, {before}) ELSE {kept} END"
