"""A sync as a process of its own: what it says besides its results, and what it does not load."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.run.engines import DUCKDB
from tests.run.shop import Shop

ALSO_ELSEWHERE = True

LOADED = """
import sys
from roo_dbt.cli import main
code = main(["sync", "--quiet"])
print([name for name in ("httpx", "jinja2", "tenacity") if name in sys.modules], file=sys.stderr)
sys.exit(code)
"""


def run(shop: Shop, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A Python process in the project."""
    shop.write()
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=shop.folder,
        env=os.environ | shop.environ,
        capture_output=True,
        text=True,
        check=True,
    )


def test_a_quiet_sync_leaves_nothing_on_stderr_until_the_very_end(shop: Shop) -> None:
    assert run(shop, "-m", "roo_dbt", "sync", "--quiet").stderr == ""
    assert len(shop.bodies) == 3


@DUCKDB  # A password may be Jinja, which has to be looked at.
def test_a_sync_with_nothing_to_send_loads_no_http_client(shop: Shop) -> None:
    run(shop, "-m", "roo_dbt", "sync")
    assert run(shop, "-c", LOADED).stderr == "[]\n"
