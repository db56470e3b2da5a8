"""`python -m tests.benchmarks`: the figures behind what is said about speed.

Ratios are to a floor measured in the same minute; seconds are of whole processes. Nothing here fails
because a machine is slow: the table says which promises are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path

import duckdb
from rich.console import Console
from rich.table import Table
from tests.benchmarks.changes import second_sync
from tests.benchmarks.endurance import endurance
from tests.benchmarks.measure import Figure
from tests.benchmarks.objects import objects
from tests.benchmarks.peers import peers
from tests.benchmarks.postgres import on_postgres
from tests.benchmarks.scale import scale
from tests.benchmarks.start import start
from tests.benchmarks.users import first_load

Benchmark = Callable[[Path, int, int], Iterator[Figure]]

BENCHMARKS: dict[str, Benchmark] = {
    "start": start,
    "objects": objects,
    "changes": second_sync,
    "users": first_load,
    "peers": peers,
    "endurance": endurance,
    "scale": scale,
    "postgres": on_postgres,
}
SLOW = {"peers", "endurance", "scale", "postgres"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the chosen benchmarks, print the table, write the JSON."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    usual = [name for name in BENCHMARKS if name not in SLOW]
    parser.add_argument(
        "--only", nargs="+", choices=list(BENCHMARKS), default=usual, help=f"default: {' '.join(usual)}"
    )
    parser.add_argument("--rounds", type=int, default=5, help="how often each figure is measured")
    parser.add_argument("--users", type=int, default=100_000, help="customers of the project")
    parser.add_argument("--rows", type=int, default=10_000_000, help="rows of `scale`")
    parser.add_argument("--quick", action="store_true", help="a tenth of it all, 1 round: does it still run?")
    parser.add_argument("--output", type=Path, help="where the figures go as JSON")
    chosen = parser.parse_args(arguments)
    rounds = 1 if chosen.quick else chosen.rounds
    console = Console(width=160)
    figures: list[Figure] = []
    found: dict[str, list[Figure]] = {}
    with tempfile.TemporaryDirectory(prefix="roo-benchmarks-") as folder:
        for name in chosen.only:
            number = {"scale": chosen.rows, "postgres": chosen.rows // 10}.get(name, chosen.users)
            for figure in BENCHMARKS[name](Path(folder), number // 10 if chosen.quick else number, rounds):
                figures.append(figure)
                found.setdefault(name, []).append(figure)
                console.print(f"{figure.name}: {figure.value:.3f}", highlight=False)
    console.print(table(figures))
    if chosen.output:
        keep(chosen.output, found, rounds)


def keep(file: Path, found: Mapping[str, Sequence[Figure]], rounds: int) -> None:
    """Write the figures of the benchmarks that ran into the file, beside those of the others."""
    kept = json.loads(file.read_text()) if file.is_file() else {}
    here = machine() | {"rounds": rounds}
    kept |= {
        name: {"machine": here, "figures": [f.to_json() for f in these]} for name, these in found.items()
    }
    ordered = {name: kept[name] for name in BENCHMARKS if name in kept}
    file.write_text(json.dumps(ordered, indent=1) + "\n")


def machine() -> dict[str, str | float]:
    """What the figures depend on."""
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return {
        "date": datetime.now(timezone.utc).date().isoformat(),
        "processor": processor,
        "cores": os.cpu_count() or 0,
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "load": round(os.getloadavg()[2], 1),
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
    }


def table(figures: Sequence[Figure]) -> Table:
    """Medians, and the ratio to the floor beside its bar."""
    shown = Table("what", "median", "CPU s", "floor", "value", "bar", "kept", "note", box=None)
    for figure in figures:
        shown.add_row(*figure.cells())
    return shown


if __name__ == "__main__":
    main()
