"""Fault × expectation as data: the tests and the table of docs/reliability.md are made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RECORDS = 8
"""Records of the model in every test of the matrix: one request."""


@dataclass(frozen=True)
class Expected:
    """What a sync must end with.

    `counts` are the ledger's, `arrived` is how many records the vendor has then, `again` says that
    requests were repeated, `sentence` is part of what the user reads. `codes` are those of the failures.
    """

    exit_code: int
    counts: Mapping[str, int]
    arrived: int
    again: bool = False
    code: str = ""
    sentence: str = ""

    def __str__(self) -> str:
        """As the page says it."""
        parts = [
            f"{'all' if number == RECORDS else number} {_NAMES.get(name, name)}"
            + (f" (`{self.code}`)" if name == "failed" else "")
            for name, number in self.counts.items()
        ]
        if self.again and self.counts.get("created"):
            parts[0] += ", in further requests"
        said = f": “… {self.sentence} …”" if self.sentence else ""
        held = "" if self.counts else "nothing counted, all due"
        return f"exit {self.exit_code}; {', '.join(parts) or held}{said}"


_NAMES = {"created": "accepted"}

TAKEN = Expected(0, {"created": RECORDS}, RECORDS)
TAKEN_AGAIN = Expected(0, {"created": RECORDS}, RECORDS, again=True)


def one_refused(code: str, *, again: bool = False) -> Expected:
    """All but one are accepted, and that one waits for a mended record."""
    return Expected(1, {"created": RECORDS - 1, "failed": 1}, RECORDS - 1, again=again, code=code)


def refused_at_once(sentence: str) -> Expected:
    """The key or the endpoint is wrong: nothing was sent, the run could not start."""
    return Expected(2, {}, 0, sentence=sentence)


def stopped(sentence: str, *, arrived: int = 0, again: bool = True) -> Expected:
    """The vendor is lost: the rest stays due, and running again is safe."""
    return Expected(3, {}, arrived, again=again, sentence=sentence)


def unsure(*, arrived: int) -> Expected:
    """Nobody knows whether the events arrived: they are not sent again unasked."""
    return Expected(1, {"unknown": RECORDS}, arrived)


@dataclass(frozen=True)
class Case:
    """One fault, and what becomes of users (who are upserted) and of events (which count twice).

    `fault` are settings of the sandbox's fault dial, several for a vendor that goes on failing.
    """

    name: str
    fault: Mapping[str, Any]
    users: Expected
    events: Expected
    iterable: Expected | None = None
    contract: str = "default"

    def expected(self, kind: str) -> Expected:
        """For `braze users`, `iterable users` or `braze events`."""
        if kind == "braze events":
            return self.events
        return (self.iterable or self.users) if kind == "iterable users" else self.users


WRITES = {
    "braze users": "/users/track",
    "iterable users": "/api/users/bulkUpdate",
    "braze events": "/users/track",
}
"""The request that every test spoils, by what is sent."""
KINDS = tuple(WRITES)

ONE = "2"
"""The record that the vendor objects to, where it objects to one."""


def _status(name: str, status: int, users: Expected, events: Expected, **more: Any) -> Case:
    settings = {"iterable", "contract"}
    fault = {key: value for key, value in more.items() if key not in settings}
    rest = {key: value for key, value in more.items() if key in settings}
    return Case(name, {"kind": "status", "status": status, **fault}, users, events, **rest)


_LOST = "gives no answer"

MATRIX: tuple[Case, ...] = (
    Case("no fault", {}, TAKEN, TAKEN),
    Case(
        "201 or 200 that refuses one record",
        {"kind": "item", "ids": [ONE, f"u{ONE}@example.com"]},
        one_refused("rejected"),
        one_refused("rejected"),
        iterable=one_refused("invalid_value"),
    ),
    _status("400 for a whole batch, once", 400, TAKEN_AGAIN, TAKEN_AGAIN, count=1),
    _status(
        "400 for every batch with one record in it",
        400,
        one_refused("rejected", again=True),
        one_refused("rejected", again=True),
        ids=[ONE, f"u{ONE}@example.com"],
    ),
    _status(
        "400 for everything",
        400,
        Expected(1, {"failed": RECORDS}, 0, again=True, code="rejected"),
        Expected(1, {"failed": RECORDS}, 0, again=True, code="rejected"),
    ),
    _status("401", 401, refused_at_once("401"), refused_at_once("401")),
    _status("403", 403, refused_at_once("403"), refused_at_once("403")),
    _status("404", 404, refused_at_once("404"), refused_at_once("404")),
    _status("302, which is not followed", 302, refused_at_once("302"), refused_at_once("302")),
    _status("413, once", 413, TAKEN_AGAIN, TAKEN_AGAIN, count=1),
    _status(
        "413 for a single record, too",
        413,
        Expected(1, {"failed": RECORDS}, 0, again=True, code="rejected"),
        Expected(1, {"failed": RECORDS}, 0, again=True, code="rejected"),
    ),
    _status("429, when to come back in epoch seconds", 429, TAKEN_AGAIN, TAKEN_AGAIN, count=1, seconds=30),
    _status(
        "429, when to come back in seconds left",
        429,
        TAKEN_AGAIN,
        TAKEN_AGAIN,
        count=1,
        seconds=30,
        contract="mau",
    ),
    _status(
        "429 with a wait of days",
        429,
        stopped("asks for a wait of", again=False),
        stopped("asks for a wait of", again=False),
        seconds=500_000,
        contract="mau",
    ),
    _status("500, once", 500, TAKEN_AGAIN, unsure(arrived=0), count=1),
    _status("500, for good", 500, stopped(_LOST), unsure(arrived=0)),
    _status("502, once", 502, TAKEN_AGAIN, TAKEN_AGAIN, count=1),
    _status("503, once", 503, TAKEN_AGAIN, TAKEN_AGAIN, count=1),
    _status("503, for good", 503, stopped(_LOST), stopped(_LOST)),
    _status("504, once", 504, TAKEN_AGAIN, unsure(arrived=0), count=1),
    Case(
        "connection cut before the write, once",
        {"kind": "drop_before", "count": 1},
        TAKEN_AGAIN,
        unsure(arrived=0),
    ),
    Case(
        "connection cut after the write, once",
        {"kind": "drop_after", "count": 1},
        TAKEN_AGAIN,
        unsure(arrived=8),
    ),
    Case(
        "connection cut after every write",
        {"kind": "drop_after"},
        stopped(_LOST, arrived=8),
        unsure(arrived=8),
    ),
    Case(
        "nobody listens",
        {"kind": "closed"},
        stopped("no connection"),
        stopped("no connection"),
        # The question that comes first gets no answer either.
        iterable=stopped("no connection", again=False),
    ),
    Case(
        "no answer at all (stall), nothing written, once",
        {"kind": "stall", "seconds": 60, "count": 1},
        TAKEN_AGAIN,
        unsure(arrived=0),
    ),
    Case(
        "no answer at all (stall), but written, once",
        {"kind": "stall", "seconds": 60, "count": 1, "written": True},
        TAKEN_AGAIN,
        unsure(arrived=8),
    ),
    Case("slow answer, within the time", {"kind": "drip", "seconds": 0.1, "count": 1}, TAKEN, TAKEN),
    Case(
        "slow answer, beyond the time, once",
        {"kind": "drip", "seconds": 6.0, "count": 1},
        TAKEN_AGAIN,
        unsure(arrived=8),
    ),
    Case(
        "200 with an HTML page, once",
        {"kind": "html", "status": 200, "count": 1},
        TAKEN_AGAIN,
        unsure(arrived=0),
    ),
    Case(
        "502 with an HTML page, once", {"kind": "html", "status": 502, "count": 1}, TAKEN_AGAIN, TAKEN_AGAIN
    ),
    Case(
        "answer cut short (truncated JSON), once",
        {"kind": "truncated", "count": 1},
        TAKEN_AGAIN,
        unsure(arrived=8),
    ),
)
"""Every fault, in the order of the page."""


def table() -> str:
    """The matrix in Markdown."""
    head = ("fault", *(f"{kind.capitalize()}" for kind in KINDS))
    rows = [(case.name, *(str(case.expected(kind)) for kind in KINDS)) for case in MATRIX]
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
