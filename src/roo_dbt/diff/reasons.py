"""Why changes are not sent, or known to be refused, as the warehouse knows it, counted by reason."""

from __future__ import annotations

from roo_dbt.diff.comparison import Comparison
from roo_dbt.records import Reason
from roo_dbt.warehouse import Session

_EXAMPLES = 20
"""Reasons read at most, the most frequent first; a run has a handful."""


def reasons(session: Session, comparison: Comparison, total: int) -> list[Reason]:
    """What keeps records back: old refusals, and verdicts on the first `total` changes.

    The message is one of those that were given; another record's may name another key.
    """
    changes = comparison.changes
    rows = session.run(
        "SELECT roo_status, coalesce(roo_code, ''), count(*), min(roo_message) "
        f"FROM {changes} WHERE roo_status IS NOT NULL AND NOT roo_held AND roo_seq <= {total} "
        f"GROUP BY roo_status, coalesce(roo_code, '') ORDER BY count(*) DESC, 1, 2 LIMIT {_EXAMPLES}"
    )
    if comparison.unaccepted:
        rows += session.run(
            f"SELECT 'held', u.code, count(*), min(u.message) FROM {changes} c "
            f"JOIN {comparison.unaccepted} u ON u.key = c.roo_key AND u.destination = ? "
            f"WHERE c.roo_held GROUP BY u.code ORDER BY count(*) DESC, 2 LIMIT {_EXAMPLES}",
            [comparison.destination.name],
        )
    return [
        Reason(str(outcome), str(code), int(count), str(said or "")) for outcome, code, count, said in rows
    ]
