"""`roo-dbt describe`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from roo_dbt.cli import complete
from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import output_option, talk_options
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ExitCode, UsageProblem, nearest

if TYPE_CHECKING:
    from roo_dbt.cli.output import Output
    from roo_dbt.destinations.description import AppDescription, ObjectDescription


@make("describe", "roo-dbt describe", "roo-dbt describe braze", "roo-dbt describe iterable:users")
@click.argument("what", metavar="[TYPE[:OBJECT]]", required=False, default="", shell_complete=complete.types)
@output_option
@talk_options
def command(*, what: str) -> int:
    """Show what can be declared: settings, sync modes, fields, groups, identifiers and limits.

    Without TYPE every installed vendor. Needs no project, no warehouse and no keys.
    """
    show(what)
    return ExitCode.SUCCESS


def show(what: str) -> None:
    """Print what TYPE[:OBJECT] is, or every vendor when it is empty."""
    from roo_dbt.config.describing import describe_app, destination_settings, vars_settings
    from roo_dbt.destinations import app_type, app_types
    from roo_dbt.report.described import app_lines, object_lines, overview_lines

    output = current_session().output
    type_, colon, name = what.partition(":")
    apps = [describe_app(app_type(one)) for one in ([type_] if what else app_types())]
    chosen = _object(apps[0], name) if colon else None
    if output.as_json:
        _show_json(output, apps, chosen)
    elif chosen:
        own = {setting.name for setting in chosen.settings}
        common = [setting for setting in destination_settings() if setting.name not in own]
        output.lines(object_lines(apps[0], chosen, common))
    else:
        output.lines(app_lines(apps[0]) if what else overview_lines(apps, vars_settings()))


def _object(app: AppDescription, name: str) -> ObjectDescription:
    names = [one.name for one in app.objects]
    if name not in names:
        close = nearest(name, names)
        raise UsageProblem(
            f"{app.title} has no object {name}.",
            hint=f"Did you mean {close}?" if close else f"It has {', '.join(names)}.",
        )
    return app.objects[names.index(name)]


def _show_json(output: Output, apps: list[AppDescription], chosen: ObjectDescription | None) -> None:
    from roo_dbt.config.describing import destination_settings

    if chosen:
        common = [asdict(one) for one in destination_settings()]
        output.event("object", {"type": apps[0].type, **asdict(chosen), "common_settings": common})
        return
    for app in apps:
        output.event("app", asdict(app))
