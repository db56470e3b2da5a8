"""Random models, faults of vendor and warehouse, and settings: the ledger equals what the vendor recorded."""

from __future__ import annotations

import pkgutil
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import Tell
from tests.faults import ledger
from tests.faults.conftest import Hours
from tests.faults.test_matrix import retried
from tests.faults.victim import Step, arm
from tests.run.shop import Shop

from roo_dbt.errors import RooError, WarehouseLost, WarehouseUnavailable
from roo_dbt.records import DestinationResult
from roo_dbt.run import paging, syncing
from roo_dbt.warehouse.statement import RefusedStatement

RUNS = 1_000
RUNS_PER_PROJECT = 20
KINDS = ("braze users", "iterable users", "braze events")


def random_faults(shop: Shop, dice: random.Random, keys: list[str]) -> None:
    """Set none to three faults."""
    for _ in range(dice.randrange(4)):
        kind = dice.choice(["status", "drop_before", "drop_after", "html", "truncated", "item"])
        fault: dict[str, Any] = {"kind": kind, "probability": dice.choice([0.3, 0.7, 1.0])}
        if dice.random() < 0.8:
            fault["count"] = 1 + dice.randrange(3)
        if kind == "status":
            fault["status"] = dice.choice([400, 400, 413, 429, 429, 500, 502, 503, 504, 401, 403])
            fault["seconds"] = dice.choice([1, 20, 20, 1_000])
        if kind == "html":
            fault["status"] = dice.choice([200, 502])
        if kind == "item" or dice.random() < 0.2:
            few = dice.sample(keys, k=min(3, len(keys)))
            fault["ids"] = [*few, *(f"u{key}@example.com" for key in few)]
        shop.sandbox.fault(**fault)


STEPS = (
    ("roo_dbt.state", "acknowledge"),
    ("roo_dbt.state", "note_traces"),
    ("roo_dbt.state", "mark_sending"),
    ("roo_dbt.run.syncing", "Sync._acknowledge"),
    ("roo_dbt.run.comparing", "read_page"),
)
"""Where the warehouse may fail once while requests are in flight."""
TROUBLES: tuple[RooError, ...] = (
    WarehouseLost("the server closed the connection unexpectedly"),
    WarehouseUnavailable("too many connections"),
    RefusedStatement("canceling statement due to statement timeout", "INSERT"),
)


@contextmanager
def random_trouble(monkeypatch: pytest.MonkeyPatch, dice: random.Random) -> Iterator[None]:
    """In every other run the warehouse fails once, before or after it did what it was asked to do."""
    module, name = dice.choice(STEPS)
    step = Step(module, name, after=dice.random() < 0.5, nth=1 + dice.randrange(3))
    # What leaves `_acknowledge` is always a warehouse that was lost.
    trouble = TROUBLES[0] if "." in name else dice.choice(TROUBLES)

    def fail() -> None:
        raise trouble

    with monkeypatch.context() as patched:
        patched.setattr(syncing, "ACKNOWLEDGE_SECONDS", dice.choice([0.0, 1.0]))
        patched.setattr(paging, "PAGE_SIZE", dice.choice([3, 25_000]))
        if dice.random() < 0.5:
            place = f"{module}.{name}"
            owner, _, attribute = place.rpartition(".")
            patched.setattr(place, getattr(pkgutil.resolve_name(owner), attribute))
            arm(step, fail)
        yield


def rebuild(shop: Shop, dice: random.Random, known: dict[int, str]) -> None:
    """Change, remove and add records; some go back to what they were once, or come back."""
    for key in list(known):
        if dice.random() < 0.1:
            del known[key]
        elif dice.random() < 0.3:
            known[key] = "Oslo"
        elif dice.random() < 0.4:
            known[key] = f"City {dice.random():.6f}"
    for _ in range(dice.randrange(12)):
        known[1_000 + dice.randrange(200)] = "Oslo"
    known.setdefault(1, "Rome")
    values = ", ".join(
        f"({key}, 'u{key}@example.com', '{city}', 1, TIMESTAMP '2026-11-01 12:00:00')"
        for key, city in known.items()
    )
    shop.customers(values, 'id, email, city, ltv, "at"')


