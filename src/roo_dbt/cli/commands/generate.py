"""`roo-dbt generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from roo_dbt.cli import complete
from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import chosen, output_option, project_options, talk_options
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ExitCode, UsageProblem

if TYPE_CHECKING:
    from roo_dbt.run.generating import Generated


@make(
    "generate",
    "roo-dbt generate braze customers",
    "roo-dbt generate iterable:events orders",
    "roo-dbt generate braze:users --describe",
)
@click.argument("what", metavar="TYPE[:OBJECT]", shell_complete=complete.types)
@click.argument("model", metavar="MODEL", required=False, shell_complete=complete.models)
@click.option(
    "--describe", is_flag=True, help="Show what TYPE[:OBJECT] takes instead, as roo-dbt describe does."
)
@project_options
@output_option
@talk_options
def command(*, what: str, model: str | None, describe: bool, **params: Any) -> int:
    """Print a meta block for MODEL to paste into its YAML, filled from its columns.

    TYPE[:OBJECT] is what its rows become, such as braze or iterable:events. Columns that are called like a
    field of the vendor are mapped, the others are comments to choose from. The block is valid as it
    stands, unless it says TO DO. Columns are read from the warehouse, else from the model's YAML.
    """
    if describe:
        from roo_dbt.cli.commands.describe import show

        show(what)
        return ExitCode.SUCCESS
    if model is None:
        raise UsageProblem("the model is missing.", hint=f"Type roo-dbt generate {what} MODEL.")
    from roo_dbt.run import generate

    output = current_session().output
    made = generate(chosen(params), what, model)
    if output.as_json:
        facts = {"model": made.model.name, "file": made.model.file, "yaml": "\n".join(made.lines) + "\n"}
        output.event("block", {**facts, "missing": list(made.suggestion.missing), "columns_from": made.seen})
    else:
        output.lines(made.lines)
    for sentence in _advice(made):
        output.talk(sentence)
    return ExitCode.SUCCESS


def _advice(made: Generated) -> list[str]:
    file = made.model.file
    sentences = [f"The columns are from {made.seen}."]
    if made.is_item:
        sentences.append(f"Paste it into {file} as one more of the model's destinations,")
    elif file.endswith((".yml", ".yaml")):
        sentences.append(f"Put it into {file}, its config below the model's name,")
    else:
        sentences.append("Put it into a YAML file beside the model,")
    sentences[-1] += " then type dbt parse and roo-dbt validate."
    if made.suggestion.missing:
        sentences.append("Fill in what says TO DO first.")
    if not made.declares_app:
        app = made.suggestion.app
        sentences.append(f"The project has no app of this type yet: roo-dbt init {app} adds one.")
    return sentences
