"""What must hold for any two tables and any answers of the vendor, on Postgres."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.postgres_server import Server
from tests.properties.tables import Version, histories, on_postgres
from tests.properties.test_diff_properties import OUTCOMES, assert_vendor_has

from roo_dbt.records import Outcome
from roo_dbt.warehouse import Warehouse
from roo_dbt.warehouse.postgres import Postgres

# The same examples each time, as one database serves them all.
FEW = settings(deadline=None, max_examples=15, derandomize=True, suppress_health_check=list(HealthCheck))
HISTORIES = histories(least=2, engine="postgres")


@pytest.fixture(scope="module")
def warehouse(postgres: Server) -> Iterator[Warehouse]:
    """One database for all examples."""
    name = postgres.database()
    yield Postgres(postgres.credentials(name))
    postgres.drop(name)


@FEW
@given(HISTORIES, st.lists(st.booleans(), min_size=3, max_size=3))
def test_vendor_and_snapshot_are_what_the_model_is_and_the_next_sync_is_silent(
    warehouse: Warehouse, history: list[Version], refreshes: list[bool]
) -> None:
    with on_postgres(warehouse) as sync:
        for version, refresh in zip(history, refreshes, strict=False):
            sync.sync(version, full_refresh=refresh)
            assert_vendor_has(sync, version)
            assert sync.differences() == []
            again = sync.find(version)
            assert (again.found, again.held, again.unchanged) == (0, 0, len(version.keys))


@FEW
@given(HISTORIES, st.sets(st.integers(1, 12)), st.lists(OUTCOMES, min_size=3, max_size=3))
def test_no_refusal_or_interruption_loses_a_record(
    warehouse: Warehouse, history: list[Version], confirmed: set[int], outcomes: list[Outcome]
) -> None:
    with on_postgres(warehouse) as sync:
        for version, outcome in zip(history, outcomes, strict=False):
            sync.sync(version, lambda _: outcome)  # noqa: B023
        sync.sync(history[-1], full_refresh=True, confirmed=confirmed)
        sync.recover()
        sync.sync(history[-1], full_refresh=True)
        assert_vendor_has(sync, history[-1])
        assert sync.differences() == []
        assert sync.find(history[-1]).found == 0
