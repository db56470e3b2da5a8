"""What the three modes do with new, changed and leaving records, on a real file and a real server."""

from __future__ import annotations

import pytest
from tests.run.shop import ANN, BO, CY, Shop, counted

ALSO_ELSEWHERE = True


def test_the_first_sync_creates_everybody_and_sends_no_nulls(shop: Shop) -> None:
    result = shop.sync()
    assert counted(result) == {"created": 3}
    assert (result.status, result.rows, result.requests) == ("success", 3, 1)
    assert {"external_id": "2", "email": "bo@example.com", "ltv": 20.0} in shop.bodies
    assert set(shop.sandbox.braze_users) == {"1", "2", "3"}


def test_a_second_sync_with_nothing_changed_sends_nothing(shop: Shop) -> None:
    shop.sync()
    result = shop.sync()
    assert counted(result) == {"unchanged": 3}
    assert result.requests == 0
    assert shop.sandbox.requests == []


def test_one_changed_field_of_one_record_is_all_that_is_sent(shop: Shop) -> None:
    shop.sync()
    shop.customers(f"(1, 'ann@example.com', 'Bergen', 10.5), {BO}, {CY}")
    result = shop.sync()
    assert counted(result) == {"updated": 1, "unchanged": 2}
    assert shop.bodies == [{"external_id": "1", "home_city": "Bergen"}]


def test_a_value_that_becomes_null_is_cleared(shop: Shop) -> None:
    shop.sync()
    shop.customers(f"(1, 'ann@example.com', NULL, 10.5), {BO}, {CY}")
    shop.sync()
    assert shop.bodies == [{"external_id": "1", "home_city": None}]
    assert "home_city" not in shop.sandbox.braze_users["1"]


def test_with_nulls_ignored_the_vendor_keeps_the_value_and_so_does_the_snapshot(shop: Shop) -> None:
    shop.braze(mapping={"external_id": "id", "home_city": {"column": "city", "nulls": "ignore"}})
    shop.sync()
    shop.customers(f"(1, 'ann@example.com', NULL, 10.5), {BO}, {CY}")
    assert counted(shop.sync()) == {"unchanged": 3}
    shop.customers(f"{ANN}, {BO}, {CY}")
    assert counted(shop.sync()) == {"unchanged": 3}
    assert shop.sandbox.braze_users["1"]["home_city"] == "Oslo"


def test_sync_mode_deletes_who_left(shop: Shop) -> None:
    shop.sync()
    shop.customers(f"{ANN}, {BO}")
    assert counted(shop.sync()) == {"deleted": 1, "unchanged": 2}
    assert set(shop.sandbox.braze_users) == {"1", "2"}
    assert counted(shop.sync()) == {"unchanged": 2}


def test_a_deleted_record_that_returns_is_created_whole(shop: Shop) -> None:
    shop.sync()
    shop.customers(f"{ANN}, {BO}")
    shop.sync()
    shop.customers(f"{ANN}, {BO}, {CY}")
    assert counted(shop.sync()) == {"created": 1, "unchanged": 2}
    assert shop.bodies == [{"external_id": "3", "email": "cy@example.com", "home_city": "Rome"}]


def test_on_removal_clear_keeps_the_user_without_its_fields(shop: Shop) -> None:
    shop.braze(on_removal="clear")
    shop.sync()
    shop.customers(f"{ANN}, {BO}")
    assert counted(shop.sync()) == {"deleted": 1, "unchanged": 2}
    assert shop.sandbox.braze_users["3"] == {}
    assert counted(shop.sync()) == {"unchanged": 2}
    shop.customers(f"{ANN}, {BO}, {CY}")
    assert counted(shop.sync()) == {"updated": 1, "unchanged": 2}
    assert shop.bodies == [{"external_id": "3", "email": "cy@example.com", "home_city": "Rome"}]
    assert counted(shop.sync()) == {"unchanged": 3}


def test_who_was_cleared_is_not_cleared_again_although_its_nulls_are_ignored(shop: Shop) -> None:
    shop.braze(on_removal="clear", nulls="ignore")
    shop.sync()
    shop.customers(f"{ANN}, {BO}")
    assert counted(shop.sync()) == {"deleted": 1, "unchanged": 2}
    assert counted(shop.sync()) == {"unchanged": 2}


