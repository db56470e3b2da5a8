"""A plan says why records will not be accepted, a sync why they were not, each counted by reason."""

from __future__ import annotations

from typing import Any

from tests.run.shop import ANN, BO, CY, Shop

from roo_dbt.records import DestinationPlan, DestinationResult


def counted(one: DestinationPlan | DestinationResult) -> dict[tuple[str, str], int]:
    return {(reason.outcome, reason.code): reason.records for reason in one.reasons}


def refuse(shop: Shop, *ids: str) -> None:
    shop.sandbox.fault("item", "/users/track", ids=list(ids), message="not wanted")


def test_a_refusal_is_a_reason_of_the_sync_and_holds_the_record_back_in_the_next_plan(shop: Shop) -> None:
    refuse(shop, "2")
    done = shop.sync()
    assert counted(done) == {("failed", "rejected"): 1}
    assert "not wanted" in done.reasons[0].message
    plan = shop.plan()
    assert counted(plan) == {("held", "rejected"): 1}
    assert plan.reasons[0].message == done.reasons[0].message
    again = shop.sync()
    assert counted(again) == {("held", "rejected"): 1}


def test_what_can_never_be_sent_is_known_to_the_plan(shop: Shop) -> None:
    shop.iterable()
    shop.destinations = [d for d in shop.destinations if d["name"] == "iterable_customers"]
    shop.customers(f"{ANN}, (2, NULL, 'Rome', 1), (3, 'ann@example.com', 'Rome', 1)")
    planned, done = shop.plan(), shop.sync()
    assert counted(planned) == {("failed", "missing_identifier"): 1, ("failed", "duplicate_identifier"): 1}
    assert counted(planned) == counted(done)


def test_removals_that_the_mode_forbids_are_a_reason(shop: Shop) -> None:
    shop.braze("additive")
    shop.sync()
    shop.customers(f"{ANN}, {BO}")
    planned, done = shop.plan(), shop.sync()
    assert counted(planned) == counted(done) == {("skipped", "mode"): 1}


def test_the_reasons_are_as_many_as_the_counts_say(shop: Shop) -> None:
    shop.customers(f"{ANN}, {BO}, {CY}, (4, 'no address', 'Nice', 1)")
    refuse(shop, "1")
    done = shop.sync()
    counts = done.counts
    assert sum(counted(done).values()) == counts.failed + counts.unknown + counts.held + counts.skipped == 2


def test_a_sync_remembers_how_it_went(shop: Shop) -> None:
    rows = (
        "SELECT i AS id, 'u' || i || '@example.com' AS email, 'Oslo' AS city, i AS ltv FROM range(400) r(i)"
    )
    shop.customers(rows)
    done: Any = shop.sync()
    first, last = done.moments[0], done.moments[-1]
    assert (first.accepted, first.requests) == (0, 0)
    assert (last.accepted, last.others, last.requests) == (400, 0, 6)
    assert 0 <= first.second <= last.second
    assert shop.sync().moments == ()
