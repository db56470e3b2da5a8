"""What a run would cost at a vendor that bills by data points, and the limit that the project sets."""

from __future__ import annotations

from roo_dbt.destinations.protocol import Object
from roo_dbt.destinations.supervision import Asked
from roo_dbt.diff import Comparison, Frozen, read_page
from roo_dbt.run.paging import page_ranges
from roo_dbt.warehouse import Session


def too_expensive(session: Session, comparison: Comparison, frozen: Frozen, obj: Object) -> list[str]:
    """The guard of `max_data_points`: every change is looked at, but only where there is a limit."""
    with Asked(type(obj.app).type, "spending_limit"):
        limit = obj.spending_limit
    if limit is None:
        return []
    points = 0
    for after, size in page_ranges(frozen.total):
        page = read_page(session, comparison, after, size)
        with Asked(type(obj.app).type, "points"):
            points += sum(obj.points(change) for change in page if change.verdict is None)
    if points <= limit:
        return []
    cost = f"it would spend {points:,} data points, and max_data_points allows {limit:,}."
    return [f"{cost} Raise the limit, or send a part with --limit."]
