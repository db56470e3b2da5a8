"""Identifiers that change hands between records of Braze: nobody's data ends in the profile of another."""

from __future__ import annotations

from typing import Any

import pytest
from tests.run.shop import Shop, counted

NEWS = "7a1c9e62-2b1f-4b0c-9f0e-6f1f1a2b3c4d"
GROUPS = [
    {"name": "VIP", "column": "vip"},
    {"name": "Newsletter", "column": "news", "subscription_group_id": NEWS},
]
RENAME, LOOK_UP, TRACK = "/users/external_ids/rename", "/users/export/ids", "/users/track"


def declare(shop: Shop, identifier: str = "external_id", mode: str = "sync", **settings: Any) -> None:
    """Users found by a column that is not the key, so that it can change."""
    shop.braze(mode, mapping={identifier: "email", "home_city": "city", "ltv": "ltv"}, **settings)


def build(shop: Shop, *rows: tuple[int, str, str | None, bool | None, bool | None]) -> None:
    """The model: key, identifier, city, member of VIP, of the newsletter."""
    columns = "id, email, city, ltv, vip, news"
    texts = (
        f"({key}, '{name}', {_sql(city)}, {key}, {_sql(vip)}, {_sql(news)})"
        for key, name, city, vip, news in rows
    )
    shop.customers(", ".join(texts), columns)


def _sql(value: bool | str | None) -> str:
    if isinstance(value, str):
        return f"'{value}'"
    return "NULL" if value is None else str(value)


def user(shop: Shop, name: str) -> dict[str, Any]:
    """What Braze has of the user with this external_id or e-mail."""
    (found,) = (
        profile
        for profile in shop.sandbox.braze_profiles
        if name in (profile["external_id"], profile["attributes"].get("email"))
    )
    return dict(found["attributes"])


def subscriptions(shop: Shop, name: str) -> dict[str, str]:
    """The subscription groups of the user with this external_id."""
    (found,) = (profile for profile in shop.sandbox.braze_profiles if profile["external_id"] == name)
    return dict(found["subscription_groups"])


def paths(shop: Shop) -> list[str]:
    """Where the requests of the last sync went."""
    return [entry.path for entry in shop.sandbox.requests]


# --- a rename that keeps the old id ---------------------------------------------------------------


def test_a_new_record_with_the_id_that_a_rename_left_is_not_written_to_the_renamed_user(shop: Shop) -> None:
    declare(shop)
    build(shop, (1, "a", "Oslo", None, None))
    shop.sync()
    build(shop, (1, "b", "Oslo", None, None), (2, "a", "Rome", None, None))
    result = shop.sync()
    assert counted(result) == {"updated": 1, "failed": 1}
    assert [(f.key, f.code) for f in result.failures] == [("2", "conflict")]
    assert "POST /users/external_ids/remove" in result.failures[0].message
    assert paths(shop) == [RENAME, LOOK_UP]
    assert shop.sandbox.braze_users == {"b": {"home_city": "Oslo", "ltv": 1.0}}


def test_a_refused_id_is_asked_for_again_as_long_as_it_finds_another_user(shop: Shop) -> None:
    declare(shop)
    build(shop, (1, "a", "Oslo", None, None))
    shop.sync()
    build(shop, (1, "b", "Oslo", None, None), (2, "a", "Rome", None, None))
    shop.sync()
    build(shop, (1, "b", "Oslo", None, None), (2, "a", "Paris", None, None))
    assert counted(shop.sync()) == {"unchanged": 1, "failed": 1}
    assert shop.sandbox.braze_users == {"b": {"home_city": "Oslo", "ltv": 1.0}}
    assert shop.sandbox.store.braze.workspace.profiles.remove_former("a")
    build(shop, (1, "b", "Oslo", None, None), (2, "a", "Rome", None, None))
    assert counted(shop.sync()) == {"created": 1, "unchanged": 1}
    assert shop.sandbox.braze_users["a"] == {"home_city": "Rome", "ltv": 2.0}
    assert counted(shop.sync()) == {"unchanged": 2}


