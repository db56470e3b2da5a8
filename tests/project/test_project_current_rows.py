"""Current rows of a snapshot, asked of a real DuckDB table."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from roo_dbt.project.current_rows import current_rows

FOREVER = "date '9999-12-31'"


def current(config: dict[str, Any], columns: str, rows: str) -> list[int]:
    with duckdb.connect() as connection:
        connection.execute(f"create table history ({columns})")
        connection.execute(f"insert into history values {rows}")
        found = connection.execute(
            f"select id from history where {current_rows(config)} order by id"
        ).fetchall()
    return [row[0] for row in found]


def test_rows_without_an_end_are_current() -> None:
    assert current({}, "id int, dbt_valid_to date", "(1, null), (2, date '2024-01-01')") == [1]


def test_rows_that_end_at_the_agreed_date_are_current_and_open_ones_too() -> None:
    rows = f"(1, null), (2, {FOREVER}), (3, date '2024-01-01')"
    assert current({"dbt_valid_to_current": FOREVER}, "id int, dbt_valid_to date", rows) == [1, 2]


def test_tombstones_are_not_current() -> None:
    rows = "(1, null, 'False'), (2, null, 'True'), (3, null, null), (4, date '2024-01-01', 'False')"
    config = {"hard_deletes": "new_record"}
    assert current(config, "id int, dbt_valid_to date, dbt_is_deleted text", rows) == [1, 3]


def test_renamed_columns_are_obeyed_whatever_their_spelling() -> None:
    names = {"dbt_valid_to": 'valid "until"', "dbt_is_deleted": "Is Gone", "dbt_valid_from": None}
    config = {
        "snapshot_meta_column_names": names,
        "dbt_valid_to_current": FOREVER,
        "hard_deletes": "new_record",
    }
    rows = f"(1, {FOREVER}, 'False'), (2, {FOREVER}, 'True'), (3, date '2024-01-01', 'False')"
    assert current(config, 'id int, "valid ""until""" date, "Is Gone" text', rows) == [1]


@pytest.mark.parametrize("config", [{"snapshot_meta_column_names": None}, {"hard_deletes": "invalidate"}])
def test_settings_that_do_not_matter_are_ignored(config: dict[str, Any]) -> None:
    assert current(config, "id int, dbt_valid_to date", "(1, null), (2, date '2024-01-01')") == [1]
