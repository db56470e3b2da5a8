"""Users who leave a destination and stay at the vendor, because another one has them: their groups and lists."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from tests.run.shop import Shop, counted
from tests.run.test_holding import ANN_IS_GONE, ANN_PAYS, ANN_TRIES, COLUMNS, results
from tests.run.test_shared_users import users

from roo_dbt import run
from roo_dbt.export import RetryPolicy, open_lane

TRIALS = {"name": "Trials", "column": "news"}
VIPS = {"name": "VIPs", "column": "vip"}
NEWS = {"name": "News", "column": "news"}
CONSENT = "7a1c9e62-2b1f-4b0c-9f0e-6f1f1a2b3c4d"
SUBSCRIBED = {"subscription_group_id": CONSENT, "column": "news"}


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two attempts, and no wait."""
    policy = RetryPolicy(attempts=2, base=0.01, cap=0.01, least=0.001)
    monkeypatch.setattr(run, "open_lane", partial(open_lane, policy=policy))


@pytest.fixture
def lists(shop: Shop) -> Shop:
    """Ann is on trial, Bo pays; each destination with a list of its own."""
    shop.destinations = []
    shop.roo["apps"]["iterable"]["settle_seconds"] = 0
    shop.iterable(name="a_trials", where="ltv = 1", groups=[TRIALS])
    shop.iterable(name="b_customers", where="ltv = 2", groups=[VIPS])
    shop.customers(ANN_TRIES, COLUMNS)
    results(shop)
    return shop


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
    lists.destinations[1]["groups"] = [VIPS, TRIALS]
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


@pytest.mark.parametrize("mode", ["sync", "additive"])
@pytest.mark.parametrize(
    "fault", [{"kind": "drop_after"}, {"kind": "drop_before"}, {"kind": "status", "status": 500}], ids=str
)
def test_who_may_have_left_a_list_leaves_it_again(lists: Shop, fault: dict[str, Any], mode: str) -> None:
    lists.destinations[0]["sync_mode"] = mode
    lists.customers(ANN_PAYS, COLUMNS)
    lists.sandbox.fault(method="POST", path="/api/lists/unsubscribe", **fault)
    results(lists)
    lists.sandbox.clear_faults()
    results(lists)
    assert users(lists)["ann@x.org"]["lists"] == ["VIPs"]
    assert sum(each.requests for each in results(lists).values()) == 0


def test_so_does_who_may_not_have_got_an_update(lists: Shop) -> None:
    lists.customers(ANN_TRIES.replace("Oslo", "Rome"), COLUMNS)
    lists.sandbox.fault(method="POST", path="/api/users/bulkUpdate", kind="status", status=500)
    results(lists)
    lists.sandbox.clear_faults()
    lists.customers(ANN_PAYS, COLUMNS)
    results(lists)
    assert users(lists)["ann@x.org"]["lists"] == ["VIPs"]


def test_a_list_of_its_own_is_left_although_another_one_is_shared(lists: Shop) -> None:
    lists.destinations[0]["groups"] = [TRIALS, NEWS]
    lists.destinations[1]["groups"] = [VIPS, NEWS]
    results(lists)
    lists.customers(ANN_PAYS, COLUMNS)
    results(lists)
    assert sorted(users(lists)["ann@x.org"]["lists"]) == ["News", "VIPs"]


@pytest.mark.parametrize("mode", ["sync", "additive"])
def test_nobody_is_unsubscribed_by_going_on(shop: Shop, mode: str) -> None:
    shop.destinations = []
    groups = [{"name": "Trials", "column": "news"}, SUBSCRIBED]
    shop.braze(mode, name="a_trials", where="ltv = 1", mapping={"external_id": "id"}, groups=groups)
    shop.braze(name="b_customers", where="ltv = 2", mapping={"external_id": "id"}, groups=[SUBSCRIBED])
    shop.customers(ANN_TRIES, COLUMNS)
    results(shop)
    shop.customers(ANN_PAYS, COLUMNS)
    results(shop)
    (ann,) = [user for user in shop.sandbox.braze_profiles if user["external_id"] == "1"]
    assert ann["subscription_groups"] == {CONSENT: "subscribed"}
    assert ann["attributes"].get("groups", []) == []


def test_a_field_that_is_dropped_meanwhile_is_cleared_when_the_user_returns(lists: Shop) -> None:
    first, second = lists.destinations
    second["mapping"] = {"email": "email"}
    results(lists)
    first["mapping"] = {"email": "email", "city": "city"}
    lists.customers(ANN_PAYS, COLUMNS)
    results(lists)
    assert users(lists)["ann@x.org"]["ltv"] == 1.0
    lists.customers(ANN_TRIES, COLUMNS)
    results(lists)
    assert "ltv" not in users(lists)["ann@x.org"]


@pytest.mark.parametrize("mode", ["sync", "additive"])
def test_a_value_that_a_new_type_cannot_say_is_cleared_when_the_user_returns(lists: Shop, mode: str) -> None:
    first, second = lists.destinations
    first["sync_mode"], second["mapping"] = mode, {"email": "email"}
    results(lists)
    columns = "id, email, CAST(NULL AS INTEGER) AS city, 2.0::DOUBLE AS ltv, vip, news"
    lists.sql(f"CREATE TABLE later AS SELECT {columns} FROM customers")
    lists.customers("SELECT * FROM later", COLUMNS)
    results(lists)
    lists.sql("UPDATE customers SET ltv = 1 WHERE id = 1")
    results(lists)
    assert "city" not in users(lists)["ann@x.org"]


def test_who_is_cleared_in_the_end_is_cleared_of_what_was_dropped_meanwhile(lists: Shop) -> None:
    first, second = lists.destinations
    first["on_removal"], second["mapping"] = "clear", {"email": "email"}
    results(lists)
    first["mapping"] = {"email": "email", "city": "city"}
    lists.customers(ANN_PAYS, COLUMNS)
    results(lists)
    second["sync_mode"] = "additive"
    lists.customers(ANN_IS_GONE, COLUMNS)
    results(lists)
    results(lists)
    assert users(lists)["ann@x.org"] == {"lists": []}
