"""Values of every kind, the wrong ones included."""

from __future__ import annotations

from roo_dbt.records import NOT_FINITE
from roo_dbt.testing.bench import Bench
from roo_dbt.testing.declared import Declared, applies, has_wrong_values, takes_text

ODD = 'Zoë "the 🦘" 中文 \\ ' + "a\tb"


class ValueCases(Declared):
    """What is in the fields."""

    @applies(takes_text)
    def test_unicode_quotes_and_tabs_arrive_as_they_are(self, bench: Bench) -> None:
        """Built by a JSON library, not by hand."""
        record = bench.changed(bench.record(), ODD)
        shipped = bench.ship(bench.create(record))
        assert shipped.statuses == ["accepted"], shipped.said
        assert bench.holds(record, self.text_field)

    def test_a_record_without_its_identifier_is_refused(self, bench: Bench) -> None:
        """Null or blank, before anything of it is sent; the others go."""
        blank = dict.fromkeys(self.identifier().fields, "  ")
        null = dict.fromkeys(blank)
        records = [bench.record(1), {**bench.record(2), **null}, {**bench.record(3), **blank}]
        shipped = bench.ship(*(bench.create(record) for record in records))
        assert shipped.statuses == ["accepted", "failed", "failed"], shipped.said
        codes = {outcome.code for outcome in shipped.outcomes.values() if outcome.status == "failed"}
        assert codes == {"missing_identifier"}

    @applies(takes_text)
    def test_text_that_is_not_unicode_is_refused(self, bench: Bench) -> None:
        """A lone surrogate cannot be written as UTF-8; the others go."""
        shipped = bench.ship(
            bench.create(bench.changed(bench.record(1), "half \ud83e")), bench.create(bench.record(2))
        )
        assert shipped.problem is None, shipped.said
        assert shipped.statuses == ["failed", "accepted"], shipped.said

    def test_a_number_that_json_cannot_say_never_leaves(self, bench: Bench) -> None:
        """NaN and infinity come marked; the mark must not reach the vendor."""
        shipped = bench.ship(
            bench.create(bench.changed(bench.record(1), f"{NOT_FINITE}NaN")), bench.create(bench.record(2))
        )
        assert shipped.problem is None, shipped.said
        assert shipped.statuses[1] == "accepted", shipped.said
        assert not any("roo:" in request.text for request in shipped.requests)

    def test_an_empty_text_is_no_trouble(self, bench: Bench) -> None:
        """Sent or refused, but told either way."""
        shipped = bench.ship(bench.create(bench.changed(bench.record(), "")))
        assert shipped.problem is None, shipped.said
        assert len(shipped.outcomes) == 1

    def test_a_value_of_another_kind_is_told(self, bench: Bench) -> None:
        """A list where a text is expected: sent or refused, never an exception."""
        changes = [
            bench.create(bench.changed(bench.record(n), v))
            for n, v in enumerate(([1, "a"], {"a": 1}, 7, True))
        ]
        shipped = bench.ship(*changes)
        assert shipped.problem is None, shipped.said
        assert len(shipped.outcomes) == len(changes)

    @applies(has_wrong_values)
    def test_wrong_values_fail_alone(self, bench: Bench) -> None:
        """With a reason that does not quote them, until the record changes."""
        for wrong in self.wrong_values:
            records = [bench.record(1), {**bench.record(2), **wrong}, bench.record(3)]
            shipped = bench.ship(*(bench.create(record) for record in records))
            assert shipped.statuses == ["accepted", "failed", "accepted"], f"{wrong}: {shipped.said}"
            outcome = shipped.outcomes[max(shipped.outcomes) - 1]
            assert outcome.permanent, f"{wrong}: would be sent again in every run"
            assert outcome.message, f"{wrong}: no reason"
            quoted = [v for v in wrong.values() if isinstance(v, str) and len(v) > 3 and v in outcome.message]
            assert quoted == [], "the reason quotes a value"
