"""The commands of the demo, run as a user would type them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from rich.text import Text

from roo_dbt.errors import UsageProblem
from roo_dbt.report.wording import duration

if TYPE_CHECKING:
    from roo_dbt.cli.output import Output

DBT_SUMMARY = re.compile(r"PASS=(\d+) WARN=(\d+) ERROR=(\d+)")


class ShellFailed(Exception):
    """A command of the demo ended with another exit code than 0."""


class Shell:
    """Runs commands in a folder and shows what is typed.

    Args:
        output: where the command lines are shown.
        folder: where the commands run.
        variables: set for every command, on top of this process's own. Those of dbt are left out: the
            demo is the same for everybody.
    """

    def __init__(self, output: Output, folder: Path, variables: Mapping[str, str]) -> None:
        self._output = output
        self._folder = folder
        own = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
        # Nothing here may leave the machine, through a proxy neither.
        local = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        self._environment = {**own, **local, **variables}

    def dbt(self, *arguments: str) -> None:
        """Run dbt; show its last words, or all of them when it fails.

        Raises:
            ShellFailed: dbt was not content.
            UsageProblem: dbt is not installed.
        """
        self._show("dbt", *arguments)
        began = monotonic()
        ran = subprocess.run(  # noqa: S603 the program is the dbt beside this Python
            [_dbt(), "--no-use-colors", *arguments],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
        if ran.returncode != 0:
            self._output.lines([Text(ran.stdout)])
            raise ShellFailed(f"`dbt {shlex.join(arguments)}` ended with exit code {ran.returncode}.")
        summary = DBT_SUMMARY.search(ran.stdout)
        words = "{} passed, {} warnings, {} errors, ".format(*summary.groups()) if summary else ""
        self._output.lines([Text(f"  {words}{duration(monotonic() - began)}", style="dim")])

    def roo(self, *arguments: str) -> None:
        """Run a command of ours, its words going where ours go.

        Raises:
            ShellFailed: it ended with another exit code than 0.
        """
        self._show("roo-dbt", *arguments)
        ran = subprocess.run(  # noqa: S603 the program is this Python
            [sys.executable, "-m", "roo_dbt", *arguments],
            cwd=self._folder,
            env=self._environment,
            check=False,
        )
        if ran.returncode != 0:
            raise ShellFailed(f"`roo-dbt {shlex.join(arguments)}` ended with exit code {ran.returncode}.")

    def _show(self, *words: str) -> None:
        self._output.lines([Text(f"$ {shlex.join(words)}", style="cyan")])


def _dbt() -> str:
    beside = Path(sys.executable).with_name("dbt")
    found = str(beside) if beside.is_file() else shutil.which("dbt")
    if found is None:
        raise UsageProblem("dbt is not installed.", hint="Type: pip install 'roo-dbt[demo]'")
    return found
