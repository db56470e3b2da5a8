"""What blocks a destination before the first request, with the numbers and the way past it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.faults.test_signals import until
from tests.run.shop import ANN, BO, CY, Shop, counted

MANY = "SELECT i AS id, 'u' || i || '@example.com' AS email, 'Oslo' AS city, i AS ltv FROM range({}, {}) r(i)"


def blocked(shop: Shop, **options: Any) -> str:
    """Sync, and the sentence of the guard; nothing may have been sent."""
    report = shop.report(**options)
    (result,) = report.results
    assert (result.status, report.exit_code, shop.sandbox.requests) == ("blocked", 1, [])
    assert result.message is not None
    return result.message


def test_ten_percent_never_means_fewer_than_ten_removals(shop: Shop) -> None:
    shop.customers(MANY.format(0, 30))
    shop.sync()
    shop.customers(MANY.format(10, 30))
    assert counted(shop.sync()) == {"deleted": 10, "unchanged": 20}


@pytest.mark.parametrize("mode", ["sync", "additive", "enrich"])
def test_more_removals_than_the_limit_block_in_every_mode_until_they_are_allowed(
    shop: Shop, mode: str
) -> None:
    shop.customers(MANY.format(0, 30))
    shop.braze("additive")
    shop.sync()
    shop.braze(mode)
    shop.customers(MANY.format(11, 31))
    message = blocked(shop)
    assert "11 of 30 records left the model" in message
    assert "--yes-delete braze_customers" in message
    done = {"sync": "deleted"}.get(mode, "skipped")
    assert counted(shop.sync(yes_delete=frozenset({"braze_customers"})))[done] == 11


def test_a_number_is_an_exact_limit(shop: Shop) -> None:
    shop.braze(delete_limit=0)
    shop.sync()
    shop.customers(f"{ANN}, {BO}")
    assert "1 of 3 records left the model" in blocked(shop)


def test_an_empty_model_blocks_whatever_the_limit(shop: Shop) -> None:
    shop.braze(delete_limit="100%")
    shop.sync()
    shop.sql("DELETE FROM customers")
    assert "the model is empty, and the last sync had 3 records" in blocked(shop)


def test_a_dropped_field_that_would_clear_too_many_records_blocks(shop: Shop) -> None:
    shop.customers(MANY.format(0, 30))
    shop.sync()
    shop.braze(mapping={"external_id": "id", "email": "email", "ltv": "ltv"})
    assert "home_city is no longer mapped and would be cleared in 30 records" in blocked(shop)


def test_a_blocked_destination_keeps_its_snapshot_and_can_go_on(shop: Shop) -> None:
    shop.braze(delete_limit=0)
    shop.sync()
    shop.customers(f"{ANN}, {BO}")
    blocked(shop)
    shop.customers(f"{ANN}, {BO}, {CY}")
    assert counted(shop.sync()) == {"unchanged": 3}


def test_another_endpoint_blocks_until_full_refresh_starts_a_new_snapshot(shop: Shop) -> None:
    shop.sync()
    shop.roo["apps"]["braze"]["rest_endpoint"] = shop.sandbox.url.replace("127.0.0.1", "localhost")
    assert "the snapshot was sent to http://127.0.0.1" in blocked(shop)
    shop.customers(f"{ANN}")
    assert counted(shop.sync(full_refresh=True)) == {"created": 1}
    assert counted(shop.sync()) == {"unchanged": 1}


def test_another_key_blocks_until_somebody_vouches_for_the_workspace(shop: Shop) -> None:
    shop.sync()
    shop.environ["BRAZE_KEY"] = "a-rotated-key"
    message = blocked(shop)
    assert "--same-workspace" in message
    assert "a-rotated-key" not in message
    assert counted(shop.sync(same_workspace=True)) == {"unchanged": 3}
    assert counted(shop.sync()) == {"unchanged": 3}


def test_a_named_workspace_survives_a_rotated_key(shop: Shop) -> None:
    shop.roo["apps"]["braze"]["workspace"] = "production"
    shop.sync()
    shop.environ["BRAZE_KEY"] = "a-rotated-key"
    assert counted(shop.sync()) == {"unchanged": 3}
    shop.roo["apps"]["braze"]["workspace"] = "staging"
    assert "workspace" in blocked(shop)


def test_other_key_columns_block(shop: Shop) -> None:
    shop.sync()
    shop.key = "email"
    assert "the key was id and is now email" in blocked(shop)


def test_a_first_run_with_a_wrong_key_blocks_nobody(shop: Shop) -> None:
    shop.environ["BRAZE_KEY"] = "wrong"
    report = shop.report()
    assert (report.results[0].status, report.exit_code) == ("error", 2)
    shop.environ["BRAZE_KEY"] = "right"
    assert counted(shop.sync()) == {"created": 3}


def test_a_destination_that_looks_renamed_is_blocked_until_full_refresh(shop: Shop) -> None:
    shop.sync()
    shop.destinations[0]["name"] = "braze_people"
    assert "it looks like braze_customers under a new name" in blocked(shop)
    assert counted(shop.sync(full_refresh=True)) == {"created": 3}


def test_null_keys_block_with_their_number(shop: Shop) -> None:
    shop.customers("(1, 'a@example.com', 'x', 1), (NULL, 'b@example.com', 'y', 2)")
    assert "1 of 2 rows have no key (id is null)" in blocked(shop)


def test_duplicate_keys_block_with_samples(shop: Shop) -> None:
    shop.customers("(1, 'a@example.com', 'x', 1), (1, 'b@example.com', 'y', 2), (2, 'c@example.com', 'y', 2)")
    assert "1 keys appear more than once (id): 1 (2×)." in blocked(shop)


def run_results(shop: Shop, unique_id: str, status: str, **args: str) -> None:
    """What dbt leaves behind."""
    target = Path(shop.folder / "target")
    target.mkdir(exist_ok=True)
    (target / "run_results.json").write_text(
        json.dumps(
            {
                "metadata": {
                    "dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
                    "invocation_id": "one",
                    "generated_at": "2026-11-22T00:00:00Z",
                },
                "results": [{"unique_id": unique_id, "status": status, "message": None}],
                "args": args,
            }
        )
    )


def test_a_model_that_dbt_could_not_build_is_not_exported(shop: Shop) -> None:
    run_results(shop, "model.shop.customers", "error")
    assert "customers" in blocked(shop)
    assert shop.status()[0].status == "blocked"
    shop.braze(on_failed_model="warn")
    assert counted(shop.sync()) == {"created": 3}
    overrides = shop.sql("SELECT overrides FROM main_roo.roo_runs WHERE overrides IS NOT NULL")
    assert "on_failed_model: warn" in overrides[0][0]


def test_a_model_that_dbt_built_for_another_target_is_not_exported(shop: Shop) -> None:
    run_results(shop, "model.shop.customers", "success", target="elsewhere")
    assert "dbt built it for the target elsewhere last" in blocked(shop)
    assert not shop.sandbox.requests
    run_results(shop, "model.shop.customers", "success", target="dev")
    assert counted(shop.sync()) == {"created": 3}


def test_a_model_that_the_run_results_do_not_mention_is_exported(shop: Shop) -> None:
    run_results(shop, "model.shop.another", "error")
    assert counted(shop.sync()) == {"created": 3}


def test_an_override_is_recorded(shop: Shop) -> None:
    shop.braze(delete_limit=0)
    shop.sync()
    shop.customers(f"{ANN}, {BO}")
    shop.sync(yes_delete=frozenset({"braze_customers"}))
    recorded = shop.sql("SELECT overrides FROM main_roo.roo_runs WHERE overrides IS NOT NULL")
    assert recorded == [("--yes-delete braze_customers",)]


def test_an_override_is_recorded_before_the_first_request(shop: Shop) -> None:
    shop.customers(MANY.format(0, 300))
    shop.sync()
    shop.customers(MANY.format(0, 3))
    shop.write()
    shop.sandbox.clear_requests()
    shop.sandbox.latency = 0.3
    places = ["--project-dir", str(shop.folder), "--profiles-dir", str(shop.folder)]
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "roo_dbt",
            "sync",
            "--yes-delete",
            "braze_customers",
            "--threads",
            "1",
            *places,
        ],
        env={**os.environ, **shop.environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        until(lambda: len(shop.sandbox.requests) >= 1)
        process.kill()
    recorded = shop.sql("SELECT overrides FROM main_roo.roo_runs ORDER BY started_at DESC LIMIT 1")
    assert recorded == [("--yes-delete braze_customers",)]


def test_the_other_destinations_go_on(shop: Shop) -> None:
    shop.iterable()
    shop.braze(delete_limit=0)
    shop.report()
    shop.customers(f"(1, 'ann@example.com', 'Bergen', 10.5), {BO}")
    report = shop.report()
    assert [result.status for result in report.results] == ["blocked", "success"]
    assert report.exit_code == 1
