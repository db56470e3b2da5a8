"""One run at a time per destination, and no lock that outlives its owner."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.state.conftest import State

from roo_dbt.errors import Blocked, WarehouseLost
from roo_dbt.state import heartbeat, lock, unlock
from roo_dbt.state.lock import this_place
from roo_dbt.warehouse.statement import RefusedStatement


def owner(state: State, destination: str = "braze") -> str | None:
    """The run that has the lock."""
    found: str | None = state.session.one(
        f"SELECT run_id FROM {state.layout.locks} WHERE destination = ?", [destination]
    )
    return found


def held_by(state: State, *, host: str, pid: int, silent_seconds: int) -> None:
    """A lock that a run took somewhere, some time ago."""
    lock(state.session, state.layout, "braze", "theirs")
    state.session.run(
        f"UPDATE {state.layout.locks} SET host = ?, pid = ?, taken_at = CAST('2026-11-22 03:04:05Z' AS TIMESTAMPTZ), "
        f"heartbeat_at = {state.session.dialect.ago(silent_seconds)}",
        [host, pid],
    )


def dead_pid() -> int:
    """The number of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process.pid


def test_a_lock_is_taken_given_back_and_taken_again(state: State) -> None:
    lock(state.session, state.layout, "braze", "one")
    assert owner(state) == "one"
    unlock(state.session, state.layout, "braze", "one")
    assert owner(state) is None
    lock(state.session, state.layout, "braze", "two")
    assert owner(state) == "two"
    assert state.session.one(f"SELECT count(*) FROM {state.layout.locks}") == 1


def test_destinations_are_locked_one_by_one(state: State) -> None:
    lock(state.session, state.layout, "braze", "one")
    lock(state.session, state.layout, "iterable", "two")
    assert (owner(state), owner(state, "iterable")) == ("one", "two")


def test_a_live_lock_blocks_and_says_who_has_it_and_since_when(state: State) -> None:
    held_by(state, host=this_place(), pid=os.getpid(), silent_seconds=5)
    with pytest.raises(Blocked) as refusal:
        lock(state.session, state.layout, "braze", "mine")
    said = str(refusal.value)
    assert f"process {os.getpid()} on {socket.gethostname()}, since 2026-11-22 03:04:05 UTC" in said
    assert owner(state) == "theirs"


def test_a_dead_process_of_this_host_is_succeeded_at_once(state: State) -> None:
    held_by(state, host=this_place(), pid=dead_pid(), silent_seconds=0)
    lock(state.session, state.layout, "braze", "mine")
    assert owner(state) == "mine"


def test_the_same_number_on_another_host_says_nothing(state: State) -> None:
    held_by(state, host="elsewhere", pid=dead_pid(), silent_seconds=55)
    with pytest.raises(Blocked, match="elsewhere"):
        lock(state.session, state.layout, "braze", "mine")


def test_the_same_number_on_this_host_in_a_container_says_nothing(state: State) -> None:
    held_by(state, host=f"{socket.gethostname()} (0123456789ab)", pid=dead_pid(), silent_seconds=55)
    with pytest.raises(Blocked, match=f"on {socket.gethostname()}, since"):
        lock(state.session, state.layout, "braze", "mine")


@pytest.mark.parametrize("host", ["elsewhere", this_place()])
def test_a_minute_without_heartbeat_ends_a_lock(state: State, host: str) -> None:
    held_by(state, host=host, pid=os.getpid(), silent_seconds=61)
    lock(state.session, state.layout, "braze", "mine")
    assert owner(state) == "mine"


def test_a_heartbeat_keeps_the_lock_alive(state: State) -> None:
    held_by(state, host="elsewhere", pid=1, silent_seconds=59)
    heartbeat(state.session, state.layout, "braze", "theirs")
    state.session.run(f"UPDATE {state.layout.locks} SET heartbeat_at = heartbeat_at - INTERVAL '30 seconds'")
    with pytest.raises(Blocked):
        lock(state.session, state.layout, "braze", "mine")


def test_a_run_that_lost_its_lock_must_stop(state: State) -> None:
    held_by(state, host="elsewhere", pid=1, silent_seconds=61)
    lock(state.session, state.layout, "braze", "mine")
    with pytest.raises(WarehouseLost, match="another run took over the lock"):
        heartbeat(state.session, state.layout, "braze", "theirs")


def test_nobody_gives_back_the_lock_of_somebody_else(state: State) -> None:
    lock(state.session, state.layout, "braze", "theirs")
    unlock(state.session, state.layout, "braze", "mine")
    assert owner(state) == "theirs"


def test_of_many_who_ask_at_once_one_gets_the_lock(state: State) -> None:
    lock(state.session, state.layout, "braze", "earlier")
    unlock(state.session, state.layout, "braze", "earlier")
    together = threading.Barrier(4)

    def ask(number: int) -> bool:
        with state.warehouse.session() as session:
            together.wait()
            try:
                lock(session, state.layout, "braze", f"run {number}")
            except (Blocked, RefusedStatement):
                # DuckDB refuses the second of two writers of one row, which is a no as well.
                return False
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(ask, range(4))) == 1
