"""`roo-dbt schema`."""

from __future__ import annotations

import json

import click

from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import debug_option
from roo_dbt.errors import ExitCode


@make("schema", "roo-dbt schema > roo.schema.json")
@debug_option
def command() -> int:
    """Print the JSON Schema of the block `config: meta: roo:`, for editors.

    It knows the settings of every vendor that is installed.
    """
    from roo_dbt.config import json_schema

    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))
    return ExitCode.SUCCESS