def test_without_the_permission_to_ask_a_left_id_is_refused(shop: Shop) -> None:
    declare(shop)
    build(shop, (1, "a", "Oslo", None, None))
    shop.sync()
    build(shop, (1, "b", "Oslo", None, None), (2, "a", "Rome", None, None))
    shop.sandbox.fault("status", "/users/export/ids", status=403)
    result = shop.sync()
    assert counted(result) == {"updated": 1, "failed": 1}
    assert "users.export.ids" in result.failures[0].message


def test_an_id_is_not_free_while_its_user_goes_back_to_a_former_one(shop: Shop) -> None:
    """Record 1 was a, then e, and is a again: Braze finds its user by both, and keeps it under e."""
    declare(shop)
    build(shop, (1, "a", "Oslo", None, None), (2, "c", "Rome", None, None))
    shop.sync()
    build(shop, (1, "e", "Oslo", None, None), (3, "c", "Bonn", None, None))
    shop.sync()
    build(shop, (2, "b", "Rome", None, None), (1, "a", "Oslo", None, None), (3, "e", "Bonn", None, None))
    result = shop.sync()
    assert counted(result) == {"updated": 2, "failed": 1}
    assert [(f.key, f.code) for f in result.failures] == [("3", "conflict")]
    assert "went back to a former external_id" in result.failures[0].message
    found = shop.sandbox.store.braze.workspace.profiles.by_external_id
    assert {name: found[name].attributes["home_city"] for name in "aeb"} == {
        "a": "Oslo",
        "e": "Oslo",
        "b": "Rome",
    }
    assert found["a"] is found["e"]
    build(shop, (2, "b", "Rome", None, None), (4, "c", "Lima", None, None))
    assert counted(shop.sync()) == {"created": 1, "unchanged": 1, "deleted": 1, "skipped": 1}
    assert shop.sandbox.braze_users == {
        "b": {"home_city": "Rome", "ltv": 2.0},
        "c": {"home_city": "Lima", "ltv": 4.0},
    }


@pytest.mark.parametrize("arrival", ["new", "moved"])
def test_an_id_that_was_left_for_a_former_one_long_ago_is_still_not_free(shop: Shop, arrival: str) -> None:
    declare(shop)
    others = [] if arrival == "new" else [(3, "c", "Bonn", None, None)]
    for name in "aea":
        build(shop, (1, name, "Oslo", None, None), *others)
        assert shop.sync().status == "success"
    build(shop, (1, "a", "Oslo", None, None), (3, "e", "Bonn", None, None))
    result = shop.sync()
    assert [(f.key, f.code) for f in result.failures] == [("3", "conflict")]
    assert "went back to a former external_id" in result.failures[0].message
    assert shop.sandbox.store.braze.workspace.profiles.by_external_id["a"].attributes["home_city"] == "Oslo"
    # A third id was never used, so it is free; and the user of record 1 is removed with all its ids.
    build(shop, (3, "f", "Bonn", None, None))
    shop.sync(yes_delete=frozenset({"braze_customers"}))
    build(shop, (3, "f", "Bonn", None, None), (4, "e", "Lima", None, None))
    assert shop.sync().status == "success"
    assert shop.sandbox.braze_users == {
        "f": {"home_city": "Bonn", "ltv": 3.0},
        "e": {"home_city": "Lima", "ltv": 4.0},
    }


def test_a_user_whose_rename_is_all_that_arrived_keeps_both_ids_to_itself(shop: Shop) -> None:
    """Record 1 became e and its data were refused. Whose user it is when 2 comes to e is not sure: nobody writes."""
    declare(shop)
    build(shop, (1, "a", "Oslo", None, None))
    shop.sync()
    build(shop, (1, "e", "Rome", None, None))
    shop.sandbox.fault("item", "/users/track", ids=["e"])
    assert counted(shop.sync()) == {"failed": 1}
    shop.sandbox.clear_faults()
    build(shop, (1, "a", "Rome", None, None), (2, "e", "Bonn", None, None))
    result = shop.sync()
    assert sorted((f.key, f.code) for f in result.failures) == [("1", "conflict"), ("2", "conflict")]
    assert shop.sandbox.braze_users == {"e": {"home_city": "Oslo", "ltv": 1.0}}


