"""Braze's other endpoints, and what holds for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tests.sandbox.clock import Clock

from roo_dbt.sandbox import FORBIDDEN_KEY, WRONG_KEY, Sandbox

if TYPE_CHECKING:
    from tests.sandbox.conftest import Caller, Start

UUID = "7a1c9e62-2b1f-4b0c-9f0e-6f1f1a2b3c4d"
OTHER = "7a1c9e62-2b1f-4b0c-9f0e-6f1f1a2b3c4e"


def test_a_wrong_key_is_a_401_that_echoes_it_but_the_log_does_not(call: Caller, sandbox: Sandbox) -> None:
    answer = call.braze("/users/track", {"attributes": []}, key=WRONG_KEY)
    assert answer.status_code == 401
    assert WRONG_KEY in answer.json()["message"]
    assert WRONG_KEY not in str(sandbox.requests[-1].reply)


def test_a_key_without_permission_is_a_403(call: Caller) -> None:
    answer = call.braze("/users/track", {"attributes": []}, key=FORBIDDEN_KEY)
    assert (answer.status_code, answer.json()) == (403, {"message": "Access Denied"})


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "k"}, {"Authorization": "Bearer"}, {"Api-Key": "k"}]
)
def test_a_missing_bearer_key_is_a_401(call: Caller, headers: dict[str, str]) -> None:
    answer = call.client.post(f"{call.url}/users/track", json={}, headers=headers)
    assert answer.status_code == 401


def test_only_the_given_keys_are_accepted(start: Start) -> None:
    _, call = start(keys=["mine"])
    assert call.braze("/users/track", {}, key="mine").status_code == 400
    assert call.braze("/users/track", {}, key="other").status_code == 401
    assert call.iterable("lists", key="mine").status_code == 200
    assert call.iterable("lists", key="other").status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/users/track/"), ("GET", "/users/track"), ("POST", "/users"), ("POST", "/v1/users/track")],
)
def test_an_unknown_address_is_a_404(call: Caller, method: str, path: str) -> None:
    answer = call.braze(path, {}, method=method)
    assert (answer.status_code, answer.json()) == (404, {"message": "Invalid URL"})


def raw(call: Caller, content: bytes, content_type: str = "application/json") -> httpx.Response:
    headers = {"Authorization": "Bearer k", "Content-Type": content_type}
    return call.client.post(f"{call.url}/users/track", content=content, headers=headers)


def test_another_content_type_is_a_415(call: Caller) -> None:
    assert raw(call, b"{}", "text/plain").status_code == 415
    assert raw(call, b"{}", "application/json; charset=utf-8").status_code == 400


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"attributes": [NaN]}', b""])
def test_a_body_that_is_no_json_object_is_a_400_with_the_other_key(call: Caller, content: bytes) -> None:
    answer = raw(call, content)
    assert answer.status_code == 400
    assert set(answer.json()) == {"error"}


def test_a_body_over_4_mb_is_a_413(call: Caller, sandbox: Sandbox) -> None:
    head, tail = b'{"attributes":[{"external_id":"1","x":"', b'"}]}'
    filling = b"x" * (4_000_000 - len(head) - len(tail))
    assert raw(call, head + filling + tail).status_code == 201
    assert raw(call, head + filling + b"x" + tail).status_code == 413
    assert list(sandbox.braze_users) == ["1"]


def test_rate_headers_of_usual_contracts_name_the_second_of_the_reset(start: Start) -> None:
    clock = Clock()
    _, call = start(rates={"braze.track": (2, 3)}, clock=clock)
    first = call.track({"external_id": "1"})
    assert first.headers["X-RateLimit-Limit"] == "2"
    assert first.headers["X-RateLimit-Remaining"] == "1"
    assert int(first.headers["X-RateLimit-Reset"]) == int(clock.now) + 3
    call.track({"external_id": "1"})
    refused = call.track({"external_id": "1"})
    assert refused.status_code == 429
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert call.braze("/users/delete", {"external_ids": ["1"]}).status_code == 201
    clock.now += 3
    assert call.track({"external_id": "1"}).status_code == 201


def test_rate_headers_of_mau_contracts_count_seconds_and_vanish_in_a_429(start: Start) -> None:
    clock = Clock()
    clock.now += 1
    _, call = start(contract="mau", rates={"braze.track": (1, 3)}, clock=clock)
    assert call.track({"external_id": "1"}).headers["X-RateLimit-Reset"] == "2"
    refused = call.track({"external_id": "1"})
    assert refused.status_code == 429
    assert refused.headers["X-RateLimit-Retry-After"] == "2"
    assert not [name for name in refused.headers if name in ("x-ratelimit-limit", "x-ratelimit-reset")]


def test_limits_that_are_not_enforced_never_show_zero(start: Start) -> None:
    _, call = start(enforce_limits=False, rates={"braze.track": (1, 3)})
    answers = [call.track({"external_id": "1"}) for _ in range(3)]
    assert {(a.status_code, a.headers["X-RateLimit-Remaining"]) for a in answers} == {(201, "1")}


def test_users_are_deleted_by_external_id_and_the_count_is_of_what_was_queued(
    call: Caller, sandbox: Sandbox
) -> None:
    call.track({"external_id": "1"}, {"external_id": "2"})
    answer = call.braze("/users/delete", {"external_ids": ["1", "1", "absent"]})
    assert answer.status_code == 201
    assert answer.json()["deleted"] == 3
    assert set(sandbox.braze_users) == {"2"}
    assert "absent" in sandbox.requests[-1].warnings[0]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"external_ids": []},
        {"external_ids": ["1"], "braze_ids": ["2"]},
        {"external_ids": [str(n) for n in range(51)]},
        {"external_ids": [1]},
        {"external_ids": "1"},
        {"user_aliases": [{"alias_name": "a"}]},
        {"email_addresses": ["a@example.com"]},
        {"email_addresses": [{"email": "a@example.com", "prioritization": ["oldest"]}]},
    ],
)
def test_a_delete_of_no_or_two_kinds_or_too_many_is_a_400_and_deletes_nobody(
    call: Caller, sandbox: Sandbox, body: dict[str, Any]
) -> None:
    call.track({"external_id": "1"})
    assert call.braze("/users/delete", body).status_code == 400
    assert set(sandbox.braze_users) == {"1"}


def test_users_are_deleted_by_alias_braze_id_and_address(call: Caller, sandbox: Sandbox) -> None:
    alias = {"alias_name": "a", "alias_label": "l"}
    call.track({"user_alias": alias, "_update_existing_only": False}, {"external_id": "1"})
    call.track({"external_id": "2", "email": "a@example.com"}, {"external_id": "3", "phone": "+49151"})
    number = next(p["braze_id"] for p in sandbox.braze_profiles if p["external_id"] == "1")
    call.braze("/users/delete", {"user_aliases": [alias]})
    call.braze("/users/delete", {"braze_ids": [number]})
    assert set(sandbox.braze_users) == {"2", "3"}
    order = ["most_recently_updated"]
    call.braze("/users/delete", {"email_addresses": [{"email": "A@example.com", "prioritization": order}]})
    call.braze("/users/delete", {"phone_numbers": [{"phone": "+49151", "prioritization": ["identified"]}]})
    assert sandbox.braze_profiles == []


def test_an_address_of_several_users_deletes_nobody(call: Caller, sandbox: Sandbox) -> None:
    call.track({"external_id": "1", "email": "a@example.com"}, {"external_id": "2", "email": "a@example.com"})
    targets = [{"email": "a@example.com", "prioritization": ["identified"]}]
    assert call.braze("/users/delete", {"email_addresses": targets}).json()["deleted"] == 1
    assert set(sandbox.braze_users) == {"1", "2"}


def rename(call: Caller, *pairs: tuple[str, str]) -> httpx.Response:
    renames = [{"current_external_id": old, "new_external_id": new} for old, new in pairs]
    return call.braze("/users/external_ids/rename", {"external_id_renames": renames})


def test_a_renamed_user_is_still_found_by_the_deprecated_id(call: Caller, sandbox: Sandbox) -> None:
    call.track({"external_id": "old", "plan": "pro"}, {"external_id": "taken"})
    answer = rename(call, ("old", "new"), ("absent", "x"), ("taken", "new"), ("old", "y"))
    assert answer.status_code == 201
    assert answer.json()["external_ids"] == ["new"]
    texts = [error[0] for error in answer.json()["rename_errors"]]
    assert [text.split(":")[0] for text in texts] == ["index 1", "index 2", "index 3"]
    assert "already in use" in texts[1]
    call.track({"external_id": "old", "plan": "team"})
    assert sandbox.braze_users == {"new": {"plan": "team"}, "taken": {}}
    call.braze("/users/delete", {"external_ids": ["old"]})
    assert set(sandbox.braze_users) == {"taken"}


def test_a_deprecated_id_can_be_removed_and_no_other(call: Caller, sandbox: Sandbox) -> None:
    call.track({"external_id": "old"})
    rename(call, ("old", "new"))
    answer = call.braze("/users/external_ids/remove", {"external_ids": ["new", "old"]})
    assert answer.json()["removed_ids"] == ["old"]
    assert len(answer.json()["removal_errors"]) == 1
    call.track({"external_id": "old"})
    assert set(sandbox.braze_users) == {"new", "old"}


@pytest.mark.parametrize("count", [0, 51])
def test_a_rename_of_none_or_51_is_a_400(call: Caller, count: int) -> None:
    assert rename(call, *[(str(n), f"n{n}") for n in range(count)]).status_code == 400


def test_aliases_are_added_renamed_and_passed_over_in_silence(call: Caller, sandbox: Sandbox) -> None:
    call.track({"external_id": "1"})
    pairs = [{"external_id": who, "alias_name": "a", "alias_label": "l"} for who in ("1", "absent")]
    answer = call.braze("/users/alias/new", {"user_aliases": pairs})
    assert answer.json() == {"aliases_processed": 2, "message": "success"}
    change = {"alias_label": "l", "old_alias_name": "a", "new_alias_name": "b"}
    call.braze("/users/alias/update", {"alias_updates": [change, {**change, "old_alias_name": "absent"}]})
    call.track({"user_alias": {"alias_name": "b", "alias_label": "l"}, "x": 1})
    assert sandbox.braze_users == {"1": {"x": 1}}
    assert call.braze("/users/alias/update", {"alias_updates": [{}]}).status_code == 400


def test_an_export_answers_the_asked_fields_of_those_it_finds(call: Caller) -> None:
    call.track({"external_id": "1", "email": "a@example.com", "first_name": "Ann", "plan": "pro"})
    fields = ["external_id", "email", "custom_attributes", "dob"]
    body = {"external_ids": ["1", "absent"], "fields_to_export": fields}
    answer = call.braze("/users/export/ids", body).json()
    user = {"external_id": "1", "email": "a@example.com", "custom_attributes": {"plan": "pro"}}
    assert answer == {"message": "success", "users": [user], "invalid_user_ids": ["absent"]}


def test_an_export_of_a_deprecated_id_answers_the_present_one(call: Caller) -> None:
    call.track({"external_id": "old"})
    rename(call, ("old", "new"))
    body = {"external_ids": ["old"], "fields_to_export": ["external_id"]}
    assert call.braze("/users/export/ids", body).json()["users"] == [{"external_id": "new"}]


@pytest.mark.parametrize("body", [{"external_ids": ["1"]}, {"fields_to_export": ["email"]}])
def test_an_export_without_fields_or_users_is_a_400(call: Caller, body: dict[str, Any]) -> None:
    assert call.braze("/users/export/ids", body).status_code == 400


def test_subscription_states_are_set_in_both_versions_and_read(call: Caller, sandbox: Sandbox) -> None:
    call.track({"external_id": "1", "email": "a@example.com"})
    one = {"subscription_group_id": UUID, "subscription_state": "subscribed", "external_id": ["1"]}
    assert call.braze("/subscription/status/set", one).status_code == 201
    group = {
        "subscription_group_id": OTHER,
        "subscription_state": "unsubscribed",
        "emails": ["a@example.com"],
    }
    assert call.braze("/v2/subscription/status/set", {"subscription_groups": [group]}).status_code == 201
    assert sandbox.braze_profiles[0]["subscription_groups"] == {UUID: "subscribed", OTHER: "unsubscribed"}
    status = call.braze(
        f"/subscription/status/get?subscription_group_id={UUID}&external_id=1", method="GET"
    ).json()
    assert status["status"] == {"1": "Subscribed"}
    user = call.braze("/subscription/user/status?external_id=1", method="GET").json()["users"][0]
    assert {entry["id"] for entry in user["subscription_groups"]} == {UUID, OTHER}


def test_a_state_of_an_address_waits_for_its_profile(call: Caller, sandbox: Sandbox) -> None:
    body = {"subscription_group_id": UUID, "subscription_state": "unsubscribed", "email": ["a@example.com"]}
    call.braze("/subscription/status/set", body)
    call.track({"external_id": "1", "email": "a@example.com"})
    assert sandbox.braze_profiles[0]["subscription_groups"] == {UUID: "unsubscribed"}


@pytest.mark.parametrize(
    "change",
    [
        {"subscription_group_id": "x"},
        {"subscription_state": "opted_in"},
        {"external_id": []},
        {"external_id": [str(n) for n in range(51)]},
        {"email": ["a@example.com"], "phone": ["+49"]},
        {"external_id": [], "phone": ["0151"]},
    ],
)
def test_a_bad_subscription_request_is_a_400(call: Caller, change: dict[str, Any]) -> None:
    good = {"subscription_group_id": UUID, "subscription_state": "subscribed", "external_id": ["1"]}
    assert call.braze("/subscription/status/set", {**good, **change}).status_code == 400


def test_custom_attributes_are_listed_page_by_page(call: Caller) -> None:
    call.track({"external_id": "1", "on": True, **{f"a{n:02}": n for n in range(60)}})
    first = call.braze("/custom_attributes", method="GET")
    assert len(first.json()["attributes"]) == 50
    assert first.json()["attributes"][0]["data_type"] == "Number (Automatically Detected)"
    rest = call.client.get(first.links["next"]["url"], headers={"Authorization": "Bearer k"})
    assert len(rest.json()["attributes"]) == 11
    assert "next" not in rest.links


def test_event_names_and_campaigns_are_listed(call: Caller) -> None:
    call.track(events=[{"external_id": "1", "name": "Order", "time": "2026-01-01"}])
    assert call.braze("/events/list?page=0", method="GET").json()["events"] == ["Order"]
    assert call.braze("/campaigns/list?page=0", method="GET").json()["campaigns"] == []
