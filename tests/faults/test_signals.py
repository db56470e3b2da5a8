"""Ctrl-C and SIGTERM through the real command: in good order within ten seconds, nothing sent twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from tests.faults import ledger
from tests.faults.test_crash_loop import sent
from tests.run.shop import Shop

BATCH = 75


def start(shop: Shop) -> subprocess.Popen[str]:
    """`roo-dbt sync` as a shell starts it."""
    shop.write()
    command = [sys.executable, "-m", "roo_dbt", "sync", "--threads", "2"]
    places = ["--project-dir", str(shop.folder), "--profiles-dir", str(shop.folder)]
    return subprocess.Popen(
        [*command, *places],
        env={**os.environ, **shop.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def until(condition: Callable[[], bool]) -> None:
    """Wait for another process to get there."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.01)


def is_quiet(shop: Shop) -> bool:
    return shop.sql("SELECT count(*) FROM main_roo.roo_locks WHERE run_id IS NOT NULL") == [(0,)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("kind", ["braze users", "braze events"])
def test_a_signal_ends_the_run_in_good_order_and_nothing_goes_twice(
    shop: Shop, number: signal.Signals, kind: str
) -> None:
    ledger.declare(shop, kind, 40 * BATCH)
    shop.sandbox.latency = 0.2
    process = start(shop)
    until(lambda: len(shop.sandbox.requests) >= 4)

    process.send_signal(number)
    began = time.monotonic()
    out, err = process.communicate(timeout=30)

    assert process.returncode == 3, err
    assert time.monotonic() - began < 10
    assert "Interrupted before everything was sent" in out + err
    assert is_quiet(shop)
    before = sent(shop.sandbox.requests)
    assert 0 < len(before) < 40 * BATCH
    shop.sandbox.latency = 0
    report = shop.report()
    assert report.exit_code == 0
    assert set((before + sent(shop.sandbox.requests)).values()) == {1}
    assert len(ledger.arrived(shop, shop.destinations[0]["name"])) == 40 * BATCH


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["braze users", "braze events"])
def test_a_signal_ends_the_run_within_ten_seconds_when_the_vendor_hangs(shop: Shop, kind: str) -> None:
    ledger.declare(shop, kind, 2 * BATCH)
    shop.sandbox.fault("stall", seconds=60)
    process = start(shop)
    until(lambda: _met(shop) >= 2)

    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    _, err = process.communicate(timeout=30)

    assert (process.returncode, time.monotonic() - began < 10) == (3, True), err
    assert is_quiet(shop)
    counts = shop.sql("SELECT unknown FROM main_roo.roo_runs")
    assert counts == [(2 * BATCH if kind == "braze events" else 0,)]


def _met(shop: Shop) -> int:
    with shop.sandbox.store.lock:
        return sum(fault.met for fault in shop.sandbox.store.faults)


def test_a_second_signal_ends_the_run_at_once_and_the_next_one_takes_over(shop: Shop) -> None:
    ledger.declare(shop, "braze users", 2 * BATCH)
    shop.sandbox.fault("stall", seconds=60)
    process = start(shop)
    until(lambda: _met(shop) >= 2)

    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while "Ctrl-C again" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    process.communicate(timeout=30)

    assert (process.returncode, time.monotonic() - began < 2) == (3, True)
    shop.sandbox.clear_faults()
    assert shop.report().exit_code == 0
    assert len(shop.sandbox.braze_users) == 2 * BATCH
    assert is_quiet(shop)
