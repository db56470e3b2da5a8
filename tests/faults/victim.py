"""A sync in a process of its own that can be killed: at a named step, or from outside at any moment."""

from __future__ import annotations

import importlib
import os
import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

# What a run imports on its way; the fork server has it ready.
import duckdb  # noqa: F401
import httpx  # noqa: F401
import tenacity  # noqa: F401

from roo_dbt.report.progress import SilentProgress
from roo_dbt.run import Options, sync, syncing
from roo_dbt.sandbox import faults  # noqa: F401


@dataclass(frozen=True)
class Step:
    """A place in the code where the process dies: before or after the n-th call of a function."""

    module: str
    name: str
    after: bool = False
    nth: int = 1

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} {self.name.split('.')[-1].strip('_')} {self.nth}"


def _both(module: str, name: str, *calls: int) -> list[Step]:
    return [Step(module, name, after, nth) for nth in calls or (1,) for after in (False, True)]


STEPS = (
    *_both("roo_dbt.state", "create_tables"),
    *_both("roo_dbt.state", "start_run"),
    *_both("roo_dbt.state", "lock"),
    *_both("roo_dbt.state", "recover"),
    *_both("roo_dbt.run.syncing", "compare"),
    *_both("roo_dbt.state", "register_changes"),
    *_both("roo_dbt.transport", "Transport.send", 1, 3),
    *_both("roo_dbt.state", "acknowledge", 1, 2),
    *_both("roo_dbt.state", "commit"),
    *_both("roo_dbt.state.commit", "_read_answers"),
    *_both("roo_dbt.state.commit", "_apply"),
    *_both("roo_dbt.state.commit", "_record_outcomes"),
    *_both("roo_dbt.state.commit", "_keep_unaccepted"),
    *_both("roo_dbt.state.commit", "_close"),
    *_both("roo_dbt.state", "finish_run"),
    *_both("roo_dbt.state", "unlock"),
    *_both("roo_dbt.run", "write_results"),
)
"""Every step of a sync, from the lock to the results file."""


def arm(step: Step, deed: Callable[[], None]) -> None:
    """Let the step end with the deed."""
    # Not an attribute look-up: the package has a function by the name of the module commit.
    owner: Any = importlib.import_module(step.module)
    *path, name = step.name.split(".")
    for part in path:
        owner = getattr(owner, part)
    original, calls = getattr(owner, name), [0]

    def deadly(*args: Any, **kwargs: Any) -> Any:
        calls[0] += 1
        due = calls[0] == step.nth
        if due and not step.after:
            deed()
        result = original(*args, **kwargs)
        if due and step.after:
            deed()
        return result

    setattr(owner, name, deadly)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _live(folder: str, environ: Mapping[str, str], step: Step | None, acknowledge: float) -> None:
    if step is not None:
        arm(step, _die)
    syncing.ACKNOWLEDGE_SECONDS = acknowledge
    options = Options(project_dir=Path(folder), profiles_dir=Path(folder), threads=2)
    report = sync(options, SilentProgress(), threading.Event(), environ)
    os._exit(int(report.exit_code))


class Victims:
    """Starts syncs in processes forked from one that has everything imported."""

    def __init__(self) -> None:
        self._context = get_context("forkserver")
        self._context.set_forkserver_preload([__name__])

    def run(
        self,
        folder: Path,
        environ: Mapping[str, str],
        *,
        step: Step | None = None,
        kill_after: float | None = None,
        acknowledge: float = 1.0,
    ) -> int:
        """Sync, and the exit code; -9 for one that was killed, at the step or after some seconds."""
        process = self._context.Process(target=_live, args=(str(folder), dict(environ), step, acknowledge))
        process.start()
        if kill_after is not None:
            process.join(kill_after)
            process.kill()
        process.join(120)
        code = process.exitcode
        process.close()
        assert code is not None
        return code
