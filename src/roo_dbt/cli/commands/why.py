"""`roo-dbt why`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from roo_dbt.cli import complete
from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import chosen, output_option, project_options, state_options, talk_options
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ExitCode


@make("why", "roo-dbt why braze_customers 42", "roo-dbt why braze_lines '[\"A-7\",3]' --output json")
@click.argument("destination", metavar="DESTINATION", shell_complete=complete.destinations)
@click.argument("key", metavar="KEY")
@project_options
@state_options
@output_option
@talk_options
def command(*, destination: str, key: str, **params: Any) -> int:
    """Tell the life of one record: what was sent when, what was answered, and where it stands.

    DESTINATION is one of the project, or one that is gone. KEY is the record's key as `roo-dbt failures`
    shows it; several columns are a JSON array. Values are not kept, so which fields changed is not told.
    """
    from roo_dbt.report.remembered import life_lines
    from roo_dbt.run import why

    output = current_session().output
    life = why(chosen(params), destination, key)
    if output.as_json:
        output.event("record", asdict(life))
    else:
        output.lines(life_lines(life))
    return ExitCode.SUCCESS
