"""What keeps a run from starting: one sentence each, exit code 2, and nothing sent."""

from __future__ import annotations

from typing import Any

import pytest
from tests.run.engines import DUCKDB
from tests.run.shop import Shop, counted

from roo_dbt.errors import ConfigurationProblem, RooError, TargetRefused, UsageProblem, WarehouseUnavailable


def refused(shop: Shop, kind: type[RooError], **options: Any) -> str:
    """Sync, and what is said instead."""
    with pytest.raises(kind) as caught:
        shop.report(**options)
    assert caught.value.exit_code == 2
    assert shop.sandbox.requests == []
    text = str(caught.value)
    assert not any(secret in text for secret in shop.environ.values())
    return text


def test_a_column_that_the_table_does_not_have(shop: Shop) -> None:
    shop.braze(mapping={"external_id": "id", "home_city": "citty"})
    text = refused(shop, ConfigurationProblem)
    assert "[unknown-column]" in text
    assert "Did you mean city?" in text
    assert "models/schema.yml customers config.meta.roo.destinations[0].mapping.home_city" in text


def test_a_table_that_is_not_there(shop: Shop) -> None:
    shop.sql("DROP TABLE customers")
    text = refused(shop, ConfigurationProblem)
    assert "[missing-table]" in text
    assert "dbt build --select customers" in text


def test_a_condition_that_the_warehouse_refuses(shop: Shop) -> None:
    shop.braze(where="cities = 'Oslo'")
    assert "[where-refused]" in refused(shop, ConfigurationProblem)


@pytest.mark.parametrize("where", ["true; DROP TABLE customers", "true) ; DROP TABLE customers; --"])
def test_a_condition_that_is_more_than_one(shop: Shop, where: str) -> None:
    shop.braze(where=where)
    assert "leave out the semicolon" in refused(shop, ConfigurationProblem)
    assert shop.sql("SELECT count(*) FROM customers") == [(3,)]


@pytest.mark.parametrize(
    "where",
    [
        "$$'$$ = 'x') ; DROP TABLE customers; SELECT 1 WHERE ($$'$$ = $$'$$",
        "$a$;$a$ = city",
        "true /* ' */ ; DROP TABLE customers -- '",
    ],
)
def test_nothing_hides_in_a_condition(shop: Shop, where: str) -> None:
    shop.braze(where=where)
    assert "[where-refused]" in refused(shop, ConfigurationProblem)
    assert shop.sql("SELECT count(*) FROM customers") == [(3,)]


def test_a_semicolon_inside_quotes_is_only_text(shop: Shop) -> None:
    shop.braze(where="city <> 'a;b' OR city IS NULL")
    assert counted(shop.sync()) == {"created": 3}


def test_a_comment_at_the_end_of_a_condition_hides_nothing(shop: Shop) -> None:
    shop.braze(where="id > 1 -- the rest")
    assert counted(shop.sync()) == {"created": 2}


def test_every_variable_that_is_not_set_is_named_at_once(shop: Shop) -> None:
    shop.iterable()
    shop.environ.clear()
    text = refused(shop, ConfigurationProblem)
    assert "BRAZE_KEY" in text
    assert "ITERABLE_KEY" in text


def test_a_variable_of_an_app_that_is_not_contacted_is_not_missed(shop: Shop) -> None:
    del shop.environ["ITERABLE_KEY"]
    assert counted(shop.sync()) == {"created": 3}


def test_a_secret_written_out(shop: Shop) -> None:
    shop.roo["apps"]["braze"]["api_key"] = "a-literal-key"
    text = refused(shop, ConfigurationProblem)
    assert "[literal-secret]" in text
    assert "a-literal-key" not in text


def test_a_target_that_may_only_plan(shop: Shop) -> None:
    shop.roo["targets"] = ["prod"]
    text = refused(shop, TargetRefused)
    assert "the target dev may not send" in text
    assert shop.plan().counts.create == 3


def test_an_endpoint_beyond_this_machine_needs_targets(shop: Shop) -> None:
    shop.roo["apps"]["braze"]["rest_endpoint"] = "https://rest.iad-01.braze.com"
    assert "[targets-missing]" in refused(shop, ConfigurationProblem)


def test_an_unknown_destination(shop: Shop) -> None:
    text = refused(shop, UsageProblem, destinations=("braze_costumers",))
    assert "Did you mean braze_customers?" in text


@DUCKDB
def test_no_database(shop: Shop) -> None:
    shop.file.unlink()
    text = refused(shop, WarehouseUnavailable)
    assert "dbt build" in text


def test_several_problems_are_told_together(shop: Shop) -> None:
    shop.braze("snyc", mapping={"external_id": "idd", "Email": "email"})
    text = refused(shop, ConfigurationProblem)
    assert text.count("error [") >= 3


@pytest.mark.parametrize("key", ["wrong", "no-permission"])
def test_a_key_that_the_vendor_refuses_ends_the_run_with_2_when_nothing_was_sent(
    shop: Shop, key: str
) -> None:
    shop.environ["BRAZE_KEY"] = key
    report = shop.report()
    assert (report.results[0].status, report.exit_code) == ("error", 2)
    assert "braze" in str(report.results[0].message)


def test_a_key_that_the_vendor_refuses_ends_the_run_with_1_when_others_were_served(shop: Shop) -> None:
    shop.iterable()
    shop.environ["BRAZE_KEY"] = "wrong"
    report = shop.report()
    assert [result.status for result in report.results] == ["error", "success"]
    assert report.exit_code == 1


def test_fail_fast_starts_no_further_destination(shop: Shop) -> None:
    shop.braze(where="id = 1")
    shop.destinations.append({**shop.destinations[0], "name": "braze_z", "where": "id = 2"})
    shop.sandbox.fault("item", "/users/track", ids=["1"])
    report = shop.report(fail_fast=True)
    assert [result.status for result in report.results] == ["partial", "skipped"]
    assert report.exit_code == 1
    assert shop.sandbox.braze_users == {}


def test_an_endpoint_whose_variable_is_not_set_is_named(shop: Shop) -> None:
    shop.roo["apps"]["braze"]["rest_endpoint"] = "${NO_SUCH_ENDPOINT}"
    assert "NO_SUCH_ENDPOINT" in refused(shop, ConfigurationProblem)
    assert shop.plan().counts.create == 3


def test_a_condition_that_closes_more_than_it_opens(shop: Shop) -> None:
    shop.braze(where="true) OR (true")
    assert "parentheses do not match" in refused(shop, ConfigurationProblem)


def test_a_plan_against_a_schema_without_state_says_so(shop: Shop) -> None:
    shop.sync()
    assert "no earlier sync is recorded in the schema nope" in " ".join(shop.plan(state_schema="nope").notes)
