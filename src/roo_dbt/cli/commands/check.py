"""`roo-dbt check`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

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


@make("check", "roo-dbt check", "roo-dbt check -d braze_customers --target prod")
@project_options
@selection_options
@state_options
@output_option
@talk_options
def command(**params: Any) -> int:
    """Ask the warehouse and each app whether we get in, and whether the keys may do what is declared."""
    from roo_dbt.report.listings import finding_lines
    from roo_dbt.run import check

    output = current_session().output
    findings = check(chosen(params))
    if output.as_json:
        for finding in findings:
            output.event("finding", asdict(finding))
    else:
        output.lines(finding_lines(findings))
    return ExitCode.SUCCESS if all(finding.ok for finding in findings) else ExitCode.FINISHED_WITH_PROBLEMS
