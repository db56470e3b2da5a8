"""Lists and groups that records join and leave."""

from __future__ import annotations

from roo_dbt.testing.bench import Bench
from roo_dbt.testing.declared import Declared, applies, has_groups, removes


class GroupCases(Declared):
    """Memberships; a fake that knows its members is asked, another one is looked at for requests."""

    @applies(has_groups)
    def test_a_new_record_joins_a_group(self, bench: Bench) -> None:
        """The user is made and joins in the same run."""
        record = bench.member_of(bench.record(), 0)
        shipped = bench.ship(bench.create(record))
        assert shipped.statuses == ["accepted"], shipped.said
        assert bench.is_member(record, 0) in (True, None)
        assert bench.holds(record, self.text_field)

    @applies(has_groups)
    def test_an_existing_record_joins_a_group(self, bench: Bench) -> None:
        """Nothing else of it changes."""
        before = bench.member_of(bench.record())
        after = bench.member_of(bench.record(), 0)
        bench.ship(bench.create(before))
        shipped = bench.ship(bench.update(before, after))
        assert shipped.statuses == ["accepted"], shipped.said
        assert shipped.requests, "nothing was sent for a user who joins"
        assert bench.is_member(after, 0) in (True, None)
        assert bench.is_known(after) in (True, None)

    @applies(has_groups)
    def test_a_record_joins_several_groups(self, bench: Bench) -> None:
        """All of them, when there are several."""
        numbers = range(2 if self.joined()[0].is_many else len(self.joined()))
        record = bench.member_of(bench.record(), *numbers)
        shipped = bench.ship(bench.create(record))
        assert shipped.statuses == ["accepted"], shipped.said
        assert all(bench.is_member(record, number) in (True, None) for number in numbers)

    @applies(has_groups)
    def test_only_who_should_joins(self, bench: Bench) -> None:
        """The others of the same batch do not."""
        inside, outside = bench.member_of(bench.record(1), 0), bench.member_of(bench.record(2))
        bench.ship(bench.create(inside), bench.create(outside))
        assert bench.is_member(inside, 0) in (True, None)
        assert bench.is_member(outside, 0) in (False, None)

    @applies(has_groups)
    def test_a_record_leaves_a_group(self, bench: Bench) -> None:
        """And stays a user."""
        before, after = bench.member_of(bench.record(), 0), bench.member_of(bench.record())
        bench.ship(bench.create(before))
        shipped = bench.ship(bench.update(before, after))
        assert shipped.statuses == ["accepted"], shipped.said
        assert shipped.requests, "nothing was sent for a user who leaves"
        assert bench.is_member(before, 0) in (False, None)
        assert bench.is_known(before) in (True, None)

    @applies(has_groups)
    def test_a_record_that_departs_leaves_its_groups(self, bench: Bench) -> None:
        """Also under a mode that keeps the user."""
        before = bench.member_of(bench.record(), 0)
        bench.ship(bench.create(before))
        shipped = bench.ship(bench.update(before, bench.member_of(bench.record()), departs=True))
        assert shipped.statuses == ["accepted"], shipped.said
        assert bench.is_member(before, 0) in (False, None)

    @applies(lambda declared: has_groups(declared) and removes(declared))
    def test_a_cleared_record_leaves_its_groups(self, bench: Bench) -> None:
        """`on_removal: clear` takes it out of everything."""
        before = bench.member_of(bench.record(), 0)
        bench.ship(bench.create(before))
        shipped = bench.ship(bench.delete(before, clears=True))
        assert shipped.statuses == ["accepted"], shipped.said
        assert bench.is_member(before, 0) in (False, None)

    @applies(has_groups)
    def test_what_groups_need_is_made_once(self, bench: Bench) -> None:
        """The second destination of a run finds what the first one made."""
        record = bench.member_of(bench.record(), 0)
        bench.ship(bench.create(record))
        before = len(bench.server.received)
        shipped = bench.ship(bench.update(record, bench.changed(record)))
        prepared = bench.server.received[before : len(bench.server.received) - len(shipped.requests)]
        assert [request.text for request in prepared if request.method != "GET"] == []
