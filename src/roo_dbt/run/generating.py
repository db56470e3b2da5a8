"""A block for a model that has none yet: its columns, its key, and the app that it could go to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from roo_dbt.config.describing import stand_in
from roo_dbt.config.suggesting import Subject, Suggestion, suggest
from roo_dbt.destinations import app_type
from roo_dbt.destinations.protocol import App, Object
from roo_dbt.errors import ProjectProblem, UsageProblem, WarehouseUnavailable, nearest
from roo_dbt.project.keys import Key, key_of
from roo_dbt.records import Column, Model
from roo_dbt.report.generated import Block, destination_yaml, model_yaml
from roo_dbt.run.opening import Opened, read_declarations
from roo_dbt.run.options import Options
from roo_dbt.warehouse import open_warehouse

SECTIONS: Mapping[str, str] = {"model": "models", "seed": "seeds", "snapshot": "snapshots"}
_LENGTH = 50


@dataclass(frozen=True, slots=True)
class Generated:
    """A block to paste.

    `lines` are the YAML: the model's whole entry, or if it declares destinations already (`is_item`), one
    more for that list. `file` is where it belongs, `declares_app` whether the project has the app.
    `seen` says where the columns were looked up.
    """

    model: Model
    lines: tuple[str, ...]
    block: Block
    suggestion: Suggestion
    is_item: bool
    declares_app: bool
    seen: str


def read_kind(what: str) -> tuple[type[App], type[Object]]:
    """The classes that TYPE or TYPE:OBJECT means; users, if no object is named.

    Raises:
        ConfigurationProblem: no such type. UsageProblem: it has no such object.
    """
    type_, _, name = what.partition(":")
    kind = app_type(type_)
    name = name or next(iter(kind.objects))
    if name not in kind.objects:
        close = nearest(name, kind.objects)
        hint = f"Did you mean {close}?" if close else f"It has {', '.join(kind.objects)}."
        raise UsageProblem(f"{kind.title} has no object {name}.", hint=hint)
    return kind, kind.objects[name]


def generate(options: Options, environ: Mapping[str, str], what: str, model_name: str) -> Generated:
    """Suggest a block for a model.

    Args:
        options: where the project is.
        environ: where `${NAME}` is looked up.
        what: TYPE or TYPE:OBJECT.
        model_name: the model's name, or its unique id.

    Raises:
        UsageProblem: no such object or model, or nothing is known of the model's columns.
    """
    kind, object_class = read_kind(what)
    opened = read_declarations(options, environ, needs_profile=False)
    model = find_model(opened, model_name)
    columns, sendable, seen = _columns(options, environ, model)
    if not columns:
        raise UsageProblem(
            f"the columns of {model.name} are not known: no table was found, and its YAML describes none.",
            hint=f"Type dbt build --select {model.name} and try again.",
        )
    names = tuple(column.name for column in columns)
    key = _declared_key(model, names) or key_of(model, opened.project.manifest.graph, names)
    app_name, app = _app(opened, kind)
    subject = Subject(
        model=model,
        columns=columns,
        key=key.columns if key else (),
        app=app,
        app_name=app_name,
        app_settings=_settings(opened, app_name, kind),
        kind=object_class,
        sendable=sendable,
    )
    suggestion = suggest(subject, _free_name(opened, f"{app_name}_{model.name}"))
    block = _block(suggestion, key)
    is_item = isinstance(model.meta, dict) and bool(model.meta.get("destinations"))
    lines = (
        destination_yaml(block) if is_item else model_yaml(SECTIONS[model.resource_type], model.name, block)
    )
    declares_app = app_name in opened.declarations.settings.apps
    return Generated(model, tuple(lines), block, suggestion, is_item, declares_app, seen)


def find_model(opened: Opened, name: str) -> Model:
    """The model of a name, a unique id, or `name.v2`; of a versioned model the latest version.

    Raises:
        UsageProblem: there is none, or it is an older version.
    """
    manifest = opened.project.manifest
    found = [
        m for m in manifest.models if name in (m.name, m.unique_id, _versioned(m), f"{m.package}.{m.name}")
    ]
    latest = [m for m in found if _is_latest(opened, m)]
    own = [m for m in latest if m.package == manifest.project_name]
    if latest:
        return (own or latest)[0]
    if found:
        raise UsageProblem(
            f"{name} is an older version, and of a versioned model only the latest is exported.",
            hint=f"Name the model without its version: {found[0].name}.",
        )
    close = nearest(name, (m.name for m in manifest.models))
    raise UsageProblem(
        f"the project has no model, seed or snapshot named {name}.",
        hint=f"Did you mean {close}?" if close else "If it is new, run dbt parse first.",
    )


def _versioned(model: Model) -> str:
    version = model.unique_id.rpartition(".")[2]
    return f"{model.name}.{version}"


def _is_latest(opened: Opened, model: Model) -> bool:
    node = opened.project.manifest.graph.nodes[model.unique_id]
    return node.version is None or node.version == node.latest_version


def _columns(
    options: Options, environ: Mapping[str, str], model: Model
) -> tuple[Sequence[Column], Callable[[Column], bool], str]:
    """The columns of the table, else of the YAML; whether each can be sent; and where they are from."""
    try:
        profile = read_declarations(options, environ, needs_profile=True).project.profile
        if profile is not None:
            warehouse = open_warehouse(profile.type, profile.credentials, read_only=True)
            with warehouse.session() as session:
                columns = warehouse.columns(session, model.relation)
            if columns:
                return columns, lambda column: warehouse.dialect.sendable(column.type), "the table"
        reason = "there is no table yet"
    except (WarehouseUnavailable, ProjectProblem) as error:
        # The project itself was read before: this is about its profile or its warehouse.
        reason = error.message.rstrip(".")
    return model.columns, lambda _column: True, f"the model's YAML, because {reason}"


def _declared_key(model: Model, columns: Sequence[str]) -> Key | None:
    """The key that the model's block has already."""
    said = model.meta.get("key") if isinstance(model.meta, dict) else None
    names = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    return Key(tuple(map(str, names)), "", sure=True) if names and set(names) <= set(columns) else None


