"""`roo-dbt schema`."""

from __future__ import annotations

import json

import click

from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import debug_option
from roo_dbt.errors import ExitCode


@make("schema", "roo-dbt schema --file > roo.schema.json", "roo-dbt schema --plan > roo_plan.schema.json")
@click.option(
    "--file", "of", flag_value="file", help="Of a whole YAML file of models that holds such blocks."
)
@click.option("--results", "of", flag_value="results", help="Of target/roo_results.json, which sync writes.")
@click.option("--plan", "of", flag_value="plan", help="Of target/roo_plan.json, which plan writes.")
@debug_option
def command(*, of: str | None) -> int:
    """Print the JSON Schema of the block `config: meta: roo:`, for editors.

    It knows the settings of every vendor that is installed.
    """
    if of in ("results", "plan"):
        from roo_dbt.report.documents import published_schema

        click.echo(published_schema(f"roo_{of}.json"), nl=False)
        return ExitCode.SUCCESS
    from roo_dbt.config import file_schema, json_schema

    schema = file_schema() if of == "file" else json_schema()
    click.echo(json.dumps(schema, indent=2, ensure_ascii=False))
    return ExitCode.SUCCESS
