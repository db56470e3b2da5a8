"""One destination block with the columns that name it → a `Destination`, and all that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from roo_dbt.config.blocks import DestinationBlock
from roo_dbt.config.fields import FieldNames, choose_identifier, overlapping
from roo_dbt.config.groups import GroupDraft, check_groups, placed, read_groups
from roo_dbt.config.modes import check_first_sync, check_mode, idle_settings
from roo_dbt.config.partial import what_is_valid
from roo_dbt.config.problems import Place
from roo_dbt.destinations.protocol import App, Object
from roo_dbt.destinations.supervision import Asked
from roo_dbt.errors import nearest
from roo_dbt.records import Destination, Group, Mapped, Model, Problem

NOT_YET = "not supported yet; remove this setting, so that nobody believes it is at work."

_LATER_OBJECTS = ("events", "purchases")
_LATER_OPTIONS = ("create_lists", "groups_attribute", "verify")
"""Refused by name until an object offers them among its own options."""


@dataclass(frozen=True, slots=True)
class AppKinds:
    """The declared apps: their classes (None: the type is unknown) and, if they could be built, the apps."""

    classes: Mapping[str, type[App] | None]
    apps: Mapping[str, App]


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A column that says itself which field of a destination it fills."""

    field: str
    column: str
    place: Place


@dataclass(slots=True)
class Draft:
    """A destination block after its form was checked.

    `wrong` are the settings that were left out, wholly or in part; `spoilt` the fields whose line of the
    mapping was, None if that is all of them.
    """

    model: Model
    key: tuple[str, ...]
    place: Place
    block: DestinationBlock
    given: frozenset[str]
    wrong: frozenset[str]
    spoilt: frozenset[str] | None
    problems: list[Problem]
    groups: list[GroupDraft] = field(default_factory=list)
    column_lines: list[ColumnLine] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The destination's name; empty when it has none that is valid."""
        return self.block.name or ""

    def may_have_meant(self, *fields: str) -> bool:
        """Whether a line of the mapping that was left out may have filled one of the fields."""
        return self.spoilt is None or not self.spoilt.isdisjoint(fields)


def read_draft(raw: Mapping[str, Any], model: Model, key: tuple[str, ...], place: Place) -> Draft:
    """Check the form of a destination block."""
    groups, unreadable = read_groups(raw.get("groups", []), place.at("groups"))
    without = {name: value for name, value in raw.items() if name != "groups"}
    block, problems, wrong = what_is_valid(DestinationBlock, without, place, line_by_line=("mapping",))
    mapping = raw.get("mapping", {})
    spoilt = frozenset(mapping) - frozenset(block.mapping) if isinstance(mapping, dict) else None
    problems += unreadable
    draft = Draft(model, key, place, block, frozenset(raw), wrong, spoilt, problems, groups)
    for name in ("name", "app"):
        if getattr(block, name) is None and name not in wrong:
            problems.append(place.at(name).problem("missing-setting", "is required."))
    return draft


def complete(draft: Draft, kinds: AppKinds) -> Destination | None:
    """The destination, as far as it can be read; problems are added to the draft's.

    None when its name, app, object or key is not known: then nothing else can be said about it.
    """
    lines = _lines(draft)
    kind = _object(draft, kinds)
    if kind is None:
        _check_overlap(draft, lines)
        return None
    names = FieldNames(kind, kinds.apps.get(draft.block.app or ""))
    _check_fields(draft, lines, names)
    identifier = _identifier(draft, lines, names)
    _check_settings(draft, kind)
    groups = _groups(draft, kind)
    options = _options(draft, kind)
    destination = _destination(draft, kind, tuple(lines), identifier, placed(kind, groups, options), options)
    if names.app:
        _ask_vendor(draft, kind, names.app, destination)
    return destination if draft.name and draft.key else None


def _ask_vendor(draft: Draft, kind: type[Object], app: App, destination: Destination) -> None:
    """Add the vendor's objections, except to places where the common rules found something already."""
    known = {problem.path for problem in draft.problems if problem.severity == "error"}
    with Asked(type(app).type, "check_mapping"):
        objections = [draft.place.located(problem) for problem in kind.check_mapping(app, destination)]
    draft.problems += [problem for problem in objections if problem.path not in known]


def _destination(
    draft: Draft,
    kind: type[Object],
    mapping: tuple[Mapped, ...],
    identifier: tuple[str, ...],
    groups: tuple[Group, ...],
    options: Mapping[str, Any],
) -> Destination:
    block = draft.block
    return Destination(
        name=draft.name,
        model=draft.model,
        app=block.app or "",
        object=kind.name,
        key=draft.key,
        mapping=mapping,
        identifier=identifier,
        sync_mode=block.sync_mode if kind.modes else None,
        where=block.where,
        enabled=block.enabled,
        on_removal=block.on_removal,
        delete_limit=block.delete_limit,
        allowed_failures=block.allowed_failures,
        on_failed_model=block.on_failed_model,
        hold_back_failing_rows=block.hold_back_failing_rows,
        on_unknown=block.on_unknown,
        recheck_days=block.recheck_days,
        map_other_columns=block.map_other_columns,
        nulls=block.nulls,
        groups=groups,
        first_sync=None if kind.modes else block.first_sync,
        options=options,
        path=draft.place.path,
    )


