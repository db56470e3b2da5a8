"""Current rows taken as already sent."""

from __future__ import annotations

import pytest
from tests.run.shop import ANN, BO, CY, Shop, counted

from roo_dbt.errors import ConfigurationProblem, TargetRefused
from roo_dbt.records import DestinationResult
from roo_dbt.run import baseline

ALSO_ELSEWHERE = True

MANY = "SELECT i AS id, 'u' || i || '@example.com' AS email, 'Oslo' AS city, i AS ltv FROM range({}, {}) r(i)"


def taken(shop: Shop, **options: object) -> DestinationResult:
    """`roo-dbt baseline` of a project with one destination; nobody may have been contacted."""
    shop.write()
    shop.sandbox.clear_requests()
    (result,) = baseline(shop.options(**options), shop.environ)
    assert shop.sandbox.requests == []
    return result


def test_the_first_sync_after_a_baseline_sends_what_changed_since(shop: Shop) -> None:
    result = taken(shop)

    assert (result.status, result.rows, counted(result)) == ("success", 3, {"unchanged": 3})
    assert "3 records are taken as already sent; nothing was sent" in str(result.message)
    assert counted(shop.sync()) == {"unchanged": 3}
    shop.customers(f"(1, 'ann@example.com', 'Bergen', 10.5), {BO}, {CY}")
    assert counted(shop.sync()) == {"updated": 1, "unchanged": 2}
    assert shop.bodies == [{"external_id": "1", "home_city": "Bergen"}]


def test_pending_changes_and_refusals_are_taken_as_sent(shop: Shop) -> None:
    shop.customers(f"(1, 'broken', 'Oslo', 10.5), {BO}, {CY}")
    shop.sync()
    shop.customers(f"(1, 'broken', 'Oslo', 10.5), (2, 'bo@example.com', 'Rome', 20), {CY}")

    assert counted(taken(shop)) == {"unchanged": 3}

    assert shop.failures() == []
    assert counted(shop.sync()) == {"unchanged": 3}


def test_records_that_left_are_taken_as_removed(shop: Shop) -> None:
    shop.sync()
    shop.customers(f"{ANN}, {BO}")

    assert counted(taken(shop)) == {"unchanged": 2}

    assert counted(shop.sync()) == {"unchanged": 2}
    assert "3" in shop.sandbox.braze_users


def test_more_removals_than_the_limit_block_a_baseline_too(shop: Shop) -> None:
    shop.customers(MANY.format(0, 30))
    shop.sync()
    shop.customers(MANY.format(0, 10))

    blocked = taken(shop)

    assert blocked.status == "blocked"
    assert "20 of 30 records left the model" in str(blocked.message)
    assert counted(taken(shop, yes_delete=frozenset({"braze_customers"}))) == {"unchanged": 10}
    overrides = shop.sql("SELECT overrides FROM main_roo.roo_runs ORDER BY started_at DESC LIMIT 1")
    assert overrides == [("baseline; --yes-delete braze_customers",)]


def test_another_workspace_gets_a_snapshot_without_being_sent_anything(shop: Shop) -> None:
    shop.sync()
    shop.roo["apps"]["braze"]["rest_endpoint"] = shop.sandbox.url.replace("127.0.0.1", "localhost")
    assert shop.sync().status == "blocked"
    shop.customers(f"{ANN}")

    assert counted(taken(shop)) == {"unchanged": 1}

    assert counted(shop.sync()) == {"unchanged": 1}


def test_records_that_share_an_identifier_are_not_taken_as_sent(shop: Shop) -> None:
    shop.braze(mapping={"external_id": "email", "home_city": "city"})
    shop.customers(f"{ANN}, (2, 'ann@example.com', 'Rome', 2)")

    result = taken(shop)

    assert (result.status, counted(result)) == ("partial", {"unchanged": 1, "failed": 1})
    assert [(row.key, row.code) for row in shop.failures()] == [("2", "duplicate_identifier")]


def test_what_a_baseline_took_is_told_from_what_was_sent(shop: Shop) -> None:
    taken(shop)

    rows = shop.sql("SELECT outcome, message FROM main_roo.roo_outcomes WHERE key = '1'")
    assert rows == [("accepted", "taken as already sent by roo-dbt baseline")]
    (run,) = shop.status()
    assert (run.status, run.requests) == ("success", 0)
    assert "nothing was sent" in str(run.message)


def test_a_limit_does_not_shorten_a_baseline_and_a_disabled_destination_has_none(shop: Shop) -> None:
    assert counted(taken(shop, limit=1)) == {"unchanged": 3}
    shop.braze(enabled=False)
    shop.write()
    assert baseline(shop.options(), shop.environ) == []


def test_duplicate_keys_block_a_baseline(shop: Shop) -> None:
    shop.customers(f"{ANN}, {ANN}")

    result = taken(shop)

    assert result.status == "blocked"
    assert "appear more than once" in str(result.message)
    assert shop.status()[0].status == "blocked"


def test_a_baseline_needs_the_key_and_a_target_that_may_send(shop: Shop) -> None:
    shop.roo["targets"] = ["prod"]
    with pytest.raises(TargetRefused):
        taken(shop)
    del shop.roo["targets"], shop.environ["BRAZE_KEY"]
    with pytest.raises(ConfigurationProblem, match="BRAZE_KEY"):
        taken(shop)
