"""A token in an address or a template of a webhook shows nowhere, whatever its endpoint repeats."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import httpx
import pytest
from tests.run.shop import ANN, BO, CY, Shop

from roo_dbt.config import connect
from roo_dbt.errors import ConfigurationProblem
from roo_dbt.records import AppDeclaration
from roo_dbt.run import check
from roo_dbt.sandbox.server import Sandbox
from roo_dbt.testing import Received, Recorder, RecordingServer, Replay, Reply, Vendor

TOKENS = {
    "HOOK_PATH": "T0path-nobody-may-see",
    "HOOK_QUERY": "query%2Ftoken%2Bnobody-may-see",
    "HOOK_BODY": 'body "token" & nobody <may> see',
    "HOOK_RECORD": "record-token-nobody-may-see",
    "HOOK_HEADER": "header-token-nobody-may-see",
}
PUBLIC = {"HOOK_HOST": "", "HOOK_STAGE": "prod"}
"""Variables that are no secrets: the host, and a word too short for one."""


def forms(token: str) -> set[str]:
    """The ways in which a token may be written."""
    return {
        token,
        quote(token, safe=""),
        quote_plus(token),
        json.dumps(token)[1:-1],
        httpx.URL(f"http://x/?{token}").query.decode(),
    }


def shown(text: str) -> list[str]:
    """The tokens that stand in a text."""
    return [name for name, token in TOKENS.items() if any(form in text for form in forms(token))]


class Echo(Vendor):
    """Refuses every record with what it got as the reason, or the whole request with a status."""

    status = 200

    def answer(self, received: Received) -> Reply:
        """The request, word for word, and decoded."""
        query = "&".join(f"{name}={value}" for name, value in received.query.items())
        heard = f"{received.path}?{query} {dict(received.headers)} {received.body.decode()} {received.text}"
        records = received.json["records"] if received.body else []
        failed = [{"key": one["key"], "message": heard} for one in records]
        return Reply(self.status, {"location": f"/{heard[:60]}"}, json={"errors": failed, "message": heard})


@pytest.fixture
def server() -> Iterator[RecordingServer]:
    """An endpoint that repeats what it gets."""
    with RecordingServer(Echo()) as running:
        yield running


@pytest.fixture
def shop(tmp_path: Path, server: RecordingServer) -> Shop:
    """Three customers for it, with a token wherever one can stand."""
    made = Shop(tmp_path, Sandbox())
    made.environ = {**TOKENS, **PUBLIC, "HOOK_HOST": server.url}
    made.customers(f"{ANN}, {BO}, {CY}")
    address = "${HOOK_HOST}/%s/${HOOK_PATH}?token=${HOOK_QUERY}&stage=${HOOK_STAGE}"
    made.roo["apps"] = {
        "hook": {
            "type": "webhook",
            "url": address % "in",
            "delete_url": address % "gone",
            "check_url": address % "health",
            "headers": {"Authorization": "Bearer ${HOOK_HEADER}"},
            "body": {"auth": "${HOOK_BODY}", "records": "$records"},
            "record": {"key": "$key", "sign": ["${HOOK_RECORD}"], "fields": "$fields"},
            "failures": "errors",
            "batch_size": 2,
            "idempotent": True,
        }
    }
    mapping = {"id": "id", "email": "email", "city": "city"}
    made.destinations = [
        {
            "name": "hook_customers",
            "app": "hook",
            "object": "records",
            "sync_mode": "sync",
            "mapping": mapping,
        }
    ]
    made.write()
    return made


def everything_written(shop: Shop) -> str:
    """Every file of the project but what the test wrote, and every state table."""
    files = [path for path in shop.folder.rglob("*") if path.is_file()]
    text = "".join(path.read_bytes().decode("utf-8", "replace") for path in files)
    tables = shop.sql("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main_roo'")
    return text + "".join(str(shop.sql(f'SELECT * FROM main_roo."{name}"')) for (name,) in tables)


def test_the_endpoint_gets_the_tokens(shop: Shop, server: RecordingServer) -> None:
    shop.report()

    heard = server.received[0]
    assert heard.path == f"/in/{TOKENS['HOOK_PATH']}"
    assert heard.query == {"token": "query/token+nobody-may-see", "stage": "prod"}
    assert heard.json["auth"] == TOKENS["HOOK_BODY"]
    assert heard.json["records"][0]["sign"] == [TOKENS["HOOK_RECORD"]]


@pytest.mark.parametrize("status", [200, 302, 400, 401, 404, 409, 422])
def test_no_token_is_in_a_report_a_file_or_a_table(
    shop: Shop, server: RecordingServer, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Echo, "status", status)

    report = shop.report(limit=1)

    assert report.results[0].status != "success"
    assert shown(str(report)) == []
    assert shown(everything_written(shop)) == []


def test_a_refusal_says_everything_but_the_tokens(shop: Shop) -> None:
    shop.report()

    message = str(shop.failures()[0].message)

    assert message.startswith("the endpoint: /in/[redacted]?token=[redacted]&stage=prod ")
    assert '"auth":"[redacted]"' in message
    assert '"sign":["[redacted]"]' in message


def test_no_token_is_said_by_a_command(shop: Shop) -> None:
    places = ["--project-dir", str(shop.folder), "--profiles-dir", str(shop.folder)]
    for words in (
        ["sync", "--debug"],
        ["sync", "--log-format", "json", "--full-refresh"],
        ["plan", "--show-values", "--full-refresh"],
        ["check", "--debug"],
        ["failures"],
        ["why", "hook_customers", "1"],
        ["list"],
        ["validate"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "roo_dbt", *words, *places],
            env={**os.environ, **shop.environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout + done.stderr
        assert shown(done.stdout + done.stderr) == [], words
    assert shown(everything_written(shop)) == []


def test_no_token_is_in_a_log(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        shop.report()
        check(shop.options(), shop.environ)

    said = "\n".join(f"{record.getMessage()} {record.args}" for record in caplog.records)
    assert "request=<Request [b'POST']>" in said
    assert shown(said) == []
    assert [one for one in logging.getLogger("httpcore.http11").filters if "_Hush" in repr(one)] == []


def test_no_token_is_in_the_representation_of_the_app(shop: Shop) -> None:
    declared = dict(shop.roo["apps"]["hook"])
    app = connect(AppDeclaration("hook", declared.pop("type"), declared), shop.environ)

    assert shown(f"{app!r} {app!s} {app.endpoint}") == []
    assert set(app.secrets()) <= set(app.hidden())


def test_no_token_is_in_what_is_said_of_wrong_settings(shop: Shop) -> None:
    declared = {**shop.roo["apps"]["hook"], "url": "htp:/${HOOK_PATH}", "body": ["${HOOK_BODY}", "$record"]}
    del declared["type"]

    with pytest.raises(ConfigurationProblem, match="bad-url") as caught:
        connect(AppDeclaration("hook", "webhook", declared), shop.environ)

    assert shown(str(caught.value)) == []


def test_a_recording_holds_no_token_and_is_played_with_another(
    shop: Shop, server: RecordingServer, tmp_path: Path
) -> None:
    shop.report()
    file = tmp_path / "hook.jsonl"
    recorder = Recorder(Echo(), file, secrets=TOKENS.values())
    answers = [recorder.answer(received) for received in server.received]

    assert shown(file.read_text(encoding="utf-8")) == []
    player = Replay(file, secrets=TOKENS.values())
    assert [player.answer(received).status for received in server.received] == [200] * len(answers)
