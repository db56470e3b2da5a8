"""The geometry of the charts on the pages: numbers in, coordinates of an SVG out.

Lengths are units of the SVG's own view box, which the page scales.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from roo_dbt.records import DestinationResult, Moment

BARS = 20
"""Fields that a chart shows; the rest is named below it."""
ROW = 26
BAR_WIDTH = 400
LABEL_LENGTH = 30
PLOT_WIDTH, PLOT_HEIGHT = 440.0, 210.0
LEFT, RIGHT, TOP, BOTTOM = 58.0, 20.0, 12.0, 26.0
SHORTEST = 0.001
"""Seconds that a plot spans at the least; an axis can't be divided into steps of nothing."""
COLOURS = 6
"""Colours of lines; further destinations share the last one."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One horizontal bar. `label` is cut to fit, `name` is whole."""

    name: str
    label: str
    number: int
    y: int
    width: float


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars of numbers, the largest first. `rest` are the names that it has no room for."""

    bars: tuple[Bar, ...]
    height: int
    rest: tuple[str, ...]


def bar_chart(numbers: Mapping[str, int]) -> BarChart:
    """A chart of the largest numbers by name."""
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    largest = max((number for _, number in ordered), default=0) or 1
    bars = tuple(
        Bar(name, cut(name), number, index * ROW, max(round(BAR_WIDTH * number / largest, 1), 2.0))
        for index, (name, number) in enumerate(ordered[:BARS])
    )
    return BarChart(bars, len(bars) * ROW, tuple(name for name, _ in ordered[BARS:]))


def cut(name: str) -> str:
    """A name as long as there is room for."""
    return name if len(name) <= LABEL_LENGTH else f"{name[: LABEL_LENGTH - 1]}…"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a stacked bar: its share of the whole, in percent."""

    name: str
    number: int
    percent: float


def parts(numbers: Mapping[str, int]) -> tuple[Part, ...]:
    """The parts of a whole that are not 0; each is wide enough to be seen."""
    present = {name: number for name, number in numbers.items() if number}
    total = sum(present.values())
    wide = {name: max(100 * number / total, 0.6) for name, number in present.items()}
    scale = 100 / sum(wide.values()) if wide else 1
    return tuple(Part(name, number, round(wide[name] * scale, 2)) for name, number in present.items())


@dataclass(frozen=True, slots=True)
class Line:
    """One destination's line: `points` for an SVG polyline; `area` closes it at the axis."""

    name: str
    colour: int
    points: str
    area: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis, at `position` in the SVG."""

    position: float
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Cumulative numbers over the seconds of a run."""

    title: str
    lines: tuple[Line, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]


def throughput(results: Sequence[DestinationResult]) -> tuple[Plot, ...]:
    """Changes accepted and requests sent over time; empty when no destination sent anything."""
    told = [result for result in results if len(result.moments) > 1]
    if not told:
        return ()
    end = max(SHORTEST, *(result.moments[-1].second for result in told))
    return (
        _plot("Changes accepted", told, end, "accepted"),
        _plot("Requests sent", told, end, "requests"),
    )


def _plot(title: str, told: Sequence[DestinationResult], end: float, what: str) -> Plot:
    top = max(getattr(result.moments[-1], what) for result in told)
    seconds, numbers = steps(end), steps(top)
    width, height = seconds[-1] or 1.0, numbers[-1] or 1.0
    across = tuple(Tick(_x(at, width), f"{at:g} s") for at in seconds)
    up = tuple(Tick(_y(at, height), f"{at:,.0f}") for at in numbers)
    lines = tuple(
        _line(result.destination, min(index, COLOURS - 1), result.moments, what, width, height)
        for index, result in enumerate(told)
    )
    return Plot(title, lines, across, up)


def _line(name: str, colour: int, moments: Sequence[Moment], what: str, width: float, height: float) -> Line:
    points = [f"{_x(m.second, width):.1f},{_y(getattr(m, what), height):.1f}" for m in moments]
    floor_ = f"{PLOT_HEIGHT - BOTTOM:.1f}"
    ends = f"{_x(moments[-1].second, width):.1f},{floor_} {_x(moments[0].second, width):.1f},{floor_}"
    return Line(name, colour, " ".join(points), f"{' '.join(points)} {ends}")


def _x(at: float, width: float) -> float:
    return round(LEFT + (PLOT_WIDTH - LEFT - RIGHT) * at / width, 1)


def _y(at: float, height: float) -> float:
    return round(PLOT_HEIGHT - BOTTOM - (PLOT_HEIGHT - TOP - BOTTOM) * at / height, 1)


def steps(top: float, most: int = 5) -> list[float]:
    """Round numbers from 0 to `top` or a little more, `most` steps at the most."""
    if top <= 0:
        return [0.0, 1.0]
    raw = top / most
    scale = 10.0 ** floor(log10(raw))
    step = next((factor * scale for factor in (1, 2, 2.5, 5, 10) if factor * scale >= raw), 10 * scale)
    return [round(index * step, 10) for index in range(ceil(round(top / step, 6)) + 1)]
