"""The latest requests, and counts of all of them."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

MAX_BYTES = 64_000_000
"""Bytes of bodies that the log keeps at most; the oldest entries lose theirs first."""

_MASK = "…"
_SECRET_FIELDS = ("api_key", "apiKey")


@dataclass(slots=True, eq=False)
class Entry:
    """One handled request.

    `status` is 0 when the connection was cut instead of answered. `seconds` is the time spent on it,
    latency left out. `number` counts from 1 since the last reset. `raw` and `answer` are the bodies,
    without keys; `fault` names the fault that met it.
    """

    number: int
    at: float
    vendor: str
    method: str
    path: str
    query: str
    status: int
    objects: int
    seconds: float
    raw: bytes
    answer: bytes
    fault: str | None = None
    warnings: list[str] = field(default_factory=list)

    @property
    def body(self) -> Any:
        """What was sent, as JSON; text when it is no JSON, None when there was nothing."""
        return _readable(self.raw)

    @property
    def reply(self) -> Any:
        """What was answered, as JSON; text when it is no JSON, None when there was nothing."""
        return _readable(self.answer)

    def summary(self, limit: int) -> dict[str, Any]:
        """The entry for the page, its bodies cut after `limit` characters."""
        return {
            "number": self.number,
            "at": self.at,
            "vendor": self.vendor,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "status": self.status,
            "objects": self.objects,
            "milliseconds": round(self.seconds * 1000, 2),
            "fault": self.fault,
            "warnings": self.warnings,
            "bytes": len(self.raw),
            "body": self.raw[:limit].decode("utf-8", "replace"),
            "body_cut": len(self.raw) > limit,
            "reply": self.answer[:limit].decode("utf-8", "replace"),
        }


def _readable(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return orjson.loads(raw)
    except ValueError:
        return raw.decode("utf-8", "replace")


def without_keys(raw: bytes, key: str | None = None) -> bytes:
    """`raw` without the API key of the request and without the legacy key field of a body."""
    if key:
        raw = raw.replace(key.encode(), _MASK.encode())
    if any(name.encode() in raw for name in _SECRET_FIELDS):
        value = _readable(raw)
        if isinstance(value, dict):
            masked = {name: _MASK if name in _SECRET_FIELDS else entry for name, entry in value.items()}
            return orjson.dumps(masked)
    return raw


class RequestLog:
    """A ring of entries with the totals of everything that went through it.

    Args:
        size: entries kept.
    """

    def __init__(self, size: int) -> None:
        self.entries: deque[Entry] = deque()
        self.total = 0
        self.requests: Counter[str] = Counter()
        self.objects: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.connections: set[Any] = set()
        self._size = size
        self._bytes = 0

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def add(self, entry: Entry, connection: Any) -> None:
        """Count an entry that came over `connection` and keep it, dropping what no longer fits."""
        self.total += 1
        entry.number = self.total
        line = f"{entry.method} {_general(entry.path)}"
        self.requests[line] += 1
        self.objects[line] += entry.objects
        self.statuses[str(entry.status)] += 1
        self.connections.add(connection)
        self.entries.append(entry)
        self._bytes += len(entry.raw) + len(entry.answer)
        while len(self.entries) > self._size or (self._bytes > MAX_BYTES and len(self.entries) > 1):
            oldest = self.entries.popleft()
            self._bytes -= len(oldest.raw) + len(oldest.answer)

    def clear(self) -> None:
        """Forget the entries and the counts, and number from 1 again."""
        self.__init__(self._size)  # type: ignore[misc]

    def stats(self) -> dict[str, Any]:
        """Requests and objects per path, answers per status, connections, and the total."""
        paths = {
            line: {"requests": count, "objects": self.objects[line]} for line, count in self.requests.items()
        }
        return {
            "requests": self.total,
            "objects": sum(self.objects.values()),
            "connections": len(self.connections),
            "paths": paths,
            "statuses": dict(self.statuses),
        }


def _general(path: str) -> str:
    """The path with a user or list in it written as a placeholder, so that counts stay few."""
    head, _, last = path.rpartition("/")
    if head in ("/api/users/byUserId", "/api/lists") and last not in ("subscribe", "unsubscribe", "getUsers"):
        return f"{head}/{{id}}"
    if head == "/api/users" and ("@" in last or "%40" in last):
        return "/api/users/{email}"
    return path
