"""`roo-dbt new-destination`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from roo_dbt.cli.command import command as make
from roo_dbt.cli.options import output_option, talk_options
from roo_dbt.cli.session import current_session
from roo_dbt.errors import ExitCode


@make(
    "new-destination", "roo-dbt new-destination parcel", "roo-dbt new-destination parcel --folder ../parcel"
)
@click.argument("name", metavar="NAME")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to; it must not exist. Default: roo-dbt-NAME here.",
)
@output_option
@talk_options
def command(*, name: str, folder: Path | None, **_: Any) -> int:
    """Write the folder of a destination for another vendor: a package whose tests pass.

    NAME becomes the `type` of its apps. docs/destinations.md says how to go on.
    """
    from roo_dbt.scaffold import new_destination

    output = current_session().output
    target = folder or Path(f"roo-dbt-{name.replace('_', '-')}")
    files = new_destination(name, target)
    if output.as_json:
        output.event("new_destination", {"files": [str(path) for path in files]})
    else:
        output.lines([str(path) for path in files])
        output.talk(f"Now: cd {target} && pip install -e '.[dev]' && pytest")
    return ExitCode.SUCCESS
