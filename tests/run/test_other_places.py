"""A new snapshot for another workspace takes the place of the old one once something arrived there."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from typing import Any

import pytest
from rich.text import Text
from tests.run.shop import ANN, BO, CY, Shop, counted

from roo_dbt import run
from roo_dbt.export import RetryPolicy, open_lane
from roo_dbt.report.listings import unaccepted_lines, unfinished_lines
from roo_dbt.report.remembered import life_lines
from roo_dbt.run import last_runs, why

NAME = "braze_customers"
REFUSALS: list[dict[str, Any]] = [{"kind": "status", "status": 401}, {"kind": "status", "status": 302}]
COLUMNS = "SELECT * FROM main_roo.snapshot__braze_customers ORDER BY key__id"
KNOWN = "SELECT endpoint, workspace, key_columns, snapshot_shape FROM main_roo.roo_destinations"


@pytest.fixture
def moved(shop: Shop) -> Shop:
    """Three customers who were sent, of whom one left without being removed; then the app is elsewhere."""
    shop.braze("additive")
    shop.sync()
    shop.customers(f"{ANN}, {BO}")
    shop.sync()
    shop.braze()
    elsewhere(shop)
    return shop


def elsewhere(shop: Shop) -> None:
    shop.roo["apps"]["braze"]["rest_endpoint"] = shop.sandbox.url.replace("127.0.0.1", "localhost")


def back(shop: Shop) -> None:
    shop.roo["apps"]["braze"]["rest_endpoint"] = shop.sandbox.url


def kept(shop: Shop) -> tuple[Any, ...]:
    """What is remembered of the old place."""
    return shop.sql(COLUMNS), shop.sql(KNOWN)


def said(lines: list[Text]) -> str:
    return "\n".join(line.plain for line in lines)


@pytest.mark.parametrize("fault", REFUSALS, ids=["401", "302"])
def test_a_place_that_takes_nothing_leaves_everything_as_it_was(moved: Shop, fault: dict[str, Any]) -> None:
    before = kept(moved)
    moved.sandbox.fault(**fault)
    report = moved.report(full_refresh=True)
    assert (report.exit_code, report.results[0].status) == (2, "error")
    moved.sandbox.clear_faults()
    assert kept(moved) == before
    assert moved.plan().blocked_by
    back(moved)
    assert counted(moved.sync()) == {"deleted": 1, "unchanged": 2}


def test_a_new_place_that_took_something_has_a_new_snapshot(moved: Shop) -> None:
    moved.sandbox.fault("item", ids=["2"])
    assert counted(moved.sync(full_refresh=True)) == {"created": 1, "failed": 1}
    assert counted(moved.sync()) == {"unchanged": 1, "held": 1}
    assert [row[0] for row in moved.sql(COLUMNS)] == [1]
    back(moved)
    assert moved.sync().status == "blocked"


def test_a_new_place_whose_answers_got_lost_may_have_everything(
    moved: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = RetryPolicy(attempts=2, base=0.01, cap=0.01, least=0.001)
    monkeypatch.setattr(run, "open_lane", partial(open_lane, policy=policy))
    moved.sandbox.fault("drop_after")
    report = moved.report(full_refresh=True)
    assert report.exit_code == 3
    moved.sandbox.clear_faults()
    assert counted(moved.sync()) == {"created": 2}
    assert counted(moved.sync()) == {"unchanged": 2}


def test_a_new_place_that_refused_every_record_says_so_and_changes_nothing(moved: Shop) -> None:
    before = kept(moved)
    moved.sandbox.fault("item", ids=["1", "2"])
    result = moved.sync(full_refresh=True)
    assert (counted(result), len(result.failures)) == ({"failed": 2}, 2)
    assert kept(moved) == before


def test_a_run_elsewhere_that_died_is_seen_to_as_far_as_it_came(moved: Shop) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("roo_dbt.state.commit", lambda *_: None)
        patch.setattr("roo_dbt.state.unlock", lambda *_: None)
        moved.report(full_refresh=True)
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        dead.wait()
    moved.sql(f"UPDATE main_roo.roo_locks SET pid = {dead.pid}")
    assert moved.plan().counts.unchanged == 2
    assert counted(moved.sync()) == {"unchanged": 2}
    assert [row[0] for row in moved.sql(COLUMNS)] == [1, 2]


def test_an_empty_model_elsewhere_begins_an_empty_snapshot(moved: Shop) -> None:
    moved.sql("DELETE FROM customers")
    assert counted(moved.sync(full_refresh=True)) == {}
    moved.customers(f"{CY}")
    assert counted(moved.sync()) == {"created": 1}


def test_the_life_of_a_record_says_that_the_snapshot_was_started_anew(moved: Shop) -> None:
    moved.sandbox.fault("item", ids=["2"])
    moved.sync(full_refresh=True)
    lines = said(life_lines(why(moved.options(), NAME, "2", moved.environ)))
    assert "The snapshot was started anew since it was last accepted" in lines
    assert "No vendor has accepted it." not in lines


def test_the_life_of_a_removed_record_says_that_it_was_removed(moved: Shop) -> None:
    back(moved)
    moved.sync()
    assert "It was removed at the vendor" in said(life_lines(why(moved.options(), NAME, "3", moved.environ)))


def test_nothing_refused_is_not_everything_accepted(shop: Shop) -> None:
    shop.sandbox.fault("status", status=401)
    shop.report()
    lines = [*unaccepted_lines(shop.failures()), *unfinished_lines(last_runs(shop.options(), shop.environ))]
    assert said(lines).splitlines() == [
        "No record was refused.",
        "The last run of braze_customers stopped before its end: what it did not get to is still due.",
    ]
    shop.sandbox.clear_faults()
    shop.sync()
    assert unfinished_lines(last_runs(shop.options(), shop.environ)) == []
