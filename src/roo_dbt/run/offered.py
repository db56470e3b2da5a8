"""What only the vendor can say of a declaration: which fields exist, which values a setting may have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from roo_dbt.destinations.protocol import App, Choice, KnownField, Object, Send
from roo_dbt.errors import Blocked, nearest
from roo_dbt.records import Finding


def refuse_undefined(obj: Object, send: Send) -> None:
    """Stop a destination that maps fields which the workspace does not have and the vendor does not make.

    Raises:
        Blocked: with the names, and the nearest that exist.
    """
    strange = undefined(obj, obj.app.fields(send)) if _own(obj) else []
    if strange:
        raise Blocked(
            f"the workspace has no field {', '.join(strange)}, and {obj.name} takes no others.",
            where=obj.destination.name,
            hint=f"Create it there, or map another one: roo-dbt fields {obj.destination.app} lists them.",
        )


def undefined(obj: Object, fields: Iterable[KnownField]) -> list[str]:
    """The mapped fields that are none of the workspace's `fields`, with what may have been meant."""
    names = {field.name for field in fields}
    return [_with_nearest(name, names) for name in sorted(_own(obj) - names)]


def _own(obj: Object) -> set[str]:
    """The mapped fields that only a workspace can define; none where the vendor takes any."""
    if obj.field_system != "defined":
        return set()
    mapped = {line.field for line in obj.destination.mapping}
    return mapped - {field.name for field in obj.known} - set(obj.destination.identifier)


def _with_nearest(name: str, names: set[str]) -> str:
    close = nearest(name, names)
    return f"{name} (did you mean {close}?)" if close else name


def app_choices(app: App, send: Send) -> list[Finding]:
    """Settings of the app whose value is none that the vendor offers."""
    found = []
    for name in type(app).model_fields:
        offered = app.choices(name, send)
        found += _not_offered(name, getattr(app, name), offered)
    return found


def option_choices(obj: Object, send: Send) -> list[Finding]:
    """Options of a destination whose value is none that the vendor offers."""
    found = []
    for name, value in obj.destination.options.items():
        found += _not_offered(f"{name} of {obj.destination.name}", value, obj.choices(name, send))
    return found


def _not_offered(subject: str, value: object, offered: Sequence[Choice]) -> list[Finding]:
    if value is None or not offered or str(value) in {choice.value for choice in offered}:
        return []
    names = [f"{choice.value} ({choice.label})" if choice.label else choice.value for choice in offered]
    said = f"the vendor has no such value; it offers {', '.join(names)}"
    return [Finding(subject, ok=False, message=said)]
