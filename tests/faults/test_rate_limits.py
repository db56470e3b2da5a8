"""One 429 pauses every worker of the app; a wait that is too long ends the run with the time to come back."""

from __future__ import annotations

import pytest
from tests.faults import ledger
from tests.faults.conftest import Hours
from tests.faults.matrix import WRITES
from tests.run.shop import Shop

from roo_dbt import transport
from roo_dbt.export.lane import Lane
from roo_dbt.export.pacing import Gate
from roo_dbt.records import Answer, Request

THREADS = 4
WAIT = 30.0


@pytest.mark.parametrize("contract", ["default", "mau"])
@pytest.mark.parametrize("kind", ["braze users", "iterable users", "braze events"])
def test_after_one_429_no_worker_sends_before_the_named_time(
    shop: Shop, hours: Hours, monkeypatch: pytest.MonkeyPatch, kind: str, contract: str
) -> None:
    monkeypatch.setattr(transport, "READ_SECONDS", 30.0)
    left, known = list[float](), list[float]()
    post, close = Lane.post, Gate.close

    def noted_post(lane: Lane, request: Request) -> Answer:
        left.append(hours.now())
        return post(lane, request)

    def noted_close(gate: Gate, now: float, seconds: float) -> bool:
        news = close(gate, now, seconds)
        known.append(hours.now())
        return news

    monkeypatch.setattr(Lane, "post", noted_post)
    monkeypatch.setattr(Gate, "close", noted_close)
    shop.sandbox.contract = contract  # type: ignore[assignment]
    shop.sandbox.clock = hours.since_1970
    ledger.declare(shop, kind, 20 * (1_000 if kind == "iterable users" else 75))
    shop.sandbox.fault("status", status=429, seconds=WAIT, count=1, after=5)

    report = shop.report(threads=THREADS)

    log = shop.sandbox.requests
    refused = next(entry for entry in log if entry.status == 429)
    early = [at for at in left if known[0] < at < known[0] + WAIT - 2]
    assert report.exit_code == 0
    # Whoever had just been let through still leaves.
    assert len(early) < THREADS
    assert len([entry for entry in log if entry.at > refused.at]) >= 10


@pytest.mark.parametrize("kind", ["braze users", "iterable users"])
def test_an_absurd_wait_ends_the_run_with_exit_3_and_the_time_to_come_back(
    shop: Shop, hours: Hours, kind: str
) -> None:
    shop.sandbox.contract = "mau"
    ledger.declare(shop, kind, 3)
    shop.sandbox.fault("status", WRITES[kind], status=429, seconds=7_200)

    report = shop.report()

    assert report.exit_code == 3
    assert report.stopped is not None
    assert "asks for a wait of 2.0 hours" in report.stopped
    assert "run the same command again after" in report.stopped
    assert sum(hours.slept) < 1
    assert [entry.status for entry in shop.sandbox.requests if entry.method == "POST"] == [429]


def test_one_app_that_must_wait_does_not_hold_up_the_other(shop: Shop, hours: Hours) -> None:
    shop.sandbox.contract = "mau"
    ledger.declare(shop, "braze users", 3)
    shop.iterable()
    shop.sandbox.fault("status", "braze", status=429, seconds=100_000)

    report = shop.report()

    assert [(result.app, result.status) for result in report.results] == [
        ("braze", "error"),
        ("iterable", "success"),
    ]
    assert report.exit_code == 3
