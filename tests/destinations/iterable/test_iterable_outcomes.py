"""Answers of bulkUpdate, each turned into one outcome per user."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from roo_dbt.errors import Retriable, Splittable
from roo_dbt.records import ACCEPTED, Answer, Item, Outcome

if TYPE_CHECKING:
    from tests.destinations.iterable.conftest import World

MakeWorld = Callable[..., "World"]
MakeAnswer = Callable[..., Answer]
PEOPLE = ("Ada@x.org", "bo@x.org", "cy@x.org")
UNIQUE = "UniqueFieldsLimitExceeded"
MISMATCH = "RequestFieldsTypesMismatched"


def items(world: World, *people: str, **fields: Any) -> list[Item]:
    """New users, one per identifier."""
    by = world.destination.identifier[0]
    return [world.item(world.create({by: who, **fields}, seq)) for seq, who in enumerate(people)]


def counted(success: int, fail: int, **more: Any) -> dict[str, Any]:
    return {"successCount": success, "failCount": fail, **more}


def statuses(outcomes: Any) -> list[str | None]:
    return [outcome and (outcome.code or outcome.status) for outcome in outcomes]


def mismatch(field: str = "age", expected: str = "long") -> dict[str, Any]:
    error = {
        "incomingTypes": ["string"],
        "expectedType": expected,
        "category": "user",
        "offendingValue": "x1y2",
    }
    return {"msg": "bad", "code": MISMATCH, "params": {"validationErrors": {field: error}}}


def test_a_200_without_failures_accepts_everybody(world: MakeWorld, answer: MakeAnswer) -> None:
    w = world()
    assert (
        w.bulk.outcomes(items(w, *PEOPLE), answer(counted(3, 0, noOpEmails=["bo@x.org"]))) == [ACCEPTED] * 3
    )


def test_edge_1_a_200_with_failures_fails_exactly_those(world: MakeWorld, answer: MakeAnswer) -> None:
    w = world()
    body = counted(2, 1, failedUpdates={"invalidEmails": ["bo@x.org"]})
    assert statuses(w.bulk.outcomes(items(w, *PEOPLE), answer(body))) == [
        "accepted",
        "invalid_value",
        "accepted",
    ]


@pytest.mark.parametrize("more", [{}, {"failedUpdates": {}}, {"failedUpdates": {"invalidEmails": []}}])
def test_edge_2_failures_without_names_are_asked_for_alone(
    world: MakeWorld, answer: MakeAnswer, more: dict[str, Any]
) -> None:
    w = world()
    assert w.bulk.outcomes(items(w, *PEOPLE), answer(counted(2, 1, **more))) == [None, None, None]
    (alone,) = w.bulk.outcomes(items(w, "bo@x.org"), answer(counted(0, 1, **more)))
    assert alone is not None
    assert (alone.status, alone.code) == ("failed", "rejected")


def test_edge_2_only_the_users_who_were_not_named_are_asked_for_alone(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    w = world()
    body = counted(1, 2, failedUpdates={"invalidDataEmails": ["bo@x.org"]})
    assert statuses(w.bulk.outcomes(items(w, *PEOPLE), answer(body))) == [None, "invalid_value", None]


def test_edge_2_a_name_that_nobody_has_is_not_taken_for_success(world: MakeWorld, answer: MakeAnswer) -> None:
    w = world()
    for counts in ({"failCount": 1}, {}):
        body = {"successCount": 2, **counts, "failedUpdates": {"invalidEmails": ["who@else.org"]}}
        assert w.bulk.outcomes(items(w, *PEOPLE), answer(body)) == [None, None, None]


def test_edge_3_addresses_are_matched_without_case(world: MakeWorld, answer: MakeAnswer) -> None:
    w = world()
    for spelt in ("ada@x.org", "ADA@X.ORG", " Ada@x.org "):
        body = counted(2, 1, failedUpdates={"invalidDataEmails": [spelt]})
        assert statuses(w.bulk.outcomes(items(w, *PEOPLE), answer(body)))[0] == "invalid_value"


def test_edge_4_user_ids_are_matched_exactly(world: MakeWorld, answer: MakeAnswer) -> None:
    w = world("user_id")
    body = counted(1, 1, failedUpdates={"invalidDataUserIds": ["a"]})
    assert statuses(w.bulk.outcomes(items(w, "a", "A"), answer(body))) == ["invalid_value", "accepted"]


def test_edge_7_an_identifier_shared_by_two_users_of_a_request_is_ambiguous(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    w = world("email")
    two = items(w, "a@x.org", "b@x.org", userId="shared")
    once = counted(1, 1, failedUpdates={"conflictUserIds": ["shared"]})
    assert w.bulk.outcomes(two, answer(once)) == [None, None]
    twice = counted(0, 2, failedUpdates={"conflictUserIds": ["shared", "shared"]})
    assert statuses(w.bulk.outcomes(two, answer(twice))) == ["conflict", "conflict"]


def test_edge_9_a_type_mismatch_alone_names_the_field_and_the_type_but_no_value(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    w = world()
    for field in ("age", "my_project_etl:::age"):
        (outcome,) = w.bulk.outcomes(items(w, "a@x.org", age="x1y2"), answer(mismatch(field), 400))
        assert outcome is not None
        assert (outcome.status, outcome.code, outcome.permanent) == ("failed", "invalid_value", True)
        assert "it wants age as long" in str(outcome.message)
        assert "x1y2" not in str(outcome.message)


@pytest.mark.parametrize(
    "params",
    [
        None,
        {},
        {"validationErrors": []},
        {"validationErrors": {"age": None}},
        {"validationErrors": {"age": {}}},
    ],
)
def test_edge_9_a_type_mismatch_with_missing_parts_is_still_one(
    world: MakeWorld, answer: MakeAnswer, params: object
) -> None:
    w = world()
    body = {"msg": "", "code": MISMATCH, "params": params}
    assert statuses(w.bulk.outcomes(items(w, "a@x.org", age=1), answer(body, 400))) == ["invalid_value"]


def test_edge_10_a_type_mismatch_of_a_batch_is_isolated_by_halving(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    w = world()
    some = [*items(w, "a@x.org", age=1), *items(w, "b@x.org", age="old")]
    with pytest.raises(Splittable):
        w.bulk.outcomes(some, answer(mismatch(), 400))


def test_edge_10_a_column_of_the_wrong_type_fails_everybody_at_once(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    w = world()
    outcomes = w.bulk.outcomes(items(w, *PEOPLE, age="old"), answer(mismatch(), 400))
    assert statuses(outcomes) == ["invalid_value"] * 3
    nested = [w.item(w.create({"email": f"{n}@x.org", "a.b": "text"}, n)) for n in range(3)]
    assert statuses(w.bulk.outcomes(nested, answer(mismatch("a.b", "boolean"), 400))) == ["invalid_value"] * 3


@pytest.mark.parametrize("expected", ["date", "string", "geo_location"])
def test_edge_10_text_that_may_or_may_not_fit_the_type_is_isolated(
    world: MakeWorld, answer: MakeAnswer, expected: str
) -> None:
    w = world()
    with pytest.raises(Splittable):
        w.bulk.outcomes(items(w, *PEOPLE, age="2026-01-01"), answer(mismatch("age", expected), 400))


def test_edge_10_refused_data_says_that_iterable_does_not_name_the_field(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    w = world()
    body = counted(0, 1, failedUpdates={"invalidDataEmails": ["a@x.org"]})
    (outcome,) = w.bulk.outcomes(items(w, "a@x.org"), answer(body))
    assert outcome is not None
    assert outcome.permanent
    assert "does not say which" in str(outcome.message)


def test_edge_11_a_bad_body_is_isolated_and_its_place_is_named(world: MakeWorld, answer: MakeAnswer) -> None:
    w = world()
    params = {"obj.users[0].preferUserId": "Boolean value expected", "value": "s3cret"}
    body = answer({"msg": "s3cret", "code": "BadJsonBody", "params": params}, 400)
    with pytest.raises(Splittable):
        w.bulk.outcomes(items(w, *PEOPLE), body)
    (outcome,) = w.bulk.outcomes(items(w, "a@x.org"), body)
    assert outcome is not None
    assert outcome.code == "rejected"
    assert outcome.message == "Iterable refused the user (HTTP 400 BadJsonBody) at obj.users[0].preferUserId"


def test_edge_12_a_field_that_iterable_dropped_is_said_to_whom_it_concerns(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    w = world()
    some = [
        *items(w, "a@x.org", pet="cat"),
        *items(w, "b@x.org"),
        *items(w, "c@x.org", **{"toy.name": "ball"}),
    ]
    outcomes = w.bulk.outcomes(some, answer(counted(3, 0, filteredOutFields=["pet", "toy"])))
    assert [outcome and outcome.status for outcome in outcomes] == ["accepted"] * 3
    messages = [str(outcome and outcome.message) for outcome in outcomes]
    assert messages[0].startswith("Iterable dropped pet:")
    assert messages[1] == "None"
    assert messages[2].startswith("Iterable dropped toy:")
    assert "--full-refresh" in messages[0]


def test_edge_12_a_created_field_is_reported_once_a_request(world: MakeWorld, answer: MakeAnswer) -> None:
    w = world()
    outcomes = w.bulk.outcomes(items(w, *PEOPLE, pet="cat"), answer(counted(3, 0, createdFields=["pet"])))
    assert outcomes == [
        Outcome("accepted", message="Iterable created the profile fields pet"),
        ACCEPTED,
        ACCEPTED,
    ]


def test_edge_13_a_full_project_fails_the_batch_for_now_without_halving(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    w = world()
    outcomes = w.bulk.outcomes(items(w, *PEOPLE), answer({"msg": "", "code": UNIQUE, "params": None}, 400))
    assert statuses(outcomes) == ["rejected"] * 3
    assert not any(outcome and outcome.permanent for outcome in outcomes)
    assert UNIQUE in str(outcomes[0] and outcomes[0].message)


@pytest.mark.parametrize(("project", "key"), [("email", "forgottenEmails"), ("user_id", "forgottenUserIds")])
def test_edge_21_a_forgotten_user_is_refused_for_good_and_not_named(
    world: MakeWorld, answer: MakeAnswer, project: str, key: str
) -> None:
    w = world(project)
    body = counted(0, 1, failedUpdates={key: ["gone@x.org"]})
    (outcome,) = w.bulk.outcomes(items(w, "gone@x.org"), answer(body))
    assert outcome is not None
    assert (outcome.code, outcome.permanent) == ("forgotten", True)
    assert "gone" not in str(outcome.message)


def test_edge_22_a_conflict_is_found_by_the_identifier_in_the_data(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    w = world("hybrid", "userId")
    some = [*items(w, "1", email="a@x.org"), *items(w, "2", email="Taken@x.org")]
    body = counted(1, 1, failedUpdates={"conflictEmails": ["taken@x.org"]})
    assert statuses(w.bulk.outcomes(some, answer(body))) == ["accepted", "conflict"]


def test_a_user_listed_under_both_identifiers_is_one_failure(world: MakeWorld, answer: MakeAnswer) -> None:
    w = world("hybrid")
    some = [*items(w, "a@x.org", userId="1"), *items(w, "b@x.org", userId="2")]
    body = counted(1, 1, failedUpdates={"invalidDataEmails": ["a@x.org"], "invalidDataUserIds": ["1"]})
    assert statuses(w.bulk.outcomes(some, answer(body))) == ["invalid_value", "accepted"]


def test_the_first_reason_counts_and_the_older_arrays_come_last(world: MakeWorld, answer: MakeAnswer) -> None:
    w = world()
    body = counted(
        1,
        2,
        invalidEmails=["ada@x.org", "bo@x.org"],
        failedUpdates={"invalidDataEmails": ["ada@x.org"], "forgottenEmails": ["ada@x.org"]},
    )
    assert statuses(w.bulk.outcomes(items(w, *PEOPLE), answer(body))) == ["forgotten", "rejected", "accepted"]


def test_an_answer_of_2021_names_failures_in_its_own_arrays(world: MakeWorld, answer: MakeAnswer) -> None:
    w = world("user_id")
    body = counted(1, 1, invalidEmails=[], invalidUserIds=["b"])
    assert statuses(w.bulk.outcomes(items(w, "a", "b"), answer(body))) == ["accepted", "rejected"]


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "InvalidEmailAddressError", "invalid_value"),
        (400, "InvalidUserIdError", "invalid_value"),
        (400, "ForgottenUserError", "forgotten"),
        (409, "ForgottenUserError", "forgotten"),
        (400, "EmailAlreadyExists", "conflict"),
        (409, "SomethingNew", "conflict"),
        (400, "UnknownUserIdError", "absent"),
        (400, "SomethingNew", "rejected"),
        (422, "", "rejected"),
    ],
)
def test_a_refused_request_is_halved_and_a_single_user_gets_the_reason(
    world: MakeWorld, answer: MakeAnswer, status: int, code: str, expected: str
) -> None:
    w = world()
    refused = answer({"msg": "Invalid email: 000", "code": code, "params": None}, status)
    with pytest.raises(Splittable):
        w.bulk.outcomes(items(w, *PEOPLE), refused)
    outcomes = w.bulk.outcomes(items(w, "a@x.org"), refused)
    assert statuses(outcomes) == [expected]
    assert "000" not in str(outcomes[0] and outcomes[0].message)


def test_edge_33_a_batch_that_is_too_large_is_halved(world: MakeWorld, answer: MakeAnswer) -> None:
    w = world()
    with pytest.raises(Splittable):
        w.bulk.outcomes(items(w, *PEOPLE), answer({"msg": "", "code": "BatchTooLarge", "params": None}, 400))
    with pytest.raises(Splittable):
        w.bulk.judge(answer("<html>Payload Too Large</html>", 413))


def test_edge_29_success_as_the_code_of_an_error_is_an_error(world: MakeWorld, answer: MakeAnswer) -> None:
    w = world()
    refused = answer({"msg": "error.lists.invalidListId(7)", "code": "Success", "params": None}, 400)
    (outcome,) = w.bulk.outcomes(items(w, "a@x.org"), refused)
    assert outcome is not None
    assert outcome.message == "Iterable refused the user (HTTP 400 error.lists.invalidListId)"


def test_edge_30_the_second_envelope_is_read_too(world: MakeWorld, answer: MakeAnswer) -> None:
    w = world()
    body = {"error": True, "message": "no such thing", "code": "error.catalogs.notFound", "data": {}}
    (outcome,) = w.bulk.outcomes(items(w, "a@x.org"), answer(body, 400))
    assert outcome is not None
    assert "error.catalogs.notFound" in str(outcome.message)


@pytest.mark.parametrize(
    "body", ["Bad Request", "<html><body>400</body></html>", b"\xff\xfe", b"", b"[1]", b"null"]
)
def test_edge_30_text_and_html_are_errors_without_a_code(
    world: MakeWorld, answer: MakeAnswer, body: str | bytes
) -> None:
    w = world()
    outcomes = w.bulk.outcomes(items(w, "a@x.org"), answer(body, 400))
    assert statuses(outcomes) == ["rejected"]
    assert outcomes[0] is not None
    assert outcomes[0].message == "Iterable refused the user (HTTP 400)"


@pytest.mark.parametrize(
    "body",
    [
        "<html>OK</html>",
        "",
        b'{"successCount":1,"fail',
        b"[]",
        b"3",
        {},
        {"msg": "", "code": "Success", "params": {}},
    ],
)
def test_a_2xx_that_is_no_answer_of_this_call_proves_nothing(
    world: MakeWorld, answer: MakeAnswer, body: object
) -> None:
    w = world()
    with pytest.raises(Retriable) as caught:
        w.bulk.outcomes(items(w, "a@x.org"), answer(body))
    assert caught.value.ambiguous


def test_edge_32_a_lost_answer_may_be_asked_for_again(world: MakeWorld) -> None:
    assert all(call.repeatable for call in world(mode="enrich").users.calls())


def test_edge_48_unknown_parts_of_an_answer_are_ignored(world: MakeWorld, answer: MakeAnswer) -> None:
    w = world()
    body = counted(
        1, 0, brandNew={"a": 1}, createdFields="odd", failedUpdates={"invalidEmails": None, "newReason": []}
    )
    assert w.bulk.outcomes(items(w, "a@x.org"), answer(body)) == [ACCEPTED]
