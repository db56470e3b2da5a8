"""The one HTTP client: timeouts, connections, redaction, and what a broken connection means.

One `Transport` serves one app for one run and is safe to use from many threads. It sends a request
once; whether and when to send it again is decided by whoever holds it.

Each thread keeps a connection of its own. A pool shared by more threads than it has connections closes
some that were just given to a thread (httpcore 1.0.9, seen on 2026-11-22 with 8 threads over 2
connections as "Bad file descriptor"), and looks through all of them for every request.

Requests go to httpx's transport and not through its `Client`, which keeps cookies and looks for redirects and
credentials: that saves a third of the processor time of a request (300 µs instead of 460, measured
2026-11-22). The `Client` is taken where the environment names a proxy, because it knows the forms of
`HTTPS_PROXY`, `NO_PROXY` and the like; none is used for loopback hosts, which no proxy could reach.

`SSL_CERT_FILE` is obeyed. A `.netrc` never adds credentials: httpx reads one only when asked to (since 0.24,
https://github.com/encode/httpx/blob/master/CHANGELOG.md, read 2026-11-22).

httpx is imported when the first request leaves: a run that sends nothing does without it (0.1 s).
"""

from __future__ import annotations

import ipaddress
import json
import logging
import threading
import time
from collections.abc import Iterable, Mapping
from html import escape
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote, urlsplit

from roo_dbt import __version__
from roo_dbt.errors import Fatal, Retriable
from roo_dbt.records import Answer, Request

if TYPE_CHECKING:
    import ssl

    import httpx
    from typing_extensions import Self

CONNECT_SECONDS = 10.0
READ_SECONDS = 30.0
"""Silence after which an answer, or a place to write to, is given up."""
ANSWER_SECONDS = 120.0
"""Time after which an answer that still drips in is given up."""
ANSWER_BYTES = 16 * 1024 * 1024
"""The longest answer read, unpacked: a bound on memory, not on any vendor's answers."""
IDLE_SECONDS = 15.0
"""How long an unused connection is kept: shorter than vendors keep theirs, so none is half closed."""

MASK = "[redacted]"
_LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy", "httpcore.socks")
"""Who logs in the client: a filter is for one logger alone, not for those below it."""


class Redactor:
    """Takes secrets out of text, as written, percent-encoded, or escaped for JSON or HTML."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets for form in _forms(secret)}
        self._forms = sorted(forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """The text with every secret replaced by a mask."""
        for form in self._forms:
            text = text.replace(form, MASK)
        return text


def _forms(secret: str) -> set[str]:
    plain = {secret, unquote(secret)}
    written = {form for text in plain for form in (quote(text, safe=""), quote_plus(text), quote(text))}
    escaped = {form for text in plain for form in (json.dumps(text)[1:-1], escape(text))}
    return (plain | written | escaped) - {""}


class _Hush(logging.Filter):
    """Takes secrets out of what the client logs: addresses and headers of answers, at DEBUG."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record through, redacted."""
        record.msg, record.args = self._redact(record.getMessage()), ()
        return True


