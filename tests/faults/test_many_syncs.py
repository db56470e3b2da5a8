"""Five hundred syncs in one process: memory, open files and threads stay flat."""

from __future__ import annotations

import gc
import os
import threading
from pathlib import Path

import pytest
from tests.conftest import Tell
from tests.run.shop import Shop

SYNCS = 500
WARM_UP = 100


def resident() -> int:
    """Bytes of memory this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
def test_memory_and_open_files_are_flat_over_500_syncs(shop: Shop, tell: Tell) -> None:
    shop.sandbox.store.log._size = 50
    shop.braze()
    shop.iterable()
    shop.roo["history_days"] = 1
    measured: list[tuple[int, int, int]] = []
    for turn in range(SYNCS):
        shop.customers(
            "SELECT i AS id, 'u' || i || '@example.com' AS email, "
            f"CASE WHEN i % 10 = {turn % 10} THEN 'City {turn}' ELSE 'Oslo' END AS city, "
            "i::DOUBLE AS ltv FROM range(1, 201) r(i)"
        )
        assert shop.report().exit_code == 0
        if turn in (WARM_UP, SYNCS - 1):
            gc.collect()
            measured.append((resident(), open_files(), threading.active_count()))
    (memory, files, threads), (later, more_files, more_threads) = measured
    tell(
        f"{SYNCS} syncs in one process: {memory / 1e6:.0f} MB after {WARM_UP}, "
        f"{later / 1e6:.0f} MB at the end; open files {files} and {more_files}, "
        f"threads {threads} and {more_threads}"
    )
    assert later <= memory * 1.15 + 10_000_000
    assert more_files <= files + 2
    assert more_threads <= threads + 1
