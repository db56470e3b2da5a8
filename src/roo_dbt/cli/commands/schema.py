"""`roo-dbt schema`."""

from __future__ import annotations

import json

import click

from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import debug_option
from roo_dbt.errors import ExitCode


@make("schema", "roo-dbt schema --file > roo.schema.json", "roo-dbt schema --plan > roo_plan.schema.json")
@click.option("--file", "file", is_flag=True, help="Of a whole YAML file of models that holds such blocks.")
@click.option("--results", is_flag=True, help="Of target/roo_results.json, which sync writes.")
@click.option("--plan", is_flag=True, help="Of target/roo_plan.json, which plan writes.")
@debug_option
def command(*, file: bool, results: bool, plan: bool) -> int:
    """Print the JSON Schema of the block `config: meta: roo:`, for editors.

    It knows the settings of every vendor that is installed.
    """
    if file + results + plan > 1:
        raise click.UsageError("One of --file, --results and --plan at a time.")
    if results or plan:
        from roo_dbt.report.documents import published_schema

        click.echo(published_schema("roo_results.json" if results else "roo_plan.json"), nl=False)
        return ExitCode.SUCCESS
    from roo_dbt.config import file_schema, json_schema

    schema = file_schema() if file else json_schema()
    click.echo(json.dumps(schema, indent=2, ensure_ascii=False))
    return ExitCode.SUCCESS
