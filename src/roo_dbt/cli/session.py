"""What `main` knows of the command it runs."""

from __future__ import annotations

from dataclasses import dataclass, field

import click

from roo_dbt.cli.output import Output


@dataclass
class Session:
    """One process, one command.

    Attributes:
        output: where the command's words go, as its options asked.
        sending: requests may have left; an unexpected end is then a stop midway.
    """

    output: Output = field(default_factory=Output)
    sending: bool = False


def current_session() -> Session:
    """The session of the command that is running."""
    session = click.get_current_context().find_object(Session)
    return session if session is not None else Session()
