"""One destination on one server, with the runner's batching, pacing and retry between them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from roo_dbt.destinations.protocol import App, Call, Object
from roo_dbt.errors import RooError
from roo_dbt.export import Lane, RetryPolicy, export, open_lane
from roo_dbt.records import (
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
from roo_dbt.report.progress import SilentProgress
from roo_dbt.testing.clock import StandingClock
from roo_dbt.testing.declared import Declared
from roo_dbt.testing.server import Received, RecordingServer, Reply

SECRET = "kit-secret-0b7c4f3e91"
"""The key of every app in a case; it must show nowhere but in the headers of requests."""

_MODEL = Model(
    "model.kit.records", "records", "model", Relation(None, "main", "records", '"records"'), "kit.yml", {}, {}
)
_TYPES = {bool: "BOOLEAN", int: "BIGINT", float: "DOUBLE", list: "VARCHAR[]", dict: "JSON"}


@dataclass
class Shipped:
    """What became of changes that were sent, by sequence, and the error that ended it, if one did.

    `requests` leaves out those before the first change (`prepare`).
    """

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    problem: RooError | None = None
    requests: list[Received] = field(default_factory=list)
    batches: int = 0
    repeats: int = 0
    waited: float = 0.0

    @property
    def statuses(self) -> list[str]:
        """The outcomes in the order of the changes."""
        return [self.outcomes[seq].status for seq in sorted(self.outcomes)]

    @property
    def said(self) -> str:
        """Every message, the error's included."""
        messages = [outcome.message or "" for outcome in self.outcomes.values()]
        return "\n".join([*messages, str(self.problem or "")])


