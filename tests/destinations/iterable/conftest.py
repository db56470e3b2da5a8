"""An app, a destination and changes to test with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import orjson
import pytest

from roo_dbt.destinations.iterable import Iterable
from roo_dbt.destinations.iterable.calls import BulkUpdate, Delete, Lookup
from roo_dbt.destinations.iterable.users import Users
from roo_dbt.destinations.protocol import Call
from roo_dbt.records import (
    Answer,
    Change,
    Column,
    Destination,
    Group,
    Item,
    Mapped,
    Model,
    Outcome,
    Relation,
    SyncMode,
)

MODEL = Model(
    unique_id="model.shop.customers",
    name="customers",
    resource_type="model",
    relation=Relation(None, "main", "customers", '"main"."customers"'),
    file="models/customers.yml",
    meta={},
    column_meta={},
)
COLUMNS = {"email": "VARCHAR", "userId": "VARCHAR", "name": "VARCHAR", "age": "INTEGER"}
ABSENT = object()


@dataclass(frozen=True)
class World:
    """A destination of Iterable users, with its calls."""

    app: Iterable
    destination: Destination
    users: Users

    @property
    def bulk(self) -> BulkUpdate:
        return next(call for call in self.users.calls() if isinstance(call, BulkUpdate))

    @property
    def delete(self) -> Delete:
        return next(call for call in self.users.calls() if isinstance(call, Delete))

    def call(self, name: str, *, late: bool = False) -> Call:
        """A call by its name; `late`: the one that goes last."""
        return next(c for c in self.users.calls() if c.name == name and bool(c.after_seconds) is late)

    @property
    def lookup(self) -> Lookup:
        return next(call for call in self.users.calls() if isinstance(call, Lookup))

    def create(self, new: Mapping[str, Any], seq: int = 1) -> Change:
        changed = tuple(name for name, value in new.items() if value is not None)
        return Change(seq, "create", str(seq), {}, new, changed)

    def update(self, old: Mapping[str, Any], **new: Any) -> Change:
        """A change of the fields in `new`; ABSENT: the field left the mapping."""
        after = {**old, **{name.replace("__", "."): value for name, value in new.items()}}
        changed = tuple(
            name
            for name, value in after.items()
            if (None if value is ABSENT else value) != old.get(name) or name not in old
        )
        left = {name: value for name, value in after.items() if value is not ABSENT}
        return Change(1, "update", "1", old, left, changed)

    def leave(self, old: Mapping[str, Any], *, clears: bool = False) -> Change:
        return Change(1, "delete", "1", old, {}, (), clears=clears)

    def item(self, change: Change) -> Item:
        """The change's part of a bulkUpdate, which there must be."""
        item = self.bulk.item(change)
        assert isinstance(item, Item), item
        return item

    def user(self, change: Change) -> dict[str, Any]:
        """The user as it is sent."""
        user: dict[str, Any] = orjson.loads(self.item(change).body)
        return user

    def data(self, change: Change) -> dict[str, Any]:
        """The `dataFields` as they are sent."""
        fields: dict[str, Any] = self.user(change)["dataFields"]
        return fields

    def refusal(self, change: Change) -> Outcome:
        """Why a change is not sent, which it must not be."""
        outcome = self.bulk.item(change)
        assert isinstance(outcome, Outcome), outcome
        return outcome


def make_world(
    project: str = "email",
    by: str | None = None,
    mode: SyncMode = "sync",
    fields: Mapping[str, str] | None = None,
    base_url: str | None = None,
    groups: Sequence[Group] = (),
    nulls: Literal["clear", "ignore"] = "clear",
    on_removal: Literal["delete", "clear"] = "delete",
    **options: Any,
) -> World:
    """A destination that maps `fields` (name → column type), finding its users by `by`."""
    types = COLUMNS if fields is None else fields
    app = Iterable.model_validate({"api_key": "key-1", "project_type": project, "base_url": base_url})
    destination = Destination(
        name="iterable_customers",
        model=MODEL,
        app="iterable",
        object="users",
        key=("customer_id",),
        mapping=tuple(Mapped(name, name, nulls=nulls) for name in types),
        identifier=(by or ("userId" if project == "user_id" else "email"),),
        sync_mode=mode,
        groups=tuple(groups),
        on_removal=on_removal,
        options=options,
        path="config.meta.roo.destinations[0]",
    )
    columns = {name: Column(name, type_) for name, type_ in types.items() if type_}
    return World(app, destination, Users(app, destination, columns=columns))


def make_answer(body: object = None, status: int = 200, **headers: str) -> Answer:
    """An answer of Iterable: an object becomes JSON, text and bytes stay as they are."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, str):
        return Answer(status, names, body.encode())
    return Answer(status, names, body if isinstance(body, bytes) else orjson.dumps(body))


@pytest.fixture(scope="session")
def world() -> Callable[..., World]:
    return make_world


@pytest.fixture(scope="session")
def answer() -> Callable[..., Answer]:
    return make_answer


@pytest.fixture(scope="session")
def left_the_mapping() -> object:
    return ABSENT
