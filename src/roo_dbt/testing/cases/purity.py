"""Building requests and reading answers depends on nothing but what goes in."""

from __future__ import annotations

import copy
import json
import socket
from typing import Any, NoReturn

import pytest

from roo_dbt.records import Answer
from roo_dbt.testing.bench import SECRET, Bench
from roo_dbt.testing.declared import Declared


class PurityCases(Declared):
    """`item`, `request` and `outcomes` on their own."""

    def test_the_same_change_makes_the_same_request(self, bench: Bench) -> None:
        """In every run, from every instance."""
        change = bench.create(bench.record())
        first, second = (
            [(item.body, item.match, item.batch, call.request([item])) for call, item in bench.items(change)]
            for _ in range(2)
        )
        assert first, "no call sends anything for a new record"
        assert first == second

    def test_a_call_needs_no_operation_that_it_does_not_name(self, bench: Bench) -> None:
        """It is not asked about one: what it says to it would be lost."""
        old, new = bench.record(), bench.changed(bench.record())
        moved = bench.with_other_identity(old, 2)
        changes = (
            bench.create(new),
            bench.update(old, new),
            bench.update(old, moved),
            bench.update(old, old, returned=True, whole=True),
            bench.update(old, old, departs=True),
            bench.delete(old),
            bench.delete(old, clears=True),
        )
        for change in changes:
            for call in bench.object().calls():
                if not call.concerns(change):
                    assert not call.item(change), f"{call.name} does not name {change.operation} and needs it"

    def test_a_change_is_left_as_it_is(self, bench: Bench) -> None:
        """The runner shows it, and sends it again."""
        change = bench.create({**bench.record(), "nested": {"list": [1, 2]}})
        before = copy.deepcopy(change)
        bench.items(change)
        assert change == before

    def test_building_a_request_asks_nobody(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        """What must be asked is asked in `prepare`, or is a call of its own."""

        def refuse(*_: Any) -> NoReturn:
            raise AssertionError("opened a connection while a request was built")

        monkeypatch.setattr(socket.socket, "connect", refuse)
        for call, item in bench.items(bench.create(bench.record())):
            call.request([item])

    def test_an_answer_is_read_the_same_twice(self, bench: Bench) -> None:
        """And the reading does not depend on what was read before."""
        for call, item in bench.items(bench.create(bench.record())):
            request = call.request([item])
            with bench.lane() as lane:
                answer = lane.send(request)
            assert self._reading(call, item, answer) == self._reading(call, item, answer)

    @staticmethod
    def _reading(call: Any, item: Any, answer: Answer) -> object:
        call.judge(answer)
        return list(call.outcomes([item], answer))

    def test_no_name_stands_twice_in_an_object_of_a_body(self, bench: Bench) -> None:
        """Which of the two a parser takes is anybody's guess."""

        def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            names = [name for name, _ in pairs]
            assert len(names) == len(set(names)), f"named twice in one object: {sorted(names)}"
            return dict(pairs)

        changes = [bench.create(bench.record())]
        if self.kind().modes:
            changes.append(bench.update(bench.record(), bench.changed(bench.record())))
        for change in changes:
            for call, item in bench.items(change):
                body = call.request([item]).body
                if body:
                    json.loads(body, object_pairs_hook=once)

    def test_a_request_is_a_path_without_the_key(self, bench: Bench) -> None:
        """Scheme and host are the app's; the key belongs into a header, which no log shows."""
        for call, item in bench.items(bench.create(bench.record())):
            request = call.request([item])
            assert request.path.startswith("/")
            assert not request.path.startswith("//")
            shown = f"{request.path} {dict(request.params)} {(request.body or b'').decode()}"
            assert SECRET not in shown
