"""What a run leaves on disk, written so that a reader sees the old file or the new one."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from roo_dbt.errors import ProjectProblem, Stopped, UsageProblem
from roo_dbt.records import PlanReport, SyncReport
from roo_dbt.report.documents import plan_document, results_document
from roo_dbt.report.wording import listed

RESULTS_FILE = "roo_results.json"
PLAN_FILE = "roo_plan.json"
PLAN_FORMS = {".html": "html", ".md": "markdown", ".json": "json"}
"""What the name of a plan's report may end in."""
SYNC_FORMS = {".html": "html"}

_FOR_ALL = 0o666
"""Less what the umask takes away."""
_FOR_ITS_OWNER = 0o600
"""Of what may hold the customers' values."""


def write_results(report: SyncReport, path: Path) -> None:
    """Write the results of a sync.

    Raises:
        Stopped: the file cannot be written. What was sent is in the state tables all the same.
    """
    try:
        _replace(path, _json(results_document(report)), mode=_FOR_ALL)
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
        _replace(path, _json(plan_document(report)), mode=_FOR_ITS_OWNER)
    except OSError as error:
        raise ProjectProblem(
            f"the plan could not be written ({error.strerror or error}).",
            where=str(path),
            hint="Make the folder writable.",
        ) from error


def write_plan_report(report: PlanReport, path: Path) -> None:
    """Write a plan in the form that the file's name asks for, readable by its owner alone.

    Raises:
        UsageProblem: the name asks for no form that there is, or the file cannot be written.
    """
    from roo_dbt.report.markdown import plan_markdown
    from roo_dbt.report.page import plan_page

    form = form_of(path, PLAN_FORMS)
    if form == "json":
        content = _json(plan_document(report))
    else:
        content = (plan_markdown if form == "markdown" else plan_page)(report).encode()
    try:
        _replace(path, content, mode=_FOR_ITS_OWNER)
    except OSError as error:
        raise _unwritable(path, error) from error


def write_sync_report(report: SyncReport, path: Path) -> None:
    """Write the page of a sync.

    Raises:
        Stopped: the file cannot be written. What was sent is in the state tables all the same.
    """
    from roo_dbt.report.page import sync_page

    try:
        _replace(path, sync_page(report).encode(), mode=_FOR_ALL)
    except OSError as error:
        raise Stopped(
            f"the sync is done, but its report could not be written ({error.strerror or error}).",
            where=str(path),
            hint="`roo-dbt status` shows what was sent.",
        ) from error


def form_of(path: Path, forms: Mapping[str, str]) -> str:
    """The form that a file's name asks for.

    Raises:
        UsageProblem: it asks for none of these.
    """
    form = forms.get(path.suffix.lower())
    if form is None:
        known = listed([*forms], last="or")
        raise UsageProblem(
            "the name of a report says its form, and this one does not.",
            where=str(path),
            hint=f"End it in {known}.",
        )
    return form


def check_own_file(path: Path) -> None:
    """Find out before the work whether `roo_results.json` or `roo_plan.json` can be written.

    Raises:
        ProjectProblem: it cannot; nothing has been done.
    """
    try:
        _try_to_write(path)
    except OSError as error:
        raise ProjectProblem(
            f"{path.name} could not be written ({error.strerror or error}), so nothing was done.",
            where=str(path),
            hint="Make the folder writable: our files stand beside dbt's manifest.json.",
        ) from error


def check_writable(path: Path) -> None:
    """Find out whether a report can be written before the work whose result it shall hold.

    Raises:
        UsageProblem: it cannot.
    """
    try:
        _try_to_write(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def _try_to_write(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    Path(temporary).unlink()


def _unwritable(path: Path, error: OSError) -> UsageProblem:
    return UsageProblem(
        f"the report cannot be written ({error.strerror or error}).",
        where=str(path),
        hint="Name another file with --report.",
    )


def _json(document: dict[str, Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _replace(path: Path, content: bytes, *, mode: int) -> None:
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
