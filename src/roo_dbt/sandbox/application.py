"""The ASGI application: vendor calls on the short way, the page and the controls through Starlette."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl

from roo_dbt.sandbox.control import control_panel
from roo_dbt.sandbox.exchange import Reply, Request
from roo_dbt.sandbox.faults import KINDS, Fault
from roo_dbt.sandbox.store import Store

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_BYTES = 64_000_000
"""Bytes of a body that are read at all; the vendors refuse far less."""

_PIECES = 10


class Application:
    """Answers every HTTP request of a sandbox.

    Args:
        store: what the answers are made from.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self._panel = control_panel(store)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, as ASGI wants it."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        if path == "/" or path.startswith("/_sandbox") or path == "/favicon.ico":
            await self._panel(scope, receive, send)
            return
        body = await _read(receive)
        request = _request(scope, body or b"")
        latency = self.store.settings.latency
        waited = not latency or await _pause(latency)
        started = perf_counter()
        fault, reply = None, Reply(0, b"", cut=True)
        if waited and body is not None:
            fault = self.store.meet_fault(request)
            reply = await self._reply(request, fault, send)
        self.store.record(request, reply, started, fault=fault, peer=scope.get("client"))
        await _answer(reply, send)

    async def _reply(self, request: Request, fault: Fault | None, send: Send) -> Reply:
        if fault is None or not KINDS[fault.kind].holds:
            return self.store.answer(request, fault)
        cut = Reply(0, b"", cut=True)
        if fault.written:
            reply = self.store.answer(request, fault)
            return reply if await _pause(fault.seconds) else cut
        if not await _pause(fault.seconds) or _transport(send).is_closing():
            return cut
        return self.store.answer(request, fault)


async def _pause(seconds: float) -> bool:
    """Wait. False when the sandbox is stopped meanwhile."""
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        # Stopping: the connection is cut like any other, where an exception would be answered as a 500.
        return False
    return True


async def _read(receive: Receive) -> bytes | None:
    """The body; None when the client went away before it was complete."""
    chunks = []
    size = 0
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= MAX_BYTES:
            chunks.append(chunk)
        more = message.get("more_body", False)
    return b"".join(chunks)


def _request(scope: Scope, body: bytes) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    path = (scope.get("raw_path") or scope["path"].encode()).decode("ascii", "replace").partition("?")[0]
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    return Request(scope["method"], path, query, headers, body)


async def _answer(reply: Reply, send: Send) -> None:
    if reply.cut:
        _transport(send).abort()
        # One turn of the loop, for uvicorn to learn of it and not to complain of a missing answer.
        await asyncio.sleep(0)
        return
    body = reply.payload()
    headers = [(b"content-type", reply.content_type.encode()), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in reply.headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    if reply.over:
        await _drip(body, reply.over, send)
    else:
        await send({"type": "http.response.body", "body": body})


async def _drip(body: bytes, seconds: float, send: Send) -> None:
    step = max(1, len(body) // _PIECES)
    pieces = [body[at : at + step] for at in range(0, len(body), step)]
    for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        if not await _pause(seconds / len(pieces)) or _transport(send).is_closing():
            _transport(send).abort()
            await asyncio.sleep(0)
            return
    await send({"type": "http.response.body", "body": b""})


def _transport(send: Send) -> asyncio.Transport:
    # ASGI has no word for cutting a connection. Uvicorn's `send` is a method of the request's cycle,
    # which holds the socket, with either of its HTTP parsers.
    transport: asyncio.Transport = send.__self__.transport  # type: ignore[attr-defined]
    return transport
