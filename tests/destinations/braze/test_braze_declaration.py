"""What Braze objects to in a declaration, and what sending costs."""

from __future__ import annotations

import pytest
from tests.destinations.braze.braze_samples import APP, destination

from roo_dbt.destinations.braze.column_types import Family, family
from roo_dbt.destinations.braze.fields import CONSENT, NAMES, RESERVED
from roo_dbt.destinations.braze.users import Users
from roo_dbt.records import Column, Problem


def problems(*names: str, **options: object) -> list[Problem]:
    return list(Users.check_mapping(APP, destination(*names, options=options)))


def column_problems(field: str, sql_type: str) -> list[Problem]:
    users = Users(APP, destination("external_id", field))
    return list(users.check_columns({field: Column("some_column", sql_type)}))


def test_a_plain_mapping_has_no_problem() -> None:
    names = ("external_id", "email", "phone", "High value", "address.city", "facebook.id", "twitter")
    assert (
        problems(*names, "current_location.latitude", "current_location.longitude", merge_objects=True) == []
    )


def test_users_are_found_by_external_id() -> None:
    assert [identifier.fields for identifier in Users.identifiers(APP)] == [("external_id",)]
    assert Users.modes == {"sync", "additive", "enrich"}


@pytest.mark.parametrize("name", ["braze_id", "user_alias.alias_name", "user_alias.alias_label"])
def test_another_primary_identifier_is_not_supported_yet(name: str) -> None:
    (problem,) = problems("external_id", name)
    assert (problem.id, problem.severity) == ("not-supported-yet", "error")
    assert problem.path == f"config.meta.roo.destinations[0].mapping.{name}"
    assert (problem.file, problem.model) == ("models/customers.yml", "customers")


@pytest.mark.parametrize("name", ["email", "phone"])
def test_an_email_or_phone_alone_is_not_supported_yet(name: str) -> None:
    (problem,) = problems(name, "plan")
    assert problem.id == "not-supported-yet"
    assert "map external_id as well" in problem.message


@pytest.mark.parametrize("options", [{"verify": True}, {"groups_attribute": "groups"}])
def test_settings_without_an_effect_are_refused(options: dict[str, object]) -> None:
    (problem,) = problems("external_id", **options)
    assert problem.id == "not-supported-yet"
    assert problem.path == f"config.meta.roo.destinations[0].{next(iter(options))}"


@pytest.mark.parametrize(
    ("names", "problem_id", "text"),
    [
        (("$plan",), "invalid-field-name", "starts with $"),
        (("plan ",), "invalid-field-name", "which Braze trims"),
        (("address.postal code",), "invalid-field-name", "a blank, a dot or a $"),
        (("email.domain",), "unknown-field", "email is a single value"),
        (("current_location.latitude",), "missing-field", "only with current_location.longitude"),
    ],
)
def test_a_mapping_that_braze_would_not_take_is_refused(
    names: tuple[str, ...], problem_id: str, text: str
) -> None:
    (problem,) = problems("external_id", *names)
    assert problem.id == problem_id
    assert text in problem.message


def test_the_path_of_a_name_that_is_not_plain_is_quoted() -> None:
    (problem,) = problems("external_id", "a.two words")
    assert problem.path == 'config.meta.roo.destinations[0].mapping["a.two words"]'


def test_an_unknown_part_of_a_standard_object_names_the_nearest() -> None:
    (problem,) = problems("external_id", "twitter.follower_count")
    assert (problem.id, problem.nearest) == ("unknown-field", "twitter.followers_count")


def test_control_keys_and_withdrawn_fields_are_reserved_with_a_reason() -> None:
    assert {"_update_existing_only", "_merge_objects", "push_token_import", "bio"} <= RESERVED.keys()
    assert all(RESERVED.values())
    assert not RESERVED.keys() & NAMES


def test_the_subscription_states_are_the_consent_fields() -> None:
    assert {"email_subscribe", "push_subscribe"} == CONSENT


