"""`roo-dbt retry`."""

from __future__ import annotations

from typing import Any

import click

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


@make("retry", "roo-dbt retry -d braze_customers", "roo-dbt retry -d braze_orders --key 42 43")
@project_options
@selection_options
@click.option(
    "--key", "keys", cls=Several, metavar="KEY…", help="These records alone, by key. Default: all of them."
)
@state_options
@output_option
@talk_options
def command(*, keys: tuple[str, ...], **params: Any) -> int:
    """Make records due again that were refused, or that got no sure answer.

    Nothing is sent: the next `roo-dbt sync` does. An event without a sure answer may have arrived, and
    would then be there twice.
    """
    from roo_dbt.report.wording import counted
    from roo_dbt.run import retry

    output = current_session().output
    records = retry(chosen(params), keys=keys)
    if output.as_json:
        output.event("retry", {"records": records})
    elif records:
        due = f"{counted(records, 'record')} {'is' if records == 1 else 'are'} due again"
        output.lines([f"{due}: the next `roo-dbt sync` tries."])
    else:
        output.lines(["No such record is waiting; `roo-dbt failures` shows those that are."])
    return ExitCode.SUCCESS
