"""The least that any Python program must spend: posting bodies that lie ready."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator, Sequence
from itertools import islice
from urllib.parse import urlsplit

import orjson
from tests.benchmarks.measure import Cost, timed
from tests.benchmarks.project import Project


def ready_bodies(project: Project, size: int) -> list[bytes]:
    """The bodies of a first load, as Braze wants them."""
    columns = ", ".join(f'{column} AS "{field}"' for field, column in project.mapping.items())
    rows = iter(project.sql(f"SELECT {columns} FROM customers ORDER BY id"))
    names = list(project.mapping)
    bodies = []
    while users := [dict(zip(names, row, strict=True)) for row in islice(rows, size)]:
        bodies.append(orjson.dumps({"attributes": [_as_sent(user) for user in users]}))
    return bodies


def _as_sent(user: dict[str, object]) -> dict[str, object]:
    return user | {"external_id": str(user["external_id"])}


def post_all(url: str, path: str, bodies: Sequence[bytes], connections: int = 1) -> Cost:
    """Post every body, over so many connections, each in its own thread."""
    shared, lock = iter(bodies), threading.Lock()

    def loop() -> None:
        place = urlsplit(url)
        connection = http.client.HTTPConnection(place.hostname or "", place.port)
        headers = {"Content-Type": "application/json", "Authorization": "Bearer key"}
        for body in _taken(shared, lock):
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"the server answered {answer.status}")
        connection.close()

    def everything() -> None:
        threads = [threading.Thread(target=loop) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return timed(everything)


def _taken(shared: Iterator[bytes], lock: threading.Lock) -> Iterator[bytes]:
    """The bodies that are left, for one of several threads."""
    while True:
        with lock:
            body = next(shared, None)
        if body is None:
            return
        yield body
