"""The command line as a process: what it loads, signals, pipes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("duckdb", "httpx", "pydantic", "rich", "jinja2", "yaml", "starlette", "orjson", "roo_dbt.run")

SYNC = """
import sys, threading
import roo_dbt.run as run
from roo_dbt.cli import main
from roo_dbt.records import Invocation, SyncReport, DestinationResult

def sync(options, progress, stop):
    print("ready", file=sys.stderr, flush=True)
    {body}
    result = DestinationResult("b", "model.shop.c", "braze", "users", "error")
    invocation = Invocation("i", "dev", "2026-11-22T03:04:05Z", "0")
    return SyncReport(invocation, (result,) * {results}, 0.1, {code}, "Ctrl-C.")

run.sync = sync
sys.exit(main(["sync"]))
"""


def script(body: str, *, code: int = 3, results: int = 1) -> list[str]:
    return [sys.executable, "-c", SYNC.format(body=body, code=code, results=results)]


def start(arguments: list[str]) -> subprocess.Popen[str]:
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert process.stderr.readline() == "ready\n"
    return process


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    code = f"import roo_dbt.cli, sys; print([n for n in {HEAVY!r} if n in sys.modules])"

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout == "[]\n"


@pytest.mark.parametrize("arguments", [[], ["--help"], ["sync", "--help"], ["demo", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from roo_dbt.cli import main; code = main(sys.argv[1:]);"
        f"print([n for n in {HEAVY!r} if n in sys.modules], file=sys.stderr); sys.exit(code)"
    )

    ran = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)

    assert ran.stderr == "[]\n"


def test_an_interrupt_while_the_command_line_is_imported_leaves_no_traceback() -> None:
    code = (
        "import sys, builtins; load = builtins.__import__\n"
        "def interrupted(name, *rest):\n"
        "    if name == 'click': raise KeyboardInterrupt\n"
        "    return load(name, *rest)\n"
        "builtins.__import__ = interrupted\n"
        "from roo_dbt.__main__ import run; sys.exit(run())"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr) == (3, "Error: interrupted. It is safe to run the command again.\n")


def test_the_module_runs_like_the_command() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "roo_dbt", "--version"], capture_output=True, text=True, check=True
    )

    assert ran.stdout.startswith("roo-dbt ")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_stops_in_good_order(number: signal.Signals) -> None:
    process = start(script("assert stop.wait(30)"))

    process.send_signal(number)
    out, err = process.communicate(timeout=30)

    assert process.returncode == 3
    assert "Press Ctrl-C again to end at once." in err
    assert "Run `roo-dbt sync` again to send the rest." in out
    assert "Traceback" not in err


def test_the_second_signal_ends_at_once() -> None:
    process = start(
        script("stop.wait(30); print('stopped', file=sys.stderr, flush=True); threading.Event().wait(30)")
    )
    assert process.stderr is not None

    process.send_signal(signal.SIGINT)
    while "stopped" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)

    assert process.returncode == 3
    assert out == ""


def test_a_reader_who_leaves_changes_neither_the_exit_code_nor_the_words() -> None:
    process = start(script("pass", code=1, results=20_000))
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert err == ""


def test_help_into_a_closed_pipe_is_no_traceback() -> None:
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(
        [sys.executable, "-m", "roo_dbt", "--help"],
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)

    assert "Traceback" not in ran.stderr


def test_output_survives_an_encoding_that_cannot_say_it(tmp_path: Path) -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    body = "progress.waiting('naïve', 9, 'Zoë')"

    ran = subprocess.run(script(body, code=0), env=env, capture_output=True, text=True, check=False)

    assert ran.returncode == 0
    assert "na?ve: waiting" in ran.stderr


def test_no_colour_reaches_a_pipe_and_none_a_terminal_that_wants_none() -> None:
    plain = subprocess.run(script("pass"), capture_output=True, text=True, check=False)
    forced = subprocess.run(
        script("pass"), env={**os.environ, "FORCE_COLOR": "1"}, capture_output=True, text=True, check=False
    )
    refused = subprocess.run(
        script("pass"),
        env={**os.environ, "FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "xterm"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "\x1b[" not in plain.stdout
    assert "\x1b[31m" in forced.stdout
    assert "\x1b[" not in refused.stdout


def test_json_lines_are_not_broken_by_a_narrow_terminal() -> None:
    code = script("pass", results=3)
    code[-1] = code[-1].replace('["sync"]', '["sync", "--log-format", "json"]')

    ran = subprocess.run(
        code, env={**os.environ, "COLUMNS": "20"}, capture_output=True, text=True, check=False
    )

    assert [json.loads(line)["event"] for line in ran.stdout.splitlines()] == ["result"] * 3 + ["finished"]


def test_the_sandbox_says_its_address_and_ends_at_ctrl_c() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "roo_dbt", "sandbox", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("Braze and Iterable are at http://127.0.0.1:")

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)

    assert process.returncode == 0
