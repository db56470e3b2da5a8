"""The connection to one Iterable project."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Literal, cast, get_args
from urllib.parse import urlsplit

from pydantic import Field, PositiveInt, PrivateAttr, SecretStr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from roo_dbt.destinations.iterable.answers import json_body, key_advice, refusal
from roo_dbt.destinations.iterable.events import Events
from roo_dbt.destinations.iterable.field_types import known_fields
from roo_dbt.destinations.iterable.identity import ProjectType
from roo_dbt.destinations.iterable.limits import LIMITS
from roo_dbt.destinations.iterable.purchases import Purchases
from roo_dbt.destinations.iterable.subscriptions import Subscriptions
from roo_dbt.destinations.iterable.users import Users
from roo_dbt.destinations.protocol import App, Call, KnownField, Limit, Send
from roo_dbt.errors import AppRefused, VendorLost
from roo_dbt.records import Answer, Finding, Request

UnpublishedCall = Literal[
    "users/updateEmail",
    "lists/subscribe",
    "lists/unsubscribe",
    "users/bulkUpdateSubscriptions",
    "commerce/trackPurchase",
]
"""The calls of `limits.UNPUBLISHED`."""

HOSTS = {"us": "https://api.iterable.com", "eu": "https://api.eu.iterable.com"}
"""Source: https://support.iterable.com/hc/articles/360043464871 (read 2026-11-22)."""


class Iterable(App):
    """An Iterable project: its key, its data centre and how it tells users apart."""

    type: ClassVar[str] = "iterable"
    title: ClassVar[str] = "Iterable"
    objects = {  # noqa: RUF012 - a class variable already, in App
        "users": Users,
        "events": Events,
        "purchases": Purchases,
        "subscriptions": Subscriptions,
    }
    limits: ClassVar[tuple[Limit, ...]] = LIMITS
    first_settings: ClassVar[Mapping[str, str]] = {
        "base_url": "${ITERABLE_BASE_URL:-http://127.0.0.1:8911}",
        "api_key": "${ITERABLE_API_KEY}",
        "project_type": "email",
    }

    api_key: SecretStr = Field(
        description="A key of the type Server-side, from Integrations > API Keys of the project."
    )
    data_center: Literal["us", "eu"] = Field(
        "us", description="Where the project lives; a key works in its own data centre only."
    )
    project_type: ProjectType = Field(
        description="How the project identifies users; shown in its settings, and no call tells it."
    )
    base_url: str | None = Field(
        None, description="Another host, without /api; overrides data_center. https, or http on loopback."
    )
    settle_seconds: float = Field(
        60,
        ge=0,
        allow_inf_nan=False,
        description="Seconds between a profile write and a call that depends on it, as Iterable asks.",
    )
    rates: dict[UnpublishedCall, PositiveInt] = Field(
        {},
        description="Requests a second for calls whose limit Iterable does not publish, if you know better "
        f"than roo-dbt: {', '.join(f'`{call}`' for call in get_args(UnpublishedCall))}.",
    )
    _paced: dict[str, Limit] = PrivateAttr(default_factory=dict)

    @field_validator("api_key")
    @classmethod
    def _fits_a_header(cls, value: SecretStr) -> SecretStr:
        key = value.get_secret_value().strip()
        if not (key.isascii() and key.isprintable()) or " " in key:
            raise PydanticCustomError("bad-api-key", "holds characters that no Iterable key has.")
        return SecretStr(key)

    @field_validator("project_type")
    @classmethod
    def _exists_in_the_data_centre(cls, value: ProjectType, info: ValidationInfo) -> ProjectType:
        if value == "email" and info.data.get("data_center") == "eu":
            raise PydanticCustomError(
                "eu-email-project",
                "must be user_id or hybrid: the EU data centre has no email-based projects.",
            )
        return value

    @field_validator("base_url")
    @classmethod
    def _is_a_host(cls, value: str | None) -> str | None:
        if value is None:
            return None
        text = value.strip().rstrip("/")
        if fault := _host_fault(text):
            raise PydanticCustomError("bad-base-url", "{fault}", {"fault": fault})
        return text

    @property
    def endpoint(self) -> str:
        """`base_url`, else the host of the data centre."""
        return self.base_url or HOSTS[self.data_center]

    def paced(self, *calls: Call) -> tuple[Call, ...]:
        """The calls, at the rates of the settings. Calls that share a limit go on sharing it."""
        for call in calls:
            limit = call.rate
            number = self.rates.get(cast("UnpublishedCall", limit.name.partition(" ")[2]))
            if number is not None:
                call.rate = self._paced.setdefault(limit.name, replace(limit, number=number))
        return calls

    def headers(self) -> dict[str, str]:
        """The key travels in a header; in a query or a body Iterable limits it more harshly."""
        return {"Api-Key": self.api_key.get_secret_value()}

    def check(self, send: Send, objects: Sequence[str]) -> Sequence[Finding]:  # noqa: ARG002 - one key for all
        """Read the project's lists: there is no ping, and this needs the same kind of key as writing."""
        answer = send(Request("GET", "/api/lists"))
        return [Finding("API key", *_reading(answer, self.endpoint))]

    @classmethod
    def website(cls, settings: Mapping[str, str]) -> str:
        """The web application of the data centre.

        Source: https://support.iterable.com/hc/articles/360043464871 (read 2026-11-22).
        """
        return (
            "https://app.eu.iterable.com"
            if settings.get("data_center") == "eu"
            else "https://app.iterable.com"
        )

    def fields(self, send: Send) -> tuple[KnownField, ...]:
        """The profile fields of the project, nested ones with dots, by name.

        Raises:
            AppRefused: the key may not ask. VendorLost: no proper answer.
        """
        answer = send(Request("GET", "/api/users/getFields"))
        named = refusal(answer).named(answer)
        if answer.status in (401, 403):
            raise AppRefused(f"Iterable refused the API key ({named}).", hint=key_advice(self.endpoint))
        known = known_fields(answer)
        if known is None:
            raise VendorLost(
                f"Iterable did not list its fields ({named}).", hint="Run the command again later."
            )
        return known


def _reading(answer: Answer, host: str) -> tuple[bool, str]:
    """Whether the lists could be read, and what to do if not."""
    body = json_body(answer)
    if answer.status == 200 and isinstance(body, dict) and isinstance(body.get("lists"), list):
        count = len(body["lists"])
        return True, f"{host} accepts the key; the project has {count} list{'s' if count != 1 else ''}."
    if answer.status in (401, 403):
        return False, f"Iterable refused the key ({refusal(answer).named(answer)}). {key_advice(host)}"
    if answer.status in (200, 404):
        return False, f"{host} does not answer like Iterable (HTTP {answer.status}). Check base_url."
    return False, f"{host} did not answer as it should ({refusal(answer).named(answer)}). Try again later."


def _host_fault(text: str) -> str | None:
    """Why this cannot be the address of a host; None when it can."""
    try:
        parts = urlsplit(text)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return "must be an address such as https://api.iterable.com."
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host or not port_is_valid:
        return "must be an address such as https://api.iterable.com."
    if parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        return "must be the host alone, without /api."
    if parts.scheme == "http" and not _is_loopback(host):
        return "must begin with https://; http:// is for this machine only."
    return None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
