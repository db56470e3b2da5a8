"""Requests whose answer is lost: whatever the rows say afterwards, the vendor ends up with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from functools import partial
from typing import Any

import pytest
from tests.run.shop import Shop, counted
from tests.run.test_interruptions import SYNC, until

from roo_dbt import run
from roo_dbt.export import RetryPolicy, open_lane

NEWS = "7a1c9e62-2b1f-4b0c-9f0e-6f1f1a2b3c4d"
GROUPS = [{"name": "Newsletter", "column": "news", "subscription_group_id": NEWS}]
COLUMNS = "id, email, city, ltv, news"
ANN, ANN_SUBSCRIBED = (f"(1, 'ann@x.org', 'Oslo', 1, {news})" for news in ("false", "true"))
LOST: list[dict[str, Any]] = [{"kind": "drop_after"}, {"kind": "status", "status": 500, "written": True}]

lost = pytest.mark.parametrize("fault", LOST, ids=["connection cut", "500"])


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two attempts, without a wait worth the name."""
    policy = RetryPolicy(attempts=2, base=0.01, cap=0.01, least=0.001)
    monkeypatch.setattr(run, "open_lane", partial(open_lane, policy=policy))


def answers_lost(shop: Shop, fault: dict[str, Any] | None = None) -> None:
    """Sync while no answer arrives."""
    shop.sandbox.fault(**{"method": "POST", **(fault or LOST[0])})
    report = shop.report()
    assert (report.exit_code, report.results[0].status) == (3, "error")
    shop.sandbox.clear_faults()


def killed(shop: Shop) -> None:
    """Sync until Braze has carried the first request out, and die before the answer."""
    shop.sandbox.fault("stall", seconds=8, written=True)
    before = shop.sandbox.braze_profiles
    shop.write()
    command = [sys.executable, "-c", SYNC, str(shop.folder), "2"]
    with subprocess.Popen(command, env={**os.environ, **shop.environ}) as process:
        until(lambda: shop.sandbox.braze_profiles != before, process)
        process.send_signal(signal.SIGKILL)
    shop.sandbox.clear_faults()


def news(shop: Shop) -> dict[str, str]:
    """The state of every Braze user in the subscription group."""
    return {
        user["external_id"]: user["subscription_groups"].get(NEWS) for user in shop.sandbox.braze_profiles
    }


@lost
@pytest.mark.parametrize("vendor", ["braze", "iterable"])
def test_a_value_that_went_back_after_a_lost_answer_is_sent_again(
    shop: Shop, vendor: str, fault: dict[str, Any]
) -> None:
    shop.destinations = []
    (shop.braze if vendor == "braze" else shop.iterable)()
    shop.customers("(1, 'ann@x.org', 'Oslo', 1), (2, 'bo@x.org', 'Rome', 2)")
    shop.sync()
    shop.customers("(1, 'ann@x.org', 'Wrong', 1), (2, 'bo@x.org', 'Rome', 2)")
    answers_lost(shop, fault)
    users = shop.sandbox.braze_users if vendor == "braze" else shop.sandbox.iterable_users
    assert "Wrong" in {user.get("home_city", user.get("city")) for user in users.values()}
    shop.customers("(1, 'ann@x.org', 'Oslo', 1), (2, 'bo@x.org', 'Rome', 2)")
    assert shop.plan().counts.update == 1
    assert counted(shop.sync()) == {"updated": 1, "unchanged": 1}
    users = shop.sandbox.braze_users if vendor == "braze" else shop.sandbox.iterable_users
    assert {user.get("home_city", user.get("city")) for user in users.values()} == {"Oslo", "Rome"}
    assert shop.sync().requests == 0


def test_a_value_that_went_back_after_a_kill_is_sent_again(shop: Shop) -> None:
    shop.customers("(1, 'ann@x.org', 'Oslo', 1)")
    shop.sync()
    shop.customers("(1, 'ann@x.org', 'Wrong', 1)")
    killed(shop)
    assert shop.sandbox.braze_users["1"]["home_city"] == "Wrong"
    shop.customers("(1, 'ann@x.org', 'Oslo', 1)")
    assert shop.plan().counts.update == 1
    assert counted(shop.sync()) == {"updated": 1}
    assert shop.sandbox.braze_users["1"]["home_city"] == "Oslo"
    assert shop.sync().requests == 0


