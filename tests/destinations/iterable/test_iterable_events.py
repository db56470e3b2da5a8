"""Events: their bodies, their ids, and what the answers mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from tests.destinations.iterable.journey import statuses
from tests.destinations.iterable.request_checks import body_of, golden
from tests.destinations.iterable.tracked import create, item_of, make, only_call, refusal_of

from roo_dbt.destinations.iterable.events import Events
from roo_dbt.destinations.iterable.moments import epoch_seconds, stable_id
from roo_dbt.errors import Retriable, Splittable
from roo_dbt.records import ACCEPTED, Answer, Column, Item
from roo_dbt.sandbox import Sandbox
from roo_dbt.transport import Transport

MakeAnswer = Callable[..., Answer]
FIELDS = {
    "email": "VARCHAR",
    "eventName": "VARCHAR",
    "createdAt": "TIMESTAMP",
    "dataFields.total": "DECIMAL(9,2)",
    "dataFields.shipped.at": "TIMESTAMP",
    "dataFields.shipped.day": "DATE",
    "campaignId": "BIGINT",
}
ORDER = {
    "email": " Ada@X.org",
    "eventName": "Order Placed",
    "createdAt": "2026-01-02T03:04:05.678Z",
    "dataFields.total": 19.5,
    "dataFields.shipped.at": "2026-01-03T00:00:00.000Z",
    "dataFields.shipped.day": "2026-01-03",
    "campaignId": 7,
}
PLAIN = {"eventName": "Seen", "createdAt": 1}


def items(*people: str, **more: Any) -> list[Item]:
    call = only_call(make(Events, FIELDS))
    return [
        item_of(call, create({"email": who, **PLAIN, **more}, str(seq), seq))
        for seq, who in enumerate(people)
    ]


def outcomes(some: list[Item], reply: Answer) -> list[str | None]:
    return statuses(only_call(make(Events, FIELDS)).outcomes(some, reply))


def test_the_body_of_a_request_for_events() -> None:
    call = only_call(make(Events, FIELDS, create_new_fields=False))
    request = call.request(
        [item_of(call, create(ORDER, "o1")), item_of(call, create({**ORDER, "campaignId": None}, "o2"))]
    )
    assert request.path == "/api/events/trackBulk"
    golden("events", body_of(request))
    assert (call.batch_size, call.max_bytes, call.rate.per_second, call.repeatable) == (
        1000,
        4_000_000,
        10,
        True,
    )


@pytest.mark.parametrize(
    ("project", "by"), [("email", "userId"), ("user_id", "userId"), ("hybrid", "userId")]
)
def test_events_go_by_the_identifier_of_the_project(project: str, by: str) -> None:
    call = only_call(
        make(Events, {by: "BIGINT", "eventName": "VARCHAR", "createdAt": "BIGINT"}, project=project, by=by)
    )
    item = item_of(call, create({by: 12, **PLAIN}))
    assert orjson.loads(item.body)["userId"] == "12"
    body_of(call.request([item]))


def test_a_whole_object_may_be_the_data() -> None:
    call = only_call(make(Events, {"email": "VARCHAR", "dataFields": "JSON"}))
    item = item_of(call, create({"email": "a@x.org", **PLAIN, "dataFields": {"a": {"b": 1}}}))
    assert orjson.loads(item.body)["dataFields"] == {"a": {"b": 1}}
    assert (
        refusal_of(call, create({"email": "a@x.org", **PLAIN, "dataFields": [1]})).message
        == "dataFields: this is no object"
    )


def test_edge_40_an_event_s_id_comes_from_destination_and_key_alone() -> None:
    call = only_call(make(Events, FIELDS))
    ids = {
        orjson.loads(item_of(call, create(ORDER | {"dataFields.total": n}, "o1")).body)["id"] for n in (1, 2)
    }
    assert ids == {stable_id("iterable_orders", "o1")}
    assert stable_id("a", "b") != stable_id("ab", "")
    assert all(len(one) == 64 and one.isalnum() and one.isascii() for one in ids)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("1970-01-01T00:00:00.000Z", 0),
        ("2026-01-02T03:04:05.999Z", 1767323045),
        ("2026-01-02T03:04:05Z", 1767323045),
        ("2026-01-02", 1767312000),
        (1767323045, 1767323045),
        (1767323045.9, 1767323045),
    ],
)
def test_edge_40_times_are_seconds(value: object, seconds: int) -> None:
    assert epoch_seconds(value) == seconds


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "the time is null"),
        (1767323045000, "this looks like milliseconds; Iterable takes seconds"),
        (-1, "a time before 1970"),
        ("1969-12-31", "a time before 1970"),
        ("yesterday", "this is no time (text is not read as one; cast the column to a TIMESTAMP)"),
        (
            "12026-01-02T03:04:05.000Z",
            "this is no time (text is not read as one; cast the column to a TIMESTAMP)",
        ),
        (True, "this is no time"),
        ([1], "this is no time"),
        (float("inf"), "this looks like milliseconds; Iterable takes seconds"),
    ],
)
def test_edge_40_and_11_what_is_no_time_in_seconds_never_leaves(value: object, reason: str) -> None:
    outcome = refusal_of(only_call(make(Events, FIELDS)), create({**ORDER, "createdAt": value}))
    assert (outcome.code, outcome.message, outcome.permanent) == (
        "invalid_value",
        f"createdAt: {reason}",
        True,
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"eventName": None}, "eventName: the name is null, blank or no text"),
        ({"eventName": " "}, "eventName: the name is null, blank or no text"),
        ({"eventName": 3}, "eventName: the name is null, blank or no text"),
        ({"campaignId": 1.5}, "campaignId: this is no whole number"),
        ({"campaignId": True}, "campaignId: this is no whole number"),
        ({"dataFields.total": 2**63}, "dataFields.total: a whole number over 64 bits"),
        ({"email": None}, "email is null or blank, so Iterable cannot find the user"),
        ({"email": "none"}, "email: this is no e-mail address"),
        ({"eventName": "\ud800"}, "a text is not valid Unicode"),
    ],
)
def test_what_is_wrong_with_an_event_is_said_before_sending(change: dict[str, Any], message: str) -> None:
    assert refusal_of(only_call(make(Events, FIELDS)), create({**ORDER, **change})).message == message


def test_a_user_who_is_refused_is_refused_with_all_events(answer: MakeAnswer) -> None:
    some = items("Ada@x.org", "bo@x.org", "ada@x.org", "cy@x.org")
    for key, code in (
        ("notFoundEmails", "absent"),
        ("invalidEmails", "invalid_value"),
        ("forgottenEmails", "forgotten"),
    ):
        for listed in (["ada@x.org"], ["ada@x.org", "ada@x.org"]):
            reply = answer({"successCount": 2, "failCount": 2, "failedUpdates": {key: listed}})
            assert outcomes(some, reply) == [code, "accepted", code, "accepted"]


def test_an_event_of_an_unknown_user_is_due_again(answer: MakeAnswer) -> None:
    reply = answer({"successCount": 0, "failCount": 1, "failedUpdates": {"notFoundEmails": ["a@x.org"]}})
    (outcome,) = only_call(make(Events, FIELDS)).outcomes(items("a@x.org"), reply)
    assert outcome is not None
    assert (outcome.status, outcome.permanent) == ("failed", False)


def test_edge_41_a_name_that_the_project_does_not_allow_is_a_failure_in_a_200(answer: MakeAnswer) -> None:
    some = [*items("a@x.org", eventName="Bad"), *items("b@x.org"), *items("c@x.org", eventName="Bad")]
    for failed in (0, 2):
        reply = answer({"successCount": 1, "failCount": failed, "disallowedEventNames": ["Bad"]})
        assert outcomes(some, reply) == ["rejected", "accepted", "rejected"]


def test_edge_2_failed_events_without_names_are_asked_for_alone(answer: MakeAnswer) -> None:
    reply = answer({"successCount": 1, "failCount": 2, "failedUpdates": {"invalidEmails": ["a@x.org"]}})
    assert outcomes(items("a@x.org", "b@x.org", "c@x.org"), reply) == ["invalid_value", None, None]
    assert outcomes(items("b@x.org"), answer({"successCount": 0, "failCount": 1})) == ["rejected"]


def test_edge_12_fields_of_events_that_were_dropped_or_made_are_said(answer: MakeAnswer) -> None:
    call = only_call(make(Events, FIELDS))
    some = [item_of(call, create(ORDER)), *items("b@x.org")]
    for names in (["total"], ["dataFields.total"]):
        first, second = call.outcomes(
            some, answer({"successCount": 2, "failCount": 0, "filteredOutFields": names})
        )
        assert str(first and first.message).startswith(
            "Iterable dropped total: the project takes no new fields."
        )
        assert second == ACCEPTED
    (made, _) = call.outcomes(some, answer({"successCount": 2, "failCount": 0, "createdFields": ["shipped"]}))
    assert made is not None
    assert made.message == "Iterable created the event fields shipped"


def test_a_refused_request_is_halved_and_a_single_event_gets_the_reason(answer: MakeAnswer) -> None:
    call = only_call(make(Events, FIELDS))
    bad = answer(
        {"msg": "", "code": "BadJsonBody", "params": {"obj.events[1].createdAt": "Number value expected"}},
        400,
    )
    with pytest.raises(Splittable):
        call.outcomes(items("a@x.org", "b@x.org"), bad)
    (alone,) = call.outcomes(items("a@x.org"), bad)
    assert alone is not None
    assert alone.message == "Iterable refused the event (HTTP 400 BadJsonBody) at obj.events[1].createdAt"
    with pytest.raises(Retriable):
        call.outcomes(items("a@x.org"), answer("<html>"))


def test_what_a_declaration_of_events_must_not_have() -> None:
    both = make(Events, {**FIELDS, "userId": "VARCHAR"})
    (problem,) = both.check_mapping(both.app, both.destination)
    assert (problem.id, problem.value) == ("identifier-conflict", "userId")
    good = make(Events, FIELDS)
    assert list(good.check_mapping(good.app, good.destination)) == []
    columns = {
        "createdAt": Column("t", "VARCHAR"),
        "eventName": Column("n", "BIGINT"),
        "campaignId": Column("c", "VARCHAR"),
    }
    found = good.check_columns(columns)
    assert [problem.value for problem in found] == ["createdAt", "eventName", "campaignId"]
    assert found[0].message == "createdAt needs a time, a date or a number, the column t is VARCHAR."
    assert list(good.check_columns({name: Column(name, type_) for name, type_ in FIELDS.items()})) == []
    assert (Events.order, Events.unique_identifier, Events.modes) == ("createdAt", False, frozenset())
    assert [field.name for field in Events.known if field.required] == ["eventName", "createdAt"]
    assert "id" in Events.reserved


def test_the_same_event_sent_twice_counts_once() -> None:
    with Sandbox(enforce_limits=False) as sandbox, Transport(sandbox.url, {"Api-Key": "k"}) as transport:
        sandbox.store.iterable.profiles.create("ada@x.org", None, 0)
        call = only_call(make(Events, FIELDS, base_url=sandbox.url))
        some = [item_of(call, create(ORDER, key)) for key in ("o1", "o2")]
        some.append(item_of(call, create({**ORDER, "email": "who@x.org"}, "o3")))
        for _ in range(2):
            assert statuses(call.outcomes(some, transport.send(call.request(some)))) == [
                "accepted",
                "accepted",
                "absent",
            ]
        assert len(sandbox.iterable_events) == 2
        assert not sandbox.requests[0].warnings
