"""A real HTTP server on this machine that keeps what it got and answers as a vendor would."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from typing_extensions import Self


@dataclass(frozen=True)
class Received:
    """A request as the vendor saw it. Header names are lower case; `path` has no query."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON; None when there is none. Raises ValueError for anything else."""
        return json.loads(self.body) if self.body else None

    @property
    def text(self) -> str:
        """Address and body in one line, without escapes, to look for words in."""
        try:
            body = json.dumps(self.json, ensure_ascii=False)
        except ValueError:
            body = self.body.decode("utf-8", "replace")
        return f"{self.method} {unquote(self.path)} {json.dumps(dict(self.query), ensure_ascii=False)} {body}"


@dataclass(frozen=True)
class Reply:
    """What a vendor answers: `json` if it is given, else `text`."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    text: str = ""

    @property
    def body(self) -> bytes:
        """The bytes of it."""
        return json.dumps(self.json).encode() if self.json is not None else self.text.encode()


CUT = Reply(0)
"""No answer at all: the connection is closed."""


class Vendor:
    """What stands behind the server. As it is, it says yes to everything and remembers nothing.

    Override `answer`, and `users` and `members` if the fake knows them: the cases then look at what it
    holds, and otherwise at what was sent.
    """

    def answer(self, received: Received) -> Reply:  # noqa: ARG002 - for those that look
        """The answer to one request; called by one thread at a time."""
        return Reply(200, json={})

    def users(self) -> Mapping[str, Mapping[str, Any]] | None:
        """Field values by identifier; None: not known here."""
        return None

    def members(self, group: str) -> Collection[str] | None:  # noqa: ARG002 - for those that look
        """The identifiers of those in a group, by its name; None: not known here."""
        return None

    def close(self) -> None:
        """Called when a case has ended."""
        return


class Forward(Vendor):
    """Passes every request on to another host: a vendor's own sandbox, or the vendor to record it.

    Attributes:
        client: the httpx client for that host.
    """

    def __init__(self, url: str) -> None:
        import httpx

        self.client = httpx.Client(base_url=url, timeout=30)

    def answer(self, received: Received) -> Reply:
        """What the other host answers."""
        kept = {
            name: value
            for name, value in received.headers.items()
            if name not in ("host", "connection", "content-length", "accept-encoding")
        }
        answer = self.client.request(
            received.method,
            received.path,
            params=dict(received.query),
            headers=kept,
            content=received.body or None,
        )
        dropped = ("content-length", "content-encoding", "transfer-encoding", "connection", "date", "server")
        headers = {name: value for name, value in answer.headers.items() if name not in dropped}
        return Reply(answer.status_code, headers, text=answer.text)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


class RecordingServer:
    """Serves a vendor on a free port of 127.0.0.1, as a context.

    Attributes:
        received: every request, in the order of arrival.
        faults: answered instead of the vendor's answer, one for each request, while there are any.
        problem: what the vendor's own code raised, if it did.
    """

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.received: list[Received] = []
        self.faults: list[Reply] = []
        self.problem: BaseException | None = None
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def reply(self, received: Received) -> Reply:
        """The answer to one request."""
        with self._lock:
            self.received.append(received)
            if self.faults:
                return self.faults.pop(0)
            with _Noted(self):
                return self.vendor.answer(received)
        return Reply(500, text="the fake failed; see the test")

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self.vendor.close()
        if self.problem is not None and problem is None:
            raise self.problem


class _Noted:
    """Keeps what a fake raises for the test to see, and lets the server go on."""

    def __init__(self, server: RecordingServer) -> None:
        self._server = server

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._server.problem = self._server.problem or problem
        return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about clients that hang up."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def _handler(server: RecordingServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_POST(self) -> None:
            address = urlsplit(self.path)
            received = Received(
                self.command,
                address.path,
                dict(parse_qsl(address.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(int(self.headers.get("content-length", 0))),
            )
            self._send(server.reply(received))

        do_GET = do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 - http.server's names

        def _send(self, reply: Reply) -> None:
            if reply is CUT:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_request(self, *_: Any) -> None:
            return

    return Handler
