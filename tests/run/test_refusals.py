"""Records that a vendor refuses are named, kept, and due again when that can help."""

from __future__ import annotations

from tests.run.shop import ANN, BO, CY, Shop, counted


def test_a_refused_record_is_named_and_held_until_it_changes(shop: Shop) -> None:
    shop.customers(f"(1, 'not an address', 'Oslo', 10.5), {BO}")
    report = shop.report()
    (result,) = report.results
    assert (counted(result), result.status, report.exit_code) == ({"created": 1, "failed": 1}, "partial", 1)
    assert [(f.key, f.operation, f.code) for f in result.failures] == [("1", "create", "invalid_value")]
    assert "not an address" not in result.failures[0].message
    again = shop.sync()
    assert (counted(again), again.status, again.requests) == ({"unchanged": 1, "held": 1}, "partial", 0)
    assert [f.key for f in again.failures] == ["1"]
    shop.customers(f"{ANN}, {BO}")
    assert counted(shop.sync()) == {"created": 1, "unchanged": 1}
    assert shop.failures() == []


def test_a_refusal_by_the_vendor_is_told_from_its_neighbours(shop: Shop) -> None:
    shop.sandbox.fault("item", "/users/track", ids=["2"])
    result = shop.sync()
    assert counted(result) == {"created": 2, "failed": 1}
    assert [(f.key, f.code) for f in result.failures] == [("2", "rejected")]
    assert set(shop.sandbox.braze_users) == {"1", "3"}
    row = shop.failures()[0]
    assert (row.key, row.operation, row.status, row.attempts, row.permanent) == (
        "2",
        "create",
        "failed",
        1,
        True,
    )


def test_a_refusal_is_tried_again_after_full_refresh(shop: Shop) -> None:
    shop.sandbox.fault("item", "/users/track", ids=["2"], count=1)
    shop.sync()
    assert counted(shop.sync()) == {"unchanged": 2, "held": 1}
    assert counted(shop.sync(full_refresh=True)) == {"created": 1, "updated": 2}


def test_a_refused_update_keeps_the_old_value_in_the_snapshot(shop: Shop) -> None:
    shop.sync()
    shop.customers(f"(1, 'broken', 'Bergen', 10.5), {BO}, {CY}")
    assert counted(shop.sync()) == {"failed": 1, "unchanged": 2}
    shop.customers(f"{ANN}, {BO}, {CY}")
    assert counted(shop.sync()) == {"unchanged": 3}
    assert shop.failures() == []


def test_a_held_record_that_leaves_the_model_is_forgotten(shop: Shop) -> None:
    shop.customers(f"(1, 'broken', 'Oslo', 10.5), {BO}")
    shop.sync()
    shop.customers(f"{BO}")
    assert counted(shop.sync()) == {"unchanged": 1}
    assert shop.failures() == []


def test_allowed_failures_turn_the_exit_code_into_0(shop: Shop) -> None:
    shop.braze(allowed_failures=1)
    shop.customers(f"(1, 'broken', 'Oslo', 10.5), {BO}")
    assert shop.report().exit_code == 0
    assert shop.report().exit_code == 0
    shop.braze(allowed_failures="10%")
    assert shop.report().exit_code == 1


def test_a_blank_identifier_fails_its_record_alone(shop: Shop) -> None:
    shop.braze(mapping={"external_id": "email", "home_city": "city"})
    shop.customers("(1, '', 'Oslo', 1), (2, NULL, 'Rome', 1), (3, 'c', 'Rome', 1)")
    result = shop.sync()
    assert counted(result) == {"created": 1, "failed": 2}
    assert {f.code for f in result.failures} == {"missing_identifier"}


def test_nan_and_infinity_fail_their_record_alone(shop: Shop) -> None:
    shop.customers(
        "SELECT 1 AS id, 'a@example.com' AS email, 'x' AS city, 'nan'::DOUBLE AS ltv "
        "UNION ALL SELECT 2, 'b@example.com', 'y', 1.5"
    )
    result = shop.sync()
    assert counted(result) == {"created": 1, "failed": 1}
    assert result.failures[0].code == "invalid_value"


def test_a_changed_external_id_renames_the_user(shop: Shop) -> None:
    shop.braze(mapping={"external_id": "email", "home_city": "city"})
    shop.sync()
    shop.customers(f"(1, 'new@example.com', 'Bergen', 10.5), {BO}, {CY}")
    assert counted(shop.sync()) == {"updated": 1, "unchanged": 2}
    assert set(shop.sandbox.braze_users) == {"new@example.com", "bo@example.com", "cy@example.com"}
    assert shop.sandbox.braze_users["new@example.com"]["home_city"] == "Bergen"


def test_what_a_full_refresh_could_not_send_stays_due(shop: Shop) -> None:
    shop.sync()
    shop.sandbox.fault("item", "/users/track", ids=["2"], count=1)
    assert counted(shop.sync(full_refresh=True)) == {"updated": 2, "failed": 1}
    assert counted(shop.sync()) == {"unchanged": 2, "held": 1}
    assert [row.key for row in shop.failures()] == ["2"]
    shop.sql("UPDATE main_roo.roo_unaccepted SET permanent = false")
    assert counted(shop.sync()) == {"updated": 1, "unchanged": 2}
    assert shop.bodies == [{"external_id": "2", "email": "bo@example.com", "ltv": 20.0}]
    assert counted(shop.sync()) == {"unchanged": 3}


def test_a_full_refresh_in_parts_sends_every_record_once(shop: Shop) -> None:
    shop.sync()
    result = shop.sync(full_refresh=True, limit=2)
    assert counted(result) == {"updated": 2}
    assert result.message == "1 more changes stay due (--limit)"
    first = {body["external_id"] for body in shop.bodies}
    assert counted(shop.sync()) == {"updated": 1, "unchanged": 2}
    assert {body["external_id"] for body in shop.bodies} | first == {"1", "2", "3"}
    assert counted(shop.sync()) == {"unchanged": 3}


def test_a_skip_says_why(shop: Shop) -> None:
    shop.braze("additive")
    shop.sync()
    shop.customers(f"{ANN}, {BO}")
    assert shop.sync().message == "1 skipped: additive mode keeps users that left the model"


def test_history_has_one_row_per_change_and_run(shop: Shop) -> None:
    shop.sandbox.fault("item", "/users/track", ids=["2"])
    shop.sync()
    shop.customers(f"(1, 'ann@example.com', 'Bergen', 10.5), {BO}, {CY}")
    shop.sync()
    rows = shop.sql("SELECT key, operation, outcome, code FROM main_roo.roo_outcomes ORDER BY time, key")
    assert rows == [
        ("1", "create", "accepted", None),
        ("2", "create", "failed", "rejected"),
        ("3", "create", "accepted", None),
        ("1", "update", "accepted", None),
    ]
