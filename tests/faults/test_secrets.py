"""Keys and values of a run with failures appear in no file, table, output or traceback but their own."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
import threading
import traceback
from pathlib import Path

import pytest
from tests.faults import ledger
from tests.faults.conftest import Hours
from tests.run.shop import KEYS, Shop

from roo_dbt.report.progress import SilentProgress
from roo_dbt.run import plan, sync

VALUES = ("Zanzibar-7", "nobody-may-read-me@example.com")
"""Values of fields, as unlike anything else as can be."""


@pytest.fixture
def private(shop: Shop) -> Shop:
    """One record that goes through, one that is refused for its value and one that the vendor refuses."""
    shop.customers(
        f"(1, 'ann@example.com', '{VALUES[0]}', 1), (2, '{VALUES[1]}', '{VALUES[0]}', 2), "
        f"(3, 'not an address {VALUES[0]}', 'Rome', 3)"
    )
    shop.braze()
    shop.iterable()
    shop.sandbox.fault("item", ids=["2", VALUES[1]])
    shop.write()
    return shop


def roo(shop: Shop, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """A command as a shell starts it."""
    places = ["--project-dir", str(shop.folder), "--profiles-dir", str(shop.folder)]
    return subprocess.run(
        [sys.executable, "-m", "roo_dbt", *words, *places],
        env={**os.environ, **shop.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def state_text(shop: Shop, *, without: tuple[str, ...] = ()) -> str:
    """Every value of every state table, as text."""
    tables = shop.sql("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main_roo'")
    names = [row[0] for row in tables if not row[0].startswith(without or ("\0",))]
    assert names
    return "\n".join(str(shop.sql(f'SELECT * FROM main_roo."{name}"')) for name in names)


def test_no_key_is_in_any_file_table_or_output_of_a_run_with_failures(private: Shop) -> None:
    commands = (
        ["sync"],
        ["sync", "--log-format", "json"],
        ["plan", "--show-values"],
        ["failures"],
        ["status"],
    )
    said = "".join(ran.stdout + ran.stderr for ran in (roo(private, *words) for words in commands))
    files = [path for path in private.folder.rglob("*") if path.is_file()]
    contents = b"".join(path.read_bytes() for path in files)
    assert "rejected" in said
    for key in KEYS.values():
        assert key not in said
        assert key.encode() not in contents
        assert key not in state_text(private)


def test_a_key_that_the_vendor_quotes_is_redacted(private: Shop) -> None:
    key = KEYS["BRAZE_KEY"]
    private.sandbox.clear_faults()
    private.sandbox.fault("status", "braze", status=400, message=f"the key {key} said so")
    ran = roo(private, "sync")
    assert "said so" in ran.stdout + ran.stderr + state_text(private)
    assert key not in ran.stdout + ran.stderr + state_text(private)


@pytest.mark.parametrize("status", [401, 403, 500])
def test_no_key_is_in_what_a_run_says_that_cannot_go_on(private: Shop, status: int) -> None:
    private.sandbox.clear_faults()
    private.sandbox.fault("status", status=status, message=" ".join(KEYS.values()))
    ran = roo(private, "check", "--log-format", "json")
    assert ran.returncode != 0
    for key in KEYS.values():
        assert key not in ran.stdout + ran.stderr


def test_no_value_is_in_the_output_the_results_or_the_history(private: Shop) -> None:
    said = "".join(
        ran.stdout + ran.stderr
        for ran in (roo(private, *words) for words in (["plan"], ["sync"], ["failures"], ["status"]))
    )
    target = private.folder / "target"
    written = "".join((target / f"roo_{name}.json").read_text() for name in ("plan", "results"))
    history = state_text(private, without=("snapshot__", "changes__"))
    assert "rejected" in said
    for value in VALUES:
        assert value not in said
        assert value not in written
        assert value not in history


def test_a_value_that_the_vendor_repeats_is_masked(private: Shop) -> None:
    said = f"Invalid email: {VALUES[1]}; the city {VALUES[0]} of 2 is unknown"
    private.sandbox.clear_faults()
    private.sandbox.fault("item", ids=["2"], message=said)
    ran = roo(private, "sync", "-d", "braze_customers")
    assert "Invalid email: ***; the city *** of 2 is unknown" in ran.stdout
    shown = roo(private, "failures").stdout + roo(private, "why", "braze_customers", "2").stdout
    written = (private.folder / "target" / "roo_results.json").read_text()
    kept = state_text(private, without=("snapshot__", "changes__"))
    assert "Invalid email: ***" in shown
    for value in VALUES:
        assert value not in ran.stdout + ran.stderr + shown + written + kept


def test_files_that_hold_values_are_for_their_owner_alone(private: Shop) -> None:
    before = os.umask(0o022)
    try:
        plan(private.options(), show_values=True, environ=private.environ)
        sync(private.options(), SilentProgress(), threading.Event(), private.environ)
    finally:
        os.umask(before)
    target = private.folder / "target"
    assert VALUES[0] in (target / "roo_plan.json").read_text()
    assert mode_of(target / "roo_plan.json") == 0o600
    assert mode_of(target / "roo_results.json") & 0o077 in (0, 0o044)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("hours")
def test_no_key_is_in_a_traceback_or_a_repr(
    private: Shop, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    # An error that nobody expects, in the middle of sending.
    monkeypatch.setattr("roo_dbt.run.tally.Tally.add", _broken)
    with pytest.raises(ZeroDivisionError) as caught:
        sync(private.options(), SilentProgress(), threading.Event(), private.environ)
    text = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    for key in KEYS.values():
        assert key not in text.replace(repr(private.environ), "")
        assert key not in caplog.text


def _broken(*_outcome: object) -> None:
    raise ZeroDivisionError


def test_a_redirect_takes_no_key_elsewhere(shop: Shop, hours: Hours) -> None:
    ledger.declare(shop, "braze users", 3)
    shop.sandbox.fault("status", status=307)
    report = shop.report()
    assert report.exit_code == 2
    assert len(shop.sandbox.requests) == 1
