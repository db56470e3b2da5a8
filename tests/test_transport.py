"""One request, one answer, or the reason why there is none."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from roo_dbt import __version__, transport
from roo_dbt.errors import Fatal, Retriable
from roo_dbt.records import Request
from roo_dbt.transport import Redactor, Transport, is_loopback

ASK = Request("POST", "/users", b'{"a":1}')
KEY = "key/with+signs"


@contextmanager
def host(*behaviours: Callable[[socket.socket, bytes], None]) -> Iterator[tuple[str, list[bytes]]]:
    """A server that gives each request in turn to a behaviour, over as few connections as it is asked to."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []
    left = iter(behaviours)

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                while data := read_request(connection):
                    seen.append(data)
                    behave = next(left, None)
                    if behave is None or behave(connection, data) is not None:
                        break

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", seen
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def read_request(connection: socket.socket) -> bytes:
    data = b""
    try:
        while b"\r\n\r\n" not in data:
            if not (more := connection.recv(65_536)):
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            ),
            0,
        )
        while len(body) < length:
            body += connection.recv(65_536)
    except OSError:
        return b""
    return head + b"\r\n\r\n" + body


def answer(
    body: bytes = b"{}", *, status: str = "200 OK", headers: str = ""
) -> Callable[[socket.socket, bytes], None]:
    def behave(connection: socket.socket, _: bytes) -> None:
        head = f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{headers}\r\n"
        connection.sendall(head.encode() + body)

    return behave


def raw(data: bytes) -> Callable[[socket.socket, bytes], None]:
    """Send these bytes and close."""

    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_RDWR)

    return behave


def test_an_answer_has_status_body_and_lower_case_headers() -> None:
    with (
        host(answer(b'{"ok":true}', status="201 Created", headers="X-RateLimit-Reset: 5\r\n")) as (url, _),
        Transport(url, {}) as sender,
    ):
        got = sender.send(ASK)

    assert (got.status, got.body) == (201, b'{"ok":true}')
    assert got.headers["x-ratelimit-reset"] == "5"


def test_a_request_carries_key_type_and_who_we_are() -> None:
    given = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json", "Accept-Encoding": "gzip"}
    with host(answer()) as (url, seen), Transport(url, given) as sender:
        sender.send(Request("POST", "/users/track", b"[1]", {"page": "2"}))

    head, _, body = seen[0].partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    assert lines[0] == b"post /users/track?page=2 http/1.1"
    assert body == b"[1]"
    assert f"user-agent: roo-dbt/{__version__}".encode() in lines
    assert b"content-type: application/json" in lines
    assert f"authorization: bearer {KEY}".encode() in lines
    names = [line.partition(b":")[0] for line in lines[1:]]
    assert sorted(names) == sorted(set(names)), "a header is sent twice"


def test_a_connection_is_used_again() -> None:
    with host(answer(), answer(), answer()) as (url, seen), Transport(url, {}) as sender:
        ports = [sender.send(ASK).status for _ in range(3)]

    assert ports == [200, 200, 200]
    assert len(seen) == 3


@pytest.mark.parametrize("status", ["301 Moved", "307 Temporary Redirect"])
def test_a_redirect_is_an_answer_and_is_not_followed(status: str) -> None:
    with (
        host(answer(status=status, headers="location: http://example.invalid/\r\n")) as (url, seen),
        Transport(url, {}) as sender,
    ):
        got = sender.send(ASK)

    assert got.status == int(status[:3])
    assert len(seen) == 1


def test_a_host_nobody_listens_on_has_certainly_not_carried_it_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with (
        Transport(f"http://127.0.0.1:{port}", {}) as sender,
        pytest.raises(Retriable, match="no connection") as caught,
    ):
        sender.send(ASK)

    assert not caught.value.ambiguous
    assert f"127.0.0.1:{port}" in caught.value.message


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(b"", id="closed without an answer"),
        pytest.param(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf", id="half a body"),
        pytest.param(b"not http at all\r\n\r\n", id="not HTTP"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc", id="not really gzip"
        ),
    ],
)
def test_a_connection_that_breaks_after_the_request_is_ambiguous(broken: bytes) -> None:
    with (
        host(raw(broken)) as (url, seen),
        Transport(url, {}) as sender,
        pytest.raises(Retriable, match="broke before the answer") as caught,
    ):
        sender.send(ASK)

    assert caught.value.ambiguous
    assert len(seen) == 1


def test_a_stall_is_ambiguous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_SECONDS", 0.05)
    over = threading.Event()

    def stall(_: socket.socket, __: bytes) -> None:
        over.wait(10)

    with host(stall) as (url, _), Transport(url, {}) as sender:
        with pytest.raises(Retriable) as caught:
            sender.send(ASK)
        over.set()

    assert caught.value.ambiguous


def test_an_endless_answer_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ANSWER_BYTES", 10_000)
    packed = gzip.compress(b"0" * 1_000_000)

    with (
        host(answer(packed, headers="content-encoding: gzip\r\n")) as (url, _),
        Transport(url, {}) as sender,
        pytest.raises(Retriable, match="over 10,000 bytes") as caught,
    ):
        sender.send(ASK)

    assert caught.value.ambiguous


def test_an_answer_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ANSWER_SECONDS", -1.0)

    with (
        host(answer(b"drip")) as (url, _),
        Transport(url, {}) as sender,
        pytest.raises(Retriable, match="answers for over") as caught,
    ):
        sender.send(ASK)

    assert caught.value.ambiguous


def test_a_packed_answer_is_unpacked() -> None:
    packed = gzip.compress(b'{"a":1}')
    with host(answer(packed, headers="content-encoding: gzip\r\n")) as (url, _), Transport(url, {}) as sender:
        assert sender.send(ASK).body == b'{"a":1}'


