"""`roo-dbt` itself: finds the command that was asked for and loads that one alone."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import NoReturn

import click

from roo_dbt import __version__
from roo_dbt.cli.output import log_to_stderr

COMMANDS = (
    "sync",
    "plan",
    "list",
    "validate",
    "check",
    "init",
    "describe",
    "generate",
    "fields",
    "status",
    "failures",
    "retry",
    "why",
    "baseline",
    "forget",
    "exposures",
    "schema",
    "sandbox",
    "demo",
    "new-destination",
)


class LazyGroup(click.Group):
    """A group whose commands are modules of `roo_dbt.cli.commands`, imported when needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The commands in the order of a working day."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name; None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        loaded = import_module(f"roo_dbt.cli.commands.{cmd_name.replace('-', '_')}").command
        assert isinstance(loaded, click.Command)  # noqa: S101 narrows a module attribute
        return loaded

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or say which one was probably meant."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            _unknown(args[0], ctx)
        return super().resolve_command(ctx, args)


def _unknown(name: str, ctx: click.Context) -> NoReturn:
    close = get_close_matches(name, COMMANDS, n=1, cutoff=0.5)
    advice = f" Did you mean '{close[0]}'?" if close else ""
    raise click.UsageError(f"No such command '{name}'.{advice}", ctx=ctx)


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "--version", message="roo-dbt %(version)s")
@click.option("--debug", is_flag=True, help="Show what is done, and where an unexpected error happened.")
@click.pass_context
def program(ctx: click.Context, *, debug: bool) -> None:
    """Export dbt models to Braze and Iterable: only what changed since the last sync.

    Declare in a model's meta which columns go where, run dbt, then `roo-dbt plan` and `roo-dbt sync`.
    """
    if debug:
        log_to_stderr()
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
