"""What tests of several steps share: a dbt to build real projects with."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess, run

import pytest

Dbt = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="session")
def dbt() -> Dbt:
    """Runs dbt in a folder: `dbt(folder, "build")`. Proxies that lead nowhere catch a call to the network."""
    nowhere = "http://127.0.0.1:9"
    env = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    env |= {"HTTP_PROXY": nowhere, "HTTPS_PROXY": nowhere, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}

    def in_folder(folder: Path, *arguments: str) -> CompletedProcess[str]:
        program = Path(sys.executable).with_name("dbt")
        return run(
            [program, "--no-use-colors", *arguments],
            cwd=folder,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )

    return in_folder
