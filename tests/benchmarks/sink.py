"""A server that is never the bottleneck: it counts what arrives and answers what the vendors would.

Run as a process of its own: `python -m tests.benchmarks.sink --latency 0.1` prints its address.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Counters:
    """What arrived since the last reset."""

    def __init__(self) -> None:
        self.requests = 0
        self.objects = 0
        self.questions = 0
        self.first = self.last = 0.0

    def note(self, objects: int, now: float) -> None:
        """One request with so many users."""
        self.first = self.first if self.requests else now
        self.last = now
        self.requests += 1
        self.objects += objects


class Connection(asyncio.Protocol):
    """One kept-alive connection, whose client waits for an answer before it sends on."""

    counters = Counters()
    latency = 0.0

    def __init__(self) -> None:
        self._received = bytearray()
        self._expected = 0
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._expected:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            self._head = bytes(self._received[:end])
            _, _, length = self._head.lower().partition(b"content-length:")
            self._expected = end + 4 + int(length.split(b"\r\n", 1)[0] or 0)
        if len(self._received) >= self._expected:
            body = self._received[len(self._head) + 4 :]
            self._received, self._expected = bytearray(), 0
            method, path, _ = self._head.split(b" ", 2)
            self._answer(method, path, body)

    def _answer(self, method: bytes, path: bytes, body: bytearray) -> None:
        counters = Connection.counters
        if path == b"/reset":
            Connection.counters = Counters()
            self._write(b"200 OK", {})
            return
        if path == b"/stats":
            self._write(b"200 OK", vars(counters))
            return
        if method == b"GET":
            counters.questions += 1
            self._write(b"200 OK", {})
            return
        now = asyncio.get_running_loop().time()
        if path == b"/users/track":
            users = body.count(b'{"external_id":')
            answer, status = {"message": "success", "attributes_processed": users}, b"201 Created"
        else:
            users = body.count(b'"dataFields":')
            answer, status = {"successCount": users, "failCount": 0}, b"200 OK"
        counters.note(users, now)
        if self.latency:
            asyncio.get_running_loop().call_later(self.latency, self._write, status, answer)
        else:
            self._write(status, answer)

    def _write(self, status: bytes, answer: object) -> None:
        body = json.dumps(answer).encode()
        self._transport.write(
            b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (status, len(body), body)
        )


async def _serve(latency: float) -> None:
    Connection.latency = latency
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0, backlog=256)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"http://127.0.0.1:{port}\n")
    sys.stdout.flush()
    await server.serve_forever()


@dataclass(frozen=True)
class Server:
    """A server under measurement: its address, and what arrived there."""

    url: str

    def reset(self) -> None:
        """Forget what arrived."""
        self._get("reset")

    def counted(self) -> dict[str, float]:
        """What arrived since the reset: bodies, users, questions; when the first and the last body came."""
        counters: dict[str, float] = json.loads(self._get("stats"))
        return counters

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"{self.url}/{path}") as answer:  # noqa: S310 our own server
            body: bytes = answer.read()
        return body


@contextmanager
def running(latency: float = 0.0) -> Iterator[Server]:
    """A sink in its own process; `latency` is the seconds it waits before it answers."""
    command = [sys.executable, "-m", "tests.benchmarks.sink", "--latency", str(latency)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Server(process.stdout.readline().strip())
        finally:
            process.terminate()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--latency", type=float, default=0.0)
    asyncio.run(_serve(parser.parse_args().latency))
