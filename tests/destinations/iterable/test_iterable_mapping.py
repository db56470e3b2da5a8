"""What Iterable objects to in a declaration."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from roo_dbt.destinations.iterable.fields import RESERVED
from roo_dbt.destinations.iterable.users import UserOptions
from roo_dbt.records import Column, Problem

if TYPE_CHECKING:
    from tests.destinations.iterable.conftest import World

MakeWorld = Callable[..., "World"]


def problems(w: World) -> list[Problem]:
    return list(w.users.check_mapping(w.app, w.destination))


@pytest.mark.parametrize("project", ["email", "user_id", "hybrid"])
def test_a_proper_mapping_has_no_problems(world: MakeWorld, project: str) -> None:
    fields = dict.fromkeys(
        ("email", "userId", "Last Name 2", "address.city", "address.zip", "UPPER"), "VARCHAR"
    )
    assert problems(world(project, fields=fields)) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a..b", "a dot nests"),
        (".a", "a dot nests"),
        ("a.", "a dot nests"),
        (" a", "begin or end with a space"),
        ("a. b", "begin or end with a space"),
        ("dataFields.a", "without `dataFields.`"),
        ("itblInternal.x", "internal data"),
        ("emailListIds.x", "joins or leaves a list"),
        ("email.x", "is text"),
        ("userId.x", "is text"),
    ],
)
def test_a_name_that_cannot_be_a_field_is_a_problem(world: MakeWorld, name: str, reason: str) -> None:
    (problem,) = problems(world(fields={"email": "VARCHAR", name: "VARCHAR"}))
    assert (problem.id, problem.severity, problem.value) == ("invalid-field-name", "error", name)
    assert reason in problem.message
    assert problem.path == f"config.meta.roo.destinations[0].mapping.{name}"
    assert (problem.file, problem.model) == ("models/customers.yml", "customers")


def test_a_field_inside_a_mapped_field_is_a_problem(world: MakeWorld) -> None:
    fields = dict.fromkeys(("email", "address", "address.city"), "VARCHAR")
    (problem,) = problems(world(fields=fields))
    assert (problem.id, problem.value) == ("field-mapped-twice", "address.city")


def test_edge_25_a_delete_by_user_id_in_an_email_project_warns(world: MakeWorld) -> None:
    fields = {"userId": "VARCHAR"}
    (problem,) = problems(world("email", "userId", fields=fields))
    assert (problem.id, problem.severity) == ("deletes-sharing-users", "warning")
    assert problems(world("email", "userId", mode="additive", fields=fields)) == []
    assert problems(world("hybrid", "userId", fields=fields)) == []


def test_an_email_beside_a_user_id_must_be_the_identifier_of_an_email_project(world: MakeWorld) -> None:
    (problem,) = problems(world("email", "userId", mode="additive"))
    assert (problem.id, problem.value) == ("identifier-conflict", "email")


@pytest.mark.parametrize(
    ("field", "type_"),
    [
        ("email", "INTEGER"),
        ("userId", "BOOLEAN"),
        ("userId", "DATE"),
        ("phoneNumber", "BIGINT"),
        ("locale", "JSON"),
    ],
)
def test_a_column_that_iterable_would_refuse_is_a_problem(world: MakeWorld, field: str, type_: str) -> None:
    (problem,) = world().users.check_columns({field: Column("c", type_)})
    assert problem.id == "column-type"
    assert f"the column c is {type_}" in problem.message


def test_numbers_may_be_user_ids_and_other_fields_hold_anything(world: MakeWorld) -> None:
    columns = {
        "userId": Column("id", "BIGINT"),
        "email": Column("email", "VARCHAR"),
        "signupDate": Column("d", "DATE"),
        "ltv": Column("ltv", "DECIMAL(9,2)"),
    }
    assert list(world().users.check_columns(columns)) == []


def test_reserved_fields_all_have_a_reason() -> None:
    assert all(reason and not reason.endswith(".") for reason in RESERVED.values())
    assert {"emailListIds", "userListIds", "unsubscribedChannelIds"} <= set(RESERVED)


def test_create_new_fields_is_true_false_or_left_out() -> None:
    assert UserOptions().create_new_fields is None
    assert UserOptions.model_validate({"create_new_fields": False}).create_new_fields is False
    with pytest.raises(ValidationError):
        UserOptions.model_validate({"create_new_fields": "perhaps"})
    with pytest.raises(ValidationError):
        UserOptions.model_validate({"createNewFields": True})
