"""Iterable's lists and events as the sandbox keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from roo_dbt.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.sandbox.conftest import Caller, Start

ANN = "ann@example.com"
BOB = "bob@example.com"


def make(call: Caller, name: str = "VIP") -> int:
    number: int = call.iterable("lists", {"name": name}).json()["listId"]
    return number


def subscribe(call: Caller, number: object, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"listId": number, "subscribers": list(rows), **more}
    values: dict[str, Any] = call.iterable("lists/subscribe", body).json()
    return values


def test_a_new_list_can_be_used_at_once_and_is_listed(call: Caller, sandbox: Sandbox) -> None:
    number = make(call)
    answer = subscribe(call, number, {"email": ANN, "dataFields": {"plan": "pro"}}, {"email": "bad"})
    assert (answer["successCount"], answer["failCount"]) == (1, 1)
    assert answer["failedUpdates"]["invalidEmails"] == ["bad"]
    assert sandbox.iterable_lists == {"VIP": [ANN]}
    assert sandbox.iterable_users == {ANN: {"plan": "pro"}}
    (listed,) = call.iterable("lists").json()["lists"]
    assert (listed["id"], listed["name"], listed["listType"]) == (number, "VIP", "Standard")
    assert call.iterable(f"users/{ANN}").json()["user"]["dataFields"]["emailListIds"] == [number]


def test_the_same_name_makes_a_second_list(call: Caller) -> None:
    assert make(call) != make(call)


@pytest.mark.parametrize("body", [{}, {"name": " "}, {"name": 7}, {"name": "x", "description": "y" * 141}])
def test_a_list_needs_a_name_and_a_short_description(call: Caller, body: dict[str, Any]) -> None:
    assert call.iterable("lists", body).status_code == 400


def test_members_and_size_are_plain_text(call: Caller) -> None:
    number = make(call)
    subscribe(call, number, {"email": ANN}, {"email": BOB})
    members = call.iterable(f"lists/getUsers?listId={number}")
    assert members.headers["content-type"].startswith("text/plain")
    assert members.text == f"{ANN}\n{BOB}"
    assert call.iterable(f"lists/{number}/size").text == "2"


def test_a_hybrid_project_lists_members_by_either_identifier(start: Start) -> None:
    _, call = start(iterable_project_type="hybrid")
    number = make(call)
    subscribe(call, number, {"email": ANN, "userId": "1"})
    assert call.iterable(f"lists/getUsers?listId={number}").text == ANN
    assert call.iterable(f"lists/getUsers?listId={number}&preferUserId=true").text == "1"


def test_leaving_counts_for_non_members_and_names_unknown_users(call: Caller, sandbox: Sandbox) -> None:
    number = make(call)
    subscribe(call, number, {"email": ANN})
    call.bulk({"email": BOB})
    rows = [{"email": ANN}, {"email": BOB}, {"email": "nobody@example.com"}, {}]
    body = {"listId": number, "subscribers": rows, "channelUnsubscribe": False}
    answer = call.iterable("lists/unsubscribe", body).json()
    assert (answer["successCount"], answer["failCount"]) == (2, 2)
    assert answer["failedUpdates"]["notFoundEmails"] == ["nobody@example.com"]
    assert sandbox.iterable_lists == {"VIP": []}
    assert sandbox.requests[-1].warnings == []


def test_leaving_without_saying_how_is_noted(call: Caller, sandbox: Sandbox) -> None:
    call.iterable("lists/unsubscribe", {"listId": make(call), "subscribers": []})
    assert "channelUnsubscribe" in sandbox.requests[-1].warnings[0]


def test_existing_users_only_is_obeyed_outside_email_projects(start: Start) -> None:
    sandbox, call = start(iterable_project_type="user_id")
    call.bulk({"userId": "1"})
    answer = subscribe(call, make(call), {"userId": "1"}, {"userId": "2"}, updateExistingUsersOnly=True)
    assert answer["failedUpdates"]["notFoundUserIds"] == ["2"]
    assert sandbox.iterable_lists == {"VIP": ["1"]}


def test_existing_users_only_is_ignored_in_email_projects(call: Caller, sandbox: Sandbox) -> None:
    subscribe(call, make(call), {"email": ANN}, updateExistingUsersOnly=True)
    assert sandbox.iterable_lists == {"VIP": [ANN]}
    assert "ignored" in sandbox.requests[-1].warnings[0]


def test_an_unknown_list_is_a_400_whose_code_says_success(call: Caller) -> None:
    answer = call.iterable("lists/subscribe", {"listId": 7, "subscribers": []})
    assert answer.status_code == 400
    assert answer.json() == {
        "msg": "error.lists.invalidListId(7)",
        "code": "Success",
        "params": {"projectId": 1, "listId": 7},
    }
    assert call.iterable("lists/getUsers?listId=x").status_code == 400


def test_a_list_id_must_be_a_number(call: Caller) -> None:
    assert subscribe(call, str(make(call)))["code"] == "BadJsonBody"


def test_a_dynamic_list_cannot_be_written(call: Caller, sandbox: Sandbox) -> None:
    with sandbox.store.lock:
        made = sandbox.store.iterable.profiles.create_list("Smart", 0.0, kind="Dynamic")
    assert subscribe(call, made.number, {"email": ANN})["code"] == "BadParams"
    assert sandbox.iterable_lists == {"Smart": []}


def test_a_list_can_be_deleted_once(call: Caller, sandbox: Sandbox) -> None:
    number = make(call)
    assert call.iterable(f"lists/{number}", method="DELETE").status_code == 200
    assert call.iterable(f"lists/{number}", method="DELETE").status_code == 400
    assert sandbox.iterable_lists == {}


def test_an_event_is_kept_once_per_id(call: Caller, sandbox: Sandbox) -> None:
    call.bulk({"email": ANN})
    event = {"email": ANN, "eventName": "Order", "id": "o-1", "createdAt": 1_700_000_000}
    answer = call.iterable("events/track", event).json()
    assert answer == {"msg": "Event with id: o-1 tracked.", "code": "Success", "params": {"id": "o-1"}}
    changed = {**event, "dataFields": {"total": 5}}
    assert call.iterable("events/trackBulk", {"events": [changed]}).json()["successCount"] == 1
    assert sandbox.iterable_events == [changed]


def test_events_without_an_id_are_kept_twice(call: Caller, sandbox: Sandbox) -> None:
    call.bulk({"email": ANN})
    for _ in range(2):
        call.iterable("events/track", {"email": ANN, "eventName": "Order"})
    assert len(sandbox.iterable_events) == 2


def test_bad_events_of_a_bulk_request_are_named(call: Caller, sandbox: Sandbox) -> None:
    call.bulk({"email": ANN})
    events = [{"email": who, "eventName": "x"} for who in (ANN, "bad", BOB)]
    events += [{"email": ANN, "eventName": "x", "id": "no_underscores"}, {"eventName": "x"}]
    answer = call.iterable("events/trackBulk", {"events": events}).json()
    assert (answer["successCount"], answer["failCount"]) == (1, 4)
    named = {name: values for name, values in answer["failedUpdates"].items() if values}
    assert named == {"invalidEmails": ["bad"], "notFoundEmails": [BOB], "invalidDataEmails": [ANN]}
    assert answer["disallowedEventNames"] == []
    assert set(sandbox.iterable_users) == {ANN}


def test_a_time_that_is_no_number_fails_the_batch_and_milliseconds_are_noted(
    call: Caller, sandbox: Sandbox
) -> None:
    call.bulk({"email": ANN})
    good = {"email": ANN, "eventName": "x", "createdAt": 1_700_000_000_000}
    answer = call.iterable("events/trackBulk", {"events": [good, {**good, "createdAt": "now"}]})
    assert answer.json()["params"] == {"obj.events[1].createdAt": "Number value expected"}
    assert sandbox.iterable_events == []
    call.iterable("events/track", good)
    assert "milliseconds" in sandbox.requests[-1].warnings[0]


@pytest.mark.parametrize("body", [{"eventName": "x"}, {"eventName": "x", "email": BOB}, {"email": ANN}])
def test_one_bad_event_is_a_400(call: Caller, body: dict[str, Any]) -> None:
    assert call.iterable("events/track", body).status_code == 400


def test_a_purchase_makes_its_user_and_empties_the_cart(call: Caller, sandbox: Sandbox) -> None:
    call.bulk({"email": ANN, "dataFields": {"shoppingCartItems": [{"id": "p"}]}})
    item = {"id": "p", "name": "Pen", "price": 1.5, "quantity": 2}
    body = {"user": {"email": ANN, "dataFields": {"plan": "pro"}}, "items": [item], "total": 3, "id": "o-1"}
    for _ in range(2):
        assert call.iterable("commerce/trackPurchase", body).status_code == 200
    assert sandbox.iterable_users == {ANN: {"plan": "pro"}}
    assert sandbox.store.state()["iterable"]["purchases"] == [body]


@pytest.mark.parametrize(
    "change",
    [{"user": None}, {"user": {}}, {"user": {"email": "x"}}, {"total": "3"}, {"items": [{"id": "p"}]}],
)
def test_a_bad_purchase_is_a_400(call: Caller, change: dict[str, Any]) -> None:
    good = {"user": {"email": ANN}, "items": [], "total": 3}
    assert call.iterable("commerce/trackPurchase", {**good, **change}).status_code == 400
