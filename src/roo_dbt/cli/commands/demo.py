"""`roo-dbt demo`."""

from __future__ import annotations

import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import debug_option
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ExitCode

if TYPE_CHECKING:
    from roo_dbt.cli.demonstration import Demonstration


@make("demo", "roo-dbt demo", "roo-dbt demo --directory shop --keep")
@click.option(
    "--directory",
    type=click.Path(path_type=Path),
    help="Where the example project is copied to, and stays. Default: a temporary folder.",
)
@click.option("--keep", is_flag=True, help="Leave the vendors and the project running until Ctrl-C.")
@debug_option
def command(*, directory: Path | None, keep: bool, **_: Any) -> int:
    """Play the example project end to end: build, sync, change, plan, sync.

    Needs no account and no network: dbt builds a small shop on DuckDB, and a Braze and an Iterable on
    this machine take its customers.
    """
    from roo_dbt.cli.demonstration import Demonstration
    from roo_dbt.project.example import copy_example
    from roo_dbt.sandbox import Sandbox

    with ExitStack() as stack:
        # dbt may still be writing its logs when an interrupt takes the folder away.
        temporary = tempfile.TemporaryDirectory(prefix="roo-dbt-demo-", ignore_cleanup_errors=True)
        folder = (directory or Path(stack.enter_context(temporary))).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        sandbox = stack.enter_context(Sandbox())
        demonstration = Demonstration(current_session().output, sandbox, copy_example(folder))
        well = demonstration.play()
        if keep:
            _wait(demonstration)
    return ExitCode.SUCCESS if well else ExitCode.FINISHED_WITH_PROBLEMS


def _wait(demonstration: Demonstration) -> None:
    try:
        demonstration.invite()
        threading.Event().wait()
    except KeyboardInterrupt:
        return
