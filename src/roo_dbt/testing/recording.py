"""Real exchanges with a vendor, kept in a file without secrets and played again without the vendor."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from roo_dbt.testing.server import Forward, Received, Reply, Vendor
from roo_dbt.transport import Redactor

RECORD = "ROO_RECORD"
"""The environment variable that makes `recorded` ask the vendor."""

_KEPT = ("content-type", "retry-after")
"""Headers of answers that mean something; those with `ratelimit` in their name are kept as well."""


class _Scrub:
    """What a file may hold of a text."""

    def __init__(self, secrets: Iterable[str], instead: Mapping[str, str] | None) -> None:
        self._redact = Redactor(secrets)
        self._instead = dict(instead or {})

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        for word, other in self._instead.items():
            text = text.replace(word, other)
        return self._redact(text)

    def request(self, received: Received) -> dict[str, Any]:
        """A request without secrets and without headers."""
        return {
            "method": received.method,
            "path": self(received.path),
            "query": {self(name): self(value) for name, value in received.query.items()},
            "body": self(received.body.decode("utf-8", "replace")),
        }


class Recorder(Vendor):
    """Asks another vendor and writes every exchange to a file, one JSON object a line.

    Headers of requests are left out, secrets are masked wherever they stand.

    Args:
        vendor: usually `Forward("https://api.acme.com")`.
        path: the file, begun anew.
        secrets: what must not be in it; `App.hidden()`.
        instead: further texts to write in another way, customers' addresses for instance.
    """

    def __init__(
        self, vendor: Vendor, path: Path, *, secrets: Iterable[str], instead: Mapping[str, str] | None = None
    ) -> None:
        self._vendor = vendor
        self._path = path
        self._scrub = _Scrub(secrets, instead)
        path.write_text("", encoding="utf-8")

    def answer(self, received: Received) -> Reply:
        """The other vendor's answer, written down before it is given."""
        reply = self._vendor.answer(received)
        exchange = {
            **self._scrub.request(received),
            "status": reply.status,
            "headers": {n: self._scrub(v) for n, v in reply.headers.items() if _is_kept(n)},
            "answer": self._scrub(reply.body.decode("utf-8", "replace")),
        }
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(exchange, ensure_ascii=False) + "\n")
        return reply

    def close(self) -> None:
        """Close the other vendor."""
        self._vendor.close()


class Replay(Vendor):
    """Gives the answers of a file again: the next one to the same request, the last one for ever.

    Raises from `answer` (and so in the test) LookupError: the file has no such request.

    Args:
        path: the file.
        secrets: what was masked when it was recorded, as it is in requests now.
        instead: as for the `Recorder`.
    """

    def __init__(
        self, path: Path, *, secrets: Iterable[str] = (), instead: Mapping[str, str] | None = None
    ) -> None:
        self._scrub = _Scrub(secrets, instead)
        self._answers: dict[str, list[Reply]] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            exchange = json.loads(line)
            reply = Reply(exchange["status"], exchange["headers"], text=exchange["answer"])
            self._answers.setdefault(_form(exchange), []).append(reply)

    def answer(self, received: Received) -> Reply:
        """The recorded answer."""
        asked = self._scrub.request(received)
        answers = self._answers.get(_form(asked))
        if not answers:
            raise LookupError(f"no recorded exchange for {received.method} {received.path}; record again")
        return answers.pop(0) if len(answers) > 1 else answers[0]


def recorded(
    path: Path, url: str, *, secrets: Iterable[str], instead: Mapping[str, str] | None = None
) -> Vendor:
    """A vendor that is played from `path`, or asked at `url` and recorded if ROO_RECORD is set."""
    if os.environ.get(RECORD):
        return Recorder(Forward(url), path, secrets=secrets, instead=instead)
    return Replay(path, secrets=secrets, instead=instead)


def _is_kept(name: str) -> bool:
    return name.lower() in _KEPT or "ratelimit" in name.lower()


def _form(exchange: Mapping[str, Any]) -> str:
    """What tells one request from another, however its JSON is laid out."""
    try:
        body = json.loads(exchange["body"])
    except ValueError:
        body = exchange["body"]
    return json.dumps([exchange["method"], exchange["path"], exchange["query"], body], sort_keys=True)
