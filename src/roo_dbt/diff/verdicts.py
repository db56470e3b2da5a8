"""What is known before anything is sent: identifiers that are taken, modes that forbid, old refusals."""

from __future__ import annotations

from dataclasses import dataclass, field

from roo_dbt.diff.candidates import CANDIDATES, DUPLICATES, candidate_table
from roo_dbt.diff.comparison import Comparison
from roo_dbt.diff.holders import HOLDERS, LEAVES, find_holders
from roo_dbt.warehouse import Dialect, Session
from roo_dbt.warehouse.dialect import DAY
from roo_dbt.warehouse.forms import NEW, fingerprint, known_operation

TEMPORARY = (CANDIDATES, DUPLICATES, HOLDERS)


@dataclass
class Verdicts:
    """The joins and cases that turn candidates into numbered changes."""

    dialect: Dialect
    joins: list[str] = field(default_factory=list)
    cases: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Condition, status, code, and SQL of the message, the first that holds wins."""
    held: str = "false"
    waiting: str = "false"

    def column(self, name: str, position: int) -> str:
        """One column of the verdict: its status (1), code (2) or message (3)."""
        if not self.cases:
            return f"CAST(NULL AS {self.dialect.type('text')}) AS {name}"
        whens = " ".join(
            f"WHEN {case[0]} THEN {case[3] if position == 3 else self.dialect.literal(case[position])}"
            for case in self.cases
        )
        return f"CASE {whens} END AS {name}"


def numbered(session: Session, comparison: Comparison, *, contested: bool) -> str:
    """SQL of the changes: candidates with verdicts, in the order they go; what is held comes last."""
    verdicts = Verdicts(comparison.dialect)
    _forbid(comparison, verdicts)
    _keep_held_identifiers(session, comparison, verdicts)
    duplicate = _refuse_duplicates(comparison, verdicts, contested=contested)
    _remember(comparison, verdicts, duplicate)
    columns = ", ".join(
        verdicts.column(name, position)
        for position, name in enumerate(("roo_status", "roo_code", "roo_message"), start=1)
    )
    order = _order(comparison)
    return (
        f"SELECT row_number() OVER ({order}) AS roo_seq, z.* FROM ("
        f"SELECT x.*, x.roo_departed AND x.roo_operation = 'update' AS roo_returned, {columns}, "
        f"coalesce({verdicts.held}, false) AS roo_held "
        f"FROM (SELECT y.*, {comparison.key_text('y')} AS roo_key FROM {candidate_table(comparison)} y) x "
        f"{' '.join(verdicts.joins)} WHERE NOT {verdicts.waiting}) z {order}"
    )


def _order(comparison: Comparison) -> str:
    """What is held comes last, removals before it, events in the order of their time.

    Who gets another identifier comes first, new records come after changed ones: they may get an identifier
    that a rename sets free.
    """
    ranks = []
    if comparison.snapshot or comparison.unaccepted:
        ranks = [
            "roo_held",
            "roo_operation IN ('delete', 'depart')",
            "NOT roo_moved",
            "roo_operation = 'create'",
        ]
    ordered = next((f.name for f in comparison.fields if f.field == comparison.order), None)
    if ordered is not None:
        ranks.append(comparison.dialect.quote(NEW + ordered))
    return f"ORDER BY {', '.join(ranks)}" if ranks else comparison.dialect.unordered


def _forbid(comparison: Comparison, verdicts: Verdicts) -> None:
    mode = comparison.destination.sync_mode
    if mode not in (None, "sync"):
        message = verdicts.dialect.literal(f"{mode} mode keeps users that left the model")
        verdicts.cases.append(("x.roo_operation = 'delete'", "skipped", "mode", message))


def find_duplicates(session: Session, comparison: Comparison) -> bool:
    """Note the identifiers that several records share; whether there are any."""
    if not comparison.is_contestable:
        return False
    dialect = comparison.dialect
    keys = [f"c.{dialect.quote(k.name)}" for k in comparison.keys]
    rows = f"SELECT r.*, {comparison.identifier('r')} AS identifier FROM ({comparison.current}) r"
    shared = dialect.shared(rows, comparison.key_text("c"), keys)
    session.run_all(dialect.create_temporary(DUPLICATES, shared))
    return bool(session.one(f"SELECT count(*) FROM {dialect.temporary(DUPLICATES)}"))


def _refuse_duplicates(comparison: Comparison, verdicts: Verdicts, *, contested: bool) -> str:
    """Of the records that share an identifier the lowest key goes. Returns the condition."""
    if not contested:
        return "false"
    verdicts.joins.append(
        f"LEFT JOIN {verdicts.dialect.temporary(DUPLICATES)} d ON x.roo_operation IN ('create', 'update') "
        f"AND {comparison.identifier('x', NEW)} = d.identifier AND x.roo_key <> d.roo_key"
    )
    message = "'record ' || d.roo_key || ' has the same identifier and the lower key, so it goes instead'"
    condition = "d.identifier IS NOT NULL"
    verdicts.cases.append((condition, "failed", "duplicate_identifier", message))
    return condition


def _keep_held_identifiers(session: Session, comparison: Comparison, verdicts: Verdicts) -> None:
    """A user is not removed while another record, or another destination, still has its identifier."""
    found = find_holders(session, comparison)
    if found is None:
        return
    verdicts.joins.append(f"LEFT JOIN {found.table} h ON {found.is_its_user}")
    verdicts.cases.append((found.stays, "skipped", "conflict", "'not removed: ' || h.holder"))
    verdicts.waiting = f"({LEAVES} AND x.roo_departed AND {found.stays})"


def _remember(comparison: Comparison, verdicts: Verdicts, duplicate: str) -> None:
    """Refusals and absences found earlier, of records that have not changed since."""
    if not comparison.unaccepted or comparison.full_refresh:
        return
    recheck, fresh = comparison.recheck_days, ""
    if recheck is not None:
        fresh = f" AND (u.status <> 'skipped' OR u.last_at > {verdicts.dialect.ago(recheck * DAY)})"
    if comparison.destination.on_unknown == "resend":
        fresh += " AND u.status <> 'unknown'"
    digest = fingerprint(comparison.dialect, comparison.shape)
    mine = verdicts.dialect.literal(comparison.destination.name)
    verdicts.joins.append(
        f"LEFT JOIN {comparison.unaccepted} u ON u.destination = {mine} "
        "AND u.key = x.roo_key AND u.permanent "
        f"AND u.operation = {known_operation('x')} "
        f"AND (u.status = 'unknown' OR u.fingerprint = {digest}){fresh}"
    )
    verdicts.cases.append(("u.status = 'skipped'", "skipped", "absent", "u.message"))
    # Nobody knows whether it arrived, so it does not go again unasked, whatever became of the row.
    verdicts.cases.append(("u.status = 'unknown'", "unknown", "ambiguous", "u.message"))
    # A duplicate is due as soon as the other record lets go, although it did not change itself.
    verdicts.held = f"(u.status = 'failed' AND (u.code <> 'duplicate_identifier' OR {duplicate}))"
