"""In large tables: whose records may differ, found by hashes before any value is compared.

A full join holds the columns of a table in memory, or writes them to the disk. Hashes are 8 bytes a record,
and the values of the few that differ are read afterwards. On DuckDB, ten million rows with 1 % changed then
take 0.7 of the time where memory is plenty, and a quarter under a limit of 1 GB (measured 2026-11-22).
"""

from __future__ import annotations

from roo_dbt.diff.comparison import Comparison
from roo_dbt.warehouse import Session

SUSPECTS = "roo_suspects"
"""Temporary table of the keys of the records that may differ."""

LEAST_ROWS = 1_000_000
"""Below, a full join takes no longer and little memory."""


def find_suspects(session: Session, comparison: Comparison, rows: int, *, contested: bool) -> bool:
    """Write down whose records may differ; False, and nothing is, where all are to be compared at once.

    Every record that differs is among them, but for one in 2^64 whose hashes happen to be equal. Which of
    them do differ is for whoever compares their values.

    Args:
        session: has the temporary table afterwards.
        comparison: what is compared with what.
        rows: of the model.
        contested: some records share an identifier, so that records are due which did not change.
    """
    if rows < LEAST_ROWS or contested or not _is_alike(comparison):
        return False
    dialect = comparison.dialect
    hashed = dialect.hashed([(f"o.{dialect.quote(f.name)}", f.type) for f in comparison.fields])
    if not hashed:
        return False
    keys = [dialect.quote(key.name) for key in comparison.keys]
    listed = ", ".join(keys)
    same = " AND ".join(f"c.{key} = s.{key}" for key in keys)
    either = ", ".join(f"coalesce(c.{key}, s.{key}) AS {key}" for key in keys)
    marked = "o.roo_departed IS NULL OR o.roo_departed OR o.roo_dirty OR o.roo_whole AS roo_marked"
    session.run_all(
        dialect.create_temporary(
            SUSPECTS,
            f"SELECT {either} "
            f"FROM (SELECT {listed}, {hashed} AS roo_hash FROM ({comparison.offered}) o) c "
            f"FULL JOIN (SELECT {listed}, {hashed} AS roo_hash, {marked} "
            f"FROM {comparison.remembered} o) s ON {same} "
            "WHERE c.roo_hash IS NULL OR s.roo_hash IS NULL OR c.roo_hash <> s.roo_hash OR s.roo_marked",
        )
    )
    return True


def _is_alike(comparison: Comparison) -> bool:
    """Whether equal values are all it takes for a record not to be due, and look alike on both sides."""
    return (
        comparison.snapshot is not None
        and not comparison.once
        and not comparison.full_refresh
        and comparison.resend_after_days is None
        and comparison.same_key_types
        # A view would be worked out twice.
        and not comparison.is_view
        and all(f.new_type is not None and f.new_type == f.old_type for f in comparison.fields)
    )


def suspected(comparison: Comparison, rows: str) -> str:
    """SELECT of those of some rows that are suspects; `rows` is a SELECT or a table."""
    dialect = comparison.dialect
    keys = (dialect.quote(key.name) for key in comparison.keys)
    same = " AND ".join(f"k.{key} = o.{key}" for key in keys)
    return f"SELECT * FROM {rows} o WHERE EXISTS (SELECT 1 FROM {dialect.temporary(SUSPECTS)} k WHERE {same})"
