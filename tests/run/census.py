"""A destination whose fields and choices are what its workspace says (see test_offered.py)."""

# ruff: noqa: ARG002, ARG003 - the signatures are the protocol's

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field as Setting

from roo_dbt.destinations.protocol import (
    App,
    Call,
    Choice,
    Field,
    FieldSystem,
    GroupKind,
    Identifier,
    KnownField,
    Limit,
    Normalisation,
    Object,
    ObjectClass,
    Options,
    Send,
)
from roo_dbt.records import ACCEPTED, Answer, Change, Finding, Item, Outcome, Request, SyncMode

RATE = Limit("requests", 10**6, "requests per second", "tests", "2026-11-22", 1.0)


class Put(Call):
    name = "put"
    rate = RATE

    def item(self, change: Change) -> Item | Outcome | None:
        return Item(change, json.dumps(dict(change.new)).encode())

    def request(self, items: Sequence[Item]) -> Request:
        return Request("POST", "/in", items[0].body)

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        return [ACCEPTED] * len(items)


class PersonOptions(Options):
    district: str | None = Setting(None, description="The district that counts them.")


class People(Object):
    name: ClassVar[str] = "people"
    modes: ClassVar[frozenset[SyncMode]] = frozenset({"additive"})
    field_system: ClassVar[FieldSystem] = "defined"
    groups: ClassVar[frozenset[GroupKind]] = frozenset({"name"})
    group_names: ClassVar[Normalisation] = "lower"
    known: ClassVar[tuple[Field, ...]] = (Field("name", "text", "The name.", important=True),)
    options: ClassVar[type[Options]] = PersonOptions

    @classmethod
    def identifiers(cls, app: App) -> tuple[Identifier, ...]:
        return (Identifier(("email",)),)

    def choices(self, option: str, send: Send) -> Sequence[Choice]:
        return [Choice("north", "North side"), Choice("south")] if option == "district" else ()

    def calls(self) -> tuple[Call, ...]:
        return (Put(),)


class Census(App):
    """Counts people."""

    type: ClassVar[str] = "census"
    title: ClassVar[str] = "Census"
    objects: ClassVar[Mapping[str, ObjectClass]] = {"people": People}

    url: str = Setting(title="Address", description="Where.", examples=["https://census.example"])
    office: str = Setting("town hall", description="Which office.")

    @property
    def endpoint(self) -> str:
        return self.url

    def headers(self) -> dict[str, str]:
        return {}

    def check(self, send: Send, objects: Sequence[str]) -> Sequence[Finding]:
        return ()

    def fields(self, send: Send) -> tuple[KnownField, ...]:
        names = json.loads(send(Request("GET", "/fields")).body)["fields"]
        return tuple(KnownField(name, "text") for name in names)

    def choices(self, option: str, send: Send) -> Sequence[Choice]:
        return [Choice("town hall"), Choice("library")] if option == "office" else ()
