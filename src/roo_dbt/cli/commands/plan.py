"""`roo-dbt plan`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import (
    chosen,
    diff_options,
    output_option,
    project_options,
    selection_options,
    state_options,
    talk_options,
)
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ExitCode

if TYPE_CHECKING:
    from roo_dbt.records import PlanReport


@make(
    "plan",
    "roo-dbt plan",
    "roo-dbt plan -d braze_customers --show-values",
    "roo-dbt plan --target ci --state-schema marketing_roo --detailed-exitcode",
)
@project_options
@selection_options
@diff_options
@click.option("--show-values", is_flag=True, help="Samples with their values; they are masked otherwise.")
@click.option(
    "--detailed-exitcode",
    is_flag=True,
    help="Exit with 0 if nothing would be sent, 4 if something would, 1 if a guard would block.",
)
@state_options
@output_option
@talk_options
def command(*, show_values: bool, detailed_exitcode: bool, **params: Any) -> int:
    """Show what a sync would send, without sending it."""
    from roo_dbt.run import plan

    output = current_session().output
    report = plan(chosen(params), show_values=show_values)
    output.warn(report.warnings)
    if output.as_json:
        from roo_dbt.report.documents import plan_entry

        for entry in report.plans:
            output.event("plan", plan_entry(entry))
    else:
        from roo_dbt.report.planned import plan_lines

        output.lines(plan_lines(report))
    return _detailed(report) if detailed_exitcode else ExitCode.SUCCESS


def _detailed(report: PlanReport) -> ExitCode:
    from roo_dbt.report.planned import to_send

    if any(plan.status == "blocked" or plan.blocked_by for plan in report.plans):
        return ExitCode.FINISHED_WITH_PROBLEMS
    if any(to_send(plan) for plan in report.plans):
        return ExitCode.CHANGES_PLANNED
    return ExitCode.SUCCESS
