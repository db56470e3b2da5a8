"""`roo-dbt status`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import (
    chosen,
    output_option,
    project_options,
    selection_options,
    state_options,
    talk_options,
)
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ExitCode


@make("status", "roo-dbt status", "roo-dbt status -d braze_customers --limit 30")
@project_options
@selection_options
@click.option(
    "--limit",
    "runs",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    metavar="N",
    help="How many runs to show.",
)
@state_options
@output_option
@talk_options
def command(*, runs: int, **params: Any) -> int:
    """Show the last runs, the latest first, and snapshots whose destination is gone."""
    from roo_dbt.report.listings import run_lines
    from roo_dbt.report.remembered import gone_lines
    from roo_dbt.run import status

    output = current_session().output
    history = status(chosen(params), limit=runs)
    if output.as_json:
        for record in history.runs:
            output.event("run", asdict(record))
        for snapshot in history.gone:
            output.event("gone", asdict(snapshot))
    else:
        output.lines([*run_lines(history.runs), *gone_lines(history.gone)])
    return ExitCode.SUCCESS
