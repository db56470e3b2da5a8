"""One sandbox for all tests of a worker, emptied before each, and a client that speaks both dialects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from tests.sandbox.clock import Clock

from roo_dbt.sandbox import Sandbox


class Caller:
    """Calls a sandbox with good keys."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        self.client = client
        self.url = url

    def braze(self, path: str, body: Any = None, *, method: str = "POST", key: str = "k") -> httpx.Response:
        headers = {"Authorization": f"Bearer {key}"}
        return self.client.request(method, self.url + path, json=body, headers=headers)

    def track(self, *attributes: dict[str, Any], **arrays: list[dict[str, Any]]) -> httpx.Response:
        body = {"attributes": list(attributes), **arrays} if attributes else arrays
        return self.braze("/users/track", body)

    def iterable(self, path: str, body: Any = None, *, method: str = "", key: str = "k") -> httpx.Response:
        verb = method or ("GET" if body is None else "POST")
        return self.client.request(verb, f"{self.url}/api/{path}", json=body, headers={"Api-Key": key})

    def bulk(self, *users: dict[str, Any], **more: Any) -> dict[str, Any]:
        answer = self.iterable("users/bulkUpdate", {"users": list(users), **more})
        assert answer.status_code == 200, answer.text
        values: dict[str, Any] = answer.json()
        return values


@pytest.fixture(scope="session")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10) as client:
        yield client


@pytest.fixture(scope="session")
def shared_sandbox() -> Iterator[Sandbox]:
    with Sandbox(enforce_limits=False, clock=Clock()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(shared_sandbox: Sandbox) -> Sandbox:
    shared_sandbox.reset()
    return shared_sandbox


@pytest.fixture
def clock(sandbox: Sandbox) -> Clock:
    assert isinstance(sandbox.clock, Clock)
    return sandbox.clock


@pytest.fixture
def call(sandbox: Sandbox, client: httpx.Client) -> Caller:
    return Caller(client, sandbox.url)


Start = Callable[..., tuple[Sandbox, Caller]]


@pytest.fixture
def start(client: httpx.Client) -> Iterator[Start]:
    """Starts a sandbox with other settings for one test."""
    with ExitStack() as running:

        def run(**settings: Any) -> tuple[Sandbox, Caller]:
            sandbox = running.enter_context(Sandbox(**{"clock": Clock(), **settings}))
            return sandbox, Caller(client, sandbox.url)

        yield run
