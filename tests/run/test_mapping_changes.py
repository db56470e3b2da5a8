"""Fields that are added, dropped, renamed and retyped are changes like any other."""

from __future__ import annotations

from tests.run.shop import ANN, BO, Shop, counted

ALSO_ELSEWHERE = True

BASE = {"external_id": "id", "email": "email"}


def test_an_added_field_is_sent_alone_and_only_where_it_has_a_value(shop: Shop) -> None:
    shop.braze(mapping=BASE)
    shop.sync()
    shop.braze(mapping={**BASE, "home_city": "city"})
    assert counted(shop.sync()) == {"updated": 2, "unchanged": 1}
    assert sorted(shop.bodies, key=lambda b: b["external_id"]) == [
        {"external_id": "1", "home_city": "Oslo"},
        {"external_id": "3", "home_city": "Rome"},
    ]
    assert counted(shop.sync()) == {"unchanged": 3}


def test_a_dropped_field_is_cleared_and_then_forgotten(shop: Shop) -> None:
    shop.braze(mapping={**BASE, "home_city": "city"})
    shop.sync()
    shop.braze(mapping=BASE)
    assert counted(shop.sync()) == {"updated": 2, "unchanged": 1}
    assert all("home_city" not in user for user in shop.sandbox.braze_users.values())
    assert counted(shop.sync()) == {"unchanged": 3}
    columns = [row[0] for row in shop.sql("DESCRIBE main_roo.snapshot__braze_customers")]
    assert "home_city" not in columns


def test_a_dropped_field_that_could_not_be_cleared_is_tried_again(shop: Shop) -> None:
    shop.braze(mapping={**BASE, "home_city": "city"})
    shop.sync()
    shop.braze(mapping=BASE)
    shop.sandbox.fault("item", "/users/track", ids=["3"], count=1)
    assert counted(shop.sync()) == {"updated": 1, "failed": 1, "unchanged": 1}
    shop.customers(f"{ANN}, {BO}, (3, 'c@example.com', 'Rome', NULL)")
    assert counted(shop.sync()) == {"updated": 1, "unchanged": 2}
    assert shop.bodies == [{"external_id": "3", "email": "c@example.com", "home_city": None}]


def test_a_renamed_field_clears_the_old_one_and_sets_the_new_one(shop: Shop) -> None:
    shop.braze(mapping={**BASE, "town": "city"})
    shop.sync()
    shop.braze(mapping={**BASE, "home_city": "city"})
    assert counted(shop.sync()) == {"updated": 2, "unchanged": 1}
    assert {"external_id": "1", "home_city": "Oslo", "town": None} in shop.bodies


def test_another_column_for_a_field_sends_only_values_that_differ(shop: Shop) -> None:
    shop.customers(
        "SELECT * FROM (VALUES (1, 'ann@example.com', 'Oslo', 'Oslo'), "
        "(2, 'bo@example.com', 'Rome', 'Milan')) t(id, email, city, ship_city)"
    )
    shop.braze(mapping={**BASE, "home_city": "city"})
    shop.sync()
    shop.braze(mapping={**BASE, "home_city": "ship_city"})
    assert counted(shop.sync()) == {"updated": 1, "unchanged": 1}
    assert shop.bodies == [{"external_id": "2", "home_city": "Milan"}]


def test_a_wider_type_with_equal_values_is_no_change(shop: Shop) -> None:
    shop.customers("SELECT 1 AS id, 'a@example.com' AS email, 7::INTEGER AS orders")
    shop.braze(mapping={**BASE, "orders": "orders"})
    shop.sync()
    shop.customers("SELECT 1 AS id, 'a@example.com' AS email, 7::BIGINT AS orders")
    assert counted(shop.sync()) == {"unchanged": 1}
    shop.customers("SELECT 1 AS id, 'a@example.com' AS email, 8::BIGINT AS orders")
    assert counted(shop.sync()) == {"updated": 1}


def test_a_number_that_becomes_text_is_a_change_because_the_vendor_sees_one(shop: Shop) -> None:
    shop.customers("SELECT 1 AS id, 'a@example.com' AS email, 7::INTEGER AS orders")
    shop.braze(mapping={**BASE, "orders": "orders"})
    shop.sync()
    shop.customers("SELECT 1 AS id, 'a@example.com' AS email, '7'::VARCHAR AS orders")
    assert counted(shop.sync()) == {"updated": 1}
    assert shop.bodies == [{"external_id": "1", "orders": "7"}]
    assert counted(shop.sync()) == {"unchanged": 1}


