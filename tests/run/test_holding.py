"""Users who go from one destination's model to another's: nobody is deleted on the way."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.run.shop import Shop, counted

from roo_dbt.records import DestinationResult

ALSO_ELSEWHERE = True

COLUMNS = "id, email, city, ltv, vip, news"
ANN_TRIES = "(1, 'ann@x.org', 'Oslo', 1, NULL, true), (2, 'bo@x.org', 'Rome', 2, true, NULL)"
ANN_PAYS = ANN_TRIES.replace("'Oslo', 1, NULL", "'Oslo', 2, true")
ANN_IS_GONE = "(2, 'bo@x.org', 'Rome', 2, true, NULL)"


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
    """Its identifiers look the same, and are not."""
    braze.destinations[1]["mapping"] = {"email": "id", "home_city": "city"}
    braze.customers(ANN_PAYS, COLUMNS)
    found = results(braze, destinations=("a_trials",), yes_delete=frozenset({"a_trials"}))
    assert counted(found["a_trials"]) == {"deleted": 1}


@pytest.mark.parametrize(
    "mistake",
    [{"where": "nosuch = 1"}, {"mapping": {"external_id": "customer", "home_city": "city"}}],
    ids=["where", "identifier"],
)
def test_of_a_model_that_cannot_be_read_nobody_knows_whom_it_has(
    braze: Shop, mistake: dict[str, Any]
) -> None:
    braze.destinations[1].update(mistake)
    braze.customers(ANN_IS_GONE, COLUMNS)
    found = results(braze, destinations=("a_trials",), yes_delete=frozenset({"a_trials"}))
    assert counted(found["a_trials"]) == {"skipped": 1}
    (message,) = braze.sql("SELECT message FROM main_roo.roo_outcomes WHERE outcome = 'skipped'")
    said = "not removed: destination b_customers may have the same identifier, and its model cannot be read"
    assert message == (said,)
    assert "1" in braze.sandbox.braze_users


def another_model(shop: Shop, *destinations: dict[str, Any]) -> None:
    """A second model, `payers`, with destinations of its own."""
    shop.write()
    manifest = json.loads((shop.folder / "target" / "manifest.json").read_text())
    node = manifest["nodes"]["model.shop.customers"]
    meta = {"roo": {"key": "id", "destinations": list(destinations)}}
    names = {"name": "payers", "alias": "payers", "fqn": ["shop", "payers"], "path": "payers.sql"}
    place = {"unique_id": "model.shop.payers", "relation_name": shop.on.relation("payers")}
    shop.nodes["model.shop.payers"] = {**node, **names, **place, "config": {**node["config"], "meta": meta}}


@pytest.fixture
def payers(shop: Shop) -> Shop:
    """Ann and Bo are customers; who pays is in a model of its own that nobody has built yet."""
    shop.destinations = []
    shop.braze(name="a_customers", mapping={"external_id": "id", "email": "email"})
    mapping = {"external_id": "id", "home_city": "city"}
    another_model(shop, {"name": "b_payers", "app": "braze", "sync_mode": "sync", "mapping": mapping})
    shop.customers(ANN_TRIES, COLUMNS)
    results(shop, destinations=("a_customers",), yes_delete=frozenset({"a_customers"}))
    return shop


def customers_alone(shop: Shop) -> dict[str, int]:
    """A sync of the customers once Ann is none."""
    shop.customers(ANN_IS_GONE, COLUMNS)
    flags = {"destinations": ("a_customers",), "yes_delete": frozenset({"a_customers"})}
    return counted(results(shop, **flags)["a_customers"])


def test_a_model_that_was_never_built_here_has_nobody(payers: Shop) -> None:
    assert customers_alone(payers) == {"deleted": 1, "unchanged": 1}


def test_a_table_that_is_gone_may_have_had_anybody(payers: Shop) -> None:
    payers.sql("CREATE TABLE payers AS SELECT 2 AS id, 'Rome' AS city")
    results(payers, yes_delete=frozenset())
    payers.sql("DROP TABLE payers")
    assert customers_alone(payers) == {"skipped": 1, "unchanged": 1}


def test_a_view_is_asked_as_a_table_is(payers: Shop) -> None:
    payers.sql("CREATE VIEW payers AS SELECT 1 AS id, 'Rome' AS city")
    assert customers_alone(payers) == {"skipped": 1, "unchanged": 1}


def test_a_view_that_the_warehouse_cannot_work_out_lets_nobody_be_deleted(payers: Shop) -> None:
    broken = "SELECT CAST(t.k AS INTEGER) AS id, 'Oslo' AS city FROM (VALUES ('1'), ('oops')) t(k)"
    payers.sql(f"CREATE VIEW payers AS {broken}")
    payers.customers(ANN_IS_GONE, COLUMNS)
    found = results(payers, destinations=("a_customers",), yes_delete=frozenset({"a_customers"}))
    assert "1" in payers.sandbox.braze_users
    assert "b_payers" in " ".join([str(found["a_customers"].message), *_messages(payers)])


def _messages(shop: Shop) -> list[str]:
    return [str(text) for (text,) in shop.sql("SELECT message FROM main_roo.roo_outcomes")]


def test_who_was_deleted_by_another_destination_and_comes_back_goes_whole(braze: Shop) -> None:
    """Nothing of her row has changed since the customers had her last."""
    ann = ANN_TRIES.replace("'Oslo', 1", "'Oslo', 2")
    braze.destinations[0]["where"] = "ltv > 0"
    braze.destinations[1].update(sync_mode="additive", where="ltv > 1")
    braze.customers(ann, COLUMNS)
    results(braze)
    braze.customers(ANN_IS_GONE, COLUMNS)
    results(braze)
    results(braze)
    assert set(braze.sandbox.braze_users) == {"2"}
    braze.destinations[0]["where"] = "id = 2"
    braze.customers(ann, COLUMNS)
    results(braze)
    assert braze.sandbox.braze_users["1"] == {"home_city": "Oslo"}
