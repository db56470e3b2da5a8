"""A small vendor for these tests, published as a package of its own would be (see conftest.py)."""

# ruff: noqa: ARG002, ARG003 - the signatures are the protocol's

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field as Setting
from pydantic import SecretStr, field_validator

from roo_dbt.destinations.protocol import (
    App,
    Call,
    Field,
    GroupKind,
    Identifier,
    Limit,
    Object,
    ObjectClass,
    Options,
    Send,
)
from roo_dbt.records import Column, Destination, Finding, Problem, SyncMode


class UserOptions(Options):
    merge_objects: bool = Setting(True, description="Merge nested objects.")
    ttl_days: int | None = Setting(None, ge=1, description="Days until a user expires.")


class Users(Object):
    name = "users"
    modes: ClassVar[frozenset[SyncMode]] = frozenset({"sync", "additive"})
    groups: ClassVar[frozenset[GroupKind]] = frozenset({"name", "from", "subscription_group_id"})
    known = (
        Field("external_id", "string", "The customer's id."),
        Field("email", "string", "The address."),
        Field("firstName", "string", "The given name."),
        Field("address", "object", "The postal address."),
        Field("email_subscribe", "string", "The subscription state.", consent=True),
    )
    reserved: ClassVar[Mapping[str, str]] = {
        "internal.*": "Postbox writes it",
        "device": "it comes from the SDK",
    }
    options = UserOptions

    @classmethod
    def identifiers(cls, app: App) -> tuple[Identifier, ...]:
        alias = Identifier(("user_alias.alias_name", "user_alias.alias_label"))
        return (Identifier(("external_id",)), alias, Identifier(("email",), "lower"))

    def calls(self) -> tuple[Call, ...]:
        return ()

    @classmethod
    def check_mapping(cls, app: App, destination: Destination) -> Sequence[Problem]:
        if destination.mapped("fax"):
            return [Problem("no-fax", "nobody has a fax.", path=f"{destination.path}.mapping.fax")]
        return ()

    def check_columns(self, columns: Mapping[str, Column]) -> Sequence[Problem]:
        email = columns.get("email")
        return [Problem("no-text", "must be text.")] if email and email.type != "VARCHAR" else ()


class Letters(Object):
    name = "letters"
    field_system = "static"
    known = (
        Field("external_id", "string", "The customer's id."),
        Field("subject", "string", "What it is about.", required=True),
    )

    @classmethod
    def identifiers(cls, app: App) -> tuple[Identifier, ...]:
        return (Identifier(("external_id",)),)

    def calls(self) -> tuple[Call, ...]:
        return ()


class Postbox(App):
    type = "postbox"
    title = "Postbox"
    objects: ClassVar[Mapping[str, ObjectClass]] = {"users": Users, "letters": Letters}
    limits: ClassVar[tuple[Limit, ...]] = ()

    api_key: SecretStr
    rest_endpoint: str
    region: Literal["us", "eu"] = "us"
    settle_seconds: int = Setting(60, ge=0)

    @field_validator("api_key")
    @classmethod
    def _key(cls, value: SecretStr) -> SecretStr:
        if " " in value.get_secret_value():
            raise ValueError(f"the key {value.get_secret_value()} holds a blank")
        return value

    @property
    def endpoint(self) -> str:
        return self.rest_endpoint

    def headers(self) -> dict[str, str]:
        return {"authorization": self.api_key.get_secret_value()}

    def check(self, send: Send, objects: Sequence[str]) -> Sequence[Finding]:
        return ()