@pytest.mark.parametrize(
    ("sql_type", "kind"),
    [
        ("BOOLEAN", "boolean"),
        ("bool", "boolean"),
        ("BIGINT", "number"),
        ("UBIGINT", "number"),
        ("INT64", "number"),
        ("DECIMAL(18,2)", "number"),
        ("NUMBER(38, 0)", "number"),
        ("double precision", "number"),
        ("FLOAT8", "number"),
        ("VARCHAR", "text"),
        ("character varying(255)", "text"),
        ("STRING", "text"),
        ("UUID", "text"),
        ("ENUM('a', 'b')", "text"),
        ("DATE", "date"),
        ("TIMESTAMP WITH TIME ZONE", "time"),
        ("TIMESTAMP_NTZ(9)", "time"),
        ("DATETIME", "time"),
        ("STRUCT(a INTEGER, b DECIMAL(1,0))", "object"),
        ("MAP(VARCHAR, INTEGER)", "object"),
        ("VARCHAR[]", "array"),
        ("STRUCT(a INTEGER)[]", "array"),
        ("ARRAY<STRING>", "array"),
        ("BLOB", "binary"),
        ("bytea", "binary"),
        ("JSON", "any"),
        ("VARIANT", "any"),
        ("INTERVAL", "any"),
        ("", "any"),
    ],
)
def test_sql_types_are_known_in_every_warehouses_spelling(sql_type: str, kind: Family) -> None:
    assert family(sql_type) == kind


@pytest.mark.parametrize(
    ("field", "sql_type"),
    [
        ("external_id", "BIGINT"),
        ("external_id", "UUID"),
        ("email", "VARCHAR"),
        ("email", "JSON"),
        ("dob", "DATE"),
        ("dob", "VARCHAR"),
        ("date_of_first_session", "TIMESTAMP"),
        ("email_open_tracking_disabled", "BOOLEAN"),
        ("current_location.latitude", "DOUBLE"),
        ("current_location", "STRUCT(latitude DOUBLE, longitude DOUBLE)"),
        ("anything", "STRUCT(a INTEGER)[]"),
    ],
)
def test_a_column_that_fits_has_no_problem(field: str, sql_type: str) -> None:
    assert column_problems(field, sql_type) == []


@pytest.mark.parametrize(
    ("field", "sql_type", "text"),
    [
        ("email", "BOOLEAN", "some_column is BOOLEAN: email takes an e-mail."),
        ("external_id", "DATE", "external_id takes text."),
        ("first_name", "INTEGER", "first_name takes text."),
        ("dob", "TIMESTAMP", "dob takes a date. Cast it to date."),
        ("email_subscribe", "BOOLEAN", "then 'opted_in' else 'unsubscribed' end"),
        ("email_open_tracking_disabled", "VARCHAR", "takes a boolean."),
        ("current_location.latitude", "VARCHAR", "takes a number."),
        ("current_location", "VARCHAR", "takes an object."),
        ("country", "VARCHAR[]", "takes a code."),
        ("photo", "BLOB", "no binary values"),
    ],
)
def test_a_column_that_cannot_fit_is_an_error(field: str, sql_type: str, text: str) -> None:
    (problem,) = column_problems(field, sql_type)
    assert (problem.id, problem.severity) == ("column-type", "error")
    assert text in problem.message


def test_a_numeric_phone_is_a_warning() -> None:
    (problem,) = column_problems("phone", "BIGINT")
    assert (problem.id, problem.severity) == ("column-type", "warning")


@pytest.mark.parametrize(
    ("fields", "points"),
    [
        ({}, 0),
        ({"external_id": 10, "email_subscribe": 10, "push_subscribe": 10, "image_url": 10}, 0),
        ({"email": 10, "first_name": 5, "country": 1}, 16),
        ({"plan": 10, "ltv": 3}, 13),
        ({"address.city": 4, "address.zip": 4}, 8),
        ({"current_location.latitude": 4, "current_location.longitude": 6}, 6),
        ({"twitter": 5, "facebook.id": 5}, 0),
    ],
)
def test_data_points_count_custom_and_billed_fields(fields: dict[str, int], points: int) -> None:
    assert Users(APP, destination("external_id")).data_points(fields) == points
