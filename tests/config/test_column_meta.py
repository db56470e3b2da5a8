"""`config.meta.roo` of a column: which field of which destination it fills."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from roo_dbt.config import Declarations, declare
from roo_dbt.records import Model, Problem

Declare = Callable[..., Declarations]


def only(declarations: Declarations) -> Problem:
    """The one problem there is."""
    assert len(declarations.problems) == 1, [str(problem) for problem in declarations.problems]
    return declarations.problems[0]


def test_a_field_mapped_in_both_places_is_a_problem_beside_the_column(
    declared: Declare, meta: dict[str, Any]
) -> None:
    problem = only(declared(meta, {"mail": {"post_customers": "email"}}))

    assert (problem.id, problem.value) == ("field-mapped-twice", "mail")
    assert problem.path == "columns.mail.config.meta.roo.post_customers"
    assert "column email fills it already" in problem.message


@pytest.mark.parametrize(
    ("said", "id_", "path"),
    [
        ("x", "wrong-type", "columns.c.config.meta.roo"),
        ({"post_customers": 5}, "wrong-type", "columns.c.config.meta.roo.post_customers"),
        ({"post_customers": ""}, "wrong-type", "columns.c.config.meta.roo.post_customers"),
        ({"post_customers": {"a": 1}}, "wrong-type", "columns.c.config.meta.roo.post_customers"),
        ({"post_customer": "x"}, "unknown-destination", "columns.c.config.meta.roo.post_customer"),
        ({"post_customers": "device"}, "reserved-field", "columns.c.config.meta.roo.post_customers"),
        ({"post_customers": "${X}"}, "reference-in-meta", "columns.c.config.meta.roo.post_customers"),
    ],
)
def test_a_mistake_beside_a_column_is_located_there(
    declared: Declare, meta: dict[str, Any], said: Any, id_: str, path: str
) -> None:
    problem = only(declared(meta, {"c": said}))

    assert (problem.id, problem.path) == (id_, path)
    assert problem.nearest == ("post_customers" if id_ == "unknown-destination" else "")


def test_a_column_can_say_no(declared: Declare, meta: dict[str, Any]) -> None:
    found = declared(
        meta, {"c": {"post_customers": False}, "d": {"post_customers": "off"}, "e": None, "f": {}}
    )

    assert found.problems == ()
    assert len(found.destinations[0].mapping) == 2


def test_a_column_may_not_name_the_destination_of_another_model(
    model: Callable[..., Model], meta: dict[str, Any], roo_vars: dict[str, Any]
) -> None:
    other = model({}, {"c": {"post_customers": True}}, name="orders")
    problem = only(declare([model(meta), other], roo_vars, environ={}))

    assert problem.id == "unknown-destination"
    assert "model customers" in problem.message
