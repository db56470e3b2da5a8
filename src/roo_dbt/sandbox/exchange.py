"""A request as it reached the sandbox, and the reply to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote

import orjson


@dataclass(slots=True, eq=False)
class Request:
    """One HTTP request, read to its end.

    `path` is as sent, still percent-encoded; `headers` have lower-case names. `refused` holds the
    identifiers that a fault refuses, each with the text or kind of refusal. `warnings` collects what
    a vendor accepts without carrying it out.
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    refused: Mapping[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def segments(self) -> list[str]:
        """The decoded parts of the path."""
        return [unquote(part) for part in self.path.strip("/").split("/")]

    @property
    def content_type(self) -> str:
        """The media type, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def json(self) -> Any:
        """The body as JSON. Raises ValueError when it is not."""
        return orjson.loads(self.body)

    def warn(self, message: str) -> None:
        """Remember what the vendor will not tell the sender; at most 100 sentences."""
        if len(self.warnings) < 100:
            self.warnings.append(message)


@dataclass(slots=True, eq=False)
class Reply:
    """What goes back. A `body` of bytes or str is sent as it is, all else as JSON.

    `objects` is how many objects the request held, for the log. `cut` closes the connection instead
    of answering. `over`: seconds over which the body drips out.
    """

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    objects: int = 0
    cut: bool = False
    over: float = 0.0

    def payload(self) -> bytes:
        """The bytes of the body."""
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode()
        return orjson.dumps(self.body)


Handler = Callable[[Request], Reply]


class Vendor(Protocol):
    """One of the two services behind the port."""

    name: str

    def handle(self, request: Request) -> Reply:
        """Carry a request out and answer it. Called by one thread at a time."""

    def error(self, status: int, *, message: str | None = None, seconds: float = 1.0) -> Reply:
        """The vendor's own answer for an HTTP status; `seconds` is the wait that a 429 asks for."""


def last(values: list[Any], limit: int | None) -> list[Any]:
    """The last `limit` values; None: all of them."""
    return values if limit is None else values[max(len(values) - limit, 0) :]


class Refusal(Exception):
    """A request that a vendor answers with an error as a whole.

    Args:
        reply: the answer.
    """

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


class NotStored(Exception):
    """A value that the vendor accepts and then does not store; the message says why."""
