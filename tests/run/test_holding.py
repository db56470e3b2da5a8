"""Users who go from one destination's model to another's: nobody is deleted on the way."""

from __future__ import annotations

from typing import Any

import pytest
from tests.run.shop import Shop, counted
from tests.run.test_shared_users import users

from roo_dbt.records import DestinationResult

ALSO_ELSEWHERE = True

COLUMNS = "id, email, city, ltv, vip, news"
ANN_TRIES = "(1, 'ann@x.org', 'Oslo', 1, NULL, true), (2, 'bo@x.org', 'Rome', 2, true, NULL)"
ANN_PAYS = ANN_TRIES.replace("'Oslo', 1, NULL", "'Oslo', 2, true")
ANN_IS_GONE = "(2, 'bo@x.org', 'Rome', 2, true, NULL)"
TRIALS = {"name": "Trials", "column": "news"}
VIPS = {"name": "VIPs", "column": "vip"}


def results(shop: Shop, **options: Any) -> dict[str, DestinationResult]:
    """A whole sync, however many leave."""
    flags = {"yes_delete": frozenset(d["name"] for d in shop.destinations), **options}
    return {each.destination: each for each in shop.report(**flags).results}


@pytest.fixture
def braze(shop: Shop) -> Shop:
    """Ann is on trial, Bo pays; the trials have their turn first."""
    shop.destinations = []
    shop.braze(name="a_trials", where="ltv = 1", mapping={"external_id": "id", "email": "email"})
    shop.braze(name="b_customers", where="ltv = 2", mapping={"external_id": "id", "home_city": "city"})
    shop.customers(ANN_TRIES, COLUMNS)
    results(shop)
    return shop


@pytest.fixture
def lists(shop: Shop) -> Shop:
    """The same in Iterable, each destination with a list of its own."""
    shop.destinations = []
    shop.roo["apps"]["iterable"]["settle_seconds"] = 0
    shop.iterable(name="a_trials", where="ltv = 1", groups=[TRIALS])
    shop.iterable(name="b_customers", where="ltv = 2", groups=[VIPS])
    shop.customers(ANN_TRIES, COLUMNS)
    results(shop)
    return shop


def test_who_goes_from_one_destination_to_another_is_not_deleted_on_the_way(braze: Shop) -> None:
    braze.customers(ANN_PAYS, COLUMNS)
    planned = {plan.destination: plan.counts for plan in braze.plans()}
    assert (planned["a_trials"].delete, planned["a_trials"].skip, planned["b_customers"].create) == (0, 1, 1)
    found = results(braze)
    assert counted(found["a_trials"]) == {"skipped": 1}
    assert counted(found["b_customers"]) == {"created": 1, "unchanged": 1}
    assert "/users/delete" not in [request.path for request in braze.sandbox.requests]
    assert braze.sandbox.braze_users["1"] == {"email": "ann@x.org", "home_city": "Oslo"}
    (message,) = braze.sql("SELECT message FROM main_roo.roo_outcomes WHERE outcome = 'skipped'")
    assert message == ("not removed: destination b_customers still has the same identifier",)
    assert results(braze)["b_customers"].requests == 0


def test_who_leaves_them_all_in_the_end_is_deleted(braze: Shop) -> None:
    braze.customers(ANN_PAYS, COLUMNS)
    results(braze)
    braze.customers(ANN_IS_GONE, COLUMNS)
    assert counted(results(braze)["b_customers"]) == {"deleted": 1, "unchanged": 1}
    assert set(braze.sandbox.braze_users) == {"2"}


def test_the_other_destination_need_not_be_selected(braze: Shop) -> None:
    braze.customers(ANN_PAYS, COLUMNS)
    found = results(braze, destinations=("a_trials",), yes_delete=frozenset({"a_trials"}))
    assert counted(found["a_trials"]) == {"skipped": 1}
    assert braze.sandbox.braze_users["1"] == {"email": "ann@x.org"}


