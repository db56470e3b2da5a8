"""The options that commands share, with dbt's own names and environment variables.

`DBT_FULL_REFRESH` is not read: a full refresh of the models is no wish to send every user again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from roo_dbt import variables
from roo_dbt.cli import complete
from roo_dbt.cli.command import Several
from roo_dbt.errors import UsageProblem

if TYPE_CHECKING:
    from roo_dbt.run import Options

Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class LogFormat(click.Choice):  # type: ignore[type-arg,unused-ignore] # generic from click 8.2 on
    """`text`, `json` or `github`; dbt's other two formats, which its variable may name, are text here."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The format as one of ours."""
        known = str(value).lower()
        return super().convert("text" if known in ("default", "debug") else known, param, ctx)


def _stacked(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


_FOLDER = click.Path(path_type=Path)

STDIN = "-"
"""What names standard input among the values of --select."""

project_options = _stacked(
    click.option(
        "--project-dir",
        type=_FOLDER,
        envvar=variables.names("PROJECT_DIR"),
        help="Folder of dbt_project.yml. Default: the current folder and its parents.",
    ),
    click.option(
        "--profiles-dir",
        type=_FOLDER,
        envvar=variables.names("PROFILES_DIR"),
        help="Folder of profiles.yml. Default: the current folder, then ~/.dbt.",
    ),
    click.option(
        "--profile", envvar=variables.names("PROFILE"), help="Profile to use instead of the project's."
    ),
    click.option(
        "--target", "-t", envvar=variables.names("TARGET"), help="dbt target. Default: the profile's."
    ),
    click.option(
        "--target-path",
        type=_FOLDER,
        envvar=variables.names("TARGET_PATH"),
        help="Folder of manifest.json and of our files. Default: the project's, target/.",
    ),
    click.option(
        "--vars",
        metavar="YAML",
        help="Variables as dbt takes them, e.g. 'day: 2'; each replaces the project's of that name, roo as "
        "a whole, too.",
    ),
)
"""Where the dbt project is."""

selection_options = _stacked(
    click.option(
        *("--select", "-s"),
        cls=Several,
        metavar="NODE…",
        shell_complete=complete.nodes,
        help="Models to export, in dbt's selection syntax; - reads the lines of dbt ls from stdin.",
    ),
    click.option(
        "--exclude", cls=Several, metavar="NODE…", shell_complete=complete.nodes, help="Models to leave out."
    ),
    click.option(
        "--selector",
        metavar="NAME",
        shell_complete=complete.selectors,
        help="A selection of selectors.yml, instead of --select.",
    ),
    click.option(
        "--state",
        "state_dir",
        type=_FOLDER,
        envvar=variables.names("STATE"),
        metavar="DIR",
        help="Folder with another run's artifacts: what state: and result: compare with, and what plan says "
        "this branch changes.",
    ),
    click.option(
        *("--destination", "-d", "destinations"),
        cls=Several,
        metavar="NAME…",
        shell_complete=complete.destinations,
        help="Destinations to export to.",
    ),
)
"""Which part of the project."""

state_options = _stacked(
    click.option(
        "--state-schema", metavar="SCHEMA", help="Schema of the state tables. Default: <target schema>_roo."
    ),
    click.option(
        "--state-database", metavar="DATABASE", help="Database of the state tables. Default: the target's."
    ),
)
"""Where the state tables are."""

diff_options = _stacked(
    click.option("--full-refresh", is_flag=True, help="Every record is sent whole, changed or not."),
    click.option(
        "--limit",
        type=click.IntRange(min=1),
        metavar="N",
        help="At most N changes per destination, removals last; the rest stays due.",
    ),
    click.option(
        "--yes-delete",
        cls=Several,
        metavar="DESTINATION…",
        shell_complete=complete.destinations,
        help="Let this destination remove more than its delete_limit allows.",
    ),
    click.option(
        "--same-workspace",
        is_flag=True,
        help="The API key was rotated: it is still the workspace of the snapshot.",
    ),
    click.option(
        "--resend-subscriptions",
        is_flag=True,
        help="Send subscription states again that did not change, of records sent whole or returning.",
    ),
)
"""What counts as a change, and what the guards let through."""

output_option = click.option(
    "--output",
    type=click.Choice(["text", "json"]),
    default="text",
    help="Results for people, or one JSON object a line.",
)
"""How results are printed."""

debug_option = click.option(
    "--debug",
    is_flag=True,
    envvar=variables.names("DEBUG"),
    help="Show what is done, and where an unexpected error happened.",
)
"""For bug reports."""

talk_options = _stacked(
    click.option(
        "--log-format",
        type=LogFormat(["text", "json", "github"]),
        envvar=variables.names("LOG_FORMAT"),
        default="text",
        help="Everything, talk and errors too, as text or as one JSON object a line; github: problems as "
        "annotations of GitHub Actions on the lines of the YAML.",
    ),
    click.option(
        "--quiet", "-q", is_flag=True, envvar=variables.names("QUIET"), help="No progress and no talk."
    ),
    debug_option,
)
"""How much is said."""


def report_option(meaning: str, *, multiple: bool = False) -> Callable[[Any], Any]:
    """`--report FILE`, of commands whose results can be written as a page."""
    return click.option(
        "--report",
        type=click.Path(path_type=Path),
        multiple=multiple,
        metavar="FILE",
        help=meaning,
    )


def chosen(params: Mapping[str, Any]) -> Options:
    """The pipeline's options from what click parsed; what the pipeline does not know is left out."""
    from roo_dbt.run import Options

    known = {item.name for item in fields(Options)}
    values = {name: value for name, value in params.items() if name in known}
    if "yes_delete" in values:
        values["yes_delete"] = frozenset(values["yes_delete"])
    if STDIN in values.get("exclude", ()):
        raise UsageProblem("--exclude does not read standard input.", hint="--select - does.")
    if STDIN in values.get("select", ()):
        values["select"] = tuple(word for word in values["select"] if word != STDIN)
        values["piped"] = _lines()
    return Options(**values)


def _lines() -> tuple[str, ...]:
    """The lines of standard input."""
    # A closed standard input is None (https://docs.python.org/3/library/sys.html#sys.__stdin__).
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageProblem(
            "--select - reads standard input, and nothing is piped into it.",
            hint="Type: dbt -q ls --select … --output json | roo-dbt … --select -",
        )
    return tuple(sys.stdin.read().splitlines())
