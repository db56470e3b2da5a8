"""What travels over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from roo_dbt.records.changes import Change


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `path` is relative to the app's endpoint; `body` is JSON, already bytes."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    body: bytes | None = None
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class Item:
    """A change's part of a request; like a `Change` never changed once it is made.

    `body` is its JSON, joined into the request without being parsed again; `match` is whatever the
    call needs to find the item in an answer (a normalised e-mail, say). Items of different `batch` (a
    list's id, say) never share a request.
    """

    change: Change
    body: bytes
    match: str = ""
    batch: str = ""
