"""Records that are not accepted: how often and how long they were tried, and what becomes due again."""

from __future__ import annotations

from typing import Any

import pytest
from tests.faults import ledger
from tests.faults.conftest import Hours
from tests.faults.test_matrix import retried
from tests.run.shop import Shop, counted

from roo_dbt import transport

BATCH = 75
REFUSE_TWO: dict[str, Any] = {"kind": "item", "ids": ["2", "u2@example.com"]}


@pytest.mark.parametrize("kind", ["braze users", "iterable users", "braze events"])
def test_a_refused_record_is_held_until_it_changes_or_somebody_asks(shop: Shop, kind: str) -> None:
    ledger.declare(shop, kind, 3)
    shop.sandbox.fault(**REFUSE_TWO)
    assert counted(shop.sync()) == {"created": 2, "failed": 1}

    held = shop.report()
    assert counted(held.results[0]) == {"unchanged": 2, "held": 1}
    assert (held.exit_code, shop.sandbox.requests) == (1, [])
    (letter,) = shop.failures()
    assert (letter.key, letter.attempts, letter.permanent) == ("2", 1, True)

    assert retried(shop) == 1
    assert counted(shop.sync()) == {"unchanged": 2, "failed": 1}
    (again,) = shop.failures()
    assert (again.attempts, again.first_at) == (2, letter.first_at)
    assert again.last_at >= letter.last_at

    shop.sql("UPDATE customers SET city = 'Rome' WHERE id = 2")
    shop.sandbox.clear_faults()
    assert counted(shop.sync()) == {"unchanged": 2, "created": 1}
    assert shop.failures() == []


def test_the_first_time_stays_and_the_last_moves(shop: Shop) -> None:
    ledger.declare(shop, "braze users", 3)
    shop.sandbox.fault(**REFUSE_TWO)
    shop.sync()
    shop.sql(
        "UPDATE main_roo.roo_unaccepted SET first_at = first_at - INTERVAL 3 DAY, "
        "last_at = last_at - INTERVAL 2 DAY"
    )
    (before,) = shop.failures()
    retried(shop)
    shop.sync()
    (after,) = shop.failures()
    assert after.first_at == before.first_at
    assert after.last_at > before.last_at


def test_failures_of_the_moment_are_due_in_every_run(
    shop: Shop, hours: Hours, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "READ_SECONDS", 30.0)
    ledger.declare(shop, "braze users", 10 * BATCH)
    # One batch gets no proper answer; the others do, so the vendor is not lost.
    shop.sandbox.fault("status", status=503, ids=["2"])
    # A vendor that takes a moment, so that requests side by side are answered side by side.
    shop.sandbox.store.settings.latency = 0.02
    for attempt in (1, 2, 3):
        result = shop.sync(threads=8)
        assert result.counts.failed == BATCH
        letters = shop.failures()
        assert {(each.code, each.attempts, each.permanent) for each in letters} == {
            ("unavailable", attempt, False)
        }
        due = ", ".join(each.key for each in letters)
        shop.sql(f"UPDATE customers SET city = city || '.' WHERE id NOT IN ({due})")
    shop.sandbox.clear_faults()
    assert shop.report().exit_code == 0
    assert shop.failures() == []


def test_allowed_failures_turn_failed_and_held_into_exit_0_and_nothing_else(shop: Shop) -> None:
    ledger.declare(shop, "braze events", 3, allowed_failures=1)
    shop.sandbox.fault(**REFUSE_TWO)
    assert [shop.report().exit_code, shop.report().exit_code] == [0, 0]
    shop.sandbox.clear_faults()
    shop.customers(ledger.MODEL.format(5))
    shop.sandbox.fault("drop_after", count=1)
    assert shop.report().exit_code == 1
