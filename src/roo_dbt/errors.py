"""Every error roo-dbt raises on purpose.

::

    RooError
    ├── CannotStart          exit 2: nothing was sent
    │   ├── UsageProblem         an option or a selection that makes no sense
    │   ├── ProjectProblem       dbt's files: project, profile, manifest, run results
    │   ├── ConfigurationProblem what the project declares, every problem at once
    │   ├── TargetRefused        this dbt target may not send
    │   └── WarehouseUnavailable no connection, a locked file, no right to write
    ├── Blocked              exit 1: one destination is not exported, the others go on
    ├── AppRefused           no request of this app can succeed: exit 2 if the run sent nothing at all, else 1
    ├── Stopped              exit 3: stopped midway, safe to run again
    │   ├── Interrupted          Ctrl-C or SIGTERM
    │   ├── VendorLost           the vendor no longer answers
    │   ├── LongWait             the vendor asks for a wait over five minutes
    │   ├── DestinationFault     the code of a vendor failed, hung or contradicted itself
    │   └── WarehouseLost        the warehouse went away while we were sending
    ├── RefusedStatement     (`roo_dbt.warehouse`) the engine will not run it; most become one of these
    └── AnswerProblem        what a vendor's answer means for the request that got it; never leaves the export
        ├── Retriable            ask again later, `retry_in` seconds if the vendor says so
        ├── Splittable           too large or refused as a whole: send the halves
        ├── Skippable            these records are refused for good, the others go on
        └── Fatal                no request of this app can succeed now

An error says what happened, where, why, and what to type next. Secrets and field values never
appear in one: `where` names files, models, YAML paths and keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar, Literal


def nearest(name: str, candidates: Iterable[str]) -> str:
    """The candidate that was probably meant by a mistyped `name`; empty when none is close."""
    from difflib import get_close_matches

    spelt = {candidate.casefold(): candidate for candidate in candidates}
    close = get_close_matches(name.casefold(), spelt, n=1, cutoff=0.6)
    return spelt[close[0]] if close else ""


def printable(text: str) -> str:
    """A text that stays on its line: what no terminal can print is a replacement character."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


class ExitCode(IntEnum):
    """What the process tells the shell."""

    SUCCESS = 0
    FINISHED_WITH_PROBLEMS = 1
    COULD_NOT_START = 2
    STOPPED_MIDWAY = 3
    CHANGES_PLANNED = 4


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in the project, printed on one line.

    `id` is stable (kebab-case), `path` a YAML path such as `config.meta.roo.destinations[0].mapping.email`.
    """

    id: str
    message: str
    file: str = ""
    model: str = ""
    path: str = ""
    value: str = ""
    nearest: str = ""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        place = " ".join(part for part in (self.file, self.model, self.path) if part)
        value = f" (got {self.value})" if self.value else ""
        # Some messages go on with what follows and have no full stop of their own.
        ended = "" if (value or self.message)[-1:] in ".)?!" else "."
        nearest = f"{ended} Did you mean {self.nearest}?" if self.nearest else ""
        head = f"{place}: " if place else ""
        return f"{self.severity} [{self.id}] {head}{self.message}{value}{nearest}"


class RooError(Exception):
    """Something a user can cause or must know about.

    Args:
        message: what happened and why, one sentence.
        where: file, model, YAML path or destination; empty when the message says it.
        hint: what to type or change next.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.COULD_NOT_START

    def __init__(self, message: str, *, where: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        advice = f" {self.hint}" if self.hint else ""
        return f"{place}{self.message}{advice}"


class CannotStart(RooError):
    """The run could not begin; nothing was sent."""


class UsageProblem(CannotStart):
    """An option or a selection that makes no sense."""


class ProjectProblem(CannotStart):
    """One of dbt's files is missing, unreadable or of an unknown version."""


class ConfigurationProblem(CannotStart):
    """The project declares something that cannot work.

    Args:
        problems: every problem found, in the order of the files.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = len(problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in the configuration.")
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join([self.message, *(f"  {problem}" for problem in self.problems)])


class TargetRefused(CannotStart):
    """The dbt target is not in `vars: roo: targets`, so it may plan but not send."""


class WarehouseUnavailable(CannotStart):
    """The warehouse cannot be opened, read or written."""


class Blocked(RooError):
    """One destination is not exported: keys, a guard, a failed node or a live lock."""

    exit_code = ExitCode.FINISHED_WITH_PROBLEMS


class AppRefused(RooError):
    """No request of this app can succeed: a wrong key (401, 403), a wrong host (404, a redirect)."""

    exit_code = ExitCode.FINISHED_WITH_PROBLEMS


class Stopped(RooError):
    """The run ended midway. What was confirmed is kept; running again is safe."""

    exit_code = ExitCode.STOPPED_MIDWAY


class Interrupted(Stopped):
    """Ctrl-C or SIGTERM."""


class VendorLost(Stopped):
    """The vendor gave no answer, or only server errors, for the whole retry time."""


class LongWait(Stopped):
    """The vendor asks for a wait over five minutes."""


class DestinationFault(Stopped):
    """The code of a vendor raised something, did not return, or contradicted itself: a bug in it."""


class WarehouseLost(Stopped):
    """The warehouse went away while requests were being sent."""


class AnswerProblem(RooError):
    """What a vendor's answer means for the request that got it; never shown to a user as such."""


class Retriable(AnswerProblem):
    """Send the same request again later.

    Args:
        message: what the vendor said, without secrets.
        retry_in: seconds the vendor asks to wait; None: back off.
        rate_limited: the whole app must pause, not this request alone.
        ambiguous: the request may have been carried out.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_in: float | None = None,
        rate_limited: bool = False,
        ambiguous: bool = False,
    ) -> None:
        super().__init__(message)
        self.retry_in = retry_in
        self.rate_limited = rate_limited
        self.ambiguous = ambiguous


class Splittable(AnswerProblem):
    """The request was refused as a whole and nothing of it was processed: send its halves.

    A request of one item cannot be split; that item then fails with this message.
    """


class Skippable(AnswerProblem):
    """The records of the request, or of a change, are refused for good; sending goes on with the others.

    Args:
        message: why, in one sentence, without secrets or field values.
        code: one of `roo_dbt.records.Code`.
    """

    def __init__(
        self,
        message: str,
        *,
        code: Literal["rejected", "invalid_value", "conflict", "forgotten"] = "rejected",
    ) -> None:
        super().__init__(message)
        self.code = code


class Fatal(AnswerProblem):
    """No request of this app can succeed now (401, 403, an unknown URL)."""
