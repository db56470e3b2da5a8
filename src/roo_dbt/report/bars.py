"""How a run goes, while it goes, on a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.text import Text

from roo_dbt.records import DestinationResult
from roo_dbt.report.progress import SHORT_WAIT
from roo_dbt.report.wording import duration


class BarProgress:
    """A bar per destination with rate and time left; gone when the run is over.

    `bars` is the context manager that draws them.
    """

    def __init__(self, console: Console) -> None:
        self.bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}", style="yellow"),
            console=console,
            transient=True,
        )
        self._tasks: dict[str, Any] = {}

    def started(self, destination: str, total: int) -> None:
        """Show a bar for the destination."""
        self._tasks[destination] = self.bars.add_task(destination, total=total, note="")

    def advanced(self, destination: str, done: int) -> None:
        """Move the destination's bar."""
        task = self._tasks.get(destination)
        if task is not None:
            self.bars.update(task, advance=done, note="")

    def waiting(self, app: str, seconds: float, reason: str) -> None:
        """Say beside the bars why they stand still."""
        if seconds >= SHORT_WAIT:
            for task in self._tasks.values():
                self.bars.update(task, note=f"{app} waits {duration(seconds)}: {reason}")

    def finished(self, result: DestinationResult) -> None:
        """Take the bar away; the results table has the figures."""
        task = self._tasks.pop(result.destination, None)
        if task is not None:
            self.bars.remove_task(task)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="dim")
