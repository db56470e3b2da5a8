"""The command line: options → run → print → exit code.

Importing this package loads click and nothing heavy, so that `--help` answers at once.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from itertools import pairwise

import click

from roo_dbt import variables
from roo_dbt.cli.group import program
from roo_dbt.cli.session import Session
from roo_dbt.errors import ExitCode, RooError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: what was typed after `roo-dbt`; None: the process's own.
    """
    if arguments is None:
        _hurry()
    if "_ROO_DBT_COMPLETE" in os.environ:
        from roo_dbt.cli.bash import register

        register()
    session = Session()
    typed = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = program.main(typed, prog_name="roo-dbt", standalone_mode=False, obj=session)
        return int(code or ExitCode.SUCCESS)
    except click.Abort:
        session.output.problem("interrupted. It is safe to run the command again.")
        return ExitCode.STOPPED_MIDWAY
    except click.ClickException as error:
        if _wants_json(typed):
            session.output.json = True
            session.output.problem(error.format_message())
        else:
            error.show()
        return ExitCode.COULD_NOT_START
    except RooError as error:
        session.output.error(error)
        return error.exit_code
    except OSError as error:
        return _report_refusal(session, error)
    except Exception as error:  # noqa: BLE001 the one broad except: a bug must not look like a user's fault
        return _report_bug(session, error, debug="--debug" in typed or variables.is_on("DEBUG"))


def _hurry() -> None:
    """Makes this process start sooner; in somebody else's process it would be a surprise.

    Together a sixth of the time until a sync is ready to work: modules are made of objects that live
    on, which is nothing for the garbage collector to look through every 700 of them; and for plugins
    pydantic reads the metadata of every installed package.
    """
    gc.set_threshold(50_000, 20, 20)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _report_refusal(session: Session, error: OSError) -> int:
    """The system did not let us: a full disk, a file taken away, an output that nobody can write to."""
    code = ExitCode.STOPPED_MIDWAY if session.sending else ExitCode.COULD_NOT_START
    place = f" ({error.filename})" if error.filename else ""
    sent = (
        " What was sent is recorded in the warehouse; `roo-dbt status` shows it." if session.sending else ""
    )
    what = error.strerror or type(error).__name__
    session.output.problem(f"the system refused to read or write: {what}{place}.{sent}", exit_code=code)
    return code


def _report_bug(session: Session, error: Exception, *, debug: bool) -> int:
    code = ExitCode.STOPPED_MIDWAY if session.sending else ExitCode.COULD_NOT_START
    # The error's own text may hold field values: it is shown only to whoever asks for it.
    place = "" if debug else " Run it again with --debug to see where."
    session.output.problem(
        f"unexpected error ({type(error).__name__}). This is a bug in roo-dbt, please report it.{place}",
        exit_code=code,
    )
    if debug:
        import traceback

        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    return code


def _wants_json(typed: Sequence[str]) -> bool:
    """Whether `--log-format json` was typed, on a line that could not be parsed."""
    words = " ".join(typed).replace("=", " ").split()
    following = [after for word, after in pairwise(words) if word == "--log-format"]
    return (following or [variables.value("LOG_FORMAT")])[-1] == "json"
