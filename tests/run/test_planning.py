"""A plan says what a sync will do, and leaves no trace of having looked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.run.engines import DUCKDB
from tests.run.shop import Shop, counted

from roo_dbt.errors import WarehouseUnavailable
from roo_dbt.records import DestinationPlan

MANY = "SELECT i AS id, 'u' || i || '@example.com' AS email, 'Oslo' AS city, i AS ltv FROM range({}, {}) r(i)"
READ = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1], read_only=True)
print("open", flush=True)
sys.stdin.read()
"""


def planned(plan: DestinationPlan) -> dict[str, int]:
    """The counts of a plan that are not 0."""
    counts = {name: getattr(plan.counts, name) for name in plan.counts.__slots__}
    return {name: number for name, number in counts.items() if number}


@contextmanager
def read_elsewhere(file: Path) -> Iterator[None]:
    """Another process reads the database meanwhile."""
    with subprocess.Popen(
        [sys.executable, "-c", READ, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield
        process.communicate()


@pytest.mark.parametrize("customers", [1, 74, 75, 76, 150, 151])
def test_a_plan_knows_how_many_requests_the_sync_will_make(shop: Shop, customers: int) -> None:
    shop.customers(MANY.format(0, customers))
    plan = shop.plan()
    result = shop.sync()
    assert (planned(plan), counted(result)) == ({"create": customers}, {"created": customers})
    assert plan.requests == result.requests == len(shop.sandbox.requests) == -(-customers // 75)


def test_a_plan_knows_the_requests_of_updates_and_removals(shop: Shop) -> None:
    shop.customers(MANY.format(0, 160))
    shop.sync()
    shop.sql("DELETE FROM customers WHERE id >= 145", "UPDATE customers SET city = 'Rome' WHERE id < 80")
    plan = shop.plan()
    result = shop.sync()
    assert planned(plan) == {"update": 80, "delete": 15, "unchanged": 65}
    assert counted(result) == {"updated": 80, "deleted": 15, "unchanged": 65}
    assert plan.fields == {"home_city": 80}
    assert plan.requests == result.requests == 3


@DUCKDB
def test_a_plan_changes_no_byte_and_lets_others_read(shop: Shop) -> None:
    shop.sync()
    shop.customers("(1, 'ann@example.com', 'Bergen', 10.5), (2, 'bo@example.com', NULL, 20)")
    before = shop.file.read_bytes()
    with read_elsewhere(shop.file):
        assert planned(shop.plan()) == {"update": 1, "delete": 1, "unchanged": 1}
    assert shop.file.read_bytes() == before
    assert {path.name for path in shop.folder.glob("shop.duckdb*")} == {"shop.duckdb"}


def test_a_plan_sends_nothing_and_makes_no_state(shop: Shop) -> None:
    shop.sandbox.clear_requests()
    assert planned(shop.plan()) == {"create": 3}
    assert {entry.method for entry in shop.sandbox.requests} == {"GET"}
    assert shop.sandbox.braze_users == {}
    assert shop.sql("SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'main_roo'") == [
        (0,)
    ]


def test_a_plan_needs_no_keys(shop: Shop) -> None:
    shop.sync()
    shop.environ.clear()
    shop.customers("(1, 'ann@example.com', 'Bergen', 10.5), (2, 'bo@example.com', NULL, 20)")
    plan = shop.plan()
    assert (planned(plan), plan.blocked_by) == ({"update": 1, "delete": 1, "unchanged": 1}, ())


def test_a_plan_with_another_key_says_that_the_sync_would_be_blocked(shop: Shop) -> None:
    shop.sync()
    shop.environ["BRAZE_KEY"] = "another-key-entirely"
    (reason,) = shop.plan().blocked_by
    assert "--same-workspace" in reason
    assert "another-key-entirely" not in reason


def test_a_guard_is_told_with_the_numbers_of_what_it_would_stop(shop: Shop) -> None:
    shop.braze(delete_limit=0)
    shop.sync()
    shop.customers("(1, 'ann@example.com', 'Bergen', 10.5), (2, 'bo@example.com', NULL, 20)")
    plan = shop.plan()
    assert plan.status == "blocked"
    assert planned(plan) == {"update": 1, "delete": 1, "unchanged": 1}
    assert len(plan.blocked_by) == 1
    assert "1 of 3 records left the model" in plan.blocked_by[0]
    allowed = shop.plan(yes_delete=frozenset({"braze_customers"}))
    assert (allowed.status, allowed.blocked_by) == ("planned", ())


def test_keys_that_cannot_be_are_told_by_the_plan_too(shop: Shop) -> None:
    shop.customers("(1, 'a@example.com', 'x', 1), (1, 'b@example.com', 'y', 2)")
    plan = shop.plan()
    assert plan.status == "blocked"
    assert "1 keys appear more than once" in plan.blocked_by[0]


def test_samples_hide_values_until_somebody_asks(shop: Shop) -> None:
    shop.sync()
    shop.customers("(1, 'ann@example.com', 'Bergen', 10.5), (2, 'bo@example.com', NULL, 20)")
    update, removal = shop.plan().samples
    assert (update.key, update.old, update.new) == ("1", {"home_city": "***"}, {"home_city": "***"})
    assert (removal.key, removal.operation) == ("3", "delete")
    assert "cy@example.com" not in str(removal)
    update, removal = shop.plan(show_values=True).samples
    assert (update.old, update.new) == ({"home_city": "Oslo"}, {"home_city": "Bergen"})
    assert removal.old["email"] == "cy@example.com"


def test_limit_and_full_refresh_mean_the_same_as_in_a_sync(shop: Shop) -> None:
    assert planned(shop.plan(limit=2)) == {"create": 2}
    shop.sync()
    assert planned(shop.plan(full_refresh=True)) == {"update": 3}


def test_another_state_schema_can_be_compared_with(shop: Shop) -> None:
    shop.sync(state_schema="production_roo")
    assert planned(shop.plan(state_schema="production_roo")) == {"unchanged": 3}
    assert planned(shop.plan()) == {"create": 3}
    assert planned(shop.plan(state_schema="another")) == {"create": 3}


def test_tables_of_a_newer_version_are_no_basis_for_a_plan(shop: Shop) -> None:
    shop.sync()
    shop.sql("UPDATE main_roo.roo_state SET version = 99")
    with pytest.raises(WarehouseUnavailable, match="version 99"):
        shop.plan()


@pytest.mark.parametrize("first", [True, False])
def test_what_an_interrupted_run_had_confirmed_is_counted_as_done(shop: Shop, first: bool) -> None:
    if not first:
        shop.sync()
        shop.sql("UPDATE customers SET city = 'Bergen'")
    break_off(shop, confirmed=2)
    plan = shop.plan()
    assert planned(plan) == {"create" if first else "update": 1, "unchanged": 2}
    assert plan.requests == 1
    assert shop.plan() == plan
    result = shop.sync()
    assert counted(result) == {"created" if first else "updated": 1, "unchanged": 2}
    assert len(shop.bodies) == 1


def test_what_an_interrupted_run_saw_refused_is_held_in_the_plan_too(shop: Shop) -> None:
    break_off(shop, confirmed=2)
    shop.sql(
        "UPDATE main_roo.roo_acknowledged SET status = 'failed', code = 'rejected', message = 'no', "
        "permanent = true WHERE status = 'accepted'"
    )
    assert planned(shop.plan()) == {"create": 1, "held": 2}
    assert counted(shop.sync()) == {"created": 1, "held": 2}
    assert planned(shop.plan()) == {"unchanged": 1, "held": 2}


def break_off(shop: Shop, *, confirmed: int) -> None:
    """Leave the state tables as a process does that is killed after `confirmed` changes were acknowledged."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("roo_dbt.state.commit", lambda *_: None)
        patch.setattr("roo_dbt.state.unlock", lambda *_: None)
        run_id = shop.report().invocation.invocation_id
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    shop.sql(
        f"UPDATE main_roo.roo_acknowledged SET last_seq = {confirmed} WHERE status = 'accepted'",
        f"UPDATE main_roo.roo_locks SET pid = {dead.pid}",
        f"UPDATE main_roo.roo_runs SET status = 'running', finished_at = NULL WHERE run_id = '{run_id}'",
    )
