"""A project whose vendors can be made to misbehave, and time that passes without anybody waiting."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from tests.run.shop import Shop

from roo_dbt import run
from roo_dbt.export import Clock, open_lane
from roo_dbt.sandbox.server import Sandbox


@dataclass
class Hours:
    """A clock that jumps ahead whenever somebody sleeps.

    Attributes:
        slept: how long every sleep was, in seconds.
    """

    skipped: float = 0.0
    slept: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> float:
        return time.monotonic() + self.skipped

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.slept.append(seconds)
            self.skipped += max(seconds, 0.0)

    def since_1970(self) -> float:
        return time.time() + self.skipped


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Hours:
    """The export waits on this clock. Answers have all the time: what slows a machine is no fault."""
    made = Hours()
    monkeypatch.setattr(run, "open_lane", partial(open_lane, clock=Clock(now=made.now, sleep=made.sleep)))
    return made


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Both vendors on loopback, without their rate limits."""
    with Sandbox(enforce_limits=False, log_size=20_000) as running:
        yield running


@pytest.fixture
def shop(tmp_path: Path, sandbox: Sandbox) -> Shop:
    """An empty project."""
    return Shop(tmp_path, sandbox)
