"""What goes once can be retried by hand, and taken as sent."""

from __future__ import annotations

import pytest
from tests.run.shop import Shop, counted

from roo_dbt.run import baseline, retry, why

NAME = "braze_orders"


@pytest.fixture
def orders(shop: Shop) -> Shop:
    """Three orders as Braze events."""
    mapping = {"external_id": "user_id", "name": {"value": "Order Placed"}, "time": "ordered_at"}
    shop.destinations = [
        {"name": NAME, "app": "braze", "object": "events", "first_sync": "send", "mapping": mapping}
    ]
    rows(shop, 3)
    return shop


def rows(shop: Shop, number: int) -> None:
    """So many orders."""
    shop.customers(
        f"SELECT i AS id, 'u' || i AS user_id, TIMESTAMP '2026-01-01' AS ordered_at FROM range({number}) r(i)"
    )


def test_an_event_without_a_sure_answer_goes_again_after_retry_and_not_before(orders: Shop) -> None:
    orders.sandbox.fault("drop_after", "/users/track", count=1)
    assert counted(orders.sync()) == {"unknown": 3}
    assert counted(orders.sync()) == {"unknown": 3}
    told = why(orders.options(), NAME, "1", orders.environ)
    assert told.waiting is not None
    assert (told.standing, told.waiting.status, told.waiting.permanent) == ("absent", "unknown", True)

    assert retry(orders.options(), orders.environ, ["1"]) == 1
    assert counted(orders.sync()) == {"created": 1, "unknown": 2}
    assert retry(orders.options(), orders.environ) == 2
    assert counted(orders.sync()) == {"created": 2, "unchanged": 1}
    assert orders.failures() == []
    assert why(orders.options(), NAME, "1", orders.environ).standing == "active"


def test_a_baseline_takes_events_without_a_sure_answer_as_sent(orders: Shop) -> None:
    orders.sandbox.fault("drop_after", "/users/track", count=1)
    orders.sync()
    rows(orders, 5)
    orders.write()

    (result,) = baseline(orders.options(), orders.environ)

    assert counted(result) == {"unchanged": 5}
    assert orders.failures() == []
    rows(orders, 6)
    assert counted(orders.sync()) == {"created": 1, "unchanged": 5}


def test_events_move_to_another_workspace_by_a_baseline(orders: Shop) -> None:
    orders.sync()
    orders.roo["apps"]["braze"]["rest_endpoint"] = orders.sandbox.url.replace("127.0.0.1", "localhost")
    blocked = orders.sync()
    assert blocked.status == "blocked"
    assert "roo-dbt baseline takes them as being there already" in str(blocked.message)

    (result,) = baseline(orders.options(), orders.environ)

    assert (result.status, counted(result)) == ("success", {"unchanged": 3})
    assert counted(orders.sync()) == {"unchanged": 3}