def _app(opened: Opened, kind: type[App]) -> tuple[str, App]:
    """The project's first app of this type, else one that could be."""
    declared = opened.declarations.settings.apps
    name = next((name for name, app in declared.items() if app.type == kind.type), None)
    if name is not None and name in opened.declarations.apps:
        return name, opened.declarations.apps[name]
    return name or kind.type, stand_in(kind)


def _settings(opened: Opened, name: str, kind: type[App]) -> dict[str, object]:
    declared = opened.declarations.settings.apps.get(name)
    settings = declared.options if declared else first_settings(kind)
    return {"type": kind.type, **settings}


def first_settings(kind: type[App]) -> dict[str, str]:
    """What a new app of this type begins with; every secret is a variable's name."""
    if kind.first_settings:
        return dict(kind.first_settings)
    prefix = kind.type.upper()
    required = (name for name, info in kind.model_fields.items() if info.is_required())
    return {name: f"${{{prefix}_{name.upper()}}}" for name in required}


def _free_name(opened: Opened, wanted: str) -> str:
    """A destination's name that nobody has."""
    taken = {destination.name for destination in opened.declarations.destinations}
    base = re.sub(r"[^a-z0-9_]+", "_", wanted.casefold())[: _LENGTH - 3]
    base = base if base[:1].isalpha() else f"to_{base}"
    numbered = (f"{base}_{number}" for number in range(2, len(taken) + 3))
    return next(name for name in (base, *numbered) if name not in taken)


def _block(suggestion: Suggestion, key: Key | None) -> Block:
    settings: list[tuple[str, object, str]] = [
        ("name", suggestion.name, "unique in the project"),
        ("app", suggestion.app, ""),
        ("object", suggestion.object, ""),
    ]
    if suggestion.sync_mode:
        note = f"{' | '.join(suggestion.modes)}; only sync removes" if len(suggestion.modes) > 1 else ""
        settings.append(("sync_mode", suggestion.sync_mode, note))
    if suggestion.first_sync:
        note = "send | baseline: take what is there now as already sent"
        settings.append(("first_sync", suggestion.first_sync, note))
    why = f"{key.why}{'' if key.sure else '; never null and unique?'}" if key and key.why else ""
    return Block(suggestion.key, why, settings, suggestion.mapping, suggestion.offered, suggestion.missing)
