"""What we claim against what the vendor has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.run.shop import Shop

from roo_dbt.records import DestinationPlan, DestinationResult

MODEL = (
    "SELECT i AS id, 'u' || i || '@example.com' AS email, 'Oslo' AS city, i::DOUBLE AS ltv, "
    "TIMESTAMP '2026-11-01 12:00:00' AS at FROM range(1, {}) r(i)"
)


def declare(shop: Shop, kind: str, records: int, **settings: Any) -> None:
    """A model of so many records, and one destination of the kind of `matrix.KINDS`."""
    shop.customers(MODEL.format(records + 1))
    if kind == "braze users":
        shop.braze(**settings)
    elif kind == "iterable users":
        shop.iterable(**settings)
    else:
        events(shop, **settings)


def events(shop: Shop, **settings: Any) -> None:
    """An event for every record."""
    mapping = {
        "external_id": "id",
        "name": {"value": "Order Placed"},
        "time": "at",
        "properties.city": "city",
    }
    shop.braze(
        None,  # type: ignore[arg-type]
        name="braze_orders",
        object="events",
        first_sync="send",
        mapping=mapping,
        **settings,
    )


@dataclass(frozen=True)
class Ledger:
    """Records by key: what the state tables say, and what the vendor has."""

    accepted: set[str]
    failed: set[str]
    unknown: set[str]
    skipped: set[str]
    waiting: set[str]
    snapshot: set[str]
    vendor: list[str]
    model: set[str]


def read(shop: Shop, run_id: str | None = None) -> Ledger:
    """The ledger of the last run and what arrived, of a project with one destination."""
    (name,) = (destination["name"] for destination in shop.destinations)
    outcomes: dict[str, set[str]] = {"accepted": set(), "failed": set(), "unknown": set(), "skipped": set()}
    where = f"destination = '{name}'" + (f" AND run_id = '{run_id}'" if run_id else "")
    for key, outcome in shop.sql(f"SELECT key, outcome FROM main_roo.roo_outcomes WHERE {where}"):
        assert not any(key in keys for keys in outcomes.values()), "two outcomes for one change"
        outcomes[outcome].add(key)
    waiting = shop.sql(f"SELECT key FROM main_roo.roo_unaccepted WHERE destination = '{name}'")
    known = shop.sql(
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'main_roo' "
        f"AND table_name = 'snapshot__{name}'"
    )
    # A row that is neither there nor departed is of somebody who may have arrived.
    confirmed = f"SELECT key__id FROM main_roo.snapshot__{name} WHERE roo_departed IS NOT NULL"
    snapshot = shop.sql(confirmed) if known[0][0] else []
    return Ledger(
        **outcomes,
        waiting={row[0] for row in waiting},
        snapshot={str(row[0]) for row in snapshot},
        vendor=arrived(shop, name),
        model={str(row[0]) for row in shop.sql("SELECT id FROM customers")},
    )


def arrived(shop: Shop, name: str) -> list[str]:
    """The keys that the vendor has, an event once for every time it was taken."""
    if name == "iterable_customers":
        return [email.split("@")[0].lstrip("u") for email in shop.sandbox.iterable_users]
    if name == "braze_customers":
        return list(shop.sandbox.braze_users)
    return [event["external_id"] for event in shop.sandbox.braze_events]


def settle(plan: DestinationPlan, result: DestinationResult, ledger: Ledger) -> None:
    """Every planned change is in one count, each count is in the tables, and the vendor agrees."""
    counts, planned = result.counts, plan.counts
    due = planned.create + planned.update + planned.delete + planned.skip
    done = counts.created + counts.updated + counts.deleted
    total = done + counts.skipped + counts.failed + counts.unknown
    if result.status == "error":
        assert total <= due
    else:
        assert total == due
    assert len(ledger.accepted) == done
    assert len(ledger.failed) == counts.failed
    assert len(ledger.unknown) == counts.unknown
    assert len(ledger.skipped) == counts.skipped
    assert ledger.accepted <= set(ledger.vendor), "claimed as accepted, and the vendor has it not"
    assert not ledger.failed & set(ledger.vendor), "claimed as refused, and the vendor has it"
    assert ledger.failed | ledger.unknown == ledger.waiting
