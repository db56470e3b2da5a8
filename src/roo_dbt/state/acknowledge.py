"""Outcomes on their way to the warehouse: ranges of the sequence, and the exceptions between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from roo_dbt.records import Outcome
from roo_dbt.warehouse import Layout, Session

_ROWS_PER_STATEMENT = 500


def acknowledge(
    session: Session,
    layout: Layout,
    destination: str,
    run_id: str,
    outcomes: Iterable[tuple[int, Outcome]],
) -> None:
    """Write outcomes by sequence number, neighbours with the same outcome as one row."""
    rows = ranges(outcomes)
    for start in range(0, len(rows), _ROWS_PER_STATEMENT):
        part = rows[start : start + _ROWS_PER_STATEMENT]
        values = ", ".join(["(?, ?, ?, ?, ?, ?, ?, ?)"] * len(part))
        parameters = [
            value
            for first, last, outcome in part
            for value in (
                destination,
                run_id,
                first,
                last,
                outcome.status,
                outcome.code,
                outcome.message,
                outcome.permanent,
            )
        ]
        session.run(f"INSERT INTO {layout.acknowledged} VALUES {values}", parameters)


def ranges(outcomes: Iterable[tuple[int, Outcome]]) -> Sequence[tuple[int, int, Outcome]]:
    """Outcomes sorted by sequence, with neighbours of the same outcome joined.

    >>> from roo_dbt.records import ACCEPTED
    >>> [(first, last) for first, last, _ in ranges([(3, ACCEPTED), (1, ACCEPTED), (2, ACCEPTED)])]
    [(1, 3)]
    """
    joined: list[tuple[int, int, Outcome]] = []
    for seq, outcome in sorted(outcomes, key=lambda pair: pair[0]):
        if joined and joined[-1][1] == seq - 1 and joined[-1][2] == outcome:
            joined[-1] = (joined[-1][0], seq, outcome)
        else:
            joined.append((seq, seq, outcome))
    return joined


def mark_sending(
    session: Session, layout: Layout, destination: str, run_id: str, sequence: tuple[int, int]
) -> None:
    """Note that changes are about to leave which must not go twice: a crash makes them `unknown`."""
    session.run(
        f"INSERT INTO {layout.acknowledged} VALUES (?, ?, ?, ?, 'sending', NULL, NULL, true)",
        [destination, run_id, *sequence],
    )
