"""The apps of a sync side by side, each on a thread that the others need not wait for for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from roo_dbt.destinations.supervision import Watch
from roo_dbt.errors import DestinationFault, RooError
from roo_dbt.records import Destination, DestinationResult

if TYPE_CHECKING:
    from roo_dbt.export import Lane
    from roo_dbt.run.syncing import Sync

LOOK_SECONDS = 0.25
"""How often a thread is looked at that may hang in a vendor's own code."""

Ended = tuple[DestinationResult, RooError | None]


@dataclass
class Crew:
    """The destinations of one app, and how far they are.

    Attributes:
        watch: whether the app's vendor code returns.
        ended: the destinations that are done, in their order.
        current: the one that is at work.
        lane: the way to the app, once it is open.
    """

    destinations: Sequence[Destination]
    watch: Watch
    ended: list[Ended] = field(default_factory=list)
    current: Sync | None = None
    lane: Lane | None = None
    problem: BaseException | None = None
    thread: threading.Thread | None = None

    def start(self, name: str, work: Callable[[Crew], None]) -> None:
        """Begin. A daemon: code that hangs must not keep the process from ending."""
        self.thread = threading.Thread(target=self._run, args=(work,), name=f"roo-app-{name}", daemon=True)
        self.thread.start()

    def wait(self) -> list[Ended]:
        """Wait until all are done, or until vendor code hangs; then the rest is left as it is.

        Raises what the thread raised.
        """
        thread = self.thread
        while thread is not None and thread.is_alive():
            thread.join(LOOK_SECONDS)
            fault = self.watch.overdue(thread.ident) if thread.is_alive() else None
            if fault is not None:
                return self._left_behind(fault)
        if isinstance(self.problem, DestinationFault):
            return self._left_behind(self.problem)
        if self.problem is not None:
            raise self.problem
        return self.ended

    def _run(self, work: Callable[[Crew], None]) -> None:
        with _Kept(self):
            work(self)

    def _left_behind(self, fault: DestinationFault) -> list[Ended]:
        """The results when the thread hangs: one ends with the fault, those after it do not begin."""
        if self.lane is not None:
            # Should it wake up, nothing leaves any more.
            self.lane.halt(fault)
        ended = list(self.ended)
        for place, destination in enumerate(self.destinations[len(ended) :]):
            result = DestinationResult(
                destination=destination.name,
                unique_id=destination.model.unique_id,
                app=destination.app,
                object=destination.object,
                status="skipped" if place else "error",
                message=str(fault),
            )
            if self.current is not None and self.current.destination is destination:
                self.current.give_up(result)
            ended.append((result, fault))
        return ended


class _Kept:
    """Keeps what a thread raises for whoever waits for it."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> Literal[True]:
        self._crew.problem = problem
        return True
