"""Groups end to end: joined at first sight, left when the model says so, and left by who leaves the model."""

from __future__ import annotations

from typing import Any

import pytest
from tests.run.shop import Shop, counted

ALSO_ELSEWHERE = True

NEWS = "7a1c9e62-2b1f-4b0c-9f0e-6f1f1a2b3c4d"
COLUMNS = "id, email, city, ltv, vip, news, segments"
ANN = "(1, 'ann@example.com', 'Oslo', 1, true, true, ['North', 'Sea'])"
BO = "(2, 'bo@example.com', 'Rome', 2, false, NULL, []::VARCHAR[])"


@pytest.fixture
def club(shop: Shop) -> Shop:
    """Two customers; Ann is in every group, Bo in none."""
    shop.customers(f"{ANN}, {BO}", COLUMNS)
    shop.braze("sync", groups=groups())
    return shop


def groups() -> list[dict[str, Any]]:
    """The three forms that Braze has."""
    return [
        {"name": "High value", "column": "vip"},
        {"name": "Newsletter", "column": "news", "subscription_group_id": NEWS},
        {"from": "segments"},
    ]


def member(shop: Shop, user: str) -> tuple[set[str], dict[str, str]]:
    """The entries of the group attribute and the subscription states of a Braze user."""
    (profile,) = [p for p in shop.sandbox.braze_profiles if p["external_id"] == user]
    return set(profile["attributes"].get("groups", [])), dict(profile.get("subscription_groups", {}))


def test_true_joins_and_false_or_null_send_nothing(club: Shop) -> None:
    assert counted(club.sync()) == {"created": 2}
    assert member(club, "1") == ({"High value", "North", "Sea"}, {NEWS: "subscribed"})
    assert member(club, "2") == (set(), {})
    assert counted(club.sync()) == {"unchanged": 2}


def test_false_after_true_leaves_that_group_alone(club: Shop) -> None:
    club.sync()
    club.customers(f"(1, 'ann@example.com', 'Oslo', 1, false, NULL, ['Sea', 'West']), {BO}", COLUMNS)
    assert counted(club.sync()) == {"updated": 1, "unchanged": 1}
    assert member(club, "1") == ({"Sea", "West"}, {NEWS: "unsubscribed"})


def test_the_order_of_an_array_of_groups_is_no_change(club: Shop) -> None:
    club.sync()
    club.customers(f"(1, 'ann@example.com', 'Oslo', 1, true, true, ['Sea', 'North', 'Sea']), {BO}", COLUMNS)
    assert counted(club.sync()) == {"unchanged": 2}


@pytest.mark.parametrize("mode", ["additive", "enrich"])
def test_who_leaves_the_model_leaves_its_groups_and_stays(club: Shop, mode: str) -> None:
    club.braze("additive", groups=groups())
    club.sync()
    club.braze(mode, groups=groups())
    club.customers(BO, COLUMNS)
    plan = club.plan()
    assert (plan.counts.update, plan.counts.skip) == (1, 0)
    assert counted(club.sync()) == {"updated": 1, "unchanged": 1}
    assert member(club, "1") == (set(), {NEWS: "unsubscribed"})
    assert club.sandbox.braze_users["1"]["email"] == "ann@example.com"
    assert counted(club.sync()) == {"unchanged": 1}


def test_who_leaves_without_a_group_is_only_skipped(club: Shop) -> None:
    club.braze("additive", groups=groups())
    club.sync()
    club.customers(ANN, COLUMNS)
    assert counted(club.sync()) == {"skipped": 1, "unchanged": 1}


def test_who_returns_joins_its_groups_again_but_is_not_subscribed_again(club: Shop) -> None:
    club.braze("additive", groups=groups())
    club.sync()
    club.customers(BO, COLUMNS)
    club.sync()
    club.customers(f"{ANN}, {BO}", COLUMNS)
    assert counted(club.sync()) == {"updated": 1, "unchanged": 1}
    assert member(club, "1") == ({"High value", "North", "Sea"}, {NEWS: "unsubscribed"})
    assert counted(club.sync()) == {"unchanged": 2}


