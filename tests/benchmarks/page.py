"""docs/figures.md and its plots, made of docs/figures.json: `python -m tests.benchmarks.page`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.plots import Bar, bars, growth

DOCS = Path(__file__).parents[2] / "docs"
FIGURES = DOCS / "figures.json"
PAGE = DOCS / "figures.md"
IMAGES = DOCS / "images"
COMMAND = "python -m tests.benchmarks --only {name} --output docs/figures.json"

INTRODUCTION = """\
# Figures

<!-- Made by `python -m tests.benchmarks.page` from figures.json. -->

How fast it is, against what: every ratio is to a floor that was measured in the same minute on the same machine, because seconds say
more about the machine. A floor is the least that any program must do: read the tables once, post bodies that lie ready, start dbt. A bar
is what we promised before we measured; where it is missed, the text says what bounds it and what was tried.

Medians of whole processes, from `roo-dbt` typed to its exit, unless a line says otherwise. The machine was not idle while they were
taken: its load is in the last table. To repeat them, in a checkout with `pip install '.[dev]'`:

```sh
python -m tests.benchmarks --quick
python -m tests.benchmarks --output docs/figures.json
```

The first takes a minute or two and shows that all of it runs. What must not get worse and does not depend on a machine, the number of
requests, statements, bytes and objects in memory, is tested with every change (`tests/run/test_costs.py`).

![Every bar, and how far it is used](images/figures-bars.svg)
"""

TITLES = {
    "start": "Start",
    "objects": "Making Braze's objects",
    "changes": "A second sync",
    "users": "A first load",
    "peers": "Beside other tools",
    "endurance": "Rate and memory",
    "scale": "Large tables on DuckDB",
    "postgres": "A million rows on Postgres",
}

BOUNDS = {
    "start": """\
The command line imports click and nothing else until it knows what to do; what a sync needs is imported then, half a second in all. A
fifth is Python's own start and click, two fifths are the imports of pydantic and DuckDB, and the rest our modules, most of it the making
of their dataclasses (224 with those of the libraries, half a millisecond each). Tried and kept: no collection of garbage while modules
load, and no search for plugins of pydantic (a sixth together). Tried and dropped: importing in a second thread (the interpreter runs one
at a time), building the models later (they are all needed).""",
    "objects": """\
The floor writes dicts that lie ready. We check every value against Braze's rules first, since Braze drops or refuses what breaks them,
and put each object's bytes into the request as they are, so that nothing is written twice. The limit of the vendor is 75,000 objects a
second.""",
    "changes": """\
The time is that of starting and of comparing; 14 requests take a few milliseconds.""",
    "users": """\
A sync compares, freezes what it found, sends, writes down every outcome, and folds what was accepted into the snapshot; the bare loop
only posts. Against a server that answers at once the bound is our own work on one core, about 45 microseconds for a record: 16 to read
it, make its object, route it and keep its outcome; 5 for its share of a request (340 microseconds in httpx for 75 records); 4 to compare
and to commit; 9 to start, which the number of records does not change; the rest is threads that hand the interpreter to each other. The
vendor's limit of 75,000 objects a second is 13 microseconds. Behind 100 ms, sixteen connections hide nearly all of it. Iterable takes
five bulk requests a second, which is all that counts there.

