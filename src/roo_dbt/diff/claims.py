"""Records that write to a user whom the snapshot gives to another record, too.

The vendor has one user there. Who writes to it must take it out of the groups that the other record put it
into, and what the other record had is no longer there.
"""

from __future__ import annotations

from roo_dbt.diff.candidates import candidate_table
from roo_dbt.diff.comparison import ComparedField, Comparison
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.forms import NEW, OLD

_WRITES = "x.roo_operation IN ('create', 'update') AND NOT x.roo_held AND x.roo_status IS NULL"


def mark(session: Session, comparison: Comparison, name: str, who: str, condition: str = "true") -> None:
    """Set one of the marks of the candidates `x` that fulfil both conditions."""
    table = candidate_table(comparison)
    session.run(comparison.dialect.update(table, "x", {name: "true"}, f"{who} AND {condition}"))


def named_by_another(comparison: Comparison, table: str, identifier: str, holds: str = "true") -> str:
    """SQL that tells whether a record `s` of the snapshot with another key than `x` has an identifier.

    `holds`: which of them count.
    """
    return (
        f"EXISTS (SELECT 1 FROM {table} s WHERE {holds} "
        f"AND {comparison.identifier('s')} = {identifier} AND NOT ({comparison.same_key('s', 'x')}))"
    )


def mark_claims(session: Session, comparison: Comparison) -> None:
    """Mark the candidates whose user may be another record's, by the snapshot.

    `roo_moved`: it gets another identifier. `roo_claims`: another record of the snapshot has the
    identifier by which its user is found now. `roo_inherited`: the groups of those records, as JSON.
    """
    table = comparison.followed
    if table is None:
        return
    new, old = comparison.identifier("x", NEW), comparison.identifier("x", OLD)
    mark(session, comparison, "roo_moved", f"x.roo_operation = 'update' AND {new} <> {old}")
    arrives = "(x.roo_operation = 'create' OR x.roo_departed OR x.roo_moved OR x.roo_dirty)"
    other = named_by_another(comparison, table, f"coalesce({new}, {old})")
    mark(session, comparison, "roo_claims", arrives, other)
    groups = [f for f in comparison.fields if f.is_left]
    if groups and session.one(f"SELECT count(*) FROM {candidate_table(comparison)} x WHERE x.roo_claims"):
        _inherit(session, comparison, table, groups)


def _inherit(session: Session, comparison: Comparison, table: str, groups: list[ComparedField]) -> None:
    """Note the groups that the other records of a user put it into, a JSON object of each."""
    dialect = comparison.dialect
    pairs = [(f.field, dialect.json_form(f"s.{dialect.quote(f.name)}", f.old_type or f.type)) for f in groups]
    member = " OR ".join(f"s.{dialect.quote(f.name)} IS NOT NULL" for f in groups)
    user = f"coalesce({comparison.identifier('x', NEW)}, {comparison.identifier('x', OLD)})"
    claimed = f"SELECT {user} FROM {candidate_table(comparison)} x WHERE x.roo_claims"
    had = (
        f"SELECT {comparison.identifier('s')} AS identifier, "
        f"'[' || {dialect.listed(dialect.json_object(pairs))} || ']' AS found "
        f"FROM {table} s WHERE ({member}) AND {comparison.identifier('s')} IN ({claimed}) GROUP BY 1"
    )
    session.run(
        dialect.update(
            candidate_table(comparison),
            "x",
            {"roo_inherited": "h.found"},
            f"x.roo_claims AND h.identifier = {user}",
            source=f"({had}) h",
        )
    )


def mark_overwritten(session: Session, comparison: Comparison, total: int) -> None:
    """Mark the other records of the users that the first `total` changes are about to write to.

    What the snapshot says of them is no longer at the vendor, so they go whole when they are due. Said
    before the first request leaves: a run that ends early may have written all the same.
    """
    table = comparison.followed
    if table is None:
        return
    _hand_down_groups(session, comparison, table, total)
    due = f"{_WRITES} AND x.roo_claims AND x.roo_seq <= {total}"
    if not session.one(f"SELECT count(*) FROM {comparison.changes} x WHERE {due}"):
        return
    written = (
        f"EXISTS (SELECT 1 FROM {comparison.changes} x "
        f"WHERE {due} AND {comparison.identifier('s')} = {comparison.identifier('x', NEW)} "
        f"AND NOT ({comparison.same_key('s', 'x')}))"
    )
    session.run(comparison.dialect.update(table, "s", {"roo_dirty": "true"}, written))


def _hand_down_groups(session: Session, comparison: Comparison, table: str, total: int) -> None:
    """Let the others know the groups of a record that leaves the user it shares with them.

    Its row goes on to another user. Who wrote to the user last took it out of those groups; a record that
    has not come to that, a dirty one, has still to do it.
    """
    leaves = f"{_WRITES} AND x.roo_moved AND x.roo_shared AND NOT x.roo_deserted AND x.roo_seq <= {total}"
    groups = [f for f in comparison.fields if f.is_left]
    if not groups or not session.one(f"SELECT count(*) FROM {comparison.changes} x WHERE {leaves}"):
        return
    old = comparison.identifier("x", OLD)
    number = f"row_number() OVER (PARTITION BY {old} ORDER BY x.roo_seq)"
    ranked = f"SELECT x.*, {old} AS roo_left, {number} AS roo_nth FROM {comparison.changes} x WHERE {leaves}"
    sets = {comparison.dialect.quote(f.name): _joint(comparison, f) for f in groups}
    same = f"{comparison.identifier('s')} = x.roo_left AND NOT ({comparison.same_key('s', 'x')})"
    for nth in range(1, session.one(f"SELECT max(roo_nth) FROM ({ranked}) r") + 1):
        here = f"x.roo_nth = {nth} AND s.roo_dirty AND {same}"
        session.run(comparison.dialect.update(table, "s", sets, here, source=f"({ranked}) x"))


def _joint(comparison: Comparison, f: ComparedField) -> str:
    """What a row `s` is told to be in: the memberships that another one `x` had, beside its own."""
    quote = comparison.dialect.quote
    mine, theirs = f"s.{quote(f.name)}", f"x.{quote(OLD + f.name)}"
    if f.old_type == comparison.dialect.type("boolean"):
        return f"coalesce({mine}, {theirs})"
    return comparison.dialect.names(comparison.dialect.joined(mine, theirs))
