"""Events end to end: each key once, in order of time, and nothing unsure goes again unasked."""

from __future__ import annotations

from typing import Any

import pytest
from tests.run.shop import Shop, counted

from roo_dbt.errors import UsageProblem

ALSO_ELSEWHERE = True


@pytest.fixture
def orders(shop: Shop) -> Shop:
    """Three orders as Braze events."""
    shop.destinations = []
    declare(shop)
    rows(shop, 3)
    return shop


def declare(shop: Shop, **settings: Any) -> None:
    """The destination of events."""
    shop.destinations = [
        {
            "name": "braze_orders",
            "app": "braze",
            "object": "events",
            "first_sync": "send",
            "mapping": {
                "external_id": "user_id",
                "name": {"value": "Order Placed"},
                "time": "ordered_at",
                "properties.total": "total",
            },
            **settings,
        }
    ]


def rows(shop: Shop, number: int) -> None:
    """So many orders, the latest first; two users share them."""
    shop.customers(
        "SELECT i AS id, 'u' || (i % 2) AS user_id, "
        "TIMESTAMP '2026-01-01' + (100 - i) * INTERVAL 1 DAY AS ordered_at, "
        f"i * 1.5 AS total FROM range({number}) r(i)"
    )


def test_each_event_goes_once_in_the_order_of_its_time(orders: Shop) -> None:
    assert counted(orders.sync()) == {"created": 3}
    times = [event["time"] for entry in orders.sandbox.requests for event in entry.body["events"]]
    assert times == sorted(times)
    assert len(orders.sandbox.braze_events) == 3
    assert counted(orders.sync()) == {"unchanged": 3}
    rows(orders, 5)
    assert counted(orders.sync()) == {"created": 2, "unchanged": 3}


def test_a_changed_row_is_not_sent_again_and_a_row_that_left_and_returned_neither(orders: Shop) -> None:
    orders.sync()
    orders.sql("UPDATE customers SET total = 99", "DELETE FROM customers WHERE id = 2")
    assert counted(orders.sync()) == {"unchanged": 2}
    rows(orders, 3)
    assert counted(orders.sync()) == {"unchanged": 3}
    assert len(orders.sandbox.braze_events) == 3


def test_a_baseline_takes_what_is_there_as_sent(orders: Shop) -> None:
    declare(orders, first_sync="baseline")
    assert orders.plan().counts.unchanged == 3
    assert counted(orders.sync()) == {"unchanged": 3}
    rows(orders, 4)
    assert counted(orders.sync()) == {"created": 1, "unchanged": 3}
    assert len(orders.sandbox.braze_events) == 1


def test_a_lost_answer_is_unknown_and_not_sent_again(orders: Shop) -> None:
    orders.sandbox.fault("drop_after", "/users/track", count=1)
    report = orders.report()
    assert (counted(report.results[0]), report.exit_code) == ({"unknown": 3}, 1)
    again = orders.report()
    assert (counted(again.results[0]), again.exit_code, again.results[0].requests) == ({"unknown": 3}, 1, 0)
    assert len(orders.sandbox.braze_events) == 3
    assert {row.status for row in orders.failures()} == {"unknown"}


def test_what_is_unknown_goes_at_once_when_the_project_says_so(orders: Shop) -> None:
    declare(orders, on_unknown="resend")
    orders.sandbox.fault("drop_after", "/users/track", count=1)
    assert counted(orders.sync()) == {"unknown": 3}
    assert counted(orders.sync()) == {"created": 3}
    assert len(orders.sandbox.braze_events) == 6


def test_an_event_that_was_surely_not_taken_is_tried_again(orders: Shop) -> None:
    orders.sandbox.fault("status", "/users/track", status=503, count=1)
    result = orders.sync()
    assert counted(result) == {"created": 3}
    assert result.retries == 1


def test_full_refresh_is_refused(orders: Shop) -> None:
    with pytest.raises(UsageProblem, match="a second time"):
        orders.sync(full_refresh=True)


def test_two_events_of_one_user_are_no_duplicates(orders: Shop) -> None:
    rows(orders, 20)
    assert counted(orders.sync()) == {"created": 20}


def test_users_go_before_their_events(shop: Shop) -> None:
    declare(shop)
    events = list(shop.destinations)
    shop.customers(
        "SELECT i AS id, 'a' || i || '@example.com' AS email, 'x' AS city, 1.5 AS ltv, "
        "'u' || i AS user_id, TIMESTAMP '2026-01-01' AS ordered_at, 1.5 AS total FROM range(3) r(i)"
    )
    shop.braze()
    shop.destinations = [d for d in shop.destinations if d["name"] != "braze_orders"] + events
    results = shop.report().results
    assert [result.destination for result in results] == ["braze_customers", "braze_orders"]
    kinds = ["events" if "events" in entry.body else "attributes" for entry in shop.sandbox.requests]
    assert kinds == ["attributes", "events"]


@pytest.mark.parametrize(
    "change", ["a rotated key", "a workspace with a name", "an endpoint spelt otherwise"]
)
def test_events_that_may_have_arrived_do_not_go_elsewhere_unasked(orders: Shop, change: str) -> None:
    orders.sandbox.fault("drop_after", "/users/track", count=1)
    assert counted(orders.sync()) == {"unknown": 3}
    assert len(orders.sandbox.braze_events) == 3
    app = orders.roo["apps"]["braze"]
    if change == "a rotated key":
        orders.environ["BRAZE_KEY"] = "another-key"
    elif change == "a workspace with a name":
        app["workspace"] = "production"
    else:
        app["rest_endpoint"] = orders.sandbox.url.replace("127.0.0.1", "localhost")
    assert orders.plan().blocked_by
    report = orders.report()
    assert (report.results[0].status, report.exit_code, orders.sandbox.requests) == ("blocked", 1, [])
    if change == "an endpoint spelt otherwise":
        app["rest_endpoint"] = orders.sandbox.url
    assert counted(orders.sync(same_workspace=True)) == {"unknown": 3}
    assert len(orders.sandbox.braze_events) == 3
