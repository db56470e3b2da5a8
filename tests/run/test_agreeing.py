"""Mapped columns and the fields they go to: what `validate` knows alone, and what a plan asks for."""

from __future__ import annotations

from tests.run.shop import Shop

from roo_dbt.records import Problem
from roo_dbt.run import declared, plan


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
