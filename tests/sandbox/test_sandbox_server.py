"""Starting and stopping a sandbox, in a thread and in a process."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from roo_dbt.errors import UsageProblem
from roo_dbt.sandbox import Sandbox, SandboxProcess, Settings, serve

if TYPE_CHECKING:
    from tests.sandbox.conftest import Start


def test_the_port_is_open_on_loopback_only_and_closed_afterwards() -> None:
    with Sandbox() as sandbox:
        assert sandbox.url == f"http://127.0.0.1:{sandbox.port}"
        assert httpx.get(f"{sandbox.url}/_sandbox/stats").status_code == 200
        port = sandbox.port
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/_sandbox/stats")


def test_a_stopped_sandbox_can_still_be_read() -> None:
    with Sandbox() as sandbox:
        body = {"attributes": [{"external_id": "1"}]}
        httpx.post(f"{sandbox.url}/users/track", json=body, headers={"Authorization": "Bearer k"})
    assert set(sandbox.braze_users) == {"1"}


def test_a_port_in_use_is_said_in_one_sentence() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(UsageProblem, match=f"Port {port} is in use") as caught:
            Sandbox(port=port).start()
        assert "--port" in str(caught.value)
        with pytest.raises(UsageProblem, match="in use"):
            serve(port)
        with pytest.raises(UsageProblem, match="in use"):
            SandboxProcess(port=port).start()


def test_faults_may_be_there_from_the_start() -> None:
    with Sandbox(faults=({"kind": "status", "status": 503, "count": 1},)) as sandbox:
        users = f"{sandbox.url}/users/track"
        answers = [httpx.post(users, json={}, headers={"Authorization": "Bearer k"}) for _ in range(2)]
    assert answers[0].status_code == 503
    assert answers[1].status_code != 503


def test_a_stop_does_not_wait_for_a_stalled_request() -> None:
    sandbox = Sandbox().start()
    sandbox.fault("stall", seconds=60)
    failures: list[type[Exception]] = []

    def ask() -> None:
        try:
            httpx.get(f"{sandbox.url}/campaigns/list", timeout=30)
        except httpx.TransportError as error:
            failures.append(type(error))

    asking = threading.Thread(target=ask)
    asking.start()
    fault = next(iter(sandbox.store.faults))
    while not fault.met:
        threading.Event().wait(0.001)
    started = time.monotonic()
    sandbox.stop()
    assert time.monotonic() - started < 5
    asking.join(5)
    assert len(failures) == 1


def test_a_second_stop_is_no_error() -> None:
    sandbox = Sandbox().start()
    sandbox.stop()
    sandbox.stop()


def test_latency_delays_every_request(start: Start) -> None:
    _, call = start(latency=0.05)
    started = time.monotonic()
    call.track({"external_id": "1"})
    assert time.monotonic() - started >= 0.05


def test_many_threads_share_the_sandbox(start: Start) -> None:
    sandbox, call = start(enforce_limits=False)

    def send(thread: int) -> None:
        for number in range(10):
            call.track({"external_id": f"{thread}-{number}"})

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sandbox.braze_users) == 80
    assert [entry.number for entry in sandbox.requests] == list(range(1, 81))


def test_a_sandbox_in_a_process_of_its_own_is_read_through_its_endpoints() -> None:
    settings = Settings(iterable_project_type="user_id", enforce_limits=False)
    with SandboxProcess(settings) as sandbox:
        users = [{"userId": "1", "dataFields": {"plan": "pro"}}]
        httpx.post(f"{sandbox.url}/api/users/bulkUpdate", json={"users": users}, headers={"Api-Key": "k"})
        assert sandbox.state(limit=10)["iterable"]["users"][0]["userId"] == "1"
        assert sandbox.state()["iterable"]["project_type"] == "user_id"
        assert sandbox.stats()["objects"] == 1
        assert sandbox.requests()[0]["path"] == "/api/users/bulkUpdate"
        sandbox.fault("status", status=503)
        assert httpx.get(f"{sandbox.url}/api/lists", headers={"Api-Key": "k"}).status_code == 503
        with pytest.raises(UsageProblem, match="no fault of the kind"):
            sandbox.fault("nothing")
        sandbox.reset()
        assert sandbox.stats()["requests"] == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(sandbox.url)


def test_a_request_cut_off_before_its_end_writes_nothing(start: Start) -> None:
    sandbox, call = start()
    body = b'{"attributes": [{"external_id": "1"}]}'
    head = b"POST /users/track HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\n"
    head += b"Content-Type: application/json\r\n"
    with socket.create_connection(("127.0.0.1", sandbox.port)) as client:
        client.sendall(head + b"Content-Length: %d\r\n\r\n" % (len(body) + 1) + body)
    while not sandbox.requests:
        call.client.get(f"{call.url}/_sandbox/stats")
    assert [entry.status for entry in sandbox.requests] == [0]
    assert sandbox.braze_users == {}
