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
    from roo_dbt.run import Generated


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
@click.pass_context
def command(ctx: click.Context, /, *, what: str, model: str | None, describe: bool, **params: Any) -> int:
    """Print a meta block for MODEL to paste into its YAML, filled from its columns.

    TYPE[:OBJECT] is what its rows become, such as braze or iterable:events. Columns that are called like a
    field of the vendor are mapped, the others are comments to choose from. The block is valid as it
    stands, unless it says TO DO. Columns are read from the warehouse, else from the model's YAML.
    """
    if describe:
        from roo_dbt.cli.commands.describe import command as describe_command

        return int(ctx.invoke(describe_command, what=what))
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
    model = made.model
    place = "as one more of its destinations" if made.is_item else "below the model"
    sentences = [f"The columns are from {made.seen}."]
    if model.file.endswith((".yml", ".yaml")):
        sentences.append(f"Paste it into {model.file}, {place}; then type dbt parse and roo-dbt validate.")
    else:
        sentences.append(
            "Paste it into a YAML file beside the model; then type dbt parse and roo-dbt validate."
        )
    if made.suggestion.missing:
        sentences.append("Fill in what says TO DO first.")
    if not made.declares_app:
        app = made.suggestion.app
        sentences.append(f"The project has no app of this type yet: roo-dbt init {app} adds one.")
    return sentences
