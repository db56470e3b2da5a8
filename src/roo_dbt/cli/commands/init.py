"""`roo-dbt init`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from roo_dbt.cli import complete
from roo_dbt.cli.command import command as make
from roo_dbt.cli.diffs import diff_lines
from roo_dbt.cli.options import chosen, project_options, talk_options
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ExitCode, UsageProblem

if TYPE_CHECKING:
    from roo_dbt.project.edits import Edit
    from roo_dbt.run.starting import Start


@make(
    "init",
    "roo-dbt init braze customers",
    "roo-dbt init iterable:users subscribers --yes",
    "roo-dbt init braze",
)
@click.argument("what", metavar="[TYPE[:OBJECT]]", required=False, shell_complete=complete.types)
@click.argument("model", metavar="[MODEL]", required=False, shell_complete=complete.models)
@project_options
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@talk_options
def command(*, what: str | None, model: str | None, yes: bool, **params: Any) -> int:
    """Begin in an existing dbt project: vars: roo: with an app, and a first meta block for MODEL.

    TYPE is the vendor: braze or iterable. Shows what would change and asks. The YAML keeps its comments
    and its form. Secrets are written as the names of environment variables. Nothing is sent.
    """
    from roo_dbt.project.edits import write
    from roo_dbt.run import start

    output = current_session().output
    prepared = start(chosen(params), what or _asked(), model)
    if not output.json:
        output.lines(diff_lines(prepared.edits))
    if not yes and not _agreed(prepared.edits):
        output.talk("Nothing was changed.")
        return ExitCode.FINISHED_WITH_PROBLEMS
    write(prepared.edits)
    if output.json:
        facts = {
            "files": [edit.name for edit in prepared.edits],
            "app": prepared.app,
            "unset": prepared.unset,
        }
        output.event("started", facts)
    else:
        output.lines(_next(prepared))
    return ExitCode.SUCCESS


def _asked() -> str:
    from roo_dbt.destinations import app_types

    types = sorted(app_types())
    if not sys.stdin.isatty():
        raise UsageProblem("the vendor is missing.", hint=f"Type roo-dbt init {types[0]} MODEL.")
    answer: str = click.prompt("Where shall data go", type=click.Choice(types), err=True)
    return answer


def _agreed(edits: Sequence[Edit]) -> bool:
    names = " and ".join(edit.name for edit in edits)
    try:
        return click.confirm(f"Write {names}?", err=True)
    except click.Abort:
        raise UsageProblem(
            "nobody answered, so nothing was changed.", hint="Add --yes to write it."
        ) from None


def _next(prepared: Start) -> list[str]:
    names = " and ".join(edit.name for edit in prepared.edits)
    made = prepared.generated
    if made is None:
        return [
            f"Wrote {names}.",
            f"Next: type roo-dbt generate {prepared.app} MODEL for a block to paste into a model's YAML.",
        ]
    todo = "fill in what says TO DO, then " if made.suggestion.missing else ""
    lines = [f"Wrote {names}.", f"Next: {todo}type dbt parse, roo-dbt validate and roo-dbt plan."]
    if prepared.unset:
        exports = " and ".join(prepared.unset)
        lines.append(
            f"Before roo-dbt sync: set {exports}. To try it without a vendor, type roo-dbt sandbox in "
            "another terminal; any value will do there."
        )
    return lines
