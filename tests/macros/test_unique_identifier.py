"""The dbt package in macros/: `roo_dbt.unique_identifier` finds the rows that a sync would refuse."""

from __future__ import annotations

from typing import Any

import pytest
from tests.macros.lab import MACROS, ON_DUCKDB, Lab, values

from roo_dbt.config.describing import stand_in
from roo_dbt.destinations import app_type, app_types
from roo_dbt.destinations.protocol import Object

PEOPLE: list[tuple[str | None, ...]] = [
    ("1", "A1", "ann@example.com", "ann", "shop", "7"),
    ("2", "a1", " ANN@example.com", "ann", "web", "07"),
    ("3", "A1", "bo@example.com", "ann", "shop", "8"),
    ("4", None, None, None, "shop", "9"),
    ("5", " ", "  ", "bo", None, "10"),
    ("6", "f6", "cy@example.com", "bo", "shop", "11"),
]
COLUMNS = "id, external_id, email, alias_name, alias_label, crm_number"

NOBODY, TWICE = "null or blank", "the same user in several rows"
TESTS: dict[str, tuple[str, dict[str, Any], dict[str, str]]] = {
    "by_external_id": (
        "external_id",
        {"vendor": "braze"},
        {"1": TWICE, "3": TWICE, "4": NOBODY, "5": NOBODY},
    ),
    "by_email": ("email", {"vendor": "iterable"}, {"1": TWICE, "2": TWICE, "4": NOBODY, "5": NOBODY}),
    "by_email_if_any": ("email", {"vendor": "iterable", "allow_nulls": True}, {"1": TWICE, "2": TWICE}),
    "by_alias": (
        "alias_name",
        {"vendor": "braze", "field": "user_alias.alias_name", "beside": ["alias_label"]},
        {"1": TWICE, "3": TWICE, "4": NOBODY, "5": NOBODY},
    ),
    "by_email_as_it_is": ("email", {"compare": "exact"}, {"4": NOBODY, "5": NOBODY}),
    "by_number": ("crm_number", {"vendor": "webhook", "field": "id"}, {}),
}
"""By name: the column, the arguments, and the keys of the rows that the test lists, with its reasons."""

DESTINATIONS = {
    "by_external_id": {"app": "braze", "mapping": {"external_id": "external_id", "home_city": "email"}},
    "by_email": {"app": "iterable", "mapping": {"email": "email", "city": "external_id"}},
    "by_alias": {
        "app": "braze",
        "mapping": {
            "user_alias.alias_name": "alias_name",
            "user_alias.alias_label": "alias_label",
            "home_city": "email",
        },
    },
}


def declared() -> dict[str, Any]:
    """The model with its tests, which warn, and with a destination for three of them."""
    tests: dict[str, list[object]] = {}
    for name, (column, arguments, _) in TESTS.items():
        test = {"arguments": arguments, "name": name, "config": {"severity": "warn"}}
        tests.setdefault(column, []).append({"roo_dbt.unique_identifier": test})
    destinations = [{"name": name, "sync_mode": "additive", **one} for name, one in DESTINATIONS.items()]
    return {
        "models": [
            {
                "name": "people",
                "config": {"meta": {"roo": {"key": "id", "destinations": destinations}}},
                "columns": [{"name": name, "data_tests": listed} for name, listed in tests.items()],
            }
        ]
    }


@pytest.fixture(scope="module")
def built(lab: Lab) -> Lab:
    """The project after `dbt build`."""
    lab.write("models/people.yml", declared())
    lab.write("models/people.sql", values(PEOPLE, COLUMNS))
    said = lab.ran("build")
    assert " ERROR=0 " in said
    return lab


def test_it_lists_the_rows_that_are_one_user_as_the_vendor_compares_them(built: Lab) -> None:
    found: dict[str, dict[str, str]] = {
        name: dict(built.rows(f"select id, roo_dbt_problem from main_dbt_test__audit.{name}"))
        for name in TESTS
    }

    assert found == {name: wanted for name, (_, _, wanted) in TESTS.items()}


def test_a_sync_refuses_the_same_rows_but_for_the_one_that_goes(built: Lab) -> None:
    built.synced(returncode=1)

    for name in DESTINATIONS:
        refused: dict[str, str] = dict(
            built.rows(
                f"select key, code from main_roo.roo_outcomes "
                f"where destination = '{name}' and outcome = 'failed'"
            )
        )
        listed = TESTS[name][2]
        first = min(key for key, why in listed.items() if why == TWICE)
        codes = {TWICE: "duplicate_identifier", NOBODY: "missing_identifier"}
        assert refused == {key: codes[why] for key, why in listed.items() if key != first}


@ON_DUCKDB
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            {"vendor": "brase", "field": "email"},
            "unknown vendor 'brase'. Known: braze, iterable, webhook. For another one write compare: exact,",
        ),
        (
            {"vendor": "iterable", "field": "firstName"},
            "'firstName' is no identifier of iterable. Write field: email, or field: userId.",
        ),
    ],
)
def test_what_it_cannot_know_stops_the_compilation_with_a_sentence(
    lab: Lab, arguments: dict[str, str], sentence: str
) -> None:
    said = lab.misused({"roo_dbt.unique_identifier": {"arguments": arguments}})

    assert sentence in " ".join(said.split())


def test_it_compares_as_the_destinations_do() -> None:
    text = (MACROS / "checks" / "identifiers.sql").read_text(encoding="utf-8")
    known: dict[tuple[str, str], str] = {}
    for vendor in app_types():
        for part in text.partition(f"'{vendor}': {{")[2].partition("}")[0].splitlines():
            if ":" in part:
                field, how = (word.strip(" ',") for word in part.split(":"))
                known[vendor, field] = how

    assert known == {
        (vendor, field): one.normalisation
        for vendor in app_types()
        for kind in objects(vendor)
        for one in kind.identifiers(stand_in(app_type(vendor), {}))
        for field in one.fields
    }


def objects(vendor: str) -> list[type[Object]]:
    """The objects of a vendor whose records are users."""
    return [kind for kind in app_type(vendor).objects.values() if kind.unique_identifier]