def _lines(draft: Draft) -> list[Mapped]:
    """The mapping: the block's lines, then those that stand beside the columns."""
    nulls = draft.block.nulls
    found: dict[str, Mapped] = {}
    for name, line in draft.block.mapping.items():
        found[name] = Mapped(name, line.column, line.value, line.nulls or nulls, line.unordered)
    for beside in draft.column_lines:
        other = found.get(beside.field)
        if other is None:
            found[beside.field] = Mapped(beside.field, beside.column, None, nulls)
            continue
        source = f"column {other.column}" if other.column else "a constant"
        message = f"the field {beside.field} of {draft.name} is mapped twice: {source} fills it already."
        draft.problems.append(beside.place.problem("field-mapped-twice", message, value=beside.column))
    return list(found.values())


def _line_place(draft: Draft, name: str) -> Place:
    if name not in draft.block.mapping:
        beside = next((line for line in draft.column_lines if line.field == name), None)
        if beside:
            return beside.place
    return draft.place.at("mapping", name)


def _object(draft: Draft, kinds: AppKinds) -> type[Object] | None:
    """The class of the object, or None with a problem that says why not."""
    app = draft.block.app
    if app is None:
        return None
    if app not in kinds.classes:
        message = "vars.roo.apps declares no app of this name."
        draft.problems.append(
            draft.place.at("app").problem(
                "unknown-app", message, value=app, nearest=nearest(app, kinds.classes)
            )
        )
        return None
    kind = kinds.classes[app]
    if kind is None or "object" in draft.wrong:
        return None
    # An app with one kind of object leaves nothing to choose.
    only = next(iter(kind.objects)) if len(kind.objects) == 1 else ""
    name = draft.block.object or ("users" if "users" in kind.objects else only)
    if name in kind.objects:
        return kind.objects[name]
    place = draft.place.at("object")
    if name in _LATER_OBJECTS:
        draft.problems.append(place.problem("not-supported-yet", f"{kind.title} {name} are {NOT_YET}"))
    else:
        message = f"{kind.title} has no such object; it has {', '.join(sorted(kind.objects))}."
        close = nearest(name, kind.objects)
        draft.problems.append(place.problem("unknown-object", message, value=name, nearest=close))
    return None


def _check_fields(draft: Draft, lines: Sequence[Mapped], names: FieldNames) -> None:
    for line in lines:
        objection = names.objection(line.field, _line_place(draft, line.field))
        if objection:
            draft.problems.append(objection)
    _check_overlap(draft, lines)
    mapped = {line.field for line in lines}
    for known in names.kind.known:
        if known.required and known.name not in mapped and known.name not in names.identifying:
            message = f"{names.kind.name} need the field {known.name}, and nothing is mapped to it."
            if not draft.may_have_meant(known.name):
                draft.problems.append(draft.place.at("mapping").problem("missing-field", message))


def _check_overlap(draft: Draft, lines: Sequence[Mapped]) -> None:
    for child, parent in overlapping({line.field: None for line in lines}):
        message = f"is a part of {parent}, which is mapped as well: map the whole or its parts."
        draft.problems.append(_line_place(draft, child).problem("field-conflict", message, value=child))


def _identifier(draft: Draft, lines: Sequence[Mapped], names: FieldNames) -> tuple[str, ...]:
    fields, problem = choose_identifier(names, lines, draft.block.identifier or [], draft.place)
    is_uncertain = draft.may_have_meant(*names.identifying)
    if problem and not (problem.id == "missing-identifier" and is_uncertain):
        draft.problems.append(problem)
    return fields


def _check_settings(draft: Draft, kind: type[Object]) -> None:
    """Mode and first sync, and what they leave without effect."""
    block = draft.block
    found: list[Problem | None] = []
    if "sync_mode" not in draft.wrong:
        found.append(check_mode(kind, block.sync_mode, draft.place.at("sync_mode")))
    if "first_sync" not in draft.wrong:
        found.append(check_first_sync(kind, block.first_sync, draft.place.at("first_sync")))
    given = {name for name in draft.given if getattr(block, name, None) is not None}
    found += idle_settings(kind, block.sync_mode, given, draft.place)
    draft.problems += [problem for problem in found if problem is not None]


def _groups(draft: Draft, kind: type[Object]) -> tuple[Group, ...]:
    """The groups; none at all if one of them is wrong, so that nothing is said about half of them."""
    problems = check_groups(kind, draft.groups, draft.place.at("groups"))
    draft.problems += problems
    here = draft.place.at("groups").path
    broken = any(problem.path == here or problem.path.startswith(f"{here}[") for problem in draft.problems)
    return () if broken else tuple(one.group for one in draft.groups)


def _options(draft: Draft, kind: type[Object]) -> dict[str, Any]:
    """The settings that only this object knows, checked, as they are written."""
    extra = dict(draft.block.model_extra or {})
    if draft.block.verify:
        extra["verify"] = True
    for name in _LATER_OPTIONS:
        if name in extra and name not in kind.options.model_fields:
            del extra[name]
            problem = draft.place.at(name).problem("not-supported-yet", f"{name} is {NOT_YET}")
            draft.problems.append(problem)
    options, problems, _ = what_is_valid(kind.options, extra, draft.place, also=DestinationBlock.model_fields)
    draft.problems += problems
    return options.model_dump(exclude_unset=True)