def test_who_was_cleared_is_deleted_once_removal_means_that(shop: Shop) -> None:
    shop.braze(on_removal="clear")
    shop.sync()
    shop.customers(f"{ANN}, {BO}")
    shop.sync()
    shop.braze()
    assert counted(shop.sync()) == {"deleted": 1, "unchanged": 2}
    assert set(shop.sandbox.braze_users) == {"1", "2"}
    assert counted(shop.sync()) == {"unchanged": 2}


@pytest.mark.parametrize("mode", ["additive", "enrich"])
def test_other_modes_keep_who_left_and_say_so_once(shop: Shop, mode: str) -> None:
    shop.braze("additive")
    shop.sync()
    shop.braze(mode)
    shop.customers(f"{ANN}, {BO}")
    result = shop.sync()
    assert counted(result) == {"skipped": 1, "unchanged": 2}
    assert (result.status, result.requests) == ("success", 0)
    assert "3" in shop.sandbox.braze_users
    assert counted(shop.sync()) == {"unchanged": 2}
    outcome = shop.sql("SELECT code, message FROM main_roo.roo_outcomes WHERE outcome = 'skipped'")
    assert outcome == [("mode", f"{mode} mode keeps users that left the model")]


def test_a_departed_record_that_returns_is_an_update(shop: Shop) -> None:
    shop.braze("additive")
    shop.sync()
    shop.customers(f"{ANN}, {BO}")
    shop.sync()
    shop.customers(f"{ANN}, {BO}, (3, 'cy@example.com', 'Milan', NULL)")
    assert counted(shop.sync()) == {"updated": 1, "unchanged": 2}
    assert shop.bodies == [{"external_id": "3", "home_city": "Milan"}]
    assert counted(shop.sync()) == {"unchanged": 3}


def test_departed_records_are_removed_when_the_mode_becomes_sync(shop: Shop) -> None:
    shop.braze("additive")
    shop.sync()
    shop.customers(f"{ANN}, {BO}")
    shop.sync()
    shop.braze("sync")
    assert counted(shop.sync()) == {"deleted": 1, "unchanged": 2}
    assert set(shop.sandbox.braze_users) == {"1", "2"}


def test_enrich_creates_nobody_at_braze(shop: Shop) -> None:
    shop.braze("enrich")
    assert counted(shop.sync()) == {"created": 3}
    assert shop.sandbox.braze_users == {}
    assert all(body["_update_existing_only"] is True for body in shop.bodies)


def test_a_row_that_stops_matching_where_has_left(shop: Shop) -> None:
    shop.braze(where="city IS NOT NULL")
    assert counted(shop.sync()) == {"created": 2}
    shop.customers(f"(1, 'ann@example.com', NULL, 10.5), {BO}, {CY}")
    assert counted(shop.sync()) == {"deleted": 1, "unchanged": 1}


def test_constants_and_dotted_fields_are_sent(shop: Shop) -> None:
    shop.braze(mapping={"external_id": "id", "source": {"value": "warehouse"}, "address.city": "city"})
    shop.sync()
    assert shop.sandbox.braze_users["1"] == {"source": "warehouse", "address": {"city": "Oslo"}}
    shop.customers(f"(1, 'ann@example.com', 'Bergen', 10.5), {BO}, {CY}")
    shop.sync()
    assert shop.sandbox.braze_users["1"] == {"source": "warehouse", "address": {"city": "Bergen"}}


def test_a_disabled_destination_is_skipped_and_counts_nothing(shop: Shop) -> None:
    shop.braze(enabled=False)
    report = shop.report()
    (result,) = report.results
    assert (result.status, result.rows, counted(result), report.exit_code) == ("skipped", None, {}, 0)


def test_full_refresh_sends_every_record_whole(shop: Shop) -> None:
    shop.sync()
    result = shop.sync(full_refresh=True)
    assert counted(result) == {"updated": 3}
    assert {"external_id": "1", "email": "ann@example.com", "home_city": "Oslo", "ltv": 10.5} in shop.bodies
    assert {"external_id": "2", "email": "bo@example.com", "ltv": 20.0} in shop.bodies


