"""What each snapshot was made from and for."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from roo_dbt.records import Destination
from roo_dbt.state.lock import heartbeat
from roo_dbt.warehouse import Layout, Session, Shape


@dataclass(frozen=True, slots=True)
class Place:
    """What a snapshot belongs to: a model, an object of an app, where that is, and how records are found."""

    unique_id: str
    app: str
    object: str
    endpoint: str
    workspace: str
    key_columns: tuple[str, ...]
    identifier: tuple[str, ...]

    def of(self, row: Known) -> Known:
        """The row as it is when all of it belongs here: nothing is known yet of what the vendor has."""
        here = {each.name: getattr(self, each.name) for each in fields(self)}
        return replace(row, **here, shape=None, elsewhere=None)


@dataclass(frozen=True, slots=True)
class Known:
    """A row of `roo_destinations`. `shape` is None until something was committed.

    `workspace` is `name:NAME`, or `key:SALT:DIGEST` of an API key, or empty. `elsewhere`: the pending run
    goes to another place than the snapshot, which stays what it is until something arrived there.
    """

    destination: str
    unique_id: str
    app: str
    object: str
    endpoint: str
    workspace: str
    key_columns: tuple[str, ...]
    identifier: tuple[str, ...]
    shape: Shape | None
    pending_run: str | None
    pending_shape: Shape | None
    elsewhere: Place | None = None

    @property
    def is_interrupted(self) -> bool:
        """A run has ended before all that it had confirmed was in its place."""
        return self.pending_run is not None or self.is_unswapped

    @property
    def is_unswapped(self) -> bool:
        """A rebuilt snapshot is complete, and is not yet in its place."""
        return self.pending_run is None and self.pending_shape is not None


@dataclass(frozen=True, slots=True)
class Preview:
    """A destination once an interrupted run is folded in: tables, and what is known of it."""

    snapshot: str
    unaccepted: str
    known: Known


_COLUMNS = (
    "destination, unique_id, app, object, endpoint, workspace, key_columns, identifier, snapshot_shape, "
    "pending_run, pending_shape"
)


def known(session: Session, layout: Layout) -> dict[str, Known]:
    """Every destination that was ever exported, by name."""
    rows = session.run(f"SELECT {_COLUMNS} FROM {layout.destinations}")
    return {row[0]: _known(row) for row in rows}


def _known(row: tuple[Any, ...]) -> Known:
    destination, unique_id, app, object_, endpoint, workspace, key, identifier, shape, run, pending = row
    return Known(
        destination,
        unique_id,
        app,
        object_,
        endpoint,
        workspace,
        tuple(json.loads(key)),
        tuple(json.loads(identifier)),
        Shape.from_json(shape) if shape else None,
        run,
        Shape.from_json(pending) if pending else None,
        _elsewhere(json.loads(pending).get("elsewhere")) if pending else None,
    )


def _elsewhere(raw: dict[str, Any] | None) -> Place | None:
    if raw is None:
        return None
    values: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in raw.items()}
    return Place(**values)


def register_changes(
    session: Session,
    layout: Layout,
    destination: Destination,
    *,
    endpoint: str,
    workspace: str,
    run_id: str,
    pending: Shape,
    fresh: bool,
    whole: bool = False,
) -> None:
    """Say, beside the snapshot, that a run's changes are frozen. To be done in a transaction.

    `fresh`: another endpoint or workspace; the new snapshot replaces the old one, unless that is empty, once
    something arrived there. `whole`: every record must go, and one that is not accepted now stays due.

    Raises:
        WarehouseLost: the run does not have the lock any more.
    """
    name = destination.name
    heartbeat(session, layout, name, run_id)
    place = Place(
        destination.model.unique_id,
        destination.app,
        destination.object,
        endpoint,
        workspace,
        tuple(key.source for key in pending.key),
        destination.identifier,
    )
    if fresh and _holds_records(session, layout, name):
        frozen = json.dumps({**json.loads(pending.to_json()), "elsewhere": asdict(place)}, ensure_ascii=False)
        session.run(
            f"UPDATE {layout.destinations} SET pending_run = ?, pending_shape = ? WHERE destination = ?",
            [run_id, frozen, name],
        )
        return
    if fresh:
        # The row before the table that it is about: nobody looks for the table of an unknown destination.
        session.run(f"DELETE FROM {layout.unaccepted} WHERE destination = ?", [name])
        session.run(f"DELETE FROM {layout.destinations} WHERE destination = ?", [name])
        session.run(f"DROP TABLE IF EXISTS {layout.snapshot(name)}")
    elif whole:
        session.run(f"UPDATE {layout.snapshot(name)} SET roo_whole = true WHERE NOT roo_departed")
    _locate(session, layout, name, place)
    session.run(
        f"UPDATE {layout.destinations} SET pending_run = ?, pending_shape = ?, "
        f"updated_at = {session.dialect.now()} WHERE destination = ?",
        [run_id, pending.to_json(), name],
    )


def _holds_records(session: Session, layout: Layout, name: str) -> bool:
    shape = session.run(f"SELECT snapshot_shape FROM {layout.destinations} WHERE destination = ?", [name])
    has_table = bool(shape and shape[0][0])
    return has_table and bool(session.one(f"SELECT count(*) FROM {layout.snapshot(name)}"))


def _locate(session: Session, layout: Layout, name: str, place: Place) -> None:
    """Say where the records of a destination are. Its row is whole from the first moment: others read it."""
    values = {
        "unique_id": place.unique_id,
        "app": place.app,
        "object": place.object,
        "endpoint": place.endpoint,
        "workspace": place.workspace,
        "key_columns": json.dumps(list(place.key_columns)),
        "identifier": json.dumps(list(place.identifier)),
    }
    session.run(
        f"INSERT INTO {layout.destinations} (destination, {', '.join(values)}, created_at) "
        f"SELECT {'?, ' * (len(values) + 1)}{session.dialect.now()} FROM (SELECT 1 AS one) o "
        f"WHERE NOT EXISTS (SELECT 1 FROM {layout.destinations} WHERE destination = ?)",
        [name, *values.values(), name],
    )
    session.run(
        f"UPDATE {layout.destinations} SET {', '.join(f'{column} = ?' for column in values)} "
        "WHERE destination = ?",
        [*values.values(), name],
    )


def move(session: Session, layout: Layout, row: Known) -> None:
    """Say that the records of a destination are elsewhere from now on; its refusals were of the old place.

    Args:
        session: in the transaction of the commit.
        layout: where the state tables are.
        row: as it is known there.
    """
    here = Place(**{each.name: getattr(row, each.name) for each in fields(Place)})
    _locate(session, layout, row.destination, here)
    session.run(f"DELETE FROM {layout.unaccepted} WHERE destination = ?", [row.destination])


def strangers(found: Sequence[Known], declared: Sequence[str], destination: Destination) -> list[str]:
    """Snapshots whose destination is gone and that look like this one under its old name."""
    return [
        old.destination
        for old in found
        if old.destination not in declared
        and old.shape is not None
        and (old.unique_id, old.app, old.object)
        == (destination.model.unique_id, destination.app, destination.object)
    ]


def workspace_of(name: str | None, secrets_: Sequence[str], recorded: str = "") -> str:
    """How a snapshot remembers its workspace: the app's name for it, else a salted digest of the key.

    With `recorded` the same salt is used, so that equal keys give equal text.
    """
    if name:
        return f"name:{name}"
    if not secrets_:
        return ""
    salt = recorded.split(":")[1] if recorded.startswith("key:") else secrets.token_hex(8)
    digest = hmac.new(salt.encode(), "\n".join(secrets_).encode(), hashlib.sha256).hexdigest()[:32]
    return f"key:{salt}:{digest}"
