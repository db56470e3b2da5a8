"""The JSON Schemas of the block `config.meta.roo` and of the YAML files that hold it, for editors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from roo_dbt.config.blocks import DestinationBlock, ModelBlock
from roo_dbt.destinations import app_type, app_types
from roo_dbt.destinations.protocol import App
from roo_dbt.records import Threshold


def json_schema(types: Iterable[type[App]] | None = None) -> dict[str, Any]:
    """The schema (draft 2020-12) of a model's block, with the settings of every object of `types`.

    Args:
        types: vendors whose own settings are allowed; None: every one that is installed.

    Raises:
        ConfigurationProblem: an installed vendor cannot be imported.
    """
    types = [app_type(name) for name in app_types()] if types is None else list(types)
    schema = ModelBlock.model_json_schema(by_alias=True)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema
    schema["title"] = "roo"
    block = schema["$defs"][DestinationBlock.__name__]
    block["additionalProperties"] = False
    names = sorted({name for kind in types for name in kind.objects})
    block["properties"]["object"]["anyOf"] = [{"enum": names}, {"type": "null"}]
    for setting, info in DestinationBlock.model_fields.items():
        if isinstance(info.default, Threshold):
            # Editors offer the default as it is written.
            percent = "%" if info.default.is_percentage else ""
            block["properties"][setting]["default"] = f"{info.default.number:g}{percent}"
    line = schema["$defs"]["MappingLine"]
    schema["$defs"]["MappingLine"] = {"anyOf": [{"type": "string", "minLength": 1}, line]}
    for kind in types:
        for name, object_ in kind.objects.items():
            own = object_.options.model_json_schema(by_alias=True)
            schema["$defs"].update(own.get("$defs", {}))
            for setting, meaning in own.get("properties", {}).items():
                _add(block["properties"], setting, meaning, f"{kind.title} {name}")
    return schema


def file_schema(types: Iterable[type[App]] | None = None) -> dict[str, Any]:
    """The schema (draft-07, which every editor knows) of a whole YAML file of models, seeds and snapshots.

    What is not ours is left alone, so that dbt's own schema of the file can be in force beside it.

    Raises:
        ConfigurationProblem: as `json_schema`.
    """
    block = json_schema(types)
    definitions = block.pop("$defs")
    block.pop("$schema")
    column = {
        "type": "object",
        "description": "Destinations of this model, and the field of each that this column fills.",
        "additionalProperties": {
            "type": ["string", "boolean"],
            "description": "The field; true: the column's own name; false: none.",
        },
    }
    definitions |= {
        "roo": block,
        "entry": {
            "type": "object",
            "properties": {
                **_meta({"$ref": "#/$defs/roo"}),
                "columns": {
                    "type": "array",
                    "description": "The columns; each may say itself which fields it fills.",
                    "items": {"type": "object", "properties": _meta(column)},
                },
                "versions": {
                    "type": "array",
                    "description": "The versions of the model; each may have a block of its own.",
                    "items": {"type": "object", "properties": _meta({"$ref": "#/$defs/roo"})},
                },
            },
        },
    }
    entries = {"type": "array", "items": {"$ref": "#/$defs/entry"}}
    meanings = {"models": "Models", "seeds": "Seeds", "snapshots": "Snapshots"}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "dbt YAML with roo-dbt",
        "type": "object",
        "properties": {
            name: {**entries, "description": f"{meaning} of the project; `config: meta: roo:` exports them."}
            for name, meaning in meanings.items()
        },
        "$defs": definitions,
    }


def _meta(roo: dict[str, Any]) -> dict[str, Any]:
    """`config: meta: roo:` around a schema."""
    inside: dict[str, Any] = {
        "meta": {
            "type": "object",
            "description": "Free for all; roo-dbt reads `roo`.",
            "properties": {"roo": roo},
        }
    }
    return {"config": {"type": "object", "description": "dbt's configuration.", "properties": inside}}


def _add(properties: dict[str, Any], setting: str, meaning: dict[str, Any], owner: str) -> None:
    """Allow a setting; when several objects have one of this name, any of their forms will do."""
    described = meaning | {"description": f"{owner}: {meaning.get('description', '')}".rstrip(": ")}
    present = properties.get(setting)
    if present is None:
        properties[setting] = described
    elif "anyOf" in present and "x-roo-shared" in present:
        present["anyOf"].append(described)
        present["description"] += f" {described['description']}"
    else:
        said = f"{present.get('description', '')} {described['description']}".strip()
        properties[setting] = {"anyOf": [present, described], "description": said, "x-roo-shared": True}
