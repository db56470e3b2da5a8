"""Rows that a failed dbt test lists stay out of the diff, on both sides: neither sent nor taken as gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from roo_dbt.diff.comparison import Comparison
from roo_dbt.records import Failure
from roo_dbt.warehouse import Session

WITHHELD = "roo_withheld"
"""Temporary table of the keys, as text, with the test that lists them."""
_KEYS = "roo_withheld_keys"


@dataclass(frozen=True, slots=True)
class FailingRows:
    """A table of rows that a test found, and how they are found in the model.

    `table` is quoted. `pairs`: a column of the model and the one of the table that has its values.
    """

    test: str
    table: str
    pairs: tuple[tuple[str, str], ...]


def withhold(session: Session, comparison: Comparison, tables: Sequence[FailingRows]) -> Comparison:
    """The same comparison without the rows that are in one of the tables."""
    quote, text = comparison.dialect.quote, comparison.dialect.text
    relation = comparison.destination.model.relation.quoted
    keys = ", ".join(
        f"{text(f'm.{quote(key.source)}')} AS {name}"
        for key, name in zip(comparison.keys, comparison.listed, strict=True)
    )
    found = []
    for each in tables:
        same = " AND ".join(
            f"{text(f'f.{quote(theirs)}')} = {text(f'm.{quote(ours)}')}" for ours, theirs in each.pairs
        )
        found.append(
            f"SELECT {keys}, {comparison.dialect.literal(each.test)} AS test FROM {relation} m "
            f"WHERE EXISTS (SELECT 1 FROM {each.table} f WHERE {same})"
        )
    names = ", ".join(comparison.listed)
    listed = f"SELECT {names}, min(test) AS test FROM ({' UNION ALL '.join(found)}) x GROUP BY {names}"
    session.run_all(comparison.dialect.create_temporary(WITHHELD, listed))
    return replace(comparison, withheld=comparison.dialect.temporary(WITHHELD))


def count_withheld(session: Session, comparison: Comparison) -> int:
    """How many rows of the model are held back."""
    if comparison.withheld is None:
        return 0
    rows = f"SELECT count(*) FROM ({comparison.current}) o WHERE NOT {comparison.is_offered('o')}"
    return int(session.one(rows))


def note_withheld(session: Session, comparison: Comparison) -> None:
    """Keep the keys of the rows that are held back as long as the session lives; the rows may go before."""
    if comparison.withheld is None:
        return
    key, rows = comparison.key_text("o"), comparison.current
    keys = f"SELECT {key} AS roo_key FROM ({rows}) o WHERE NOT {comparison.is_offered('o')}"
    session.run_all(comparison.dialect.create_temporary(_KEYS, keys))


def withheld_keys(comparison: Comparison) -> str | None:
    """SELECT of what `note_withheld` kept, the keys as people read them; None: nothing is held back."""
    if comparison.withheld is None:
        return None
    return f"SELECT roo_key FROM {comparison.dialect.temporary(_KEYS)}"


def read_withheld(session: Session, comparison: Comparison, limit: int) -> tuple[Failure, ...]:
    """The first of the rows that are held back, each with the test that lists it."""
    if comparison.withheld is None:
        return ()
    key = comparison.key_text("o")
    known = "false"
    if comparison.snapshot:
        known = f"EXISTS (SELECT 1 FROM {comparison.snapshot[0]} s WHERE {comparison.same_key('o', 's')})"
    rows = session.run(
        f"SELECT {key}, {known}, w.test FROM ({comparison.current}) o "
        f"JOIN {comparison.withheld} w ON {comparison.is_listed('o', 'w')} ORDER BY 1 LIMIT {limit}"
    )
    return tuple(
        Failure(
            key, "update" if known else "create", "invalid_value", f"held back: the dbt test {test} lists it"
        )
        for key, known, test in rows
    )
