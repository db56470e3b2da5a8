"""The webhook through the whole engine: a DuckDB model, a sync, a real HTTP server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.destinations.webhook.hook import Hook
from tests.run.shop import ANN, BO, CY, Shop, counted

from roo_dbt.errors import ConfigurationProblem
from roo_dbt.run import check
from roo_dbt.sandbox.server import Sandbox
from roo_dbt.testing import CUT, RecordingServer, Reply

TOKEN = "hook-token-nobody-may-see"


class Desk:
    """A shop that sends its customers to a hook."""

    def __init__(self, folder: Path, server: RecordingServer, hook: Hook) -> None:
        self.server = server
        self.hook = hook
        self.shop = Shop(folder, Sandbox())
        self.shop.environ = {"HOOK_TOKEN": TOKEN}
        self.shop.customers(f"{ANN}, {BO}, {CY}")
        self.app: dict[str, Any] = {
            "type": "webhook",
            "url": f"{server.url}/in",
            "delete_url": f"{server.url}/gone",
            "headers": {"Authorization": "Bearer ${HOOK_TOKEN}", "X-Source": "roo"},
            "body": {"records": "$records"},
            "batch_size": 2,
            "success": {"status": "ok"},
            "failures": "errors",
            "idempotent": True,
        }
        self.destination: dict[str, Any] = {
            "name": "hook_customers",
            "app": "hook",
            "sync_mode": "sync",
            "delete_limit": 10,
            "mapping": {"id": "id", "email": "email", "city": "city"},
        }

    def sync(self, **options: Any) -> dict[str, int]:
        """`roo-dbt sync`: the counts."""
        self.declare()
        self.server.received.clear()
        return counted(self.shop.sync(**options))

    def declare(self) -> None:
        """Write the declaration as it is now."""
        self.shop.roo["apps"] = {"hook": {name: v for name, v in self.app.items() if v is not None}}
        self.shop.destinations = [self.destination]

    def problems(self) -> str:
        """What is said of a declaration that is wrong."""
        with pytest.raises(ConfigurationProblem) as caught:
            self.sync()
        assert self.server.received == []
        return str(caught.value)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    hook = Hook()
    with RecordingServer(hook) as server:
        yield Desk(tmp_path, server, hook)


def test_the_first_sync_sends_all_and_the_next_one_what_changed(desk: Desk) -> None:
    assert desk.sync() == {"created": 3}
    assert desk.hook.records["1"] == {"id": 1, "email": "ann@example.com", "city": "Oslo"}
    assert [len(one.json["records"]) for one in desk.server.received] == [2, 1]
    desk.shop.customers(f"{ANN.replace('Oslo', 'Bergen')}, {BO}, {CY}")

    assert desk.sync() == {"updated": 1, "unchanged": 2}

    (request,) = desk.server.received
    assert request.json == {
        "records": [{"operation": "update", "key": "1", "fields": {"id": 1, "city": "Bergen"}}]
    }
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["x-source"] == "roo"
    assert desk.sync() == {"unchanged": 3}
    assert desk.server.received == []


def test_who_left_is_deleted(desk: Desk) -> None:
    desk.sync()
    desk.shop.customers(f"{ANN}, {CY}")

    assert desk.sync() == {"deleted": 1, "unchanged": 2}

    assert [one.path for one in desk.server.received] == ["/gone"]
    assert set(desk.hook.records) == {"1", "3"}


def test_clearing_needs_no_delete_url(desk: Desk) -> None:
    desk.app["delete_url"] = None
    desk.destination["on_removal"] = "clear"
    desk.sync()
    desk.shop.customers(f"{ANN}, {CY}")

    assert desk.sync() == {"deleted": 1, "unchanged": 2}
    assert desk.hook.records["2"] == {"id": 2, "email": None, "city": None}


def test_records_that_the_answer_names_fail_and_the_others_are_accepted(desk: Desk) -> None:
    desk.hook.refused = ("2",)

    assert desk.sync() == {"created": 2, "failed": 1}

    (failure,) = desk.shop.failures()
    assert (failure.key, failure.code, failure.permanent) == ("2", "rejected", True)
    assert failure.message == "the endpoint: not on the list"
    assert set(desk.hook.records) == {"1", "3"}
    assert desk.sync() == {"unchanged": 2, "held": 1}


def test_a_batch_that_is_refused_is_searched_for_the_culprit(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = desk.hook.answer
    refusing = lambda got: Reply(422) if '"key": "1"' in got.text else answer(got)  # noqa: E731
    monkeypatch.setattr(desk.hook, "answer", refusing)

    assert desk.sync() == {"created": 2, "failed": 1}
    assert desk.shop.failures()[0].message == "the endpoint refuses it (HTTP 422)"


def test_a_lost_answer_is_asked_again_where_twice_is_harmless(desk: Desk) -> None:
    desk.server.faults = [CUT]

    assert desk.sync() == {"created": 3}
    assert len(desk.server.received) == 3


@pytest.mark.parametrize("fault", [CUT, Reply(500), Reply(504), Reply(200, text="<html>")])
def test_a_lost_answer_to_a_post_leaves_its_records_unknown(desk: Desk, fault: Reply) -> None:
    desk.app["idempotent"] = None
    desk.server.faults = [fault]

    assert desk.sync() == {"created": 1, "unknown": 2}

    assert len(desk.server.received) == 2
    assert {row.code for row in desk.shop.failures()} == {"ambiguous"}
    again = desk.sync()
    assert "created" not in again
    assert desk.server.received == []


def test_a_put_may_go_twice(desk: Desk) -> None:
    desk.app |= {"idempotent": None, "method": "PUT"}
    desk.server.faults = [CUT]

    assert desk.sync() == {"created": 3}
    assert {one.method for one in desk.server.received} == {"PUT"}


def test_the_token_shows_nowhere(desk: Desk) -> None:
    desk.server.faults = [Reply(401, json={"message": f"{TOKEN} is no key"})] * 3
    desk.declare()

    report = desk.shop.report()

    assert report.results[0].status == "error"
    assert "401" in str(report.results[0].message)
    written = "".join(path.read_text("utf-8") for path in (desk.shop.folder / "target").glob("*.json"))
    assert TOKEN not in str(report) + written
    desk.server.faults = [
        Reply(200, json={"status": "ok", "errors": [{"key": "1", "message": f"not {TOKEN}"}]})
    ]
    desk.sync()
    assert "not [redacted]" in desk.shop.failures()[0].message


def test_a_changed_id_leaves_the_old_record_and_says_so(desk: Desk) -> None:
    desk.shop.key = "email"
    desk.sync()
    desk.shop.customers(f"{ANN.replace('(1,', '(7,')}, {BO}, {CY}")

    assert desk.sync() == {"updated": 1, "unchanged": 2}

    assert desk.hook.records["7"]["city"] == "Oslo"
    assert "1" in desk.hook.records
    ((said,),) = desk.shop.sql("SELECT message FROM main_roo.roo_outcomes WHERE operation = 'update'")
    assert "the former one stays" in said


def test_a_plan_counts_requests_and_sends_nothing(desk: Desk) -> None:
    desk.declare()
    desk.shop.environ = {}

    plan = desk.shop.plan()

    assert (plan.counts.create, plan.requests) == (3, 2)
    assert desk.server.received == []


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"url": "http://hooks.example.com/in"}, "[insecure-endpoint]"),
        ({"url": "ftp://hooks.example.com"}, "must be an address such as"),
        ({"delete_url": "https://elsewhere.example.com/gone"}, "must be on the host of url"),
        ({"headers": {"Authorization": "Bearer abcdef"}}, "[literal-secret]"),
        ({"headers": {"X-Api-Key": "abcdef"}}, "X-Api-Key looks like a credential"),
        ({"body": {"all": "$recods"}}, "there is no $recods"),
        ({"body": {"all": []}}, "must hold $records"),
        ({"batch_size": 0}, "batch_size"),
        ({"header": {}}, "Did you mean headers?"),
        ({"delete_url": None}, "needs the delete_url of the app"),
    ],
)
def test_settings_that_cannot_work_are_refused_before_anything_is_sent(
    desk: Desk, settings: dict[str, Any], sentence: str
) -> None:
    desk.app |= settings

    said = desk.problems()

    assert sentence in said
    assert "abcdef" not in said


def test_a_variable_that_is_not_set_is_named(desk: Desk) -> None:
    desk.shop.environ = {}

    assert "app hook needs the environment variable HOOK_TOKEN" in desk.problems()


def test_check_asks_the_check_url_and_sends_no_record(desk: Desk) -> None:
    desk.declare()
    desk.shop.write()
    assert check(desk.shop.options(), desk.shop.environ)[-1].message.startswith("not tried: set check_url")
    desk.app["check_url"] = f"{desk.server.url}/health"
    desk.declare()
    desk.shop.write()
    assert check(desk.shop.options(), desk.shop.environ)[-1].ok
    desk.server.faults = [Reply(401)]

    found = check(desk.shop.options(), desk.shop.environ)[-1]

    assert not found.ok
    assert found.message == "check_url answers with HTTP 401; look at url, check_url and headers"
    assert {one.method for one in desk.server.received} == {"GET"}