def test_a_retyped_field_that_was_refused_stays_due_although_the_snapshot_has_the_new_type(
    shop: Shop,
) -> None:
    shop.customers(
        "SELECT i AS id, 'a' || i || '@example.com' AS email, '7'::VARCHAR AS orders FROM range(1, 3) r(i)"
    )
    shop.braze(mapping={**BASE, "orders": "orders"})
    shop.sync()
    shop.customers(
        "SELECT i AS id, 'a' || i || '@example.com' AS email, 7::INTEGER AS orders FROM range(1, 3) r(i)"
    )
    shop.sandbox.fault("item", "/users/track", ids=["2"], count=1)
    assert counted(shop.sync()) == {"updated": 1, "failed": 1}
    shop.sql("UPDATE main_roo.roo_unaccepted SET permanent = false")
    assert counted(shop.sync()) == {"updated": 1, "unchanged": 1}
    assert shop.sandbox.braze_users["2"]["orders"] == 7
    assert counted(shop.sync()) == {"unchanged": 2}


def test_a_key_that_becomes_wider_is_the_same_key(shop: Shop) -> None:
    shop.customers("SELECT 1::INTEGER AS id, 'a@example.com' AS email")
    shop.braze(mapping=BASE)
    shop.sync()
    shop.customers("SELECT 1::BIGINT AS id, 'a@example.com' AS email")
    assert counted(shop.sync()) == {"unchanged": 1}
    shop.customers("SELECT '1'::VARCHAR AS id, 'a@example.com' AS email")
    assert counted(shop.sync())["updated"] == 1


def test_a_null_in_a_newly_mapped_field_is_no_change(shop: Shop) -> None:
    shop.customers("SELECT 1 AS id, 'a@example.com' AS email, NULL::VARCHAR AS city")
    shop.braze(mapping=BASE)
    shop.sync()
    shop.braze(mapping={**BASE, "home_city": "city"})
    result = shop.sync()
    assert (counted(result), result.requests) == ({"unchanged": 1}, 0)


def test_fields_whose_names_fold_to_the_same_column_stay_apart(shop: Shop) -> None:
    mapping = {"external_id": "id", "Home Town": "city", "home_town": "email", "home-town": "ltv"}
    shop.braze(mapping=mapping)
    shop.sync()
    assert shop.sandbox.braze_users["1"] == {
        "Home Town": "Oslo",
        "home_town": "ann@example.com",
        "home-town": 10.5,
    }
    assert counted(shop.sync()) == {"unchanged": 3}


def test_an_ignored_null_clears_nothing_although_the_old_value_does_not_fit_the_new_type(shop: Shop) -> None:
    shop.customers("SELECT i AS id, 'a@example.com' AS email, 'gold' AS plan FROM range(1, 3) r(i)")
    shop.braze(mapping={**BASE, "plan": {"column": "plan", "nulls": "ignore"}})
    shop.sync()
    shop.customers("SELECT i AS id, 'a@example.com' AS email, NULL::INTEGER AS plan FROM range(1, 3) r(i)")
    assert counted(shop.sync()) == {"unchanged": 2}
    assert counted(shop.sync()) == {"unchanged": 2}
    shop.customers("SELECT i AS id, 'b@example.com' AS email, NULL::INTEGER AS plan FROM range(1, 3) r(i)")
    assert counted(shop.sync()) == {"updated": 2}
    assert shop.bodies[0].keys() == {"external_id", "email"}
    assert shop.sandbox.braze_users["1"]["plan"] == "gold"
    shop.customers("SELECT i AS id, 'b@example.com' AS email, 7 AS plan FROM range(1, 3) r(i)")
    assert counted(shop.sync()) == {"updated": 2}
    assert shop.sandbox.braze_users["1"]["plan"] == 7


def test_an_ignored_null_sends_nothing_although_the_old_value_looks_different_in_the_new_type(
    shop: Shop,
) -> None:
    rows = "SELECT i AS id, '{0}@example.com' AS email, {1} AS vip FROM range(1, 3) r(i)"
    shop.customers(rows.format("a", "false"))
    shop.braze(mapping={**BASE, "vip": {"column": "vip", "nulls": "ignore"}})
    shop.sync()
    shop.customers(rows.format("a", "NULL::INTEGER"))
    assert counted(shop.sync()) == {"unchanged": 2}
    shop.customers(rows.format("b", "NULL::INTEGER"))
    assert counted(shop.sync()) == {"updated": 2}
    assert shop.bodies[0].keys() == {"external_id", "email"}
    assert shop.sandbox.braze_users["1"]["vip"] is False


