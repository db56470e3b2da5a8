"""Destinations of events, purchases and subscriptions to test with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from tests.destinations.iterable.conftest import MODEL

from roo_dbt.destinations.iterable import Iterable
from roo_dbt.destinations.protocol import Call, Object
from roo_dbt.records import Change, Column, Destination, Item, Mapped, Outcome

ObjectT = TypeVar("ObjectT", bound=Object)


def make(
    kind: type[ObjectT],
    fields: Mapping[str, str],
    *,
    project: str = "email",
    by: str | None = None,
    base_url: str | None = None,
    **options: Any,
) -> ObjectT:
    """An object that maps `fields` (name → column type)."""
    app = Iterable.model_validate({"api_key": "key-1", "project_type": project, "base_url": base_url})
    destination = Destination(
        name="iterable_orders",
        model=MODEL,
        app="iterable",
        object=kind.name,
        key=("order_id",),
        mapping=tuple(Mapped(name, name) for name in fields),
        identifier=(by or ("userId" if project == "user_id" else "email"),),
        sync_mode="additive" if kind.modes else None,
        options=options,
        path="config.meta.roo.destinations[0]",
    )
    return kind(app, destination, columns={name: Column(name, type_) for name, type_ in fields.items()})


def only_call(obj: Object) -> Call:
    """Its one call."""
    (call,) = obj.calls()
    return call


def create(new: Mapping[str, Any], key: str = "1", seq: int = 1) -> Change:
    """A new record."""
    return Change(
        seq, "create", key, {}, new, tuple(name for name, value in new.items() if value is not None)
    )


def item_of(call: Call, change: Change) -> Item:
    """The change's part of a request, which there must be."""
    item = call.item(change)
    assert isinstance(item, Item), item
    return item


def refusal_of(call: Call, change: Change) -> Outcome:
    """Why a change is not sent, which it must not be."""
    outcome = call.item(change)
    assert isinstance(outcome, Outcome), outcome
    return outcome
