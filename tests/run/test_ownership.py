"""A run that was paused for over a minute wakes up, and another one has taken over meanwhile."""

from __future__ import annotations

import importlib
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from tests.faults import ledger
from tests.faults.test_signals import start, until
from tests.faults.victim import Step, arm
from tests.postgres_server import Server
from tests.run.engines import PostgresDatabase
from tests.run.shop import Shop, counted

from roo_dbt import state
from roo_dbt.diff import freeze
from roo_dbt.errors import WarehouseLost
from roo_dbt.run import baseline, comparing, syncing
from roo_dbt.sandbox.server import Sandbox

LOST = "another run took over the lock"
BATCH = 75


@pytest.fixture
def orders(tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """Events on Postgres, where one run can write while another sleeps, and gives no sign of life."""
    monkeypatch.setattr(syncing, "beating", lambda *_: nullcontext())
    name = postgres.database()
    with Sandbox(enforce_limits=False, log_size=20_000) as sandbox:
        shop = Shop(tmp_path, sandbox, engine=PostgresDatabase(postgres, name))
        ledger.declare(shop, "braze events", 8 * BATCH)
        yield shop
    postgres.drop(name)


def changes(shop: Shop) -> int | None:
    """What tells the table of frozen changes from any other of its name."""
    engine = shop.on
    assert isinstance(engine, PostgresDatabase)
    with engine.server.connect(engine.database) as connection:
        row = connection.execute(
            "SELECT CAST(to_regclass('main_roo.changes__braze_orders') AS oid)"
        ).fetchone()
    return row[0] if row else None


class Sleeper:
    """What happens while a run sleeps: a minute passes, and another process begins to export.

    Attributes:
        changes: the other one's frozen changes.
    """

    def __init__(self, shop: Shop, *, model: str = "") -> None:
        self.shop = shop
        self.model = model
        self.process: subprocess.Popen[str] | None = None
        self.changes: int | None = None

    def __call__(self) -> None:
        """Until the other run is in the midst of its requests."""
        if self.model:
            self.shop.customers(self.model)
        self.shop.sql("UPDATE main_roo.roo_locks SET heartbeat_at = heartbeat_at - INTERVAL 2 MINUTE")
        before = len(self.shop.sandbox.requests)
        self.shop.sandbox.latency = 0.5
        self.process = start(self.shop)
        until(lambda: len(self.shop.sandbox.requests) >= before + 2)
        self.changes = changes(self.shop)

    def end(self) -> int:
        """The exit code of the other run, when it is done."""
        assert self.process is not None
        self.process.communicate(timeout=60)
        self.shop.sandbox.latency = 0
        return self.process.returncode


def is_settled(shop: Shop, events: int) -> None:
    """Each event arrived once, the tables say so, and nothing is left over."""
    times = Counter(ledger.arrived(shop, "braze_orders"))
    assert (len(times), set(times.values())) == (events, {1})
    assert counted(shop.sync()) == {"unchanged": events}
    assert shop.sql("SELECT count(*) FROM main_roo.roo_destinations WHERE pending_run IS NOT NULL") == [(0,)]
    assert shop.sql("SELECT count(*) FROM main_roo.roo_locks WHERE run_id IS NOT NULL") == [(0,)]


STEPS = {
    "before it freezes its changes": Step("roo_dbt.run.comparing", "freeze"),
    "while it compares": Step("roo_dbt.diff.freeze", "find_duplicates"),
    "before it says that its changes are frozen": Step("roo_dbt.state", "register_changes"),
    "before it reads the first page": Step("roo_dbt.run.comparing", "read_page"),
}


@pytest.mark.parametrize("where", STEPS)
def test_a_run_that_sleeps_before_it_sends_leaves_the_changes_of_the_next_one_alone(
    orders: Shop, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, other = STEPS[where], Sleeper(orders)
    with monkeypatch.context() as patched:
        _restored(patched, step)
        arm(step, other)
        report = orders.report()

    assert other.changes is not None
    assert changes(orders) in (other.changes, None)
    assert (report.exit_code, counted(report.results[0])) == (3, {})
    assert LOST in str(report.stopped)
    assert other.end() == 0
    is_settled(orders, 8 * BATCH)


def _restored(patched: pytest.MonkeyPatch, step: Step) -> None:
    """Let the function be what it was, afterwards."""
    module = importlib.import_module(step.module)
    patched.setattr(module, step.name, getattr(module, step.name))


def test_a_run_that_sleeps_before_it_commits_does_not_commit_what_the_next_one_is_sending(
    orders: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Sleeper(orders, model=ledger.MODEL.format(16 * BATCH + 1))
    with monkeypatch.context() as patched:
        patched.setattr(state, "commit", state.commit)
        arm(Step("roo_dbt.state", "commit"), other)
        report = orders.report()

    assert report.exit_code == 3
    assert LOST in str(report.stopped)
    assert other.end() == 0
    is_settled(orders, 16 * BATCH)


def test_a_run_that_sleeps_before_it_is_blocked_leaves_the_changes_of_the_next_one_alone(
    orders: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    orders.destinations = []
    ledger.declare(orders, "braze users", 8 * BATCH)
    orders.sync()
    orders.sql("DELETE FROM customers WHERE id > 3")
    other = Sleeper(orders, model=ledger.MODEL.format(8 * BATCH + 1).replace("Oslo", "Rome"))
    with monkeypatch.context() as patched:
        patched.setattr(syncing, "compare", comparing.compare)
        arm(Step("roo_dbt.run.syncing", "compare", after=True), other)
        report = orders.report()

    assert LOST in str(report.stopped)
    assert other.end() == 0
    assert {user["home_city"] for user in orders.sandbox.braze_users.values()} == {"Rome"}
    assert counted(orders.sync()) == {"unchanged": 8 * BATCH}


def test_a_baseline_that_slept_takes_nothing_as_sent_that_another_run_is_sending(
    orders: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Sleeper(orders)
    orders.write()
    with monkeypatch.context() as patched:
        patched.setattr(comparing, "freeze", freeze)
        arm(Step("roo_dbt.run.comparing", "freeze"), other)
        with pytest.raises(WarehouseLost, match=LOST):
            baseline(orders.options(), orders.environ)
    assert changes(orders) in (other.changes, None)
    assert other.end() == 0
    is_settled(orders, 8 * BATCH)
