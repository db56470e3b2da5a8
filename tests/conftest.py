"""What tests of several steps share: a dbt to build real projects with."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import CompletedProcess, run

import pytest
from hypothesis import settings
from tests.postgres_server import Server, running_server

# A deadline would measure what else the machine does. In CI the examples are always the same ones, as
# hypothesis has it there: a new find belongs to whoever looks for it, not to whoever submits next.
settings.register_profile("unhurried", settings.default, deadline=None)
settings.load_profile("unhurried")

Dbt = Callable[..., CompletedProcess[str]]
Tell = Callable[[str], None]


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


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A Postgres server for the tests of this worker, started when the first of them asks."""
    with running_server() as server:
        yield server


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Says a sentence after the tests, from every worker: the summary of a loop."""

    def say(sentence: str) -> None:
        request.node.user_properties.append(("summary", sentence))

    return say


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests had to tell; what many of them say alike, once."""
    told = Counter(
        str(sentence)
        for report in terminalreporter.stats.get("passed", ())
        for name, sentence in report.user_properties
        if name == "summary"
    )
    for sentence, times in told.items():
        terminalreporter.write_line(f"{times} × {sentence}" if times > 1 else sentence)
