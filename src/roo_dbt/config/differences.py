"""Two declarations of one destination → what the one says differently, in the words of the YAML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from roo_dbt.config.problems import shown
from roo_dbt.records import Destination, Difference, Mapped, Threshold, group_form
from roo_dbt.records.branch import Aspect

_LIMITS = ("delete_limit", "allowed_failures")
_LIMITING_OPTIONS = frozenset({"max_data_points"})
_SETTINGS = (
    "enabled",
    "nulls",
    "on_removal",
    "first_sync",
    "on_failed_model",
    "on_unknown",
    "recheck_days",
    "map_other_columns",
    "hold_back_failing_rows",
)


def differences(old: Destination, new: Destination) -> tuple[Difference, ...]:
    """What `new` says differently from `old`; the schema that a model is built in is no difference."""
    return tuple(
        each
        for part in (_heads(old, new), _fields(old, new), _groups(old, new), _settings(old, new))
        for each in part
    )


def _heads(old: Destination, new: Destination) -> Iterator[Difference]:
    pairs: tuple[tuple[Aspect, str, str | None, str | None], ...] = (
        ("model", "model", old.model.unique_id, new.model.unique_id),
        ("target", "app", old.app, new.app),
        ("target", "object", old.object, new.object),
        ("key", "key", ", ".join(old.key), ", ".join(new.key)),
        ("identifier", "identifier", ", ".join(old.identifier), ", ".join(new.identifier)),
        ("mode", "sync_mode", old.sync_mode, new.sync_mode),
        ("where", "where", _condition(old), _condition(new)),
    )
    for aspect, name, before, after in pairs:
        if before != after:
            yield Difference(aspect, name, before, after)


def _condition(destination: Destination) -> str | None:
    """`where` without the blanks that mean nothing."""
    return " ".join(destination.where.split()) if destination.where else None


def _fields(old: Destination, new: Destination) -> Iterator[Difference]:
    before = {line.field: _line(line, old.nulls) for line in old.mapping}
    after = {line.field: _line(line, new.nulls) for line in new.mapping}
    yield from _named("field", before, after)


def _line(line: Mapped, default_nulls: str) -> str:
    """A line of the mapping, with what it says beside the column."""
    words = line.column if line.column is not None else f"value: {shown(line.value)}"
    if line.column is not None and line.nulls != default_nulls:
        words += f", nulls: {line.nulls}"
    return f"{words}, unordered: true" if line.unordered else words


def _groups(old: Destination, new: Destination) -> Iterator[Difference]:
    before, after = ({_group_name(g.field): g.column for g in d.groups} for d in (old, new))
    yield from _named("group", before, after)


def _group_name(field: str) -> str:
    """`High value`, `from segments`, `list 42`, `subscription 7a1c…`."""
    group = group_form(field)
    words = {"group": "", "groups": "from "}.get(group.kind, f"{group.kind} ")
    return f"{words}{group.name}{group.at}"


def _settings(old: Destination, new: Destination) -> Iterator[Difference]:
    limits = [{name: _said(getattr(d, name)) for name in _LIMITS} for d in (old, new)]
    settings = [{name: _said(getattr(d, name)) for name in _SETTINGS} for d in (old, new)]
    for destination, own_limits, own_settings in zip((old, new), limits, settings, strict=True):
        for name, value in destination.options.items():
            (own_limits if name in _LIMITING_OPTIONS else own_settings)[name] = _said(value)
    yield from _named("limit", *limits)
    yield from _named("setting", *settings)


def _said(value: Any) -> str | None:
    if isinstance(value, Threshold):
        return f"{value.number:g}{'%' if value.is_percentage else ''}"
    return value if value is None or isinstance(value, str) else shown(value)


def _named(
    aspect: Aspect, before: Mapping[str, str | None], after: Mapping[str, str | None]
) -> Iterator[Difference]:
    """What was added, dropped or changed; the new side's order first, then what it dropped."""
    for name in dict.fromkeys([*after, *before]):
        if before.get(name) != after.get(name):
            yield Difference(aspect, name, before.get(name), after.get(name))