# --- an id that really becomes free ---------------------------------------------------------------


def test_a_new_record_takes_over_the_id_that_a_record_left_for_one_that_was_taken(shop: Shop) -> None:
    declare(shop, groups=GROUPS)
    build(shop, (1, "a", "Oslo", True, None))
    shop.sync()
    shop.sandbox.store.braze.workspace.profiles.create({"external_id": "c"}, 0.0)
    build(shop, (1, "c", "Oslo", True, None), (2, "a", None, True, None))
    assert counted(shop.sync()) == {"created": 1, "updated": 1}
    assert user(shop, "a") == {"ltv": 2.0, "groups": ["VIP"]}
    assert user(shop, "c") == {"home_city": "Oslo", "ltv": 1.0, "groups": ["VIP"]}


def test_a_new_record_takes_over_the_address_that_another_one_left_with_its_groups(shop: Shop) -> None:
    declare(shop, "email", groups=GROUPS[:1])
    build(shop, (1, "a@x.org", "Oslo", True, None), (5, "e@x.org", "Bern", True, None))
    shop.sync()
    build(
        shop,
        (1, "b@x.org", "Oslo", True, None),
        (2, "a@x.org", None, True, None),
        (4, "e@x.org", "Lima", None, None),
        (5, "f@x.org", "Bern", True, None),
    )
    plan = shop.plan()
    result = shop.sync()
    assert counted(result) == {"created": 2, "updated": 2}
    assert (plan.counts.create, plan.counts.update, plan.requests) == (2, 2, result.requests)
    assert user(shop, "a@x.org") == {"email": "a@x.org", "ltv": 2.0, "groups": ["VIP"]}
    assert user(shop, "b@x.org") == {"email": "b@x.org", "home_city": "Oslo", "ltv": 1.0, "groups": ["VIP"]}
    assert user(shop, "e@x.org") == {"email": "e@x.org", "home_city": "Lima", "ltv": 4.0, "groups": []}
    assert counted(shop.sync()) == {"unchanged": 4}


# --- users that two records of the snapshot share -------------------------------------------------


def test_a_record_that_had_lost_its_user_does_not_rename_it_away(shop: Shop) -> None:
    """Edge case 15."""
    declare(shop)
    build(shop, (5, "u1", "Oslo", None, None))
    shop.sync()
    build(shop, (5, "u1", "Oslo", None, None), (1, "u1", "Paris", None, None))
    shop.sync()
    build(shop, (5, "u5", "Oslo", None, None), (1, "u1", "Paris", None, None))
    assert counted(shop.sync()) == {"updated": 1, "unchanged": 1}
    assert shop.sandbox.braze_users == {
        "u1": {"home_city": "Paris", "ltv": 1.0},
        "u5": {"home_city": "Oslo", "ltv": 5.0},
    }


def test_a_waiting_removal_does_not_delete_the_user_that_went_on(shop: Shop) -> None:
    """Record 2 took over the user of record 1, whose removal waits; then record 2 gets another id."""
    declare(shop)
    build(shop, (1, "a", "Oslo", None, None), (9, "z", "Bonn", None, None))
    shop.sync()
    build(shop, (2, "a", "Rome", None, None), (9, "z", "Bonn", None, None))
    shop.sync()
    build(shop, (2, "c", "Rome", None, None), (9, "z", "Bonn", None, None))
    assert counted(shop.sync()) == {"updated": 1, "deleted": 1, "unchanged": 1}
    assert shop.sandbox.braze_users["c"] == {"home_city": "Rome", "ltv": 2.0}
    assert "a" not in shop.sandbox.braze_users


