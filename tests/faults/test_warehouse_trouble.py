"""Two runs at once, owners that died, clocks that jump, a file that is locked, a disk that is full."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from tests.faults import ledger
from tests.faults.conftest import Hours
from tests.faults.test_signals import until
from tests.faults.victim import Step, Victims, arm
from tests.run.shop import Shop, counted

from roo_dbt.errors import WarehouseUnavailable
from roo_dbt.sandbox.server import Sandbox
from roo_dbt.state import tables

BATCH = 75


def command(shop: Shop) -> subprocess.Popen[str]:
    """`roo-dbt sync` in a process of its own."""
    places = ["--project-dir", str(shop.folder), "--profiles-dir", str(shop.folder)]
    return subprocess.Popen(
        [sys.executable, "-m", "roo_dbt", "sync", *places],
        env={**os.environ, **shop.environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_of_two_runs_at_once_one_exports_and_the_other_says_who_does(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.declare(shop, "braze users", 2 * BATCH)
    shop.write()
    ended, answer = threading.Event(), shop.sandbox.store.answer
    monkeypatch.setattr(shop.sandbox.store, "answer", lambda *asked: (ended.wait(60), answer(*asked))[1])
    first = command(shop)
    until(lambda: _locked(shop))

    second = command(shop)
    said, _ = second.communicate(timeout=60)
    ended.set()
    first.communicate(timeout=60)

    assert (first.returncode, second.returncode) == (0, 1)
    assert f"another run is exporting it: process {first.pid} on" in said
    assert len(shop.sandbox.braze_users) == 2 * BATCH
    (counts,) = shop.sql("SELECT sum(created) FROM main_roo.roo_runs")
    assert counts == (2 * BATCH,)


def _locked(shop: Shop) -> bool:
    import duckdb

    try:
        return bool(shop.sql("SELECT 1 FROM main_roo.roo_locks WHERE run_id IS NOT NULL"))
    except duckdb.Error:
        return False


def test_a_lock_whose_owner_died_here_is_taken_over_at_once(shop: Shop) -> None:
    ledger.declare(shop, "braze users", 3)
    shop.write()
    assert Victims().run(shop.folder, shop.environ, step=Step("roo_dbt.state", "lock", after=True)) == -9
    assert counted(shop.sync()) == {"created": 3}


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs namespaces of Linux")
def test_a_live_run_is_not_taken_for_dead_by_one_in_another_container_of_the_same_host(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = ["unshare", "--pid", "--fork", "--mount-proc"]
    if subprocess.run([*apart, "true"], check=False, stderr=subprocess.DEVNULL).returncode:
        pytest.skip("no namespace can be made here")
    ledger.declare(shop, "braze events", 2 * BATCH)
    shop.write()
    ended, answer = threading.Event(), shop.sandbox.store.answer
    monkeypatch.setattr(shop.sandbox.store, "answer", lambda *asked: (ended.wait(60), answer(*asked))[1])
    first = command(shop)
    until(lambda: _locked(shop))
    places = ["--project-dir", str(shop.folder), "--profiles-dir", str(shop.folder)]
    second = subprocess.run(
        [*apart, sys.executable, "-m", "roo_dbt", "sync", *places],
        env={**os.environ, **shop.environ},
        capture_output=True,
        text=True,
        check=False,
    )
    ended.set()
    first.communicate(timeout=60)

    assert (first.returncode, second.returncode) == (0, 1)
    assert f"another run is exporting it: process {first.pid} on" in second.stdout + second.stderr
    arrived = ledger.arrived(shop, "braze_orders")
    assert (len(arrived), len(set(arrived))) == (2 * BATCH, 2 * BATCH)


def elsewhere(shop: Shop, heartbeat: str) -> None:
    """A lock held by a process of another machine."""
    shop.sql(
        "UPDATE main_roo.roo_locks SET run_id = 'theirs', host = 'elsewhere', pid = 1, taken_at = now(), "
        f"heartbeat_at = {heartbeat}"
    )


def test_a_lock_of_another_machine_is_respected_for_a_minute_without_heartbeat(shop: Shop) -> None:
    ledger.declare(shop, "braze users", 3)
    shop.sync()
    elsewhere(shop, "now() - INTERVAL 55 SECOND")
    assert shop.sync().status == "blocked"
    elsewhere(shop, "now() - INTERVAL 65 SECOND")
    assert shop.sync().status == "success"


def test_a_clock_that_jumped_back_an_hour_locks_nobody_out_for_longer_than_that(shop: Shop) -> None:
    ledger.declare(shop, "braze users", 3)
    shop.sync()
    # Written before the clock was put back: it lies in the future now.
    elsewhere(shop, "now() + INTERVAL 1 HOUR")
    assert shop.sync().status == "blocked"
    elsewhere(shop, "now() + INTERVAL 1 HOUR - INTERVAL 2 HOUR")
    assert shop.sync().status == "success"


def test_times_of_a_wall_clock_that_jumps_do_not_disturb_a_run(shop: Shop, hours: Hours) -> None:
    ledger.declare(shop, "braze users", 3)
    shop.sandbox.clock = lambda: 0.0
    shop.sandbox.fault("status", status=429, seconds=5, count=1)
    assert shop.report().exit_code == 0


HOLDER = """
import sys, duckdb
connection = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.readline()
"""


def hold(shop: Shop) -> subprocess.Popen[str]:
    """Another program that opens the DuckDB file and keeps it."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(shop.file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


