"""Identifiers that change hands: records that name a user whom another record named until now.

What is at the vendor then is not theirs, and what they do to it may meet what the other one does.
"""

from __future__ import annotations

from collections.abc import Sequence

from roo_dbt.diff.candidates import CANDIDATES, DUPLICATES, INHERITED
from roo_dbt.diff.comparison import Compared, Comparison
from roo_dbt.records import GROUP_MARK
from roo_dbt.warehouse import Dialect, Session
from roo_dbt.warehouse.forms import NEW, OLD

_ARRIVES = "(x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed))"


def mark_handovers(session: Session, comparison: Comparison) -> None:
    """Mark the candidates whose identifier another record has, or had.

    `roo_dirty`: a record that comes to a user whom another one had sends every field. `roo_shared`: the
    identifier that it leaves is another one's, too. `roo_vacated`: the identifier that it comes to was left
    by another one, in this run or before.
    """
    if not comparison.destination.identifier or not comparison.unique_identifier:
        return
    new, old = comparison.identifier("x", NEW), comparison.identifier("x", OLD)
    _mark_former(session, comparison, new)
    if comparison.snapshot is None or not comparison.is_contestable or not comparison.has_old_identifier:
        return
    table, _ = comparison.snapshot
    _mark(session, ("roo_dirty",), _ARRIVES, _held_by_another(comparison, table, new))
    moves = f"x.roo_operation = 'update' AND {new} <> {old}"
    if session.one(f"SELECT count(*) FROM {CANDIDATES} x WHERE {moves}"):
        _mark(session, ("roo_shared",), moves, _held_by_another(comparison, table, old))
        before = comparison.identifier("y", OLD)
        left = f"y.roo_operation = 'update' AND {comparison.identifier('y', NEW)} <> {before}"
        left = f"EXISTS (SELECT 1 FROM {CANDIDATES} y WHERE {left} AND {before} = {new})"
        _mark(session, ("roo_vacated",), _ARRIVES, left)
    _hand_over_groups(session, comparison, table)


def _mark_former(session: Session, comparison: Comparison, new: str) -> None:
    """Mark who comes to an identifier that a record gave up in an earlier run."""
    if comparison.former is None or not session.one(f"SELECT count(*) FROM ({comparison.former})"):
        return
    name = comparison.dialect.normalised("f.identifier", comparison.normalisation)
    left = f"EXISTS (SELECT 1 FROM ({comparison.former}) f WHERE {name} = {new})"
    _mark(session, ("roo_dirty", "roo_vacated"), _ARRIVES, left)


def _mark(session: Session, marks: Sequence[str], who: str, condition: str) -> None:
    values = ", ".join(f"{mark} = true" for mark in marks)
    session.run(f"UPDATE {CANDIDATES} AS x SET {values} WHERE {who} AND {condition}")


def _held_by_another(comparison: Comparison, table: str, identifier: str) -> str:
    """Whether a record of the snapshot with another key has this identifier."""
    return (
        f"EXISTS (SELECT 1 FROM {table} s "
        f"WHERE {comparison.identifier('s')} = {identifier} AND NOT ({_same_key(comparison, 's', 'x')}))"
    )


def _hand_over_groups(session: Session, comparison: Comparison, table: str) -> None:
    """Tell a record of the groups that its user is in by another one: it may have to leave them.

    A record that goes on to another user leaves its groups itself, unless it is refused.
    """
    groups = comparison.inheritable
    new, old = comparison.identifier("x", NEW), comparison.identifier("x", OLD)
    comes = f"(x.roo_operation IN ('create', 'update') AND (x.roo_dirty OR x.roo_departed OR {new} <> {old}))"
    if not groups or not session.one(f"SELECT count(*) FROM {CANDIDATES} x WHERE {comes}"):
        return
    quote, dialect = comparison.dialect.quote, comparison.dialect
    inherited = {quote(INHERITED + f.name): _had(dialect, f) for f in groups}
    values = ", ".join(f"{value} AS {name}" for name, value in inherited.items())
    held = comparison.identifier("s")
    there = (
        f"SELECT s.*, {held} AS identifier, EXISTS ({_moves_on(comparison)}) AS roo_moves_on FROM {table} s "
        f"WHERE {held} IN (SELECT {new} FROM {CANDIDATES} x WHERE {comes})"
    )
    session.run(
        f"UPDATE {CANDIDATES} AS x SET {', '.join(f'{name} = h.{name}' for name in inherited)} "
        f"FROM (SELECT identifier, {values} FROM ({there}) s GROUP BY 1) h "
        f"WHERE {comes} AND h.identifier = {new}"
    )


def _had(dialect: Dialect, group: Compared) -> str:
    """An aggregate over records of one user: the groups of this field that it is in.

    Whoever goes on to another user ends its subscriptions itself, so that they are no old news for the next.
    """
    column = f"s.{dialect.quote(group.name)}"
    if group.field.startswith(f"{GROUP_MARK}subscription:"):
        return f"any_value(CASE WHEN NOT s.roo_moves_on THEN {column} END)"
    return f"any_value({column})" if group.old_type == "BOOLEAN" else dialect.union(column)


def _moves_on(comparison: Comparison) -> str:
    """SELECT of the change by which a record `s` of the snapshot goes on to another user."""
    new, old = comparison.identifier("y", NEW), comparison.identifier("y", OLD)
    refused = (
        f"SELECT 1 FROM {DUPLICATES} d WHERE d.identifier = {new} AND d.roo_key <> {comparison.key_text('y')}"
    )
    return (
        f"SELECT 1 FROM {CANDIDATES} y WHERE y.roo_operation = 'update' AND NOT y.roo_shared "
        f"AND {_same_key(comparison, 's', 'y')} AND {new} <> {old} AND NOT EXISTS ({refused})"
    )


def _same_key(comparison: Comparison, left: str, right: str) -> str:
    quote, text = comparison.dialect.quote, comparison.dialect.text
    pairs = ((f"{left}.{quote(k.name)}", f"{right}.{quote(k.name)}") for k in comparison.keys)
    return " AND ".join(f"{text(one)} = {text(other)}" for one, other in pairs)
