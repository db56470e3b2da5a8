"""Identifiers that change hands: records that name a user whom another record named until now.

What is at the vendor then is not theirs, and what they do to it may meet what the other one does.
"""

from __future__ import annotations

from roo_dbt.diff.candidates import candidate_table
from roo_dbt.diff.claims import mark, named_by_another
from roo_dbt.diff.comparison import Comparison
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.dialect import normalised
from roo_dbt.warehouse.forms import NEW, OLD

_ARRIVES = "(x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed))"
_COMES = f"({_ARRIVES} OR x.roo_moved)"


def mark_handovers(session: Session, comparison: Comparison) -> None:
    """Mark the candidates whose identifier another record has, or had, in the snapshot; after `mark_claims`.

    `roo_dirty`: a record that comes to a user whom another one had sends every field. `roo_shared`: the
    identifier that it leaves is another one's, too; `roo_deserted`: nobody keeps it. `roo_vacated`: the
    identifier that it comes to was left by another one, in this run or before, or was refused to it as a
    `conflict`.
    `roo_successors`: what such an identifier was left for, where that had been given up before.
    """
    has_former = _mark_former(session, comparison)
    table = comparison.followed
    if table is None:
        return
    new, old = comparison.identifier("x", NEW), comparison.identifier("x", OLD)
    mark(session, comparison, "roo_dirty", _ARRIVES, "x.roo_claims")
    moves = ""
    if session.one(f"SELECT count(*) FROM {candidate_table(comparison)} x WHERE x.roo_moved"):
        mark(session, comparison, "roo_shared", "x.roo_moved", _held_by_another(comparison, table, old))
        mark(session, comparison, "roo_shared", "x.roo_moved AND x.roo_dirty", _is_wanted(comparison, old))
        _mark_deserted(session, comparison, old)
        before, after = comparison.identifier("y", OLD), comparison.identifier("y", NEW)
        source = f"FROM {candidate_table(comparison)} y WHERE y.roo_moved"
        mark(session, comparison, "roo_vacated", _COMES, f"EXISTS (SELECT 1 {source} AND {before} = {new})")
        moves = f"SELECT {before} AS identifier, {after} AS went_to {source}"
    if has_former:
        _note_successors(session, comparison, moves)
    if comparison.unaccepted:
        name = comparison.dialect.literal(comparison.destination.name)
        refused = f"u.destination = {name} AND u.key = {comparison.key_text('x')} AND u.code = 'conflict'"
        before = f"EXISTS (SELECT 1 FROM {comparison.unaccepted} u WHERE {refused})"
        mark(session, comparison, "roo_vacated", _COMES, before)
    _hand_over_groups(session, comparison, table)


def _mark_former(session: Session, comparison: Comparison) -> bool:
    """Mark who comes to an identifier that a record gave up in an earlier run; whether there are any."""
    if comparison.former is None or not comparison.destination.identifier or not comparison.unique_identifier:
        return False
    if not session.one(f"SELECT count(*) FROM ({comparison.former}) f"):
        return False
    name = normalised(comparison.dialect, "f.identifier", comparison.normalisation)
    same = f"{name} = {comparison.identifier('x', NEW)}"
    left = f"EXISTS (SELECT 1 FROM ({comparison.former}) f WHERE {same})"
    mark(session, comparison, "roo_dirty", _ARRIVES, left)
    mark(session, comparison, "roo_vacated", _COMES, left)
    return True


def _note_successors(session: Session, comparison: Comparison, moves: str) -> None:
    """Note what an identifier was left for, where that is a former one, too: it may lead to the same user.

    A user who goes back to a former identifier is found by it and by the one that it leaves.

    Args:
        session: of the diff.
        comparison: what is compared with what.
        moves: SELECT of `identifier` and `went_to` of those who leave one in this run; empty for none.
    """
    dialect, former = comparison.dialect, comparison.former
    # BigQuery has no UNION alone; what is twice is left out below.
    left = f"{former} UNION ALL {moves}" if moves else former
    pairs = (
        f"SELECT DISTINCT {normalised(dialect, 'f.identifier', comparison.normalisation)} AS identifier, "
        f"f.went_to FROM ({left}) f WHERE f.went_to IN (SELECT identifier FROM ({former}) b)"
    )
    found = (
        f"SELECT identifier, '[' || {dialect.listed(dialect.json_texts(['p.went_to']))} || ']' AS found "
        f"FROM ({pairs}) p GROUP BY identifier"
    )
    same = f"x.roo_vacated AND h.identifier = {comparison.identifier('x', NEW)}"
    sets = {"roo_successors": "h.found"}
    session.run(dialect.update(candidate_table(comparison), "x", sets, same, source=f"({found}) h"))


def _held_by_another(comparison: Comparison, table: str, identifier: str) -> str:
    """Whether a record of the snapshot with another key has this identifier.

    One that left counts where its user is still to be removed, and the removal could meet a renamed one.
    """
    is_met = comparison.destination.sync_mode == "sync" and not comparison.frees_identifiers
    holds = f"NOT {comparison.is_cleared('s')}" if is_met else "NOT s.roo_departed"
    return named_by_another(comparison, table, identifier, holds)


def _is_wanted(comparison: Comparison, old: str) -> str:
    """Whether another record comes to this identifier in this run.

    Of a record that is not sure of its user, the user may be gone; then the other one's is found by the
    identifier, and would be renamed instead.
    """
    comes = "(y.roo_operation = 'create' OR y.roo_moved OR (y.roo_departed AND y.roo_operation = 'update'))"
    return (
        f"EXISTS (SELECT 1 FROM {candidate_table(comparison)} y WHERE {comes} "
        f"AND {comparison.identifier('y', NEW)} = {old} AND NOT ({comparison.same_key('x', 'y')}))"
    )


def _mark_deserted(session: Session, comparison: Comparison, old: str) -> None:
    """Mark who leaves a shared identifier that no record of the model has."""
    if session.one(f"SELECT count(*) FROM {candidate_table(comparison)} x WHERE x.roo_shared"):
        kept = f"EXISTS (SELECT 1 FROM ({comparison.current}) c WHERE {comparison.identifier('c')} = {old})"
        mark(session, comparison, "roo_deserted", "x.roo_shared", f"NOT {kept}")


def _hand_over_groups(session: Session, comparison: Comparison, table: str) -> None:
    """A new record knows the groups of its user by the record that had it: it may have to leave them.

    Where that record goes on to another user, it leaves them itself.
    """
    groups = [f for f in comparison.fields if f.is_group and f.old_type is not None]
    if not groups:
        return
    quote = comparison.dialect.quote
    names = [(quote(f.name), quote(OLD + f.name)) for f in groups]
    dialect = comparison.dialect
    values = ", ".join(
        f"{dialect.any_of(f's.{name}', f.old_type or f.type)} AS {name}"
        for f, (name, _) in zip(groups, names, strict=True)
    )
    had = f"SELECT {comparison.identifier('s')} AS identifier, {values} FROM {table} s"
    arrives = "x.roo_operation = 'create' AND x.roo_dirty AND NOT x.roo_vacated"
    session.run(
        dialect.update(
            candidate_table(comparison),
            "x",
            {old: f"h.{name}" for name, old in names},
            f"{arrives} AND h.identifier = {comparison.identifier('x', NEW)}",
            source=f"({had} GROUP BY 1) h",
        )
    )
