"""What a round costs, and how rounds become a figure with its bar."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, seconds of CPU, and the most memory held, in bytes (0: not measured)."""

    wall: float
    cpu: float
    resident: int = 0


Work = Callable[[], Cost]


@dataclass
class Figure:
    """One line of the table: what was measured, against what, and what was promised.

    Attributes:
        name: what was done.
        bar: the promise, as a ratio to the floor; seconds when there is no floor; None: for information.
        floor_name: what the floor is.
        at_least: the bar is a lower bound.
        note: facts that were checked, such as the number of requests.
        unit: what was measured where it is not seconds; it takes the place of the wall time.
    """

    name: str
    bar: float | None
    floor_name: str = ""
    at_least: bool = False
    note: str = ""
    costs: list[Cost] = field(default_factory=list)
    floors: list[Cost] = field(default_factory=list)
    unit: str = "s"

    @property
    def value(self) -> float:
        """The median of the rounds' ratios to their floors, or of their seconds."""
        values = [cost.wall for cost in self.costs]
        if self.floors:
            values = [value / floor.wall for value, floor in zip(values, self.floors, strict=True)]
        return median(values)

    @property
    def is_met(self) -> bool | None:
        """Whether the promise is kept; None without one."""
        if self.bar is None:
            return None
        return self.value >= self.bar if self.at_least else self.value <= self.bar

    def cells(self) -> list[str]:
        """The figure as a line of the table."""
        bar = "" if self.bar is None else f"{'≥' if self.at_least else '≤'} {self.bar:g}"
        return [
            self.name,
            f"{median(cost.wall for cost in self.costs):.2f}",
            f"{median(cost.cpu for cost in self.costs):.2f}",
            f"{median(floor.wall for floor in self.floors):.2f}" if self.floors else "",
            f"{self.value:.3f}" + ("×" if self.floors else f" {self.unit}".rstrip()),
            bar,
            {True: "yes", False: "no", None: ""}[self.is_met],
            self.note,
        ]

    def to_json(self) -> dict[str, Any]:
        """Everything that was measured."""
        return {
            "name": self.name,
            "value": round(self.value, 4),
            "unit": "ratio" if self.floors else self.unit,
            "bar": self.bar,
            "at_least": self.at_least,
            "met": self.is_met,
            "floor": self.floor_name,
            "note": self.note,
            "rounds": [vars(cost) for cost in self.costs],
            "floor_rounds": [vars(cost) for cost in self.floors],
        }


def interleaved(figures: Sequence[tuple[Figure, Work]], floor: Work | None, rounds: int) -> list[Figure]:
    """Measure figures that share a floor, in turn, so that a busy minute hits all of them alike."""
    for _ in range(rounds):
        ground = floor() if floor else None
        for figure, work in figures:
            figure.costs.append(work())
            if ground is not None:
                figure.floors.append(ground)
    return [figure for figure, _ in figures]


def timed(work: Callable[[], object]) -> Cost:
    """The cost of a function in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def process(command: Sequence[str], folder: Path, environ: dict[str, str] | None = None) -> Cost:
    """The cost of a whole process, from its start to its end.

    Raises:
        RuntimeError: it did not end with 0; what it said is in the message.
    """
    began = time.perf_counter()
    child = subprocess.Popen(
        command,
        cwd=folder,
        env=_as_installed() | (environ or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert child.stdout is not None
    said = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.stdout.close()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}:\n{said.decode()}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def _as_installed() -> dict[str, str]:
    """The environment, in which modules stay compiled, as an installer leaves them."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def roo_dbt(*arguments: str) -> list[str]:
    """A command line of roo-dbt."""
    return [sys.executable, "-m", "roo_dbt", *arguments]