def test_a_value_that_stays_what_was_sent_costs_one_request_as_before(shop: Shop) -> None:
    shop.customers("(1, 'ann@x.org', 'Oslo', 1)")
    shop.sync()
    shop.customers("(1, 'ann@x.org', 'Rome', 1)")
    answers_lost(shop)
    result = shop.sync()
    assert (counted(result), result.requests) == ({"updated": 1}, 1)
    assert shop.sync().requests == 0


@lost
def test_who_opted_out_again_after_a_lost_answer_is_unsubscribed(shop: Shop, fault: dict[str, Any]) -> None:
    shop.braze("additive", groups=GROUPS)
    shop.customers(ANN, COLUMNS)
    shop.sync()
    shop.customers(ANN_SUBSCRIBED, COLUMNS)
    answers_lost(shop, fault)
    assert news(shop) == {"1": "subscribed"}
    shop.customers(ANN, COLUMNS)
    assert counted(shop.sync()) == {"updated": 1}
    assert news(shop) == {"1": "unsubscribed"}
    assert shop.sync().requests == 0


def test_who_opted_out_again_after_a_kill_is_unsubscribed(shop: Shop) -> None:
    shop.braze("additive", groups=GROUPS)
    shop.customers(ANN, COLUMNS)
    shop.sync()
    shop.customers(ANN_SUBSCRIBED, COLUMNS)
    killed(shop)
    assert news(shop) == {"1": "subscribed"}
    shop.customers(ANN, COLUMNS)
    assert counted(shop.sync()) == {"updated": 1}
    assert news(shop) == {"1": "unsubscribed"}


def test_an_opt_in_that_never_arrived_is_sent_again(shop: Shop) -> None:
    shop.braze("additive", groups=GROUPS)
    shop.customers(ANN, COLUMNS)
    shop.sync()
    shop.customers(ANN_SUBSCRIBED, COLUMNS)
    answers_lost(shop, {"kind": "status", "status": 500})
    assert news(shop) == {"1": None}
    assert counted(shop.sync()) == {"updated": 1}
    assert news(shop) == {"1": "subscribed"}


def test_an_opt_out_that_was_lost_and_taken_back_is_an_opt_in_like_any_other(shop: Shop) -> None:
    shop.braze("additive", groups=GROUPS)
    shop.customers(ANN_SUBSCRIBED, COLUMNS)
    shop.sync()
    shop.customers(ANN, COLUMNS)
    answers_lost(shop)
    assert news(shop) == {"1": "unsubscribed"}
    shop.customers(ANN_SUBSCRIBED, COLUMNS)
    shop.sync()
    assert news(shop) == {"1": "subscribed"}


def test_a_lost_answer_about_a_city_repeats_no_consent(shop: Shop) -> None:
    mapping = {"external_id": "id", "home_city": "city", "email_subscribe": "email"}
    shop.braze("additive", mapping=mapping, groups=GROUPS)
    shop.customers("(1, 'opted_in', 'Oslo', 1, true)", COLUMNS)
    shop.sync()
    shop.customers("(1, 'opted_in', 'Rome', 1, true)", COLUMNS)
    answers_lost(shop)
    shop.customers("(1, 'opted_in', 'Oslo', 1, true)", COLUMNS)
    assert counted(shop.sync()) == {"updated": 1}
    assert shop.bodies == [{"external_id": "1", "home_city": "Oslo"}]


