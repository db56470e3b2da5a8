"""Results to stdout, talk and errors to stderr, as text or as JSON lines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TextIO

from roo_dbt.errors import ConfigurationProblem, ExitCode, RooError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from roo_dbt.cli.annotations import Annotations
    from roo_dbt.records import Problem

LONG_MESSAGE = 100
"""Characters from which the place and the advice of an error get lines of their own."""


@dataclass
class Output:
    """Where a command's words go.

    Args:
        json: one JSON object a line, on both streams (`--log-format json`).
        json_results: the same for the results alone (`--output json`).
        quiet: no talk and no progress.
        annotations: problems become annotations of GitHub Actions (`--log-format github`).
    """

    json: bool = False
    json_results: bool = False
    quiet: bool = False
    annotations: Annotations | None = None

    @cached_property
    def stdout(self) -> Console:
        """For results."""
        return _console(sys.stdout)

    @cached_property
    def stderr(self) -> Console:
        """For talk, progress and errors."""
        return _console(sys.stderr)

    @property
    def as_json(self) -> bool:
        """Results are wanted as JSON."""
        return self.json or self.json_results

    def lines(self, lines: Iterable[Text | str]) -> None:
        """Print results."""
        for line in lines:
            self.stdout.print(line)

    def document(self, text: str) -> None:
        """Print a result that is a whole document, as it is."""
        self.stdout.out(text, highlight=False, end="")

    def annotate(self, problems: Iterable[Problem], *, as_result: bool = False) -> bool:
        """Annotate problems where annotations are wanted; False where they are not.

        Args:
            problems: with their places.
            as_result: they are what the command was asked for, not talk.
        """
        if self.annotations is None:
            return False
        for problem in problems:
            line = self.annotations.line(problem)
            (self.stdout if as_result else self.stderr).out(line, highlight=False)
        return True

    def event(self, name: str, facts: Mapping[str, Any]) -> None:
        """Print one result as a line of JSON."""
        self.stdout.out(_json({"event": name, **facts}), highlight=False)

    def talk(
        self, sentence: str, facts: Mapping[str, Any] | None = None, *, style: str | None = None
    ) -> None:
        """Say something that is not a result."""
        if self.quiet:
            return
        if self.json:
            self.stderr.out(_json(facts or {"event": "message", "message": sentence}), highlight=False)
        else:
            self.stderr.print(sentence, style=style)

    def warn(self, problems: Iterable[Problem]) -> None:
        """Say what is odd in the project, without ending anything."""
        problems = list(problems)
        if self.annotate(problems):
            return
        for problem in problems:
            said = str(problem).removeprefix(f"{problem.severity} [{problem.id}] ")
            facts = {"event": "warning", "id": problem.id, "message": said}
            self.talk(str(problem), facts, style="yellow")

    def error(self, error: RooError) -> None:
        """Say why the command could not go on."""
        problems = error.problems if isinstance(error, ConfigurationProblem) else ()
        if self.annotate(problems) and problems:
            self.stderr.print(error.message, style="red")
            return
        if self.json:
            facts = {
                "type": type(error).__name__,
                "where": error.where,
                "hint": error.hint,
                "problems": [str(problem) for problem in problems],
            }
            self.problem(error.message, exit_code=error.exit_code, facts=facts)
            return
        whole = str(error)
        if problems or len(whole) <= LONG_MESSAGE:
            self.problem(whole, exit_code=error.exit_code)
            return
        advice = [f"  {line}" for line in (f"at: {error.where}" if error.where else "", error.hint) if line]
        self.problem("\n".join([error.message, *advice]), exit_code=error.exit_code)

    def problem(
        self,
        message: str,
        *,
        exit_code: ExitCode = ExitCode.COULD_NOT_START,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """Print an error, whatever `--quiet` says."""
        if self.json:
            line = {"event": "error", "message": message, "exit_code": int(exit_code), **(facts or {})}
            self.stderr.out(_json(line), highlight=False)
            return
        if self.annotations is not None:
            self.stderr.out(self.annotations.sentence(message), highlight=False)
            return
        from rich.text import Text

        self.stderr.print(Text.assemble(("Error: ", "bold red"), message))


def _json(document: Mapping[str, Any]) -> str:
    import orjson

    return orjson.dumps(document, default=str).decode()


def _console(stream: TextIO) -> Console:
    from rich.console import Console

    class Pipe(Console):
        """A console whose reader may leave: the run goes on and keeps its exit code."""

        def on_broken_pipe(self) -> None:
            """Write the rest to nowhere."""
            self.quiet = True
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)

    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None and not (stream.encoding or "").lower().startswith("utf"):
        reconfigure(errors="replace")
    # https://no-color.org speaks of colour; who sets it wants to read or to keep plain text.
    plain: dict[str, Any] = {"color_system": None} if os.environ.get("NO_COLOR") else {}
    return Pipe(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True, **plain)


def log_to_stderr() -> None:
    """Show what the package logs, for `--debug`."""
    import logging

    # Only our own logger: those of the HTTP library may show request headers.
    logger = logging.getLogger("roo_dbt")
    logger.setLevel(logging.DEBUG)
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s: %(message)s"))
    logger.addHandler(handler)
