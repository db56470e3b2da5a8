"""`roo-dbt generate`: the block that it prints is one that `validate` accepts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from tests.run.shop import Shop

Run = Callable[..., Any]

COLUMNS = {
    "customer_id": "INTEGER",
    "email": "VARCHAR",
    "first_name": "VARCHAR",
    "birth_date": "DATE",
    "country_code": "VARCHAR",
    "mobile": "VARCHAR",
    "ltv": "DOUBLE",
    "email_subscribe": "VARCHAR",
    "picture": "BLOB",
    "yes": "BOOLEAN",
}
ORDERS = {
    "order_id": "INTEGER",
    "customer_id": "INTEGER",
    "email": "VARCHAR",
    "total": "DOUBLE",
    "at": "TIMESTAMP",
}


def table(shop: Shop, columns: dict[str, str]) -> None:
    """The model's table with these columns, and a manifest that declares nothing yet."""
    listed = ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())
    shop.sql(f"CREATE OR REPLACE TABLE customers ({listed})")
    shop.destinations = []
    describe(shop, meta={})


def describe(shop: Shop, **facts: Any) -> None:
    """Change what the manifest says about the model."""
    shop.write()
    path = shop.folder / "target" / "manifest.json"
    manifest = json.loads(path.read_text())
    node = manifest["nodes"]["model.shop.customers"]
    if "meta" in facts:
        node["config"]["meta"] = facts.pop("meta")
        node["unrendered_config"] = {}
        del node["meta"]
    tests = facts.pop("tests", {})
    node |= facts
    for number, (name, arguments) in enumerate(tests):
        unique_id = f"test.shop.{name}.{number}"
        manifest["nodes"][unique_id] = {
            "unique_id": unique_id,
            "resource_type": "test",
            "name": unique_id,
            "attached_node": "model.shop.customers",
            "test_metadata": {"name": name, "kwargs": arguments},
            "config": {},
            "depends_on": {"nodes": ["model.shop.customers"]},
        }
    path.write_text(json.dumps(manifest))


def pasted(shop: Shop, text: str) -> dict[str, Any]:
    """What dbt would make of the block, written into the manifest."""
    (entry,) = yaml.safe_load(text)["models"]
    assert entry["name"] == "customers"
    meta: dict[str, Any] = entry["config"]["meta"]
    describe(shop, meta=meta)
    roo: dict[str, Any] = meta["roo"]
    return roo


def test_a_block_for_braze_users_is_valid_as_it_is(run: Run, shop: Shop) -> None:
    table(shop, COLUMNS)

    made = run("generate", "braze", "customers")
    roo = pasted(shop, made.out)

    assert made.code == 0
    assert run("validate").code == 0
    assert roo["key"] == "customer_id"
    (block,) = roo["destinations"]
    assert (block["name"], block["app"], block["object"], block["sync_mode"]) == (
        "braze_customers",
        "braze",
        "users",
        "additive",
    )
    assert block["mapping"] == {
        "external_id": "customer_id",
        "email": "email",
        "phone": "mobile",
        "first_name": "first_name",
        "dob": "birth_date",
        "country": "country_code",
    }


def test_what_could_go_as_well_is_a_comment_and_what_cannot_go_is_nowhere(run: Run, shop: Shop) -> None:
    table(shop, COLUMNS)

    lines = [line.strip() for line in run("generate", "braze:users", "customers").out.splitlines()]

    assert "# ltv: ltv # DOUBLE" in lines
    assert "# 'yes': 'yes' # BOOLEAN" in lines
    assert "# email_subscribe: email_subscribe # subscription state: whose consent is it?" in lines
    assert not any("picture" in line for line in lines)


def test_every_suggested_custom_field_is_valid_once_its_comment_is_taken_away(run: Run, shop: Shop) -> None:
    table(shop, {name: type_ for name, type_ in COLUMNS.items() if name != "email_subscribe"})
    text = run("generate", "iterable", "customers").out

    uncommented = re.sub(r"^( +)# (?!More)", r"\1", text, flags=re.MULTILINE)
    roo = pasted(shop, uncommented)

    assert {"ltv", "yes"} <= roo["destinations"][0]["mapping"].keys()
    assert run("validate").code == 0


@pytest.mark.parametrize(("what", "user"), [("braze:events", "external_id"), ("iterable:events", "email")])
def test_a_block_for_events_is_valid_and_sends_nothing_old(
    run: Run, shop: Shop, what: str, user: str
) -> None:
    table(shop, ORDERS)

    roo = pasted(shop, run("generate", what, "customers").out)

    (block,) = roo["destinations"]
    assert run("validate").code == 0
    assert block["first_sync"] == "baseline"
    assert "sync_mode" not in block
    assert user in block["mapping"]
    assert "at" in block["mapping"].values()
    assert {"value": "Customers"} in block["mapping"].values()