def latest(shop: Shop) -> str:
    rows = shop.sql("SELECT run_id FROM main_roo.roo_runs ORDER BY started_at DESC LIMIT 1")
    return str(rows[0][0])


def city_at_vendor(shop: Shop, kind: str) -> dict[str, str]:
    """What the vendor has of every user."""
    if kind == "iterable users":
        return {
            email.split("@")[0].lstrip("u"): user["city"]
            for email, user in shop.sandbox.iterable_users.items()
        }
    return {key: user["home_city"] for key, user in shop.sandbox.braze_users.items()}


def agree(shop: Shop, kind: str, result: DestinationResult, due: int, known: dict[int, str]) -> None:
    """The counts, the tables, the snapshot and the vendor say the same."""
    found = ledger.read(shop, latest(shop)) if result.rows is not None else None
    counts = result.counts
    done = counts.created + counts.updated + counts.deleted
    total = done + counts.skipped + counts.failed + counts.unknown
    assert total == due or (result.status == "error" and total <= due)
    if found is None:
        return
    assert (len(found.accepted), len(found.failed), len(found.skipped)) == (
        done,
        counts.failed,
        counts.skipped,
    )
    if kind == "braze events":
        times = Counter(found.vendor)
        assert found.accepted <= set(times)
        assert max(times.values(), default=1) == 1, "an event went twice unasked"
        assert found.snapshot <= set(times)
        assert not set(times) - found.snapshot - found.waiting, "arrived, and neither accepted nor unknown"
        return
    cities = city_at_vendor(shop, kind)
    for key in found.accepted & found.model:
        assert cities[key] == known[int(key)], "claimed as accepted, and the vendor has something else"
    for key in found.accepted - found.model:
        assert key not in cities, "claimed as deleted, and the vendor has it"


def is_settled(shop: Shop, kind: str, known: dict[int, str], *, asked: set[str]) -> None:
    """Without faults everything ends up at the vendor; what was unknown only once somebody asks."""
    shop.sandbox.clear_faults()
    retried(shop)
    assert shop.report().exit_code == 0
    if kind == "braze events":
        times = Counter(ledger.arrived(shop, "braze_orders"))
        assert {str(key) for key in known} <= set(times)
        assert {key for key, number in times.items() if number > 1} <= asked
    else:
        there = city_at_vendor(shop, kind)
        assert there == {str(key): city for key, city in known.items()}
    assert shop.report().results[0].requests == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(RUNS // RUNS_PER_PROJECT))
def test_the_ledger_of_random_runs_with_random_faults_is_what_the_vendor_recorded(
    tmp_path: Path, shop: Shop, hours: Hours, seed: int, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(seed)  # noqa: S311
    kind = KINDS[seed % len(KINDS)]
    settings: dict[str, Any] = {} if kind == "braze events" else {"delete_limit": "100%"}
    ledger.declare(shop, kind, 1, **settings)
    known: dict[int, str] = {}
    for _ in range(RUNS_PER_PROJECT):
        rebuild(shop, dice, known)
        counts = shop.plan().counts
        random_faults(shop, dice, [str(key) for key in known])
        with random_trouble(monkeypatch, dice):
            result = shop.sync(threads=1 + dice.randrange(3))
        due = counts.create + counts.update + counts.delete + counts.skip
        agree(shop, kind, result, due, known)
        shop.sandbox.clear_faults()
    asked = {row[0] for row in shop.sql("SELECT key FROM main_roo.roo_unaccepted WHERE status = 'unknown'")}
    is_settled(shop, kind, known, asked=asked)
    tell(f"{RUNS_PER_PROJECT} random runs with random faults: the ledger is what the vendor recorded")