Tried and kept: calls are asked only about the operations they name (a third of a record's time), httpx's transport instead of its client
(a third of a request), changes made when they are looked at and not by the page, bodies joined and not written twice, garbage collected
seldom. Tried and dropped: fewer threads, or threads started only when all others are busy (the same time), a shorter switch interval of
the interpreter (the same time, a tenth more processor), threads for the making of objects (the interpreter runs one at a time), asyncio
(slower above a few dozen connections).""",
    "peers": """\
The other two are generic tools told to post to Braze's address, set to their best. They send what a query returns: there is no comparison
with what was sent before, no deletion, and no look at what Braze says of single users in an answer of 201, so part of our time buys what
they do not do. One connection after another is what makes them slow behind a real network.""",
    "endurance": """\
Requests of one user each show the pacing: the vendor's rate is spent while outcomes are written down. Requests of 75 are bound by our
work for a record, see above: some 30,000 users a second. Memory while sending is that of the pages read ahead, and of what libraries keep;
it does not grow with the number of changes.""",
    "scale": """\
The floor reads every mapped column of both tables once. From a million rows on we hash the rows of both and join the hashes, and then
compare the values of the rows whose hashes differ; nothing is sent because of a hash alone. That takes the same memory whatever the
columns hold, and a quarter of the time of one join of all columns where that does not fit into memory (tried and kept for smaller
tables, where it is as fast). The plan has half a second of starting in it. The commit deletes and inserts what changed, in one
transaction.""",
    "postgres": """\
The same on a real server, PostgreSQL 15 as Debian packages it, after `VACUUM ANALYZE`. Our process holds a page of changes at a time.""",
}


def page(figures: Mapping[str, Any]) -> str:
    """The text of docs/figures.md."""
    parts = [INTRODUCTION]
    for name, title in TITLES.items():
        if name not in figures:
            continue
        parts.append(f"## {title}\n")
        parts.append("\n".join(_table(figures[name]["figures"])) + "\n")
        if name in PLOTTED:
            parts.append(f"![{title}](images/figures-{name}.svg)\n")
        parts.append(f"{BOUNDS[name]}\n")
    parts.append("## The machine\n")
    parts.append("\n".join(_machines(figures)) + "\n")
    return "\n".join(parts)


def plots(figures: Mapping[str, Any]) -> dict[str, str]:
    """The plots, by file name."""
    drawn = {"bars": _promises(figures)}
    drawn |= {name: plot(figures[name]["figures"]) for name, plot in PLOTTED.items() if name in figures}
    return {f"figures-{name}.svg": svg for name, svg in drawn.items()}


def _table(figures: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| what | measured | bar | against | kept | |"
    yield "|---|---:|---:|---|---|---|"
    for one in figures:
        kept = {True: "yes", False: "**no**", None: ""}[one["met"]]
        yield f"| {one['name']} | {_said(one)} | {_bar(one)} | {one['floor']} | {kept} | {one['note']} |"


def _said(one: Mapping[str, Any]) -> str:
    value, unit = one["value"], one["unit"]
    digits = 3 if value < 0.1 else 2 if value < 10 else 1
    return f"{value:.{digits}f}" + (" ×" if unit == "ratio" else f" {unit}".rstrip())


def _bar(one: Mapping[str, Any]) -> str:
    if one["bar"] is None:
        return ""
    return f"{'≥' if one['at_least'] else '≤'} {one['bar']:g}"


def _machines(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "| figures | date | processor | cores | memory | load before | Python | DuckDB | rounds |"
    yield "|---|---|---|---:|---:|---:|---|---|---:|"
    for name, title in TITLES.items():
        if name in figures:
            m = figures[name]["machine"]
            yield (
                f"| {title} | {m['date']} | {m['processor']} | {m['cores']} | {m['memory_gb']} GB | {m['load']} "
                f"| {m['python']} | {m['duckdb']} | {m['rounds']} |"
            )


def _promises(figures: Mapping[str, Any]) -> str:
    rows = []
    for name in TITLES:
        for one in figures.get(name, {"figures": ()})["figures"]:
            if one["bar"] is None:
                continue
            used = one["bar"] / one["value"] if one["at_least"] else one["value"] / one["bar"]
            rows.append(
                Bar(one["name"], min(used, 2.0), f"{used:.2f}", mark=1.0, colour=1 if used > 1 else 0)
            )
    return bars("Measured, as a part of what was promised: left of the red line is kept", rows)


def _seconds(figures: Sequence[Mapping[str, Any]]) -> str:
    rows = []
    for one in figures:
        what, _, tool = one["name"].rpartition(": ")
        taken = _median(one["rounds"])
        label = f"{tool}, {what.rpartition(', ')[2]}"
        rows.append(Bar(label, taken, f"{taken:.1f} s", colour=0 if tool == "roo-dbt" else 4))
    return bars("Seconds for a first load of the same table, shorter is better", rows)


def _growth(figures: Sequence[Mapping[str, Any]]) -> str:
    lines: dict[str, list[tuple[float, float]]] = {}
    for one in figures:
        found = re.fullmatch(r"(plan|sync --limit 1), ([\d,]+) × 12", one["name"])
        if found:
            rows = float(found[2].replace(",", ""))
            lines.setdefault(found[1], []).append((rows, _median(one["rounds"])))
            floor = (rows, _median(one["floor_rounds"]))
            if floor not in lines.setdefault("scan of both tables", []):
                lines["scan of both tables"].append(floor)
    return growth("Seconds by the number of rows, 1 % of them changed", lines, "rows of the model", "seconds")


def _median(rounds: Sequence[Mapping[str, float]]) -> float:
    return sorted(one["wall"] for one in rounds)[len(rounds) // 2]


PLOTTED = {"peers": _seconds, "scale": _growth}


def main() -> None:
    """Write the page and its plots."""
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    PAGE.write_text(page(figures), encoding="utf-8")
    for name, svg in plots(figures).items():
        (IMAGES / name).write_text(svg, encoding="utf-8")


if __name__ == "__main__":
    main()
