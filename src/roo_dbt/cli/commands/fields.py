"""`roo-dbt fields`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from roo_dbt.cli import complete
from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import chosen, output_option, project_options, talk_options
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ExitCode


@make("fields", "roo-dbt fields braze", "roo-dbt fields iterable --output json")
@click.argument("app", metavar="APP", shell_complete=complete.apps)
@project_options
@output_option
@talk_options
def command(*, app: str, **params: Any) -> int:
    """Ask the workspace of APP, one of vars: roo: apps, which fields it knows now."""
    from roo_dbt.report.remembered import field_lines
    from roo_dbt.run import fields

    output = current_session().output
    found = fields(chosen(params), app)
    if output.as_json:
        for field in found:
            output.event("field", asdict(field))
    else:
        output.lines(field_lines(app, found))
    return ExitCode.SUCCESS
