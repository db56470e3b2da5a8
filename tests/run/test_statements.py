"""What a run costs the warehouse: no statement for a record or a batch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from tests.run.shop import Shop

from roo_dbt.run.paging import PAGE_SIZE, page_ranges
from roo_dbt.warehouse import Session, Warehouse
from roo_dbt.warehouse.duckdb import DuckDBSession
from roo_dbt.warehouse.postgres import PostgresSession

ALSO_ELSEWHERE = True

MANY = "SELECT i AS id, 'u' || i || '@example.com' AS email, 'Oslo' AS city, i AS ltv FROM range(0, {}) r(i)"


def test_ten_times_the_records_take_no_more_statements(shop: Shop) -> None:
    shop.roo["acknowledge_seconds"] = 60
    shop.customers(MANY.format(200))
    few = shop.sync(full_refresh=True)
    shop.customers(MANY.format(2_000))
    many = shop.sync(full_refresh=True)
    again = shop.sync(full_refresh=True)
    assert (few.requests, again.requests) == (3, 27)
    assert 0 < many.statements <= few.statements + 10
    assert again.statements <= few.statements + 10
    written = json.loads((shop.folder / "target" / "roo_results.json").read_text())
    assert written["results"][0]["statements"] == again.statements


def test_a_million_changes_take_forty_pages() -> None:
    pages = list(page_ranges(1_000_000))
    assert len(pages) <= 40
    assert sum(size for _, size in pages) == 1_000_000
    assert [after for after, _ in pages] == list(range(0, 1_000_000, PAGE_SIZE))


def test_every_page_is_one_statement(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    read = watched(monkeypatch)
    monkeypatch.setattr("roo_dbt.run.paging.PAGE_SIZE", 100)
    shop.customers(MANY.format(250))
    assert shop.plan().counts.create == 250
    assert len(read) == 3
    assert shop.sync().counts.created == 250
    assert len(read) == 6


@pytest.mark.slow
def test_100_000_changes_take_four_pages(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    read = watched(monkeypatch)
    shop.customers(MANY.format(100_000))
    assert shop.sync().counts.created == 100_000
    assert len(read) == 4


def watched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The page queries of whatever runs from now on."""
    read: list[str] = []

    def watch(kind: type[Session]) -> None:
        run = kind.run

        def noting(self: Session, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
            read.extend([sql] if sql.startswith("SELECT roo_seq, roo_operation") else [])
            return run(self, sql, parameters)

        monkeypatch.setattr(kind, "run", noting)

    watch(DuckDBSession)
    watch(PostgresSession)
    return read


def test_bytes_are_told_where_the_engine_tells_them(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shop.sync().bytes_scanned is None
    count = Warehouse.count

    def telling(self: Warehouse, label: str) -> None:
        count(self, label)
        self.note_scanned(label, 1_000)

    monkeypatch.setattr(Warehouse, "count", telling)
    result = shop.sync()
    assert result.bytes_scanned == 1_000 * result.statements
    written = json.loads((shop.folder / "target" / "roo_results.json").read_text())
    assert written["results"][0]["bytes_scanned"] == result.bytes_scanned
