"""With `hold_back_failing_rows` the rows that a failed dbt test lists stay, and the rest goes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.run.shop import ANN, BO, CY, Shop, counted

ALSO_ELSEWHERE = True

MODEL = "model.shop.customers"


@pytest.fixture
def careful(shop: Shop) -> Shop:
    """A shop that holds back what fails, and has sent its three customers."""
    shop.braze(hold_back_failing_rows=True)
    shop.sync()
    return shop


def failed_test(
    shop: Shop,
    name: str,
    *,
    rows: str | None,
    kind: str | None = None,
    column: str | None = None,
    status: str = "fail",
    config: dict[str, Any] | None = None,
) -> None:
    """What dbt leaves when a test fails: the test in the manifest, its result, and the table of its rows."""
    unique_id = f"test.shop.{name}"
    relation = f'"{shop.on.database}"."main_dbt_test__audit"."{name}"'
    shop.nodes[unique_id] = {
        "unique_id": unique_id,
        "resource_type": "test",
        "name": name,
        "alias": name,
        "database": shop.on.database,
        "schema": "main_dbt_test__audit",
        "relation_name": relation if rows else None,
        "package_name": "shop",
        "fqn": ["shop", name],
        "config": {"severity": "ERROR", "store_failures": rows is not None, **(config or {})},
        "depends_on": {"nodes": [MODEL]},
        "attached_node": MODEL if kind else None,
        "column_name": column,
        "test_metadata": {"name": kind, "kwargs": {"column_name": column}} if kind else None,
    }
    results = [{"unique_id": unique_id, "status": status, "message": None}]
    kept = shop.folder / "target" / "run_results.json"
    kept.parent.mkdir(exist_ok=True)
    if kept.exists():
        results += json.loads(kept.read_text())["results"]
    kept.write_text(
        json.dumps(
            {
                "metadata": {
                    "dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
                    "generated_at": "2026-11-22T00:00:00Z",
                },
                "results": results,
                "args": {},
            }
        )
    )
    if rows:
        shop.sql("CREATE SCHEMA IF NOT EXISTS main_dbt_test__audit")
        shop.sql(f"CREATE OR REPLACE TABLE main_dbt_test__audit.{name} AS {rows}")


def test_failing_rows_stay_and_the_rest_goes(careful: Shop) -> None:
    careful.customers(
        "(1, 'ann', 'Rome', 1), (2, 'bo@example.com', 'Oslo', 20), (4, 'di', NULL, NULL), " + CY
    )
    failed_test(careful, "email_is_one", rows="SELECT * FROM customers WHERE email NOT LIKE '%@%'")
    result = careful.sync()
    assert counted(result) == {"updated": 1, "unchanged": 1, "held": 2}
    assert careful.bodies == [{"external_id": "2", "home_city": "Oslo"}]
    assert (result.status, result.rows) == ("partial", 4)
    assert "2 held back: they fail in dbt (email_is_one)" in str(result.message)
    assert [(f.key, f.operation, f.code) for f in result.failures] == [
        ("1", "update", "invalid_value"),
        ("4", "create", "invalid_value"),
    ]
    assert all("email_is_one" in failure.message for failure in result.failures)


def test_a_plan_says_the_same(careful: Shop) -> None:
    careful.customers("(1, 'ann', 'Rome', 1), (2, 'bo@example.com', 'Oslo', 20), " + CY)
    failed_test(careful, "email_is_one", rows="SELECT * FROM customers WHERE email NOT LIKE '%@%'")
    plan = careful.plan()
    assert (plan.status, plan.counts.update, plan.counts.held) == ("planned", 1, 1)
    assert "1 held back: they fail in dbt (email_is_one)" in plan.notes


def test_a_row_that_is_held_back_is_neither_gone_nor_forgotten(careful: Shop) -> None:
    careful.customers(f"(1, 'ann@example.com', 'Rome', 1), {BO}, {CY}")
    failed_test(careful, "city_is_known", rows="SELECT 1 AS id")
    assert counted(careful.sync()) == {"unchanged": 2, "held": 1}
    assert sorted(careful.sandbox.braze_users) == ["1", "2", "3"]
    (careful.folder / "target" / "run_results.json").unlink()
    assert counted(careful.sync()) == {"updated": 1, "unchanged": 2}
    assert careful.sandbox.braze_users["1"]["home_city"] == "Rome"


def test_repeated_keys_that_a_test_lists_block_nobody_else(careful: Shop) -> None:
    careful.customers(f"{ANN}, {BO}, {BO}, {CY}")
    failed_test(
        careful,
        "unique_customers_id",
        rows="SELECT 2 AS unique_field, 2 AS n_records",
        kind="unique",
        column="id",
    )
    assert counted(careful.sync()) == {"unchanged": 2, "held": 2}


def test_a_value_that_failed_is_found_in_its_column(careful: Shop) -> None:
    careful.customers(f"(1, 'ann@example.com', 'Atlantis', 1), {BO}, {CY}")
    failed_test(
        careful,
        "accepted_values_customers_city",
        rows="SELECT 'Atlantis' AS value_field, 1 AS n_records",
        kind="accepted_values",
        column="City",
    )
    assert counted(careful.sync()) == {"unchanged": 2, "held": 1}


def test_a_held_record_keeps_its_user_although_another_with_the_same_identifier_left(shop: Shop) -> None:
    mapping = {"email": "email", "city": "city"}
    shop.iterable(mapping=mapping, hold_back_failing_rows=True)
    shop.destinations = shop.destinations[-1:]
    shop.customers(f"{ANN}, {BO}")
    shop.sync()
    shop.customers("(2, 'bo@example.com', NULL, 1), (5, 'ann@example.com', 'Rome', 1)")
    failed_test(shop, "city_is_known", rows="SELECT 5 AS id")
    assert counted(shop.sync()) == {"unchanged": 1, "skipped": 1, "held": 1}
    assert "ann@example.com" in shop.sandbox.iterable_users


def test_two_tests_hold_back_both_their_rows(careful: Shop) -> None:
    careful.customers("(1, 'a@example.com', 'Rome', 1), (2, 'b@example.com', 'Rome', 1), " + CY)
    failed_test(careful, "first", rows="SELECT 1 AS id")
    failed_test(careful, "second", rows="SELECT 2 AS id")
    result = careful.sync()
    assert counted(result) == {"unchanged": 1, "held": 2}
    assert "(first, second)" in str(result.message)


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"rows": None}, "keeps none of the rows"),
        ({"rows": "SELECT 1 AS id", "status": "error"}, "keeps none of the rows"),
        ({"rows": "SELECT 1 AS id", "config": {"limit": 5}}, "keeps none of the rows"),
        ({"rows": "SELECT 7 AS total"}, "keeps rows without the key (id)"),
    ],
)
def test_a_test_whose_rows_cannot_be_found_blocks(careful: Shop, how: dict[str, Any], said: str) -> None:
    failed_test(careful, "odd", **how)
    result = careful.sync()
    assert result.status == "blocked"
    assert "odd failed in dbt" in str(result.message)
    assert said in str(result.message)


def test_a_model_that_was_not_built_is_blocked_all_the_same(careful: Shop) -> None:
    failed_test(careful, "odd", rows="SELECT 1 AS id")
    path = careful.folder / "target" / "run_results.json"
    document = json.loads(path.read_text())
    document["results"].append({"unique_id": MODEL, "status": "error", "message": None})
    path.write_text(json.dumps(document))
    assert careful.sync().status == "blocked"


def test_without_the_setting_a_failed_test_blocks_and_the_setting_is_named(shop: Shop) -> None:
    failed_test(shop, "odd", rows="SELECT 1 AS id")
    result = shop.sync()
    assert result.status == "blocked"
    assert "hold_back_failing_rows: true" in str(result.message)


def test_a_refused_record_that_a_test_lists_for_a_while_stays_refused(careful: Shop) -> None:
    careful.customers(f"{ANN}, (2, 'bo@example.com', 'Oslo', 20), {CY}")
    careful.sandbox.fault("item", ids=["2"])
    assert counted(careful.sync()) == {"failed": 1, "unchanged": 2}
    (refused,) = careful.failures()
    failed_test(careful, "city_is_known", rows="SELECT 2 AS id")
    result = careful.sync()
    assert counted(result) == {"held": 1, "unchanged": 2}
    assert [failure.key for failure in result.failures] == ["2"]
    assert careful.failures() == [refused]
    (careful.folder / "target" / "run_results.json").unlink()
    result = careful.sync()
    assert (counted(result), result.requests) == ({"held": 1, "unchanged": 2}, 0)
    assert careful.failures() == [refused]


def test_a_refused_record_that_a_test_lists_and_that_left_is_forgotten(careful: Shop) -> None:
    careful.customers(f"{ANN}, {BO}, {CY}, (4, 'di@example.com', 'Oslo', 20)")
    careful.sandbox.fault("item", ids=["4"])
    assert counted(careful.sync()) == {"failed": 1, "unchanged": 3}
    careful.customers(f"{ANN}, {BO}, {CY}")
    failed_test(careful, "city_is_known", rows="SELECT 4 AS id")
    careful.sync()
    assert careful.failures() == []
