"""Look-ups and deletes, and what a status alone says."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from roo_dbt.errors import Fatal, Retriable, Splittable
from roo_dbt.records import ACCEPTED, Answer, Item, Outcome

if TYPE_CHECKING:
    from tests.destinations.iterable.conftest import World

MakeWorld = Callable[..., "World"]
MakeAnswer = Callable[..., Answer]


def item_of(found: Item | Outcome | None) -> Item:
    assert isinstance(found, Item), found
    return found


@pytest.mark.parametrize(
    ("mode", "names"),
    [
        ("sync", ["rename"]),
        ("additive", ["rename"]),
        ("enrich", ["rename", "lookup"]),
    ],
)
def test_the_calls_of_each_mode_in_their_order(world: MakeWorld, mode: str, names: list[str]) -> None:
    writes = ["bulk_update", "leave_lists", "join_lists"]
    calls = world(mode=mode).users.calls()
    assert [call.name for call in calls] == [*names, *writes, "delete", *writes]
    assert [call.after_seconds for call in calls] == [0.0] * (len(calls) - 3) + [60.0] * 3


def test_a_look_up_goes_by_the_identifier_with_a_query(world: MakeWorld) -> None:
    w = world(mode="enrich")
    request = w.lookup.request([item_of(w.lookup.item(w.create({"email": " A+b@X.org"})))])
    assert (request.method, request.path, request.body) == ("GET", "/api/users/getByEmail", None)
    assert dict(request.params) == {"email": "a+b@x.org"}
    w = world("user_id", mode="enrich")
    request = w.lookup.request([item_of(w.lookup.item(w.create({"userId": 12})))])
    assert (request.path, dict(request.params)) == ("/api/users/byUserId", {"userId": "12"})
    assert (w.lookup.batch_size, w.lookup.rate.per_second) == (1, 100)


def test_only_users_not_known_to_exist_are_looked_up(world: MakeWorld) -> None:
    w = world(mode="enrich")
    old = {"email": "a@x.org", "name": "A"}
    assert w.lookup.item(w.update(old, name="B")) is None
    assert w.lookup.item(w.leave(old)) is None
    assert w.lookup.item(w.leave(old, clears=True)) is None


def test_a_blank_identifier_is_not_looked_up(world: MakeWorld) -> None:
    outcome = world(mode="enrich").lookup.item(world().create({"email": None}))
    assert isinstance(outcome, Outcome)
    assert outcome.code == "missing_identifier"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {}),
        (200, {"user": None}),
        (200, {"user": {}}),
        (200, {"user": {"email": "", "userId": "", "dataFields": {}}}),
        (500, {"msg": "no user", "code": "error.users.noUserWithIdExists", "params": None}),
        (500, {"msg": "error.users.noUserWithIdExists(1)", "code": "Success", "params": None}),
    ],
)
def test_edge_23_an_absent_user_is_skipped_and_remembered(
    world: MakeWorld, answer: MakeAnswer, status: int, body: object
) -> None:
    w = world(mode="enrich")
    items = [item_of(w.lookup.item(w.create({"email": "a@x.org"})))]
    reply = answer(body, status)
    w.lookup.judge(reply)
    (outcome,) = w.lookup.outcomes(items, reply)
    assert outcome is not None
    assert (outcome.status, outcome.code, outcome.permanent) == ("skipped", "absent", True)
    assert "a@x.org" not in str(outcome.message)


@pytest.mark.parametrize(
    "user", [{"email": "a@x.org", "dataFields": {}}, {"userId": "1"}, {"dataFields": {"a": 1}}]
)
def test_a_user_who_is_there_goes_on(world: MakeWorld, answer: MakeAnswer, user: object) -> None:
    w = world(mode="enrich")
    items = [item_of(w.lookup.item(w.create({"email": "a@x.org"})))]
    assert w.lookup.outcomes(items, answer({"user": user})) == [ACCEPTED]


@pytest.mark.parametrize("body", ["<html>", b'{"us', [], {"msg": "", "code": "Success", "params": None}])
def test_a_look_up_without_a_proper_answer_is_asked_again(
    world: MakeWorld, answer: MakeAnswer, body: object
) -> None:
    w = world(mode="enrich")
    items = [item_of(w.lookup.item(w.create({"email": "a@x.org"})))]
    with pytest.raises(Retriable):
        w.lookup.outcomes(items, answer(body))


def test_a_look_up_that_is_refused_fails_the_record(world: MakeWorld, answer: MakeAnswer) -> None:
    w = world(mode="enrich")
    items = [item_of(w.lookup.item(w.create({"email": "a@x.org"})))]
    reply = answer({"msg": "Invalid email: 000", "code": "InvalidEmailAddressError", "params": None}, 400)
    w.lookup.judge(reply)
    (outcome,) = w.lookup.outcomes(items, reply)
    assert outcome is not None
    assert (outcome.status, outcome.code) == ("failed", "invalid_value")


def test_another_500_of_a_look_up_is_no_absence(world: MakeWorld, answer: MakeAnswer) -> None:
    with pytest.raises(Retriable):
        world(mode="enrich").lookup.judge(answer({"msg": "", "code": "GenericError"}, 500))


@pytest.mark.parametrize(
    ("by", "value", "path"),
    [
        ("email", "A+b'/#%@X.org", "/api/users/a%2Bb%27%2F%23%25@x.org"),
        ("email", "zoë@x.org", "/api/users/zo%C3%AB@x.org"),
        ("userId", "a/b #?&%", "/api/users/byUserId/a%2Fb%20%23%3F%26%25"),
        ("userId", 12, "/api/users/byUserId/12"),
    ],
)
def test_edge_47_the_identifier_of_a_delete_is_percent_encoded(
    world: MakeWorld, by: str, value: object, path: str
) -> None:
    w = world("hybrid", by)
    request = w.delete.request([item_of(w.delete.item(w.leave({by: value})))])
    assert (request.method, request.path, request.body) == ("DELETE", path, None)


@pytest.mark.parametrize("value", [".", ".."])
def test_a_user_id_of_dots_is_never_put_into_a_path(world: MakeWorld, value: str) -> None:
    outcome = world("user_id").delete.item(world().leave({"userId": value}))
    assert isinstance(outcome, Outcome)
    assert outcome.code == "invalid_value"


def test_only_a_removal_deletes(world: MakeWorld) -> None:
    w = world()
    assert w.delete.item(w.create({"email": "a@x.org"})) is None
    assert w.delete.item(w.update({"email": "a@x.org"}, name="B")) is None
    assert w.delete.item(w.leave({"email": "a@x.org"}, clears=True)) is None
    assert (w.delete.batch_size, w.delete.rate.per_second) == (1, 100)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"msg": "", "code": "Success", "params": None}),
        (202, {"msg": "later", "code": "Success"}),
        (400, {"msg": "User does not exist. Email:  UserId: x", "code": "BadParams", "params": None}),
        (400, {"msg": "", "code": "UnknownUserIdError", "params": None}),
        (404, {"msg": "", "code": "NotFound", "params": None}),
    ],
)
def test_edge_24_an_absent_user_counts_as_deleted(
    world: MakeWorld, answer: MakeAnswer, status: int, body: object
) -> None:
    w = world("user_id")
    reply = answer(body, status)
    w.delete.judge(reply)
    assert w.delete.outcomes([item_of(w.delete.item(w.leave({"userId": "x"})))], reply) == [ACCEPTED]


@pytest.mark.parametrize(
    "body", ["<html>404</html>", {"detail": "Not Found"}, {"code": "Success", "msg": ""}]
)
def test_a_404_that_is_not_in_iterables_words_does_not_count_as_deleted(
    world: MakeWorld, answer: MakeAnswer, body: object
) -> None:
    with pytest.raises(Fatal) as caught:
        world().delete.judge(answer(body, 404))
    assert "base_url" in caught.value.hint


def test_a_refused_delete_fails_the_record(world: MakeWorld, answer: MakeAnswer) -> None:
    w = world()
    items = [item_of(w.delete.item(w.leave({"email": "a@x.org"})))]
    (outcome,) = w.delete.outcomes(items, answer({"msg": "", "code": "BadParams"}, 400))
    assert outcome is not None
    assert (outcome.status, outcome.code) == ("failed", "rejected")
    with pytest.raises(Retriable):
        w.delete.outcomes(items, answer("<html>OK</html>"))


@pytest.mark.parametrize("status", [401, 403])
def test_edge_44_a_refused_key_is_fatal_and_says_what_to_check(
    world: MakeWorld, answer: MakeAnswer, status: int
) -> None:
    body = {"msg": "bad", "code": "BadApiKey", "params": {"ip": "10.0.0.7", "apiKeyIdentifier": "abc"}}
    for call in world(mode="enrich").users.calls():
        with pytest.raises(Fatal) as caught:
            call.judge(answer(body, status))
        assert f"HTTP {status} BadApiKey" in caught.value.message
        assert "Server-side" in caught.value.hint
        assert "data_center" in caught.value.hint
        assert "10.0.0.7" not in str(caught.value)


def test_edge_29_a_401_that_calls_itself_success_is_fatal(world: MakeWorld, answer: MakeAnswer) -> None:
    with pytest.raises(Fatal):
        world().bulk.judge(answer({"msg": "", "code": "Success"}, 401))


@pytest.mark.parametrize(
    ("headers", "params", "seconds"),
    [
        ({"retry_after": "60"}, {"rateLimitReset": 3}, 60),
        ({"retry_after": "1.5"}, None, 1.5),
        ({"retry_after": "Sun, 22 Nov 2026 10:00:30 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, None, 30),
        ({"retry_after": "Sun, 22 Nov 2026 09:00:00 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, None, 0),
        ({"retry_after": "soon"}, {"rateLimitReset": 3}, 3),
        ({}, {"rateLimitReset": 0.25}, 0.25),
        ({}, {"rateLimitReset": "3"}, None),
        ({}, {"rateLimitReset": True}, None),
        ({}, {"rateLimitReset": -1}, None),
        ({}, None, None),
    ],
)
def test_edge_31_a_429_says_how_long_to_wait(
    world: MakeWorld,
    answer: MakeAnswer,
    headers: dict[str, str],
    params: object,
    seconds: float | None,
) -> None:
    with pytest.raises(Retriable) as caught:
        world().bulk.judge(answer({"msg": "", "code": "RateLimitExceeded", "params": params}, 429, **headers))
    assert (caught.value.retry_in, caught.value.rate_limited) == (seconds, True)


@pytest.mark.parametrize("body", ["Too Many Requests", "<html>", ""])
def test_edge_31_a_429_of_a_gateway_is_a_429(world: MakeWorld, answer: MakeAnswer, body: str) -> None:
    with pytest.raises(Retriable) as caught:
        world().bulk.judge(answer(body, 429))
    assert caught.value.rate_limited
    assert caught.value.retry_in is None


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_server_errors_are_asked_again(world: MakeWorld, answer: MakeAnswer, status: int) -> None:
    for call in world(mode="enrich").users.calls():
        with pytest.raises(Retriable):
            call.judge(answer("<html>", status))


def test_200_and_400_are_for_the_call_to_read(world: MakeWorld, answer: MakeAnswer) -> None:
    for status in (200, 202, 400, 409):
        world().bulk.judge(answer({}, status))
    with pytest.raises(Splittable):
        world().bulk.judge(answer("", 413))
