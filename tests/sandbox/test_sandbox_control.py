"""The page, the control endpoints and the log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from roo_dbt.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.sandbox.conftest import Caller, Start

SECRET = "a-secret-key-of-32-characters-ok"


def control(call: Caller, path: str, method: str = "GET", body: Any = None) -> Any:
    answer = call.client.request(method, f"{call.url}/_sandbox/{path}", json=body)
    assert answer.status_code < 300, answer.text
    return answer.json()


def test_the_page_needs_nothing_from_elsewhere(call: Caller) -> None:
    answer = call.client.get(call.url)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "roo-dbt" in answer.text
    assert re.findall(r"(?:src|href)\s*=|https?://|@import", answer.text) == []
    assert "innerHTML" not in answer.text
    assert call.client.get(f"{call.url}/favicon.ico").status_code == 204


def test_the_state_holds_both_vendors_with_the_latest_user_first(call: Caller, sandbox: Sandbox) -> None:
    call.track({"external_id": "1", "plan": "pro"}, {"external_id": "2"})
    call.track({"external_id": "1", "plan": "team"})
    call.bulk({"email": "ann@example.com"})
    call.iterable("lists", {"name": "VIP"})
    state = control(call, "state")
    assert [user["external_id"] for user in state["braze"]["users"]] == ["1", "2"]
    assert state["braze"]["users"][0]["attributes"] == {"plan": "team"}
    assert [user["email"] for user in state["iterable"]["users"]] == ["ann@example.com"]
    assert [entry["name"] for entry in state["iterable"]["lists"]] == ["VIP"]
    assert state["counts"] == {
        "braze_users": 2,
        "braze_events": 0,
        "braze_purchases": 0,
        "iterable_users": 1,
        "iterable_lists": 1,
        "iterable_events": 0,
        "requests": 4,
    }


def test_a_limited_state_counts_everybody_and_shows_some(call: Caller) -> None:
    call.track(*[{"external_id": str(n)} for n in range(5)])
    state = control(call, "state?limit=2")
    assert [user["external_id"] for user in state["braze"]["users"]] == ["4", "3"]
    assert state["braze"]["user_count"] == 5
    assert control(call, "state?limit=0")["braze"]["users"] == []


def test_an_unchanged_state_is_not_sent_again(call: Caller) -> None:
    version = control(call, "state")["version"]
    address = f"{call.url}/_sandbox/state?version={version}"
    assert call.client.get(address).status_code == 304
    call.track({"external_id": "1"})
    assert call.client.get(address).status_code == 200


def test_requests_are_logged_with_their_bodies_and_numbers(call: Caller, sandbox: Sandbox) -> None:
    call.track({"external_id": "1"}, {"external_id": "2"})
    call.braze("/custom_attributes?cursor=0&api_key=x", method="GET")
    first, second = sandbox.requests
    assert (first.number, first.vendor, first.method, first.path) == (1, "braze", "POST", "/users/track")
    assert (first.status, first.objects, first.fault) == (201, 2, None)
    assert first.body == {"attributes": [{"external_id": "1"}, {"external_id": "2"}]}
    assert first.reply == {"message": "success", "attributes_processed": 2}
    assert (second.body, second.query) == (None, "cursor=0")
    assert first.seconds > 0


def test_the_request_endpoint_cuts_bodies_and_shows_one_whole(call: Caller) -> None:
    call.track({"external_id": "1", "plan": "x" * 200})
    call.track({"external_id": "2"})
    shown = control(call, "requests?characters=20")
    assert [entry["number"] for entry in shown["requests"]] == [2, 1]
    assert (len(shown["requests"][1]["body"]), shown["requests"][1]["body_cut"]) == (20, True)
    assert "x" * 200 in control(call, "requests/1")["body"]
    assert [entry["number"] for entry in control(call, "requests?since=1")["requests"]] == [2]
    assert len(control(call, "requests?limit=1")["requests"]) == 1
    assert call.client.get(f"{call.url}/_sandbox/requests/99").status_code == 404


def test_no_key_is_shown_anywhere(call: Caller, sandbox: Sandbox) -> None:
    call.braze("/users/track", {"api_key": SECRET, "attributes": [{"external_id": "1"}]}, key=SECRET)
    call.iterable(f"lists?api_key={SECRET}", key=SECRET)
    call.iterable("users/bulkUpdate", {"users": [], "apiKey": SECRET}, key=SECRET)
    shown = [control(call, path) for path in ("requests", "requests/1", "state", "stats", "faults")]
    assert SECRET not in str(shown)
    assert SECRET not in str([(entry.raw, entry.answer) for entry in sandbox.requests])


def test_an_echoed_key_is_masked_in_the_log(start: Start) -> None:
    sandbox, call = start(keys=["other"])
    assert SECRET in call.braze("/users/track", {}, key=SECRET).text
    assert SECRET not in str(sandbox.requests[-1].answer)


def test_the_log_is_a_ring_whose_totals_go_on(start: Start) -> None:
    sandbox, call = start(log_size=2)
    for number in range(5):
        call.track({"external_id": str(number)})
    assert [entry.number for entry in sandbox.requests] == [4, 5]
    assert control(call, "stats")["requests"] == 5


def test_stats_count_requests_objects_statuses_and_connections(call: Caller, sandbox: Sandbox) -> None:
    call.track({"external_id": "1"}, {"external_id": "2"})
    call.track({"external_id": "1", "braze_id": "x"})
    call.iterable("users/ann%40example.com", method="DELETE")
    call.iterable("users/byUserId/7", method="DELETE")
    stats = control(call, "stats")
    assert stats["paths"] == {
        "POST /users/track": {"requests": 2, "objects": 3},
        "DELETE /api/users/{email}": {"requests": 1, "objects": 1},
        "DELETE /api/users/byUserId/{id}": {"requests": 1, "objects": 0},
    }
    assert stats["statuses"] == {"201": 1, "400": 2, "200": 1}
    assert (stats["requests"], stats["objects"]) == (4, 4)
    sandbox.clear_requests()
    assert control(call, "stats")["requests"] == 0


def test_a_connection_is_kept_alive(call: Caller, sandbox: Sandbox) -> None:
    for number in range(20):
        call.track({"external_id": str(number)})
    assert sandbox.store.log.stats()["connections"] == 1


def test_a_reset_forgets_everything_but_the_settings(call: Caller, sandbox: Sandbox) -> None:
    call.track({"external_id": "1", "plan": "pro"})
    call.bulk({"email": "ann@example.com", "dataFields": {"plan": "pro"}})
    sandbox.fault("status")
    control(call, "reset", "POST")
    assert (sandbox.braze_users, sandbox.iterable_users, sandbox.requests) == ({}, {}, [])
    assert list(sandbox.store.faults) == []
    assert "plan" not in call.iterable("users/getFields").json()["fields"]


def test_latency_and_limits_can_be_changed_while_running(start: Start) -> None:
    sandbox, call = start(rates={"braze.track": (1, 3)})
    assert control(call, "settings")["enforce_limits"] is True
    control(call, "settings", "POST", {"enforce_limits": False, "latency": 0.001})
    assert {call.track({"external_id": "1"}).status_code for _ in range(3)} == {201}
    assert control(call, "settings")["latency"] == 0.001
    control(call, "settings", "POST", {"enforce_limits": True})
    assert call.track({"external_id": "1"}).status_code == 429
    assert sandbox.latency == 0.001


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"latency": "slow"}'])
def test_settings_that_make_no_sense_are_refused(call: Caller, content: bytes) -> None:
    answer = call.client.post(f"{call.url}/_sandbox/settings", content=content)
    assert answer.status_code == 400
    assert answer.json()["message"].endswith(".")
