"""A vendor on 127.0.0.1 that answers as told, an app and calls that talk to it, and a clock for tests."""

# ruff: noqa: ARG002 - doubles keep the signatures of what they stand in for
from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from roo_dbt.destinations.protocol import App, Call, Limit, Send, judge_status
from roo_dbt.errors import Splittable
from roo_dbt.export import Clock, Lane, RetryPolicy, Shipment, export, open_lane
from roo_dbt.records import (
    Answer,
    Change,
    DestinationResult,
    Finding,
    Item,
    Outcome,
    Request,
    postponed,
    refused,
)
from roo_dbt.testing import StandingClock

AnyCall = Call
KEY = "0b7c4f3e-secret-key"
UNLIMITED = Limit("everything", 10**15, "requests per second", "tests", "2026-11-22", 1.0)


@dataclass
class Reply:
    """What the vendor answers; `cut`: nothing, the connection is closed."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    outcomes: Sequence[str | None] | None = None
    text: str = ""
    cut: bool = False


@dataclass(frozen=True)
class Received:
    """A request as the vendor saw it."""

    path: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def ids(self) -> list[int]:
        return [item["id"] for item in json.loads(self.body)["items"]]


Script = Callable[[Received], Reply]


def accept(_: Received) -> Reply:
    return Reply()


class Server(ThreadingHTTPServer):
    """Keeps quiet about clients that hang up."""

    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Vendor:
    """A real HTTP server; `script` says what it answers to each request."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.script: Script = accept
        self._server = Server(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def ids(self, path: str | None = None) -> list[list[int]]:
        """The items of each request, in the order of arrival."""
        return [received.ids for received in self.received if path in {None, received.path}]

    def answers(self, *replies: Reply) -> None:
        """Answer with these in turn, then accept everything."""
        left = iter(replies)
        lock = threading.Lock()

        def script(received: Received) -> Reply:
            with lock:
                return next(left, Reply())

        self.script = script

    def reset(self) -> None:
        self.received, self.script = [], accept

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                received = Received(self.path, body, dict(self.headers.items()))
                vendor.received.append(received)
                self._reply(vendor.script(received))

            def do_GET(self) -> None:
                self.do_POST()

            def _reply(self, reply: Reply) -> None:
                if reply.cut:
                    self.close_connection = True
                    return
                text = reply.text or json.dumps({"outcomes": reply.outcomes})
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_request(self, *_: Any) -> None:
                return

        return Handler


class FakeApp(App):
    """An app whose vendor is a `Vendor`."""

    type = "fake"
    title = "Fake"
    objects: ClassVar = {}
    limits = (UNLIMITED,)

    url: str
    api_key: SecretStr = SecretStr(KEY)

    @property
    def endpoint(self) -> str:
        return self.url

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key.get_secret_value()}"}

    def check(self, send: Send, objects: Sequence[str]) -> Sequence[Finding]:
        return ()


class FakeCall(Call):
    """A call whose items are `{"id": seq, "text": …}` and whose answer lists outcomes by word."""

    name = "/upsert"

    def __init__(
        self,
        *,
        name: str = "/upsert",
        batch_size: int = 3,
        max_bytes: int = 4_000_000,
        repeatable: bool = True,
        rate: Limit = UNLIMITED,
        needs: Callable[[Change], Item | Outcome | None] | None = None,
    ) -> None:
        self.name = name  # type: ignore[misc]
        self.batch_size = batch_size
        self.max_bytes = max_bytes
        self.repeatable = repeatable
        self.rate = rate
        self._needs = needs or item_of

    def item(self, change: Change) -> Item | Outcome | None:
        return self._needs(change)

    def request(self, items: Sequence[Item]) -> Request:
        body = b'{"items":[' + b",".join(item.body for item in items) + b"]}"
        return Request("POST", self.name, body)

    def judge(self, answer: Answer) -> None:
        after = answer.headers.get("retry-after")
        judge_status(answer, retry_in=float(after) if after else None)
        if answer.status == 400:
            raise Splittable("one of these records is refused")

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        words = json.loads(answer.body)["outcomes"] or ["ok"] * len(items)
        return [OUTCOMES[word] if word else None for word in words]


