"""What a run costs the warehouse: no statement for a record or a batch."""

from __future__ import annotations

import json

from tests.run.shop import Shop

from roo_dbt.run.comparing import PAGE_SIZE

ALSO_ELSEWHERE = True

MANY = "SELECT i AS id, 'u' || i || '@example.com' AS email, 'Oslo' AS city, i AS ltv FROM range(0, {}) r(i)"


def test_ten_times_the_records_take_no_more_statements(shop: Shop) -> None:
    shop.roo["acknowledge_seconds"] = 60
    shop.customers(MANY.format(200))
    few = shop.sync(full_refresh=True)
    shop.customers(MANY.format(2_000))
    many = shop.sync(full_refresh=True)
    again = shop.sync(full_refresh=True)
    assert (few.requests, again.requests) == (3, 27)
    assert 0 < many.statements <= few.statements + 10
    assert again.statements <= few.statements + 10
    written = json.loads((shop.folder / "target" / "roo_results.json").read_text())
    assert written["results"][0]["statements"] == again.statements


def test_a_million_changes_take_forty_pages() -> None:
    assert -(-1_000_000 // PAGE_SIZE) == 40
