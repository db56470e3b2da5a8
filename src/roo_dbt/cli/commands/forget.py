"""`roo-dbt forget`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import chosen, output_option, project_options, state_options, talk_options
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ExitCode, UsageProblem

if TYPE_CHECKING:
    from roo_dbt.run import Options


@make("forget", "roo-dbt forget braze_old", "roo-dbt forget braze_old --yes --target prod")
@click.argument("name", metavar="NAME")
@project_options
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@state_options
@output_option
@talk_options
def command(*, name: str, yes: bool, **params: Any) -> int:
    """Drop the snapshot of NAME, a destination that the project does not declare any more.

    The vendor keeps what it has. A destination that gets this name again sends everything as new.
    """
    from roo_dbt.run import forget

    output = current_session().output
    options = chosen(params)
    if not yes and not _agreed(options, name):
        output.talk("Nothing was dropped.")
        return ExitCode.FINISHED_WITH_PROBLEMS
    forget(options, name)
    if output.as_json:
        output.event("forgotten", {"destination": name})
    else:
        output.lines([f"The snapshot of {name} is dropped."])
    return ExitCode.SUCCESS


def _agreed(options: Options, name: str) -> bool:
    """Ask, with what is at stake; what cannot be forgotten is refused without a question."""
    from roo_dbt.report.wording import counted
    from roo_dbt.run import gone

    snapshot = next((one for one in gone(options) if one.destination == name), None)
    if snapshot is None:
        return True
    records = counted(snapshot.records, "record")
    question = f"Forget that {records} of {name} were sent to {snapshot.app} at {snapshot.endpoint}?"
    try:
        return click.confirm(question, err=True)
    except click.Abort:
        raise UsageProblem("nobody answered, so nothing was dropped.", hint="Add --yes to drop it.") from None
