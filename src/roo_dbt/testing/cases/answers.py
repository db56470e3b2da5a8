"""What the vendor may answer, and what must follow."""

from __future__ import annotations

from roo_dbt.destinations.protocol import Send
from roo_dbt.errors import AppRefused, RooError
from roo_dbt.records import Finding, Outcome
from roo_dbt.testing.bench import SECRET, Bench, Shipped
from roo_dbt.testing.declared import Declared, KnownError, applies, reads_answers
from roo_dbt.testing.server import CUT, Received, Reply

_MANY = 12
"""More attempts than anybody makes."""


class AnswerCases(Declared):
    """Refusals, limits, trouble on the line."""

    def _is_repeatable(self, bench: Bench) -> bool:
        return all(call.repeatable for call, _ in bench.items(bench.create(bench.record())))

    def _ship(self, bench: Bench, *faults: Reply, number: int = 2) -> Shipped:
        return bench.ship(*(bench.create(bench.record(n)) for n in range(1, number + 1)), faults=faults)

    def _survives(self, bench: Bench, fault: Reply) -> None:
        shipped = self._ship(bench, fault)
        assert shipped.problem is None, shipped.said
        unsure = {"accepted"} if self._is_repeatable(bench) else {"accepted", "unknown"}
        assert len(shipped.outcomes) == 2
        assert set(shipped.statuses) <= unsure, shipped.said

    def test_every_change_gets_one_outcome(self, bench: Bench) -> None:
        """In the order of the items, one for each."""
        shipped = self._ship(bench, number=5)
        assert shipped.problem is None, shipped.said
        assert len(shipped.outcomes) == 5

    def test_a_rate_limit_is_waited_for(self, bench: Bench) -> None:
        """As long as the vendor says, and then the request goes again."""
        shipped = self._ship(bench, self.rate_limit)
        assert shipped.statuses == ["accepted"] * 2, shipped.said
        assert shipped.waited >= self.rate_limit_seconds - 0.5, "did not wait as long as the vendor asked"

    def test_a_busy_vendor_is_asked_again(self, bench: Bench) -> None:
        """503."""
        self._survives(bench, Reply(503))

    def test_a_server_error_is_asked_again_or_left_open(self, bench: Bench) -> None:
        """500: again if twice is harmless, else unknown."""
        self._survives(bench, Reply(500, text="oops"))

    def test_a_lost_answer_is_asked_again_or_left_open(self, bench: Bench) -> None:
        """The same for a connection that breaks."""
        self._survives(bench, CUT)

    def test_a_vendor_that_never_answers_takes_nothing_as_sent(self, bench: Bench) -> None:
        """What has no outcome stays due."""
        shipped = self._ship(bench, *[Reply(503)] * (_MANY * 4))
        assert "accepted" not in shipped.statuses
        assert isinstance(shipped.problem, RooError) or set(shipped.statuses) <= {"failed", "unknown"}

    def test_a_refused_key_ends_the_app(self, bench: Bench) -> None:
        """401: nothing is accepted, and the message does not quote the key."""
        quoting = Reply(401, json={"message": f"{SECRET} is no key"})
        shipped = self._ship(bench, *[quoting] * _MANY)
        assert isinstance(shipped.problem, AppRefused), shipped.said
        assert shipped.outcomes == {}
        assert SECRET not in shipped.said

    def test_a_request_too_large_is_split(self, bench: Bench) -> None:
        """413: the halves go, and a single record that is too large fails."""
        sizes = {call.batch_size for call, _ in bench.items(bench.create(bench.record()))}
        shipped = self._ship(bench, Reply(413))
        assert shipped.problem is None, shipped.said
        wanted = ["accepted"] * 2 if min(sizes) > 1 else ["accepted", "failed"]
        assert sorted(shipped.statuses) == wanted, shipped.said

    def test_a_record_that_spoils_its_request_is_found(self, bench: Bench) -> None:
        """The vendor refuses every request that holds it; the others arrive."""
        answer, culprit = bench.vendor.answer, self.identity(bench.record(2))

        def refusing(received: Received) -> Reply:
            return self.refusal if culprit in received.text else answer(received)

        bench.vendor.answer = refusing  # type: ignore[method-assign]
        shipped = self._ship(bench, number=4)
        assert shipped.problem is None, shipped.said
        assert shipped.statuses == ["accepted", "failed", "accepted", "accepted"], shipped.said

    def test_a_refusal_that_quotes_the_key_is_masked(self, bench: Bench) -> None:
        """Vendors like to repeat what they got."""
        quoting = Reply(400, json={"message": f"no {SECRET}", "errors": [f"no {SECRET}"], "msg": SECRET})
        assert SECRET not in self._ship(bench, *[quoting] * _MANY).said

    @applies(reads_answers)
    def test_a_page_instead_of_an_answer_is_no_success(self, bench: Bench) -> None:
        """A proxy's login page comes with 200."""
        page = Reply(200, {"content-type": "text/html"}, text="<html>Welcome</html>")
        shipped = self._ship(bench, *[page] * (_MANY * 4))
        assert "accepted" not in shipped.statuses

    @applies(reads_answers)
    def test_an_answer_that_names_nobody_is_no_success(self, bench: Bench) -> None:
        """Success is what the vendor says, not what it leaves out."""
        shipped = self._ship(bench, *[Reply(200, json={})] * (_MANY * 4))
        assert "accepted" not in shipped.statuses

    def test_the_known_errors_mean_what_they_should(self, bench: Bench) -> None:
        """Those that the subclass lists."""
        for error in self.errors:
            shipped = self._ship(bench, error.reply)
            assert self._means(error, shipped), (
                f"HTTP {error.reply.status} is not {error.means}: {shipped.said}"
            )

    @staticmethod
    def _means(error: KnownError, shipped: Shipped) -> bool:
        if error.means == "fatal":
            return isinstance(shipped.problem, AppRefused)
        refused = [outcome for outcome in shipped.outcomes.values() if _is_refused(outcome)]
        if error.means == "refused":
            return bool(refused)
        return shipped.problem is None and shipped.repeats > 0 and not refused

    def test_check_says_whether_the_key_is_good(self, bench: Bench) -> None:
        """Yes with the fake, no with a vendor that refuses; without a trace, and without the key."""
        before = bench.vendor.users()
        with bench.lane() as lane:
            assert [one.message for one in bench.app.check(lane.send, [self.object]) if not one.ok] == []
            assert bench.vendor.users() == before, "check left something behind"
            asked = len(bench.server.received)
            bench.server.faults = [Reply(401, json={"message": f"{SECRET} is no key"})] * _MANY
            findings = self._checked(bench, lane.send)
        is_asked = len(bench.server.received) > asked
        assert not is_asked or any(not finding.ok for finding in findings)
        assert not any(SECRET in finding.message for finding in findings)

    def _checked(self, bench: Bench, send: Send) -> list[Finding]:
        try:
            return list(bench.app.check(send, [self.object]))
        except RooError as error:
            return [Finding("check", ok=False, message=str(error))]


def _is_refused(outcome: Outcome) -> bool:
    return outcome.status == "failed" and outcome.permanent