def test_who_was_cleared_and_returns_is_not_subscribed_again_either(club: Shop) -> None:
    club.braze("sync", on_removal="clear", groups=groups())
    club.sync()
    club.customers(BO, COLUMNS)
    assert counted(club.sync()) == {"deleted": 1, "unchanged": 1}
    assert member(club, "1") == (set(), {NEWS: "unsubscribed"})
    club.customers(f"{ANN}, {BO}", COLUMNS)
    assert counted(club.sync()) == {"updated": 1, "unchanged": 1}
    assert member(club, "1") == ({"High value", "North", "Sea"}, {NEWS: "unsubscribed"})
    assert club.sandbox.braze_users["1"]["email"] == "ann@example.com"


def test_full_refresh_does_not_subscribe_again_unless_told(club: Shop) -> None:
    club.sync()
    club.sync(full_refresh=True)
    assert all("subscription_groups" not in body for body in club.bodies)
    club.sync(full_refresh=True, resend_subscriptions=True)
    assert any("subscription_groups" in body for body in club.bodies)


def test_a_subscription_group_dropped_from_the_yaml_unsubscribes_nobody(club: Shop) -> None:
    club.sync()
    club.braze("sync", groups=[g for g in groups() if "subscription_group_id" not in g])
    assert counted(club.sync()) == {"unchanged": 2}
    assert member(club, "1")[1] == {NEWS: "subscribed"}


def test_another_group_dropped_from_the_yaml_is_left(club: Shop) -> None:
    club.sync()
    club.braze("sync", groups=groups()[1:])
    assert counted(club.sync()) == {"updated": 1, "unchanged": 1}
    assert member(club, "1")[0] == {"North", "Sea"}


def test_too_many_leavers_of_one_group_block(club: Shop) -> None:
    rows = "SELECT i AS id, 'u' || i || '@example.com' AS email, 'x' AS city, 1.0 AS ltv, {} AS vip, "
    rows += "NULL::BOOLEAN AS news, {} AS segments FROM range(30) r(i)"
    club.customers(rows.format("true", "['North']"))
    club.sync()
    club.customers(rows.format("i >= 11", "CASE WHEN i < 12 THEN NULL ELSE ['North'] END"))
    report = club.report()
    message = str(report.results[0].message)
    assert report.results[0].status == "blocked"
    assert "11 users would leave group:High value; delete_limit 10% allows 10" in message
    assert "12 users would leave group:North" in message


def test_groups_set_by_others_survive(club: Shop) -> None:
    club.sync()
    profile = next(iter(club.sandbox.store.braze.workspace.profiles.latest()))
    for each in club.sandbox.store.braze.workspace.profiles.latest():
        if each.external_id == "1":
            profile = each
    profile.attributes["groups"] = [*profile.attributes["groups"], "By hand"]
    club.customers(f"(1, 'ann@example.com', 'Oslo', 1, false, true, ['North', 'Sea']), {BO}", COLUMNS)
    club.sync()
    assert member(club, "1")[0] == {"North", "Sea", "By hand"}


def test_iterable_lists_are_made_once_joined_and_left(club: Shop) -> None:
    club.destinations = []
    club.iterable("additive", groups=[{"name": "High value", "column": "vip"}, {"from": "segments"}])
    assert counted(club.sync()) == {"created": 2}
    assert club.sandbox.iterable_lists == {
        "High value": ["ann@example.com"],
        "North": ["ann@example.com"],
        "Sea": ["ann@example.com"],
    }
    club.customers("(2, 'bo@example.com', 'Rome', 2, true, NULL, ['North'])", COLUMNS)
    assert counted(club.sync()) == {"updated": 2}
    assert club.sandbox.iterable_lists == {
        "High value": ["bo@example.com"],
        "North": ["bo@example.com"],
        "Sea": [],
    }
    assert counted(club.sync()) == {"unchanged": 1}
