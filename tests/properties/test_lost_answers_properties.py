"""Random customers who go back and forth while answers and whole runs are lost: the vendor ends up as the model."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.run.shop import Shop

from roo_dbt import run
from roo_dbt.export import RetryPolicy, open_lane
from roo_dbt.sandbox.server import Sandbox

FEW = settings(deadline=None, max_examples=10, suppress_health_check=list(HealthCheck))
NEWS = "7a1c9e62-2b1f-4b0c-9f0e-6f1f1a2b3c4d"
GROUPS: dict[str, dict[str, Any]] = {
    "braze": {"name": "Newsletter", "column": "news", "subscription_group_id": NEWS},
    "iterable": {"name": "VIP", "column": "news"},
}
FAULTS: Mapping[str, dict[str, Any]] = {
    "cut after the write": {"kind": "drop_after"},
    "cut before the write": {"kind": "drop_before"},
    "500, written": {"kind": "status", "status": 500, "written": True},
    "500, not written": {"kind": "status", "status": 500},
}

Row = tuple[str | None, bool]
Rows = Mapping[int, Row]


@dataclass(frozen=True)
class Step:
    """A build and a sync. `loss` is a fault, `killed` before anything was acknowledged, or nothing.

    `after`: so many requests get their answers first.
    """

    rows: Rows
    loss: str | None = None
    after: int = 0


ROWS = st.dictionaries(
    st.integers(1, 3), st.tuples(st.sampled_from([None, "Oslo", "Rome"]), st.booleans()), max_size=3
)
STEPS = st.builds(
    Step, ROWS, st.sampled_from([None, "killed", "killed", *FAULTS, *FAULTS]), st.integers(0, 2)
)
THERE_AND_BACK = [
    Step({1: ("Oslo", False), 2: ("Rome", True)}),
    Step({1: ("Rome", True), 3: ("Oslo", True)}, "cut after the write"),
    Step({1: ("Oslo", False), 2: ("Rome", True)}),
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Both vendors, for all examples of this file."""
    with Sandbox(enforce_limits=False) as running:
        yield running


def build(shop: Shop, rows: Rows) -> None:
    """The model."""
    none = "SELECT 0::BIGINT AS id, ''::VARCHAR AS email, ''::VARCHAR AS city, false AS news WHERE false"
    each = (
        f"SELECT {key}, 'u{key}@example.com', {'NULL' if city is None else repr(city)}, {news}"
        for key, (city, news) in rows.items()
    )
    shop.customers(" UNION ALL ".join([none, *each]))


def declare(shop: Shop, vendor: str) -> None:
    """The destination."""
    mapping = {"external_id": "id", "home_city": "city"}
    if vendor == "iterable":
        mapping = {"email": "email", "city": "city"}
        shop.roo["apps"]["iterable"]["settle_seconds"] = 0
    (shop.braze if vendor == "braze" else shop.iterable)(mapping=mapping, groups=[GROUPS[vendor]])


def sync(shop: Shop, vendor: str, step: Step) -> None:
    """A run in which something is lost; whoever is killed has acknowledged nothing."""
    options: dict[str, Any] = {"yes_delete": frozenset({f"{vendor}_customers"})}
    build(shop, step.rows)
    with pytest.MonkeyPatch.context() as patch:
        policy = RetryPolicy(attempts=1, base=0.01, cap=0.01, least=0.001)
        patch.setattr(run, "open_lane", partial(open_lane, policy=policy))
        if step.loss == "killed":
            for name in ("acknowledge", "note_traces", "commit", "unlock"):
                patch.setattr(f"roo_dbt.state.{name}", lambda *_: None)
        elif step.loss is not None:
            shop.sandbox.fault(**FAULTS[step.loss], method="POST", after=step.after)
        shop.report(**options)
    shop.sandbox.clear_faults()
    if step.loss == "killed":
        with subprocess.Popen([sys.executable, "-c", ""]) as dead:
            dead.wait()
        shop.sql(f"UPDATE main_roo.roo_locks SET pid = {dead.pid}")


def at_vendor(shop: Shop, vendor: str) -> dict[int, Row]:
    """What the vendor has of every user."""
    if vendor == "braze":
        return {
            int(user["external_id"]): (
                user["attributes"].get("home_city"),
                user["subscription_groups"].get(NEWS) == "subscribed",
            )
            for user in shop.sandbox.braze_profiles
        }
    members = shop.sandbox.iterable_lists.get("VIP", [])
    return {
        int(email[1]): (user.get("city"), email in members)
        for email, user in shop.sandbox.iterable_users.items()
    }


@pytest.mark.parametrize("vendor", ["braze", "iterable"])
@FEW
@given(history=st.lists(STEPS, min_size=2, max_size=5))
@example(history=THERE_AND_BACK)
def test_whatever_is_lost_and_goes_back_the_vendor_ends_up_as_the_model(
    tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, vendor: str, history: list[Step]
) -> None:
    sandbox.reset()
    shop = Shop(tmp_path_factory.mktemp("shop"), sandbox)
    declare(shop, vendor)
    for step in history:
        sync(shop, vendor, step)
    last = history[-1].rows
    sync(shop, vendor, Step(last))
    assert at_vendor(shop, vendor) == dict(last)
    assert shop.sync().requests == 0
