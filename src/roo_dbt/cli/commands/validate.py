"""`roo-dbt validate`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import chosen, output_option, project_options, selection_options, talk_options
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ExitCode


@make("validate", "roo-dbt validate", "roo-dbt validate --offline -s customers")
@project_options
@selection_options
@click.option("--offline", is_flag=True, help="Do not look at the tables: no warehouse is needed.")
@output_option
@talk_options
def command(*, offline: bool, **params: Any) -> int:
    """Check everything that can be checked without a vendor, every problem at once."""
    from roo_dbt.report.listings import problem_lines, verdict_line
    from roo_dbt.run import declared

    output = current_session().output
    found = declared(chosen(params), offline=offline)
    if output.as_json:
        for problem in found.problems:
            output.event("problem", asdict(problem))
    else:
        if not output.annotate(found.problems, as_result=True):
            output.lines(problem_lines(found.problems))
        output.lines([verdict_line(found.destinations, found.problems, offline=offline)])
    failed = any(problem.severity == "error" for problem in found.problems)
    return ExitCode.COULD_NOT_START if failed else ExitCode.SUCCESS
