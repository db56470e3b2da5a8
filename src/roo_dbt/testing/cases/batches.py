"""How changes are put into requests."""

from __future__ import annotations

from math import ceil

from roo_dbt.destinations.protocol import Call
from roo_dbt.records import Item
from roo_dbt.testing.bench import Bench
from roo_dbt.testing.declared import Declared, applies, takes_text


class BatchCases(Declared):
    """Limits of count and size, at them and on both sides of them."""

    def _sizes(self, bench: Bench) -> list[int]:
        """The batch sizes of the calls that send something for a new record."""
        calls: dict[int, Call] = {id(call): call for call, _ in bench.items(bench.create(bench.record()))}
        return [call.batch_size for call in calls.values()]

    def _check(self, bench: Bench, beside: int) -> None:
        sizes = self._sizes(bench)
        number = max(sizes) + beside
        shipped = bench.ship(*(bench.create(bench.record(one)) for one in range(1, number + 1)))
        assert shipped.problem is None, shipped.said
        assert shipped.statuses == ["accepted"] * number, shipped.said
        assert shipped.batches == sum(ceil(number / size) for size in sizes)
        assert shipped.repeats == 0, "the vendor did not take a request of the declared size"

    def test_one_record_less_than_a_full_request(self, bench: Bench) -> None:
        """N - 1."""
        self._check(bench, -1)

    def test_a_full_request(self, bench: Bench) -> None:
        """N."""
        self._check(bench, 0)

    def test_one_record_more_than_a_full_request(self, bench: Bench) -> None:
        """N + 1."""
        self._check(bench, 1)

    def test_nothing_to_send_makes_no_request(self, bench: Bench) -> None:
        """An empty page is not an empty batch."""
        shipped = bench.ship()
        assert shipped.outcomes == {}
        assert shipped.requests == []

    @applies(takes_text)
    def test_no_request_is_larger_than_declared(self, bench: Bench) -> None:
        """In bytes, whatever the batch size would allow."""
        most = max(call.max_bytes for call, _ in bench.items(bench.create(bench.record())))
        text = "x" * int(most * 0.4)
        changes = [bench.create(bench.changed(bench.record(number), text)) for number in range(1, 5)]
        shipped = bench.ship(*changes)
        assert shipped.problem is None, shipped.said
        assert len(shipped.outcomes) == len(changes)
        assert all(len(request.body) <= most for request in shipped.requests)

    @applies(takes_text)
    def test_a_record_too_large_for_any_request_fails_alone(self, bench: Bench) -> None:
        """The others go."""
        most = max(call.max_bytes for call, _ in bench.items(bench.create(bench.record())))
        records = [bench.record(1), bench.changed(bench.record(2), "x" * (most + 1)), bench.record(3)]
        shipped = bench.ship(*(bench.create(record) for record in records))
        assert shipped.statuses == ["accepted", "failed", "accepted"], shipped.said

    def test_a_request_holds_every_record_once(self, bench: Bench) -> None:
        """None of them lost between the items and the body."""
        changes = [bench.create(bench.record(number)) for number in (1, 2, 3)]
        calls = bench.object().calls()
        for call in calls:
            items = [item for change in changes if isinstance(item := call.item(change), Item)]
            batch = [item for item in items if item.batch == items[0].batch][: call.batch_size]
            body = (call.request(batch).body or b"").decode() if batch else ""
            for item in batch:
                text = item.body.decode()
                assert body.count(text) >= 1, f"{call.name}: a record is missing in its request"
