"""Users of Iterable that pass from one record to another: whose values and whose lists they have then."""

from __future__ import annotations

from typing import Any

import pytest
from tests.run.shop import Shop, counted

COLUMNS = "id, email, city, ltv, vip"
VIP = {"name": "VIP", "column": "vip"}
REFUSED = "no@x.y_z"
"""An address that only Iterable refuses: nobody knows the top-level domain."""


@pytest.fixture
def club(shop: Shop) -> Shop:
    """Ann, who is in the list, and Bo, who is not."""
    shop.destinations = []
    shop.roo["apps"]["iterable"]["settle_seconds"] = 0
    shop.iterable(groups=[VIP])
    shop.customers("(1, 'ann@x.org', 'Oslo', 1, true), (2, 'bo@x.org', NULL, 2, false)", COLUMNS)
    shop.sync()
    return shop


def users(shop: Shop) -> dict[str, dict[str, Any]]:
    """The fields of the users, and the lists they are in."""
    lists = shop.sandbox.iterable_lists
    return {
        email: {**fields, "lists": [name for name, members in lists.items() if email in members]}
        for email, fields in shop.sandbox.iterable_users.items()
    }


def test_who_comes_to_the_user_of_a_record_that_left_takes_it_out_of_that_ones_lists(club: Shop) -> None:
    club.customers("(2, 'ann@x.org', NULL, 2, false)", COLUMNS)
    assert counted(club.sync()) == {"updated": 1, "skipped": 1}
    assert users(club)["ann@x.org"] == {"ltv": 2.0, "lists": []}
    assert (club.sync().requests, club.sandbox.iterable_lists) == (0, {"VIP": []})


def test_so_does_a_new_record(club: Shop) -> None:
    club.customers("(3, 'ann@x.org', 'Rome', NULL, NULL), (2, 'bo@x.org', NULL, 2, false)", COLUMNS)
    club.sync()
    assert users(club)["ann@x.org"] == {"city": "Rome", "lists": []}


def test_a_user_whom_two_records_have_is_not_renamed_by_one_of_them(club: Shop) -> None:
    """Ann is written to Bo's user while Bo's new address is refused; then she moves on and he is back."""
    club.customers(f"(1, 'bo@x.org', 'Oslo', 1, true), (2, '{REFUSED}', NULL, 2, false)", COLUMNS)
    assert counted(club.sync()) == {"updated": 1, "failed": 1}
    club.customers("(1, 'cy@x.org', 'Oslo', 1, true), (2, 'bo@x.org', NULL, 2, false)", COLUMNS)
    assert counted(club.sync()) == {"updated": 2}
    assert users(club)["bo@x.org"] == {"ltv": 2.0, "lists": []}
    assert users(club)["cy@x.org"] == {"city": "Oslo", "ltv": 1.0, "lists": ["VIP"]}
    assert (club.sync().requests, club.failures()) == (0, [])


def test_a_record_whose_user_was_overwritten_goes_whole_when_it_is_back(club: Shop) -> None:
    club.customers(f"(1, 'bo@x.org', 'Oslo', 1, true), (2, '{REFUSED}', NULL, 2, false)", COLUMNS)
    club.sync()
    dirty = "SELECT key__id FROM main_roo.snapshot__iterable_customers WHERE roo_dirty"
    assert club.sql(dirty) == [(2,)]
    club.customers("(2, 'bo@x.org', NULL, 2, false)", COLUMNS)
    assert counted(club.sync()) == {"updated": 1, "skipped": 1}
    assert users(club)["bo@x.org"] == {"ltv": 2.0, "lists": []}


def test_a_record_that_leaves_clears_what_another_one_wrote_to_its_user(club: Shop) -> None:
    """Bo's new address was refused, and Ann, whose he is by then, moves on when he leaves."""
    club.iterable(groups=[VIP], on_removal="clear")
    club.customers(f"(1, 'bo@x.org', 'Oslo', 1, true), (2, '{REFUSED}', NULL, 2, false)", COLUMNS)
    club.sync()
    club.customers("(1, 'cy@x.org', 'Oslo', 1, true)", COLUMNS)
    assert counted(club.sync()) == {"updated": 1, "deleted": 1}
    assert users(club)["bo@x.org"] == {"lists": []}
    assert users(club)["cy@x.org"] == {"city": "Oslo", "ltv": 1.0, "lists": ["VIP"]}


@pytest.mark.parametrize("nulls", ["clear", "ignore"])
def test_a_record_that_leaves_clears_what_another_one_wrote_whatever_its_nulls_mean(
    club: Shop, nulls: str
) -> None:
    """The city is Ann's: Bo never had one."""
    club.iterable(groups=[VIP], on_removal="clear", nulls=nulls)
    club.customers(f"(1, 'bo@x.org', 'Oslo', 1, true), (2, '{REFUSED}', NULL, 2, false)", COLUMNS)
    club.sync()
    club.customers("(1, 'cy@x.org', 'Oslo', 1, true)", COLUMNS)
    assert club.plan().fields["city"] == 1
    assert counted(club.sync()) == {"updated": 1, "deleted": 1}
    assert users(club)["bo@x.org"] == {"lists": []}


def test_a_user_that_all_its_records_leave_is_left_in_no_list(club: Shop) -> None:
    """Ann is written to Bo's user while his new address is refused; then both get another one."""
    club.customers(f"(1, 'bo@x.org', 'Oslo', 1, true), (2, '{REFUSED}', NULL, 2, false)", COLUMNS)
    club.sync()
    club.customers("(1, 'cy@x.org', 'Oslo', 1, true), (2, 'di@x.org', NULL, 2, false)", COLUMNS)
    assert counted(club.sync()) == {"updated": 2}
    assert {name: user["lists"] for name, user in users(club).items()} == {
        "ann@x.org": [],
        "bo@x.org": [],
        "cy@x.org": ["VIP"],
        "di@x.org": [],
    }
    messages = {text for (text,) in club.sql("SELECT message FROM main_roo.roo_outcomes") if text}
    assert any("several records had the old one" in text and "bo@x.org" in text for text in messages)


