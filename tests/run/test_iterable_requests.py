"""How many requests a sync of Iterable users takes, and that its plan says so."""

from __future__ import annotations

from collections import Counter

import pytest
from tests.run.shop import Shop

from roo_dbt.run import plan

PEOPLE = (
    "SELECT i AS id, 'u' || i || '@x.org' AS email, 'Oslo' AS city, 1.5 AS ltv, i <= {members} AS vip "
    "FROM range(1, {number} + 1) r(i)"
)
MOVED = (
    "id, CASE WHEN id IN (1, 4) THEN 'new' || email ELSE email END AS email, city, ltv, id IN (2, 4) AS vip"
)
LISTS = [{"name": "VIP", "column": "vip"}]


@pytest.fixture
def iterable(shop: Shop) -> Shop:
    """A project with users of Iterable and one list."""
    shop.destinations = []
    shop.roo["apps"]["iterable"]["settle_seconds"] = 0
    shop.iterable(groups=LISTS)
    return shop


def paths(shop: Shop) -> dict[str, int]:
    """How often each call was made by the last sync."""
    return dict(
        Counter(f"{entry.method} {entry.path.removeprefix('/api/')}" for entry in shop.sandbox.requests)
    )


def test_500_members_of_a_list_take_two_requests(iterable: Shop) -> None:
    iterable.customers(PEOPLE.format(members=500, number=500))
    planned, result = iterable.plan(), iterable.sync()
    assert (planned.requests, result.requests) == (2, 2)
    assert len(iterable.sandbox.iterable_lists["VIP"]) == 500
    # What a run asks and makes once, before it sends, is not counted.
    assert paths(iterable) == {
        "GET users/getFields": 1,
        "GET lists": 1,
        "POST lists": 1,
        "POST users/bulkUpdate": 1,
        "POST lists/subscribe": 1,
    }
    iterable.customers(PEOPLE.format(members=0, number=500))
    assert iterable.sync(yes_delete=frozenset({"iterable_customers"})).requests == 1
    assert iterable.sandbox.iterable_lists["VIP"] == []


def test_a_plan_knows_the_requests_of_renames_lists_and_removals(iterable: Shop) -> None:
    iterable.customers(PEOPLE.format(members=3, number=8))
    iterable.sync()
    iterable.customers(f"SELECT {MOVED} FROM customers WHERE id < 8")
    planned, result = iterable.plan(), iterable.sync()
    assert (planned.requests, result.requests) == (6, 6)
    # 3 leaves the list at once; 1 leaves and 4 joins it when their renames have settled.
    assert paths(iterable) == {
        "GET users/getFields": 1,
        "GET lists": 1,
        "POST users/updateEmail": 2,
        "DELETE users/u8@x.org": 1,
        "POST lists/unsubscribe": 2,
        "POST lists/subscribe": 1,
    }


def test_a_plan_reckons_with_the_rates_that_the_app_sets(iterable: Shop) -> None:
    iterable.customers(PEOPLE.format(members=0, number=20))
    iterable.sync()
    iterable.customers("SELECT id, 'new' || email AS email, city, ltv, vip FROM customers")
    assert (iterable.plan().requests, iterable.plan().seconds) == (20, 0.4)
    iterable.roo["apps"]["iterable"]["rates"] = {"users/updateEmail": 200}
    assert iterable.plan().seconds == 0.1
    assert iterable.sync().requests == 20


def test_who_deletes_by_user_id_in_an_email_project_is_warned_by_plan_and_sync(iterable: Shop) -> None:
    iterable.iterable(mapping={"userId": "id", "city": "city"}, identifier="userId", groups=None)
    iterable.customers(PEOPLE.format(members=0, number=1))
    assert [warning.id for warning in iterable.report().warnings] == ["deletes-sharing-users"]
    assert [warning.id for warning in plan(iterable.options()).warnings] == ["deletes-sharing-users"]
    iterable.iterable(
        mapping={"userId": "id", "city": "city"}, identifier="userId", groups=None, on_removal="clear"
    )
    assert iterable.report().warnings == ()


@pytest.mark.slow
def test_100_000_users_take_100_requests(iterable: Shop) -> None:
    iterable.customers(PEOPLE.format(members=0, number=100_000))
    planned, result = iterable.plan(), iterable.sync()
    assert (planned.requests, result.requests) == (100, 100)
    assert paths(iterable)["POST users/bulkUpdate"] == 100
    assert len(iterable.sandbox.iterable_users) == 100_000
