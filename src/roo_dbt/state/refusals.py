"""Records that were not accepted: remembered with their attempts and reason, and forgotten in time."""

from __future__ import annotations

from roo_dbt.warehouse import Dialect, Layout, Session, Shape
from roo_dbt.warehouse.forms import fingerprint, known_operation

_FAILED = "roo_failed"


def keep_unaccepted(
    session: Session,
    dialect: Dialect,
    *,
    destination: str,
    changes: str,
    answered: str,
    shape: Shape,
    table: str,
) -> None:
    """Remember the failures of a run, and forget what it had to say something else about.

    Args:
        session: in the transaction of the commit.
        dialect: of its SQL.
        destination: whose run.
        changes: the table of the changes.
        answered: the outcomes, by `roo_seq`.
        shape: the columns of the changes.
        table: of the records that were not accepted.
    """
    # An absence, or an unsure answer, remembered from earlier was not asked again: it keeps its date.
    fresh = "coalesce(c.roo_code, '') NOT IN ('absent', 'ambiguous')"
    now, failed = dialect.now(), dialect.temporary(_FAILED)
    select = (
        f"SELECT c.roo_key, {known_operation('c')} AS operation, a.status, "
        f"a.code, a.message, coalesce(u.attempts, 0) + 1 AS attempts, "
        f"coalesce(u.first_at, {now}) AS first_at, "
        f"a.permanent, {fingerprint(dialect, shape)} AS fingerprint "
        f"FROM {changes} c JOIN {answered} a ON a.roo_seq = c.roo_seq "
        f"LEFT JOIN {table} u ON u.destination = {dialect.literal(destination)} AND u.key = c.roo_key "
        f"WHERE {fresh} AND (a.status IN ('failed', 'unknown') OR a.code = 'absent')"
    )
    session.run_all(dialect.create_temporary(_FAILED, select))
    target, old = dialect.deleted(table, "u")
    session.run(
        f"DELETE FROM {target} WHERE {old}.destination = ? AND EXISTS (SELECT 1 FROM {changes} c "
        f"JOIN {answered} a ON a.roo_seq = c.roo_seq WHERE c.roo_key = {old}.key AND {fresh})",
        [destination],
    )
    session.run(
        f"INSERT INTO {table} SELECT ?, roo_key, operation, status, code, message, attempts, first_at, "
        f"{now}, permanent, fingerprint FROM {failed}",
        [destination],
    )


def forget_settled(
    session: Session, layout: Layout, destination: str, changes: str, withheld: str | None
) -> None:
    """Forget the refusals of records that are no change any more: as the vendor has them, or gone.

    Args:
        session: of the diff.
        layout: where the state tables are.
        destination: whose records.
        changes: the table of the changes.
        withheld: SELECT of the keys that are held back, and so are no changes either; None: there are none.
    """
    target, old = session.dialect.deleted(layout.unaccepted, "u")
    kept = f" AND {old}.key NOT IN ({withheld})" if withheld else ""
    # Whether an unsure event arrived stays unknown after its row left: it must not go again if it returns.
    session.run(
        f"DELETE FROM {target} WHERE {old}.destination = ? "
        f"AND NOT EXISTS (SELECT 1 FROM {changes} c WHERE c.roo_key = {old}.key) "
        f"AND NOT ({old}.status = 'unknown' AND {old}.permanent){kept}",
        [destination],
    )
