"""A key is never null and never twice, or nothing of the destination is sent."""

from __future__ import annotations

from roo_dbt.diff.comparison import Comparison
from roo_dbt.errors import Blocked
from roo_dbt.warehouse import Session

_SAMPLES = 5


def check_keys(session: Session, comparison: Comparison) -> int:
    """Count the model's records, with one pass over the key columns.

    Raises:
        Blocked: for null or duplicate keys, with their number and a few of them.
    """
    quote = comparison.dialect.quote
    keys = [f"c.{quote(key.name)}" for key in comparison.keys]
    missing = " OR ".join(f"{key} IS NULL" for key in keys)
    rows, nulls = session.run(
        f"SELECT count(*), count(*) FILTER (WHERE {missing}) FROM ({comparison.current}) c"
    )[0]
    columns = ", ".join(key.source for key in comparison.keys)
    where = comparison.destination.model.name
    if nulls:
        raise Blocked(
            f"{nulls:,} of {rows:,} rows have no key ({columns} is null).",
            where=where,
            hint="Add a not_null test to the key, or leave those rows out with where.",
        )
    group = ", ".join(keys)
    repeated = session.run(
        f"SELECT {comparison.key_text('c')}, count(*), count(*) OVER () FROM ({comparison.current}) c "
        f"GROUP BY {group} HAVING count(*) > 1 ORDER BY {group} LIMIT {_SAMPLES}"
    )
    if repeated:
        samples = ", ".join(f"{key} ({count}×)" for key, count, _ in repeated)
        raise Blocked(
            f"{repeated[0][2]:,} keys appear more than once ({columns}): {samples}"
            f"{', …' if repeated[0][2] > len(repeated) else ''}.",
            where=where,
            hint="Add a unique test to the key, or name all the columns that make a row unique.",
        )
    return int(rows)
