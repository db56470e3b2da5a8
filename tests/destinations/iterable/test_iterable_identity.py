"""Identifiers: what may find a user in each type of project, and how they are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from roo_dbt.destinations.iterable.identity import email_text, user_id_text
from roo_dbt.records import NOT_FINITE

if TYPE_CHECKING:
    from tests.destinations.iterable.conftest import World

MakeWorld = Callable[..., "World"]


@pytest.mark.parametrize(
    ("project", "fields"),
    [("email", ["email", "userId"]), ("user_id", ["userId"]), ("hybrid", ["email", "userId"])],
)
def test_each_type_of_project_has_its_identifiers(world: MakeWorld, project: str, fields: list[str]) -> None:
    w = world(project)
    found = w.users.identifiers(w.app)
    assert [identifier.fields for identifier in found] == [(field,) for field in fields]
    assert {identifier.fields[0]: identifier.normalisation for identifier in found}["userId"] == "exact"


def test_addresses_are_compared_without_case(world: MakeWorld) -> None:
    assert world().users.identifiers(world().app)[0].normalisation == "lower"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Ada@Example.COM", "ada@example.com"),
        ("  a+b'c/d@x.co.uk\n", "a+b'c/d@x.co.uk"),
        ('"a b"@x.org', '"a b"@x.org'),
        ("zoë@bücher.example", "zoë@bücher.example"),
    ],
)
def test_an_address_is_sent_trimmed_and_in_lower_case(value: str, text: str) -> None:
    assert email_text(value) == text


@pytest.mark.parametrize(
    "value",
    [
        "none",
        "a@b",
        "a b@x.org",
        "@x.org",
        "a@",
        "a@x..org",
        "a@@x.org",
        "a@.org",
        "a@x.o",
        7,
        True,
        ["a@x.org"],
    ],
)
def test_what_cannot_be_an_address_is_refused_without_repeating_it(world: MakeWorld, value: object) -> None:
    outcome = world().refusal(world().create({"email": value}))
    assert (outcome.code, outcome.message) == ("invalid_value", "email: this is no e-mail address")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Abc", "Abc"),
        (" lead", " lead"),
        ("a/b#c%20", "a/b#c%20"),
        (123, "123"),
        (123.0, "123"),
        (2**63, str(2**63)),
        (-7, "-7"),
        (f"{NOT_FINITE}170141183460469231731687303715884105727", "170141183460469231731687303715884105727"),
        ("x" * 200, "x" * 200),
    ],
)
def test_edge_5_a_user_id_is_text_and_whole_numbers_are_their_digits(value: object, text: str) -> None:
    assert user_id_text(value) == text


@pytest.mark.parametrize(
    "value", [1.5, 1e30, float("nan"), True, [1], {"a": 1}, f"{NOT_FINITE}NaN", "zoë", "a\tb", "a\x00", "a "]
)
def test_edge_4_what_cannot_be_a_user_id_is_refused_before_sending(world: MakeWorld, value: object) -> None:
    outcome = world("user_id").refusal(world().create({"userId": value}))
    assert outcome.code == "invalid_value"
    assert str(outcome.message).startswith("userId: a userId must ")


def test_edge_6_a_blank_identifier_of_the_other_kind_is_left_out(world: MakeWorld) -> None:
    for value in (None, "", " "):
        user = world().user(world().create({"email": "a@x.org", "userId": value, "name": "A"}))
        assert user == {"email": "a@x.org", "dataFields": {"name": "A"}}


def test_a_bad_address_beside_a_user_id_fails_the_record_as_iterable_would(world: MakeWorld) -> None:
    outcome = world("hybrid", "userId").refusal(world().create({"userId": "1", "email": "none"}))
    assert outcome.message == "email: this is no e-mail address"


def test_edge_42_prefer_user_id_is_sent_in_email_projects_only(world: MakeWorld) -> None:
    fields = {"userId": "VARCHAR", "name": "VARCHAR"}
    for project, expected in (("email", True), ("user_id", None), ("hybrid", None)):
        w = world(project, "userId", fields=fields)
        assert w.user(w.create({"userId": "1", "name": "x"})).get("preferUserId") is expected
    assert "preferUserId" not in world().user(world().create({"email": "a@x.org"}))
