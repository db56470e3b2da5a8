"""`roo-dbt sync`."""

from __future__ import annotations

import gc
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from roo_dbt.cli.annotations import troubled_results
from roo_dbt.cli.command import command as make
from roo_dbt.cli.interrupts import stopping
from roo_dbt.cli.options import (
    chosen,
    diff_options,
    project_options,
    report_option,
    selection_options,
    state_options,
    talk_options,
)
from roo_dbt.cli.session import Session, current_session

if TYPE_CHECKING:
    from roo_dbt.cli.output import Output
    from roo_dbt.records import DestinationResult, Progress, SyncReport


@make(
    "sync",
    "roo-dbt sync --target prod",
    "roo-dbt sync -s customers+ --exclude tag:experimental",
    "roo-dbt sync -d braze_customers --limit 100 --report sync.html",
)
@project_options
@selection_options
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    metavar="N",
    help="Requests in flight per app. Default: 16; the profile's threads are not used.",
)
@diff_options
@click.option(
    "--fail-fast", is_flag=True, help="No new requests after the first destination that is not success."
)
@state_options
@report_option("Also write a page (.html) of what happened to FILE.")
@talk_options
def command(*, report: Path | None, **params: Any) -> int:
    """Send what changed since the last sync, and remember what was accepted."""
    from roo_dbt.report.files import SYNC_FORMS, check_writable, form_of, write_sync_report
    from roo_dbt.run import sync

    session = current_session()
    output = session.output
    if report is not None:
        form_of(report, SYNC_FORMS)
        check_writable(report)
    stop = threading.Event()
    with ExitStack() as stack:
        stack.callback(gc.unfreeze)
        stack.enter_context(stopping(stop, lambda: _announce(output)))
        progress = _progress(output, stack)
        done = sync(chosen(params), _Watch(session, progress), stop)
    output.warn(done.warnings)
    output.annotate(troubled_results(done))
    _show(output, done)
    if report is not None:
        write_sync_report(done, report)
    return done.exit_code


class _Watch:
    """Tells the session that sending has begun, and passes everything on."""

    def __init__(self, session: Session, progress: Progress) -> None:
        self._session = session
        self.advanced = progress.advanced
        self.waiting = progress.waiting
        self._progress = progress

    def started(self, destination: str, total: int) -> None:
        self._session.sending = True
        # Whatever exists by now stays until the end. Python's collector need not look through all of it
        # again and again while changes come and go: that is a tenth of the time of sending.
        gc.freeze()
        self._progress.started(destination, total)

    def finished(self, result: DestinationResult) -> None:
        self._progress.finished(result)


def _progress(output: Output, stack: ExitStack) -> Progress:
    from roo_dbt.report.progress import LineProgress, SilentProgress

    if output.quiet:
        return SilentProgress()
    if output.json or not output.stderr.is_terminal:
        return LineProgress(output.talk)
    from roo_dbt.report.bars import BarProgress

    progress = BarProgress(output.stderr)
    stack.enter_context(progress.bars)
    return progress


def _announce(output: Output) -> None:
    sentence = "Stopping: finishing the requests in flight. Press Ctrl-C again to end at once."
    output.talk(sentence, {"event": "stopping", "message": sentence}, style="yellow")


def _show(output: Output, report: SyncReport) -> None:
    if not output.json:
        from roo_dbt.report.results import sync_lines

        output.lines(sync_lines(report, problems_only=output.quiet))
        return
    from roo_dbt.report.documents import result_entry

    for result in report.results:
        output.event("result", result_entry(result))
    output.event(
        "finished",
        {"elapsed_time": report.elapsed_time, "exit_code": report.exit_code, "stopped": report.stopped},
    )
