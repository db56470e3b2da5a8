"""`roo-dbt exposures`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from roo_dbt.cli.command import command as make
from roo_dbt.cli.diffs import diff_lines
from roo_dbt.cli.options import STDIN, chosen, project_options, talk_options
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ExitCode

if TYPE_CHECKING:
    from rich.text import Text

    from roo_dbt.project.edits import Edit


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
    is_fresh = edit.before == edit.after
    if not is_fresh and not check:
        write([edit])
    if output.json:
        output.event(
            "exposures", {"file": edit.name, "was_up_to_date": is_fresh, "written": not (is_fresh or check)}
        )
    else:
        output.lines(_said(edit, is_fresh=is_fresh, check=check))
    return ExitCode.SUCCESS if is_fresh or not check else ExitCode.FINISHED_WITH_PROBLEMS


def _said(edit: Edit, *, is_fresh: bool, check: bool) -> Sequence[Text | str]:
    if is_fresh:
        return [f"{edit.name} is up to date."]
    if check:
        return [*diff_lines([edit]), f"{edit.name} is not up to date: type roo-dbt exposures."]
    return [f"Wrote {edit.name}: dbt parse reads it, dbt docs generate shows it."]
