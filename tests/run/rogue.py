"""A destination of another package whose code goes wrong where its setting `trouble` says."""

# ruff: noqa: ARG002, ARG003 - the signatures are the protocol's

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from roo_dbt.destinations.protocol import App, Call, Field, Identifier, Limit, Object, ObjectClass, Send
from roo_dbt.records import (
    ACCEPTED,
    Answer,
    Change,
    Column,
    Destination,
    Finding,
    Item,
    Outcome,
    Problem,
    Request,
    SyncMode,
)

RATE = Limit("requests", 10**6, "requests per second", "tests", "2026-11-22", 1.0)
VALUE = "ann@example.com"
"""A value of a record, which no message may quote."""
WAKE = threading.Event()
"""Ends every hanging, when the test is over."""


class Put(Call):
    name = "put"
    rate = RATE
    batch_size = 2

    def __init__(self, app: Rogue) -> None:
        self.app = app
        self.repeatable = app.repeatable

    def item(self, change: Change) -> Item | Outcome | None:
        self.app.go_wrong("item", change.key == "2")
        return Item(change, json.dumps([change.key, change.operation]).encode(), change.key)

    def request(self, items: Sequence[Item]) -> Request:
        self.app.go_wrong("request", any(item.match == "3" for item in items))
        return Request("POST", "/in", b"[%s]" % b",".join(item.body for item in items))

    def judge(self, answer: Answer) -> None:
        self.app.go_wrong("judge")
        super().judge(answer)

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        self.app.go_wrong("outcomes")
        return [ACCEPTED] * (len(items) + (1 if self.app.trouble == "too many outcomes" else 0))


class Users(Object):
    name: ClassVar[str] = "users"
    modes: ClassVar[frozenset[SyncMode]] = frozenset({"sync"})

    def __init__(
        self, app: App, destination: Destination, *, columns: Mapping[str, Column] | None = None
    ) -> None:
        super().__init__(app, destination, columns=columns)
        self.rogue.go_wrong("constructor")

    @property
    def rogue(self) -> Rogue:
        assert isinstance(self.app, Rogue)
        return self.app

    @classmethod
    def identifiers(cls, app: App) -> tuple[Identifier, ...]:
        assert isinstance(app, Rogue)
        app.go_wrong("identifiers")
        return (Identifier(("email",)),)

    @classmethod
    def check_mapping(cls, app: App, destination: Destination) -> Sequence[Problem]:
        assert isinstance(app, Rogue)
        app.go_wrong("check_mapping")
        return ()

    def prepare(self, send: Send, groups: Sequence[str]) -> None:
        send(Request("GET", "/lists"))
        self.rogue.go_wrong("prepare")

    def calls(self) -> tuple[Call, ...]:
        self.rogue.go_wrong("calls")
        return (Put(self.rogue),)


class Rogue(App):
    type: ClassVar[str] = "rogue"
    title: ClassVar[str] = "Rogue"
    objects: ClassVar[Mapping[str, ObjectClass]] = {"users": Users}

    url: str
    trouble: str = ""
    how: str = "raise"
    repeatable: bool = True

    @property
    def endpoint(self) -> str:
        return self.url

    def headers(self) -> dict[str, str]:
        self.go_wrong("headers")
        return {}

    def check(self, send: Send, objects: Sequence[str]) -> Sequence[Finding]:
        self.go_wrong("check")
        return ()

    def go_wrong(self, where: str, here: bool = True) -> None:
        """Raise or hang, if that is what the settings want at this place."""
        if self.trouble == where and here:
            _WAYS[self.how]()


def _fail() -> None:
    raise KeyError(VALUE)


def _hang() -> None:
    WAKE.wait(60)


_WAYS: dict[str, Callable[[], None]] = {"raise": _fail, "hang": _hang}


class Twice(Object):
    name: ClassVar[str] = "users"
    known: ClassVar[tuple[Field, ...]] = (Field("email", "text", "One."), Field("email", "text", "Two."))


class Stutter(App):
    """Names a field twice."""

    type: ClassVar[str] = "stutter"
    title: ClassVar[str] = "Stutter"
    objects: ClassVar[Any] = {"users": Twice}


class Impostor(Rogue):
    """Is published under another name."""


class Hollow(App):
    """Has something that is no Object."""

    type: ClassVar[str] = "hollow"
    title: ClassVar[str] = "Hollow"
    objects: ClassVar[Any] = {"users": dict}


class Misnamed(App):
    """Has an object under another name."""

    type: ClassVar[str] = "misnamed"
    title: ClassVar[str] = "Misnamed"
    objects: ClassVar[Mapping[str, ObjectClass]] = {"people": Users}