def test_a_subscription_state_that_went_back_after_a_lost_answer_is_sent_again(shop: Shop) -> None:
    mapping = {"external_id": "id", "email_subscribe": "email"}
    shop.braze("additive", mapping=mapping)
    shop.customers("(1, 'unsubscribed', 'Oslo', 1)")
    shop.sync()
    shop.customers("(1, 'opted_in', 'Oslo', 1)")
    answers_lost(shop)
    shop.customers("(1, 'unsubscribed', 'Oslo', 1)")
    assert counted(shop.sync()) == {"updated": 1}
    assert shop.sandbox.braze_users["1"]["email_subscribe"] == "unsubscribed"


def test_a_subscription_state_that_never_arrived_is_sent_again(shop: Shop) -> None:
    shop.braze("additive", mapping={"external_id": "id", "email_subscribe": "email"})
    shop.customers("(1, 'unsubscribed', 'Oslo', 1)")
    shop.sync()
    shop.customers("(1, 'opted_in', 'Oslo', 1)")
    answers_lost(shop, {"kind": "status", "status": 500})
    shop.sync()
    assert shop.sandbox.braze_users["1"]["email_subscribe"] == "opted_in"


def test_a_list_that_was_joined_with_a_lost_answer_is_left_again(shop: Shop) -> None:
    shop.destinations = []
    shop.iterable(groups=[{"name": "VIP", "column": "news"}])
    shop.customers("(1, 'ann@x.org', 'Oslo', 1, false), (2, 'bo@x.org', 'Rome', 2, true)", COLUMNS)
    shop.sync()
    shop.customers("(1, 'ann@x.org', 'Oslo', 1, true), (2, 'bo@x.org', 'Rome', 2, true)", COLUMNS)
    answers_lost(shop, {"kind": "drop_after", "path": "/api/lists/subscribe"})
    assert sorted(shop.sandbox.iterable_lists["VIP"]) == ["ann@x.org", "bo@x.org"]
    shop.customers("(1, 'ann@x.org', 'Oslo', 1, false), (2, 'bo@x.org', 'Rome', 2, true)", COLUMNS)
    assert counted(shop.sync()) == {"updated": 1, "unchanged": 1}
    assert shop.sandbox.iterable_lists == {"VIP": ["bo@x.org"]}
    assert shop.sync().requests == 0


@lost
def test_a_user_whose_removal_got_no_answer_comes_back_with_its_row(
    shop: Shop, fault: dict[str, Any]
) -> None:
    both = "(1, 'ann@x.org', 'Oslo', 1, true), (2, 'bo@x.org', 'Rome', 2, true)"
    shop.braze(groups=GROUPS)
    shop.customers(both, COLUMNS)
    shop.sync()
    shop.customers(ANN_SUBSCRIBED, COLUMNS)
    answers_lost(shop, fault)
    assert set(shop.sandbox.braze_users) == {"1"}
    shop.customers(both, COLUMNS)
    shop.sync()
    assert shop.sandbox.braze_users["2"]["home_city"] == "Rome"
    assert news(shop) == {"1": "subscribed", "2": "subscribed"}
    assert shop.sync().requests == 0


def test_a_user_whose_clearing_got_no_answer_gets_its_values_back_and_no_consent(shop: Shop) -> None:
    both = "(1, 'ann@x.org', 'Oslo', 1, true), (2, 'bo@x.org', 'Rome', 2, true)"
    shop.braze(groups=GROUPS, on_removal="clear")
    shop.customers(both, COLUMNS)
    shop.sync()
    shop.customers(ANN_SUBSCRIBED, COLUMNS)
    answers_lost(shop)
    assert shop.sandbox.braze_users["2"].get("home_city") is None
    shop.customers(both, COLUMNS)
    shop.sync()
    assert shop.sandbox.braze_users["2"]["home_city"] == "Rome"
    assert news(shop) == {"1": "subscribed", "2": "unsubscribed"}


