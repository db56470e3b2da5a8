"""POST /users/track as the sandbox answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from roo_dbt.sandbox import Sandbox
from roo_dbt.sandbox.braze.track import NO_VALID_DATA

if TYPE_CHECKING:
    from tests.sandbox.clock import Clock
    from tests.sandbox.conftest import Caller, Start

UUID = "7a1c9e62-2b1f-4b0c-9f0e-6f1f1a2b3c4d"
NOON = "2026-01-01T12:00:00.000Z"
FULL = {"product_id": "p", "currency": "EUR", "price": 1.5, "time": NOON, "external_id": "1"}


def errors(answer: httpx.Response) -> list[tuple[str, int]]:
    return [(error["input_array"], error["index"]) for error in answer.json().get("errors", [])]


def test_users_are_created_and_counted(call: Caller, sandbox: Sandbox) -> None:
    answer = call.track({"external_id": "1", "first_name": "Ann", "plan": "pro"}, {"external_id": "2"})
    assert answer.status_code == 201
    assert answer.json() == {"message": "success", "attributes_processed": 2}
    assert sandbox.braze_users == {"1": {"first_name": "Ann", "plan": "pro"}, "2": {}}


def test_a_second_request_leaves_the_fields_it_does_not_name(call: Caller, sandbox: Sandbox) -> None:
    call.track({"external_id": "1", "plan": "pro", "city": "Rome"})
    call.track({"external_id": "1", "plan": "team"})
    assert sandbox.braze_users == {"1": {"plan": "team", "city": "Rome"}}


def test_refused_objects_are_named_in_a_201_and_the_others_are_written(
    call: Caller, sandbox: Sandbox
) -> None:
    answer = call.track(
        {"external_id": "0"},
        {"external_id": "1", "email": "nobody"},
        {"external_id": "2"},
        events=[{"external_id": "2", "name": "x", "time": NOON}, {"external_id": "2", "name": "x"}],
    )
    assert answer.status_code == 201
    assert answer.json()["message"] == "success"
    assert answer.json()["attributes_processed"] == 2
    assert answer.json()["events_processed"] == 1
    assert "purchases_processed" not in answer.json()
    assert errors(answer) == [("attributes", 1), ("events", 1)]
    assert set(answer.json()["errors"][0]) == {"type", "input_array", "index"}
    assert set(sandbox.braze_users) == {"0", "2"}


def test_a_request_of_refused_objects_alone_is_a_400_with_their_reasons(call: Caller) -> None:
    answer = call.track({"external_id": "1", "email": "x"}, {"plan": "pro"})
    assert answer.status_code == 400
    assert answer.json()["message"] == NO_VALID_DATA
    assert errors(answer) == [("attributes", 0), ("attributes", 1)]


@pytest.mark.parametrize("body", [{}, {"attributes": []}, {"attributes": "x"}, {"other": [{}]}])
def test_a_request_without_objects_is_a_400(call: Caller, body: dict[str, Any]) -> None:
    answer = call.braze("/users/track", body)
    assert answer.status_code == 400
    assert answer.json() == {"message": NO_VALID_DATA}


def test_75_objects_pass_and_76_over_all_arrays_write_nothing(call: Caller, sandbox: Sandbox) -> None:
    users = [{"external_id": str(n)} for n in range(75)]
    event = {"external_id": "0", "name": "x", "time": NOON}
    too_many = call.track(*users, events=[event])
    assert too_many.status_code == 400
    assert too_many.json() == {"message": "Max Input Length Exceeded"}
    assert sandbox.braze_users == {}
    assert call.track(*users).json()["attributes_processed"] == 75


@pytest.mark.parametrize(
    "target",
    [
        {"external_id": "1", "braze_id": "x"},
        {"external_id": "1", "user_alias": {"alias_name": "a", "alias_label": "l"}},
        {"plan": "pro"},
        {"external_id": ""},
        {"external_id": "  "},
        {"external_id": None},
        {"external_id": 7},
        {"external_id": "é" * 494},
        {"user_alias": {"alias_name": "a"}},
        {"user_alias": {"alias_name": "a" * 237, "alias_label": "l"}},
        {"user_alias": "a"},
        "text",
    ],
)
def test_an_object_that_names_no_single_user_is_refused(call: Caller, sandbox: Sandbox, target: Any) -> None:
    answer = call.track({"external_id": "good"}, target)
    assert errors(answer) == [("attributes", 1)]
    assert set(sandbox.braze_users) == {"good"}


def test_an_external_id_of_987_bytes_is_accepted(call: Caller) -> None:
    assert call.track({"external_id": "x" * 987}).status_code == 201


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "ann@@example.com"),
        ("email", 7),
        ("phone", 7),
        ("email_subscribe", "yes"),
        ("email_subscribe", None),
        ("push_subscribe", "no"),
        ("subscription_groups", {}),
        ("subscription_groups", ["x"]),
        ("subscription_groups", [{"subscription_group_id": "x", "subscription_state": "subscribed"}]),
        ("subscription_groups", [{"subscription_group_id": UUID, "subscription_state": "opted_in"}]),
        ("subscription_groups", [{"subscription_group_id": UUID, "subscription_state": "subscribed"}] * 2),
        ("current_location", {"longitude": "8"}),
        ("push_tokens", [{"token": "t"}]),
        ("push_tokens", [{"app_id": "t"}]),
        ("push_tokens", "t"),
        ("email_subscription_info", {}),
    ],
)
def test_a_bad_standard_field_refuses_the_whole_object(
    call: Caller, sandbox: Sandbox, field: str, value: object
) -> None:
    answer = call.track({"external_id": "1", "plan": "pro", field: value})
    assert answer.status_code == 400
    assert errors(answer) == [("attributes", 0)]
    assert sandbox.braze_users == {}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", "x" * 256),
        ("first_name", 7),
        ("gender", "X"),
        ("dob", "1990-13-01"),
        ("dob", "01/01/1990"),
        ("language", "english"),
        ("time_zone", "Mars/Phobos"),
        ("image_url", "x" * 1025),
        ("email_open_tracking_disabled", "yes"),
        ("date_of_first_session", "soon"),
        ("facebook", "x"),
        ("bio", "gone"),
        ("plan", "x" * 256),
        ("$plan", "pro"),
        ("x" * 256, "pro"),
        ("tags", ["x" * 256]),
        ("nested", {"a b": 1}),
        ("nested", {"a": {"$b": 1}}),
        ("nested", {"a.b": 1}),
        ("nested", {"a": "x" * 256}),
        ("nested", {"a": {"$time": "soon"}}),
        ("nested", {"a": ["x" * 200] * 600}),
        ("visits", {"inc": 1.5}),
    ],
)
def test_a_value_braze_cannot_store_is_a_silent_success_noted_in_the_log(
    call: Caller, sandbox: Sandbox, field: str, value: object
) -> None:
    answer = call.track({"external_id": "1", "kept": True, field: value})
    assert answer.json() == {"message": "success", "attributes_processed": 1}
    assert sandbox.braze_users == {"1": {"kept": True}}
    assert [field in warning for warning in sandbox.requests[-1].warnings] == [True]


def test_good_standard_fields_are_stored(call: Caller, sandbox: Sandbox) -> None:
    fields = {
        "email": "ann@example.com",
        "dob": "1990-02-28",
        "gender": "F",
        "language": "de",
        "time_zone": "Europe/Berlin",
        "email_subscribe": "opted_in",
        "current_location": {"longitude": 8.5, "latitude": 50},
        "date_of_last_session": NOON,
    }
    call.track({"external_id": "1", "country": "de", **fields}, {"external_id": "2", "country": "Narnia"})
    assert sandbox.braze_users == {"1": {"country": "DE", **fields}, "2": {}}


def test_null_clears_and_an_empty_string_stays(call: Caller, sandbox: Sandbox) -> None:
    call.track(
        {"external_id": "1", "email": "a@example.com", "first_name": "Ann", "plan": "pro", "note": "x"}
    )
    call.track({"external_id": "1", "email": None, "first_name": None, "plan": None, "note": ""})
    assert sandbox.braze_users == {"1": {"note": ""}}


def test_names_are_trimmed_and_case_matters(call: Caller, sandbox: Sandbox) -> None:
    call.track({"external_id": "1", " plan ": "pro", "Email": "nobody"})
    assert sandbox.braze_users == {"1": {"plan": "pro", "Email": "nobody"}}


def test_an_update_of_an_absent_user_is_counted_and_writes_nothing(call: Caller, sandbox: Sandbox) -> None:
    alias = {"alias_name": "a", "alias_label": "l"}
    answer = call.track(
        {"external_id": "1", "_update_existing_only": True},
        {"user_alias": alias},
        {"braze_id": "unknown"},
    )
    assert answer.json() == {"message": "success", "attributes_processed": 3}
    assert sandbox.braze_profiles == []
    assert len(sandbox.requests[-1].warnings) == 3
    call.track({"user_alias": alias, "_update_existing_only": False, "plan": "pro"})
    assert sandbox.braze_profiles[0]["aliases"] == {"l": "a"}


def test_a_user_is_found_by_alias_and_by_braze_id(call: Caller, sandbox: Sandbox) -> None:
    alias = {"alias_name": "a", "alias_label": "l"}
    call.track({"user_alias": alias, "_update_existing_only": False})
    number = sandbox.braze_profiles[0]["braze_id"]
    call.track({"user_alias": alias, "x": 1}, {"braze_id": number, "y": 2})
    assert [profile["attributes"] for profile in sandbox.braze_profiles] == [{"x": 1, "y": 2}]


def test_an_address_finds_the_identified_user_first_and_else_creates_one(
    call: Caller, sandbox: Sandbox
) -> None:
    call.track({"email": "ann@example.com", "n": 1})
    call.track({"external_id": "1", "email": "ANN@example.com"})
    call.track({"email": "ann@example.com", "n": 2}, {"phone": "+4915112345678", "n": 3})
    found = [(profile["external_id"], profile["attributes"].get("n")) for profile in sandbox.braze_profiles]
    assert found == [(None, 3), ("1", 2), (None, 1)]


def test_an_email_state_reaches_every_profile_with_the_address(call: Caller, sandbox: Sandbox) -> None:
    call.track({"external_id": "1", "email": "a@example.com"}, {"external_id": "2", "email": "a@example.com"})
    call.track({"external_id": "1", "email_subscribe": "unsubscribed"})
    assert {user["email_subscribe"] for user in sandbox.braze_users.values()} == {"unsubscribed"}


def test_subscription_groups_are_kept_apart_from_attributes(call: Caller, sandbox: Sandbox) -> None:
    group = {"subscription_group_id": UUID, "subscription_state": "subscribed"}
    call.track({"external_id": "1", "subscription_groups": [group]})
    assert sandbox.braze_profiles[0]["subscription_groups"] == {UUID: "subscribed"}
    assert sandbox.braze_users == {"1": {}}


def test_arrays_are_replaced_added_to_and_removed_from_as_sets(call: Caller, sandbox: Sandbox) -> None:
    call.track({"external_id": "1", "tags": ["a", "b", "a", "c"]})
    assert sandbox.braze_users["1"]["tags"] == ["b", "a", "c"]
    call.track({"external_id": "1", "tags": {"add": ["b", "d"], "remove": ["a"]}})
    assert sandbox.braze_users["1"]["tags"] == ["c", "b", "d"]
    call.track({"external_id": "1", "tags": [f"t{n}" for n in range(501)]})
    assert len(sandbox.braze_users["1"]["tags"]) == 500
    assert "t0" not in sandbox.braze_users["1"]["tags"]


def test_objects_are_replaced_unless_they_are_merged(call: Caller, sandbox: Sandbox) -> None:
    call.track({"external_id": "1", "address": {"city": "Rome", "geo": {"a": 1, "b": 2}}})
    call.track({"external_id": "1", "_merge_objects": True, "address": {"zip": "1", "geo": {"a": None}}})
    assert sandbox.braze_users["1"]["address"] == {"city": "Rome", "zip": "1", "geo": {"b": 2}}
    call.track({"external_id": "1", "address": {"city": "Oslo"}})
    assert sandbox.braze_users["1"] == {"address": {"city": "Oslo"}}


def test_arrays_of_objects_are_added_to_then_removed_from_then_updated(
    call: Caller, sandbox: Sandbox
) -> None:
    pets = [{"id": 1, "name": "Rex", "age": 3}, {"id": 2, "name": "Tom"}]
    call.track({"external_id": "1", "pets": pets})
    edits = {
        "$update": [{"$identifier_key": "id", "$identifier_value": 1, "$new_object": {"age": 4}}],
        "$remove": [{"$identifier_key": "id", "$identifier_value": 2}],
        "$add": [{"id": 3}],
    }
    call.track({"external_id": "1", "_merge_objects": True, "pets": edits})
    assert sandbox.braze_users["1"]["pets"] == [{"id": 1, "name": "Rex", "age": 4}, {"id": 3}]


def test_numbers_are_incremented(call: Caller, sandbox: Sandbox) -> None:
    for step in (5, -2):
        call.track({"external_id": "1", "visits": {"inc": step}})
    assert sandbox.braze_users["1"]["visits"] == 3


def test_push_tokens_are_imported_without_an_identifier(call: Caller, sandbox: Sandbox) -> None:
    tokens = {"push_token_import": True, "push_tokens": [{"app_id": "a", "token": "t"}]}
    assert call.track(tokens).status_code == 201
    assert call.track({**tokens, "external_id": "1"}).status_code == 400
    assert call.track({"push_token_import": True}).status_code == 400
    assert len(sandbox.braze_profiles) == 1


def test_events_and_purchases_are_kept_and_counted(call: Caller, sandbox: Sandbox, clock: Clock) -> None:
    event = {"external_id": "1", "name": "Order", "time": NOON, "properties": {"total": 5}}
    future = {**event, "time": "2999-01-01T00:00:00Z"}
    answer = call.track(events=[event, future], purchases=[{**FULL, "quantity": 2}])
    assert answer.json() == {"message": "success", "events_processed": 2, "purchases_processed": 1}
    assert sandbox.braze_events[0] == event
    assert sandbox.braze_events[1]["time"].startswith("2027-01-15")
    assert sandbox.braze_profiles[0]["events"] == {"Order": 2, "p": 1}


@pytest.mark.parametrize(
    ("array", "change"),
    [
        ("events", {"name": ""}),
        ("events", {"time": "soon"}),
        ("events", {"properties": {"time": 1}}),
        ("events", {"properties": {"$x": 1}}),
        ("events", {"properties": {"x": "y" * 256}}),
        ("events", {"properties": []}),
        ("events", {"properties": {"x": ["y" * 200] * 600}}),
        ("purchases", {"quantity": 101}),
        ("purchases", {"quantity": 0}),
        ("purchases", {"price": "1.5"}),
        ("purchases", {"currency": "Euro"}),
        ("purchases", {"product_id": None}),
        ("purchases", {"time": None}),
        ("purchases", {"properties": {"price": 1}}),
    ],
)
def test_a_bad_event_or_purchase_is_refused(call: Caller, array: str, change: dict[str, Any]) -> None:
    good = {**FULL, "name": "Order"}
    answer = call.track(**{array: [good, {**good, **change}]})
    assert errors(answer) == [(array, 1)]


def test_an_event_of_an_unknown_alias_is_counted_and_lost(call: Caller, sandbox: Sandbox) -> None:
    alias = {"alias_name": "a", "alias_label": "l"}
    answer = call.track(events=[{"user_alias": alias, "name": "x", "time": NOON}])
    assert answer.json()["events_processed"] == 1
    assert sandbox.braze_events == []


def test_an_event_by_address_creates_a_profile_that_the_address_finds(call: Caller, sandbox: Sandbox) -> None:
    for _ in range(2):
        call.track(events=[{"email": "ann@example.com", "name": "x", "time": NOON}])
    assert [profile["events"] for profile in sandbox.braze_profiles] == [{"x": 2}]


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01",
        "2026-01-01 10:00:00",
        "2026-01-01T10:00:00+02:00",
        "2026-01-01T10:00:00:123Z",
        "01/31/2026",
    ],
)
def test_times_of_every_documented_form_are_read(call: Caller, text: str) -> None:
    answer = call.track(events=[{"external_id": "1", "name": "x", "time": text}])
    assert answer.status_code == 201


def test_forced_types_are_coerced_or_silently_kept(start: Start) -> None:
    forced = {"n": "number", "s": "string", "b": "boolean", "a": "array"}
    sandbox, call = start(braze_forced_types=forced, braze_blocklist=["secret"])
    call.track({"external_id": "1", "n": "12", "s": 5, "b": "TRUE", "a": ["x"], "secret": 1})
    expected = {"n": 12.0, "s": "5", "b": True, "a": ["x"]}
    assert sandbox.braze_users["1"] == expected
    call.track({"external_id": "1", "n": "many", "s": [], "b": "perhaps", "a": "x"})
    assert sandbox.braze_users["1"] == expected
    assert len(sandbox.requests[-1].warnings) == 4
