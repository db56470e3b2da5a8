"""One run at a time per destination.

One conditional update takes the lock and its row count decides, on the warehouse's clock. A lock
whose owner died where this process can see it is taken over at once, any other after a minute without
heartbeat.
"""

from __future__ import annotations

import hashlib
import os
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path

from roo_dbt.errors import Blocked, WarehouseLost
from roo_dbt.warehouse import Layout, Session

STALE_SECONDS = 60
"""A lock without heartbeat for so long belongs to nobody."""


def lock(session: Session, layout: Layout, destination: str, run_id: str) -> None:
    """Take the lock of a destination.

    Raises:
        Blocked: a live run has it; says host, PID and since when.
    """
    now, iso = session.dialect.now(), session.dialect.iso
    with session.turn(layout.locks):
        session.run(
            f"INSERT INTO {layout.locks} (destination) SELECT ? FROM (SELECT 1 AS one) o "
            f"WHERE NOT EXISTS (SELECT 1 FROM {layout.locks} WHERE destination = ?)",
            [destination, destination],
        )
        host, pid, owner = session.run(
            f"SELECT host, pid, run_id FROM {layout.locks} WHERE destination = ?", [destination]
        )[0]
        dead = owner if owner and host == this_place() and not _alive(pid) else ""
        taken = session.one(
            f"UPDATE {layout.locks} "
            f"SET run_id = ?, host = ?, pid = ?, taken_at = {now}, heartbeat_at = {now} "
            f"WHERE destination = ? AND (run_id IS NULL OR run_id = ? "
            f"OR heartbeat_at < {session.dialect.ago(STALE_SECONDS)})",
            [run_id, this_place(), os.getpid(), destination, dead],
        )
    if not taken:
        # Read again: where there is no turn to wait for, the lock was free a moment ago.
        host, pid, since = session.run(
            f"SELECT host, pid, {iso('taken_at')} FROM {layout.locks} WHERE destination = ?", [destination]
        )[0]
        when = since.replace("T", " ").replace("Z", " UTC")
        raise Blocked(
            f"another run is exporting it: process {pid} on {host.partition(' ')[0]}, since {when}.",
            where=destination,
            hint="Wait for it to end and run roo-dbt sync again.",
        )


def heartbeat(session: Session, layout: Layout, destination: str, run_id: str) -> None:
    """Say that this run is alive.

    Raises:
        WarehouseLost: another run has taken the lock meanwhile; this one must stop.
    """
    now = session.dialect.now()
    kept = session.one(
        f"UPDATE {layout.locks} SET heartbeat_at = {now} WHERE destination = ? AND run_id = ?",
        [destination, run_id],
    )
    if not kept:
        raise lost_lock(destination)


def lost_lock(destination: str) -> WarehouseLost:
    """What a run learns that slept for too long."""
    return WarehouseLost(
        "another run took over the lock, because this one gave no sign of life for a minute.",
        where=destination,
        hint="See roo-dbt status.",
    )


def unlock(session: Session, layout: Layout, destination: str, run_id: str) -> None:
    """Give the lock back, if it is still ours."""
    session.run(
        f"UPDATE {layout.locks} SET run_id = NULL WHERE destination = ? AND run_id = ?", [destination, run_id]
    )


@cache
def this_place() -> str:
    """Where process numbers mean what they mean here: the host, and a digest of its boot and PID namespace.

    Containers may share a host's name and not its processes, and machines may have the same name.
    https://man7.org/linux/man-pages/man7/pid_namespaces.7.html (read 2026-11-22); the host alone where
    there is no /proc.
    """
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text()
        space = f"{boot.strip()} {Path('/proc/self/ns/pid').readlink()}"
        return f"{socket.gethostname()} ({hashlib.sha256(space.encode()).hexdigest()[:12]})"
    return socket.gethostname()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
