"""A destination of users synced to a sandbox as the pipeline does it: diff, calls, export, snapshot.

The diff is a few lines here and not the warehouse's; the store, the transport, the batching and the order of
the calls are the real ones. Time passes only when somebody sleeps.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from tests.destinations.iterable.request_checks import check_body

from roo_dbt.destinations.iterable.users import Users
from roo_dbt.export import Lane, export, open_lane
from roo_dbt.records import Change, Outcome
from roo_dbt.report.progress import SilentProgress
from roo_dbt.sandbox import Sandbox
from roo_dbt.testing import StandingClock

if TYPE_CHECKING:
    from tests.destinations.iterable.conftest import World

Rows = Mapping[int, Mapping[str, Any]]


@dataclass
class Journey:
    """Syncs of one destination, one after the other."""

    world: World
    sandbox: Sandbox
    lane: Lane
    time: StandingClock
    snapshot: dict[int, dict[str, Any]] = field(default_factory=dict)
    dirty: set[int] = field(default_factory=set)
    """Records whose user another record was written to since; all of it goes again."""
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    requests: int = 0

    def sync(self, rows: Rows) -> None:
        """Bring Iterable to these records; the lowest key first among changes of a kind."""
        changes = self.changes(rows)
        users = Users(self.world.app, self.world.destination, columns=self.world.users.columns)
        names = sorted({name for change in changes for name in group_names(change)})
        users.prepare(self.lane.send, names)
        shipment = export([changes], users.calls(), self.lane)
        self.outcomes = {}
        for settled in shipment:
            for change, outcome in settled:
                self.outcomes[change.seq] = outcome
                if outcome.status == "accepted":
                    self._accept(change, rows)
        self.requests = shipment.requests
        for entry in self.sandbox.requests:
            if entry.method == "POST":
                check_body(entry.path, entry.body)

    def _accept(self, change: Change, rows: Rows) -> None:
        key = int(change.key)
        if change.operation == "delete":
            del self.snapshot[key]
            return
        self.snapshot[key] = dict(rows[key])
        self.dirty.discard(key)
        identifier = self.world.destination.identifier[0]
        who = _folded(rows[key][identifier])
        same = {other for other, row in self.snapshot.items() if _folded(row[identifier]) == who}
        self.dirty |= same - {key}

    def changes(self, rows: Rows) -> list[Change]:
        """What differs from the snapshot: moved users first, then updates, new records, removals."""
        identifier = self.world.destination.identifier[0]
        found: list[Change] = []
        for key, new in rows.items():
            old = self.snapshot.get(key)
            if old is None:
                present = tuple(name for name, value in new.items() if value is not None)
                found.append(Change(key, "create", str(key), {}, new, present))
            elif changed := tuple(name for name in new if key in self.dirty or new[name] != old.get(name)):
                others = (other for other in rows if other in self.snapshot and other != key)
                held = [self.snapshot[other][identifier] for other in others]
                shared = _folded(old[identifier]) in map(_folded, held)
                found.append(Change(key, "update", str(key), old, new, changed, shared=shared))
        kept = {_folded(row[identifier]) for row in rows.values()}
        for key, old in self.snapshot.items():
            if key not in rows and _folded(old[identifier]) not in kept:
                found.append(Change(key, "delete", str(key), old, {}, ()))
        return sorted(found, key=lambda change: (_RANKS[change.operation], identifier not in change.changed))

    def profiles(self) -> list[dict[str, Any]]:
        """The users of the project with their fields and the names of their lists."""
        found = self.sandbox.store.iterable.profiles
        return [
            {
                "email": profile.email,
                "userId": profile.user_id,
                **profile.fields,
                "lists": sorted(each.name for each in found.lists.values() if profile.number in each.members),
            }
            for profile in sorted(found.latest(), key=lambda profile: profile.number)
        ]

    def find(self, **identifier: str) -> dict[str, Any]:
        """The one user with this identifier."""
        ((name, value),) = identifier.items()
        (found,) = [profile for profile in self.profiles() if profile[name] == value]
        return found

    def paths(self) -> list[str]:
        """The requests so far, without those that only read lists and fields."""
        return [
            entry.path.removeprefix("/api/")
            for entry in self.sandbox.requests
            if entry.path not in ("/api/lists", "/api/users/getFields")
        ]


def _folded(identifier: str) -> str:
    """Addresses without case; userIds, which never hold an @ here, as they are."""
    return identifier.lower() if "@" in identifier else identifier


_RANKS = {"update": 0, "create": 1, "delete": 2}


def group_names(change: Change) -> Iterator[str]:
    """The names of the groups in a change."""
    for values in (change.old, change.new):
        for name, value in values.items():
            if value and name.startswith("@group:"):
                yield name.removeprefix("@group:")
            elif value and name.startswith("@groups:"):
                yield from value


@contextmanager
def journey(
    world: World, sandbox: Sandbox, time: StandingClock | None = None, *, threads: int = 4
) -> Iterator[Journey]:
    """A journey that begins with an empty snapshot."""
    time = time or StandingClock(datetime(2026, 11, 22, tzinfo=timezone.utc))
    with open_lane(
        world.app,
        app_name="iterable",
        stop=threading.Event(),
        progress=SilentProgress(),
        threads=threads,
        clock=time.clock(),
    ) as lane:
        yield Journey(world, sandbox, lane, time)


def statuses(outcomes: Mapping[int, Outcome] | Sequence[Outcome | None]) -> list[str | None]:
    """Codes, or statuses where there is none."""
    values = outcomes.values() if isinstance(outcomes, Mapping) else outcomes
    return [None if outcome is None else outcome.code or outcome.status for outcome in values]
