"""The JSON Schema of the block says what the validation says."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from roo_dbt.config import Declarations, json_schema
from roo_dbt.destinations import app_type
from roo_dbt.errors import ConfigurationProblem

Declare = Callable[..., Declarations]


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The schema for the vendor of these tests."""
    return json_schema([app_type("postbox"), app_type("braze"), app_type("iterable")])


def test_the_schema_is_valid_json_schema(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)


def test_every_setting_is_described(schema: dict[str, Any]) -> None:
    for name, setting in schema["$defs"]["DestinationBlock"]["properties"].items():
        texts = [setting.get("description"), *(one.get("description") for one in setting.get("anyOf", ()))]
        assert any(texts), name


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
