"""The declared columns, found in the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from roo_dbt.config import Declarations, resolve
from roo_dbt.records import Column, Destination, Mapped, Problem

Declare = Callable[..., Declarations]
TABLE = ("customer_id", "email", "ltv", "plan")


def table(*names: str, **types: str) -> list[Column]:
    """Text columns, then columns of other types."""
    texts = [Column(name, "VARCHAR") for name in names]
    return texts + [Column(name, type_) for name, type_ in types.items()]


def resolved(declarations: Declarations, columns: Sequence[Column]) -> tuple[Destination, list[Problem]]:
    """The first destination, resolved against a table."""
    assert declarations.errors == ()
    destination = declarations.destinations[0]
    app = declarations.apps[destination.app]
    return resolve(
        destination,
        columns,
        obj_class=app.objects[destination.object],
        app=app,
        sendable=lambda column: column.type != "GEOMETRY",
    )


def test_columns_match_without_case_and_get_the_catalogues_case(
    declared: Declare, meta: dict[str, Any]
) -> None:
    destination, problems = resolved(declared(meta), table("CUSTOMER_ID", "Email"))

    assert problems == []
    assert destination.key == ("CUSTOMER_ID",)
    assert [line.column for line in destination.mapping] == ["CUSTOMER_ID", "Email"]
    assert [line.field for line in destination.mapping] == ["external_id", "email"]


def test_an_exact_match_goes_first(declared: Declare, meta: dict[str, Any]) -> None:
    destination, problems = resolved(declared(meta), table("EMAIL", "email", "Email", "customer_id"))

    assert problems == []
    assert destination.mapping[1].column == "email"


def test_a_name_that_fits_two_columns_is_refused(declared: Declare, meta: dict[str, Any]) -> None:
    _, (problem,) = resolved(declared(meta), table("EMAIL", "Email", "customer_id"))

    assert (problem.id, problem.value) == ("ambiguous-column", "email")
    assert "EMAIL, Email" in problem.message


def test_a_missing_column_is_named_with_the_nearest(declared: Declare, meta: dict[str, Any]) -> None:
    _, problems = resolved(declared(meta), table("e_mail", "customers_id"))

    assert [(one.id, one.path, one.value, one.nearest) for one in problems] == [
        ("unknown-column", "config.meta.roo.key", "customer_id", "customers_id"),
        (
            "unknown-column",
            "config.meta.roo.destinations[0].mapping.external_id",
            "customer_id",
            "customers_id",
        ),
        ("unknown-column", "config.meta.roo.destinations[0].mapping.email", "email", "e_mail"),
    ]
    assert '"shop"."main"."customers"' in problems[0].message
    assert (problems[0].file, problems[0].model) == ("models/shop.yml", "customers")


def test_a_missing_column_that_was_annotated_is_located_there(
    declared: Declare, meta: dict[str, Any]
) -> None:
    _, (problem,) = resolved(declared(meta, {"plann": {"post_customers": True}}), table(*TABLE))

    assert problem.path == "columns.plann.config.meta.roo.post_customers"
    assert problem.nearest == "plan"


def test_a_constant_needs_no_column(declared: Declare, meta: dict[str, Any]) -> None:
    meta["destinations"][0]["mapping"]["source"] = {"value": "email"}
    destination, problems = resolved(declared(meta), table(*TABLE))

    assert problems == []
    assert destination.mapping[2] == Mapped("source", None, "email")


def test_a_type_that_nobody_can_send_is_refused(declared: Declare, meta: dict[str, Any]) -> None:
    meta["destinations"][0]["mapping"]["home"] = "spot"
    _, (problem,) = resolved(declared(meta), table(*TABLE, spot="GEOMETRY"))

    assert (problem.id, problem.value) == ("unsendable-type", "spot")
    assert "GEOMETRY" in problem.message


def test_the_vendor_may_object_to_a_type(declared: Declare, meta: dict[str, Any]) -> None:
    _, (problem,) = resolved(declared(meta), table("customer_id", email="BLOB"))

    assert (problem.id, problem.model) == ("no-text", "customers")


def test_other_columns_are_mapped_only_when_asked(declared: Declare, meta: dict[str, Any]) -> None:
    destination, _ = resolved(declared(meta), table(*TABLE))
    assert [line.field for line in destination.mapping] == ["external_id", "email"]

    meta["destinations"][0] |= {"map_other_columns": True, "nulls": "ignore"}
    found = declared(meta, {"lifetimeValue": {}})
    destination, problems = resolved(found, table("CUSTOMER_ID", "EMAIL", "PLAN", "LIFETIMEVALUE"))

    assert problems == []
    assert destination.mapping[2:] == (
        Mapped("plan", "PLAN", None, "ignore"),
        Mapped("lifetimeValue", "LIFETIMEVALUE", None, "ignore"),
    )


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (Column("device", "VARCHAR"), "comes from the SDK"),
        (Column("FIRSTNAME", "VARCHAR"), "firstName"),
        (Column("email_subscribe", "VARCHAR"), "subscription state"),
        (Column("EXTERNAL_ID", "VARCHAR"), "which user"),
        (Column("spot", "GEOMETRY"), "GEOMETRY"),
        (Column("source", "VARCHAR"), "filled from elsewhere"),
        (Column("address", "VARCHAR"), "part of address"),
    ],
)
def test_another_column_that_must_be_mapped_on_purpose_is_left_out_with_a_warning(
    declared: Declare, meta: dict[str, Any], column: Column, words: str
) -> None:
    mapping = {"email": "email", "source": {"value": "shop"}, "address.city": "ltv"}
    meta["destinations"][0] |= {"map_other_columns": True, "mapping": mapping}
    destination, (problem,) = resolved(declared(meta), [*table("email", "ltv", "customer_id"), column])

    assert (problem.id, problem.severity) == ("column-left-out", "warning")
    assert f"column {column.name} is left out" in problem.message
    assert words in problem.message
    assert [line.field for line in destination.mapping] == ["email", "source", "address.city", "customer_id"]
