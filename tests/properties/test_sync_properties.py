"""Whole syncs and plans of random customers, against the sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.run.shop import Shop

from roo_dbt.records import Counts, PlanCounts
from roo_dbt.sandbox.server import Sandbox

FEW = settings(deadline=None, max_examples=8, suppress_health_check=list(HealthCheck))
MODES = st.sampled_from(["sync", "sync", "additive"])

Row = tuple[str | None, str | None, float | None]


@dataclass(frozen=True)
class Step:
    """A build and a sync. `refused` are identifiers that the vendor refuses this time."""

    rows: Mapping[int, Row]
    mode: str
    limit: int | None = None
    full_refresh: bool = False
    refused: frozenset[int] = frozenset()

    @property
    def select(self) -> str:
        """The model as SQL."""
        empty = (
            "SELECT 0::BIGINT AS id, ''::VARCHAR AS email, ''::VARCHAR AS city, 0::DOUBLE AS ltv WHERE false"
        )
        return " UNION ALL ".join(
            [
                empty,
                *(
                    f"SELECT {key}, {_sql(row[0])}, {_sql(row[1])}, {_sql(row[2])}"
                    for key, row in self.rows.items()
                ),
            ]
        )


def _sql(value: str | float | None) -> str:
    return "NULL" if value is None else f"'{value}'" if isinstance(value, str) else str(value)


def steps(emails: st.SearchStrategy[str | None] | None = None) -> st.SearchStrategy[Step]:
    """A step; with `emails` they may be anybody's, otherwise each customer has one."""
    row = st.tuples(
        emails if emails is not None else st.none(),
        st.sampled_from([None, "Oslo", "Rome"]),
        st.sampled_from([None, 1.5, 7.0]),
    )
    return st.builds(
        Step,
        st.dictionaries(st.integers(1, 5), row, max_size=5),
        MODES,
        st.one_of(st.none(), st.none(), st.integers(1, 3)),
        st.sampled_from([False, False, True]),
        st.frozensets(st.integers(1, 5), max_size=2),
    )


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """Both vendors, for all examples of this file."""
    with Sandbox(enforce_limits=False) as running:
        yield running


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> pytest.TempPathFactory:
    """A place for every example's project."""
    return tmp_path_factory


def opened(folders: pytest.TempPathFactory, sandbox: Sandbox) -> Shop:
    """An empty shop and vendors without users."""
    sandbox.reset()
    return Shop(folders.mktemp("shop"), sandbox)


def build(shop: Shop, vendor: str, step: Step, refused: list[str]) -> dict[str, Any]:
    """The model and the declaration of a step; the options of its sync."""
    shop.customers(step.select)
    (shop.braze if vendor == "braze" else shop.iterable)(step.mode)
    shop.sandbox.clear_faults()
    if refused:
        shop.sandbox.fault("item", vendor, ids=refused)
    return {
        "limit": step.limit,
        "full_refresh": step.full_refresh,
        "yes_delete": frozenset({f"{vendor}_customers"}),
    }


def changes(counts: Counts | PlanCounts) -> int:
    """How many changes a sync made, or a plan found."""
    if isinstance(counts, PlanCounts):
        return counts.create + counts.update + counts.delete + counts.skip
    done = counts.created + counts.updated + counts.deleted
    return done + counts.skipped + counts.failed + counts.unknown


EMAILS = st.sampled_from(
    ["ann@example.com", "Ann@example.com ", "bo@example.com", "cy@example.com", "broken", "", None]
)


@pytest.mark.parametrize("vendor", ["braze", "iterable"])
@FEW
@given(history=st.lists(steps(EMAILS), min_size=1, max_size=3))
def test_a_sync_makes_as_many_changes_as_the_plan_before_it_said(
    folders: pytest.TempPathFactory, sandbox: Sandbox, vendor: str, history: list[Step]
) -> None:
    shop = opened(folders, sandbox)
    for step in history:
        refused = [str(key) for key in step.refused] + ["bo@example.com"] * (2 in step.refused)
        options = build(shop, vendor, step, refused)
        plan = shop.plan(**options)
        result = shop.sync(**options)
        assert changes(plan.counts) == changes(result.counts)
        assert (plan.counts.held, plan.counts.unchanged) == (result.counts.held, result.counts.unchanged)
        assert plan.rows == result.rows == len(step.rows)


def values(row: Row) -> dict[str, Any]:
    """City and value of a row, as the vendor has them."""
    return {name: value for name, value in (("city", row[1]), ("ltv", row[2])) if value is not None}


@FEW
@given(history=st.lists(steps(), min_size=2, max_size=5))
def test_no_interleaving_of_syncs_loses_a_user_of_braze(
    folders: pytest.TempPathFactory, sandbox: Sandbox, history: list[Step]
) -> None:
    shop = opened(folders, sandbox)
    for step in history:
        shop.sync(**build(shop, "braze", step, [str(key) for key in step.refused]))
    last = history[-1]
    done = shop.sync(**{**build(shop, "braze", last, []), "limit": None, "full_refresh": True})
    assert done.status == "success"
    users = {
        key: {n.removeprefix("home_"): v for n, v in user.items()}
        for key, user in sandbox.braze_users.items()
    }
    for key, row in last.rows.items():
        assert users[str(key)] == values(row)
    if last.mode == "sync":
        assert set(users) == {str(key) for key in last.rows}
    assert shop.sync(**build(shop, "braze", Step(last.rows, last.mode), [])).requests == 0


@FEW
@given(history=st.lists(steps(), min_size=2, max_size=5))
def test_no_interleaving_of_syncs_mixes_two_records_of_one_user_at_iterable(
    folders: pytest.TempPathFactory, sandbox: Sandbox, history: list[Step]
) -> None:
    """Customers 1 and 4, and 2 and 5, have the same address; the lower number has the user."""

    def addressed(step: Step) -> Step:
        rows = {key: (f"u{key % 3}@example.com", *row[1:]) for key, row in step.rows.items()}
        return Step(rows, step.mode, step.limit, step.full_refresh, step.refused)

    shop = opened(folders, sandbox)
    history = [addressed(step) for step in history]
    for step in history:
        refused = sorted({f"u{key % 3}@example.com" for key in step.refused})
        shop.sync(**build(shop, "iterable", step, refused))
    last = history[-1]
    shop.sync(**{**build(shop, "iterable", last, []), "limit": None, "full_refresh": True})
    users = {
        email: {name: value for name, value in user.items() if name in ("city", "ltv")}
        for email, user in sandbox.iterable_users.items()
    }
    holders: dict[str, Row] = {}
    for _, row in sorted(last.rows.items()):
        holders.setdefault(str(row[0]), row)
    for email, row in holders.items():
        assert users[email] == values(row)
    if last.mode == "sync":
        assert set(users) == set(holders)
