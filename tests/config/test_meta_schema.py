"""The JSON Schema of the block says what the validation says."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any, Literal, get_args, get_origin

import jsonschema
import pytest
import yaml

from roo_dbt.config import Declarations, file_schema, json_schema
from roo_dbt.config.blocks import Block, DestinationBlock, GroupBlock, MappingLine, ModelBlock
from roo_dbt.destinations import app_type
from roo_dbt.errors import ConfigurationProblem
from roo_dbt.project.example import example_project

Declare = Callable[..., Declarations]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The schema for the vendor of these tests."""
    return json_schema([app_type("postbox"), app_type("braze"), app_type("iterable")])


def test_the_schema_is_valid_json_schema(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


def properties(part: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property that a schema describes, at any depth."""
    if isinstance(part, dict):
        for name, one in (
            part.get("properties", {}).items() if isinstance(part.get("properties"), dict) else ()
        ):
            yield f"{path}.{name}", one
        for name, one in part.items():
            yield from properties(one, f"{path}.{name}")
    elif isinstance(part, list):
        for one in part:
            yield from properties(one, path)


@pytest.mark.parametrize("whole", [json_schema, file_schema])
def test_every_property_at_any_depth_is_described(whole: Callable[..., dict[str, Any]]) -> None:
    described = whole([app_type("braze"), app_type("iterable")])
    found = dict(properties(described))
    assert len(found) > 30
    assert [path for path, one in found.items() if not one.get("description") and "$ref" not in one] == []


@pytest.mark.parametrize("block", [ModelBlock, DestinationBlock, MappingLine, GroupBlock])
def test_every_setting_with_fixed_choices_lists_them(schema: dict[str, Any], block: type[Block]) -> None:
    part = schema if block is ModelBlock else schema["$defs"][block.__name__]
    part = next((one for one in part.get("anyOf", ()) if "properties" in one), part)
    for name, info in block.model_fields.items():
        choices = literals(info.annotation)
        if choices:
            assert choices <= set(enums(part["properties"][info.alias or name])), name


def literals(annotation: Any) -> set[str]:
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    return {choice for each in get_args(annotation) for choice in literals(each)}


def enums(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from part.get("enum", ())
        for one in part.values():
            yield from enums(one)
    elif isinstance(part, list):
        for one in part:
            yield from enums(one)


def test_the_objects_of_the_vendors_are_choices(schema: dict[str, Any]) -> None:
    offered = set(enums(schema["$defs"]["DestinationBlock"]["properties"]["object"]))
    assert {"users", "events", "purchases", "subscriptions"} <= offered


def test_defaults_are_offered_as_they_are_written(schema: dict[str, Any]) -> None:
    settings = schema["$defs"]["DestinationBlock"]["properties"]
    assert (settings["delete_limit"]["default"], settings["allowed_failures"]["default"]) == ("10%", "0")


def test_a_whole_file_is_checked_and_what_is_dbts_own_left_alone() -> None:
    whole = file_schema([app_type("braze"), app_type("iterable")])
    jsonschema.Draft7Validator.check_schema(whole)
    for file in ("customers.yml", "subscribers.yml"):
        document = yaml.safe_load((example_project() / "models" / file).read_text(encoding="utf-8"))
        jsonschema.Draft7Validator(whole).validate(document)
        meta = document["models"][0]["config"]["meta"]["roo"]
        meta["destinations"][0]["sync_mode"] = "snyc"
        meta["destinations"][0]["mappings"] = {}
        wrong = list(jsonschema.Draft7Validator(whole).iter_errors(document))
        assert {error.validator for error in wrong} == {"anyOf", "additionalProperties"}
    column = {"name": "plan", "config": {"meta": {"roo": {"braze": ["plan"]}}}}
    beside = {"models": [{"name": "x", "columns": [column]}], "unit_tests": [1]}
    (error,) = jsonschema.Draft7Validator(whole).iter_errors(beside)
    assert list(error.absolute_path)[-3:] == ["meta", "roo", "braze"]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"delete_limit": "10%", "allowed_failures": 5, "identifier": ["email"], "ttl_days": 3},
        {"mapping": {"external_id": {"column": "id", "nulls": "ignore"}, "source": {"value": 1}}},
        {"mapping": {"external_id": "id", "tags": {"column": "tags", "unordered": True}}},
        {"groups": [{"name": "Big", "column": "is_big"}, {"from": "segments"}]},
    ],
)
def test_a_block_without_mistakes_fits(
    schema: dict[str, Any], declared: Declare, meta: dict[str, Any], settings: dict[str, Any]
) -> None:
    meta["destinations"][0] |= settings

    assert declared(meta).problems == ()
    jsonschema.validate(meta, schema)


@pytest.mark.parametrize(
    "settings",
    [
        {"sync_mode": "snyc"},
        {"delete_limit": -1},
        {"delete_limit": "ten"},
        {"merge_object": True},
        {"name": "Post"},
        {"mapping": {"email": {"colum": "email"}}},
        {"mapping": {"email": 5}},
        {"groups": [{"fron": "segments"}]},
        {"groups": {"from": "segments"}},
    ],
)
def test_a_block_with_a_mistake_does_not_fit(
    schema: dict[str, Any], meta: dict[str, Any], settings: dict[str, Any]
) -> None:
    broken = copy.deepcopy(meta)
    broken["destinations"][0] |= settings

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema)


def test_a_broken_plugin_is_named_when_all_that_is_installed_is_asked_for() -> None:
    with pytest.raises(ConfigurationProblem) as caught:
        json_schema()
    assert "roo-postbox" in str(caught.value)
