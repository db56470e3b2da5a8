"""Outcomes on their way to the warehouse: ranges of the sequence, and the exceptions between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any, TypeVar

from roo_dbt.records import Outcome, Trace
from roo_dbt.warehouse import Layout, Session

_ROWS_PER_STATEMENT = 500
_Said = TypeVar("_Said")


def acknowledge(
    session: Session,
    layout: Layout,
    destination: str,
    run_id: str,
    outcomes: Iterable[tuple[int, Outcome]],
) -> None:
    """Write outcomes by sequence number, neighbours with the same outcome as one row."""
    rows = [
        (first, last, outcome.status, outcome.code, outcome.message, outcome.permanent)
        for first, last, outcome in ranges(outcomes)
    ]
    _write(session, layout, destination, run_id, rows)


def _write(
    session: Session, layout: Layout, destination: str, run_id: str, rows: Sequence[tuple[Any, ...]]
) -> None:
    for start in range(0, len(rows), _ROWS_PER_STATEMENT):
        part = rows[start : start + _ROWS_PER_STATEMENT]
        values = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?)"] * len(part))
        parameters = [value for row in part for value in (destination, run_id, *row)]
        session.run(f"INSERT INTO {layout.acknowledged} VALUES {values}", parameters)


def ranges(outcomes: Iterable[tuple[int, _Said]]) -> Sequence[tuple[int, int, _Said]]:
    """What was said of each sequence number, sorted, with neighbours of whom the same was said joined.

    >>> from roo_dbt.records import ACCEPTED
    >>> [(first, last) for first, last, _ in ranges([(3, ACCEPTED), (1, ACCEPTED), (2, ACCEPTED)])]
    [(1, 3)]
    """
    joined: list[tuple[int, int, _Said]] = []
    first, last, said = 0, 0, None
    for seq, outcome in sorted(outcomes, key=itemgetter(0)):
        # Nearly all have the one outcome of what is accepted.
        if said is not None and seq == last + 1 and (outcome is said or outcome == said):
            last = seq
            continue
        if said is not None:
            joined.append((first, last, said))
        first, last, said = seq, seq, outcome
    if said is not None:
        joined.append((first, last, said))
    return joined


def note_traces(
    session: Session, layout: Layout, destination: str, run_id: str, traces: Sequence[tuple[int, Trace]]
) -> None:
    """Write down which changes have left something at the vendor, or may have, before they are accepted.

    Whatever ends the run, the commit then knows that the snapshot does not say what is there.
    """
    kinds = sorted({trace for _, trace in traces})
    rows = [
        (first, last, kind, None, None, False)
        for kind in kinds
        for first, last, _ in ranges([(seq, trace) for seq, trace in traces if trace == kind])
    ]
    _write(session, layout, destination, run_id, rows)


def mark_sending(
    session: Session,
    layout: Layout,
    destination: str,
    run_id: str,
    sequence: tuple[int, int],
    *,
    repeatable: bool,
) -> None:
    """Note that changes are about to leave. A crash makes those `unknown` that are not `repeatable`.

    Of the others it makes traces: the next run sends them again, whatever their rows are by then.
    """
    status = "leaving" if repeatable else "sending"
    _write(session, layout, destination, run_id, [(*sequence, status, None, None, not repeatable)])
