"""Every test of the engine talks to a real DuckDB file and to a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.run.shop import ANN, BO, CY, Shop

from roo_dbt.sandbox.server import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Both vendors on loopback, without their rate limits."""
    with Sandbox(enforce_limits=False) as running:
        yield running


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Shop:
    """A project with three customers for Braze."""
    made = Shop(tmp_path, sandbox)
    made.customers(f"{ANN}, {BO}, {CY}")
    made.braze()
    return made
