"""A command as this tool has them: examples in its help, dbt's way to give several values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

import click

from roo_dbt.cli.annotations import Annotations
from roo_dbt.cli.output import log_to_stderr
from roo_dbt.cli.session import Session

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Function = Callable[..., Any]

NARROWING = ("select", "destinations")
"""Options without which everything is taken."""

_OPEN = "roo_dbt.open_option"
"""Under this name a context remembers, for the shell, which option goes on taking values."""


class Several(click.Option):
    """An option that takes several values as dbt's do: `-s a b`, `-s "a b"` and `-s a -s b`."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **{**settings, "multiple": True, "callback": _words})


class Command(click.Command):
    """A command with examples, whose output options shape the session.

    Args:
        examples: command lines shown at the end of the help.
    """

    def __init__(self, *arguments: Any, examples: Sequence[str] = (), **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.examples = tuple(examples)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse after repeating the options that were given several values at once."""
        several = {name: param for param in self.params if isinstance(param, Several) for name in param.opts}
        if ctx.resilient_parsing:
            ctx.meta[_OPEN] = several.get(open_option(args) or "")
        return super().parse_args(ctx, repeated(args, several))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """What the shell may offer: one more value of an option that takes several, else as usual."""
        option = ctx.meta.get(_OPEN)
        if option is not None and not incomplete.startswith("-"):
            found: list[CompletionItem] = option.shell_complete(ctx, incomplete)
            return found
        return super().shell_complete(ctx, incomplete)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command with the output that its options ask for."""
        session = ctx.find_object(Session)
        if session is not None:
            log_format = ctx.params.pop("log_format", "text")
            session.output.json = log_format == "json"
            if log_format == "github":
                session.output.annotations = Annotations(ctx.params.get("project_dir"))
            session.output.json_results = ctx.params.pop("output", "text") == "json"
            session.output.quiet = ctx.params.pop("quiet", False)
        if ctx.params.pop("debug", False):
            log_to_stderr()
        return super().invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the examples as they are, not rewrapped."""
        with formatter.section("Examples"):
            for example in self.examples:
                formatter.write(f"{'':>{formatter.current_indent}}{example}\n")


def command(name: str, *examples: str) -> Callable[[Function], Command]:
    """Make a command of a function; its docstring is the help."""

    def decorate(function: Function) -> Command:
        return click.command(name, cls=Command, examples=examples)(function)

    return decorate


def open_option(arguments: Sequence[str]) -> str | None:
    """The option that a value after these words would belong to; None before the first option."""
    for argument in reversed(arguments):
        if argument.startswith("-") and argument != "-":
            attached = not argument.startswith("--") and len(argument) > 2
            return argument[:2] if attached else argument.partition("=")[0]
    return None


def repeated(arguments: Sequence[str], several: Collection[str]) -> list[str]:
    """`-s a b` as `-s a -s b`, for the options in `several`; everything else as it is."""
    result: list[str] = []
    open_option: str | None = None
    has_value = False
    for argument in arguments:
        if argument.startswith("-") and argument != "-":
            name, equals, _ = argument.partition("=")
            attached = not argument.startswith("--") and len(argument) > 2
            name = argument[:2] if attached else name
            open_option = name if name in several else None
            has_value = bool(equals) or attached
        elif open_option is not None:
            if has_value:
                result.append(open_option)
            has_value = True
        result.append(argument)
    return result


def _words(ctx: click.Context, param: click.Parameter, value: Sequence[str] | None) -> tuple[str, ...]:
    words = tuple(word for text in value or () for word in text.split())
    if value and not words and param.name in NARROWING:
        # An empty variable in a script must not become a wish to export everything.
        raise click.BadParameter("it is empty. Leave the option out to take everything.", ctx, param)
    return words
