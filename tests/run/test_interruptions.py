"""A run that ends before its time loses nothing, and the next one sends what is left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import duckdb
import psycopg
import pytest
from tests.run.engines import Engine
from tests.run.shop import KEYS, Shop, counted

from roo_dbt.sandbox.server import Sandbox

ALSO_ELSEWHERE = True

MANY = "SELECT i AS id, 'u' || i || '@example.com' AS email, 'Oslo' AS city, i AS ltv FROM range(0, {}) r(i)"
SYNC = """
import sys, threading
from pathlib import Path
from roo_dbt.report.progress import SilentProgress
from roo_dbt.run import Options, sync

folder = Path(sys.argv[1])
options = Options(project_dir=folder, profiles_dir=folder, threads=int(sys.argv[2]))
sys.exit(sync(options, SilentProgress(), threading.Event()).exit_code)
"""
FULL_DISK = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
most = int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
"""
PATIENCE = 60
"""Seconds after which a process that does not get on is a failure."""


def until(found: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Wait for something that a running process does."""
    moment = threading.Event()
    for _ in range(PATIENCE * 50):
        if found():
            return
        assert process.poll() is None, "it ended too early"
        moment.wait(0.02)
    pytest.fail("it never happened")


def acknowledged(shop: Shop) -> int:
    """How many changes a running sync has confirmed, as far as the tables can be read now."""
    try:
        rows = shop.sql(
            "SELECT coalesce(sum(last_seq - first_seq + 1), 0) FROM main_roo.roo_acknowledged "
            "WHERE status <> 'leaving'"
        )
    except (duckdb.IOException, duckdb.CatalogException, psycopg.errors.UndefinedTable):
        return 0
    return int(rows[0][0])


def test_a_run_killed_while_sending_is_finished_by_the_next_one(tmp_path: Path, engine: Engine) -> None:
    with Sandbox(enforce_limits=False, latency=0.25) as sandbox:
        shop = Shop(tmp_path, sandbox, engine=engine)
        shop.customers(MANY.format(3000))
        shop.braze()
        shop.roo["acknowledge_seconds"] = 0.2
        shop.write()
        with subprocess.Popen(
            [sys.executable, "-c", SYNC, str(shop.folder), "2"], env={**os.environ, **KEYS}
        ) as process:
            until(lambda: acknowledged(shop) >= 300, process)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        sandbox.store.settings.latency = 0.0
        confirmed = acknowledged(shop)
        assert shop.sql("SELECT run_id IS NOT NULL, pid FROM main_roo.roo_locks") == [(True, process.pid)]
        result = shop.sync()
        assert counted(result) == {"created": 3000 - confirmed, "unchanged": confirmed}
        assert result.requests == -(-(3000 - confirmed) // 75)
        assert len(sandbox.braze_users) == 3000
        assert counted(shop.sync()) == {"unchanged": 3000}
        assert shop.sql("SELECT run_id FROM main_roo.roo_locks") == [(None,)]
        runs = shop.status()
        assert [run.status for run in runs] == ["success", "success", "error"]
        assert "interrupted" in str(runs[-1].message)


def test_an_orderly_stop_remembers_every_answer_and_sends_nothing_twice(
    tmp_path: Path, engine: Engine
) -> None:
    stop = threading.Event()
    with Sandbox(enforce_limits=False, latency=0.05) as sandbox:
        shop = Shop(tmp_path, sandbox, engine=engine)
        shop.customers(MANY.format(3000))
        shop.braze()
        shop.write()
        watching = threading.Thread(target=lambda: _stop_after(sandbox, 6, stop))
        watching.start()
        report = shop.report(stop=stop, threads=2)
        watching.join()
        (result,) = report.results
        sent = {body["external_id"] for body in shop.bodies}
        assert (report.exit_code, result.status) == (3, "error")
        assert 0 < len(sent) < 3000
        assert counted(result) == {"created": len(sent)}
        assert set(sandbox.braze_users) == sent
        assert "run the same command again" in str(report.stopped)
        rest = shop.sync()
        assert counted(rest) == {"created": 3000 - len(sent), "unchanged": len(sent)}
        assert {body["external_id"] for body in shop.bodies}.isdisjoint(sent)
        assert len(sandbox.braze_users) == 3000


def _stop_after(sandbox: Sandbox, requests: int, stop: threading.Event) -> None:
    moment = threading.Event()
    for _ in range(PATIENCE * 100):
        if len(sandbox.requests) >= requests:
            break
        moment.wait(0.01)
    stop.set()


def test_a_stop_before_the_beginning_sends_nothing(shop: Shop) -> None:
    stop = threading.Event()
    stop.set()
    report = shop.report(stop=stop)
    assert (report.exit_code, report.results[0].status, shop.sandbox.requests) == (3, "skipped", [])
    assert counted(shop.sync()) == {"created": 3}


def test_a_live_run_elsewhere_blocks_and_is_named(shop: Shop) -> None:
    shop.sync()
    shop.sql(
        "UPDATE main_roo.roo_locks SET run_id = 'theirs', host = 'worker-7', pid = 4242, heartbeat_at = now()"
    )
    report = shop.report()
    (result,) = report.results
    assert (result.status, report.exit_code, shop.sandbox.requests) == ("blocked", 1, [])
    assert "process 4242 on worker-7" in str(result.message)
    assert shop.sql("SELECT run_id FROM main_roo.roo_locks") == [("theirs",)]


def test_a_run_whose_lock_was_taken_stops_and_leaves_the_lock_alone(tmp_path: Path, engine: Engine) -> None:
    with Sandbox(enforce_limits=False, latency=0.1) as sandbox:
        shop = Shop(tmp_path, sandbox, engine=engine)
        shop.customers(MANY.format(1500))
        shop.braze()
        shop.roo["acknowledge_seconds"] = 0.1

        def take() -> None:
            _stop_after(sandbox, 2, begun)
            for _ in range(PATIENCE * 100):
                try:
                    shop.sql("UPDATE main_roo.roo_locks SET run_id = 'theirs', host = 'elsewhere'")
                except (duckdb.Error, psycopg.Error):
                    continue
                return

        begun = threading.Event()
        taking = threading.Thread(target=take)
        taking.start()
        report = shop.report(threads=1)
        taking.join()
        (result,) = report.results
        assert (report.exit_code, result.status) == (3, "error")
        assert "another run took over the lock" in str(result.message)
        assert len(shop.bodies) < 1500
        assert shop.sql("SELECT run_id FROM main_roo.roo_locks") == [("theirs",)]


@pytest.mark.parametrize("status", [500, 503])
def test_a_vendor_that_goes_away_is_safe_to_ask_again(
    shop: Shop, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("roo_dbt.export.retry.RetryPolicy.ceiling", lambda *_: 0.0)
    shop.customers(MANY.format(200))
    shop.sandbox.fault("status", "/users/track", status=status, after=1)
    report = shop.report(threads=1)
    assert report.exit_code == 3
    assert counted(report.results[0]) == {"created": 75}
    shop.sandbox.clear_faults()
    assert counted(shop.sync()) == {"created": 125, "unchanged": 75}


def test_a_key_that_stops_working_midway_keeps_what_was_confirmed(shop: Shop) -> None:
    shop.customers(MANY.format(200))
    shop.sandbox.fault("status", "/users/track", status=401, after=1)
    report = shop.report(threads=1)
    assert (report.exit_code, report.results[0].status) == (1, "error")
    assert counted(report.results[0]) == {"created": 75}
    shop.sandbox.clear_faults()
    assert counted(shop.sync()) == {"created": 125, "unchanged": 75}


def test_a_database_that_others_keep_while_we_send_stops_the_run_and_loses_nothing(tmp_path: Path) -> None:
    begun, ended = threading.Event(), threading.Event()
    hold = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    holders: list[int] = []
    with Sandbox(enforce_limits=False, latency=0.3) as sandbox:
        shop = Shop(tmp_path, sandbox)
        shop.customers(MANY.format(1500))
        shop.braze()
        shop.roo |= {"acknowledge_seconds": 0.1, "lock_wait_seconds": 0.5}

        def occupy() -> None:
            _stop_after(sandbox, 1, begun)
            while not holders and not ended.is_set():
                with subprocess.Popen(
                    [sys.executable, "-c", hold, str(shop.file)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                ) as process:
                    assert process.stdout is not None
                    if process.stdout.readline():
                        holders.append(process.pid)
                        ended.wait(PATIENCE)
                    process.communicate()

        occupying = threading.Thread(target=occupy)
        occupying.start()
        report = shop.report(threads=1)
        ended.set()
        occupying.join()
        (result,) = report.results
        assert (report.exit_code, result.status) == (3, "error")
        assert f"(PID {holders[0]})" in str(result.message)
        sandbox.store.settings.latency = 0.0
        shop.roo["lock_wait_seconds"] = 30
        # The lock could not be given back; a minute later, or once the process is gone, it is nobody's.
        shop.sql("UPDATE main_roo.roo_locks SET heartbeat_at = heartbeat_at - INTERVAL 61 SECOND")
        assert shop.sync().status == "success"
        assert len(sandbox.braze_users) == 1500
        assert counted(shop.sync()) == {"unchanged": 1500}


@pytest.mark.parametrize("spare", [0, 2_300_000], ids=["at the diff", "at the commit"])
def test_a_disk_that_is_full_stops_the_run_and_loses_nothing(tmp_path: Path, spare: int) -> None:
    """No file may grow beyond a size, which is what a full disk looks like to DuckDB."""
    with Sandbox(enforce_limits=False) as sandbox:
        shop = Shop(tmp_path, sandbox)
        shop.customers(MANY.format(20_000).replace("'Oslo'", "md5(i::VARCHAR)"))
        shop.braze()
        shop.write()
        most = shop.file.stat().st_size + spare
        ended = subprocess.run(
            [sys.executable, "-c", FULL_DISK + SYNC, str(shop.folder), "2", str(most)],
            env={**os.environ, **KEYS},
            check=False,
        )
        assert ended.returncode == 3
        results = json.loads((shop.folder / "target" / "roo_results.json").read_text())["results"]
        assert "DuckDB could not go on" in results[0]["message"]
        assert (results[0]["status"], len(sandbox.braze_users)) == ("error", 20_000 if spare else 0)
        assert shop.sync().status == "success"
        assert len(sandbox.braze_users) == 20_000
        assert counted(shop.sync()) == {"unchanged": 20_000}
