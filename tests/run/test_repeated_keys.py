"""A key that appears twice blocks, wherever the two rows would end up in the diff."""

from __future__ import annotations

import pytest
from tests.run.shop import Shop, counted

MANY = "SELECT i AS id, 'u' || i || '@example.com' AS email, 'Oslo' AS city, i AS ltv FROM range(1, 31) r(i)"
MODES = pytest.mark.parametrize("mode", ["sync", "additive", "enrich"])


def repeated(shop: Shop, condition: str) -> None:
    """Sync with some rows doubled: one sentence, and nothing is sent."""
    shop.sql(f"INSERT INTO customers SELECT id, email, 'Rome', ltv FROM customers WHERE {condition}")
    report = shop.report()
    (result,) = report.results
    assert (result.status, report.exit_code, shop.sandbox.requests) == ("blocked", 1, [])
    assert "1 keys appear more than once (id): 7 (2×)" in str(result.message)


@MODES
def test_twice_in_a_first_sync(shop: Shop, mode: str) -> None:
    shop.braze(mode)
    shop.customers(MANY)
    repeated(shop, "id = 7")


@MODES
def test_twice_among_known_records(shop: Shop, mode: str) -> None:
    shop.braze(mode)
    shop.customers(MANY)
    shop.sync()
    repeated(shop, "id = 7")


@MODES
def test_twice_among_new_records(shop: Shop, mode: str) -> None:
    shop.braze(mode)
    shop.customers(f"{MANY} WHERE i <> 7")
    shop.sync()
    shop.customers(MANY)
    repeated(shop, "id = 7")


@MODES
def test_one_twice_is_not_outweighed_by_one_that_left(shop: Shop, mode: str) -> None:
    shop.braze(mode)
    shop.customers(MANY)
    shop.sync()
    shop.sql("DELETE FROM customers WHERE id = 8")
    repeated(shop, "id = 7")


@pytest.mark.parametrize("mode", ["additive", "enrich"])
def test_twice_when_it_returns(shop: Shop, mode: str) -> None:
    shop.braze(mode)
    shop.customers(MANY)
    shop.sync()
    shop.customers(f"{MANY} WHERE i NOT IN (7, 8, 9)")
    shop.sync()
    shop.customers(f"{MANY} WHERE i <> 9")
    repeated(shop, "id = 7")


@MODES
def test_records_that_left_and_returned_are_no_repetition(shop: Shop, mode: str) -> None:
    shop.braze(mode)
    shop.customers(MANY)
    shop.sync()
    shop.customers(f"{MANY} WHERE i NOT IN (7, 8)")
    shop.sync()
    shop.customers(f"{MANY} WHERE i <> 8")
    returned = {"sync": "created"}.get(mode, "updated")
    assert counted(shop.sync()) == {returned: 1, "unchanged": 28}
