"""Runs commands as a shell would, the pipeline replaced by what it would answer."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.run.shop import ANN, BO, CY, Shop

from roo_dbt.cli import main
from roo_dbt.sandbox.server import Sandbox


@dataclass
class Ran:
    code: int
    out: str
    err: str


Run = Callable[..., Ran]
Replace = Callable[[str, Any], list[tuple[tuple[Any, ...], dict[str, Any]]]]


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PROJECT_DIR", "TARGET", "LOG_FORMAT", "QUIET", "DEBUG", "PROFILE", "PROFILES_DIR"):
        monkeypatch.delenv(f"DBT_{name}", raising=False)
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> Ran:
        code = main(arguments)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


@pytest.fixture
def run_bound() -> Run:
    """A command in a process whom permissions stop, which they don't when the tests run as root."""
    bound: list[str] = []
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root may write everywhere, and setpriv is not here")
        bound = [setpriv, "--bounding-set=-dac_override,-dac_read_search"]

    def call(*arguments: str) -> Ran:
        command = [*bound, sys.executable, "-m", "roo_dbt", *arguments]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    return call


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A real project with three customers and real vendors; commands find both in the environment."""
    with Sandbox(enforce_limits=False) as sandbox:
        made = Shop(tmp_path, sandbox)
        made.customers(f"{ANN}, {BO}, {CY}")
        made.braze()
        made.write()
        for name, value in made.environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("DBT_PROJECT_DIR", str(tmp_path))
        monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
        yield made


@pytest.fixture
def pipeline(monkeypatch: pytest.MonkeyPatch) -> Replace:
    """Replace a function of `roo_dbt.run`; the list returned collects its calls."""

    def replace(name: str, answer: Any) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
        calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

        def function(*arguments: Any, **settings: Any) -> Any:
            calls.append((arguments, settings))
            if isinstance(answer, BaseException):
                raise answer
            return answer(*arguments, **settings) if callable(answer) else answer

        monkeypatch.setattr(f"roo_dbt.run.{name}", function, raising=False)
        return calls

    return replace
