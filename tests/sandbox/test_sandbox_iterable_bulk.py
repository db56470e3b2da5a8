"""POST /api/users/bulkUpdate and /api/users/update as the sandbox answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from roo_dbt.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.sandbox.conftest import Caller, Start

ANN = "ann@example.com"


def failures(answer: dict[str, Any]) -> dict[str, list[str]]:
    return {name: values for name, values in answer["failedUpdates"].items() if values}


def test_users_are_created_and_then_updated_field_by_field(call: Caller, sandbox: Sandbox) -> None:
    first = call.bulk({"email": ANN, "dataFields": {"firstName": "Ann", "orders": 3, "spent": 1.5}})
    assert (first["successCount"], first["failCount"]) == (1, 0)
    assert first["createdFields"] == ["orders", "spent"]
    second = call.bulk({"email": ANN, "dataFields": {"orders": 4}})
    assert second["createdFields"] == []
    assert sandbox.iterable_users == {ANN: {"firstName": "Ann", "orders": 4, "spent": 1.5}}


def test_an_email_is_stored_and_listed_in_lower_case(call: Caller, sandbox: Sandbox) -> None:
    answer = call.bulk({"email": "Ann@Example.com"}, {"email": "NOBODY"})
    assert set(sandbox.iterable_users) == {ANN}
    assert failures(answer) == {"invalidEmails": ["nobody"]}
    assert answer["invalidEmails"] == ["nobody"]


@pytest.mark.parametrize(
    ("user", "group", "value"),
    [
        ({"email": "x"}, "invalidEmails", "x"),
        ({"email": ""}, "invalidEmails", ""),
        ({"email": "a@b"}, "invalidEmails", "a@b"),
        ({"userId": "x "}, "invalidUserIds", "x "),
        ({"userId": "é"}, "invalidUserIds", "é"),
        ({"userId": " "}, "invalidUserIds", " "),
        ({"userId": "unknown"}, "invalidUserIds", "unknown"),
        ({"email": ANN, "dataFields": {"email": "Bad"}}, "invalidEmails", "bad"),
        ({"email": ANN, "dataFields": {"userId": 7}}, "invalidUserIds", "7"),
        ({"email": ANN, "dataFields": {"email": "b@example.com"}}, "invalidDataEmails", ANN),
        ({"email": ANN, "dataFields": {"phoneNumber": 49}}, "invalidDataEmails", ANN),
        ({"email": ANN, "dataFields": {"note": "x" * 32_001}}, "invalidDataEmails", ANN),
    ],
)
def test_a_bad_row_is_named_in_a_200_and_the_others_are_written(
    call: Caller, sandbox: Sandbox, user: dict[str, Any], group: str, value: str
) -> None:
    answer = call.bulk({"email": "good@example.com"}, user)
    assert (answer["successCount"], answer["failCount"]) == (1, 1)
    assert failures(answer) == {group: [value]}
    assert set(sandbox.iterable_users) == {"good@example.com"}


def test_a_row_without_identifier_fails_without_a_name(call: Caller) -> None:
    answer = call.bulk({"dataFields": {"a": 1}}, {"email": ANN})
    assert (answer["successCount"], answer["failCount"], failures(answer)) == (1, 1, {})


@pytest.mark.parametrize(
    ("first", "later", "fits"),
    [
        (1, 2.0, True),
        (1, 2.5, False),
        (1, "1", False),
        (1, True, False),
        (1.5, 2, True),
        ("a", "2026-01-01", True),
        ("a", 1, False),
        ("2026-01-01", "2026-01-01 10:00:00 +00:00", True),
        ("2026-01-01", "2026-01-01T10:00:00.000Z", True),
        ("2026-01-01", "2026-01-01 10:00:00.000", False),
        ("2026-01-01", "2026-02-30", False),
        ("2026-01-01", "tomorrow", False),
        (True, False, True),
        (True, 0, False),
        (["a"], "b", True),
        (["a"], ["b", 1], False),
        ([], "b", True),
        ({"a": 1}, {"a": 2, "b": "x"}, True),
        ({"a": 1}, {"a": "x"}, False),
        ({"a": 1}, "x", False),
        ([{"a": 1}], [{"a": "x"}], False),
        (None, "x", True),
        (1, None, True),
    ],
)
def test_the_first_value_fixes_the_type_of_a_field_for_every_user(
    call: Caller, first: object, later: object, fits: bool
) -> None:
    call.bulk({"email": ANN, "dataFields": {"field": first}})
    answer = call.bulk({"email": "other@example.com", "dataFields": {"field": later}})
    assert failures(answer) == ({} if fits else {"invalidDataEmails": ["other@example.com"]})


def test_the_fields_are_listed_with_their_types(call: Caller) -> None:
    values = {
        "plan": "pro",
        "orders": 1,
        "spent": 0.5,
        "vip": True,
        "since": "2026-01-01",
        "address": {"city": "Rome"},
        "home_geo_location": {"lat": 1.0, "lon": 2.0},
        "tags": ["x"],
    }
    call.bulk({"email": ANN, "dataFields": values})
    fields = call.iterable("users/getFields").json()["fields"]
    expected = {"plan": "string", "orders": "long", "spent": "double", "vip": "boolean", "since": "date"}
    expected |= {"address": "object", "address.city": "string", "home_geo_location": "geo_location"}
    assert expected | {"tags": "string", "email": "string"} == {
        n: fields[n] for n in (*values, "address.city", "email")
    }


def test_a_mismatch_can_refuse_the_whole_request(start: Start) -> None:
    sandbox, call = start(iterable_mismatch="request")
    call.bulk({"email": ANN, "dataFields": {"orders": 1}})
    users = [{"email": "b@example.com"}, {"email": "c@example.com", "dataFields": {"orders": "many"}}]
    answer = call.iterable("users/bulkUpdate", {"users": users})
    assert answer.status_code == 400
    assert answer.json()["code"] == "RequestFieldsTypesMismatched"
    assert answer.json()["params"]["validationErrors"]["orders"]["expectedType"] == "long"
    assert set(sandbox.iterable_users) == {ANN}


def test_null_clears_a_field_and_merging_keeps_the_siblings(call: Caller, sandbox: Sandbox) -> None:
    call.bulk({"email": ANN, "dataFields": {"plan": "pro", "address": {"city": "Rome", "zip": "1"}}})
    change = {"plan": None, "address": {"city": None, "street": "x"}}
    call.bulk({"email": ANN, "mergeNestedObjects": True, "dataFields": change})
    assert sandbox.iterable_users[ANN] == {"address": {"zip": "1", "street": "x"}}
    call.bulk({"email": ANN, "dataFields": {"address": {"city": "Oslo", "zip": None}}})
    assert sandbox.iterable_users[ANN] == {"address": {"city": "Oslo"}}


def test_dates_are_stored_in_one_form_in_utc(call: Caller, sandbox: Sandbox) -> None:
    dates = {"a": "2026-01-01", "b": "2026-01-01T10:00:00.5+02:00", "c": "2026-01-01 10:00:00 -0130"}
    call.bulk({"email": ANN, "dataFields": {**dates, "seen": {"at": "2026-01-01"}}})
    assert sandbox.iterable_users[ANN] == {
        "a": "2026-01-01 00:00:00 +00:00",
        "b": "2026-01-01 08:00:00 +00:00",
        "c": "2026-01-01 11:30:00 +00:00",
        "seen": {"at": "2026-01-01 00:00:00 +00:00"},
    }


def test_new_fields_are_dropped_and_reported_when_they_may_not_be_made(
    call: Caller, sandbox: Sandbox
) -> None:
    call.bulk({"email": ANN, "dataFields": {"plan": "pro", "address": {"city": "Rome"}}})
    change = {"plan": "team", "nickname": "A", "address": {"city": "Oslo", "zip": "1"}, "gone": None}
    answer = call.bulk({"email": ANN, "dataFields": change}, createNewFields=False)
    assert (answer["successCount"], answer["createdFields"]) == (1, [])
    assert answer["filteredOutFields"] == ["nickname", "address.zip"]
    assert sandbox.iterable_users[ANN] == {"plan": "team", "address": {"city": "Oslo"}}


def test_the_project_decides_about_new_fields_where_the_request_does_not(start: Start) -> None:
    sandbox, call = start(iterable_new_fields=False)
    assert call.bulk({"email": ANN, "dataFields": {"plan": "pro"}})["filteredOutFields"] == ["plan"]
    call.bulk({"email": ANN, "dataFields": {"plan": "pro"}}, createNewFields=True)
    assert sandbox.iterable_users[ANN] == {"plan": "pro"}


def test_the_thousandth_field_is_the_last(call: Caller, sandbox: Sandbox) -> None:
    answer = call.iterable(
        "users/bulkUpdate", {"users": [{"email": ANN, "dataFields": {f"f{n}": n for n in range(1000)}}]}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "UniqueFieldsLimitExceeded")
    assert sandbox.iterable_users == {}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({}, "obj.users"),
        ({"users": {}}, "obj.users"),
        ({"users": ["x"]}, "obj.users[0]"),
        ({"users": [{"email": "a@example.com"}, {"email": 7}]}, "obj.users[1].email"),
        ({"users": [{"userId": 7}]}, "obj.users[0].userId"),
        ({"users": [{"preferUserId": "true"}]}, "obj.users[0].preferUserId"),
        ({"users": [{"dataFields": []}]}, "obj.users[0].dataFields"),
        ({"users": [], "createNewFields": 1}, "obj.createNewFields"),
        ([], "obj"),
    ],
)
def test_a_badly_typed_property_fails_the_whole_request(
    call: Caller, sandbox: Sandbox, body: object, place: str
) -> None:
    answer = call.iterable("users/bulkUpdate", body)
    assert answer.status_code == 400
    assert answer.json()["code"] == "BadJsonBody"
    assert list(answer.json()["params"]) == [place]
    assert sandbox.iterable_users == {}


def test_an_unknown_property_is_tolerated_and_noted(call: Caller, sandbox: Sandbox) -> None:
    answer = call.bulk({"email": ANN, "createNewFields": True}, batch=7)
    assert answer["successCount"] == 1
    warnings = " ".join(sandbox.requests[-1].warnings)
    assert "obj.batch" in warnings
    assert "obj.users[0].createNewFields" in warnings


def test_managed_and_dotted_fields_are_noted(call: Caller, sandbox: Sandbox) -> None:
    call.bulk({"email": ANN, "dataFields": {"emailListIds": [1], "address.city": "Rome"}})
    warnings = " ".join(sandbox.requests[-1].warnings)
    assert "emailListIds" in warnings
    assert "address.city" in warnings


def test_update_only_creates_nobody_where_it_is_enabled(start: Start) -> None:
    sandbox, call = start(iterable_update_only=True)
    answer = call.bulk({"email": ANN}, updateOnly=True)
    assert (answer["successCount"], answer["noOpEmails"]) == (1, [ANN])
    assert sandbox.iterable_users == {}


def test_update_only_is_ignored_and_noted_where_it_is_not_enabled(call: Caller, sandbox: Sandbox) -> None:
    call.bulk({"email": ANN}, updateOnly=True)
    assert set(sandbox.iterable_users) == {ANN}
    assert "updateOnly" in sandbox.requests[-1].warnings[0]


def test_a_user_id_beside_an_email_is_overwritten_on_the_profile(call: Caller, sandbox: Sandbox) -> None:
    call.bulk({"email": ANN, "userId": "1"}, {"email": ANN, "userId": "2"})
    assert sandbox.iterable_users == {ANN: {"userId": "2"}}
    call.bulk({"userId": "2", "dataFields": {"plan": "pro"}})
    assert sandbox.iterable_users == {ANN: {"userId": "2", "plan": "pro"}}


def test_preferring_the_user_id_makes_a_placeholder_address(call: Caller, sandbox: Sandbox) -> None:
    call.bulk({"userId": "7", "preferUserId": True, "dataFields": {"plan": "pro"}})
    ((email, fields),) = sandbox.iterable_users.items()
    assert email.endswith("@placeholder.email")
    assert fields == {"userId": "7", "plan": "pro"}


def test_a_user_id_project_knows_users_by_user_id_alone(start: Start) -> None:
    sandbox, call = start(iterable_project_type="user_id")
    answer = call.bulk(
        {"userId": "a"}, {"userId": "A", "email": ANN}, {"email": ANN}, {"userId": "b", "email": ANN}
    )
    assert failures(answer) == {"invalidEmails": [ANN]}
    assert sandbox.iterable_users == {"a": {}, "A": {"email": ANN}, "b": {"email": ANN}}
    call.bulk({"userId": "a", "dataFields": {"email": "New@example.com"}})
    assert sandbox.iterable_users["a"] == {"email": "new@example.com"}


def test_a_hybrid_project_refuses_two_identifiers_of_two_users(start: Start) -> None:
    sandbox, call = start(iterable_project_type="hybrid")
    call.bulk({"email": ANN, "userId": "1"}, {"email": "b@example.com"}, {"userId": "3"})
    answer = call.bulk(
        {"email": ANN, "userId": "2"},
        {"userId": "3", "dataFields": {"email": ANN}},
        {"email": "b@example.com", "dataFields": {"userId": "1"}},
        {"email": "b@example.com", "userId": "4"},
    )
    assert failures(answer) == {"conflictEmails": [ANN, ANN], "conflictUserIds": ["1"]}
    assert answer["successCount"] == 1
    assert sandbox.iterable_users == {"1": {"email": ANN}, "4": {"email": "b@example.com"}, "3": {}}


def test_a_hybrid_project_moves_an_email_to_a_free_address(start: Start) -> None:
    sandbox, call = start(iterable_project_type="hybrid")
    call.bulk({"userId": "1", "email": ANN})
    call.bulk({"userId": "1", "dataFields": {"email": "new@example.com"}}, {"email": ANN})
    assert sandbox.iterable_users == {"1": {"email": "new@example.com"}, ANN: {}}


def test_one_user_alone_is_answered_with_the_reason(call: Caller, sandbox: Sandbox) -> None:
    good = call.iterable("users/update", {"email": ANN, "dataFields": {"orders": 1}, "createNewFields": True})
    assert (good.status_code, good.json()["code"]) == (200, "Success")
    wrong = call.iterable("users/update", {"email": ANN, "dataFields": {"orders": "12"}})
    assert wrong.status_code == 400
    assert wrong.json()["params"]["validationErrors"]["orders"] == {
        "incomingTypes": ["string", "keyword"],
        "expectedType": "long",
        "category": "user",
        "offendingValue": "12",
        "_type": "UnexpectedType",
    }
    assert sandbox.requests[-1].warnings == []


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"email": "000"}, 400, "InvalidEmailAddressError"),
        ({"userId": "x "}, 400, "InvalidUserIdError"),
        ({"userId": "unknown"}, 400, "UnknownUserIdError"),
        ({}, 400, "BadParams"),
    ],
)
def test_one_bad_user_is_an_error(call: Caller, body: dict[str, Any], status: int, code: str) -> None:
    answer = call.iterable("users/update", body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_forgotten_user_is_refused_until_it_is_unforgotten(call: Caller, sandbox: Sandbox) -> None:
    call.bulk({"email": ANN, "userId": "1"})
    assert call.iterable("users/forget", {"email": ANN}).status_code == 202
    assert sandbox.iterable_users == {}
    assert failures(call.bulk({"email": ANN})) == {"forgottenEmails": [ANN]}
    alone = call.iterable("users/update", {"email": ANN})
    assert (alone.status_code, alone.json()["code"]) == (409, "ForgottenUserError")
    assert len(call.iterable("users/forgotten").json()["hashedEmails"][0]) == 64
    assert len(call.iterable("users/forgottenUserIds").json()["hashedUserIds"]) == 1
    call.iterable("users/unforget", {"email": ANN})
    assert call.bulk({"email": ANN})["successCount"] == 1
    assert call.iterable("users/forget", {}).status_code == 400
