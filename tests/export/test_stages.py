"""The usual calls of users one after the other: find, rename, write, leave, join, delete; each may refuse a record."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import pytest

from roo_dbt.destinations.protocol import App, Call, Identifier, Limit, Object, ObjectClass, Send, in_order
from roo_dbt.export import RetryPolicy, export, open_lane
from roo_dbt.records import ACCEPTED, Answer, Change, Finding, Item, Outcome, Request, refused
from roo_dbt.report.progress import SilentProgress
from roo_dbt.testing import Received, RecordingServer, Reply, StandingClock, Vendor

STAGES = ("find", "rename", "write", "leave", "join", "delete")


class Stage(Call):
    """A call that sends the key of every record."""

    rate = Limit("requests", 10**6, "requests per second", "tests", "2026-11-22", 1.0)
    batch_size = 3

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc]

    def item(self, change: Change) -> Item:
        return Item(change, json.dumps(change.key).encode(), change.key)

    def request(self, items: Sequence[Item]) -> Request:
        return Request("POST", f"/{self.name}", b"[%s]" % b",".join(item.body for item in items))

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        bad = json.loads(answer.body)
        return [refused("rejected", self.name) if item.match in bad else ACCEPTED for item in items]


class Users(Object):
    name: ClassVar[str] = "users"

    @classmethod
    def identifiers(cls, app: App) -> tuple[Identifier, ...]:  # noqa: ARG003
        return (Identifier(("id",)),)

    def calls(self) -> tuple[Call, ...]:
        find, rename, write, leave, join, delete = (Stage(name) for name in STAGES)
        return in_order(delete=delete, join=join, leave=leave, write=write, rename=rename, find=find)


class Staged(App):
    type: ClassVar[str] = "staged"
    title: ClassVar[str] = "Staged"
    objects: ClassVar[Mapping[str, ObjectClass]] = {"users": Users}
    url: str

    @property
    def endpoint(self) -> str:
        return self.url

    def headers(self) -> dict[str, str]:
        return {}

    def check(self, send: Send, objects: Sequence[str]) -> Sequence[Finding]:  # noqa: ARG002
        return ()


class Picky(Vendor):
    """Refuses at each stage the record that is named after it."""

    def __init__(self) -> None:
        self.seen: dict[str, list[str]] = {}

    def answer(self, received: Received) -> Reply:
        stage = received.path.strip("/")
        for key in received.json:
            self.seen.setdefault(key, []).append(stage)
        return Reply(200, json=[stage])


@pytest.mark.parametrize("workers", [1, 4])
def test_a_record_goes_through_the_stages_in_their_order_and_ends_where_it_is_refused(workers: int) -> None:
    vendor = Picky()
    keys = [*STAGES, "fine"]
    changes = [Change(seq, "create", key, {}, {"id": key}, ("id",)) for seq, key in enumerate(keys, 1)]
    with RecordingServer(vendor) as server:
        app = Staged(url=server.url)
        destination: Any = None
        lane = open_lane(
            app,
            app_name="staged",
            stop=threading.Event(),
            progress=SilentProgress(),
            threads=workers,
            policy=RetryPolicy(),
            clock=StandingClock().clock(),
        )
        with lane as opened:
            settled = [
                pair for part in export([changes], Users(app, destination).calls(), opened) for pair in part
            ]

    assert vendor.seen == {
        **{key: list(STAGES[: STAGES.index(key) + 1]) for key in STAGES},
        "fine": list(STAGES),
    }
    said = {change.key: (outcome.status, outcome.message) for change, outcome in settled}
    assert said == {**{key: ("failed", key) for key in STAGES}, "fine": ("accepted", None)}