OUTCOMES = {
    "ok": Outcome("accepted"),
    "warned": Outcome("accepted", message="the country is not known"),
    "also warned": Outcome("accepted", message="the list is full"),
    "later": postponed("too busy for this one", 7),
    "bad": refused("rejected", f"not a valid email (key {KEY})"),
}


def item_of(change: Change) -> Item:
    """The change as the vendor gets it."""
    return Item(change, json.dumps({"id": change.seq, "text": change.new.get("text", "")}).encode())


def change_of(seq: int, *, text: str = "", verdict: Outcome | None = None) -> Change:
    return Change(seq, "update", str(seq), {}, {"text": text}, ("text",), verdict=verdict)


def changes_of(number: int) -> list[Change]:
    return [change_of(seq) for seq in range(number)]


class Log:
    """Progress that remembers the pauses."""

    def __init__(self) -> None:
        self.pauses: list[tuple[str, float, str]] = []

    def started(self, destination: str, total: int) -> None:
        return

    def advanced(self, destination: str, done: int) -> None:
        return

    def waiting(self, app: str, seconds: float, reason: str) -> None:
        self.pauses.append((app, seconds, reason))

    def finished(self, result: DestinationResult) -> None:
        return


@dataclass
class Bench:
    """One vendor, one clock, and lanes between them."""

    vendor: Vendor
    time: StandingClock = field(
        default_factory=lambda: StandingClock(datetime(2026, 11, 22, 14, 0, tzinfo=timezone.utc))
    )
    stop: threading.Event = field(default_factory=threading.Event)
    log: Log = field(default_factory=Log)

    Reply = Reply
    Call = FakeCall
    item = staticmethod(item_of)
    change = staticmethod(change_of)
    changes = staticmethod(changes_of)

    def lane(
        self,
        *,
        threads: int = 4,
        policy: RetryPolicy | None = None,
        key: str = KEY,
        clock: Clock | None = None,
    ) -> AbstractContextManager[Lane]:
        return open_lane(
            FakeApp(url=self.vendor.url, api_key=SecretStr(key)),
            app_name="shop",
            stop=self.stop,
            progress=self.log,
            threads=threads,
            policy=policy,
            clock=clock or self.time.clock(),
        )

    def ship(
        self, changes: Iterable[Change], *calls: AnyCall, threads: int = 4, policy: RetryPolicy | None = None
    ) -> Ledger:
        """Send changes as one page on a lane of their own."""
        with self.lane(threads=threads, policy=policy) as lane:
            return self.ship_on(lane, [list(changes)], *calls)

    def ship_on(self, lane: Lane, pages: Iterable[Sequence[Change]], *calls: AnyCall) -> Ledger:
        """Send pages of changes on an open lane, to the end or to the error that ends it."""
        ledger = Ledger(export(pages, calls, lane))
        ledger.read()
        return ledger


class Ledger:
    """What became of the changes of a shipment, by sequence; each at most once."""

    def __init__(self, shipment: Shipment) -> None:
        self.shipment = shipment
        self.outcomes: dict[int, Outcome] = {}
        self.problem: Exception | None = None

    def read(self) -> None:
        try:
            for settled in self.shipment:
                for change, outcome in settled:
                    assert change.seq not in self.outcomes, f"two outcomes for {change.seq}"
                    self.outcomes[change.seq] = outcome
        except Exception as problem:  # noqa: BLE001 - the tests look at it
            self.problem = problem

    @property
    def requests(self) -> int:
        return self.shipment.requests

    @property
    def retries(self) -> int:
        return self.shipment.retries

    def with_status(self, status: str) -> set[int]:
        return {seq for seq, outcome in self.outcomes.items() if outcome.status == status}


@pytest.fixture(scope="session")
def _vendor() -> Iterator[Vendor]:
    vendor = Vendor()
    yield vendor
    vendor.close()


@pytest.fixture
def bench(_vendor: Vendor) -> Bench:
    _vendor.reset()
    return Bench(_vendor)


@pytest.fixture(scope="session")
def fresh_bench(_vendor: Vendor) -> Callable[[], AbstractContextManager[Bench]]:
    """A bench for each example of a property."""

    @contextmanager
    def make() -> Iterator[Bench]:
        _vendor.reset()
        yield Bench(_vendor)

    return make