class Transport:
    """Sends single requests to one endpoint over kept-alive connections, one for each thread.

    Args:
        endpoint: scheme and host (and port).
        headers: sent with every request, the secret one included.
        secrets: values that must not appear in any text, nor in the body of a 401 or 403.

    Raises:
        Fatal: a header that HTTP cannot carry, such as a key with a line break.
    """

    def __init__(self, endpoint: str, headers: Mapping[str, str], *, secrets: Iterable[str] = ()) -> None:
        _check_headers(headers)
        self.redact = Redactor(secrets)
        self._hush = _Hush(self.redact)
        for name in _LOGGERS:
            logging.getLogger(name).addFilter(self._hush)
        self._endpoint = endpoint.rstrip("/")
        usual = {
            "user-agent": f"roo-dbt/{__version__}",
            "accept": "application/json",
            "accept-encoding": "gzip, deflate",
        }
        # In one spelling, so that none is sent twice.
        self._headers = usual | {name.lower(): value for name, value in headers.items()}
        self._tls: ssl.SSLContext | None = None
        self._lock = threading.Lock()
        self._is_closed = False
        self._connections: list[httpx.HTTPTransport | httpx.Client] = []
        self._own = threading.local()

    def __repr__(self) -> str:
        return f"Transport({self._endpoint!r})"

    def send(self, request: Request) -> Answer:
        """Send a request once and return whatever answer comes, redirects included.

        Raises:
            Retriable: no answer. `ambiguous` tells whether the request may have been carried out.
            Fatal: the request cannot be sent at all.
        """
        import httpx

        try:
            return self._exchange(request)
        except (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.InvalidURL) as problem:
            # The cause is cut off: it may quote a header, and with it the key.
            kind = type(problem).__name__
            raise Fatal(f"{self._endpoint} cannot be asked: the request is not valid HTTP ({kind})") from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as problem:
            raise Retriable(f"no connection to {self._endpoint}: {self._reason(problem)}") from None
        except httpx.RequestError as problem:
            lost = f"the connection to {self._endpoint} broke before the answer: {self._reason(problem)}"
            raise Retriable(lost, ambiguous=True) from None

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            self._is_closed = True
            for connection in self._connections:
                connection.close()
        for name in _LOGGERS:
            logging.getLogger(name).removeFilter(self._hush)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connection(self) -> httpx.HTTPTransport | httpx.Client:
        """The connection of this thread."""
        connection: httpx.HTTPTransport | httpx.Client | None = getattr(self._own, "connection", None)
        if connection is None:
            with self._lock:
                if self._is_closed:
                    raise Retriable(f"{self._endpoint} is asked no more: the run has ended")
                connection = self._own.connection = self._new_connection()
                self._connections.append(connection)
        return connection

    def _new_connection(self) -> httpx.HTTPTransport | httpx.Client:
        from urllib.request import getproxies

        import httpx

        if httpx.URL(self._endpoint).userinfo:
            raise Fatal("the endpoint holds a user name or a password; send them in a header instead")
        self._tls = self._tls or _tls_context(self._endpoint)
        limits = httpx.Limits(max_connections=1, keepalive_expiry=IDLE_SECONDS)
        if is_loopback(self._endpoint) or not getproxies():
            return httpx.HTTPTransport(verify=self._tls, limits=limits)
        try:
            return httpx.Client(verify=self._tls, limits=limits, follow_redirects=False)
        except (ValueError, ImportError):
            # Cut off: its text has the address of the proxy, which may hold a password.
            raise Fatal(
                "the environment names a proxy that cannot be used (HTTPS_PROXY, ALL_PROXY)"
            ) from None

    def _exchange(self, request: Request) -> Answer:
        import httpx

        typed = {"content-type": "application/json"} if request.body is not None else {}
        outgoing = httpx.Request(
            request.method,
            self._endpoint + request.path,
            params=request.params or None,
            headers=self._headers | typed,
            content=request.body,
            extensions={"timeout": httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS).as_dict()},
        )
        connection = self._connection()
        if isinstance(connection, httpx.Client):
            response = connection.send(outgoing, stream=True)
        else:
            response = connection.handle_request(outgoing)
        try:
            body = self._read(response)
        finally:
            response.close()
        if response.status_code in (401, 403):
            # These answers quote the key; nothing in them is matched against records.
            body = self.redact(body.decode("utf-8", "replace")).encode()
        return Answer(response.status_code, dict(response.headers), body)

    def _read(self, response: httpx.Response) -> bytes:
        chunks: list[bytes] = []
        size, until = 0, time.monotonic() + ANSWER_SECONDS
        for chunk in response.iter_bytes():
            chunks.append(chunk)
            size += len(chunk)
            if size > ANSWER_BYTES:
                raise Retriable(f"{self._endpoint} answers with over {ANSWER_BYTES:,} bytes", ambiguous=True)
            if time.monotonic() > until:
                raise Retriable(f"{self._endpoint} answers for over {ANSWER_SECONDS:.0f} s", ambiguous=True)
        return b"".join(chunks)

    def _reason(self, problem: httpx.RequestError) -> str:
        return self.redact(str(problem) or type(problem).__name__)


def is_loopback(endpoint: str) -> bool:
    """Whether an endpoint is this machine: `localhost`, 127.0.0.0/8 or ::1."""
    host = urlsplit(endpoint).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _tls_context(endpoint: str) -> ssl.SSLContext:
    """One for all connections. Without TLS an empty one spares reading the certificate authorities: 20 ms."""
    import ssl

    import httpx

    if endpoint.startswith("http://"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.create_ssl_context()


def _check_headers(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        if not value.isascii() or not value.isprintable() or value != value.strip():
            raise Fatal(
                f"the value of the header {name} holds a line break, an outer blank or a character beyond"
                " ASCII; look for one in the variable that holds the key"
            )
