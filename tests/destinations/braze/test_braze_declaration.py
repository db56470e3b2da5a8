"""What Braze objects to in a declaration, and what sending costs."""

from __future__ import annotations

import pytest
from tests.destinations.braze.braze_samples import APP, destination

from roo_dbt.destinations.braze.column_types import Family, family
from roo_dbt.destinations.braze.fields import ALIAS_LABEL, ALIAS_NAME, CONSENT, NAMES, RESERVED
from roo_dbt.destinations.braze.users import Users
from roo_dbt.records import Column, Group, Problem, SyncMode


def problems(
    *names: str,
    identifier: tuple[str, ...] = ("external_id",),
    mode: SyncMode = "sync",
    groups: tuple[Group, ...] = (),
    **options: object,
) -> list[Problem]:
    declared = destination(*names, options=options, identifier=identifier, mode=mode, groups=groups)
    return list(Users.check_mapping(APP, declared))


def column_problems(field: str, sql_type: str) -> list[Problem]:
    users = Users(APP, destination("external_id", field))
    return list(users.check_columns({field: Column("some_column", sql_type)}))


def test_a_plain_mapping_has_no_problem() -> None:
    names = ("external_id", "email", "phone", "High value", "address.city", "facebook.id", "twitter")
    assert (
        problems(*names, "current_location.latitude", "current_location.longitude", merge_objects=True) == []
    )


def test_users_are_found_by_an_id_an_alias_or_an_address() -> None:
    assert [(one.fields, one.normalisation) for one in Users.identifiers(APP)] == [
        (("external_id",), "exact"),
        (("braze_id",), "exact"),
        (("user_alias.alias_name", "user_alias.alias_label"), "exact"),
        (("email",), "lower"),
        (("phone",), "exact"),
    ]
    assert Users.modes == {"sync", "additive", "enrich"}
    assert Users.groups == {"name", "from", "subscription_group_id"}


# --- edge case 12: exactly one identifier --------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("external_id", "braze_id"), "external_id and braze_id are mapped"),
        (("external_id", ALIAS_NAME, ALIAS_LABEL), "external_id and user_alias are mapped"),
        (("braze_id", ALIAS_NAME, ALIAS_LABEL), "braze_id and user_alias are mapped"),
    ],
)
def test_two_primary_identifiers_are_refused(names: tuple[str, ...], words: str) -> None:
    (problem,) = problems(*names, identifier=(names[0],), mode="enrich")
    assert (problem.id, problem.severity) == ("identifier-conflict", "error")
    assert problem.message == f"Braze takes exactly one of external_id, braze_id and user_alias, and {words}"
    assert problem.path == f"config.meta.roo.destinations[0].mapping.{names[1]}"
    assert (problem.file, problem.model) == ("models/customers.yml", "customers")


@pytest.mark.parametrize("address", ["email", "phone"])
def test_an_address_identifies_users_only_where_no_primary_identifier_is_mapped(address: str) -> None:
    assert problems(address, "plan", identifier=(address,)) == []
    (problem,) = problems("external_id", address, identifier=(address,))
    assert problem.id == "identifier-conflict"
    assert problem.message == (
        f"Braze looks a user up by {address} only in objects without external_id; leave one of them out"
    )


def test_a_phone_number_identifies_users_only_without_an_email() -> None:
    (problem,) = problems("phone", "email", identifier=("phone",))
    assert (problem.id, problem.value) == ("identifier-conflict", "phone")
    assert "by the e-mail as soon as an object has one" in problem.message
    assert problems("phone", "email", identifier=("email",)) == []


@pytest.mark.parametrize(("half", "other"), [(ALIAS_NAME, ALIAS_LABEL), (ALIAS_LABEL, ALIAS_NAME)])
def test_half_an_alias_is_refused(half: str, other: str) -> None:
    (problem,) = problems("email", half, identifier=("email",))[:1]
    assert (problem.id, problem.message) == (
        "missing-field",
        f"an alias is a name and a label: {other} is not mapped",
    )


# --- edge case 18: users by alias ----------------------------------------------------------------


def test_enrich_with_an_alias_warns_that_nobody_is_created() -> None:
    alias = (ALIAS_NAME, ALIAS_LABEL)
    (problem,) = problems(*alias, "plan", identifier=alias, mode="enrich")
    assert (problem.id, problem.severity) == ("alias-never-created", "warning")
    assert "enrich never creates users that have only an alias" in problem.message
    assert problems(*alias, "plan", identifier=alias, mode="sync") == []


def test_a_braze_id_warns_that_nobody_is_created() -> None:
    (problem,) = problems("braze_id", "plan", identifier=("braze_id",), mode="additive")
    assert (problem.id, problem.severity) == ("braze-id-never-created", "warning")
    assert problems("braze_id", "plan", identifier=("braze_id",), mode="enrich") == []


def test_verify_without_enrich_has_no_effect() -> None:
    (problem,) = problems("external_id", verify=True)
    assert (problem.id, problem.severity) == ("setting-without-effect", "warning")
    assert problem.path == "config.meta.roo.destinations[0].verify"
    assert problems("external_id", verify=True, mode="enrich") == []


# --- groups --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        ("email", "is a standard field"),
        ("push_tokens", "is a standard field"),
        ("$groups", "starts with $"),
        (" groups", "which Braze trims"),
        ("a.b", "has parts"),
    ],
)
def test_a_groups_attribute_that_braze_would_not_take_is_refused(attribute: str, text: str) -> None:
    (problem,) = problems("external_id", groups_attribute=attribute)
    assert problem.id == "invalid-field-name"
    assert problem.path == "config.meta.roo.destinations[0].groups_attribute"
    assert text in problem.message


@pytest.mark.parametrize("name", ["groups", "groups.main"])
def test_the_groups_attribute_cannot_be_mapped_as_well(name: str) -> None:
    (problem,) = problems("external_id", name, groups=(Group("is_vip", name="VIP"),))
    assert (problem.id, problem.value) == ("field-conflict", name)
    assert problems("external_id", name) == []
    subscription = Group("optin", subscription_group_id="7a1c9e62-2b1f-4b0c-9f0e-6f1f1a2b3c4d")
    assert problems("external_id", name, groups=(subscription,)) == []


def test_the_name_of_a_group_has_a_length() -> None:
    (problem,) = problems("external_id", groups=(Group("is_vip", name="x" * 256),))
    assert (problem.id, problem.path) == (
        "invalid-group-name",
        "config.meta.roo.destinations[0].groups[0].name",
    )


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
