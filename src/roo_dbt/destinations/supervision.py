"""A vendor's code may be anybody's: what it raises, and when it does not return, is told with its name.

Nothing of what was being sent is lost by either: changes without an outcome stay due.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal

from roo_dbt.destinations import app_types
from roo_dbt.errors import ConfigurationProblem, DestinationFault, Problem, RooError

PATIENCE_SECONDS = 60.0
"""How long a vendor's code may think about one call; requests that it has sent do not count."""


class Watch:
    """Which threads are in the code of one app's vendor, and since when.

    Args:
        type_: the app's type.
        seconds: after which it is given up.
    """

    def __init__(self, type_: str, seconds: float | None = None) -> None:
        self._type = type_
        self._seconds = PATIENCE_SECONDS if seconds is None else seconds
        self._busy: dict[int, tuple[str, float]] = {}

    def inside(self, what: str) -> Inside:
        """A context, to be used again and again, around the vendor's `what`."""
        return Inside(self, what, self._busy)

    @contextmanager
    def outside(self) -> Iterator[None]:
        """A context around what vendor code asks of us, which does not count as its own time."""
        me = threading.get_ident()
        mark = self._busy.pop(me, None)
        try:
            yield
        finally:
            if mark is not None:
                self._busy[me] = (mark[0], time.monotonic())

    def overdue(self, thread: int | None = None) -> DestinationFault | None:
        """The fault of a thread, or of any, that has been inside for too long."""
        now = time.monotonic()
        for owner, (what, since) in list(self._busy.items()):
            if thread in (None, owner) and now - since > self._seconds:
                return self.fault(f"did not return from {what} within {self._seconds:g} seconds")
        return None

    def fault(self, what: str) -> DestinationFault:
        """The error that says what the vendor's code did."""
        return DestinationFault(
            f"{named(self._type)} {what}.",
            hint="What was confirmed is kept and the rest stays due; tell whoever publishes it.",
        )


class Inside:
    """Marks the time in a vendor's code; what is raised there and is no RooError becomes a fault."""

    __slots__ = ("_busy", "_watch", "_what")

    def __init__(self, watch: Watch, what: str, busy: dict[int, tuple[str, float]]) -> None:
        self._watch = watch
        self._what = what
        self._busy = busy

    def __enter__(self) -> None:
        self._busy[threading.get_ident()] = (self._what, time.monotonic())

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        self._busy.pop(threading.get_ident(), None)
        if isinstance(problem, Exception) and not isinstance(problem, RooError):
            raise self._watch.fault(f"failed in {self._what}: {what_happened(problem)}") from problem
        return False


class Asked:
    """A context around a vendor's code that is asked before anything is sent.

    Raises:
        ConfigurationProblem: `broken-plugin`, for what is no RooError.
    """

    def __init__(self, type_: str, what: str) -> None:
        self._type = type_
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        if isinstance(problem, Exception) and not isinstance(problem, RooError):
            message = f"{named(self._type)} failed in {self._what}: {what_happened(problem)}."
            raise ConfigurationProblem([Problem("broken-plugin", message)]) from problem
        return False


def named(type_: str) -> str:
    """A type of app with the package that publishes it."""
    source = app_types().get(type_)
    package = getattr(getattr(source, "dist", None), "name", None)
    return f"the destination type {type_}" + (f" of the package {package}" if package else "")


def what_happened(problem: BaseException) -> str:
    """The kind of an exception and its line; its text is left out, because it may quote a value."""
    frames = traceback.extract_tb(problem.__traceback__)
    where = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(problem).__name__}{where}"
