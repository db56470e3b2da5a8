"""The JSON Schema of the block `config.meta.roo`, for editors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from roo_dbt.config.blocks import DestinationBlock, ModelBlock
from roo_dbt.destinations import app_type, app_types
from roo_dbt.destinations.protocol import App


def json_schema(types: Iterable[type[App]] | None = None) -> dict[str, Any]:
    """The schema (draft 2020-12) of a model's block, with the settings of every object of `types`.

    Args:
        types: vendors whose own settings are allowed; None: every one that is installed.

    Raises:
        ConfigurationProblem: an installed vendor cannot be imported.
    """
    if types is None:
        types = [app_type(name) for name in app_types()]
    schema = ModelBlock.model_json_schema(by_alias=True)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
    schema["title"] = "roo"
    block = schema["$defs"][DestinationBlock.__name__]
    block["additionalProperties"] = False
    line = schema["$defs"]["MappingLine"]
    schema["$defs"]["MappingLine"] = {"anyOf": [{"type": "string", "minLength": 1}, line]}
    for kind in types:
        for name, object_ in kind.objects.items():
            own = object_.options.model_json_schema(by_alias=True)
            schema["$defs"].update(own.get("$defs", {}))
            for setting, meaning in own.get("properties", {}).items():
                _add(block["properties"], setting, meaning, f"{kind.title} {name}")
    return schema


def _add(properties: dict[str, Any], setting: str, meaning: dict[str, Any], owner: str) -> None:
    """Allow a setting; when several objects have one of this name, any of their forms will do."""
    described = meaning | {"description": f"{owner}: {meaning.get('description', '')}".rstrip(": ")}
    present = properties.get(setting)
    if present is None:
        properties[setting] = described
    elif "anyOf" in present and "x-roo-shared" in present:
        present["anyOf"].append(described)
    else:
        properties[setting] = {"anyOf": [present, described], "x-roo-shared": True}
