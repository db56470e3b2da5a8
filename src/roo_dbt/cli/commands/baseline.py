"""`roo-dbt baseline`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from roo_dbt.cli import complete
from roo_dbt.cli.command import Several
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

if TYPE_CHECKING:
    from roo_dbt.cli.output import Output
    from roo_dbt.run import Options


@make(
    "baseline",
    "roo-dbt baseline -d braze_customers --target prod",
    "roo-dbt baseline --from braze_old -d braze_customers",
)
@project_options
@selection_options
@click.option(
    "--from",
    "old",
    metavar="OLD",
    help="Take over the snapshot of OLD, a destination that is gone, instead of the current rows.",
)
@click.option(
    "--yes-delete",
    cls=Several,
    metavar="DESTINATION…",
    shell_complete=complete.destinations,
    help="Let this destination remove more than its delete_limit allows.",
)
@state_options
@output_option
@talk_options
def command(*, old: str | None, **params: Any) -> int:
    """Take the current rows as already exported, without sending anything.

    For moving in from another tool, to another workspace that has the users already, or with --from
    after a destination got another name. Records that left the model are taken as removed.
    """
    output = current_session().output
    options = chosen(params)
    return _adopt(output, options, old) if old else _baseline(output, options)


def _adopt(output: Output, options: Options, old: str) -> int:
    from roo_dbt.run import adopt

    heir = adopt(options, old)
    if output.as_json:
        output.event("adopted", {"from": old, "destination": heir})
    else:
        output.lines([f"{heir} goes on with the snapshot of {old}: `roo-dbt plan` shows what it would send."])
    return ExitCode.SUCCESS


def _baseline(output: Output, options: Options) -> int:
    from roo_dbt.report.documents import result_entry
    from roo_dbt.report.remembered import baseline_lines
    from roo_dbt.run import baseline

    results = baseline(options)
    if output.as_json:
        for result in results:
            output.event("baseline", result_entry(result))
    else:
        output.lines(baseline_lines(results))
    well = all(result.status == "success" for result in results)
    return ExitCode.SUCCESS if well else ExitCode.FINISHED_WITH_PROBLEMS