def test_a_destination_that_is_disabled_is_about_to_send_nobody(braze: Shop) -> None:
    braze.destinations[1]["enabled"] = False
    braze.customers(ANN_PAYS, COLUMNS)
    assert counted(results(braze)["a_trials"]) == {"deleted": 1}
    assert set(braze.sandbox.braze_users) == {"2"}


def test_a_destination_that_finds_users_by_something_else_tells_nothing(braze: Shop) -> None:
    braze.destinations[1]["mapping"] = {"email": "email", "home_city": "city"}
    braze.customers(ANN_PAYS, COLUMNS)
    found = results(braze, destinations=("a_trials",), yes_delete=frozenset({"a_trials"}))
    assert counted(found["a_trials"]) == {"deleted": 1}


def test_a_table_without_the_identifier_tells_nothing(braze: Shop) -> None:
    braze.destinations[1]["mapping"] = {"external_id": "customer", "home_city": "city"}
    braze.customers(ANN_IS_GONE, COLUMNS)
    found = results(braze, destinations=("a_trials",), yes_delete=frozenset({"a_trials"}))
    assert counted(found["a_trials"]) == {"deleted": 1}


def test_who_goes_on_leaves_the_lists_of_the_destination_and_joins_those_of_the_other(lists: Shop) -> None:
    assert users(lists)["ann@x.org"]["lists"] == ["Trials"]
    lists.customers(ANN_PAYS, COLUMNS)
    planned = {plan.destination: plan.counts for plan in lists.plans()}
    assert (planned["a_trials"].update, planned["a_trials"].delete) == (1, 0)
    found = results(lists)
    assert counted(found["a_trials"]) == {"updated": 1}
    assert counted(found["b_customers"]) == {"created": 1, "unchanged": 1}
    assert users(lists)["ann@x.org"] == {"city": "Oslo", "ltv": 2.0, "lists": ["VIPs"]}
    again = results(lists)
    assert sum(each.requests for each in again.values()) == 0
    lists.customers(ANN_IS_GONE, COLUMNS)
    results(lists)
    assert set(users(lists)) == {"bo@x.org"}


def test_so_does_who_was_in_both(lists: Shop) -> None:
    lists.destinations[1]["where"] = "ltv > 0"
    results(lists)
    lists.customers(ANN_PAYS, COLUMNS)
    assert counted(results(lists)["a_trials"]) == {"updated": 1}
    assert users(lists)["ann@x.org"]["lists"] == ["VIPs"]


def test_a_list_that_both_fill_is_left_to_the_other(lists: Shop) -> None:
    lists.destinations[1]["groups"] = [VIPS, {"name": "Trials", "column": "news"}]
    lists.customers(ANN_PAYS, COLUMNS)
    assert counted(results(lists)["a_trials"]) == {"skipped": 1}
    assert sorted(users(lists)["ann@x.org"]["lists"]) == ["Trials", "VIPs"]


def test_who_is_kept_by_the_mode_leaves_the_lists_whoever_else_has_the_user(lists: Shop) -> None:
    lists.destinations[0]["sync_mode"] = "additive"
    lists.destinations[1]["where"] = "ltv > 0"
    results(lists)
    lists.customers(ANN_PAYS, COLUMNS)
    assert counted(results(lists)["a_trials"]) == {"updated": 1}
    assert users(lists)["ann@x.org"]["lists"] == ["VIPs"]


def test_a_user_who_returns_joins_the_lists_again(lists: Shop) -> None:
    lists.customers(ANN_PAYS, COLUMNS)
    results(lists)
    lists.customers(ANN_TRIES, COLUMNS)
    found = results(lists)
    assert counted(found["a_trials"]) == {"updated": 1}
    assert counted(found["b_customers"]) == {"updated": 1, "unchanged": 1}
    assert users(lists)["ann@x.org"]["lists"] == ["Trials"]