def test_in_a_chain_of_addresses_a_user_may_stay_behind_in_no_list(club: Shop) -> None:
    """Nobody knows which of the two renames is first: her new address may still be his."""
    club.customers("(1, 'bo@x.org', 'Oslo', 1, true), (2, 'cy@x.org', NULL, 2, NULL)", COLUMNS)
    assert counted(club.sync()) == {"updated": 2}
    found = users(club)
    assert found["bo@x.org"] == {"city": "Oslo", "ltv": 1.0, "lists": ["VIP"]}
    assert found["cy@x.org"] == {"ltv": 2.0, "lists": []}
    behind = found.keys() - {"bo@x.org", "cy@x.org"}
    assert behind <= {"ann@x.org"}
    assert found.get("ann@x.org", {"lists": []})["lists"] == []
    told = [text for (text,) in club.sql("SELECT message FROM main_roo.roo_outcomes") if text]
    said = any("the old user ann@x.org is left alone, out of its lists" in text for text in told)
    assert said is bool(behind)
    assert club.sync().requests == 0


def test_of_a_user_that_is_renamed_nothing_is_cleared_for_the_record_that_had_it(club: Shop) -> None:
    club.iterable(groups=[VIP], on_removal="clear")
    club.customers("(1, 'bo@x.org', 'Oslo', 1, true)", COLUMNS)
    assert counted(club.sync()) == {"updated": 1, "skipped": 1}
    club.customers("(1, 'cy@x.org', 'Oslo', 1, true)", COLUMNS)
    assert counted(club.sync()) == {"updated": 1, "deleted": 1}
    assert users(club)["cy@x.org"] == {"city": "Oslo", "ltv": 1.0, "lists": ["VIP"]}
    assert "bo@x.org" not in users(club)
    (message,) = club.sql(
        "SELECT message FROM main_roo.roo_outcomes WHERE operation = 'delete' AND outcome = 'accepted'"
    )
    assert message == ("its user became another record's, which now has another email; nothing was sent",)
    assert club.sync().requests == 0


def test_of_a_user_that_is_renamed_nothing_is_deleted_for_the_record_that_had_it(club: Shop) -> None:
    club.customers("(1, 'bo@x.org', 'Oslo', 1, true)", COLUMNS)
    club.sync()
    (profile,) = club.sandbox.store.iterable.profiles.with_email("bo@x.org")
    club.customers("(1, 'cy@x.org', 'Oslo', 1, true)", COLUMNS)
    club.sync()
    assert club.sandbox.store.iterable.profiles.with_email("cy@x.org") == [profile]
    assert users(club)["cy@x.org"] == {"city": "Oslo", "ltv": 1.0, "lists": ["VIP"]}


def test_enrich_creates_nobody_for_a_record_whose_user_stays_with_another(club: Shop) -> None:
    club.iterable("enrich", groups=[VIP])
    club.customers(f"(1, 'bo@x.org', 'Oslo', 1, true), (2, '{REFUSED}', NULL, 2, false)", COLUMNS)
    club.sync()
    club.customers("(1, 'cy@x.org', 'Oslo', 1, true), (2, 'bo@x.org', NULL, 2, false)", COLUMNS)
    assert counted(club.sync()) == {"updated": 1, "skipped": 1}
    assert "cy@x.org" not in users(club)


def test_a_user_that_is_cleared_leaves_a_list_that_the_yaml_dropped(club: Shop) -> None:
    club.iterable(groups=None, on_removal="clear")
    club.customers("(2, 'bo@x.org', NULL, 2, false)", COLUMNS)
    assert counted(club.sync()) == {"deleted": 1, "unchanged": 1}
    assert users(club)["ann@x.org"] == {"lists": []}


def test_a_record_that_returns_does_not_meet_the_user_that_is_about_to_be_renamed(club: Shop) -> None:
    club.iterable("additive", groups=[VIP])
    club.customers("(1, 'bo@x.org', 'Oslo', 1, true)", COLUMNS)
    club.sync()
    club.customers("(1, 'cy@x.org', 'Oslo', 1, true), (2, 'bo@x.org', NULL, 2, false)", COLUMNS)
    assert counted(club.sync()) == {"updated": 2}
    assert users(club)["bo@x.org"] == {"ltv": 2.0, "lists": []}
    assert users(club)["cy@x.org"] == {"city": "Oslo", "ltv": 1.0, "lists": ["VIP"]}


def test_a_record_that_returns_joins_a_list_of_which_another_group_says_now_that_it_is_in_it(
    club: Shop,
) -> None:
    """Ann's user passes to Bo, who is in no list, and back; VIP is then one of her segments."""
    club.iterable(groups=[VIP, {"from": "segments"}])
    columns = f"{COLUMNS}, segments"
    club.customers("(1, 'ann@x.org', 'Oslo', 1, true, NULL), (2, 'bo@x.org', NULL, 2, false, NULL)", columns)
    club.sync()
    club.customers("(2, 'ann@x.org', NULL, 2, false, NULL)", columns)
    club.sync()
    club.customers("(1, 'ann@x.org', 'Oslo', 1, NULL, ['VIP'])", columns)
    club.sync()
    assert users(club)["ann@x.org"] == {"city": "Oslo", "ltv": 1.0, "lists": ["VIP"]}
