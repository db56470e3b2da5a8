"""Plots of figures as SVG, light enough to lie in the repository. Lengths are pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from jinja2 import Environment

WIDTH, LABEL, VALUE, ROW, TOP = 900, 420, 80, 30, 46
PLOT_HEIGHT, LEFT, BOTTOM = 330, 70, 46
COLOURS = ("#2f6fde", "#c2571a", "#12875a", "#8250c4", "#7a8394")

_FRAME = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{ width }} {{ height }}" width="{{ width }}" \
height="{{ height }}" font-family="system-ui, Helvetica, Arial, sans-serif" font-size="13" role="img" \
aria-label="{{ title }}">
<rect width="{{ width }}" height="{{ height }}" rx="10" fill="#fff"/>
<text x="20" y="28" font-size="15" font-weight="600" fill="#1b2130">{{ title }}</text>
{% for line in drawn %}{{ line }}
{% endfor %}</svg>
"""
_TEMPLATE = Environment(autoescape=True).from_string(_FRAME.replace("{{ line }}", "{{ line|safe }}"))
_TEXT = Environment(autoescape=True).from_string(
    '<text x="{{ x }}" y="{{ y }}" fill="{{ fill }}"{% if anchor %} text-anchor="{{ anchor }}"{% endif %}'
    '{% if size %} font-size="{{ size }}"{% endif %}>{{ words }}</text>'
)


@dataclass(frozen=True)
class Bar:
    """A horizontal bar. `length` and `mark` share the unit of the plot; `mark` is what was promised."""

    label: str
    length: float
    said: str
    mark: float | None = None
    colour: int = 0


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Horizontal bars from 0, a line across each at its mark."""
    longest = max(max(row.length, row.mark or 0) for row in rows)
    room = WIDTH - LABEL - VALUE
    drawn: list[str] = []
    for index, row in enumerate(rows):
        y = TOP + index * ROW
        drawn.append(_text(20, y + 16, row.label))
        drawn.append(_rect(LABEL, y + 4, room, "#eef0f4"))
        drawn.append(_rect(LABEL, y + 4, max(room * row.length / longest, 2), COLOURS[row.colour]))
        if row.mark is not None:
            x = LABEL + room * row.mark / longest
            drawn.append(f'<path d="M{x:.1f} {y} V{y + 24}" stroke="#d0342c" stroke-width="2"/>')
        drawn.append(_text(WIDTH - 20, y + 16, row.said, anchor="end"))
    return _TEMPLATE.render(width=WIDTH, height=TOP + len(rows) * ROW + 14, title=title, drawn=drawn)


def growth(title: str, lines: Mapping[str, Sequence[tuple[float, float]]], across: str, up: str) -> str:
    """Lines on two logarithmic axes; a straight line at 45 degrees grows as what is across."""
    points = [point for line in lines.values() for point in line]
    low_x, high_x = _decades([x for x, _ in points])
    low_y, high_y = _decades([y for _, y in points])
    right, bottom = WIDTH - 230, TOP + PLOT_HEIGHT

    def place(x: float, y: float) -> tuple[float, float]:
        along = (log10(x) - low_x) / (high_x - low_x)
        above = (log10(y) - low_y) / (high_y - low_y)
        return LEFT + (right - LEFT) * along, bottom - PLOT_HEIGHT * above

    drawn: list[str] = []
    for power in range(low_x, high_x + 1):
        x, _ = place(10.0**power, 10.0**low_y)
        drawn.append(f'<path d="M{x:.1f} {TOP} V{bottom}" stroke="#e4e7ec"/>')
        drawn.append(_text(x, bottom + 18, f"{10**power:,}", anchor="middle", fill="#5d6779", size=12))
    for power in range(low_y, high_y + 1):
        _, y = place(10.0**low_x, 10.0**power)
        drawn.append(f'<path d="M{LEFT} {y:.1f} H{right}" stroke="#e4e7ec"/>')
        drawn.append(_text(LEFT - 8, y + 4, f"{10.0**power:g}", anchor="end", fill="#5d6779", size=12))
    drawn.append(_text((LEFT + right) / 2, bottom + 36, across, anchor="middle", fill="#5d6779", size=12))
    drawn.append(_text(20, TOP - 6, up, anchor="", fill="#5d6779", size=12))
    for index, (name, line) in enumerate(lines.items()):
        colour = COLOURS[index]
        placed = [place(x, y) for x, y in sorted(line)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>' for x, y in placed]
        drawn.append(f'<circle cx="{right + 26}" cy="{TOP + 16 + index * 24}" r="5" fill="{colour}"/>')
        drawn.append(_text(right + 40, TOP + 20 + index * 24, name))
    return _TEMPLATE.render(width=WIDTH, height=bottom + BOTTOM, title=title, drawn=drawn)


def _decades(values: Sequence[float]) -> tuple[int, int]:
    return floor(log10(min(values))), ceil(log10(max(values)))


def _rect(x: float, y: float, width: float, fill: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{width:.1f}" height="16" rx="3" fill="{fill}"/>'


def _text(x: float, y: float, words: str, *, anchor: str = "", fill: str = "#1b2130", size: int = 0) -> str:
    return _TEXT.render(x=round(x, 1), y=round(y, 1), words=words, anchor=anchor, fill=fill, size=size)
