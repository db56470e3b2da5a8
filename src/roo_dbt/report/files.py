"""`roo_results.json` and `roo_plan.json`, written so that a reader sees the old file or the new one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

import orjson

from roo_dbt.errors import ProjectProblem, Stopped
from roo_dbt.records import PlanReport, SyncReport
from roo_dbt.report.documents import plan_document, results_document

RESULTS_FILE = "roo_results.json"
PLAN_FILE = "roo_plan.json"


def write_results(report: SyncReport, path: Path) -> None:
    """Write the results of a sync.

    Raises:
        Stopped: the file cannot be written. What was sent is in the state tables all the same.
    """
    try:
        _replace(path, results_document(report), mode=0o666)
    except OSError as error:
        raise Stopped(
            f"the results could not be written ({error.strerror or error}).",
            where=str(path),
            hint="What was sent is recorded in the warehouse; `roo-dbt status` shows it.",
        ) from error


def write_plan(report: PlanReport, path: Path) -> None:
    """Write a plan, readable by its owner alone: with `--show-values` it holds values.

    Raises:
        ProjectProblem: the file cannot be written.
    """
    try:
        _replace(path, plan_document(report), mode=0o600)
    except OSError as error:
        raise ProjectProblem(
            f"the plan could not be written ({error.strerror or error}).",
            where=str(path),
            hint="Give another folder with --target-path.",
        ) from error


def _replace(path: Path, document: dict[str, Any], *, mode: int) -> None:
    content = orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        # mkstemp's file is private; the umask is what the user wants for files that are not.
        Path(temporary).chmod(mode & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