@lost
@pytest.mark.parametrize("vendor", ["braze", "iterable"])
def test_a_new_user_whose_creation_got_no_answer_is_removed_when_its_row_leaves(
    shop: Shop, vendor: str, fault: dict[str, Any]
) -> None:
    shop.destinations = []
    (shop.braze if vendor == "braze" else shop.iterable)()
    shop.customers("(1, 'ann@x.org', 'Oslo', 1)")
    shop.sync()
    shop.customers("(1, 'ann@x.org', 'Oslo', 1), (2, 'bo@x.org', 'Rome', 2)")
    answers_lost(shop, fault)
    shop.customers("(1, 'ann@x.org', 'Oslo', 1)")
    assert shop.plan().counts.delete == 1
    assert counted(shop.sync()) == {"deleted": 1, "unchanged": 1}
    users = shop.sandbox.braze_users if vendor == "braze" else shop.sandbox.iterable_users
    assert len(users) == 1
    assert shop.sync().requests == 0


def test_a_new_user_whose_creation_died_with_the_run_is_removed_when_its_row_leaves(shop: Shop) -> None:
    shop.customers("(1, 'ann@x.org', 'Oslo', 1)")
    shop.sync()
    shop.customers("(1, 'ann@x.org', 'Oslo', 1), (2, 'bo@x.org', 'Rome', 2)")
    killed(shop)
    assert set(shop.sandbox.braze_users) == {"1", "2"}
    shop.customers("(1, 'ann@x.org', 'Oslo', 1)")
    assert counted(shop.sync()) == {"deleted": 1, "unchanged": 1}
    assert set(shop.sandbox.braze_users) == {"1"}


def test_a_new_user_whose_creation_got_no_answer_is_created_as_before(shop: Shop) -> None:
    shop.braze(groups=GROUPS)
    shop.customers("(1, 'ann@x.org', NULL, 1, true)", COLUMNS)
    answers_lost(shop, {"kind": "status", "status": 500})
    assert shop.sandbox.braze_users == {}
    result = shop.sync()
    assert (counted(result), result.requests) == ({"created": 1}, 1)
    assert "home_city" not in shop.bodies[0], "a null that was never sent must not clear what others set"
    assert news(shop) == {"1": "subscribed"}
    assert shop.sync().requests == 0


def test_a_new_user_loses_what_a_lost_creation_had_and_the_row_has_no_more(shop: Shop) -> None:
    shop.braze(groups=GROUPS)
    shop.customers("(1, 'ann@x.org', 'Oslo', 1, true)", COLUMNS)
    answers_lost(shop)
    assert news(shop) == {"1": "subscribed"}
    shop.customers("(1, 'ann@x.org', NULL, 1, false)", COLUMNS)
    for _ in range(2):
        answers_lost(shop, {"kind": "status", "status": 500})
    assert counted(shop.sync()) == {"created": 1}
    assert shop.sandbox.braze_users["1"].get("home_city") is None
    assert news(shop) == {"1": "unsubscribed"}


def test_keys_that_are_there_twice_are_found_beside_users_of_whom_nobody_is_sure(shop: Shop) -> None:
    shop.customers("(1, 'ann@x.org', 'Oslo', 1), (2, 'bo@x.org', 'Rome', 2)")
    answers_lost(shop)
    shop.customers("(1, 'ann@x.org', 'Oslo', 1), (3, 'cy@x.org', 'Rome', 2), (3, 'di@x.org', 'Rome', 2)")
    result = shop.sync()
    assert (result.status, "3 (2×)" in str(result.message)) == ("blocked", True)


def test_who_came_back_with_a_lost_answer_and_left_again_leaves_its_groups(shop: Shop) -> None:
    both = f"{ANN}, (2, 'bo@x.org', 'Rome', 2, true)"
    shop.destinations = []
    shop.iterable("additive", groups=[{"name": "VIP", "column": "news"}])
    for rows in (both, ANN):
        shop.customers(rows, COLUMNS)
        shop.sync()
    assert shop.sandbox.iterable_lists == {"VIP": []}
    shop.customers(both, COLUMNS)
    answers_lost(shop, {"kind": "drop_after", "path": "/api/lists/subscribe"})
    assert shop.sandbox.iterable_lists == {"VIP": ["bo@x.org"]}
    shop.customers(ANN, COLUMNS)
    shop.sync()
    assert shop.sandbox.iterable_lists == {"VIP": []}
