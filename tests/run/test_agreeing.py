"""Mapped columns and the fields they go to: what `validate` knows alone, and what a plan asks for."""

from __future__ import annotations

from tests.run.shop import Shop

from roo_dbt.records import Problem
from roo_dbt.run import check, declared, plan


def warnings(shop: Shop) -> list[Problem]:
    """The warnings of a plan."""
    shop.write()
    shop.sandbox.clear_requests()
    return list(plan(shop.options(), environ=shop.environ).warnings)


def known(shop: Shop, **mapping: str) -> None:
    """Let the workspace know the attributes of a first sync."""
    shop.braze(mapping={"external_id": "id", **mapping})
    shop.sync()


def test_a_plan_warns_of_a_column_whose_type_is_not_the_one_of_the_workspace(shop: Shop) -> None:
    known(shop, score="ltv")
    shop.braze(mapping={"external_id": "id", "score": "city"})
    (warning,) = warnings(shop)
    assert (warning.id, warning.severity) == ("type-differs", "warning")
    assert str(warning) == (
        "warning [type-differs] models/schema.yml customers "
        "config.meta.roo.destinations[0].mapping.score: score is Number (Automatically Detected) in Braze and "
        f"gets {'VARCHAR' if shop.on.adapter == 'duckdb' else 'text'} here; Braze may ignore it without a word (got score)"
    )
    assert [(entry.method, entry.path) for entry in shop.sandbox.requests] == [("GET", "/custom_attributes")]


def test_a_plan_warns_of_an_attribute_on_the_blocklist(shop: Shop) -> None:
    known(shop, score="ltv")
    shop.sandbox.braze_blocklist = ["score"]
    assert [warning.id for warning in warnings(shop)] == ["blocklisted-attribute"]


def test_a_plan_without_keys_asks_nobody_and_warns_of_nothing(shop: Shop) -> None:
    known(shop, score="ltv")
    shop.braze(mapping={"external_id": "id", "score": "city"})
    shop.environ.clear()
    assert warnings(shop) == []
    assert shop.sandbox.requests == []


def test_a_vendor_that_does_not_tell_its_fields_is_asked_once_and_named(shop: Shop) -> None:
    known(shop, score="ltv")
    for status, said in ((403, "custom_attributes.get"), (503, "does not list its custom attributes")):
        shop.sandbox.clear_faults()
        shop.sandbox.fault("status", "/custom_attributes", status=status)
        (warning,) = warnings(shop)
        assert (warning.id, warning.path) == ("fields-not-compared", "vars.roo.apps.braze")
        assert said in warning.message
        assert len(shop.sandbox.requests) == 1


def test_a_disabled_destination_and_one_of_events_ask_for_no_fields(shop: Shop) -> None:
    shop.braze(enabled=False)
    assert warnings(shop) == []
    assert shop.sandbox.requests == []


def test_validate_knows_by_itself_which_columns_cannot_fill_a_standard_field(shop: Shop) -> None:
    shop.customers("SELECT 1 AS id, true AS opted_in, TIMESTAMP '2000-01-02' AS born, 5 AS city")
    shop.braze(
        mapping={"external_id": "id", "email_subscribe": "opted_in", "dob": "born", "home_city": "city"}
    )
    shop.write()
    shop.sandbox.clear_requests()
    found = declared(shop.options(), offline=False, environ={})
    assert [(problem.id, problem.value) for problem in found.problems] == [
        ("column-type", "email_subscribe"),
        ("column-type", "dob"),
        ("column-type", "home_city"),
    ]
    assert "case when" in found.problems[0].message
    assert shop.sandbox.requests == []


# --- Iterable ---------------------------------------------------------------------------------------


def people(shop: Shop, **mapping: str) -> None:
    """A destination of Iterable, beside no other."""
    shop.destinations = []
    shop.iterable(mapping={"email": "email", **mapping})


def test_a_plan_and_a_check_warn_of_a_column_whose_type_is_not_the_one_of_its_iterable_field(
    shop: Shop,
) -> None:
    people(shop, score="ltv")
    shop.sync()
    people(shop, score="city")
    (warning,) = warnings(shop)
    assert (warning.id, warning.severity, warning.value) == ("field-type", "warning", "score")
    text = "VARCHAR" if shop.on.adapter == "duckdb" else "text"
    said = f"is double in the project, and the column city is {text}: Iterable would refuse its values."
    assert warning.message == said
    assert [(entry.method, entry.path) for entry in shop.sandbox.requests] == [
        ("GET", "/api/users/getFields")
    ]
    findings = [finding.message for finding in check(shop.options(), shop.environ) if finding.ok]
    assert f"score: {said}" in findings


def test_a_plan_warns_of_a_project_that_has_nearly_as_many_fields_as_it_may(shop: Shop) -> None:
    people(shop, city="city", another="city")
    types = shop.sandbox.store.iterable.schema.types
    types |= {f"f{number}": "string" for number in range(900 - len(types))}
    (warning,) = warnings(shop)
    assert (warning.id, warning.severity) == ("many-fields", "warning")
    assert "the project has 902 profile fields, 2 of them made by this mapping" in warning.message


def test_a_reserved_field_of_iterable_is_refused_without_asking_anybody(shop: Shop) -> None:
    people(shop, signupSource="city", itblInternal="city")
    shop.write()
    shop.sandbox.clear_requests()
    found = declared(shop.options(), offline=True, environ={})
    assert [(problem.severity, problem.value) for problem in found.problems] == [
        ("error", "signupSource"),
        ("error", "itblInternal"),
    ]
    assert shop.sandbox.requests == []


def test_a_number_goes_to_iterable_as_the_type_that_its_field_has(shop: Shop) -> None:
    """The project has a string, a long and a double, whatever the columns are."""
    shop.sandbox.store.iterable.schema.types |= {"code": "string", "visits": "long", "score": "double"}
    people(shop, code="id", visits="ltv", score="id")
    shop.customers("SELECT 7 AS id, 'ann@example.com' AS email, CAST(12 AS DOUBLE PRECISION) AS ltv")
    assert shop.sync().status == "success"
    (sent,) = (entry.body for entry in shop.sandbox.requests if entry.path == "/api/users/bulkUpdate")
    fields = sent["users"][0]["dataFields"]
    assert fields == {"code": "7", "visits": 12, "score": 7.0}
    assert [type(fields[name]) for name in ("visits", "score")] == [int, float]
