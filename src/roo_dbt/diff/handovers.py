"""Identifiers that change hands: records that name a user whom another record named until now.

What is at the vendor then is not theirs, and what they do to it may meet what the other one does.
"""

from __future__ import annotations

from roo_dbt.diff.candidates import CANDIDATES
from roo_dbt.diff.comparison import Comparison
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.forms import NEW, OLD

_ARRIVES = "(x.roo_operation = 'create' OR (x.roo_operation = 'update' AND x.roo_departed))"


def mark_handovers(session: Session, comparison: Comparison) -> None:
    """Mark the candidates whose identifier another record has, or had, in the snapshot.

    `roo_dirty`: a record that comes to a user whom another one had sends every field. `roo_shared`: the
    identifier that it leaves is another one's, too. `roo_vacated`: the identifier that it comes to is left
    by another one in this run, or was refused to it as a `conflict` before.
    """
    if comparison.snapshot is None or not comparison.is_contestable or not comparison.has_old_identifier:
        return
    table, _ = comparison.snapshot
    new, old = comparison.identifier("x", NEW), comparison.identifier("x", OLD)
    _mark(session, "roo_dirty", _ARRIVES, _held_by_another(comparison, table, new))
    moves = f"x.roo_operation = 'update' AND {new} <> {old}"
    if session.one(f"SELECT count(*) FROM {CANDIDATES} x WHERE {moves}"):
        _mark(session, "roo_shared", moves, _held_by_another(comparison, table, old))
        before = comparison.identifier("y", OLD)
        left = f"y.roo_operation = 'update' AND {comparison.identifier('y', NEW)} <> {before}"
        left = f"EXISTS (SELECT 1 FROM {CANDIDATES} y WHERE {left} AND {before} = {new})"
        _mark(session, "roo_vacated", _ARRIVES, left)
    if comparison.unaccepted:
        name = comparison.dialect.literal(comparison.destination.name)
        refused = f"u.destination = {name} AND u.key = {comparison.key_text('x')} AND u.code = 'conflict'"
        _mark(
            session,
            "roo_vacated",
            _ARRIVES,
            f"EXISTS (SELECT 1 FROM {comparison.unaccepted} u WHERE {refused})",
        )
    _hand_over_groups(session, comparison, table)


def _mark(session: Session, mark: str, who: str, condition: str) -> None:
    session.run(f"UPDATE {CANDIDATES} AS x SET {mark} = true WHERE {who} AND {condition}")


def _held_by_another(comparison: Comparison, table: str, identifier: str) -> str:
    """Whether a record of the snapshot with another key has this identifier."""
    quote, text = comparison.dialect.quote, comparison.dialect.text
    same = " AND ".join(
        f"{text(f's.{quote(k.name)}')} = {text(f'x.{quote(k.name)}')}" for k in comparison.keys
    )
    return (
        f"EXISTS (SELECT 1 FROM {table} s WHERE {comparison.identifier('s')} = {identifier} AND NOT ({same}))"
    )


def _hand_over_groups(session: Session, comparison: Comparison, table: str) -> None:
    """A new record knows the groups of its user by the record that had it: it may have to leave them.

    Where that record goes on to another user, it leaves them itself.
    """
    groups = [f for f in comparison.fields if f.is_group and f.old_type is not None]
    if not groups:
        return
    quote = comparison.dialect.quote
    names = [(quote(f.name), quote(OLD + f.name)) for f in groups]
    values = ", ".join(f"any_value(s.{name}) AS {name}" for name, _ in names)
    had = f"SELECT {comparison.identifier('s')} AS identifier, {values} FROM {table} s"
    session.run(
        f"UPDATE {CANDIDATES} AS x SET {', '.join(f'{old} = h.{name}' for name, old in names)} "
        f"FROM ({had} GROUP BY 1) h WHERE x.roo_operation = 'create' AND x.roo_dirty "
        f"AND NOT x.roo_vacated AND h.identifier = {comparison.identifier('x', NEW)}"
    )
