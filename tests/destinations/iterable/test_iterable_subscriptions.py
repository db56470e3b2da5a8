"""Subscriptions: what is overwritten, and what is left to the user."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
import pytest
from tests.destinations.iterable.journey import statuses
from tests.destinations.iterable.request_checks import body_of, golden
from tests.destinations.iterable.tracked import create, item_of, make, only_call, refusal_of

from roo_dbt.destinations.iterable.subscriptions import ARRAYS, Subscriptions
from roo_dbt.records import ACCEPTED, Answer, Change, Column, Item, Outcome
from roo_dbt.sandbox import Sandbox
from roo_dbt.transport import Transport

MakeAnswer = Callable[..., Answer]
FIELDS = {"email": "VARCHAR", **dict.fromkeys(ARRAYS, "BIGINT[]")}
ADA = {
    "email": "a@x.org",
    "emailListIds": [1001],
    "unsubscribedChannelIds": [],
    "unsubscribedMessageTypeIds": [3, 3, 4.0],
    "subscribedMessageTypeIds": None,
}


def subscriptions(**more: Any) -> Subscriptions:
    return make(Subscriptions, FIELDS, overwrite=True, **more)


def update(old: dict[str, Any], **more: Any) -> Change:
    new = {**old, **more.pop("new", {})}
    changed = tuple(name for name in new if new[name] != old.get(name))
    return Change(1, "update", "1", old, new, changed, **more)


def arrays_of(change: Change) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(item_of(only_call(subscriptions()), change).body)
    return body


def test_edge_46_the_body_of_a_request_for_subscriptions() -> None:
    call = only_call(subscriptions(validate_channel_alignment=False))
    request = call.request([item_of(call, create(ADA))])
    assert request.path == "/api/users/bulkUpdateSubscriptions"
    golden("subscriptions", body_of(request))
    assert (call.batch_size, call.repeatable) == (1000, True)


def test_overwriting_must_be_asked_for() -> None:
    for obj in (make(Subscriptions, FIELDS), make(Subscriptions, FIELDS, overwrite=False)):
        (problem,) = obj.check_mapping(obj.app, obj.destination)
        assert (problem.id, problem.path) == (
            "overwrite-not-confirmed",
            "config.meta.roo.destinations[0].overwrite",
        )
        assert "say overwrite: true" in problem.message
    assert list(subscriptions().check_mapping(subscriptions().app, subscriptions().destination)) == []


def test_a_declaration_without_arrays_or_with_two_identifiers_is_refused() -> None:
    nothing = make(Subscriptions, {"email": "VARCHAR"}, overwrite=True)
    assert [p.id for p in nothing.check_mapping(nothing.app, nothing.destination)] == ["missing-field"]
    both = make(Subscriptions, {**FIELDS, "userId": "VARCHAR"}, overwrite=True)
    assert [p.id for p in both.check_mapping(both.app, both.destination)] == ["identifier-conflict"]
    (problem,) = subscriptions().check_columns({"emailListIds": Column("l", "BIGINT")})
    assert problem.message == "emailListIds needs an array of ids, the column l is BIGINT."


def test_only_what_the_model_changed_is_overwritten() -> None:
    changed = update(ADA, new={"emailListIds": [1]})
    assert arrays_of(changed) == {"email": "a@x.org", "emailListIds": [1]}
    call = only_call(subscriptions())
    assert call.item(replace(changed, new=ADA, changed=(), whole=True)) is None
    assert call.item(update(ADA, returned=True)) is None
    again = update(ADA, whole=True, resend=True)
    assert arrays_of(again).keys() == {"email", *ARRAYS[:3]}


def test_a_null_leaves_alone_and_says_so_and_an_empty_array_clears() -> None:
    outcome = refusal_of(only_call(subscriptions()), update(ADA, new={"emailListIds": None}))
    assert outcome.status == "accepted"
    assert str(outcome.message).startswith(
        "emailListIds is null now, which leaves the subscriptions as they are"
    )
    assert arrays_of(update(ADA, new={"emailListIds": []})) == {"email": "a@x.org", "emailListIds": []}
    assert only_call(subscriptions()).item(create({"email": "a@x.org", "emailListIds": None})) is None


def test_under_a_new_address_everything_is_written() -> None:
    assert arrays_of(update(ADA, new={"email": "new@x.org"})).keys() == {"email", *ARRAYS[:3]}
    assert only_call(subscriptions()).item(update(ADA, new={"email": "A@X.org"})) is None


def test_a_user_who_left_keeps_the_subscriptions() -> None:
    call = only_call(subscriptions())
    assert refusal_of(call, Change(1, "delete", "1", ADA, {}, ())).code == "mode"
    assert call.item(Change(1, "update", "1", ADA, ADA, (), departs=True)) is None


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("1", "emailListIds: this is no array"),
        (["1"], "emailListIds: the array holds something that is no id (a whole number)"),
        ([None], "emailListIds: the array holds something that is no id (a whole number)"),
        ([1.5], "emailListIds: the array holds something that is no id (a whole number)"),
        ([True], "emailListIds: the array holds something that is no id (a whole number)"),
    ],
)
def test_what_is_no_array_of_ids_never_leaves(value: object, reason: str) -> None:
    outcome = refusal_of(only_call(subscriptions()), create({**ADA, "emailListIds": value}))
    assert (outcome.code, outcome.message) == ("invalid_value", reason)


def test_answers_are_read_by_identifier(answer: MakeAnswer) -> None:
    call = only_call(subscriptions())
    some = [item_of(call, create({**ADA, "email": f"{n}@X.org"}, str(n), n)) for n in range(3)]
    empty: dict[str, Any] = {"invalidUserIds": [], "validUserIdFailures": []}
    body = {
        "successCount": 1,
        "failCount": 2,
        "invalidEmails": ["0@x.org"],
        "validEmailFailures": ["2@x.org"],
    }
    outcomes = call.outcomes(some, answer(empty | body))
    assert statuses(outcomes) == ["invalid_value", "accepted", "unavailable"]
    assert [bool(outcome and outcome.permanent) for outcome in outcomes] == [True, False, False]
    assert call.outcomes(some, answer({"successCount": 2, "failCount": 1})) == [None, None, None]


def test_a_kept_array_is_said_beside_one_that_was_written(answer: MakeAnswer) -> None:
    call = only_call(subscriptions())
    item = call.item(update(ADA, new={"emailListIds": None, "unsubscribedChannelIds": [5]}))
    assert isinstance(item, Item)
    (outcome,) = call.outcomes([item], answer({"successCount": 1, "failCount": 0}))
    assert isinstance(outcome, Outcome)
    assert "emailListIds is null now" in str(outcome.message)


def test_subscriptions_over_http() -> None:
    with Sandbox(enforce_limits=False) as sandbox, Transport(sandbox.url, {"Api-Key": "k"}) as transport:
        vip = sandbox.store.iterable.profiles.create_list("VIP", 0)
        call = only_call(subscriptions())
        some = [item_of(call, create({**ADA, "emailListIds": [vip.number]}))]
        assert call.outcomes(some, transport.send(call.request(some))) == [ACCEPTED]
        assert sandbox.iterable_lists == {"VIP": ["a@x.org"]}
        some = [item_of(call, update(ADA, new={"emailListIds": []}))]
        assert call.outcomes(some, transport.send(call.request(some))) == [ACCEPTED]
        assert sandbox.iterable_lists == {"VIP": []}
        bad = [item_of(call, create({**ADA, "email": "x@y.z_"}))]
        assert statuses(call.outcomes(bad, transport.send(call.request(bad)))) == ["invalid_value"]
