"""A Postgres of the tests' own: a new cluster on loopback, a database for each test."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

USER, PASSWORD = "roo", "a-warehouse-password-nobody-may-see"

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_connections": "60",
    "shared_buffers": "64MB",
}


@dataclass(frozen=True)
class Server:
    """A running server. Every database it makes is the caller's alone."""

    port: int
    _numbers: Iterator[int] = field(default_factory=count)

    def connect(self, database: str = "postgres", user: str = USER) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection as the owner of everything, or as somebody with the same password."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=user, password=PASSWORD, dbname=database, autocommit=True
        )

    def database(self) -> str:
        """The name of a new, empty database."""
        name = f"shop{next(self._numbers)}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return name

    def drop(self, database: str) -> None:
        """Forget a database, whoever is still connected to it."""
        with self.connect() as connection:
            connection.execute(f"DROP DATABASE {database} WITH (FORCE)".encode())

    def credentials(self, database: str, **changes: Any) -> dict[str, Any]:
        """The target as a warehouse gets it, under one name each."""
        target = self.profile(database, **changes)
        return {"database": target.pop("dbname"), **target}

    def profile(self, database: str, **changes: Any) -> dict[str, Any]:
        """A dbt target for a database."""
        return {
            "type": "postgres",
            "host": "127.0.0.1",
            "port": self.port,
            "user": USER,
            "password": PASSWORD,
            "dbname": database,
            "schema": "main",
            "retries": 0,
            **changes,
        }


@contextmanager
def running_server() -> Iterator[Server]:
    """A new cluster, gone afterwards."""
    programs = _programs()
    # Postgres will not run as root, and pytest's own folders are closed to everybody else.
    account: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="roo-dbt-postgres-"))
    try:
        if account:
            shutil.chown(folder, "postgres", "postgres")
        _make_cluster(programs, folder, account)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        log = (folder / "log").open("w")
        command = [str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(port), *settings]
        with log, subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **account) as process:
            try:
                _wait_for(Server(port), process, folder / "log")
                yield Server(port)
            finally:
                # SIGINT is Postgres' fast shutdown.
                process.send_signal(2)
                process.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _make_cluster(programs: Path, folder: Path, account: dict[str, Any]) -> None:
    secret = folder / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    command = [
        str(programs / "initdb"),
        *("-D", str(folder / "data"), "-U", USER, "--auth=scram-sha-256", f"--pwfile={secret}"),
        *("--encoding=UTF8", "--locale=C", "--no-sync"),
    ]
    subprocess.run(command, check=True, capture_output=True, cwd=folder, **account)


def _programs() -> Path:
    """The folder of `initdb` and `postgres`, which Debian does not put on the path."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = next((folder for folder in folders if (folder / "initdb").exists()), None)
    if found is not None:
        return found
    reason = "there is no Postgres here: apt-get install postgresql"
    if os.environ.get("ROO_DBT_TESTS_NEED_POSTGRES"):
        pytest.fail(reason)
    pytest.skip(f"{reason} ({getpass.getuser()})")


def _wait_for(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            pytest.fail(f"Postgres did not start:\n{log.read_text()}")
        with suppress(psycopg.OperationalError), server.connect():
            return
        time.sleep(0.05)
    pytest.fail(f"Postgres did not answer within 30 s:\n{log.read_text()}")