def test_keys_that_become_numbers_do_not_swallow_one_another(shop: Shop) -> None:
    shop.customers("SELECT id, 'a@example.com' AS email FROM (VALUES ('01'), ('1'), ('2')) r(id)")
    shop.braze("additive", mapping=BASE)
    shop.sync()
    shop.customers("SELECT id::BIGINT AS id, 'a@example.com' AS email FROM (VALUES (1), (2)) r(id)")
    assert counted(shop.sync()) == {"updated": 2, "skipped": 1}
    assert shop.sql("SELECT count(*), count(DISTINCT key__id) FROM main_roo.snapshot__braze_customers") == [
        (3, 3)
    ]
    assert counted(shop.sync()) == {"unchanged": 2}


def test_decimals_of_another_scale_with_equal_values_are_no_change(shop: Shop) -> None:
    shop.customers("SELECT 1 AS id, 'a@example.com' AS email, 10.50::DECIMAL(10,2) AS ltv")
    shop.braze(mapping={**BASE, "ltv": "ltv"})
    shop.sync()
    for type_ in ("DECIMAL(14,4)", "DOUBLE"):
        shop.customers(f"SELECT 1 AS id, 'a@example.com' AS email, 10.5::{type_} AS ltv")
        assert counted(shop.sync()) == {"unchanged": 1}


def test_another_groups_attribute_is_filled_for_everyone_and_the_old_one_emptied(shop: Shop) -> None:
    shop.customers(
        "(1, 'ann@example.com', 'Oslo', 1, true), (2, 'bo@example.com', 'Rome', 2, NULL)",
        "id, email, city, ltv, vip",
    )
    vip = [{"name": "VIP", "column": "vip"}]
    shop.braze(mapping=BASE, groups=vip)
    shop.sync()
    shop.braze(mapping=BASE, groups=vip, groups_attribute="tags")
    plan = shop.plan()
    assert plan.fields == {"group in tags:VIP": 1, "group:VIP": 1}
    assert counted(shop.sync()) == {"updated": 1, "unchanged": 1}
    assert shop.bodies == [{"external_id": "1", "tags": {"add": ["VIP"]}, "groups": {"remove": ["VIP"]}}]
    assert shop.sync().requests == 0
    shop.braze(mapping=BASE, groups=vip)
    shop.sync()
    assert shop.bodies == [{"external_id": "1", "groups": {"add": ["VIP"]}, "tags": {"remove": ["VIP"]}}]


def test_another_groups_attribute_is_blocked_where_it_would_empty_the_old_one_for_too_many(
    shop: Shop,
) -> None:
    vip = [{"name": "VIP", "column": "vip"}]
    shop.customers("SELECT i AS id, 'u' || i || '@x.org' AS email, true AS vip FROM range(1, 21) r(i)")
    shop.braze(mapping=BASE, groups=vip)
    shop.sync()
    shop.braze(mapping=BASE, groups=vip, groups_attribute="tags")
    result = shop.sync()
    assert (result.status, result.requests) == ("blocked", 0)
    assert "group:VIP is no longer mapped and would be cleared in 20 records" in str(result.message)
    assert shop.sync(yes_delete=frozenset({"braze_customers"})).counts.updated == 20


def test_a_subscription_state_that_a_type_could_not_say_for_a_while_is_not_repeated(shop: Shop) -> None:
    """The record is refused while its column is an enum without its state; then all is as it was."""
    shop.braze(mapping={**BASE, "email_subscribe": "state", "home_city": "city"})
    columns = "id, email, state, city"
    shop.customers("(1, 'ann@example.com', 'subscribed', 'Oslo')", columns)
    shop.sync()
    shop.sql("CREATE TYPE consent AS ENUM ('opted_in', 'unsubscribed')")
    states = "(VALUES (1, 'no address', 'opted_in', 'Oslo')) t(id, email, state, city)"
    shop.customers(f"SELECT id, email, state::consent AS state, city FROM {states}")
    assert counted(shop.sync()) == {"failed": 1}
    shop.customers("(1, 'ann@example.com', 'subscribed', 'Rome')", columns)
    assert counted(shop.sync()) == {"updated": 1}
    assert shop.bodies == [{"external_id": "1", "home_city": "Rome"}]
