"""What a sync costs that no machine changes: requests, statements, bytes and objects made in memory."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Sequence
from math import ceil
from typing import Any

import orjson
import pytest
from tests.run.shop import Shop

from roo_dbt.destinations.braze import Braze
from roo_dbt.records import Change, Destination, Mapped, Model, Relation
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.duckdb import DuckDBSession
from roo_dbt.warehouse.postgres import PostgresSession

COLUMNS = "i AS id, 'user' || i || '@example.com' AS email, 'Oslo' AS city, i::DOUBLE AS ltv"


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts the statements that reach the warehouse, by their first word."""
    counted: Counter[str] = Counter()

    def watch(kind: type[Session]) -> None:
        run = kind.run

        def counting(self: Session, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
            counted[sql.split(None, 1)[0].upper()] += 1
            return run(self, sql, parameters)

        monkeypatch.setattr(kind, "run", counting)

    watch(DuckDBSession)
    watch(PostgresSession)
    return counted


def customers(shop: Shop, number: int, *, city: str = "Oslo") -> None:
    """So many customers, all in one city."""
    shop.customers(f"SELECT {COLUMNS.replace('Oslo', city)} FROM range(1, {number + 1}) r(i)")


@pytest.mark.parametrize(("number", "batch"), [(75, 75), (76, 75), (3_000, 75)])
def test_a_request_is_full_before_the_next_one_is_begun(shop: Shop, number: int, batch: int) -> None:
    customers(shop, number)
    assert shop.sync().requests == ceil(number / batch) == len(shop.sandbox.requests)


def test_iterable_takes_a_thousand_users_a_request(shop: Shop) -> None:
    shop.destinations = []
    shop.iterable()
    customers(shop, 2_500)
    assert shop.sync().requests == 3


def test_nothing_changed_costs_no_request(shop: Shop) -> None:
    customers(shop, 100)
    shop.sync()
    assert (shop.sync().requests, len(shop.sandbox.requests)) == (0, 0)


def test_the_number_of_statements_does_not_depend_on_the_number_of_changes(
    shop: Shop, statements: Counter[str]
) -> None:
    found = []
    for number in (100, 10_000):
        shop.sql("DROP SCHEMA IF EXISTS main_roo CASCADE")
        customers(shop, number)
        statements.clear()
        shop.sync()
        # The heartbeat and the acknowledgements go by the clock, not by the record.
        found.append(sum(statements.values()))
    few, many = found
    assert few <= 86
    assert many <= few + 12


def test_a_second_sync_with_nothing_to_do_takes_few_statements(shop: Shop, statements: Counter[str]) -> None:
    customers(shop, 100)
    shop.sync()
    statements.clear()
    shop.sync()
    assert sum(statements.values()) <= 80, statements


def test_a_change_travels_as_the_identifier_and_the_changed_field(shop: Shop) -> None:
    customers(shop, 750)
    shop.sync()
    customers(shop, 750, city="Rome")
    shop.sync()
    sent = [entry for entry in shop.sandbox.requests if entry.path == "/users/track"]
    least = sum(len(orjson.dumps({"external_id": str(n), "home_city": "Rome"})) + 1 for n in range(1, 751))
    wrapping = len(b'{"attributes":[]}')
    assert sum(len(orjson.dumps(entry.body)) for entry in sent) <= least + wrapping * len(sent)


def test_what_waits_to_be_sent_is_its_body_and_little_else() -> None:
    """A million changes in flight would cost a million bodies, not a million trees of objects."""
    shop = Destination(
        "customers",
        Model("model.shop.m", "m", "model", Relation(None, "main", "m", "m"), "m.sql", {}, {}),
        "braze",
        "users",
        ("id",),
        (Mapped("external_id", "id"), Mapped("email", "email"), Mapped("ltv", "ltv")),
        ("external_id",),
        sync_mode="sync",
    )
    app = Braze.model_validate({"rest_endpoint": "http://127.0.0.1:1", "api_key": "key"})
    call = next(each for each in Braze.objects["users"](app, shop).calls() if each.batch_size == 75)
    changes = [
        Change(n, "create", str(n), {}, values, tuple(values))
        for n in range(2_000)
        for values in [{"external_id": n, "email": f"user{n}@example.com", "ltv": n * 1.5}]
    ]
    call.item(changes[0])
    gc.collect()
    before = sys.getallocatedblocks()
    items = [call.item(change) for change in changes]
    per_item = (sys.getallocatedblocks() - before) / len(items)
    assert per_item <= 4