def test_what_nobody_can_guess_is_to_do(run: Run, shop: Shop) -> None:
    table(shop, ORDERS)

    made = run("generate", "braze:purchases", "customers")

    assert "# TO DO purchases need the field currency" in made.out
    assert "Fill in what says TO DO first." in made.err


def test_a_column_whose_type_does_not_fit_is_offered_with_the_reason(run: Run, shop: Shop) -> None:
    table(shop, {"customer_id": "INTEGER", "dob": "BOOLEAN"})

    made = run("generate", "braze", "customers")

    assert "# dob: dob # dob is BOOLEAN: dob takes a date." in made.out
    pasted(shop, made.out)
    assert run("validate").code == 0


@pytest.mark.parametrize(
    ("facts", "key", "why"),
    [
        (
            {"tests": [("unique", {"column_name": "email"}), ("unique", {"column_name": "order_id"}),
                       ("not_null", {"column_name": "order_id"}), ("not_null", {"column_name": "email"})]},
            "order_id",
            "its tests say unique and not_null",
        ),
        (
            {"tests": [("unique_combination_of_columns", {"combination_of_columns": ["order_id", "at"]})]},
            ["order_id", "at"],
            "a test says unique",
        ),
        ({"tests": [("unique", {"column_name": "email"})]}, "email", "none says not_null; never null"),
        ({"config": {"unique_key": ["order_id", "email"]}}, ["order_id", "email"], "the model's unique_key"),
        ({"name": "orders"}, "order_id", "guessed from its name"),
        ({"config": {"meta": {"roo": {"key": "at"}}}}, "at", "key: at\n"),
    ],
)  # fmt: skip
def test_the_key_is_what_tests_and_config_say(
    run: Run, shop: Shop, facts: dict[str, Any], key: Any, why: str
) -> None:
    table(shop, ORDERS)
    describe(shop, **{"meta": {}, **facts})

    made = run("generate", "braze:events", facts.get("name", "customers"))

    assert yaml.safe_load(made.out)["models"][0]["config"]["meta"]["roo"]["key"] == key
    assert why in made.out


def test_without_a_table_the_columns_are_those_of_the_yaml(run: Run, shop: Shop) -> None:
    shop.sql("DROP TABLE customers")
    shop.destinations = []
    described = {"id": {"name": "id"}, "email": {"name": "email", "data_type": "varchar"}}
    describe(shop, meta={}, columns=described)

    made = run("generate", "braze", "customers")

    assert yaml.safe_load(made.out)["models"][0]["config"]["meta"]["roo"]["destinations"][0]["mapping"] == {
        "external_id": "id",
        "email": "email",
    }
    assert "The columns are from the model's YAML, because there is no table yet." in made.err


def test_a_model_without_any_column_is_refused(run: Run, shop: Shop) -> None:
    shop.sql("DROP TABLE customers")

    made = run("generate", "braze", "customers")

    assert (made.code, made.out) == (2, "")
    assert "Type dbt build --select customers" in made.err


def test_a_model_with_destinations_gets_one_more_item_under_a_free_name(run: Run, shop: Shop) -> None:
    made = run("generate", "braze", "customers")

    (item,) = yaml.safe_load(made.out)
    assert item["name"] == "braze_customers_2"
    assert "as one more of the model's destinations" in made.err


def test_a_project_without_the_app_is_told_so(run: Run, shop: Shop) -> None:
    table(shop, COLUMNS)
    del shop.roo["apps"]["braze"]
    describe(shop, meta={})

    assert "roo-dbt init braze adds one" in run("generate", "braze", "customers").err


def test_the_block_can_be_json(run: Run, shop: Shop) -> None:
    table(shop, COLUMNS)

    facts = json.loads(run("generate", "braze", "customers", "--output", "json", "--quiet").out)

    assert (facts["event"], facts["model"], facts["file"]) == ("block", "customers", "models/schema.yml")
    assert yaml.safe_load(facts["yaml"])["models"]
    assert facts["missing"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("brase", "customers"), "Did you mean braze?"),
        (("braze:user", "customers"), "Did you mean users?"),
        (("braze", "custmers"), "Did you mean customers?"),
        (("braze", "zzz"), "If it is new, run dbt parse first."),
        (("braze",), "Type roo-dbt generate braze MODEL."),
    ],
)
def test_a_wrong_name_gets_the_nearest(run: Run, shop: Shop, arguments: tuple[str, ...], said: str) -> None:
    made = run("generate", *arguments)

    assert (made.code, made.out) == (2, "")
    assert said in made.err


def test_describe_explains_instead(run: Run) -> None:
    assert run("generate", "braze:users", "--describe").out == run("describe", "braze:users").out
