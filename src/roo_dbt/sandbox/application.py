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
        request = await _read(scope, receive)
        if self.store.settings.latency:
            await asyncio.sleep(self.store.settings.latency)
        started = perf_counter()
        fault = self.store.meet_fault(request)
        if fault is None:
            reply = self.store.answer(request, None)
        else:
            reply = await self._spoil(request, fault, send)
        self.store.record(request, reply, started, fault=fault, peer=scope.get("client"))
        await _answer(reply, send)

    async def _spoil(self, request: Request, fault: Fault, send: Send) -> Reply:
        if not KINDS[fault.kind].holds:
            return self.store.answer(request, fault)
        if fault.written:
            reply = self.store.answer(request, fault)
            await asyncio.sleep(fault.seconds)
            return reply
        await asyncio.sleep(fault.seconds)
        if _transport(send).is_closing():
            return Reply(0, b"", cut=True)
        return self.store.answer(request, fault)


async def _read(scope: Scope, receive: Receive) -> Request:
    chunks = []
    size = 0
    more = True
    while more:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= MAX_BYTES:
            chunks.append(chunk)
        more = message.get("more_body", False)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    path = scope.get("raw_path") or scope["path"].encode()
    query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
    return Request(
        scope["method"], path.decode("ascii", "replace").partition("?")[0], query, headers, b"".join(chunks)
    )


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
    await send({"type": "http.response.body", "body": body})


def _transport(send: Send) -> asyncio.Transport:
    # ASGI has no word for cutting a connection. Uvicorn's `send` is a method of the request's cycle,
    # which holds the socket, with either of its HTTP parsers.
    transport: asyncio.Transport = send.__self__.transport  # type: ignore[attr-defined]
    return transport
