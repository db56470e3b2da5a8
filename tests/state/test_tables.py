"""The state tables: made once, kept, and refused when they are newer than this program."""

from __future__ import annotations

import pytest
from tests.state.conftest import State, destination

from roo_dbt.errors import WarehouseUnavailable
from roo_dbt.records import Counts, DestinationResult
from roo_dbt.state import create_tables, failures, finish_run, runs, start_run, tables_exist, workspace_of
from roo_dbt.state.snapshots import known, strangers
from roo_dbt.warehouse.dialect import DAY
from roo_dbt.warehouse.layout import STATE_VERSION


def test_making_the_tables_twice_keeps_what_is_in_them(state: State) -> None:
    start_run(state.session, state.layout, destination(), "run", "prod")
    create_tables(state.session, state.layout)
    assert [run.run_id for run in runs(state.session, state.layout, limit=10)] == ["run"]
    assert state.session.run(f"SELECT * FROM {state.layout.versions}") == [(STATE_VERSION,)]


def test_tables_are_looked_for_in_their_own_schema(state: State) -> None:
    assert tables_exist(state.warehouse, state.session, state.warehouse.database, "main_roo")
    assert not tables_exist(state.warehouse, state.session, state.warehouse.database, "other_roo")


def test_tables_of_a_newer_version_are_refused_with_the_way_out(state: State) -> None:
    state.session.run(f"UPDATE {state.layout.versions} SET version = {STATE_VERSION + 1}")
    with pytest.raises(WarehouseUnavailable, match=f"version {STATE_VERSION + 1}") as refusal:
        tables_exist(state.warehouse, state.session, state.warehouse.database, "main_roo")
    assert "pip install --upgrade roo-dbt" in str(refusal.value)


def result(name: str) -> DestinationResult:
    """What a run did for a destination."""
    return DestinationResult(
        name,
        "model.shop.customers",
        "braze",
        "users",
        "partial",
        Counts(1, 2, 3, 4, 5, 6, 7, 8),
        "said",
        rows=9,
        requests=10,
        retries=11,
    )


def test_a_run_is_remembered_with_all_its_counts(state: State) -> None:
    start_run(state.session, state.layout, destination(), "run", "prod")
    (under_way,) = runs(state.session, state.layout, limit=10)
    assert (under_way.status, under_way.finished_at, under_way.rows) == ("running", None, None)
    finish_run(state.session, state.layout, "run", result("braze"), overrides=None, history_days=30)
    (ended,) = runs(state.session, state.layout, limit=10)
    assert (ended.status, ended.message, ended.rows) == ("partial", "said", 9)
    assert (ended.counts, ended.requests, ended.retries) == (Counts(1, 2, 3, 4, 5, 6, 7, 8), 10, 11)
    assert ended.started_at.endswith("Z")


def test_the_newest_run_comes_first(state: State) -> None:
    for number in range(3):
        start_run(state.session, state.layout, destination(), f"run {number}", "prod")
        state.session.run(
            f"UPDATE {state.layout.runs} SET started_at = {state.session.dialect.ago((10 - number) * 3600)} "
            "WHERE run_id = ?",
            [f"run {number}"],
        )
    assert [run.run_id for run in runs(state.session, state.layout, limit=2)] == ["run 2", "run 1"]


def test_history_is_kept_for_so_many_days_and_only_of_the_destination_that_ran(state: State) -> None:
    for name in ("braze", "other"):
        for run_id, days in (("old", 31), ("young", 29)):
            start_run(state.session, state.layout, destination(name), run_id, "prod")
            state.session.run(
                f"INSERT INTO {state.layout.outcomes} SELECT ?, ?, '1', 'create', 'accepted', NULL, NULL, "
                f"{state.session.dialect.ago(days * DAY)}",
                [run_id, name],
            )
            state.session.run(
                f"UPDATE {state.layout.runs} SET started_at = {state.session.dialect.ago(days * DAY)} "
                "WHERE run_id = ? AND destination = ?",
                [run_id, name],
            )
    finish_run(state.session, state.layout, "young", result("braze"), overrides=None, history_days=30)
    for table in (state.layout.outcomes, state.layout.runs):
        left = state.session.run(f"SELECT destination, run_id FROM {table} ORDER BY 1, 2")
        assert left == [("braze", "young"), ("other", "old"), ("other", "young")]


def test_failures_are_sorted_by_how_long_they_wait_and_absences_are_none(state: State) -> None:
    for key, status, hours in (("1", "failed", 1), ("2", "unknown", 5), ("3", "skipped", 9)):
        state.session.run(
            f"INSERT INTO {state.layout.unaccepted} SELECT 'braze', ?, 'update', ?, 'rejected', 'no', 2, "
            f"{state.session.dialect.ago(hours * 3600)}, now(), true, 'f'",
            [key, status],
        )
    assert [row.key for row in failures(state.session, state.layout)] == ["2", "1"]
    assert [row.key for row in failures(state.session, state.layout, limit=1)] == ["2"]
    assert failures(state.session, state.layout, destination="other") == []


def test_a_workspace_is_its_name_or_a_salted_digest_of_the_key(state: State) -> None:
    assert workspace_of("production", ["key"]) == "name:production"
    first = workspace_of(None, ["key"])
    assert "key" not in first.removeprefix("key:")
    assert workspace_of(None, ["key"], first) == first
    assert workspace_of(None, ["other"], first) != first
    assert workspace_of(None, ["key"]) != first
    assert workspace_of(None, [], first) == ""


def test_a_destination_that_is_gone_is_a_stranger_only_once_it_sent_something(state: State) -> None:
    state.session.run(
        f"INSERT INTO {state.layout.destinations} (destination, unique_id, app, object, endpoint, workspace, "
        "key_columns, identifier) "
        "VALUES ('old', 'model.shop.customers', 'braze', 'users', '', '', '[]', '[]')"
    )
    found = list(known(state.session, state.layout).values())
    assert strangers(found, ["braze"], destination()) == []
    state.session.run(
        f"""UPDATE {state.layout.destinations} SET snapshot_shape = '{{"key": [], "fields": []}}'"""
    )
    found = list(known(state.session, state.layout).values())
    assert strangers(found, ["braze"], destination()) == ["old"]
    assert strangers(found, ["braze", "old"], destination()) == []