class Bench:
    """A destination as a contract declares it, a server with its vendor, and changes for it."""

    def __init__(self, contract: Declared, server: RecordingServer) -> None:
        self.contract = contract
        self.server = server
        self.vendor = server.vendor
        self.app: App = contract.app(server.url, SECRET)
        self._seq = 0

    def record(self, number: int = 1) -> dict[str, Any]:
        """A record of the contract."""
        return self.contract.record(number)

    def identity(self, record: Mapping[str, Any]) -> str:
        """What the vendor calls its user."""
        return self.contract.identity(record)

    def destination(self, mode: SyncMode | None = None, groups: Sequence[Group] | None = None) -> Destination:
        """The declaration: every field from a column of its name."""
        contract, record = self.contract, self.record()
        return Destination(
            name="kit",
            model=_MODEL,
            app="kit",
            object=contract.object,
            key=("key",),
            mapping=tuple(Mapped(name, name) for name in record),
            identifier=contract.identifier().fields,
            sync_mode=mode or contract.sync_mode(),
            groups=tuple(contract.joined() if groups is None else groups),
            options=dict(contract.options),
            path="config.meta.roo.destinations[0]",
        )

    @property
    def columns(self) -> dict[str, Column]:
        """Columns with types that fit the records."""
        said = self.contract.column_types
        return {
            name: Column(name, said.get(name) or _TYPES.get(type(value), "VARCHAR"))
            for name, value in self.record().items()
        }

    def object(self, mode: SyncMode | None = None) -> Object:
        """The object, made anew."""
        return self.contract.kind()(self.app, self.destination(mode), columns=self.columns)

    def create(self, record: Mapping[str, Any], **flags: Any) -> Change:
        """A record that is new."""
        changed = tuple(name for name, value in record.items() if value is not None)
        return self._change("create", {}, record, changed, flags)

    def update(self, old: Mapping[str, Any], new: Mapping[str, Any], **flags: Any) -> Change:
        """A record that changed."""
        names = dict.fromkeys([*old, *new])
        changed = tuple(name for name in names if old.get(name) != new.get(name))
        return self._change("update", old, new, changed, flags)

    def delete(self, old: Mapping[str, Any], **flags: Any) -> Change:
        """A record that left the model."""
        return self._change("delete", old, {}, (), flags)

    def _change(self, operation: Any, old: Any, new: Any, changed: tuple[str, ...], flags: Any) -> Change:
        self._seq += 1
        return Change(self._seq, operation, str(self._seq), dict(old), dict(new), changed, **flags)

    def items(self, change: Change, obj: Object | None = None) -> list[tuple[Call, Item]]:
        """What the calls make of a change, as far as they send something for it."""
        found: list[tuple[Call, Item]] = []
        for call in (obj or self.object()).calls():
            if not call.concerns(change):
                continue
            part = call.item(change)
            if isinstance(part, Outcome):
                break
            parts = [part] if isinstance(part, Item) else list(part or ())
            found += [(call, item) for item in parts]
            change = call.onward(change) if parts else change
        return found

    @contextmanager
    def lane(self, *, threads: int = 4, time: StandingClock | None = None) -> Iterator[Lane]:
        """The runner's way to the server; waits take no time."""
        with open_lane(
            self.app,
            app_name="kit",
            stop=threading.Event(),
            progress=SilentProgress(),
            threads=threads,
            policy=RetryPolicy(),
            clock=(time or StandingClock()).clock(),
        ) as lane:
            yield lane

    def ship(self, *changes: Change, mode: SyncMode | None = None, faults: Sequence[Reply] = ()) -> Shipped:
        """Send changes as one page of a run; `faults` answer the first requests of it."""
        shipped, time = Shipped(), StandingClock()
        obj = self.object(mode)
        with self.lane(time=time) as lane:
            obj.prepare(lane.send, self._groups(changes))
            before = len(self.server.received)
            self.server.faults = list(faults)
            shipment = export([changes], obj.calls(), lane)
            try:
                for settled in shipment:
                    for change, outcome in settled:
                        if change.seq in shipped.outcomes:
                            raise AssertionError(f"two outcomes for change {change.seq}")
                        shipped.outcomes[change.seq] = outcome
            except RooError as problem:
                shipped.problem = problem
        self.server.faults = []
        shipped.requests = self.server.received[before:]
        shipped.batches, shipped.repeats, shipped.waited = shipment.requests, shipment.retries, time.slept
        return shipped

    def _groups(self, changes: Sequence[Change]) -> list[str]:
        """The names of the groups that changes join or leave."""
        names: set[str] = set()
        for group in self.contract.joined():
            for values in (values for change in changes for values in (change.old, change.new)):
                value = values.get(group.field)
                names |= (
                    set(value) if isinstance(value, list) else {group.name} if value and group.name else set()
                )
        return sorted(names)

    def member_of(self, record: Mapping[str, Any], *numbers: int) -> dict[str, Any]:
        """The record as a member of the contract's groups with these numbers, counted from 0."""
        groups = self.contract.joined()
        if groups[0].is_many:
            return {**record, groups[0].field: [f"Kit {number}" for number in numbers] or None}
        members = {group.field: True if place in numbers else None for place, group in enumerate(groups)}
        return {**record, **members}

    def is_member(self, record: Mapping[str, Any], number: int) -> bool | None:
        """Whether the vendor has the user in a group; None: the fake cannot tell."""
        group = self.contract.joined()[0]
        one = group if group.is_many else self.contract.joined()[number]
        name = f"Kit {number}" if one.is_many else one.name
        name = name or one.subscription_group_id or str(one.list_id)
        members = self.vendor.members(name)
        return None if members is None else self.identity(record) in members

    def holds(self, record: Mapping[str, Any], *fields: str) -> bool:
        """Whether the vendor has these values of the record, or was sent them, as far as can be told."""
        users = self.vendor.users()
        if users is not None:
            found = users.get(self.identity(record))
            return found is not None and all(found.get(name) == record[name] for name in fields)
        wanted = [self.identity(record), *(record[name] for name in fields)]
        return any(all(written(value) in one.text for value in wanted) for one in self.server.received)

    def is_known(self, record: Mapping[str, Any]) -> bool | None:
        """Whether the vendor has the user; None: the fake cannot tell."""
        users = self.vendor.users()
        return None if users is None else self.identity(record) in users

    def changed(self, record: Mapping[str, Any], *values: Any) -> dict[str, Any]:
        """The record with another value in the text field: the contract's, unless it is given."""
        (value,) = values or (self.contract.another_value,)
        return {**record, self.contract.text_field: value}

    def with_other_identity(self, record: Mapping[str, Any], number: int) -> dict[str, Any]:
        """The record, but with the identifier of another."""
        other = self.record(number)
        return {**record, **{name: other[name] for name in self.contract.identifier().fields}}


def written(value: Any) -> str:
    """A value as it stands in `Received.text`."""
    return json.dumps(value, ensure_ascii=False)[1:-1] if isinstance(value, str) else json.dumps(value)


@contextmanager
def open_bench(contract: Declared) -> Iterator[Bench]:
    """The bench of one case."""
    with RecordingServer(contract.vendor()) as server:
        yield Bench(contract, server)
