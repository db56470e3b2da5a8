"""What Braze objects to in a declaration of events or purchases."""

from __future__ import annotations

import pytest
from tests.destinations.braze.braze_samples import APP, destination, occurrences

from roo_dbt.destinations.braze.events import Events, Occurrences, Purchases
from roo_dbt.destinations.braze.fields import ALIAS_LABEL, ALIAS_NAME
from roo_dbt.records import Column, Problem

Kind = type[Occurrences]
BOTH = pytest.mark.parametrize("kind", [Events, Purchases])
FIELDS: dict[Kind, tuple[str, ...]] = {
    Events: ("external_id", "name", "time", "app_id", "properties.total", "properties.a.b"),
    Purchases: ("external_id", "product_id", "currency", "price", "quantity", "time", "properties"),
}


def problems(kind: Kind, *names: str, identifier: tuple[str, ...] = ("external_id",)) -> list[Problem]:
    declared = destination(*names, mode=None, object=kind.name, identifier=identifier)
    return list(kind.check_mapping(APP, declared))


@BOTH
@pytest.mark.parametrize(
    ("names", "problem_id", "text"),
    [
        (("name.first",), "unknown-field", "the others go under properties"),
        (("properties.time",), "invalid-field-name", "Braze keeps to itself"),
        (("properties.$a",), "invalid-field-name", "starts with $"),
        (("properties.a.$b",), "invalid-field-name", "starts with $"),
        (("email",), "identifier-conflict", "name their user once, by external_id"),
        (("braze_id",), "identifier-conflict", "exactly one of external_id, braze_id and user_alias"),
        ((ALIAS_NAME,), "identifier-conflict", "exactly one"),
    ],
)
def test_a_mapping_that_braze_would_not_take_is_refused(
    kind: Kind, names: tuple[str, ...], problem_id: str, text: str
) -> None:
    problem = problems(kind, "external_id", *names)[0]
    assert (problem.id, problem.severity) == (problem_id, "error")
    assert text in problem.message


@BOTH
def test_a_good_mapping_has_no_problem(kind: Kind) -> None:
    assert problems(kind, *FIELDS[kind]) == []
    assert problems(kind, "email", "name", "properties", identifier=("email",)) == []


@BOTH
def test_events_of_an_alias_warn_that_nobody_is_created(kind: Kind) -> None:
    (problem,) = problems(kind, ALIAS_NAME, ALIAS_LABEL, identifier=(ALIAS_NAME, ALIAS_LABEL))
    assert (problem.id, problem.severity) == ("alias-never-created", "warning")


@pytest.mark.parametrize(
    ("kind", "field", "sql_type", "text"),
    [
        (Events, "time", "BOOLEAN", "time takes a time."),
        (Events, "name", "BIGINT", "name takes text."),
        (Events, "properties", "VARCHAR", "properties takes an object."),
        (Events, "properties.photo", "BLOB", "no binary values"),
        (Purchases, "price", "VARCHAR", "price takes a number."),
        (Purchases, "currency", "INTEGER", "currency takes a code."),
    ],
)
def test_a_column_that_cannot_fit_is_an_error(kind: Kind, field: str, sql_type: str, text: str) -> None:
    (problem,) = occurrences(kind, field).check_columns({field: Column("c", sql_type)})
    assert (problem.id, problem.severity) == ("column-type", "error")
    assert text in problem.message


def test_columns_that_fit_have_no_problem() -> None:
    columns = {
        "external_id": Column("id", "BIGINT"),
        "time": Column("at", "TIMESTAMP"),
        "product_id": Column("p", "INTEGER"),
        "quantity": Column("q", "INTEGER"),
        "properties": Column("all", "STRUCT(a INTEGER)"),
        "properties.x": Column("x", "VARCHAR[]"),
    }
    assert occurrences(Purchases, *columns).check_columns(columns) == []
