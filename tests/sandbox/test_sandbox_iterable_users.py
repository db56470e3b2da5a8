"""Reading, deleting and renaming Iterable users, and what holds for all its endpoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.sandbox.clock import Clock

from roo_dbt.sandbox import FORBIDDEN_KEY, WRONG_KEY, Sandbox

if TYPE_CHECKING:
    from tests.sandbox.conftest import Caller, Start

ANN = "ann@example.com"


def test_a_wrong_key_is_a_401_and_a_weak_one_a_403(call: Caller) -> None:
    wrong = call.iterable("lists", key=WRONG_KEY)
    assert (wrong.status_code, wrong.json()["code"]) == (401, "BadApiKey")
    assert wrong.json()["params"] == {"ip": "127.0.0.1", "endpoint": "/api/lists"}
    weak = call.iterable("lists", key=FORBIDDEN_KEY)
    assert (weak.status_code, weak.json()["code"]) == (403, "Forbidden")


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Api-Key": "k"}, 200), ({"api_key": "k"}, 200), ({}, 401), ({"Authorization": "Bearer k"}, 401)],
)
def test_the_key_is_read_from_its_own_header(call: Caller, headers: dict[str, str], status: int) -> None:
    assert call.client.get(f"{call.url}/api/lists", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "nothing"), ("GET", "users/bulkUpdate/x"), ("PUT", "lists")]
)
def test_an_unknown_address_is_an_html_404(call: Caller, method: str, path: str) -> None:
    answer = call.iterable(path, method=method)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")


def test_a_body_that_is_no_json_is_a_400(call: Caller) -> None:
    headers = {"Api-Key": "k"}
    answer = call.client.post(f"{call.url}/api/users/bulkUpdate", content=b"{", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "BadJsonBody")


def test_a_body_over_4_mb_is_a_413(call: Caller, sandbox: Sandbox) -> None:
    users = [{"email": ANN, "dataFields": {"note": "x" * 30_000}}] * 134
    assert call.iterable("users/bulkUpdate", {"users": users}).status_code == 413
    assert sandbox.iterable_users == {}


def test_five_bulk_updates_a_second_pass_and_the_sixth_is_told_how_long_to_wait(start: Start) -> None:
    clock = Clock()
    _, call = start(clock=clock)
    for _ in range(5):
        call.bulk({"email": ANN})
    refused = call.iterable("users/bulkUpdate", {"users": []})
    assert refused.status_code == 429
    assert refused.json()["code"] == "RateLimitExceeded"
    assert refused.json()["params"] == {"rateLimitLimit": 5, "rateLimitRemaining": 0, "rateLimitReset": 1}
    assert call.iterable("users/update", {"email": ANN}).status_code == 200
    clock.now += 0.2
    call.bulk({"email": ANN})
    assert call.iterable("users/bulkUpdate", {"users": []}).status_code == 429


def test_a_user_is_read_by_every_identifier(call: Caller) -> None:
    call.bulk({"email": "a+b@example.com", "userId": "x/1 2", "dataFields": {"plan": "pro"}})
    data = {"plan": "pro", "email": "a+b@example.com", "userId": "x/1 2"}
    user = {"user": {"email": "a+b@example.com", "userId": "x/1 2", "dataFields": data}}
    assert call.iterable("users/getByEmail?email=A%2Bb@example.com").json() == user
    assert call.iterable("users/a%2Bb%40example.com").json() == user
    assert call.iterable("users/byUserId?userId=x%2F1%202").json() == user
    assert call.iterable("users/byUserId/x%2F1%202").json() == user


def test_an_absent_user_reads_as_an_empty_object(call: Caller) -> None:
    for path in (
        f"users/getByEmail?email={ANN}",
        f"users/{ANN}",
        "users/byUserId?userId=x",
        "users/byUserId/x",
    ):
        answer = call.iterable(path)
        assert (answer.status_code, answer.json()) == (200, {})


@pytest.mark.parametrize(
    "path", ["users/getByEmail", "users/getByEmail?email=x", "users/byUserId?userId=%20"]
)
def test_a_look_up_without_an_identifier_is_a_400(call: Caller, path: str) -> None:
    assert call.iterable(path).status_code == 400


def test_a_delete_by_email_succeeds_also_for_an_absent_user(call: Caller, sandbox: Sandbox) -> None:
    call.bulk({"email": ANN})
    for _ in range(2):
        answer = call.iterable("users/Ann%40example.com", method="DELETE")
        assert (answer.status_code, answer.json()["code"]) == (200, "Success")
    assert sandbox.iterable_users == {}
    assert "no such user" in sandbox.requests[-1].warnings[0]


def test_a_delete_by_user_id_takes_everybody_who_has_it_and_refuses_an_absent_one(
    call: Caller, sandbox: Sandbox
) -> None:
    call.bulk(
        {"email": ANN, "userId": "1"}, {"email": "b@example.com", "userId": "1"}, {"email": "c@example.com"}
    )
    assert call.iterable("users/byUserId/1", method="DELETE").status_code == 200
    assert set(sandbox.iterable_users) == {"c@example.com"}
    again = call.iterable("users/byUserId/1", method="DELETE")
    assert again.status_code == 400
    assert again.json() == {
        "msg": "User does not exist. Email:  UserId: 1",
        "code": "BadParams",
        "params": None,
    }


def test_a_user_id_project_deletes_by_user_id_only(start: Start) -> None:
    sandbox, call = start(iterable_project_type="user_id")
    call.bulk({"userId": "1", "email": ANN})
    assert call.iterable(f"users/{ANN}", method="DELETE").status_code == 400
    assert set(sandbox.iterable_users) == {"1"}


def test_a_deleted_user_leaves_its_lists(call: Caller, sandbox: Sandbox) -> None:
    number = call.iterable("lists", {"name": "VIP"}).json()["listId"]
    call.iterable("lists/subscribe", {"listId": number, "subscribers": [{"email": ANN}]})
    call.iterable(f"users/{ANN}", method="DELETE")
    call.bulk({"email": ANN})
    assert sandbox.iterable_lists == {"VIP": []}


def test_an_email_is_changed_with_everything_that_hangs_on_it(call: Caller, sandbox: Sandbox) -> None:
    number = call.iterable("lists", {"name": "VIP"}).json()["listId"]
    call.iterable("lists/subscribe", {"listId": number, "subscribers": [{"email": ANN, "userId": "1"}]})
    body = {"currentEmail": ANN, "newEmail": "New@example.com"}
    assert call.iterable("users/updateEmail", body).status_code == 200
    assert sandbox.iterable_lists == {"VIP": ["new@example.com"]}
    body = {"currentUserId": "1", "newEmail": ANN}
    assert call.iterable("users/updateEmail", body).status_code == 200
    assert set(sandbox.iterable_users) == {ANN}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"currentEmail": ANN, "newEmail": "b@example.com"}, 400, "EmailAlreadyExists"),
        ({"currentEmail": ANN, "newEmail": "bad"}, 400, "InvalidEmailAddressError"),
        ({"currentEmail": "bad", "newEmail": "c@example.com"}, 400, "InvalidEmailAddressError"),
        ({"currentEmail": "x@example.com", "newEmail": "c@example.com"}, 400, "BadParams"),
        ({"newEmail": "c@example.com"}, 400, "BadParams"),
        ({"currentEmail": ANN}, 400, "BadJsonBody"),
        ({"currentEmail": ANN, "newEmail": "gone@example.com"}, 409, "ForgottenUserError"),
    ],
)
def test_an_email_that_cannot_be_changed_is_an_error(
    call: Caller, sandbox: Sandbox, body: dict[str, Any], status: int, code: str
) -> None:
    call.bulk({"email": ANN}, {"email": "b@example.com"})
    call.iterable("users/forget", {"email": "gone@example.com"})
    answer = call.iterable("users/updateEmail", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(sandbox.iterable_users) == {ANN, "b@example.com"}


def test_an_unknown_email_to_change_says_so(call: Caller) -> None:
    answer = call.iterable("users/updateEmail", {"currentEmail": ANN, "newEmail": "b@example.com"})
    assert "user does not exist" in answer.json()["msg"].lower()


def test_only_email_projects_change_emails_this_way(start: Start) -> None:
    _, call = start(iterable_project_type="hybrid")
    call.bulk({"email": ANN})
    body = {"currentEmail": ANN, "newEmail": "b@example.com"}
    assert call.iterable("users/updateEmail", body).status_code == 400


def test_subscriptions_overwrite_what_is_named_and_leave_what_is_null(call: Caller) -> None:
    lists = [call.iterable("lists", {"name": name}).json()["listId"] for name in ("A", "B")]
    first = {"email": ANN, "emailListIds": lists, "unsubscribedChannelIds": [1], "campaignId": 3}
    assert call.iterable("users/updateSubscriptions", first).status_code == 200
    second = {"email": ANN, "emailListIds": lists[:1], "unsubscribedChannelIds": None}
    call.iterable("users/updateSubscriptions", second)
    data = call.iterable(f"users/{ANN}").json()["user"]["dataFields"]
    assert data == {"email": ANN, "emailListIds": lists[:1], "unsubscribedChannelIds": [1]}
    assert call.iterable("users/updateSubscriptions", {}).status_code == 400
    assert call.iterable("users/updateSubscriptions", {"email": "x"}).status_code == 400


def test_channels_and_message_types_can_be_asked_for(call: Caller) -> None:
    assert call.iterable("channels").json() == {"channels": []}
    assert call.iterable("messageTypes").json() == {"messageTypes": []}
