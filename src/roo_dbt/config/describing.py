"""Vendors and settings described from the code: types, defaults and meanings."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from roo_dbt.config.apps import VarsBlock
from roo_dbt.config.blocks import DestinationBlock
from roo_dbt.config.connections import is_secret, validate_app
from roo_dbt.config.modes import ORDER
from roo_dbt.destinations.description import (
    AppDescription,
    IdentifierDescription,
    ObjectDescription,
    SettingDescription,
)
from roo_dbt.destinations.protocol import App, GroupKind, Object
from roo_dbt.records import AppDeclaration, Threshold

_GROUPS: tuple[GroupKind, ...] = ("name", "from", "subscription_group_id", "list_id")
_WORDS = {
    "string": "text",
    "integer": "whole number",
    "boolean": "true | false",
    "array": "list",
    "object": "mapping",
}
_REQUIRED = {"name", "app"}
_MEANINGS = {"workspace": "Name of the workspace, so that a rotated key is told from another workspace."}
"""What settings mean that every app has."""


def describe_app(kind: type[App]) -> AppDescription:
    """A vendor with everything that it lets people set and map."""
    type_ = SettingDescription("type", kind.type, "", f"Makes it an app of {kind.title}.", required=True)
    return AppDescription(
        kind.type,
        kind.title,
        (type_, *describe_settings(kind)),
        tuple(_object(kind, one) for one in kind.objects.values()),
        kind.limits,
    )


def vars_settings() -> tuple[SettingDescription, ...]:
    """The settings of `vars: roo:`."""
    return describe_settings(VarsBlock)


def destination_settings() -> tuple[SettingDescription, ...]:
    """The settings that every destination block may have."""
    return describe_settings(DestinationBlock, required=_REQUIRED)


def describe_settings(
    model: type[BaseModel], *, required: Iterable[str] = ()
) -> tuple[SettingDescription, ...]:
    """The fields of a pydantic model. `required`: more of them than the model itself requires."""
    properties = model.model_json_schema(by_alias=True).get("properties", {})
    definitions = model.model_json_schema(by_alias=True).get("$defs", {})
    wanted = set(required)
    return tuple(
        SettingDescription(
            info.alias or name,
            _type(properties.get(info.alias or name, {}), definitions),
            "" if info.is_required() else _shown(info.get_default(call_default_factory=True)),
            info.description or _MEANINGS.get(name, ""),
            info.is_required() or name in wanted,
            info.title or name.rstrip("_").replace("_", " ").capitalize(),
            str(info.examples[0]) if info.examples else "",
            is_secret(info),
        )
        for name, info in model.model_fields.items()
    )


def _type(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """A JSON Schema in words."""
    if "$ref" in schema:
        return _type(definitions.get(str(schema["$ref"]).rpartition("/")[2], {}), definitions)
    choices = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    if choices:
        return " | ".join(str(choice) for choice in choices)
    if schema.get("format") == "password":
        return "${VARIABLE}"
    if "anyOf" in schema:
        words = [_type(part, definitions) for part in schema["anyOf"] if part.get("type") != "null"]
        return " or ".join(dict.fromkeys(words))
    type_ = str(schema.get("type", "any"))
    return _WORDS.get(type_, type_)


def _shown(value: object) -> str:
    if value in (None, (), [], {}):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Threshold):
        return f"{value.number:g}{'%' if value.is_percentage else ''}"
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    return str(value)


def _object(kind: type[App], one: type[Object]) -> ObjectDescription:
    return ObjectDescription(
        one.name,
        inspect.cleandoc(one.__doc__ or "").partition("\n")[0],
        tuple(mode for mode in ORDER if mode in one.modes),
        tuple(form for form in _GROUPS if form in one.groups),
        tuple(_identifiers(kind, one)),
        one.known,
        one.field_system,
        tuple(one.reserved.items()),
        describe_settings(one.options),
    )


def _identifiers(kind: type[App], one: type[Object]) -> list[IdentifierDescription]:
    """The identifiers for each value of the app's setting that decides on them, if one does."""
    usual = one.identifiers(stand_in(kind, {}))
    for name, info in kind.model_fields.items():
        if get_origin(info.annotation) is not Literal:
            continue
        by_value = {
            value: one.identifiers(stand_in(kind, {name: value})) for value in get_args(info.annotation)
        }
        if any(found != usual for found in by_value.values()):
            return [
                IdentifierDescription(f"{name}: {value}", tuple(found)) for value, found in by_value.items()
            ]
    return [IdentifierDescription("", tuple(usual))]


def stand_in(kind: type[App], options: Mapping[str, Any] | None = None) -> App:
    """An app that can describe its objects; what its settings require is stood in for."""
    app, _ = validate_app(AppDeclaration("app", kind.type, options or {}), {})
    if app is not None:
        return app
    # Its own rules refuse what was stood in for: choices are all that its objects may look at.
    choices = {name: get_args(info.annotation) for name, info in kind.model_fields.items()}
    first = {
        name: choices[name][0]
        for name, info in kind.model_fields.items()
        if get_origin(info.annotation) is Literal and info.is_required()
    }
    return kind.model_construct(**{**first, **(options or {})})
