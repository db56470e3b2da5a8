"""The gate: what dbt's run results say about the models."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from roo_dbt.errors import ProjectProblem
from roo_dbt.project import Manifest, RunResults, read_manifest, read_run_results

DATA = Path(__file__).parents[1] / "data"
REAL = DATA / "dbt_1_11" / "run_results.json"
MANIFEST = read_manifest(DATA / "dbt_1_11" / "manifest.json")
CUSTOMERS = "model.shop.customers"
UNIQUE = "test.shop.unique_customers_customer_id.c5af1ff4b1"
WARNS_ONLY = "test.shop.accepted_values_customers_ltv__False__1.8698cdcb6a"
OWN_SQL = "test.shop.customers_have_plans"


def results(folder: Path, statuses: dict[str, str], *, at: str = "2026-01-01T00:00:00Z", **args: Any) -> Path:
    path = folder / f"run_results_{at[:10]}.json"
    document = {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
            "generated_at": at,
            "invocation_id": MANIFEST.invocation_id,
        },
        "results": [{"unique_id": unique_id, "status": status} for unique_id, status in statuses.items()],
        "args": args,
    }
    path.write_text(json.dumps(document))
    return path


def read(*paths: Path, manifest: Manifest = MANIFEST, target: str | None = None) -> RunResults:
    return read_run_results(paths, manifest, target=target)


def test_a_real_build_blocks_what_failed_was_skipped_or_failed_its_tests() -> None:
    found = read(REAL)
    assert set(found.blocked) == {"model.shop.broken", "model.shop.after_broken", "model.shop.orders"}
    assert "`error`" in found.blocked["model.shop.broken"]
    assert "skipped" in found.blocked["model.shop.after_broken"]
    assert "relationships_orders_customer_id" in found.blocked["model.shop.orders"]
    assert found.problems == ()
    assert found.invocation_ids == (MANIFEST.invocation_id,)


@pytest.mark.parametrize(
    "status", ["error", "skipped", "fail", "partial success", "runtime error", "something new"]
)
def test_a_model_that_did_not_succeed_is_blocked(tmp_path: Path, status: str) -> None:
    assert set(read(results(tmp_path, {CUSTOMERS: status})).blocked) == {CUSTOMERS}


@pytest.mark.parametrize("status", ["success", "no-op", "reused", "Success", "warn"])
def test_a_model_that_succeeded_is_not(tmp_path: Path, status: str) -> None:
    assert read(results(tmp_path, {CUSTOMERS: status})).blocked == {}


def test_a_model_that_the_file_does_not_mention_is_not_blocked(tmp_path: Path) -> None:
    assert CUSTOMERS not in read(results(tmp_path, {"model.shop.orders": "error"})).blocked


@pytest.mark.parametrize(
    ("status", "blocks"), [("fail", True), ("error", True), ("warn", False), ("skipped", False)]
)
def test_a_failed_test_blocks_its_model(tmp_path: Path, status: str, blocks: bool) -> None:
    assert (CUSTOMERS in read(results(tmp_path, {UNIQUE: status})).blocked) is blocks


def test_a_test_that_only_warns_never_blocks(tmp_path: Path) -> None:
    assert read(results(tmp_path, {WARNS_ONLY: "fail"})).blocked == {}


def test_a_test_in_sql_blocks_every_model_it_reads(tmp_path: Path) -> None:
    assert set(read(results(tmp_path, {OWN_SQL: "fail"})).blocked) == {CUSTOMERS}


def test_several_failed_tests_are_counted_and_named(tmp_path: Path) -> None:
    reason = read(results(tmp_path, {UNIQUE: "fail", OWN_SQL: "fail"})).blocked[CUSTOMERS]
    assert reason.startswith("2 tests")
    assert "customers_have_plans" in reason


def test_what_is_gone_from_the_project_is_ignored(tmp_path: Path) -> None:
    assert read(results(tmp_path, {"model.shop.long_gone": "error"})).blocked == {}


@pytest.mark.parametrize("first_given", [0, 1])
def test_of_two_files_the_newer_counts_in_whatever_order(tmp_path: Path, first_given: int) -> None:
    old = results(tmp_path, {CUSTOMERS: "error", "model.shop.orders": "error"})
    new = results(tmp_path, {CUSTOMERS: "success"}, at="2026-02-02T00:00:00Z")
    paths = [(old, new), (new, old)][first_given]
    assert set(read(*paths).blocked) == {"model.shop.orders"}


def test_results_of_another_dbt_command_long_ago_are_warned_about(tmp_path: Path) -> None:
    path = results(tmp_path, {}, at="2020-01-01T00:00:00Z")
    [problem] = read(path, manifest=read_manifest(DATA / "dbt_2_0" / "manifest.json")).problems
    assert (problem.id, problem.severity) == ("other-invocation", "warning")


def test_a_manifest_that_dbt_ls_wrote_after_the_build_is_no_news(tmp_path: Path) -> None:
    written = datetime.fromisoformat(MANIFEST.generated_at.replace("Z", "+00:00"))
    path = results(tmp_path, {}, at=(written - timedelta(minutes=5)).isoformat())
    assert read(path).problems == ()


def test_what_was_built_for_another_target_is_blocked(tmp_path: Path) -> None:
    path = results(tmp_path, {CUSTOMERS: "success", UNIQUE: "pass"}, target="dev")
    found = read(path, target="prod").blocked
    assert set(found) == {CUSTOMERS}
    assert "for the target dev last, and this run is for prod" in found[CUSTOMERS]
    assert read(path, target="dev").blocked == {}
    assert read(path).blocked == {}


def test_no_files_block_nothing() -> None:
    assert read() == RunResults()


def test_a_message_of_the_warehouse_is_not_repeated() -> None:
    """It may hold values of rows."""
    assert not any("no_such_column" in reason for reason in read(REAL).blocked.values())


def test_a_missing_or_broken_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectProblem, match="no such file"):
        read(tmp_path / "run_results.json")
    (tmp_path / "run_results.json").write_text("{")
    with pytest.raises(ProjectProblem, match="not valid JSON"):
        read(tmp_path / "run_results.json")


def test_a_later_version_of_the_file_is_refused(tmp_path: Path) -> None:
    path = results(tmp_path, {})
    path.write_text(path.read_text().replace("v6.json", "v7.json"))
    with pytest.raises(ProjectProblem, match="v7"):
        read(path)
