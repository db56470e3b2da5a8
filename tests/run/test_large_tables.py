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
