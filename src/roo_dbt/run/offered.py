"""What only the vendor can say of a declaration: which fields exist, which values a setting may have."""

from __future__ import annotations

from collections.abc import Sequence

from roo_dbt.destinations.protocol import App, Choice, Object, Send
from roo_dbt.errors import Blocked, nearest
from roo_dbt.records import Finding


def refuse_undefined(obj: Object, send: Send) -> None:
    """Stop a destination that maps fields which the workspace does not have and the vendor does not make.

    Raises:
        Blocked: with the names, and the nearest that exist.
    """
    strange = undefined(obj, send)
    if strange:
        raise Blocked(
            f"the workspace has no field {', '.join(strange)}, and {obj.name} takes no others.",
            where=obj.destination.name,
            hint=f"Create it there, or map another one: roo-dbt fields {obj.destination.app} lists them.",
        )


def undefined(obj: Object, send: Send) -> list[str]:
    """The mapped fields that do not exist, with what may have been meant; asks only where it matters."""
    mapped = {line.field for line in obj.destination.mapping} - {field.name for field in obj.known}
    mapped -= set(obj.destination.identifier)
    if obj.field_system != "defined" or not mapped:
        return []
    names = {field.name for field in obj.app.fields(send)}
    return [_with_nearest(name, names) for name in sorted(mapped) if name not in names]


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
