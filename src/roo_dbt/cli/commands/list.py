"""`roo-dbt list`."""

from __future__ import annotations

from typing import Any

from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import chosen, output_option, project_options, selection_options, talk_options
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ConfigurationProblem, ExitCode

OF_THE_SELECTION = frozenset({"nothing-selected", "default-selector"})
"""Problems that say why something is not in the list; the others are for `validate`."""


@make("list", "roo-dbt list", "roo-dbt list -s tag:marketing --output json")
@project_options
@selection_options
@output_option
@talk_options
def command(**params: Any) -> int:
    """List the destinations that the project declares. Needs no warehouse and no keys."""
    from roo_dbt.report.listings import destination_lines
    from roo_dbt.run import declared

    output = current_session().output
    options = chosen(params)
    found = declared(options, offline=True)
    output.warn(problem for problem in found.problems if problem.id in OF_THE_SELECTION)
    if output.as_json:
        from roo_dbt.report.documents import declared_entry

        for destination in found.destinations:
            output.event("destination", declared_entry(destination))
    elif options.is_selection and not found.destinations:
        output.lines(["No destination is selected; `roo-dbt list` shows all of them."])
    else:
        output.lines(destination_lines(found.destinations))
    errors = [problem for problem in found.problems if problem.severity == "error"]
    if errors:
        output.error(ConfigurationProblem(errors))
        return ExitCode.COULD_NOT_START
    return ExitCode.SUCCESS
