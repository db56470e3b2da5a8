"""Vendors, objects and settings as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.text import Text

from roo_dbt.destinations.description import (
    AppDescription,
    IdentifierDescription,
    ObjectDescription,
    SettingDescription,
)
from roo_dbt.destinations.protocol import Field, Identifier, Limit
from roo_dbt.report.columns import aligned, header
from roo_dbt.report.wording import listed

INDENT = "  "
_OTHERS = {
    "dynamic": "Any other field is a custom one.",
    "defined": "Other fields must exist in the workspace: `roo-dbt fields APP` lists them.",
    "static": "There are no custom fields.",
}


def overview_lines(apps: Sequence[AppDescription], settings: Sequence[SettingDescription]) -> list[Text]:
    """Every vendor with its objects, then the settings of `vars: roo:`."""
    rows: list[list[str | Text]] = [
        [Text(f"{app.type}:{one.name}", style="bold"), one.meaning] for app in apps for one in app.objects
    ]
    return [
        *_titled("Types and objects", aligned(rows) if rows else []),
        *_titled("Settings of vars: roo: in dbt_project.yml", _settings(settings)),
        Text("`roo-dbt describe TYPE` shows a vendor, `roo-dbt describe TYPE:OBJECT` what can be mapped."),
    ]


def app_lines(app: AppDescription) -> list[Text]:
    """One vendor: how to connect, its objects, its limits."""
    rows: list[list[str | Text]] = [
        [Text(f"{app.type}:{one.name}", style="bold"), ", ".join(one.modes) or "no sync mode", one.meaning]
        for one in app.objects
    ]
    return [
        *_titled(f"{app.title}: settings of an app", _settings(app.settings)),
        *_titled("Objects", aligned([header("object", "sync modes", "what a row becomes"), *rows])),
        *_titled("Limits", _limits(app.limits)),
    ]


def object_lines(
    app: AppDescription, one: ObjectDescription, settings: Sequence[SettingDescription]
) -> list[Text]:
    """One object: what decides, what can be mapped, and every setting of its destinations."""
    facts: list[list[str | Text]] = [
        [Text("sync modes", style="dim"), ", ".join(one.modes) or "none; first_sync: send or baseline"],
        [Text("groups", style="dim"), ", ".join(one.groups) or "none"],
    ]
    facts += [[Text("identifier", style="dim"), identifier_words(known)] for known in one.identifiers]
    custom = _OTHERS[one.field_system]
    lines = [
        *_titled(f"{app.title} {one.name}: {one.meaning}", aligned(facts)),
        *_titled("Fields", [*_fields(one.fields), Text(custom)]),
    ]
    if one.reserved:
        rows: list[list[str | Text]] = [[Text(name, style="bold"), reason] for name, reason in one.reserved]
        lines += _titled("Fields that cannot be mapped", aligned(rows))
    if one.settings:
        title = f"Settings of {app.title} {one.name} alone"
        lines += _titled(title, _settings(one.settings))
    return [
        *lines,
        *_titled("Settings of every destination", _settings(settings)),
        *_titled("Limits", _limits(app.limits)),
    ]


def identifier_words(known: IdentifierDescription) -> str:
    """`external_id, else email (compared without case)`, after the condition under which it holds."""
    words = ", else ".join(_identifier(one) for one in known.alternatives) or "none"
    return f"{words} ({known.condition})" if known.condition else words


def _identifier(one: Identifier) -> str:
    names = listed(list(one.fields))
    return f"{names} (compared without case)" if one.normalisation == "lower" else names


def _settings(settings: Iterable[SettingDescription]) -> list[Text]:
    rows: list[list[str | Text]] = [
        [
            Text(one.name, style="bold"),
            one.type,
            Text("required", style="yellow") if one.required else one.default or "-",
            f"{one.meaning} For example {one.placeholder}." if one.placeholder else one.meaning,
        ]
        for one in settings
    ]
    return aligned([header("setting", "type", "default", "meaning"), *rows])


def _fields(fields: Iterable[Field]) -> list[Text]:
    rows: list[list[str | Text]] = []
    for one in fields:
        notes = [note for note, holds in (("required", one.required), ("consent", one.consent)) if holds]
        rows.append([Text(one.name, style="bold"), one.type, ", ".join(notes), one.description])
    return aligned([header("field", "type", "", "meaning"), *rows])


def _limits(limits: Iterable[Limit]) -> list[Text]:
    rows: list[list[str | Text]] = [
        [Text(one.name, style="bold"), f"{one.number:,}", one.unit, one.read, Text(one.source, style="dim")]
        for one in limits
    ]
    return aligned([header("limit", "number", "unit", "read on", "source"), *rows], right={1})


def _titled(title: str, lines: Sequence[Text]) -> list[Text]:
    return [Text(title, style="bold"), *(Text(INDENT).append_text(line) for line in lines), Text()]
