"""Records that are new, changed or gone."""

from __future__ import annotations

from roo_dbt.testing.bench import Bench, written
from roo_dbt.testing.declared import (
    Declared,
    applies,
    clears_by_null,
    consent_fields,
    enriches,
    has_modes,
    holds_consent,
    removes,
)


class WritingCases(Declared):
    """Creating, updating, deleting."""

    def test_new_records_are_created(self, bench: Bench) -> None:
        """All of them, with their values."""
        records = [bench.record(number) for number in (1, 2, 3)]
        shipped = bench.ship(*(bench.create(record) for record in records))
        assert shipped.problem is None
        assert shipped.statuses == ["accepted"] * 3, shipped.said
        assert all(bench.holds(record, self.text_field, self.other_field) for record in records)

    def test_a_null_in_a_new_record_is_no_trouble(self, bench: Bench) -> None:
        """There is nothing to clear yet."""
        record = {**bench.record(), self.text_field: None}
        assert bench.ship(bench.create(record)).statuses == ["accepted"]
        assert bench.holds(record, self.other_field)

    @applies(has_modes)
    def test_a_changed_record_is_updated(self, bench: Bench) -> None:
        """With the new value, for the same user."""
        old = bench.record()
        new = bench.changed(old)
        bench.ship(bench.create(old))
        shipped = bench.ship(bench.update(old, new))
        assert shipped.statuses == ["accepted"], shipped.said
        assert bench.holds(new, self.text_field)

    @applies(has_modes)
    def test_an_update_leaves_the_other_fields_alone(self, bench: Bench) -> None:
        """Only what changed is sent, and what was there stays."""
        old = bench.record()
        bench.ship(bench.create(old))
        shipped = bench.ship(bench.update(old, bench.changed(old)))
        sent = " ".join(request.text for request in shipped.requests)
        assert str(old[self.other_field]) not in sent, "sent a field that did not change"
        assert bench.holds(old, self.other_field), "an update emptied a field that did not change"

    @applies(clears_by_null)
    def test_a_field_that_became_null_is_cleared(self, bench: Bench) -> None:
        """`nulls: clear` is the default."""
        old = bench.record()
        bench.ship(bench.create(old))
        shipped = bench.ship(bench.update(old, {**old, self.text_field: None}))
        assert shipped.statuses == ["accepted"], shipped.said
        assert shipped.requests, "nothing was sent for a field that became null"
        users = bench.vendor.users()
        if users is not None:
            assert users[bench.identity(old)].get(self.text_field) in (None, "")

    @applies(has_modes)
    def test_a_whole_record_goes_with_every_field(self, bench: Bench) -> None:
        """As `--full-refresh` asks for; consent, too, with `--resend-subscriptions`."""
        record = bench.record()
        shipped = bench.ship(bench.update(record, record, whole=True, resend=holds_consent(type(self))))
        assert shipped.statuses == ["accepted"], shipped.said
        assert bench.holds(record, self.text_field, self.other_field)

    @applies(lambda declared: has_modes(declared) and holds_consent(declared))
    def test_a_whole_record_does_not_repeat_consent(self, bench: Bench) -> None:
        """The user may have chosen otherwise since: only a changed value goes."""
        record = bench.record()
        shipped = bench.ship(bench.update(record, record, whole=True))
        assert shipped.statuses == ["accepted"], shipped.said
        consent = [name for name in consent_fields(type(self)) if record.get(name) is not None]
        assert not any(written(record[name]) in one.text for one in shipped.requests for name in consent)

    @applies(has_modes)
    def test_sending_a_record_twice_does_no_harm(self, bench: Bench) -> None:
        """After a crash the last second is sent again."""
        record = bench.record()
        for _ in range(2):
            assert bench.ship(bench.create(record)).statuses == ["accepted"]
        assert bench.holds(record, self.text_field, self.other_field)
        users = bench.vendor.users()
        assert users is None or len(users) == 1

    @applies(has_modes)
    def test_a_changed_identifier_leads_to_a_user_with_the_whole_record(self, bench: Bench) -> None:
        """Renamed if the vendor can; else the new one gets everything."""
        old = bench.record(1)
        new = bench.with_other_identity(old, 2)
        bench.ship(bench.create(old))
        shipped = bench.ship(bench.update(old, new))
        assert shipped.statuses == ["accepted"], shipped.said
        if bench.vendor.users() is not None:
            assert bench.holds(new, self.text_field, self.other_field)
        else:
            sent = " ".join(request.text for request in shipped.requests)
            assert self.identity(new) in sent
            assert str(old[self.other_field]) in sent or self.identity(old) in sent

    @applies(removes)
    def test_a_record_that_left_is_deleted(self, bench: Bench) -> None:
        """And nobody else."""
        gone, kept = bench.record(1), bench.record(2)
        bench.ship(bench.create(gone), bench.create(kept))
        shipped = bench.ship(bench.delete(gone))
        assert shipped.statuses == ["accepted"], shipped.said
        names = {self.identity(gone), *(str(gone[field]) for field in self.identifier().fields)}
        assert any(name in request.text for request in shipped.requests for name in names)
        assert bench.is_known(gone) in (False, None)
        assert bench.is_known(kept) in (True, None)

    @applies(removes)
    def test_a_user_who_is_gone_already_counts_as_deleted(self, bench: Bench) -> None:
        """The wish is fulfilled."""
        record = bench.record()
        bench.ship(bench.create(record))
        for _ in range(2):
            assert bench.ship(bench.delete(record)).statuses == ["accepted"]

    @applies(removes)
    def test_clearing_on_removal_keeps_the_user(self, bench: Bench) -> None:
        """`on_removal: clear` empties the fields and deletes nobody."""
        record = bench.record()
        bench.ship(bench.create(record))
        shipped = bench.ship(bench.delete(record, clears=True))
        assert shipped.statuses == ["accepted"], shipped.said
        users = bench.vendor.users()
        if users is None:
            assert shipped.requests, "nothing was sent to clear the fields"
        else:
            assert bench.is_known(record), "deleted a user whose fields were to be cleared"
            assert users[bench.identity(record)].get(self.text_field) in (None, "")

    @applies(has_modes)
    def test_a_record_that_departs_keeps_its_user(self, bench: Bench) -> None:
        """It left the model under a mode that keeps users: at most its groups change."""
        record = bench.record()
        bench.ship(bench.create(record))
        shipped = bench.ship(bench.update(record, record, departs=True))
        assert shipped.statuses == ["accepted"], shipped.said
        assert bench.is_known(record) in (True, None)

    @applies(enriches)
    def test_enrich_creates_nobody(self, bench: Bench) -> None:
        """A user whom the vendor does not have stays absent."""
        stranger = bench.record(3)
        shipped = bench.ship(bench.create(stranger), mode="enrich")
        assert shipped.statuses in (["accepted"], ["skipped"]), shipped.said
        assert bench.is_known(stranger) in (False, None)

    @applies(enriches)
    def test_enrich_updates_who_is_there(self, bench: Bench) -> None:
        """A record that is new to us may be an old user."""
        known = bench.record()
        bench.ship(bench.create(known))
        shipped = bench.ship(bench.create(bench.changed(known)), mode="enrich")
        if bench.vendor.users() is not None:
            assert shipped.statuses == ["accepted"], shipped.said
            assert bench.holds(bench.changed(known), self.text_field)
