"""Bodies of bulkUpdate, against golden files and a schema that refuses unknown properties."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import orjson
import pytest
from tests.destinations.iterable import request_checks
from tests.destinations.iterable.request_checks import golden

from roo_dbt.records import NOT_FINITE, Change, Outcome

if TYPE_CHECKING:
    from tests.destinations.iterable.conftest import World

ADA = {"email": " Ada@Example.com", "userId": "1", "name": "Ada", "age": 36}
NESTED = {"email": "VARCHAR", "address": "", "address.city": "VARCHAR", "address.zip": "VARCHAR"}

MakeWorld = Callable[..., "World"]


def body_of(world: World, *changes: Change) -> bytes:
    """The body of one request with these changes, checked against the schema."""
    request = world.bulk.request([world.item(change) for change in changes])
    assert request.path == "/api/users/bulkUpdate"
    return request_checks.body_of(request)


@pytest.mark.parametrize(("project", "by"), [("email", "email"), ("user_id", "userId"), ("hybrid", "email")])
def test_a_new_user_in_each_type_of_project(world: MakeWorld, project: str, by: str) -> None:
    w = world(project, by)
    golden(f"create_{project}", body_of(w, w.create(ADA), w.create({"email": "b@x.org", "userId": "2"}, 2)))


def test_every_kind_of_value(world: MakeWorld) -> None:
    types = {
        "email": "VARCHAR",
        "text": "VARCHAR",
        "empty": "VARCHAR",
        "whole": "BIGINT",
        "fraction": "DOUBLE",
        "price": "DECIMAL(18,2)",
        "flag": "BOOLEAN",
        "day": "DATE",
        "moment": "TIMESTAMP WITH TIME ZONE",
        "moments": "TIMESTAMP[]",
        "looks_like_a_date": "VARCHAR",
        "tags": "VARCHAR[]",
        "object": "STRUCT(a INTEGER, b VARCHAR)",
        "Last Name 2": "VARCHAR",
    }
    w = world(fields=types)
    values = {
        "email": "ada@example.com",
        "text": 'Zoë 🦘 "quoted"',
        "empty": "",
        "whole": 2**53 + 1,
        "fraction": 0.5,
        "price": 19.99,
        "flag": False,
        "day": "1815-12-10",
        "moment": "2026-01-02T03:04:05.678Z",
        "moments": ["2026-01-02T03:04:05.678Z", None],
        "looks_like_a_date": "2026-01-02T03:04:05.678Z",
        "tags": ["a", None, "b"],
        "object": {"a": 1, "b": None},
        "Last Name 2": "Lovelace",
    }
    golden("every_kind_of_value", body_of(w, w.create(values)))


def test_an_update_sends_only_what_changed_and_null_clears(world: MakeWorld) -> None:
    w = world()
    golden("update", body_of(w, w.update(ADA, name=None, age=37)))


def test_dotted_fields_nest_and_are_merged(world: MakeWorld) -> None:
    w = world(fields=NESTED, create_new_fields=True)
    old = {"email": "a@x.org", "address.city": "London", "address.zip": "W1"}
    golden("nested", body_of(w, w.update(old, address__city="Turin"), w.update(old, address__zip=None)))


def test_a_user_id_identifies_in_an_email_project_and_prefers_itself(world: MakeWorld) -> None:
    w = world("email", "userId", fields={"userId": "BIGINT", "name": "VARCHAR"}, create_new_fields=False)
    golden("prefer_user_id", body_of(w, w.create({"userId": 123, "name": "Ada"})))


def test_clearing_does_not_create_a_user_who_is_gone(world: MakeWorld) -> None:
    w = world("email", "userId", fields={"userId": "VARCHAR", "name": "VARCHAR"})
    assert "preferUserId" not in w.user(w.leave({"userId": "1", "name": "Ada"}, clears=True))


def test_enrich_never_asks_to_create_a_user(world: MakeWorld) -> None:
    w = world("email", "userId", mode="enrich", fields={"userId": "VARCHAR", "name": "VARCHAR"})
    assert "preferUserId" not in w.user(w.create({"userId": "1", "name": "Ada"}))


def test_a_user_who_left_is_cleared(world: MakeWorld) -> None:
    w = world("hybrid")
    golden("clear", body_of(w, w.leave({**ADA, "age": None}, clears=True)))


def test_create_new_fields_stands_beside_the_users(world: MakeWorld) -> None:
    assert b"createNewFields" not in body_of(world(), world().create(ADA))
    for flag in (True, False):
        w = world(create_new_fields=flag)
        assert orjson.loads(body_of(w, w.create(ADA)))["createNewFields"] is flag


def test_a_thousand_users_fit_in_one_request(world: MakeWorld) -> None:
    w = world()
    people = [w.create({"email": f"p{n}@x.org", "name": "x"}, n) for n in range(w.bulk.batch_size)]
    assert len(orjson.loads(body_of(w, *people))["users"]) == 1000
    assert w.bulk.max_bytes == 4_000_000


@pytest.mark.parametrize(("project", "by"), [("email", "email"), ("hybrid", "email"), ("hybrid", "userId")])
def test_the_other_identifier_travels_in_the_data_and_never_at_the_top(
    world: MakeWorld, project: str, by: str
) -> None:
    w = world(project, by)
    user = w.user(w.create(ADA))
    other = {"email": "userId", "userId": "email"}[by]
    assert by in user
    assert other not in user
    assert user["dataFields"][other] == {"email": "ada@example.com", "userId": "1"}[other]


def test_a_new_email_beside_a_user_id_is_an_identity_change_in_the_data(world: MakeWorld) -> None:
    w = world("hybrid", "userId")
    assert w.data(w.update(ADA, email="Countess@X.org")) == {"email": "countess@x.org"}


def test_an_email_that_changes_only_its_case_is_not_sent(world: MakeWorld) -> None:
    assert world("hybrid", "userId").bulk.item(world().update(ADA, email="ADA@example.com ")) is None
    assert world().bulk.item(world().update(ADA, email="ADA@example.com ")) is None


def test_an_identifier_that_comes_for_the_first_time_sends_the_whole_record(world: MakeWorld) -> None:
    w = world("hybrid", "userId")
    change = w.update({"email": "a@x.org", "name": "Ada"}, userId="1")
    assert w.user(change) == {"userId": "1", "dataFields": {"email": "a@x.org", "name": "Ada"}}


@pytest.mark.parametrize("value", [None, "", "  "])
def test_the_other_identifier_is_never_sent_as_null_and_that_is_said(
    world: MakeWorld, value: str | None
) -> None:
    w = world("hybrid", "userId")
    change = w.update(ADA, email=value)
    assert w.refusal(change).status == "accepted"
    assert "email is null now; Iterable cannot clear it" in str(w.refusal(change).message)
    assert w.data(w.update(ADA, email=value, name="A")) == {"name": "A"}


def test_an_update_without_a_change_for_iterable_sends_nothing(world: MakeWorld) -> None:
    assert world().bulk.item(world().update(ADA)) is None


def test_a_new_user_without_further_data_is_created(world: MakeWorld) -> None:
    w = world(fields={"email": "VARCHAR"})
    assert w.user(w.create({"email": "a@x.org"})) == {"email": "a@x.org", "dataFields": {}}


def test_a_whole_record_is_sent_even_if_only_its_identifier_is_mapped(world: MakeWorld) -> None:
    w = world(fields={"email": "VARCHAR"})
    old = {"email": "a@x.org"}
    assert w.data(Change(1, "update", "1", old, old, (), whole=True)) == {}


def test_a_whole_record_does_not_clear_what_we_never_set(world: MakeWorld) -> None:
    w = world()
    change = Change(1, "update", "1", ADA, {**ADA, "age": None}, (), whole=True)
    assert w.data(change) == {"name": "Ada", "userId": "1"}


@pytest.mark.parametrize("value", [None, "", "  ", "\t"])
def test_a_blank_identifier_is_refused_before_sending(world: MakeWorld, value: str | None) -> None:
    for w in (world(), world("user_id")):
        outcome = w.refusal(w.create({w.destination.identifier[0]: value, "name": "x"}))
        assert (outcome.code, outcome.permanent) == ("missing_identifier", True)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (float("nan"), "JSON cannot say"),
        (float("-inf"), "JSON cannot say"),
        (f"{NOT_FINITE}NaN", "JSON cannot say"),
        ([1, f"{NOT_FINITE}Infinity"], "JSON cannot say"),
        ({"a": {"b": f"{NOT_FINITE}1e400"}}, "JSON cannot say"),
        (2**63, "over 64 bits"),
        (-(2**63) - 1, "over 64 bits"),
        ("x" * 32_001, "text of 32001 characters"),
        ("\ud800", "not valid Unicode"),
    ],
)
def test_a_value_that_cannot_be_sent_fails_its_record_and_names_the_field(
    world: MakeWorld, value: object, reason: str
) -> None:
    outcome = world().refusal(world().create({"email": "a@x.org", "note": value}))
    assert (outcome.status, outcome.code, outcome.permanent) == ("failed", "invalid_value", True)
    assert reason in str(outcome.message)


def test_the_longest_text_and_the_largest_numbers_are_sent(world: MakeWorld) -> None:
    values = {"email": "a@x.org", "text": "é" * 32_000, "most": 2**63 - 1, "least": -(2**63)}
    assert world().data(world().create(values)) == {k: v for k, v in values.items() if k != "email"}


def test_an_object_is_replaced_whole_unless_dotted_fields_ask_for_merging(world: MakeWorld) -> None:
    w = world()
    old = {"email": "a@x.org", "prefs": {"a": 1, "b": 2}, "address.city": "Rome"}
    alone = w.user(w.update(old, prefs={"a": 3}))
    assert alone["dataFields"] == {"prefs": {"a": 3}}
    assert "mergeNestedObjects" not in alone
    merged = w.user(w.update(old, prefs={"a": 3}, address__city="Turin"))
    assert merged["dataFields"] == {"prefs": {"a": 3, "b": None}, "address": {"city": "Turin"}}
    assert merged["mergeNestedObjects"] is True


def test_a_dropped_line_does_not_undo_the_one_that_replaces_it(
    world: MakeWorld, left_the_mapping: object
) -> None:
    w = world()
    to_object = w.update(
        {"email": "a@x.org", "address.city": "Rome"},
        address={"city": "Turin"},
        address__city=left_the_mapping,
    )
    assert w.data(to_object) == {"address": {"city": "Turin"}}
    to_dotted = w.update(
        {"email": "a@x.org", "address": {"city": "Rome", "zip": "1"}},
        address=left_the_mapping,
        address__city="Turin",
    )
    assert w.data(to_dotted) == {"address": {"city": "Turin", "zip": None}}


def test_fields_on_the_third_level_take_their_neighbours_along(world: MakeWorld) -> None:
    w = world(fields={"email": "VARCHAR", "a.b.c": "INTEGER", "a.b.d": "INTEGER", "a.x.y": "INTEGER"})
    old = {"email": "a@x.org", "a.b.c": 1, "a.b.d": 2, "a.x.y": 3}
    assert w.data(w.update(old, a__b__c=9)) == {"a": {"b": {"c": 9, "d": 2}}}


def test_a_user_who_left_to_be_deleted_is_not_written(world: MakeWorld) -> None:
    assert world().bulk.item(world().leave(ADA)) is None


def test_an_item_of_any_mode_but_sync_never_deletes(world: MakeWorld) -> None:
    outcome = world(mode="additive").delete.item(world().leave(ADA))
    assert isinstance(outcome, Outcome)
    assert (outcome.status, outcome.code) == ("skipped", "mode")
