"""Exchanges recorded with one server are played again without it, and hold no secret."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from roo_dbt.destinations.iterable import Iterable
from roo_dbt.errors import Retriable
from roo_dbt.records import Answer, Request
from roo_dbt.sandbox.server import Sandbox
from roo_dbt.testing import CUT, Forward, Recorder, RecordingServer, Replay, Reply, Vendor, recorded
from roo_dbt.transport import Transport

KEY = "iterable-key/with+signs"
PERSON = "someone@real.example"
USERS = Request("POST", "/api/users/bulkUpdate", b'{"users":[{"email":"someone@real.example"}]}')


def ask(vendor: Vendor, *requests: Request) -> list[Answer]:
    """What a vendor answers to requests over HTTP."""
    app = Iterable(base_url="http://127.0.0.1:9", api_key=SecretStr(KEY), project_type="email")
    with RecordingServer(vendor) as server, Transport(server.url, app.headers(), secrets=app.secrets()) as to:
        return [to.send(request) for request in requests]


def test_a_recording_is_played_without_the_vendor(tmp_path: Path) -> None:
    path = tmp_path / "iterable.jsonl"
    lists = Request("GET", "/api/lists", params={"limit": "5"})
    with Sandbox(enforce_limits=False) as sandbox:
        asked = ask(Recorder(Forward(sandbox.url), path, secrets=[KEY]), USERS, lists)

    played = ask(Replay(path), USERS, lists)

    assert [(answer.status, answer.body) for answer in played] == [(one.status, one.body) for one in asked]
    assert b"successCount" in played[0].body


def test_the_layout_of_a_body_does_not_matter_to_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    ask(Recorder(Vendor(), path, secrets=[]), Request("POST", "/x", b'{"a": 1, "b": 2}'))

    (answer,) = ask(Replay(path), Request("POST", "/x", b'{"b":2,"a":1}'))

    assert answer.status == 200


def test_a_recording_holds_no_secret_and_no_address(tmp_path: Path) -> None:
    class Gossip(Vendor):
        def answer(self, received: Any) -> Reply:
            assert received.headers["api-key"] == KEY
            return Reply(200, {"set-cookie": KEY, "x-ratelimit-limit": "9"}, text=f'{{"you": "{KEY}"}}')

    path = tmp_path / "gossip.jsonl"
    echo = Request("POST", f"/x/{PERSON}", f'{{"key": "{KEY}"}}'.encode(), params={"key": KEY})
    ask(Recorder(Gossip(), path, secrets=[KEY], instead={PERSON: "a@example.com"}), echo, USERS)

    text = path.read_text(encoding="utf-8")

    assert KEY not in text
    assert PERSON not in text
    assert "a@example.com" in text
    assert "[redacted]" in text
    assert "x-ratelimit-limit" in text
    assert "cookie" not in text


def test_a_request_that_was_not_recorded_fails_the_test(tmp_path: Path) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_text("", encoding="utf-8")

    with pytest.raises(
        LookupError, match="no recorded exchange for POST /api/users/bulkUpdate; record again"
    ):
        ask(Replay(path), USERS)


def test_the_environment_decides_between_recording_and_playing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "iterable.jsonl"
    with Sandbox(enforce_limits=False) as sandbox:
        monkeypatch.setenv("ROO_RECORD", "1")
        (asked,) = ask(recorded(path, sandbox.url, secrets=[KEY]), USERS)
    monkeypatch.delenv("ROO_RECORD")

    (played,) = ask(recorded(path, sandbox.url, secrets=[KEY]), USERS)

    assert played.body == asked.body


def test_a_server_may_cut_the_connection() -> None:
    class Rude(Vendor):
        def answer(self, received: Any) -> Reply:  # noqa: ARG002 - the signature is the kit's
            return CUT

    with pytest.raises(Retriable, match="broke before the answer"):
        ask(Rude(), USERS)
