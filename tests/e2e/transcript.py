"""The terminal transcript of the documentation, made by running its commands.

`python -m tests.e2e.transcript` writes docs/transcript.md again.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from roo_dbt.project.example import copy_example
from roo_dbt.sandbox import Sandbox

DOCUMENT = Path(__file__).parents[2] / "docs" / "transcript.md"
ADDRESS = "http://127.0.0.1:8911"

HEAD = """\
# A day with roo-dbt

What a terminal shows, from a first list to a refused record. These are real runs of the
[example project](../dbt_project_example/README.md) against the sandbox; a test runs all of it again and compares. Times differ, of
course.
"""


@dataclass(frozen=True)
class Scene:
    """What is typed, and why. `before` makes something happen that nobody types."""

    words: str
    commands: tuple[str, ...]
    before: Callable[[Sandbox], object] | None = None


def refuse_one(sandbox: Sandbox) -> None:
    """Braze refuses whatever is sent of customer 40."""
    sandbox.fault("item", "/users/track", ids=["40"], message="Invalid attributes")


SCENES = (
    Scene(
        "The project is built, and says in its models' `meta` what goes where.",
        ("dbt -q build", "roo-dbt list", "roo-dbt validate", "roo-dbt check"),
    ),
    Scene(
        "A plan shows what a sync would send. It needs no key, and its samples are masked.",
        ("roo-dbt plan",),
    ),
    Scene("So be it. And because nothing changes in between, a second sync has nothing to send.",
          ("roo-dbt sync", "roo-dbt sync")),
    Scene(
        "The next morning dbt has built the models anew. Commands take dbt's selection syntax; what dbt lists can be piped in, too.",
        ("dbt -q build --vars 'day: 2'", "roo-dbt plan --select subscribers",
         "dbt -q ls --select subscribers --output name | roo-dbt list --select -"),
    ),
    Scene(
        "Today Braze refuses one of the customers. Everybody else is updated, and the exit code says that something is left.",
        ("roo-dbt sync",),
        refuse_one,
    ),
    Scene(
        "Which one, and why? A refused record is not sent again until it changes, or until somebody asks for it.",
        ("roo-dbt failures", "roo-dbt why braze_customers 40", "roo-dbt retry --destination braze_customers"),
    ),
    Scene(
        "Braze has mended its ways, so the next sync sends what was left, and nothing else.",
        ("roo-dbt sync", "roo-dbt status --destination braze_customers --limit 3"),
        lambda sandbox: sandbox.clear_faults(),
    ),
    Scene(
        "Another vendor for the same model? A block to paste, filled from its columns. And dbt's docs can show where it all goes.",
        ("roo-dbt generate iterable customers", "roo-dbt exposures"),
    ),
    Scene("A mistake gets one sentence, and the nearest name.", ("roo-dbt sync --destination braze_custmers",)),
)  # fmt: skip


def transcript(folder: Path) -> str:
    """The document, from runs in a copy of the example project in `folder`."""
    with Sandbox() as sandbox:
        project = copy_example(folder)
        _ran("dbt -q deps", project, sandbox.url)
        parts = [HEAD]
        for scene in SCENES:
            if scene.before:
                scene.before(sandbox)
            shown = "".join(_shown(command, project, sandbox.url) for command in scene.commands)
            parts.append(f"{scene.words}\n\n```console\n{shown}```\n")
        return "\n".join(parts).replace(sandbox.url, ADDRESS)


PROGRESS = re.compile(r"\w+: (\w+, [\d,]+ changes? in |[\d,]+ of [\d,]+ \(|waiting )")
"""What is said in between on a machine that is slow enough."""


TOOK = re.compile(r"\b(\d[\d,]* h \d+ min|\d+ min \d+ s|\d+(\.\d+)? s|under a second)\b")
"""How long something took, on a slow machine, too."""


def _shown(command: str, project: Path, url: str) -> str:
    ran = _ran(command, project, url)
    said = [line for line in ran.stdout.rstrip().splitlines() if not PROGRESS.match(line)]
    lines = [f"$ {command}", *said]
    if ran.returncode:
        lines.append(f"[exit code {ran.returncode}]")
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _ran(command: str, project: Path, url: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("DBT_")}
    keys = {"BRAZE_API_KEY": "any", "ITERABLE_API_KEY": "any"}
    where = {"BRAZE_REST_ENDPOINT": url, "ITERABLE_BASE_URL": url, "COLUMNS": "120", "NO_COLOR": "1"}
    programs = {"dbt": str(Path(sys.executable).with_name("dbt")), "roo-dbt": f"{sys.executable} -m roo_dbt"}
    line = " | ".join(_with_programs(part, programs) for part in command.split(" | "))
    return subprocess.run(
        ["/bin/sh", "-c", line],
        cwd=project,
        env={**own, **keys, **where, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _with_programs(command: str, programs: dict[str, str]) -> str:
    program, *arguments = shlex.split(command)
    return f"{programs[program]} {shlex.join(arguments)}"


def comparable(text: str) -> Iterator[str]:
    """The lines without what no two runs share: times, and the widths that they have in tables."""
    for line in text.splitlines():
        known = re.sub(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?", "THEN", line)
        known = re.sub(r"\b[0-9a-f]{8}\b", "RUN", known)
        known = TOOK.sub("SOON", known)
        yield re.sub(r"\s+", " ", known).strip()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="roo-transcript-") as made:
        DOCUMENT.write_text(transcript(Path(made)), encoding="utf-8")
