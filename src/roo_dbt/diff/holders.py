"""Users who leave a destination: who else has them, and which of their groups are ours alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from roo_dbt.diff.candidates import candidate_table
from roo_dbt.diff.comparison import ComparedField, Comparison, Holder
from roo_dbt.errors import Blocked
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.forms import NEW, OLD
from roo_dbt.warehouse.statement import RefusedStatement

HOLDERS = "roo_holders"
"""Temporary table of the identifiers that leave and that somebody else has, with a sentence that says who."""

LEAVES = "x.roo_operation IN ('delete', 'depart')"
"""SQL that tells whether a candidate `x` leaves."""


@dataclass(frozen=True, slots=True)
class Held:
    """Who has the users that leave, as SQL over a candidate `x` and a row `h` of `table`.

    `is_its_user` joins them. `stays`: nothing is done about it, because somebody else has the user.
    """

    table: str
    is_its_user: str
    stays: str


def find_holders(session: Session, comparison: Comparison) -> Held | None:
    """Find who else has the users that leave; None when nobody leaves, or no user is removed.

    A user who stays with another destination leaves the groups that are ours alone: its removal becomes that.
    Consent is left alone.

    Raises:
        Blocked: the warehouse cannot say whom another destination has.
    """
    removes = comparison.destination.sync_mode == "sync" or comparison.departs
    if not removes or not comparison.has_old_identifier:
        return None
    if not session.one(f"SELECT count(*) FROM {candidate_table(comparison)} x WHERE {LEAVES}"):
        return None
    groups, others = [f for f in comparison.fields if f.is_left], comparison.holders()
    _note_holders(session, comparison, groups, others)
    same = f"{comparison.identifier('x', OLD)} = h.identifier"
    quote = comparison.dialect.quote
    left = [
        f"(x.{quote(OLD + f.name)} IS NOT NULL AND h.{flag} = 0)"
        for f, flag in zip(groups, _flags(groups), strict=True)
    ]
    stays = "h.holder IS NOT NULL"
    if left:
        leaves_some = f"({' OR '.join(left)})"
        stays += f" AND NOT (x.roo_operation = 'depart' AND {leaves_some})"
        if others:
            _leave_groups(session, comparison, groups, f"{leaves_some} AND {same}")
    return Held(comparison.dialect.temporary(HOLDERS), f"{LEAVES} AND {same}", stays)


def _note_holders(
    session: Session, comparison: Comparison, groups: Sequence[ComparedField], others: Sequence[Holder]
) -> None:
    """Make the table of the holders, with a flag for each group that one of them may fill."""
    dialect, old = comparison.dialect, comparison.identifier("x", OLD)
    leaving = f"SELECT {old} AS identifier FROM {candidate_table(comparison)} x WHERE {LEAVES}"
    said = f"'record ' || {comparison.key_text('c')} || ' still has the same identifier' AS holder"
    records = f"SELECT {comparison.identifier('c')} AS identifier, {said} FROM ({comparison.current}) c"
    sources = [_with_flags(records, groups, {f.field for f in groups})]
    for other in others:
        who = dialect.literal(_sentence(other))
        rows = f"SELECT u.identifier, {who} AS holder FROM ({other.users or leaving}) u"
        sources.append(_with_flags(rows, groups, other.shared))
    flags = "".join(f", max({flag}) AS {flag}" for flag in _flags(groups))
    holders = (
        f"SELECT identifier, min(holder) AS holder{flags} FROM ({' UNION ALL '.join(sources)}) o "
        f"WHERE identifier IN ({leaving}) GROUP BY identifier"
    )
    try:
        session.run_all(dialect.create_temporary(HOLDERS, holders))
    except RefusedStatement as error:
        if not others:
            raise
        names = ", ".join(dict.fromkeys(other.destination for other in others))
        raise Blocked(
            f"the warehouse cannot say which of the users that leave {names} has, too: {error.message}",
            where=comparison.destination.name,
            hint=f"Mend the model of {names}, or set enabled: false there.",
        ) from None


def _sentence(other: Holder) -> str:
    if other.users is None:
        return f"destination {other.destination} may have the same identifier, and its model cannot be read"
    return f"destination {other.destination} still has the same identifier"


def _flags(groups: Sequence[ComparedField]) -> list[str]:
    return [f"shared_{number}" for number in range(1, len(groups) + 1)]


def _with_flags(rows: str, groups: Sequence[ComparedField], shared: Collection[str]) -> str:
    """The rows with 1 for every group that their holder may fill, and 0 for the others."""
    flags = [f"{int(f.field in shared)} AS {flag}" for f, flag in zip(groups, _flags(groups), strict=True)]
    return f"SELECT {', '.join(['r.identifier', 'r.holder', *flags])} FROM ({rows}) r"


def _leave_groups(
    session: Session, comparison: Comparison, groups: Sequence[ComparedField], condition: str
) -> None:
    """Make of a removal a change that leaves the groups that nobody else may fill, and nothing else.

    `condition`: SQL that tells whether a candidate `x` is the user of a holder `h`, and in such a group.
    """
    dialect, quote = comparison.dialect, comparison.dialect.quote
    sets = {quote(NEW + f.name): f.kept(dialect, f"x.{quote(OLD + f.name)}") for f in comparison.fields}
    for f, flag in zip(groups, _flags(groups), strict=True):
        column = quote(NEW + f.name)
        sets[column] = f"CASE WHEN h.{flag} = 1 THEN {sets[column]} END"
    sets["roo_operation"] = "'depart'"
    holders = f"{dialect.temporary(HOLDERS)} h"
    where = f"{LEAVES} AND {condition}"
    session.run(dialect.update(candidate_table(comparison), "x", sets, where, source=holders))
