"""`roo-dbt exposures`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from roo_dbt.cli.command import command as make
from roo_dbt.cli.diffs import diff_lines
from roo_dbt.cli.options import STDIN, chosen, project_options, talk_options
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ExitCode


@make("exposures", "roo-dbt exposures", "roo-dbt exposures --check", "roo-dbt exposures --file -")
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    help="The file, relative to the project; - prints it. Default: roo_exposures.yml in the models' folder.",
)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if the file is not up to date.")
@project_options
@talk_options
def command(*, file: Path | None, check: bool, **params: Any) -> int:
    """Write the apps as exposures, so that dbt's docs show where the data goes.

    Each app that gets something is one exposure, with the models that it depends on, its owner
    (vars: roo: owner) and its page. Needs no warehouse and no keys.
    """
    from roo_dbt.project.edits import write
    from roo_dbt.run import exposures

    output = current_session().output
    is_printed = str(file) == STDIN
    edit = exposures(chosen(params), None if is_printed else file)
    if is_printed:
        output.lines(edit.after.splitlines())
        return ExitCode.SUCCESS
    if edit.before == edit.after:
        output.lines([f"{edit.name} is up to date."])
        return ExitCode.SUCCESS
    if check:
        output.lines([*diff_lines([edit]), f"{edit.name} is not up to date: type roo-dbt exposures."])
        return ExitCode.FINISHED_WITH_PROBLEMS
    write([edit])
    output.lines([f"Wrote {edit.name}: dbt parse reads it, dbt docs generate shows it."])
    return ExitCode.SUCCESS
