"""A key is never null and never twice, or nothing of the destination is sent."""

from __future__ import annotations

from roo_dbt.diff.candidates import CANDIDATES
from roo_dbt.diff.comparison import Comparison
from roo_dbt.errors import Blocked
from roo_dbt.warehouse import Session

_SAMPLES = 5


def count_rows(session: Session, comparison: Comparison) -> int:
    """Count the model's records, with one pass over the key columns.

    Raises:
        Blocked: for null keys, with their number.
    """
    quote = comparison.dialect.quote
    missing = " OR ".join(f"c.{quote(key.name)} IS NULL" for key in comparison.keys)
    rows, nulls = session.run(
        f"SELECT count(*), {comparison.dialect.count(missing)} FROM ({comparison.offered}) c"
    )[0]
    if nulls:
        raise Blocked(
            f"{nulls:,} of {rows:,} rows have no key ({_columns(comparison)} is null).",
            where=comparison.destination.model.name,
            hint="Add a not_null test to the key, or leave those rows out with where.",
        )
    return int(rows)


def count_remembered(session: Session, comparison: Comparison) -> tuple[int, int]:
    """How many records the snapshot is sure of, and how many of them had not left, in one pass."""
    if comparison.snapshot is None:
        return 0, 0
    counts = [comparison.dialect.count(one) for one in ("roo_departed IS NOT NULL", "NOT roo_departed")]
    records, there = session.run(f"SELECT {', '.join(counts)} FROM {comparison.remembered} s")[0]
    return int(records), int(there)


def check_unique(session: Session, comparison: Comparison, rows: int, remembered: tuple[int, int]) -> None:
    """Refuse keys that appear twice among the model's `rows` records; to be called with the candidates there.

    Counting the groups of ten million keys takes as long as a scan of both tables. The join has done
    that work: keys of the snapshot are unique, so where as many records found one as were found, and no
    key is twice among the new ones, no key is twice. `remembered` is as `count_remembered` says.

    Raises:
        Blocked: for duplicate keys, with their number and a few of them.
    """
    if comparison.snapshot is None or comparison.once or not comparison.same_key_types:
        _refuse_repeated(session, comparison, f"({comparison.offered})")
        return
    dialect = comparison.dialect
    table = dialect.temporary(CANDIDATES)
    created = f"(SELECT * FROM {table} WHERE roo_operation = 'create')"
    keys = ", ".join(dialect.quote(key.name) for key in comparison.keys)
    back = f"SELECT DISTINCT {keys} FROM {table} WHERE roo_operation = 'update' AND roo_departed"
    counts = [dialect.count(f"roo_operation IN ({names})") for names in ("'create'", "'delete', 'depart'")]
    new, left = session.run(f"SELECT {', '.join(counts)} FROM {table}")[0]
    records, active = remembered
    # Who left and stays there is a candidate in `sync` mode alone.
    if comparison.destination.sync_mode == "sync" and not comparison.clears:
        # Those of whom nobody knows whether they are at the vendor are among the new ones.
        found = records - left
    else:
        found = active - left + session.one(f"SELECT count(*) FROM ({back}) b")
    if rows - new != found:
        _refuse_repeated(session, comparison, f"({comparison.offered})")
    _refuse_repeated(session, comparison, created)


def _refuse_repeated(session: Session, comparison: Comparison, records: str) -> None:
    keys = ", ".join(f"c.{comparison.dialect.quote(key.name)}" for key in comparison.keys)
    repeated = session.run(
        f"SELECT {comparison.key_text('c')}, count(*), count(*) OVER () FROM {records} c "
        f"GROUP BY {keys} HAVING count(*) > 1 ORDER BY {keys} LIMIT {_SAMPLES}"
    )
    if repeated:
        samples = ", ".join(f"{key} ({count}×)" for key, count, _ in repeated)
        raise Blocked(
            f"{repeated[0][2]:,} keys appear more than once ({_columns(comparison)}): {samples}"
            f"{', …' if repeated[0][2] > len(repeated) else ''}.",
            where=comparison.destination.model.name,
            hint="Add a unique test to the key, or name all the columns that make a row unique.",
        )


def _columns(comparison: Comparison) -> str:
    return ", ".join(key.source for key in comparison.keys)
