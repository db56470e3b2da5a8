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
