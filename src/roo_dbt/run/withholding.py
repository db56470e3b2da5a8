"""Which rows failed dbt tests list, for destinations that hold those back and send the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roo_dbt.diff import FailingRows
from roo_dbt.errors import Blocked
from roo_dbt.records import Column, Destination, FailedTest
from roo_dbt.run.opening import Opened
from roo_dbt.warehouse import Session

_VALUES = {"unique": "unique_field", "accepted_values": "value_field", "relationships": "from_field"}
"""The column in which a generic test of dbt's own keeps the values that failed.

dbt-adapters 1.16, dbt/include/global_project/macros/generic_test_sql, read 2026-11-22.
"""


def may_withhold(opened: Opened, destination: Destination) -> bool:
    """The model is refused by tests alone, and the destination wants the rows that pass."""
    return destination.hold_back_failing_rows and destination.model.unique_id in opened.failed_tests


def failing_rows(opened: Opened, session: Session, destination: Destination) -> list[FailingRows]:
    """The tables of failing rows of a destination's model; none where it is not wanted.

    `session` is of the warehouse that has them.

    Raises:
        Blocked: a test keeps no rows, or rows that cannot be found in the model.
    """
    if not may_withhold(opened, destination):
        return []
    found: list[FailingRows] = []
    for test in opened.failed_tests[destination.model.unique_id]:
        columns = opened.source.columns(session, test.relation) if test.relation else None
        if test.relation is None or columns is None:
            reason = "keeps none of the rows it found"
            hint = "Set store_failures: true on the test, without a limit, and run dbt test again."
        elif pairs := _pairs(destination, test, columns, opened.columns[destination.name]):
            found.append(FailingRows(test.name, test.relation.quoted, pairs))
            continue
        else:
            reason = f"keeps rows without the key ({', '.join(destination.key)})"
            hint = "Let the test select the key, too, or leave hold_back_failing_rows out."
        if destination.on_failed_model != "warn":
            raise Blocked(
                f"its test {test.name} failed in dbt and {reason}, so they cannot be held back.",
                where=destination.model.name,
                hint=hint,
            )
    return found


def _pairs(
    destination: Destination, test: FailedTest, columns: Sequence[Column], model: Mapping[str, Column]
) -> tuple[tuple[str, str], ...]:
    """By the key where the table has it, else by the value that failed."""
    there = {column.name.lower(): column.name for column in columns}
    if all(name.lower() in there for name in destination.key):
        return tuple((name, there[name.lower()]) for name in destination.key)
    values = there.get(_VALUES.get(test.kind or "", ""))
    tested = next((name for name in model if name.lower() == (test.column or "").lower()), None)
    return ((tested, values),) if values and tested else ()
