"""Identifiers that are shared, moved or held by somebody else."""

from __future__ import annotations

from tests.run.shop import Shop, counted


def test_of_two_records_with_one_identifier_the_lowest_key_goes(shop: Shop) -> None:
    shop.destinations = []
    shop.iterable()
    shop.customers(
        "(10, 'Ann@example.com', 'Oslo', 1), (9, ' ann@example.com', 'Rome', 2), "
        "(11, 'bo@example.com', 'x', 3)"
    )
    result = shop.sync()
    assert counted(result) == {"created": 2, "failed": 1}
    (failure,) = result.failures
    assert (failure.key, failure.code) == ("10", "duplicate_identifier")
    assert failure.message == "record 9 has the same identifier and the lower key, so it goes instead"
    assert shop.sandbox.iterable_users["ann@example.com"]["city"] == "Rome"


def test_a_duplicate_is_held_and_goes_once_the_other_lets_go(shop: Shop) -> None:
    shop.destinations = []
    shop.iterable()
    shop.roo["apps"]["iterable"]["settle_seconds"] = 0
    shop.customers("(1, 'ann@example.com', 'Oslo', 1), (2, 'ann@example.com', 'Rome', 2)")
    shop.sync()
    assert counted(shop.sync()) == {"unchanged": 1, "held": 1}
    shop.customers("(1, 'ann2@example.com', 'Oslo', 1), (2, 'ann@example.com', 'Rome', 2)")
    result = shop.sync()
    assert counted(result)["created"] == 1
    assert shop.sandbox.iterable_users["ann@example.com"]["city"] == "Rome"


def test_keys_are_compared_as_what_they_are_not_as_text(shop: Shop) -> None:
    shop.destinations = []
    shop.iterable()
    shop.key = ["id", "city"]
    shop.customers("(10, 'ann@example.com', 'a', 1), (9, 'ann@example.com', 'b', 2)")
    result = shop.sync()
    assert [f.key for f in result.failures] == ['[10,"a"]']


def test_a_user_is_not_removed_while_another_record_has_its_identifier(shop: Shop) -> None:
    shop.destinations = []
    shop.iterable()
    shop.customers("(1, 'ann@example.com', 'Oslo', 1), (2, 'bo@example.com', 'x', 3)")
    shop.sync()
    shop.customers("(7, 'ann@example.com', 'Rome', 1), (2, 'bo@example.com', 'x', 3)")
    result = shop.sync()
    assert counted(result) == {"created": 1, "skipped": 1, "unchanged": 1}
    assert shop.sandbox.iterable_users["ann@example.com"]["city"] == "Rome"
    message = shop.sql("SELECT message FROM main_roo.roo_outcomes WHERE outcome = 'skipped'")
    assert message == [("not removed: record 7 still has the same identifier",)]
    assert counted(shop.sync()) == {"unchanged": 2}


def test_the_removal_happens_when_the_holder_lets_go(shop: Shop) -> None:
    shop.destinations = []
    shop.iterable()
    shop.customers("(1, 'ann@example.com', 'Oslo', 1), (2, 'bo@example.com', 'x', 3)")
    shop.sync()
    shop.customers("(7, 'ann@example.com', 'Rome', 1), (2, 'bo@example.com', 'x', 3)")
    shop.sync()
    shop.customers("(2, 'bo@example.com', 'x', 3)")
    assert counted(shop.sync()) == {"deleted": 2, "unchanged": 1}
    assert set(shop.sandbox.iterable_users) == {"bo@example.com"}