@pytest.mark.parametrize("identifier", ["external_id", "email"])
def test_a_user_that_both_of_its_records_leave_is_left_in_no_group(shop: Shop, identifier: str) -> None:
    """Record 2 took over the user of record 1, whose removal waits; then both get another id."""
    declare(shop, identifier, groups=GROUPS[:1])
    build(shop, (1, "d@x.org", "Oslo", True, None))
    shop.sync()
    build(shop, (2, "d@x.org", "Rome", True, None))
    shop.sync()
    build(shop, (1, "a@x.org", "Oslo", True, None), (2, "b@x.org", "Rome", None, None))
    assert shop.sync().status == "success"
    assert user(shop, "d@x.org")["groups"] == []
    assert user(shop, "a@x.org")["groups"] == ["VIP"]
    build(shop, (1, "d@x.org", "Oslo", None, None), (2, "b@x.org", "Rome", None, None))
    assert shop.sync().status == "success"
    assert user(shop, "d@x.org")["groups"] == []


@pytest.mark.parametrize("onward", ["b", "z"])
def test_a_record_whose_user_is_gone_does_not_take_that_of_the_record_that_comes_to_its_id(
    shop: Shop, onward: str
) -> None:
    """Record 4 lost its user to record 1, with which it was removed; then 3 comes to that id, and 4 goes on."""
    declare(shop)
    build(shop, (2, "d", "Lima", None, None), (3, "b", "Oslo", None, None), (4, "c", "Rome", None, None))
    shop.sync()
    # Record 2 has the lower key, so record 4 is refused, and its row stays.
    build(
        shop,
        (1, "c", "Bern", None, None),
        (2, "d", "Lima", None, None),
        (3, "b", "Oslo", None, None),
        (4, "d", "Rome", None, None),
    )
    shop.sync()
    build(shop, (2, "d", "Lima", None, None), (3, "b", "Oslo", None, None), (4, "d", "Rome", None, None))
    assert counted(shop.sync()) == {"deleted": 1, "held": 1, "unchanged": 2}
    build(shop, (2, "d", "Lima", None, None), (3, "c", "Oslo", None, None), (4, onward, "Rome", None, None))
    result = shop.sync()
    assert user(shop, "c") == {"home_city": "Oslo", "ltv": 3.0}
    if onward == "b":
        assert [(f.key, f.code) for f in result.failures] == [("4", "conflict")]
    else:
        assert result.status == "success"
        assert user(shop, "z") == {"home_city": "Rome", "ltv": 4.0}


def test_who_keeps_a_shared_user_takes_it_out_of_the_groups_of_the_record_that_goes_on(shop: Shop) -> None:
    """Record 2 has still to be written to the user of record 1, which moves on meanwhile; then 3 comes to it."""
    declare(shop, groups=[*GROUPS[:1], {"from": "segments"}])
    columns = "id, email, city, ltv, vip, segments"
    shop.customers("(1, 'e', 'Oslo', 1, true, ['North']), (2, 'b', 'Rome', 2, NULL, ['Sea'])", columns)
    shop.sync()
    # Record 1 has the lower key, so record 2 loses its user to it.
    shop.customers("(1, 'b', 'Oslo', 1, true, ['North']), (2, 'b', 'Rome', 2, NULL, ['Sea'])", columns)
    shop.sync()
    shop.sandbox.fault("item", "/users/track", ids=["b"])
    shop.customers("(1, 'c', 'Oslo', 1, true, ['North']), (2, 'b', 'Rome', 2, NULL, ['Sea'])", columns)
    assert counted(shop.sync()) == {"updated": 1, "failed": 1}
    shop.sandbox.clear_faults()
    shop.customers("(1, 'c', 'Oslo', 1, true, ['North']), (3, 'b', 'Bonn', 3, NULL, NULL)", columns)
    assert counted(shop.sync()) == {"created": 1, "skipped": 1, "unchanged": 1}
    assert user(shop, "b") == {"home_city": "Bonn", "ltv": 3.0, "groups": []}
    assert sorted(user(shop, "c")["groups"]) == ["North", "VIP"]