@pytest.mark.parametrize("kind", ["braze users", "braze events"])
def test_a_file_locked_midway_by_another_program_ends_the_run_and_loses_nothing(
    shop: Shop, hours: Hours, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    ledger.declare(shop, kind, 3)
    shop.roo["lock_wait_seconds"] = 1
    holders: list[subprocess.Popen[str]] = []
    with monkeypatch.context() as patched:
        from roo_dbt.transport import Transport

        patched.setattr(Transport, "send", Transport.send)
        arm(Step("roo_dbt.transport", "Transport.send", after=True), lambda: holders.append(hold(shop)))
        report = shop.report()
    assert report.exit_code == 3
    assert f"is open in another process (PID {holders[0].pid})" in str(report.stopped)
    holders[0].communicate("\n", timeout=30)

    # The lock is still ours: this process is alive, as a server that runs roo-dbt would be.
    shop.sql("UPDATE main_roo.roo_locks SET heartbeat_at = now() - INTERVAL 2 MINUTE")
    after = shop.report().results[0]
    expected = {"created": 3} if kind == "braze users" else {"unknown": 3}
    assert counted(after) == expected
    assert len(ledger.arrived(shop, after.destination)) == 3


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="needs root to mount a small file system")
def test_a_full_disk_ends_the_run_with_a_sentence_and_the_next_one_goes_on(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = shutil.which("mount")
    options = ["-t", "tmpfs", "-o", "size=24m", "none", str(folder)]
    if mount is None or subprocess.run([mount, *options], check=False).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        shop = Shop(folder, sandbox)
        ledger.declare(shop, "braze users", 3)
        assert shop.report().exit_code == 0
        shop.sql("CHECKPOINT")
        shop.customers(
            "SELECT i AS id, 'u' || i || '@example.com' AS email, md5(i::VARCHAR) AS city, "
            "i::DOUBLE AS ltv FROM range(1, 60001) r(i)"
        )
        ballast = folder / "ballast"
        free = shutil.disk_usage(folder).free
        ballast.write_bytes(b"x" * max(0, free - 400_000))
        message = _what_happens(shop)
        assert message
        ballast.unlink()
        report = shop.report()
        assert report.exit_code == 0
        assert len(sandbox.braze_users) == 60_000
    finally:
        subprocess.run([str(shutil.which("umount")), folder], check=True)


def _what_happens(shop: Shop) -> str:
    """The sentence that a run on a full disk ends with."""
    try:
        report = shop.report()
    except WarehouseUnavailable as error:
        return str(error)
    assert report.exit_code in (1, 2, 3)
    return str(report.stopped or report.results[0].message or "")


def test_state_tables_of_a_newer_version_are_refused_with_what_to_do(shop: Shop) -> None:
    ledger.declare(shop, "braze users", 3)
    shop.sync()
    shop.sql("UPDATE main_roo.roo_state SET version = 99")
    with pytest.raises(WarehouseUnavailable, match=r"version 99.*pip install --upgrade roo-dbt"):
        shop.report()
    assert shop.sandbox.requests == []
    with pytest.raises(WarehouseUnavailable, match="version 99"):
        shop.plan()


def test_state_tables_of_an_older_version_are_brought_forward_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.declare(shop, "braze users", 3)
    shop.sync()
    steps = {2: ("ALTER TABLE {runs} ADD COLUMN planet VARCHAR", "UPDATE {runs} SET planet = 'earth'")}
    monkeypatch.setattr(tables, "MIGRATIONS", steps)
    monkeypatch.setattr(tables, "STATE_VERSION", 2)

    assert counted(shop.sync()) == {"unchanged": 3}
    assert shop.sql("SELECT version FROM main_roo.roo_state") == [(2,)]
    assert shop.sql("SELECT DISTINCT planet FROM main_roo.roo_runs ORDER BY ALL") == [("earth",), (None,)]
    assert counted(shop.sync()) == {"unchanged": 3}


def test_a_migration_that_fails_leaves_the_tables_as_they_were(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.declare(shop, "braze users", 3)
    shop.sync()
    steps = {2: ("ALTER TABLE {runs} ADD COLUMN planet VARCHAR", "SELECT no_such_column FROM {runs}")}
    monkeypatch.setattr(tables, "MIGRATIONS", steps)
    monkeypatch.setattr(tables, "STATE_VERSION", 2)
    with pytest.raises(Exception, match="no_such_column"):
        shop.report()
    assert shop.sql("SELECT version FROM main_roo.roo_state") == [(1,)]
    columns = {row[0] for row in shop.sql("DESCRIBE main_roo.roo_runs")}
    assert "planet" not in columns