def test_limit_sends_so_many_and_keeps_the_rest_due_removals_last(shop: Shop) -> None:
    assert counted(shop.sync(limit=2)) == {"created": 2}
    assert counted(shop.sync()) == {"created": 1, "unchanged": 2}
    shop.customers(f"(1, 'ann@example.com', 'Bergen', 10.5), {BO}")
    assert counted(shop.sync(limit=1)) == {"updated": 1, "unchanged": 1}
    assert counted(shop.sync(limit=1)) == {"deleted": 1, "unchanged": 2}


def test_map_other_columns_sends_every_column_by_its_own_name(shop: Shop) -> None:
    shop.braze(mapping={"external_id": "id"}, map_other_columns=True)
    shop.sync()
    assert {"external_id": "1", "email": "ann@example.com", "city": "Oslo", "ltv": 10.5} in shop.bodies


def test_an_empty_model_and_an_empty_snapshot_are_nothing_to_do(shop: Shop) -> None:
    shop.customers("SELECT 1 AS id, 'a@example.com' AS email, 'x' AS city, 1.5 AS ltv WHERE false")
    result = shop.sync()
    assert (counted(result), result.status, result.rows) == ({}, "success", 0)


@pytest.mark.parametrize("project_type", ["email", "hybrid"])
def test_iterable_users_are_created_updated_and_deleted(shop: Shop, project_type: str) -> None:
    shop.sandbox.iterable_project_type = project_type  # type: ignore[assignment]
    shop.destinations = []
    shop.roo["apps"]["iterable"]["project_type"] = project_type
    shop.iterable()
    assert counted(shop.sync()) == {"created": 3}
    shop.customers(f"(1, 'ann@example.com', 'Bergen', 10.5), {BO}")
    assert counted(shop.sync()) == {"updated": 1, "deleted": 1, "unchanged": 1}
    users = shop.sandbox.iterable_users
    assert set(users) == {"ann@example.com", "bo@example.com"}
    assert users["ann@example.com"]["city"] == "Bergen"


def test_iterable_enrich_asks_once_and_remembers_who_is_absent(shop: Shop) -> None:
    shop.destinations = []
    shop.iterable("additive", where="id = 1")
    shop.sync()
    shop.iterable("enrich", where="id = 1")
    shop.destinations[0]["name"] = "iterable_enrich"
    shop.destinations[0]["where"] = None
    del shop.destinations[0]["where"]
    first = shop.sync(full_refresh=True)
    assert counted(first) == {"created": 1, "skipped": 2}
    second = shop.sync()
    assert (counted(second), second.requests) == ({"skipped": 2, "unchanged": 1}, 0)
    shop.customers(f"(1, 'ann@example.com', 'Bergen', 10.5), {BO}, (3, 'cy@example.com', 'Milan', NULL)")
    third = shop.sync()
    assert counted(third) == {"updated": 1, "skipped": 2}
    assert [entry.path for entry in shop.sandbox.requests].count("/api/users/getByEmail") == 1


def test_enrich_asks_again_for_absent_users_after_seven_days(shop: Shop) -> None:
    shop.destinations = []
    shop.iterable("enrich")
    assert counted(shop.sync()) == {"skipped": 3}
    assert shop.sync().requests == 0
    shop.sql("UPDATE main_roo.roo_unaccepted SET last_at = last_at - INTERVAL 8 DAY WHERE key = '2'")
    result = shop.sync()
    assert (counted(result), result.requests) == ({"skipped": 3}, 1)


def test_enrich_sends_unchanged_records_again_after_recheck_days(shop: Shop) -> None:
    shop.braze("enrich", recheck_days=5)
    shop.sync()
    assert counted(shop.sync()) == {"unchanged": 3}
    snapshot = "main_roo.snapshot__braze_customers"
    shop.sql(f"UPDATE {snapshot} SET roo_synced_at = roo_synced_at - INTERVAL 6 DAY WHERE external_id = 1")
    assert counted(shop.sync()) == {"updated": 1, "unchanged": 2}
    assert [body["external_id"] for body in shop.bodies] == ["1"]
    assert counted(shop.sync()) == {"unchanged": 3}


def test_a_run_that_would_cost_too_much_is_blocked_before_it_begins(shop: Shop) -> None:
    shop.braze(max_data_points=3)
    report = shop.report()
    assert report.results[0].status == "blocked"
    assert "max_data_points allows 3" in str(report.results[0].message)
    assert shop.plan().status == "blocked"
    shop.braze(max_data_points=300)
    assert counted(shop.sync()) == {"created": 3}
