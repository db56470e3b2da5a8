"""`roo-dbt plan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from roo_dbt.cli.annotations import blocked_plans
from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import (
    chosen,
    diff_options,
    project_options,
    report_option,
    selection_options,
    state_options,
    talk_options,
)
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ExitCode

if TYPE_CHECKING:
    from roo_dbt.cli.output import Output
    from roo_dbt.records import PlanReport


@make(
    "plan",
    "roo-dbt plan",
    "roo-dbt plan -d braze_customers --show-values",
    "roo-dbt plan --target ci --state-schema marketing_roo --detailed-exitcode",
    "roo-dbt plan --state production --format markdown --report plan.html > comment.md",
)
@project_options
@selection_options
@diff_options
# A script may give both commands the same words; a plan sends nothing, so these mean nothing to it.
@click.option("--threads", type=click.IntRange(min=1), hidden=True, help="Of sync; a plan sends nothing.")
@click.option("--fail-fast", is_flag=True, hidden=True, help="Of sync; a plan sends nothing.")
@click.option("--show-values", is_flag=True, help="Samples with their values; they are masked otherwise.")
@click.option(
    "--detailed-exitcode",
    is_flag=True,
    help="Exit with 0 if nothing would be sent, 4 if something would, 1 if a guard would block.",
)
@state_options
@click.option(
    "--format",
    "--output",
    "form",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default="text",
    help="For people, one JSON object a line, a comment on a pull request, or a page.",
)
@report_option(
    "Also write the plan to FILE (.html, .md or .json); may be given more than once.", multiple=True
)
@talk_options
def command(
    *, show_values: bool, detailed_exitcode: bool, form: str, report: tuple[Path, ...], **params: Any
) -> int:
    """Show what a sync would send, without sending it."""
    from roo_dbt.report.files import PLAN_FORMS, check_writable, form_of, write_plan_report
    from roo_dbt.run import plan

    output = current_session().output
    for path in report:
        form_of(path, PLAN_FORMS)
        check_writable(path)
    planned = plan(chosen(params), show_values=show_values)
    output.warn(planned.warnings)
    output.annotate(blocked_plans(planned))
    _show(output, planned, form)
    for path in report:
        write_plan_report(planned, path)
    return _detailed(planned) if detailed_exitcode else ExitCode.SUCCESS


def _show(output: Output, report: PlanReport, form: str) -> None:
    if form == "markdown":
        from roo_dbt.report.markdown import plan_markdown

        output.document(plan_markdown(report))
    elif form == "html":
        from roo_dbt.report.page import plan_page

        output.document(plan_page(report))
    elif form == "json" or output.as_json:
        from roo_dbt.report.documents import comparison_entry, plan_entry

        for entry in report.plans:
            output.event("plan", plan_entry(entry))
        if report.comparison is not None:
            output.event("comparison", comparison_entry(report.comparison))
    else:
        from roo_dbt.report.planned import plan_lines

        output.lines(plan_lines(report))


def _detailed(report: PlanReport) -> ExitCode:
    from roo_dbt.report.planned import to_send

    if any(plan.status == "blocked" or plan.blocked_by for plan in report.plans):
        return ExitCode.FINISHED_WITH_PROBLEMS
    if any(to_send(plan) for plan in report.plans):
        return ExitCode.CHANGES_PLANNED
    return ExitCode.SUCCESS
