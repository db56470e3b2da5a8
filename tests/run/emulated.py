"""Snowflake as fakesnow emulates it: its SQL is translated, and runs on a DuckDB in this process.

What the emulator cannot do is said here, in one place: times are not formatted, arrays have other types.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any
from unittest import mock

import pytest
import sqlglot
from sqlglot import exp
from tests.run.engines import Rows

FORMATS = {
    """'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"'""": "'%Y-%m-%dT%H:%M:%S.%gZ'",
    """'YYYY-MM-DD"T"HH24:MI:SS"Z"'""": "'%Y-%m-%dT%H:%M:%SZ'",
    "'YYYY-MM-DD'": "'%Y-%m-%d'",
}
"""Formats of TO_VARCHAR, which the emulator overlooks, as DuckDB has them."""


_UPPER_CASE = "it quotes names of columns, which are in upper case there"
_NO_ARRAYS = "the emulator takes an array of texts for a VARIANT"
_SELDOM = "answers are written every 15 seconds there"
_ONE_PROCESS = "the emulator is in this process alone"
_UPPER_TYPES = "the sentence names a column, which is in upper case there, and its type"
_LISTS_TABLES = "it asks DuckDB's own list of tables"
EMULATED: dict[str, dict[str, str]] = {
    "test_sync_modes": {},
    "test_mapping_changes": {
        "test_a_subscription_state_that_a_type_could_not_say_for_a_while_is_not_repeated": "it makes an enum",
    },
    "test_refusals": {},
    "test_identifiers": {},
    "test_handovers": {
        "test_who_keeps_a_shared_user_takes_it_out_of_the_groups_of_the_record_that_goes_on": _NO_ARRAYS,
        "test_a_record_whose_user_others_may_have_emptied_joins_its_groups_again": _NO_ARRAYS,
    },
    "test_guards": {
        "test_an_override_is_recorded_before_the_first_request": _ONE_PROCESS,
        "test_other_key_columns_block": _UPPER_CASE,
        "test_null_keys_block_with_their_number": _UPPER_CASE,
        "test_duplicate_keys_block_with_samples": _UPPER_CASE,
    },
    "test_lost_answers": {
        "test_a_value_that_went_back_after_a_kill_is_sent_again": _ONE_PROCESS,
        "test_who_opted_out_again_after_a_kill_is_unsubscribed": _ONE_PROCESS,
        "test_a_new_user_whose_creation_died_with_the_run_is_removed_when_its_row_leaves": _ONE_PROCESS,
    },
    "test_neighbours": {},
    "test_holding": {},
    "test_leaving_groups": {},
    "test_planning": {},
    "test_shared_users": {
        "test_a_record_that_returns_joins_a_list_of_which_another_group_says_now_that_it_is_in_it": _NO_ARRAYS,
    },
    "test_why": {},
    "test_events": {},
    "test_half_done": {"test_a_run_killed_while_the_vendor_settles_loses_no_list": _ONE_PROCESS},
    "test_other_places": {},
    "test_baseline": {},
    "test_receipts": {
        "test_an_acknowledgement_that_breaks_halfway_is_undone_before_it_is_written_again": _SELDOM,
        "test_what_the_vendor_has_of_a_change_is_noted_again_after_it_could_not_be_written": _SELDOM,
    },
    "test_reasons_of_a_run": {},
    "test_upkeep_of_events": {},
    "test_braze_stream": {},
    "test_agreeing": {
        "test_a_plan_warns_of_a_column_whose_type_is_not_the_one_of_the_workspace": _UPPER_TYPES,
        "test_a_plan_and_a_check_warn_of_a_column_whose_type_is_not_the_one_of_its_iterable_field": _UPPER_TYPES,
    },
    "test_starting": {"test_a_column_that_the_table_does_not_have": _UPPER_CASE},
    "test_upkeep": {
        "test_nobody_takes_over_what_a_live_run_is_exporting": _LISTS_TABLES,
        "test_a_renamed_destination_goes_on_with_the_snapshot_it_took_over": _LISTS_TABLES,
    },
}
"""Modules of the suite that are run on the emulator, with the tests left out and why."""

BRIEF = "test_sync_modes"
"""The module that always is. The emulator takes seconds for a test, so the others wait for `-m slow`."""


@dataclass
class FakeSnowflake:
    """An account with one database."""

    adapter: str = "snowflake"
    database: str = "shop"
    schema: str = "prod"

    def profile(self) -> dict[str, Any]:
        """A target with a password that opens nothing."""
        return {
            "type": "snowflake",
            "account": "emulated",
            "user": "dbt",
            "password": "a-snowflake-password-nobody-may-see",
            "database": self.database,
            "schema": self.schema,
            "warehouse": "small",
        }

    def relation(self, name: str) -> str:
        """As dbt-snowflake names a model, which quotes nothing."""
        return f"{self.database}.{self.schema}.{name}"

    def sql(self, *statements: str) -> Rows:
        """DuckDB's SQL in Snowflake's words."""
        parameters = {**self.profile(), "paramstyle": "qmark"}
        cursor = import_module("snowflake.connector").connect(**parameters).cursor()
        rows: Rows = []
        for statement in statements:
            cursor.execute(in_snowflake(statement))
            rows = [tuple(row) for row in cursor.fetchall()]
        return rows


def in_snowflake(statement: str) -> str:
    """DuckDB's SQL in Snowflake's words; the schema `main` is always there in lower case, hence `prod`."""
    tree: Any = sqlglot.parse_one(statement.replace("main_roo", "prod_roo"), read="duckdb")
    for table in tree.find_all(exp.Table):
        if table.db == "main":
            table.set("db", exp.to_identifier("prod"))
    return str(tree.sql("snowflake"))


def emulated(sql: str) -> str:
    """Snowflake's SQL without what the emulator lacks."""
    for ours, theirs in FORMATS.items():
        while (end := sql.find(f", {ours})")) >= 0:
            start = _opening(sql, end)
            shown = f"STRFTIME({sql[start:end]}, {theirs})"
            sql = sql[: start - len("TO_VARCHAR(")] + shown + sql[end + len(f", {ours})") :]
    return sql


def _opening(sql: str, end: int) -> int:
    """Where the argument that ends there begins."""
    depth = 0
    for position in range(end - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(sql[position], 0)
        if depth < 0:
            return position + 1
    raise ValueError(sql)


@contextmanager
def emulator() -> Iterator[FakeSnowflake]:
    """A new account, gone afterwards."""
    fakesnow: ModuleType = pytest.importorskip("fakesnow", reason="pip install fakesnow")
    cursor = pytest.importorskip("fakesnow.cursor").FakeSnowflakeCursor
    execute = cursor.execute

    def translated(self: Any, command: str, *arguments: Any, **options: Any) -> Any:
        return execute(self, emulated(re.sub(r"/\*.*?\*/", "", command)), *arguments, **options)

    # The emulator uses functions that its DuckDB is about to drop.
    with (
        warnings.catch_warnings(),
        fakesnow.patch(),
        mock.patch.object(cursor, "execute", translated),
    ):
        warnings.simplefilter("ignore")
        yield FakeSnowflake()
