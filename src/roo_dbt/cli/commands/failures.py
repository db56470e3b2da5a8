"""`roo-dbt failures`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

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


@make("failures", "roo-dbt failures", "roo-dbt failures -d iterable_customers --output json")
@project_options
@selection_options
@state_options
@output_option
@talk_options
def command(**params: Any) -> int:
    """Show the records that were not accepted, and why."""
    from roo_dbt.report.listings import unaccepted_lines, unfinished_lines
    from roo_dbt.run import failures, last_runs

    output = current_session().output
    records = failures(chosen(params))
    if output.as_json:
        for record in records:
            output.event("failure", asdict(record))
    else:
        output.lines([*unaccepted_lines(records), *unfinished_lines(last_runs(chosen(params)))])
    return ExitCode.SUCCESS
