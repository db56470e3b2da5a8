"""The fault dial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from roo_dbt.errors import UsageProblem
from roo_dbt.sandbox import KINDS, Sandbox

if TYPE_CHECKING:
    from tests.sandbox.clock import Clock
    from tests.sandbox.conftest import Caller, Start

ANN = "ann@example.com"


@pytest.mark.parametrize("status", [400, 401, 403, 413, 429, 500, 502, 503, 504])
def test_a_status_is_answered_as_often_as_asked_and_nothing_is_written(
    call: Caller, sandbox: Sandbox, status: int
) -> None:
    sandbox.fault("status", "/users/track", status=status, count=2)
    answers = [call.track({"external_id": str(n)}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 201]
    assert set(answers[0].json()) == {"message"}
    assert set(sandbox.braze_users) == {"2"}


@pytest.mark.parametrize("status", [400, 401, 403, 409, 413, 429, 500, 503])
def test_iterable_answers_a_status_in_its_own_words(call: Caller, sandbox: Sandbox, status: int) -> None:
    sandbox.fault("status", "iterable", status=status)
    answer = call.iterable("lists")
    assert answer.status_code == status
    assert set(answer.json()) == {"msg", "code", "params"}
    assert call.track({"external_id": "1"}).status_code == 201


def test_a_429_by_fault_carries_the_wait_in_each_dialect(start: Start, clock: Clock) -> None:
    sandbox, call = start(contract="mau")
    sandbox.fault("status", status=429, seconds=7)
    assert call.track({"external_id": "1"}).headers["X-RateLimit-Retry-After"] == "7"
    assert call.iterable("lists").json()["params"]["rateLimitReset"] == 7


def test_a_429_of_a_usual_contract_names_the_second_of_the_reset(
    call: Caller, sandbox: Sandbox, clock: Clock
) -> None:
    sandbox.fault("status", "braze", status=429, seconds=7)
    answer = call.track({"external_id": "1"})
    assert int(answer.headers["X-RateLimit-Reset"]) == int(clock.now) + 7


def test_a_status_after_the_write_writes(call: Caller, sandbox: Sandbox) -> None:
    sandbox.fault("status", status=504, count=1, written=True)
    assert call.track({"external_id": "1"}).status_code == 504
    assert set(sandbox.braze_users) == {"1"}


@pytest.mark.parametrize(("kind", "written"), [("drop_before", False), ("drop_after", True)])
def test_a_cut_connection_comes_before_or_after_the_write(
    call: Caller, sandbox: Sandbox, kind: str, written: bool
) -> None:
    sandbox.fault(kind, count=1)
    with pytest.raises(httpx.TransportError):
        call.track({"external_id": "1"})
    assert bool(sandbox.braze_users) is written
    entry = sandbox.requests[-1]
    assert (entry.status, entry.fault) == (0, kind)
    assert call.track({"external_id": "2"}).status_code == 201


def test_a_stall_that_ends_goes_on(call: Caller, sandbox: Sandbox) -> None:
    sandbox.fault("stall", seconds=0.01)
    assert call.track({"external_id": "1"}).status_code == 201


def test_a_stall_that_outlasts_the_client_writes_nothing(call: Caller, sandbox: Sandbox) -> None:
    sandbox.fault("stall", "/users/track", seconds=0.2)
    with pytest.raises(httpx.ReadTimeout):
        call.client.post(f"{call.url}/users/track", json={}, timeout=0.01)
    # A second call stalls just as long, so the first has ended when it is answered.
    call.track({"external_id": "2"})
    assert [entry.status for entry in sandbox.requests] == [0, 201]


def test_a_stall_can_come_after_the_write(call: Caller, sandbox: Sandbox) -> None:
    sandbox.fault("stall", "/users/track", seconds=60, written=True)
    headers = {"Authorization": "Bearer k"}
    body = {"attributes": [{"external_id": "1"}]}
    with pytest.raises(httpx.ReadTimeout):
        call.client.post(f"{call.url}/users/track", json=body, headers=headers, timeout=0.5)
    assert set(sandbox.braze_users) == {"1"}


def test_an_html_page_has_the_status_it_is_given(call: Caller, sandbox: Sandbox) -> None:
    sandbox.fault("html", status=200)
    answer = call.track({"external_id": "1"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")
    assert answer.text.startswith("<html>")
    assert sandbox.braze_users == {}


def test_a_truncated_answer_is_no_json_though_everything_was_written(call: Caller, sandbox: Sandbox) -> None:
    sandbox.fault("truncated")
    answer = call.track({"external_id": "1"})
    assert answer.status_code == 201
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()
    assert set(sandbox.braze_users) == {"1"}


def test_single_objects_are_refused_by_braze(call: Caller, sandbox: Sandbox) -> None:
    sandbox.fault("item", ids=["2"])
    answer = call.track(*[{"external_id": str(n)} for n in range(4)])
    assert [error["index"] for error in answer.json()["errors"]] == [2]
    assert set(sandbox.braze_users) == {"0", "1", "3"}
    assert call.track({"external_id": "5"}).status_code == 201
    assert sandbox.requests[-1].fault is None


@pytest.mark.parametrize("group", ["invalid", "invalidData", "conflict", "forgotten"])
def test_single_users_are_refused_by_iterable_in_the_group_asked_for(
    call: Caller, sandbox: Sandbox, group: str
) -> None:
    sandbox.fault("item", ids=["ANN@example.com"], message=group)
    answer = call.bulk({"email": ANN}, {"email": "b@example.com"})
    assert answer["failedUpdates"][f"{group}Emails"] == [ANN]
    assert set(sandbox.iterable_users) == {"b@example.com"}


def test_a_user_can_be_refused_without_being_named(call: Caller, sandbox: Sandbox) -> None:
    sandbox.fault("item", ids=[ANN], message="nameless")
    answer = call.bulk({"email": ANN})
    assert answer["failCount"] == 1
    assert not any(answer["failedUpdates"].values())


def test_a_status_for_certain_ids_refuses_the_whole_request_that_holds_one(
    call: Caller, sandbox: Sandbox
) -> None:
    sandbox.fault("status", status=400, ids=["2"])
    assert call.track({"external_id": "1"}, {"external_id": "2"}).status_code == 400
    assert call.track({"external_id": "1"}).status_code == 201
    assert call.braze("/users/delete", {"external_ids": ["2"]}).status_code == 400
    assert call.iterable("users/byUserId/2", method="DELETE").status_code == 400
    assert call.iterable("users/byUserId?userId=2").status_code == 400


def test_a_fault_meets_only_its_path_and_method_after_the_requests_it_lets_through(
    call: Caller, sandbox: Sandbox
) -> None:
    sandbox.fault("status", "/api/users/*", method="POST", after=1, count=1)
    answers = [call.iterable("users/update", {"email": ANN}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 500, 200]
    sandbox.fault("status", "/api/users/*", method="DELETE")
    assert call.iterable("users/update", {"email": ANN}).status_code == 200
    assert call.iterable("lists").status_code == 200


def test_the_share_of_requests_is_the_same_in_every_run_of_a_seed(call: Caller, start: Start) -> None:
    runs = []
    for _ in range(2):
        sandbox, other = start(seed=7)
        sandbox.fault("status", status=500, probability=0.5)
        runs.append([other.iterable("channels").status_code for _ in range(20)])
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 500}


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "nothing"},
        {},
        {"kind": "status", "colour": "red"},
        {"kind": "item"},
        {"kind": "status", "number": 3},
        {"kind": "status", "status": "red"},
        {"kind": "status", "status": 42},
        {"kind": "status", "count": 0},
        {"kind": "status", "probability": 2},
        {"kind": "stall", "seconds": -1},
        {"kind": "item", "ids": "42"},
        {"kind": "status", "written": "yes"},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_with_a_sentence(
    call: Caller, sandbox: Sandbox, values: dict[str, Any]
) -> None:
    answer = call.client.post(f"{call.url}/_sandbox/faults", json=values)
    assert answer.status_code == 400
    assert answer.json()["message"].endswith(".")
    assert list(sandbox.store.faults) == []
    with pytest.raises(UsageProblem):
        sandbox.fault(**{"kind": "", **values})


def test_every_kind_of_fault_can_be_set_and_taken_back_through_the_endpoint(
    call: Caller, sandbox: Sandbox
) -> None:
    address = f"{call.url}/_sandbox/faults"
    for kind in KINDS:
        assert call.client.post(address, json={"kind": kind, "ids": ["x"]}).status_code == 201
    shown = call.client.get(address).json()
    assert [fault["kind"] for fault in shown["faults"]] == list(KINDS)
    assert [kind["name"] for kind in shown["kinds"]] == list(KINDS)
    call.client.delete(f"{address}/1")
    assert [fault.number for fault in sandbox.store.faults] == list(range(2, len(KINDS) + 1))
    call.client.delete(address)
    assert list(sandbox.store.faults) == []
    sandbox.fault("status")
    sandbox.clear_faults()
    assert call.track({"external_id": "1"}).status_code == 201
