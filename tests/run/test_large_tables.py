"""In a large table of DuckDB hashes tell which records may differ; here every table counts as large."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from tests.run.engines import DUCKDB
from tests.run.shop import Shop, counted

from roo_dbt.diff import suspects

pytestmark = DUCKDB
NESTED = "id, email, tags, address, doc"
MODEL = "(1, 'ann@example.com', {tags}, {address}, {doc}), (2, 'bo@example.com', ['x'], {{'city': 'Rome'}}, '{{}}'::JSON)"
SAME: dict[str, str] = {"tags": "['a', 'b']", "address": "{'city': 'Oslo'}", "doc": "'{\"a\": 1}'::JSON"}


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether suspects were looked for, in each sync; all tables count as large."""
    found: list[bool] = []
    original: Callable[..., bool] = suspects.find_suspects

    def noted(*arguments: Any, **options: Any) -> bool:
        found.append(original(*arguments, **options))
        return found[-1]

    monkeypatch.setattr(suspects, "LEAST_ROWS", 0)
    monkeypatch.setattr(import_module("roo_dbt.diff.freeze"), "find_suspects", noted)
    return found


def test_new_changed_and_gone_records_are_found_and_no_other(shop: Shop, searched: list[bool]) -> None:
    shop.sync()
    shop.customers(
        "(1, 'ann@example.com', NULL, 10.5), (2, 'bo@example.com', 'Rome', 1), (9, 'zoe@example.com', 'Bonn', 2)"
    )
    result = shop.sync()

    assert searched == [False, True]
    assert counted(result) == {"created": 1, "updated": 2, "deleted": 1}
    assert shop.sandbox.braze_users["1"].get("home_city") is None
    again = shop.sync()
    assert counted(again) == {"unchanged": 3}
    assert again.requests == 0


@pytest.mark.parametrize(
    "other",
    [
        {"tags": "['a, b']"},
        {"tags": "['b', 'a']"},
        {"tags": "[]::VARCHAR[]"},
        {"tags": "NULL"},
        {"address": "{'city': NULL}"},
        {"address": "NULL"},
        {"doc": "'{\"a\": 1.5}'::JSON"},
        {"doc": "'[]'::JSON"},
        {"doc": "NULL"},
    ],
    ids=str,
)
def test_a_nested_value_that_changed_is_found(
    shop: Shop, searched: list[bool], other: dict[str, str]
) -> None:
    shop.braze(mapping={"external_id": "id", "tags": "tags", "address": "address", "doc": "doc"})
    shop.customers(MODEL.format(**SAME), NESTED)
    shop.sync()
    shop.customers(MODEL.format(**SAME | other), NESTED)
    result = shop.sync()

    assert searched == [False, True]
    assert counted(result) == {"updated": 1, "unchanged": 1}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("0::HUGEINT", "-1::HUGEINT"),
        ("0::UHUGEINT", "340282366920938463463374607431768211455::UHUGEINT"),
        ("0.00::DECIMAL(38,2)", "-0.01::DECIMAL(38,2)"),
        ("0::DECIMAL(18,2)", "-0.01::DECIMAL(18,2)"),
        (
            "'80000000-0000-0001-0000-000000000002'::UUID",
            "'80000000-0000-0002-0000-000000000001'::UUID",
        ),
        ("NULL::VARCHAR", "''"),
        ("NULL::BIGINT", "0::BIGINT"),
        ("false", "NULL::BOOLEAN"),
    ],
)
def test_a_value_whose_own_hash_may_be_that_of_another_is_found(
    shop: Shop, searched: list[bool], before: str, after: str
) -> None:
    shop.braze(mapping={"external_id": "id", "value": "value"})
    shop.customers(f"(1, {before}), (2, {before})", "id, value")
    shop.sync()
    shop.customers(f"(1, {after}), (2, {before})", "id, value")
    result = shop.sync()

    assert searched == [False, True]
    assert (counted(result).get("updated", 0) + counted(result).get("failed", 0)) == 1


def test_what_was_not_accepted_goes_again_although_its_hash_is_the_same(
    shop: Shop, searched: list[bool]
) -> None:
    shop.sync()
    shop.sql("UPDATE main_roo.snapshot__braze_customers SET roo_dirty = true WHERE key__id = 2")
    result = shop.sync()

    assert searched == [False, True]
    assert counted(result) == {"updated": 1, "unchanged": 2}


def test_where_equal_values_are_not_all_that_counts_everything_is_compared(
    shop: Shop, searched: list[bool]
) -> None:
    shop.sync()
    shop.sync(full_refresh=True)
    shop.braze(mapping={"external_id": "id", "email": "email"})
    shop.sync()

    assert searched == [False, False, False]