def test_a_record_whose_user_others_may_have_emptied_joins_its_groups_again(shop: Shop) -> None:
    """Record 4 took over the user of record 1, and lost it; record 1 was cleared; then 4 goes on."""
    declare(shop, on_removal="clear", groups=[{"from": "segments"}])
    columns, nina = "id, email, city, ltv, segments", "(9, 'z', 'Rome', 9, NULL)"
    shop.customers(f"(1, 'c', 'Oslo', 1, NULL), {nina}", columns)
    shop.sync()
    shop.customers(f"(4, 'c', 'Bonn', 4, ['North']), {nina}", columns)
    shop.sync()
    shop.customers(f"(3, 'b', 'Lima', 3, NULL), (4, 'b', 'Bonn', 4, ['North']), {nina}", columns)
    assert counted(shop.sync()) == {"created": 1, "deleted": 1, "failed": 1, "unchanged": 1}
    assert user(shop, "c") == {"groups": []}
    shop.customers(f"(3, 'b', 'Lima', 3, NULL), (4, 'd', 'Bonn', 4, ['North']), {nina}", columns)
    assert counted(shop.sync()) == {"updated": 1, "unchanged": 2}
    assert user(shop, "d") == {"home_city": "Bonn", "ltv": 4.0, "groups": ["North"]}


# --- the same user under another key ---------------------------------------------------------------


@pytest.mark.parametrize("mode", ["sync", "additive", "enrich"])
def test_a_user_leaves_the_groups_that_its_record_under_a_new_key_is_not_in(shop: Shop, mode: str) -> None:
    declare(shop, mode="additive", groups=GROUPS)
    build(shop, (1, "a", "Oslo", True, True))
    shop.sync()
    declare(shop, mode=mode, groups=GROUPS)
    build(shop, (2, "a", "Rome", None, None))
    assert counted(shop.sync()) == {"created": 1, "skipped": 1}
    assert user(shop, "a") == {"home_city": "Rome", "ltv": 2.0, "groups": []}
    assert subscriptions(shop, "a") == {NEWS: "unsubscribed"}
    assert counted(shop.sync()) == {"unchanged": 1}


def test_a_user_is_not_subscribed_again_because_its_record_got_a_new_key(shop: Shop) -> None:
    declare(shop, groups=GROUPS)
    build(shop, (1, "a", "Oslo", True, True))
    shop.sync()
    build(shop, (2, "a", "Rome", True, True))
    shop.sync()
    (body,) = shop.bodies
    assert "subscription_groups" not in body
    assert user(shop, "a")["groups"] == ["VIP"]


# --- ids that were left in an earlier run ------------------------------------------------------------


def test_an_id_that_a_rename_left_long_ago_is_still_not_free(shop: Shop) -> None:
    declare(shop)
    build(shop, (1, "a", "Oslo", None, None))
    shop.sync()
    build(shop, (1, "b", "Oslo", None, None))
    shop.sync()
    build(shop, (1, "b", "Oslo", None, None), (2, "a", "Rome", None, None))
    result = shop.sync()
    assert [(f.key, f.code) for f in result.failures] == [("2", "conflict")]
    assert shop.sandbox.braze_users == {"b": {"home_city": "Oslo", "ltv": 1.0}}


def test_another_destination_of_the_app_knows_the_ids_that_were_left(shop: Shop) -> None:
    declare(shop, where="id < 3")
    build(shop, (1, "a", "Oslo", None, None), (3, "c", "Bonn", None, None))
    shop.sync()
    build(shop, (1, "b", "Oslo", None, None), (3, "a", "Bonn", None, None))
    shop.sync()
    shop.destinations.append({**shop.destinations[0], "name": "braze_others", "where": "id > 2"})
    _, others = shop.report().results
    assert [(f.key, f.code) for f in others.failures] == [("3", "conflict")]
    assert shop.sandbox.braze_users == {"b": {"home_city": "Oslo", "ltv": 1.0}}


def test_a_user_that_was_left_behind_is_taken_over_clean(shop: Shop) -> None:
    declare(shop, "email", groups=GROUPS[:1])
    build(shop, (1, "a@x.org", "Oslo", True, None))
    shop.sync()
    build(shop, (1, "b@x.org", "Oslo", True, None))
    shop.sync()
    build(shop, (1, "b@x.org", "Oslo", True, None), (2, "a@x.org", None, None, None))
    assert counted(shop.sync()) == {"created": 1, "unchanged": 1}
    assert user(shop, "a@x.org") == {"email": "a@x.org", "ltv": 2.0, "groups": []}
