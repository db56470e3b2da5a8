"""Groups: subscription groups, entries of an array attribute, and what consent forbids."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.destinations.braze.braze_samples import (
    APP,
    call_of,
    calls,
    change,
    destination,
    refusal,
    sent,
    updated,
    users,
)

from roo_dbt.destinations.braze.track import Track
from roo_dbt.destinations.braze.users import Users
from roo_dbt.records import Change, Destination, Group, SyncMode
from roo_dbt.sandbox.braze.custom import stored_value

NEWS = Group("newsletter", name="News", subscription_group_id="7A1C9E62-2b1f-4b0c-9f0e-6f1f1a2b3c4d")
VIP = Group("is_vip", name="VIP")
SEGMENTS = Group("segments")
GROUPS = (NEWS, VIP, SEGMENTS)


def subscription(state: str) -> list[dict[str, str]]:
    return [{"subscription_group_id": str(NEWS.subscription_group_id), "subscription_state": state}]


def body(changed: Change, mode: SyncMode = "sync", **options: object) -> dict[str, Any] | None:
    """The attributes object of a change, without its identifier."""
    track, _ = calls("external_id", "plan", "email_subscribe", mode=mode, groups=GROUPS, **options)
    part = track.item(changed)
    if part is None:
        return None
    written: dict[str, Any] = sent(part)
    assert written.pop("external_id") == "u1"
    return written


def joined(**flags: bool) -> Change:
    """A record that is in every group for the first time."""
    return updated({}, {NEWS.field: True, VIP.field: True, SEGMENTS.field: ["a", "b"]}, **flags)


def stayed(**flags: bool) -> Change:
    """A record that was in every group and still is."""
    groups = {NEWS.field: True, VIP.field: True, SEGMENTS.field: ["a", "b"]}
    return updated({**groups, "plan": "tin"}, {**groups, "plan": "gold"}, **flags)


# --- joining and leaving -------------------------------------------------------------------------


def test_a_new_user_joins_what_its_columns_say() -> None:
    new = {
        "external_id": "u1",
        NEWS.field: True,
        VIP.field: True,
        SEGMENTS.field: ["a", "b"],
        "plan": "gold",
    }
    assert body(change("create", new=new)) == {
        "plan": "gold",
        "subscription_groups": subscription("subscribed"),
        "groups": {"add": ["VIP", "a", "b"]},
    }


def test_a_new_user_that_is_in_no_group_says_nothing_about_them() -> None:
    new = {"external_id": "u1", NEWS.field: None, VIP.field: None, SEGMENTS.field: None, "plan": "gold"}
    assert body(change("create", new=new)) == {"plan": "gold"}


def test_an_update_joins_and_leaves_in_one_object() -> None:
    old = {NEWS.field: True, VIP.field: True, SEGMENTS.field: ["a", "b"]}
    assert body(updated(old, {NEWS.field: None, VIP.field: None, SEGMENTS.field: ["b", "c"]})) == {
        "subscription_groups": subscription("unsubscribed"),
        "groups": {"add": ["c"], "remove": ["VIP", "a"]},
    }


def test_a_change_of_other_fields_says_nothing_about_groups() -> None:
    assert body(stayed()) == {"plan": "gold"}


def test_a_user_stays_in_a_group_as_long_as_one_column_says_so() -> None:
    old = {VIP.field: True, SEGMENTS.field: ["VIP", "a"]}
    assert body(updated(old, {VIP.field: True, SEGMENTS.field: ["a"]})) is None
    assert body(updated(old, {VIP.field: None, SEGMENTS.field: ["VIP", "a"]})) is None
    assert body(updated(old, {VIP.field: None, SEGMENTS.field: ["a"]})) == {"groups": {"remove": ["VIP"]}}


def test_the_array_attribute_has_the_name_of_the_setting() -> None:
    found = body(updated({}, {VIP.field: True}), groups_attribute="roo_groups")
    assert found == {"roo_groups": {"add": ["VIP"]}}


def test_a_user_that_leaves_the_model_leaves_its_groups_in_every_mode_and_is_never_created() -> None:
    old = {"plan": "gold", NEWS.field: True, VIP.field: True, SEGMENTS.field: ["a"]}
    new = {"plan": "gold", NEWS.field: None, VIP.field: None, SEGMENTS.field: None}
    for mode in ("additive", "enrich"):
        assert body(updated(old, new, departs=True), mode) == {
            "_update_existing_only": True,
            "subscription_groups": subscription("unsubscribed"),
            "groups": {"remove": ["VIP", "a"]},
        }


def test_a_removal_that_clears_takes_the_user_out_of_its_groups() -> None:
    old = {"external_id": "u1", "plan": "gold", NEWS.field: True, VIP.field: True, SEGMENTS.field: ["a"]}
    assert body(change("delete", old=old, clears=True)) == {
        "_update_existing_only": True,
        "plan": None,
        "subscription_groups": subscription("unsubscribed"),
        "groups": {"remove": ["VIP", "a"]},
    }


def test_a_deleted_user_needs_no_goodbye() -> None:
    old = {"external_id": "u1", NEWS.field: True, VIP.field: True}
    assert body(change("delete", old=old)) is None


def test_enrich_joins_again_because_braze_does_not_say_whom_it_lacked() -> None:
    assert body(stayed(), "enrich") == {
        "_update_existing_only": True,
        "plan": "gold",
        "groups": {"add": ["VIP", "a", "b"]},
    }


# --- groups that the YAML no longer has ----------------------------------------------------------


def test_a_group_dropped_from_the_yaml_is_left_and_a_dropped_subscription_group_is_forgotten() -> None:
    old = {NEWS.field: True, VIP.field: True, SEGMENTS.field: ["a"], "plan": "tin"}
    track, _ = calls("external_id", "plan")
    found = track.item(updated(old, {"plan": "gold"}))
    assert sent(found) == {"external_id": "u1", "plan": "gold", "groups": {"remove": ["VIP", "a"]}}


# --- consent -------------------------------------------------------------------------------------


def test_a_full_refresh_does_not_repeat_a_subscription_that_did_not_change() -> None:
    assert body(stayed(whole=True)) == {"plan": "gold", "groups": {"add": ["VIP", "a", "b"]}}


def test_a_full_refresh_sends_a_subscription_that_did_change() -> None:
    found = body(joined(whole=True))
    assert found is not None
    assert found["subscription_groups"] == subscription("subscribed")


def test_a_returning_user_joins_its_groups_but_is_not_subscribed_again() -> None:
    assert body(joined(returned=True)) == {"groups": {"add": ["VIP", "a", "b"]}}


def test_a_record_that_is_due_again_does_not_repeat_a_subscription() -> None:
    """After a change of types, say, every field goes as changed; consent is not ours to repeat."""
    groups = {NEWS.field: True, VIP.field: True}
    values = {**groups, "email_subscribe": "opted_in", "plan": "gold"}
    due = replace(updated(values, values), changed=tuple(values))
    assert body(due) == {"plan": "gold", "groups": {"add": ["VIP"]}}
    resent = body(replace(due, resend=True))
    assert resent is not None
    assert (resent["email_subscribe"], resent["subscription_groups"]) == (
        "opted_in",
        subscription("subscribed"),
    )


def test_a_new_record_leaves_the_groups_that_its_user_is_in_by_another_one() -> None:
    inherited = {NEWS.field: True, VIP.field: True, SEGMENTS.field: ["a", "b"]}
    new = {"external_id": "u1", NEWS.field: None, VIP.field: None, SEGMENTS.field: ["b", "c"]}
    assert body(change("create", new=new, inherited=inherited)) == {
        "subscription_groups": subscription("unsubscribed"),
        "groups": {"add": ["b", "c"], "remove": ["VIP", "a"]},
    }
    both = {"external_id": "u1", NEWS.field: True, VIP.field: True, SEGMENTS.field: None}
    assert body(change("create", new=both, inherited=inherited)) == {
        "groups": {"add": ["VIP"], "remove": ["a", "b"]},
    }


@pytest.mark.parametrize("flags", [{"whole": True}, {"returned": True}])
def test_resend_subscriptions_subscribes_again(flags: dict[str, bool]) -> None:
    found = body(joined(**flags, resend=True))
    assert found is not None
    assert found["subscription_groups"] == subscription("subscribed")
    found = body(stayed(whole=True, resend=True))
    assert found is not None
    assert found["subscription_groups"] == subscription("subscribed")


def test_an_unsubscription_is_always_told() -> None:
    found = body(updated({NEWS.field: True}, {NEWS.field: None}, whole=True, returned=True))
    assert found == {"subscription_groups": subscription("unsubscribed")}


@pytest.mark.parametrize("mode", ["sync", "enrich"])
def test_a_subscription_field_goes_only_when_the_models_value_changed(mode: SyncMode) -> None:
    old = {"email_subscribe": "opted_in", "plan": "tin"}
    for flags in ({}, {"whole": True}, {"returned": True}):
        found = body(updated(old, {**old, "plan": "gold"}, **flags), mode)
        assert found is not None
        assert "email_subscribe" not in found
    found = body(updated(old, {**old, "email_subscribe": "unsubscribed"}), mode)
    assert found is not None
    assert found["email_subscribe"] == "unsubscribed"


def test_resend_subscriptions_sends_subscription_fields_that_did_not_change() -> None:
    old = {"email_subscribe": "opted_in", "plan": "tin"}
    assert body(updated(old, {**old, "plan": "gold"}, whole=True, resend=True)) == {
        "plan": "gold",
        "email_subscribe": "opted_in",
    }


def test_a_state_for_every_user_with_the_same_address_is_never_sent_by_address() -> None:
    """Edge cases 33 and 34: states ride in the object of one user, never in /subscription/status/set."""
    paths = {call.request([]).path for call in users("external_id", groups=GROUPS).calls()}
    assert paths == {
        "/users/track",
        "/users/delete",
        "/users/external_ids/rename",
        "/users/export/ids",
    }


# --- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "rule"),
    [
        (["x" * 256], "groups: a name has 256 characters"),
        ([str(number) for number in range(501)], "groups: the user is in 501; Braze keeps 500"),
    ],
)
def test_a_group_that_braze_would_drop_is_refused(names: list[str], rule: str) -> None:
    track, _ = calls("external_id", groups=(SEGMENTS,))
    outcome = refusal(track.item(updated({}, {SEGMENTS.field: sorted(names)})))
    assert outcome.code == "invalid_value"
    assert rule in str(outcome.message)


# --- properties ----------------------------------------------------------------------------------

NAMES = st.sampled_from(["VIP", "a", "b", "c"])
MEMBER = st.fixed_dictionaries(
    {
        VIP.field: st.sampled_from([True, None]),
        SEGMENTS.field: st.none() | st.lists(NAMES, min_size=1, unique=True).map(sorted),
        NEWS.field: st.sampled_from([True, None]),
    }
)


def members(record: dict[str, Any]) -> set[str]:
    return {*(record.get(SEGMENTS.field) or ()), *(("VIP",) if record.get(VIP.field) else ())}


@given(
    records=st.lists(MEMBER, min_size=1, max_size=6),
    others=st.lists(st.sampled_from(["theirs", "z"]), unique=True),
)
def test_after_any_history_the_user_is_in_our_groups_and_entries_of_others_survive(
    records: list[dict[str, Any]], others: list[str]
) -> None:
    track, _ = calls("external_id", groups=GROUPS)
    array: Any = list(others)
    state, old = None, None
    for new in records:
        now = {"external_id": "u1", **new}
        part = track.item(change("update", old=old, new=now) if old else change("create", new=now))
        written = sent(part) if part is not None else {}
        if "groups" in written:
            array = stored_value(array, written["groups"], merge=False)
        for entry in written.get("subscription_groups", ()):
            state = entry["subscription_state"]
        old = now
        assert set(array) == {*others, *members(new)}
        assert (state == "subscribed") is bool(new[NEWS.field])


@given(old=MEMBER, new=MEMBER, flags=st.sampled_from([{}, {"whole": True}, {"returned": True}]))
def test_nobody_is_subscribed_twice_unasked(
    old: dict[str, Any], new: dict[str, Any], flags: dict[str, bool]
) -> None:
    found = body(updated(old, new, **flags)) or {}
    told = [entry["subscription_state"] for entry in found.get("subscription_groups", ())]
    if old[NEWS.field] and new[NEWS.field]:
        assert told == []
    elif new[NEWS.field]:
        assert told == ([] if flags.get("returned") else ["subscribed"])
    else:
        assert told == (["unsubscribed"] if old[NEWS.field] else [])


# --- arrays --------------------------------------------------------------------------------------


def test_an_unordered_array_is_sent_as_a_set() -> None:
    """Edge case 35."""
    declared: Destination = destination("external_id", "tags")
    mapping = tuple(
        line if line.field != "tags" else type(line)("tags", column="tags", unordered=True)
        for line in declared.mapping
    )
    track = call_of(Users(APP, destination(mapping=mapping)), Track)
    item = track.item(updated({}, {"tags": ["b", "a", "b", 1, True, 1]}))
    assert sent(item) == {"external_id": "u1", "tags": ["b", "a", 1, True]}
    ordered, _ = calls("external_id", "tags")
    assert sent(ordered.item(updated({}, {"tags": ["b", "a", "b"]})))["tags"] == ["b", "a", "b"]


def test_an_array_of_objects_is_written_whole_so_no_operator_has_an_order() -> None:
    """Edge case 36: `$add`, `$remove` and `$update` are never used."""
    pets = [{"id": 1, "name": "Boole"}, {"id": 2, "born": "2020-05-06"}]
    track, _ = calls("external_id", "pets")
    item = track.item(updated({"pets": pets[:1]}, {"pets": pets}))
    assert sent(item)["pets"] == [{"id": 1, "name": "Boole"}, {"id": 2, "born": {"$time": "2020-05-06"}}]


# --- another attribute ------------------------------------------------------------------------------


def test_groups_of_another_attribute_are_other_groups() -> None:
    """The entries go into the new one, and those of the old one are taken back as a dropped field is."""
    elsewhere = (replace(VIP, place="tags: new"), replace(SEGMENTS, place="tags: new"))
    track = call_of(users("external_id", groups=elsewhere, groups_attribute="tags: new"), Track)
    old = {VIP.field: True, SEGMENTS.field: ["a", "b"]}
    new = {elsewhere[0].field: True, elsewhere[1].field: ["b"]}
    assert [group.field for group in elsewhere] == [
        "@group in tags%3A%20new:VIP",
        "@groups in tags%3A%20new:segments",
    ]
    assert sent(track.item(updated(old, new))) == {
        "external_id": "u1",
        "tags: new": {"add": ["VIP", "b"]},
        "groups": {"remove": ["VIP", "a", "b"]},
    }
    back = call_of(users("external_id", groups=(VIP, SEGMENTS)), Track)
    assert sent(back.item(updated(new, old))) == {
        "external_id": "u1",
        "groups": {"add": ["VIP", "a", "b"]},
        "tags: new": {"remove": ["VIP", "b"]},
    }
