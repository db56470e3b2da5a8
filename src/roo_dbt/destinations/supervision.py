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


class _Place:
    """Where one thread is. `what` is None while it is in code of ours, `turn` counts its visits."""

    __slots__ = ("seen", "since", "turn", "what")

    def __init__(self) -> None:
        self.what: str | None = None
        self.turn = 0
        self.seen = -1
        self.since = 0.0


class Watch:
    """Which threads are in the code of one app's vendor, and for how long.

    Every record passes here, so a visit only counts; the time is taken by whoever looks, from the first
    look that finds a visit on.

    Args:
        type_: the app's type.
        seconds: after which a visit is given up.
    """

    def __init__(self, type_: str, seconds: float | None = None) -> None:
        self._type = type_
        self._seconds = PATIENCE_SECONDS if seconds is None else seconds
        self._places: dict[int, _Place] = {}
        self._lock = threading.Lock()

    def inside(self, what: str) -> Inside:
        """A context, to be used again and again, around the vendor's `what`."""
        return Inside(self, what, self._places)

    @contextmanager
    def outside(self) -> Iterator[None]:
        """A context around what vendor code asks of us, which does not count as its own time."""
        place = self._places.get(threading.get_ident())
        what = place.what if place else None
        if place is not None:
            place.what = None
        try:
            yield
        finally:
            if place is not None:
                place.turn += 1
                place.what = what

    def overdue(self, thread: int | None = None) -> DestinationFault | None:
        """The fault of a thread, or of any, that has been inside for too long; to be asked repeatedly."""
        now = time.monotonic()
        with self._lock:
            for owner, place in list(self._places.items()):
                what, turn = place.what, place.turn
                if what is None or turn != place.seen:
                    place.seen, place.since = (-1 if what is None else turn), now
                elif thread in (None, owner) and now - place.since > self._seconds:
                    return self.fault(f"did not return from {what} within {self._seconds:g} seconds")
        return None

    def fault(self, what: str) -> DestinationFault:
        """The error that says what the vendor's code did."""
        return DestinationFault(
            f"{named(self._type)} {what}.",
            hint="What was confirmed is kept and the rest stays due; tell whoever publishes it.",
        )


class Inside:
    """Marks a visit to a vendor's code; what is raised there and is no RooError becomes a fault."""

    __slots__ = ("_places", "_watch", "_what")

    def __init__(self, watch: Watch, what: str, places: dict[int, _Place]) -> None:
        self._watch = watch
        self._what = what
        self._places = places

    def __enter__(self) -> None:
        me = threading.get_ident()
        place = self._places.get(me) or self._places.setdefault(me, _Place())
        place.turn += 1
        place.what = self._what

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> Literal[False]:
        self._places[threading.get_ident()].what = None
        if problem is not None and isinstance(problem, Exception) and not isinstance(problem, RooError):
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
