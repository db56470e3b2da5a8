"""The apps as exposures of dbt, so that its lineage graph ends where the data goes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import yaml

from roo_dbt.records import Destination, Model

HEADER = """\
# Written by `roo-dbt exposures` from config.meta.roo and vars.roo: type it again after a change.
# `roo-dbt exposures --check` says in CI whether that was done.
"""
_OWNER = re.compile(r"(?P<name>[^<]*?)\s*<(?P<email>[^<>\s]+@[^<>\s]+)>")


@dataclass(frozen=True, slots=True)
class ExposedApp:
    """An app with what goes there: its name, its vendor, the page of its workspace, its destinations."""

    name: str
    vendor: str
    url: str
    destinations: Sequence[Destination]


def exposures_yaml(apps: Sequence[ExposedApp], owner: str, project: str, versions: Mapping[str, str]) -> str:
    """The file.

    Args:
        apps: those that get something.
        owner: a name, or `Name <address>`.
        project: the project's name.
        versions: of versioned models, by unique id.
    """
    document = {"version": 2, "exposures": [_exposure(app, owner, project, versions) for app in apps]}
    body = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return f"{HEADER}\n{body}"


class _Paragraphs(str):
    """Text of several lines, written as such."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Indents lists, and keeps lines apart."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        """Lists go further right than what they belong to, as people write them."""
        return super().increase_indent(flow, False)


def _literal(dumper: yaml.SafeDumper, text: _Paragraphs) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")


_Dumper.add_representer(_Paragraphs, _literal)


def _exposure(app: ExposedApp, owner: str, project: str, versions: Mapping[str, str]) -> dict[str, object]:
    models = {d.model.unique_id: d.model for d in app.destinations}
    exposure: dict[str, object] = {
        "name": app.name,
        "label": app.vendor if app.vendor.casefold() == app.name else f"{app.vendor} ({app.name})",
        "type": "application",
        "description": _Paragraphs(
            "\n".join([f"{app.vendor} gets, by roo-dbt:", *map(_sentence, app.destinations), ""])
        ),
    }
    if app.url:
        exposure["url"] = app.url
    exposure["owner"] = _owner(owner)
    exposure["depends_on"] = [_ref(model, project, versions.get(key)) for key, model in models.items()]
    return exposure


def _sentence(destination: Destination) -> str:
    how = f", mode {destination.sync_mode}" if destination.sync_mode else ""
    return f"- `{destination.name}`: {destination.model.name} → {destination.object}{how}"


def _owner(owner: str) -> dict[str, str]:
    match = _OWNER.fullmatch(owner.strip())
    if match is None:
        return {"email": owner} if "@" in owner else {"name": owner}
    return {key: value for key, value in match.groupdict().items() if value}


def _ref(model: Model, project: str, version: str | None) -> str:
    package = "" if model.package == project else f"'{model.package}', "
    pinned = f", v={version if version.isdigit() else repr(version)}" if version is not None else ""
    return f"ref({package}'{model.name}'{pinned})"
