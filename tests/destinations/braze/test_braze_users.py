"""Changes → items and requests of the `users` object."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.destinations.braze.braze_samples import calls, change, created, refusal, sent, updated

from roo_dbt.destinations.braze import limits
from roo_dbt.records import NOT_FINITE, Item, SyncMode

GOLDEN = Path(__file__).parent / "golden"
TRACK, DELETE = calls("external_id", "email", "plan")

ALL_FIELDS: dict[str, Any] = {
    "external_id": 42,
    "email": "ada@example.com",
    "phone": "+14155550100",
    "first_name": "Ada",
    "last_name": "Lovelace",
    "home_city": "London",
    "dob": "1815-12-10",
    "gender": "F",
    "country": "gb",
    "language": "en",
    "time_zone": "Europe/London",
    "current_location.latitude": 51.5,
    "current_location.longitude": -0.12,
    "image_url": "https://example.com/ada.png",
    "email_subscribe": "opted_in",
    "push_subscribe": "subscribed",
    "email_open_tracking_disabled": True,
    "email_click_tracking_disabled": False,
    "marked_email_as_spam_at": "2026-01-02T03:04:05.000Z",
    "date_of_first_session": "2026-01-02",
    "date_of_last_session": "2026-02-03T04:05:06.000Z",
    "facebook": {"id": "100", "likes": ["poetry"], "num_friends": 12},
    "twitter.screen_name": "ada",
    "twitter.followers_count": 1_000,
    "High value": True,
    "lifetime_value": 129.5,
    "orders": 7,
    "last_order_at": "2026-03-04T05:06:07.000Z",
    "tags": ["first", "second"],
    "pets": [{"name": "Boole", "born": "2020-05-06"}],
    "favourite": {"title": "Notes", "since": "1843-09-01", "pages": None},
    "address.city": "London",
    "address.geo.zone": 1,
    "address.moved_on": "2025-06-07",
    "nothing": None,
}


def golden(name: str) -> Any:
    return json.loads((GOLDEN / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("mode", ["sync", "additive", "enrich"])
@pytest.mark.parametrize("fields", ["all_fields", "required_only"])
def test_the_request_that_creates_a_user_is_as_recorded(mode: SyncMode, fields: str) -> None:
    new = ALL_FIELDS if fields == "all_fields" else {"external_id": "u1", "plan": "gold"}
    track, _ = calls(*new, mode=mode)
    item = track.item(change("create", new=new))
    assert isinstance(item, Item)
    request = track.request([item])
    assert (request.method, request.path) == ("POST", "/users/track")
    file = f"track_{fields}{'_enrich' if mode == 'enrich' else ''}.json"
    assert orjson.loads(request.body or b"") == golden(file)


def test_the_request_that_deletes_users_is_as_recorded() -> None:
    parts = [DELETE.item(change("delete", old={"external_id": user})) for user in ("u1", 42, "ü")]
    request = DELETE.request([part for part in parts if isinstance(part, Item)])
    assert (request.method, request.path) == ("POST", "/users/delete")
    assert orjson.loads(request.body or b"") == golden("delete.json")


def test_the_request_that_clears_a_user_is_as_recorded() -> None:
    track, delete = calls(*ALL_FIELDS)
    leaving = change("delete", old=ALL_FIELDS, clears=True)
    item = track.item(leaving)
    assert isinstance(item, Item)
    assert orjson.loads(track.request([item]).body or b"") == golden("track_clear.json")
    assert delete.item(leaving) is None


# --- which change needs which call --------------------------------------------------------------


def test_a_create_and_an_update_are_tracked_and_a_removal_is_deleted() -> None:
    removal = change("delete", old={"external_id": "u1", "plan": "gold"})
    assert TRACK.item(removal) is None
    assert sent(DELETE.item(removal)) == "u1"
    assert DELETE.item(created(plan="gold")) is None
    assert DELETE.item(updated({"plan": "gold"}, {"plan": "tin"})) is None


def test_an_update_holds_the_changed_fields_alone() -> None:
    item = TRACK.item(updated({"email": "a@b.co", "plan": "gold"}, {"email": "a@b.co", "plan": "tin"}))
    assert sent(item) == {"external_id": "u1", "plan": "tin"}


def test_null_clears_and_an_empty_string_stays_an_empty_string() -> None:
    """Edge case 20."""
    item = TRACK.item(updated({"email": "a@b.co", "plan": "gold"}, {"email": None, "plan": ""}))
    assert sent(item) == {"external_id": "u1", "email": None, "plan": ""}


def test_a_create_leaves_nulls_out() -> None:
    """Edge case 21."""
    assert sent(TRACK.item(created(email=None, plan="gold"))) == {"external_id": "u1", "plan": "gold"}


def test_a_create_of_nothing_but_an_id_still_makes_the_user() -> None:
    assert sent(TRACK.item(created(email=None))) == {"external_id": "u1"}


def test_an_update_with_nothing_to_send_needs_no_request() -> None:
    assert TRACK.item(updated({"plan": "gold"}, {"plan": "gold"}, returned=True)) is None


def test_a_whole_update_holds_what_did_not_change_too_but_no_null_and_no_consent() -> None:
    track, _ = calls("external_id", "plan", "email", "email_subscribe", "push_subscribe")
    old = {"plan": "gold", "email": None, "email_subscribe": "opted_in", "push_subscribe": "subscribed"}
    item = track.item(updated(old, {**old, "push_subscribe": "unsubscribed"}, whole=True))
    assert sent(item) == {"external_id": "u1", "plan": "gold", "push_subscribe": "unsubscribed"}


def test_enrich_sends_all_mapped_fields_to_existing_users_only() -> None:
    track, _ = calls("external_id", "plan", "email", "city", "email_subscribe", mode="enrich")
    old = {"plan": "gold", "email": "a@b.co", "city": "Rome", "email_subscribe": "opted_in"}
    item = track.item(updated(old, {**old, "plan": "tin", "city": None}))
    assert sent(item) == {
        "external_id": "u1",
        "_update_existing_only": True,
        "plan": "tin",
        "email": "a@b.co",
        "city": None,
    }


def test_enrich_with_nothing_to_say_needs_no_request() -> None:
    track, _ = calls("external_id", "plan", mode="enrich")
    assert track.item(created(plan=None)) is None


def test_a_removal_that_clears_does_not_touch_consent_nor_create_the_user() -> None:
    track, _ = calls("external_id", "plan", "email_subscribe")
    old = {"external_id": "u1", "plan": "gold", "email_subscribe": "opted_in", "tier": None}
    assert sent(track.item(change("delete", old=old, clears=True))) == {
        "external_id": "u1",
        "_update_existing_only": True,
        "plan": None,
    }


def test_a_removal_with_nothing_to_clear_needs_no_request() -> None:
    assert TRACK.item(change("delete", old={"external_id": "u1", "plan": None}, clears=True)) is None


# --- identifiers --------------------------------------------------------------------------------


@pytest.mark.parametrize("blank", [None, "", "   ", "\t\n", "\u00a0"])
def test_a_blank_identifier_is_refused_before_sending(blank: str | None) -> None:
    for part in (
        TRACK.item(change("create", new={"external_id": blank, "plan": "gold"})),
        TRACK.item(change("delete", old={"external_id": blank, "plan": "gold"}, clears=True)),
        DELETE.item(change("delete", old={"external_id": blank})),
    ):
        outcome = refusal(part)
        assert (outcome.status, outcome.code, outcome.permanent) == ("failed", "missing_identifier", True)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (7, "7"),
        (7.0, "7"),
        ("7.0", "7.0"),
        (-3, "-3"),
        (f"{NOT_FINITE}{2**70}", str(2**70)),
        (" x", " x"),
        ("Ü", "Ü"),
    ],
)
def test_an_identifier_becomes_text_without_a_decimal_point(value: Any, text: str) -> None:
    assert sent(TRACK.item(change("create", new={"external_id": value})))["external_id"] == text


@pytest.mark.parametrize("value", [True, 1.5, ["a"], {"a": 1}, f"{NOT_FINITE}NaN"])
def test_an_identifier_of_another_type_is_refused(value: Any) -> None:
    assert refusal(TRACK.item(change("create", new={"external_id": value}))).code == "invalid_value"


def test_an_identifier_is_measured_in_bytes() -> None:
    assert sent(TRACK.item(created() if False else change("create", new={"external_id": "x" * 987})))
    outcome = refusal(TRACK.item(change("create", new={"external_id": "ü" * 494})))
    assert (outcome.code, outcome.message) == (
        "invalid_value",
        "external_id: has 988 bytes; Braze takes at most 987",
    )


def test_an_identifier_that_only_changed_its_type_is_the_same_user() -> None:
    item = TRACK.item(
        change("update", old={"external_id": 7, "plan": "a"}, new={"external_id": "7", "plan": "b"})
    )
    assert sent(item) == {"external_id": "7", "plan": "b"}


# --- values ---------------------------------------------------------------------------------------


def test_a_bad_value_fails_the_record_and_every_broken_rule_is_named_without_the_value() -> None:
    track, _ = calls("external_id", "email", "gender", "plan", "current_location.latitude", "a.b")
    outcome = refusal(
        track.item(
            created(
                **{
                    "email": "nobody-at-all",
                    "gender": "secret-gender",
                    "plan": "fine",
                    "current_location.latitude": 51.5,
                    "current_location.longitude": None,
                    "a.b": "y" * 300,
                }
            )
        )
    )
    assert outcome.code == "invalid_value"
    told = str(outcome.message)
    for rule in (
        "email: is not a valid",
        "gender: must be M",
        "current_location: needs",
        "a.b: has 300 characters",
    ):
        assert rule in told
    assert not any(value in told for value in ("nobody", "secret", "fine", "51.5", "yyy"))


def test_text_that_is_not_unicode_is_refused_with_its_field() -> None:
    outcome = refusal(TRACK.item(created(plan="\ud800")))
    assert (outcome.code, outcome.message) == ("invalid_value", "plan: holds text that is not valid Unicode")
    outcome = refusal(TRACK.item(change("create", new={"external_id": "\ud800"})))
    assert outcome.message == "external_id: holds text that is not valid Unicode"
    assert refusal(DELETE.item(change("delete", old={"external_id": "\ud800"}))).code == "invalid_value"


@pytest.mark.parametrize("state", ["email_subscribe", "push_subscribe"])
def test_a_subscription_state_cannot_be_cleared(state: str) -> None:
    outcome = refusal(TRACK.item(updated({state: "opted_in"}, {state: None})))
    assert outcome.code == "invalid_value"
    assert f"{state}: is null, and Braze cannot clear a subscription state" in str(outcome.message)


def test_a_record_that_takes_over_a_user_clears_what_was_there_but_no_subscription() -> None:
    track, _ = calls("external_id", "plan", "email", "email_subscribe")
    new = {"external_id": "u1", "plan": None, "email": "a@b.co", "email_subscribe": None}
    taking = replace(change("create", new=new), changed=tuple(new))
    assert sent(track.item(taking)) == {"external_id": "u1", "plan": None, "email": "a@b.co"}


def test_a_field_that_was_not_mapped_when_the_run_began_is_sent_as_well() -> None:
    assert sent(TRACK.item(created(late=1, **{"other.part": 2}))) == {
        "external_id": "u1",
        "late": 1,
        "other": {"part": 2},
        "_merge_objects": True,
    }


# --- objects --------------------------------------------------------------------------------------


def test_dotted_fields_nest_and_leave_their_siblings_alone() -> None:
    track, _ = calls("external_id", "address.city", "address.zip", "address.geo.zone")
    old = {"address.city": "Rome", "address.zip": "00100", "address.geo.zone": 1}
    item = track.item(updated(old, {**old, "address.city": "Oslo", "address.geo.zone": 2}))
    assert sent(item) == {
        "external_id": "u1",
        "_merge_objects": True,
        "address": {"city": "Oslo", "geo": {"zone": 2}},
    }


def test_a_cleared_dotted_field_is_a_null_inside_the_merged_object() -> None:
    track, _ = calls("external_id", "address.city", "address.zip")
    old = {"address.city": "Rome", "address.zip": "00100"}
    assert sent(track.item(updated(old, {**old, "address.zip": None}))) == {
        "external_id": "u1",
        "_merge_objects": True,
        "address": {"zip": None},
    }


def test_an_object_column_replaces_the_object() -> None:
    item = TRACK.item(updated({"favourite": {"a": 1, "b": 2}}, {"favourite": {"a": 3, "b": None}}))
    assert sent(item) == {"external_id": "u1", "favourite": {"a": 3}}


@pytest.mark.parametrize("dotted", [True, False])
def test_an_object_column_that_is_merged_says_which_parts_left(dotted: bool) -> None:
    extra = {"address.city": "Oslo"} if dotted else {}
    track, _ = calls("external_id", "favourite", *extra, merge_objects=not dotted)
    item = track.item(updated({"favourite": {"a": 1, "b": 2}}, {"favourite": {"a": 3, "b": None}, **extra}))
    body = sent(item)
    assert body["_merge_objects"] is True
    assert body["favourite"] == {"a": 3, "b": None}


def test_a_location_goes_whole_when_one_part_changed_and_is_cleared_whole() -> None:
    names = ("current_location.latitude", "current_location.longitude")
    track, _ = calls("external_id", *names)
    old = dict.fromkeys(names, 1.0)
    item = track.item(updated(old, {names[0]: 2.0, names[1]: 1.0}))
    assert sent(item) == {"external_id": "u1", "current_location": {"longitude": 1.0, "latitude": 2.0}}
    item = track.item(updated(old, dict.fromkeys(names)))
    assert sent(item) == {"external_id": "u1", "current_location": None}


def test_a_nested_object_that_is_too_large_is_refused() -> None:
    names = [f"profile.part_{n}" for n in range(500)]
    track, _ = calls("external_id", *names)
    outcome = refusal(track.item(created(**dict.fromkeys(names, "x" * 255))))
    assert outcome.message == "profile: is larger than the 100,000 bytes Braze stores"


# --- batches --------------------------------------------------------------------------------------


def test_the_batches_are_as_large_as_braze_takes() -> None:
    assert (TRACK.batch_size, DELETE.batch_size) == (75, 50)
    assert TRACK.rate.per_second == 1_000
    assert DELETE.rate.per_second == pytest.approx(333.33, abs=0.01)
    assert TRACK.max_bytes == 3_500_000 < limits.BODY.number


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=75, unique=True))
def test_a_request_holds_its_items_in_their_order(users: list[int]) -> None:
    track_items = [TRACK.item(change("create", new={"external_id": user})) for user in users]
    delete_items = [DELETE.item(change("delete", old={"external_id": user})) for user in users]
    tracked = orjson.loads(
        TRACK.request([part for part in track_items if isinstance(part, Item)]).body or b""
    )
    deleted = orjson.loads(
        DELETE.request([part for part in delete_items if isinstance(part, Item)]).body or b""
    )
    assert [entry["external_id"] for entry in tracked["attributes"]] == [str(user) for user in users]
    assert deleted == {"external_ids": [str(user) for user in users]}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=5), parts, max_size=4),
    max_leaves=10,
)


@given(
    st.dictionaries(
        st.sampled_from(["email", "dob", "country", "plan", "a.b", "a.c", "facebook"]), json_values
    )
)
def test_any_value_is_either_sent_as_json_or_refused_with_a_reason(values: dict[str, Any]) -> None:
    part = TRACK.item(created(**values))
    if isinstance(part, Item):
        assert sent(part)["external_id"] == "u1"
    else:
        assert refusal(part).code == "invalid_value"
