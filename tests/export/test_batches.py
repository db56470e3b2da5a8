"""Requests are full, never too full, and there are no more of them than needed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roo_dbt.export.batch import Packer
from roo_dbt.records import ACCEPTED, Change, Item, Outcome

if TYPE_CHECKING:
    from tests.export.conftest import Bench


@pytest.mark.parametrize(("number", "size"), [(1, 75), (75, 75), (76, 75), (1000, 75), (7, 1), (0, 75)])
def test_requests_are_as_few_as_the_batch_size_allows(bench: Bench, number: int, size: int) -> None:
    ledger = bench.ship(bench.changes(number), bench.Call(batch_size=size))

    assert ledger.problem is None
    assert len(ledger.outcomes) == number
    assert ledger.requests == len(bench.vendor.received) == math.ceil(number / size)
    assert ledger.retries == 0


def test_a_batch_is_filled_across_pages(bench: Bench) -> None:
    pages = [bench.changes(20)[start : start + 2] for start in range(0, 20, 2)]
    with bench.lane() as lane:
        ledger = bench.ship_on(lane, pages, bench.Call(batch_size=5))

    assert sorted(bench.vendor.ids()) == [
        [0, 1, 2, 3, 4],
        [5, 6, 7, 8, 9],
        [10, 11, 12, 13, 14],
        list(range(15, 20)),
    ]
    assert ledger.requests == 4


def test_a_batch_is_cut_before_it_is_too_large(bench: Bench) -> None:
    changes = [bench.change(seq, text="x" * 400) for seq in range(6)]
    call = bench.Call(batch_size=75, max_bytes=1000)

    ledger = bench.ship(changes, call)

    assert ledger.with_status("accepted") == set(range(6))
    assert ledger.requests == 3
    assert all(len(received.body) <= 1000 for received in bench.vendor.received)


def test_a_record_larger_than_a_request_fails_with_its_size_and_the_others_go(bench: Bench) -> None:
    changes = [bench.change(0, text="x" * 5000), bench.change(1, text="ü" * 10)]

    ledger = bench.ship(changes, bench.Call(max_bytes=1000))

    assert bench.vendor.ids() == [[1]]
    failure = ledger.outcomes[0]
    assert (failure.status, failure.code, failure.permanent) == ("failed", "invalid_value", True)
    assert "5,033 bytes" in (failure.message or "")
    assert "1,000" in (failure.message or "")


def test_a_request_that_turns_out_too_large_is_cut_before_it_is_sent(bench: Bench) -> None:
    class Padded(bench.Call):  # type: ignore[name-defined, misc]
        """A call whose envelope grows with every item, which no estimate can know."""

        def request(self, items: Sequence[Item]) -> object:
            request = super().request(items)
            return type(request)("POST", request.path, request.body + b" " * 300 * (len(items) - 1))

    ledger = bench.ship(bench.changes(4), Padded(batch_size=4, max_bytes=500))

    assert sorted(bench.vendor.ids()) == [[0, 1], [2, 3]]
    assert ledger.with_status("accepted") == {0, 1, 2, 3}
    assert (ledger.requests, ledger.retries) == (2, 0)


def test_pages_are_read_only_as_far_as_there_is_work_for_them(bench: Bench) -> None:
    read: list[int] = []

    def pages() -> Iterator[Sequence[Change]]:
        for seq in range(1000):
            read.append(seq)
            yield [bench.change(seq)]

    furthest: list[int] = []

    def script(received: object) -> object:
        furthest.append(len(read) - len(bench.vendor.received))
        return bench.Reply()

    bench.vendor.script = script  # type: ignore[assignment]
    with bench.lane(threads=2) as lane:
        ledger = bench.ship_on(lane, pages(), bench.Call(batch_size=1))

    assert len(ledger.outcomes) == 1000
    assert max(furthest) <= 2 * 2 + 2


def test_the_second_call_of_a_change_waits_for_the_first_to_accept_it(bench: Bench) -> None:
    first, second = bench.Call(name="/first", batch_size=3), bench.Call(name="/second", batch_size=4)

    ledger = bench.ship(bench.changes(10), first, second)

    assert ledger.with_status("accepted") == set(range(10))
    assert (len(bench.vendor.ids("/first")), len(bench.vendor.ids("/second"))) == (4, 3)
    done: set[int] = set()
    for received in bench.vendor.received:
        if received.path == "/second":
            assert done.issuperset(received.ids)
        else:
            done.update(received.ids)


def test_sixty_four_threads_lose_nothing(bench: Bench) -> None:
    ledger = bench.ship(bench.changes(3000), bench.Call(batch_size=7), threads=64)

    assert ledger.with_status("accepted") == set(range(3000))
    assert ledger.requests == math.ceil(3000 / 7)


@given(
    texts=st.lists(st.text(max_size=40), max_size=60),
    size=st.integers(1, 9),
    max_bytes=st.integers(60, 400),
)
def test_batches_partition_the_items_and_respect_every_limit(
    fresh_bench: Callable[[], AbstractContextManager[Bench]], texts: list[str], size: int, max_bytes: int
) -> None:
    with fresh_bench() as bench:
        call = bench.Call(batch_size=size, max_bytes=max_bytes)
        items = [bench.item(bench.change(seq, text=text)) for seq, text in enumerate(texts)]
    packer = Packer(call)

    sendable = [item for item in items if packer.refusal(item) is None]
    batches = [batch for batch in (packer.add(item) for item in sendable) if batch]
    batches += packer.flush()

    assert [item for batch in batches for item in batch] == sendable
    for batch in batches:
        assert len(batch) <= size
        assert len(call.request(batch).body or b"") <= max_bytes
    for item in items:
        assert (item in sendable) == (len(call.request([item]).body or b"") <= max_bytes)


@settings(deadline=None, max_examples=50)
@given(
    needs=st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=40),
    sizes=st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 5)),
    page=st.integers(1, 7),
)
def test_each_call_gets_the_changes_that_need_it_in_as_few_requests_as_possible(
    fresh_bench: Callable[[], AbstractContextManager[Bench]],
    needs: list[tuple[bool, bool, bool]],
    sizes: tuple[int, int, int],
    page: int,
) -> None:
    with fresh_bench() as bench:

        def needed(stage: int) -> Callable[[Change], Item | Outcome | None]:
            return lambda change: bench.item(change) if needs[change.seq][stage] else None

        calls = [
            bench.Call(name=f"/{stage}", batch_size=sizes[stage], needs=needed(stage)) for stage in range(3)
        ]
        changes = bench.changes(len(needs))
        pages = [changes[start : start + page] for start in range(0, len(changes), page)]
        with bench.lane() as lane:
            ledger = bench.ship_on(lane, pages, *calls)

        assert ledger.outcomes == {change.seq: ACCEPTED for change in changes}
        for stage in range(3):
            wanted = [seq for seq, flags in enumerate(needs) if flags[stage]]
            sent = bench.vendor.ids(f"/{stage}")
            assert sorted(seq for ids in sent for seq in ids) == wanted
            assert len(sent) == math.ceil(len(wanted) / sizes[stage])


def test_items_of_different_batches_never_share_a_request(bench: Bench) -> None:
    packer = Packer(bench.Call(batch_size=2))
    items = [replace(bench.item(bench.change(seq)), batch=str(seq % 3)) for seq in range(8)]

    batches = [batch for batch in map(packer.add, items) if batch] + list(packer.flush())

    assert sorted(item.change.seq for batch in batches for item in batch) == list(range(8))
    assert all(len({item.batch for item in batch}) == 1 for batch in batches)
    assert not packer


def test_a_change_of_several_parts_is_accepted_when_the_last_of_them_is(bench: Bench) -> None:
    class Lists(bench.Call):  # type: ignore[name-defined,misc]
        def item(self, change: Change) -> Sequence[Item]:
            return [replace(bench.item(change), batch=name) for name in ("a", "b", "c")]

    ledger = bench.ship(bench.changes(10), Lists(batch_size=4))

    assert ledger.with_status("accepted") == set(range(10))
    assert len(ledger.outcomes) == 10
    assert ledger.requests == 9


def test_a_call_that_rests_goes_last_after_its_seconds_and_blocks_nobody(bench: Bench) -> None:
    class Late(bench.Call):  # type: ignore[name-defined,misc]
        after_seconds = 60.0

        def item(self, change: Change) -> Item | None:
            return bench.item(change) if change.seq % 2 else None

    before = bench.time.now
    now, late = bench.Call(name="/now", batch_size=5), Late(name="/late", batch_size=3)
    ledger = bench.ship(bench.changes(20), now, late)

    assert ledger.with_status("accepted") == set(range(20))
    assert bench.time.now - before >= 60
    assert [received.path for received in bench.vendor.received] == ["/now"] * 4 + ["/late"] * 4


def test_of_two_calls_that_go_last_the_earlier_goes_first_whichever_filled_up_first(bench: Bench) -> None:
    class Late(bench.Call):  # type: ignore[name-defined, misc]
        after_seconds = 60.0

    odd = Late(name="/odd", batch_size=3, needs=lambda change: bench.item(change) if change.seq % 2 else None)
    both = Late(name="/both", batch_size=1)
    ledger = bench.ship([bench.change(seq) for seq in (0, 2, 4, 1, 3)], odd, both)

    assert ledger.with_status("accepted") == {0, 1, 2, 3, 4}
    paths = [received.path for received in bench.vendor.received]
    assert paths == ["/odd"] + ["/both"] * 5
