"""An app, a destination and changes to test with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import orjson

from roo_dbt.destinations.braze import Braze
from roo_dbt.destinations.braze.calls import Delete
from roo_dbt.destinations.braze.events import Occurrences
from roo_dbt.destinations.braze.track import Track
from roo_dbt.destinations.braze.users import Users
from roo_dbt.destinations.protocol import Call, Object
from roo_dbt.records import (
    Answer,
    Change,
    Destination,
    Group,
    Item,
    Mapped,
    Model,
    Operation,
    Outcome,
    Relation,
    SyncMode,
)

AnyCall = TypeVar("AnyCall", bound=Call)

KEY = "a1b2c3d4-secret-key"
ENDPOINT = "https://rest.iad-01.braze.com"

Part = Item | Sequence[Item] | Outcome | None
"""What a call makes of a change."""

APP = Braze.model_validate({"rest_endpoint": ENDPOINT, "api_key": KEY})

MODEL = Model(
    unique_id="model.shop.customers",
    name="customers",
    resource_type="model",
    relation=Relation(None, "main", "customers", '"main"."customers"'),
    file="models/customers.yml",
    meta={},
    column_meta={},
)


def destination(
    *fields: str,
    mode: SyncMode | None = "sync",
    options: Mapping[str, Any] | None = None,
    model: Model = MODEL,
    **settings: Any,
) -> Destination:
    """A destination that maps these fields to columns of the same name."""
    return Destination(
        **{
            "name": "braze_customers",
            "model": model,
            "app": "braze",
            "object": "users",
            "key": ("customer_id",),
            "mapping": tuple(Mapped(field, column=field.replace(".", "_")) for field in fields),
            "identifier": ("external_id",),
            "sync_mode": mode,
            "options": options or {},
            "path": "config.meta.roo.destinations[0]",
            **settings,
        }
    )


def users(
    *fields: str,
    mode: SyncMode = "sync",
    identifier: tuple[str, ...] = ("external_id",),
    groups: tuple[Group, ...] = (),
    **options: object,
) -> Users:
    """The object of a destination of users."""
    declared = destination(*fields, mode=mode, options=options, identifier=identifier, groups=groups)
    return Users(APP, declared)


def call_of(object_: Object, kind: type[AnyCall]) -> AnyCall:
    """The call of exactly this kind."""
    (found,) = (call for call in object_.calls() if type(call) is kind)
    assert isinstance(found, kind)
    return found


def calls(*fields: str, mode: SyncMode = "sync", **settings: Any) -> tuple[Track, Delete]:
    """The two calls that every destination of users has."""
    object_ = users(*fields, mode=mode, **settings)
    return call_of(object_, Track), call_of(object_, Delete)


def occurrences(kind: type[Occurrences], *fields: str, app: Braze = APP, **options: object) -> Occurrences:
    """The object of a destination of events or purchases, found by external_id."""
    return kind(app, destination("external_id", *fields, mode=None, options=options, object=kind.name))


def change(
    operation: Operation,
    *,
    old: Mapping[str, Any] | None = None,
    new: Mapping[str, Any] | None = None,
    seq: int = 1,
    **flags: Any,
) -> Change:
    """A change with its `changed` worked out as the diff does it."""
    before, after = dict(old or {}), dict(new or {})
    if operation == "create":
        changed = tuple(name for name, value in after.items() if value is not None)
    else:
        changed = tuple(name for name in {**before, **after} if before.get(name) != after.get(name))
        changed = changed if operation == "update" else ()
    return Change(
        seq=seq,
        operation=operation,
        key=str(seq),
        old=before,
        new=after,
        changed=changed,
        verdict=None,
        **flags,
    )


def created(**values: Any) -> Change:
    """A new record `u1` with these values."""
    return change("create", new={"external_id": "u1", **values})


def updated(old: Mapping[str, Any], new: Mapping[str, Any], **flags: bool) -> Change:
    """The record `u1`, changed from `old` to `new`."""
    return change("update", old={"external_id": "u1", **old}, new={"external_id": "u1", **new}, **flags)


def sent(part: Part) -> Any:
    """The JSON of an item."""
    assert isinstance(part, Item), part
    return orjson.loads(part.body)


def refusal(part: Part) -> Outcome:
    """An outcome in the place of an item."""
    assert isinstance(part, Outcome), part
    return part


def answer(status: int, body: object = None, **headers: str) -> Answer:
    """An answer with a JSON body; bytes are taken as they are."""
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, raw)


def items(count: int) -> list[Item]:
    """Items of so many users."""
    return [Item(change("create", seq=seq, new={"external_id": f"u{seq}"}), b"{}") for seq in range(count)]