def test_a_user_is_not_removed_while_another_destination_of_the_app_has_it(shop: Shop) -> None:
    shop.braze(where="id < 3")
    shop.destinations.append({**shop.destinations[0], "name": "braze_vip", "where": "id > 1"})
    shop.report()
    shop.destinations[0]["where"] = "id < 2"
    first, second = shop.report().results
    assert counted(first) == {"skipped": 1, "unchanged": 1}
    assert counted(second) == {"unchanged": 2}
    assert "2" in shop.sandbox.braze_users
    (message,) = shop.sql("SELECT message FROM main_roo.roo_outcomes WHERE outcome = 'skipped'")
    assert message == ("not removed: destination braze_vip still has the same identifier",)
    shop.destinations[1]["where"] = "id > 2"
    shop.report()
    first, _ = shop.report().results
    assert counted(first)["deleted"] == 1
    assert "2" not in shop.sandbox.braze_users


def test_a_record_that_loses_its_user_fails_and_gets_it_back_whole(shop: Shop) -> None:
    mapping = {"external_id": "email", "home_city": "city", "ltv": "ltv"}
    shop.braze(mapping=mapping)
    shop.customers("(5, 'u1', 'Oslo', NULL)")
    shop.sync()
    shop.customers("(5, 'u1', 'Oslo', NULL), (1, 'u1', 'Paris', 7)")
    result = shop.sync()
    assert counted(result) == {"created": 1, "failed": 1}
    assert [(f.key, f.code) for f in result.failures] == [("5", "duplicate_identifier")]
    assert shop.sandbox.braze_users["u1"] == {"home_city": "Paris", "ltv": 7.0}
    assert counted(shop.sync()) == {"unchanged": 1, "held": 1}
    shop.customers("(5, 'u1', 'Oslo', NULL)")
    assert counted(shop.sync()) == {"updated": 1, "skipped": 1}
    assert shop.sandbox.braze_users["u1"] == {"home_city": "Oslo"}
    assert counted(shop.sync()) == {"unchanged": 1}


def test_who_takes_over_a_user_clears_what_another_record_had_set(shop: Shop) -> None:
    mapping = {"external_id": "email", "home_city": "city", "ltv": "ltv"}
    shop.braze(mapping=mapping)
    shop.customers("(1, 'u1', 'Oslo', 7)")
    shop.sync()
    shop.customers("(2, 'u1', NULL, 8)")
    assert counted(shop.sync()) == {"created": 1, "skipped": 1}
    assert shop.sandbox.braze_users["u1"] == {"ltv": 8.0}


def test_a_record_that_returns_takes_its_user_back(shop: Shop) -> None:
    mapping = {"external_id": "email", "home_city": "city"}
    shop.braze(mapping=mapping)
    shop.customers("(1, 'u1', 'Oslo', 1), (2, 'u1', 'Rome', 2)")
    shop.sync()
    shop.customers("(2, 'u1', 'Rome', 2)")
    shop.sync()
    assert shop.sandbox.braze_users["u1"]["home_city"] == "Rome"
    shop.customers("(1, 'u1', 'Oslo', 1), (2, 'u1', 'Rome', 2)")
    assert counted(shop.sync()) == {"updated": 1, "failed": 1}
    assert shop.sandbox.braze_users["u1"]["home_city"] == "Oslo"


def test_a_destination_that_is_gone_holds_nobody(shop: Shop) -> None:
    shop.sync()
    shop.destinations[0]["name"] = "braze_people"
    shop.sync(full_refresh=True)
    shop.customers("(1, 'ann@example.com', 'Oslo', 10.5), (2, 'bo@example.com', NULL, 20)")
    assert counted(shop.sync()) == {"deleted": 1, "unchanged": 2}


def test_a_plan_reckons_with_the_destinations_that_go_first(shop: Shop) -> None:
    shop.braze("additive")
    shop.destinations.append({**shop.destinations[0], "name": "braze_z", "sync_mode": "sync"})
    shop.report()
    shop.customers("(1, 'ann@example.com', 'Oslo', 10.5), (2, 'bo@example.com', NULL, 20)")
    planned = shop.plans()
    assert [(p.counts.skip, p.counts.delete) for p in planned] == [(1, 0), (0, 1)]
    done = shop.report().results
    assert [(r.counts.skipped, r.counts.deleted) for r in done] == [(1, 0), (0, 1)]
