"""The connection to an endpoint of your own: its address, its headers, and what an answer means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError

from roo_dbt.destinations.protocol import App, Limit, ObjectClass, Send
from roo_dbt.destinations.webhook.records import PLACEHOLDERS, RATE, Records, placeholders, split
from roo_dbt.records import Finding, Request
from roo_dbt.transport import is_loopback

_CREDENTIAL = re.compile(r"auth|cookie|key|token|secret|password|signature", re.IGNORECASE)
_SHORTEST_SECRET = 6
"""Characters; the scheme in front of a token is no secret, and shorter words would garble messages."""


class Webhook(App):
    """An endpoint that takes records as JSON."""

    type: ClassVar[str] = "webhook"
    title: ClassVar[str] = "Webhook"
    objects: ClassVar[Mapping[str, ObjectClass]] = {"records": Records}
    limits: ClassVar[tuple[Limit, ...]] = (RATE,)

    url: str = Field(
        title="URL",
        description="Where new and changed records go. https, or http on this machine.",
        examples=["https://hooks.example.com/customers"],
        repr=False,
    )
    method: Literal["POST", "PUT", "PATCH"] = Field("POST", description="The method of those requests.")
    headers_: dict[str, str | SecretStr] = Field(
        default_factory=dict,
        alias="headers",
        description="Headers of every request; credentials as ${VARIABLE}, alone or after a word (Bearer).",
        examples=["{Authorization: 'Bearer ${HOOK_TOKEN}'}"],
    )
    record: Any = Field(
        default_factory=lambda: {"operation": "$operation", "key": "$key", "fields": "$fields"},
        description="One record as JSON; $operation, $key and $fields stand for what changed.",
        repr=False,
    )
    body: Any = Field(
        "$records", description="The body as JSON; $records stands for the list of records.", repr=False
    )
    batch_size: int = Field(1, ge=1, le=10_000, description="Records in one request at most.")
    per_second: int = Field(10, ge=1, le=1_000, description="Requests a second at most.")
    success: dict[str, Any] = Field(
        default_factory=dict,
        description="Beside a status of 2xx: values that the JSON answer must have, by dotted path.",
        examples=["{status: ok}"],
    )
    failures: str | None = Field(
        None,
        description="Dotted path of the list of refused records in the answer: {key, message} each.",
    )
    delete_url: str | None = Field(
        None, description="Where records that left go, as the same body by POST.", repr=False
    )
    idempotent: bool | None = Field(
        None, description="Twice is as good as once, so a lost answer is asked again. Default: PUT only."
    )
    check_url: str | None = Field(
        None, description="Answers a GET with 2xx; `roo-dbt check` asks it.", repr=False
    )

    @field_validator("url", "delete_url", "check_url")
    @classmethod
    def _safe(cls, value: str | None) -> str | None:
        """An address that keeps what is sent to itself."""
        parts = urlsplit(value or "https://unset.invalid")
        if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc:
            raise PydanticCustomError("bad-url", "must be an address such as https://hooks.example.com/in.")
        if parts.scheme == "http" and value is not None and not is_loopback(value):
            raise PydanticCustomError("insecure-endpoint", "must begin with https://.")
        return value

    @field_validator("headers_")
    @classmethod
    def _hidden(cls, value: dict[str, str | SecretStr]) -> dict[str, str | SecretStr]:
        open_ = [name for name, text in value.items() if isinstance(text, str) and _CREDENTIAL.search(name)]
        if open_:
            raise PydanticCustomError(
                "literal-secret", "{name} looks like a credential: write ${VARIABLE}.", {"name": open_[0]}
            )
        return value

    @field_validator("record", "body")
    @classmethod
    def _known(cls, value: Any) -> Any:
        unknown = sorted(placeholders(value) - PLACEHOLDERS)
        if unknown:
            raise PydanticCustomError("bad-template", "there is no {name}.", {"name": unknown[0]})
        return value

    @model_validator(mode="after")
    def _one_host(self) -> Webhook:
        if "$records" not in placeholders(self.body):
            raise PydanticCustomError("bad-template", "body: must hold $records.")
        if any(split(url)[0] != self.endpoint for url in (self.delete_url, self.check_url) if url):
            raise PydanticCustomError("other-host", "delete_url and check_url must be on the host of url.")
        return self

    @property
    def endpoint(self) -> str:
        """Scheme and host of `url`."""
        return split(self.url)[0]

    def headers(self) -> dict[str, str]:
        """The headers as they are set."""
        revealed = {name: _text(value) for name, value in self.headers_.items()}
        return {"Content-Type": "application/json", **revealed}

    def secrets(self) -> tuple[str, ...]:
        """Every header that came from a variable, and each longer word of it."""
        values = [
            value.get_secret_value() for value in self.headers_.values() if isinstance(value, SecretStr)
        ]
        words = [word for value in values for word in value.split() if len(word) >= _SHORTEST_SECRET]
        return (*values, *words)

    def hidden(self) -> tuple[str, ...]:
        """The secrets, and what variables put into addresses and templates, whole and in the parts of an URL.

        Not the host, and no words that are too short for a token: messages would say nothing any more.
        """
        parts = {part for value in self.from_environment for part in (value, *re.split(r"[/?&=#]", value))}
        tokens = [
            part for part in sorted(parts) if len(part) >= _SHORTEST_SECRET and part not in self.endpoint
        ]
        return (*self.secrets(), *tokens)

    def check(self, send: Send, objects: Sequence[str]) -> Sequence[Finding]:  # noqa: ARG002 - one kind
        """Ask `check_url`; without one nothing can be tried without sending a record."""
        if self.check_url is None:
            return [Finding("endpoint", ok=True, message="not tried: set check_url to have it asked")]
        answer = send(Request("GET", split(self.check_url)[1]))
        is_fine = answer.status // 100 == 2
        advice = "" if is_fine else "; look at url, check_url and headers"
        return [Finding("endpoint", is_fine, f"check_url answers with HTTP {answer.status}{advice}")]


def _text(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
