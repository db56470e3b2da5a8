"""Changes that ended halfway: the vendor has something of them, and the snapshot must not hide it.

Such a record may be back at its old values, or out of the model, before the next run. So its row is due,
whole, whatever the model says then: it knows all groups that its user may be in and the identifier that the
user has, and a new record whose user may be there is remembered, to be removed when it leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from roo_dbt.records import GROUP_MARK
from roo_dbt.warehouse import Dialect, FieldColumn, Session, Shape
from roo_dbt.warehouse.forms import NEW

TRACED = "roo_traced"
"""Temporary table of the changes that ended halfway, and whether their user has its new identifier."""


def read_traces(session: Session, dialect: Dialect, traces: str, answered: str) -> int:
    """Find the changes that ended halfway; how many there are.

    Args:
        session: of the warehouse.
        dialect: of its SQL.
        traces: SELECT of `roo_seq` and `status`, one row for each trace.
        answered: the outcomes, by `roo_seq`.
    """
    select = (
        f"SELECT t.roo_seq, min(t.status) = 'renamed' AS renamed FROM ({traces}) t WHERE NOT EXISTS "
        f"(SELECT 1 FROM {answered} a WHERE a.roo_seq = t.roo_seq AND a.status = 'accepted') "
        "GROUP BY t.roo_seq"
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
        f"SELECT c.*, t.renamed AS roo_renamed FROM {changes} c "
        f"JOIN {dialect.temporary(TRACED)} t ON t.roo_seq = c.roo_seq"
    )
    fields = [f for f in shape.fields if new.field(f.field) is not None]
    values = {f.name: _value(dialect, f, identifier) for f in fields}
    known = {quote(name): value for name, value in values.items() if value is not None}
    sets = {"roo_dirty": "true", "roo_whole": "true", **known}
    # Done again, it must not take a row that the next statement has made for one that was there.
    there = f"{same} AND c.roo_operation <> 'create'"
    session.run(dialect.update(table, "s", sets, there, source=f"({found}) c"))
    columns = ", ".join([*(quote(k.name) for k in shape.key), *(quote(f.name) for f in fields)])
    record = ", ".join(
        [
            *(f"CAST(c.{quote(n.name)} AS {k.type})" for k, n in zip(shape.key, new.key, strict=True)),
            *(f"c.{quote(NEW + f.name)}" for f in fields),
        ]
    )
    session.run(
        f"INSERT INTO {table} ({columns}, roo_departed, roo_dirty, roo_whole, roo_synced_at) "
        f"SELECT {record}, false, false, true, {dialect.now()} FROM ({found}) c "
        f"WHERE c.roo_operation = 'create' AND NOT EXISTS (SELECT 1 FROM {table} s WHERE {same})"
    )


def _value(dialect: Dialect, f: FieldColumn, identifier: Sequence[str]) -> str | None:
    """What a column becomes; None: it stays what it is."""
    before, after = f"s.{dialect.quote(f.name)}", f"c.{dialect.quote(NEW + f.name)}"
    if f.field in identifier:
        return f"CASE WHEN c.roo_renamed THEN {after} ELSE {before} END"
    if not f.field.startswith(GROUP_MARK):
        return None
    if f.type == dialect.type("boolean"):
        return f"coalesce({before}, {after})"
    return dialect.names(dialect.joined(before, after))