@pytest.mark.parametrize("value", ["k3y\n", " k3y", "k3y ", "k3ÿ", "k\x003y", "k\r\n3y"])
def test_a_key_that_no_header_can_hold_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(Fatal, match="Authorization") as caught:
        Transport("http://127.0.0.1:1", {"Authorization": value}, secrets=[value])

    assert value not in str(caught.value)


def test_an_endpoint_that_is_no_url_is_fatal() -> None:
    with Transport("ftp://127.0.0.1", {}) as sender, pytest.raises(Fatal, match="not valid HTTP"):
        sender.send(ASK)


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
@pytest.mark.parametrize("form", [KEY, "key%2Fwith%2Bsigns"])
def test_a_refusal_that_quotes_the_key_loses_it(status: str, form: str) -> None:
    with (
        host(answer(f'{{"message":"bad key {form}"}}'.encode(), status=status)) as (url, _),
        Transport(url, {}, secrets=[KEY]) as sender,
    ):
        got = sender.send(ASK)

    assert got.body == b'{"message":"bad key [redacted]"}'


def test_other_answers_are_left_as_they_are() -> None:
    with (
        host(answer(b'{"failed":["demo@example.com"]}')) as (url, _),
        Transport(url, {}, secrets=["demo"]) as sender,
    ):
        assert sender.send(ASK).body == b'{"failed":["demo@example.com"]}'


def test_nothing_about_a_transport_shows_its_key() -> None:
    with Transport("http://127.0.0.1:1", {"Authorization": KEY}, secrets=[KEY]) as sender:
        assert KEY not in repr(sender)
        with pytest.raises(Retriable) as caught:
            sender.send(ASK)

    assert KEY not in repr(caught.value)
    assert caught.value.__suppress_context__


def test_a_redactor_takes_the_longest_secret_first() -> None:
    redact = Redactor(["abc", "abcdef", ""])

    assert redact("abcdef abc x") == "[redacted] [redacted] x"


def test_a_netrc_adds_no_credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password hidden\n")
    monkeypatch.setenv("NETRC", str(netrc))
    # As for a vendor's host: the environment counts.
    monkeypatch.setattr(transport, "is_loopback", lambda _: False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    with host(answer()) as (url, seen), Transport(url, {"Api-Key": "k"}) as sender:
        sender.send(ASK)

    assert b"authorization" not in seen[0].lower()


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names none."""
    for name in ("no_proxy", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.usefixtures("no_proxies")
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_proxy_is_used_for_vendors_and_not_for_this_machine(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    with host(answer(b"proxied")) as (proxy, _), host(answer(b"direct")) as (url, _):
        monkeypatch.setenv("HTTP_PROXY", proxy.replace("http://", scheme))
        with Transport(url, {}) as sender:
            direct = sender.send(ASK)
        with Transport("http://vendor.invalid", {}) as sender:
            proxied = sender.send(ASK)

    assert (direct.body, proxied.body) == (b"direct", b"proxied")


@pytest.mark.usefixtures("no_proxies")
@pytest.mark.parametrize("excepted", ["{host}", "{host}:{port}", "vendor.invalid, {host}", "*"])
def test_a_host_without_proxy_is_asked_directly(monkeypatch: pytest.MonkeyPatch, excepted: str) -> None:
    monkeypatch.setattr(transport, "is_loopback", lambda _: False)
    with host(answer(b"proxied")) as (proxy, _), host(answer(b"direct")) as (url, _):
        name, _, port = url.removeprefix("http://").partition(":")
        monkeypatch.setenv("ALL_PROXY", proxy)
        monkeypatch.setenv("NO_PROXY", excepted.format(host=name, port=port))
        with Transport(url, {}) as sender:
            assert sender.send(ASK).body == b"direct"


@pytest.mark.usefixtures("no_proxies")
def test_a_proxy_that_cannot_be_used_is_fatal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "ftp://me:hidden@proxy.invalid:3128")
    with Transport("http://vendor.invalid", {}) as sender, pytest.raises(Fatal) as caught:
        sender.send(ASK)

    assert "HTTPS_PROXY" in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_an_endpoint_with_a_password_is_refused_instead_of_losing_it() -> None:
    with Transport("http://me:hidden@127.0.0.1:9", {}) as sender, pytest.raises(Fatal) as caught:
        sender.send(ASK)

    assert "header" in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_a_closed_transport_asks_nobody() -> None:
    with host(answer()) as (url, seen):
        with Transport(url, {}) as sender:
            pass
        with pytest.raises(Retriable, match="the run has ended"):
            sender.send(ASK)

    assert seen == []


@pytest.mark.parametrize(
    ("endpoint", "local"),
    [
        ("http://localhost:8080", True),
        ("http://127.0.0.2", True),
        ("http://[::1]:80", True),
        ("https://rest.iad-01.braze.com", False),
        ("http://10.0.0.1", False),
        ("http://localhost.example.com", False),
    ],
)
def test_loopback_is_this_machine_and_nothing_else(endpoint: str, *, local: bool) -> None:
    assert is_loopback(endpoint) is local


def test_threads_do_not_disturb_each_other() -> None:
    connections: list[object] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            connections.append(self.client_address)
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.wfile.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(body) + body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    with Transport(f"http://127.0.0.1:{server.server_port}", {}) as sender:

        def ask(number: int) -> list[bytes]:
            return [sender.send(Request("POST", "/", f"{number}-{turn}".encode())).body for turn in range(20)]

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(ask, range(8)))
    server.shutdown()
    server.server_close()

    assert answers == [[f"{number}-{turn}".encode() for turn in range(20)] for number in range(8)]
    assert len(connections) <= 8
