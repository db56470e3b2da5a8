"""kill -9 at each step and at random moments: after one more run nothing is lost and nobody is locked out."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from tests.conftest import Tell
from tests.faults import ledger
from tests.faults.victim import STEPS, Step, Victims
from tests.run.shop import Shop, counted

from roo_dbt.run import retry
from roo_dbt.sandbox.log import Entry

RUNS = 200
RECORDS = 300
THREADS = 2
BATCH = 75


@dataclass
class Customers:
    """The model as we change it, and the random changes."""

    shop: Shop
    dice: random.Random
    rows: dict[int, tuple[str, float | None]] = field(default_factory=dict)

    def change(self) -> None:
        """Change about a tenth of the records, take some away and add some."""
        for key in self.dice.sample(sorted(self.rows), k=len(self.rows) // 10):
            self.rows[key] = (f"City {self.dice.random():.6f}", self.dice.choice([None, self.dice.random()]))
        for key in self.dice.sample(sorted(self.rows), k=min(len(self.rows), 1 + self.dice.randrange(11))):
            del self.rows[key]
        newest = max(self.rows, default=0)
        while len(self.rows) < RECORDS:
            newest += 1
            self.rows[newest] = ("Oslo", float(newest))
        values = ", ".join(
            f"({key}, 'u{key}@example.com', '{city}', {'NULL' if ltv is None else ltv})"
            for key, (city, ltv) in self.rows.items()
        )
        self.shop.customers(values)

    @property
    def for_braze(self) -> dict[str, dict[str, object]]:
        """Every user as Braze must have it."""
        return {
            str(key): {
                "email": f"u{key}@example.com",
                "home_city": city,
                **({} if ltv is None else {"ltv": ltv}),
            }
            for key, (city, ltv) in self.rows.items()
        }


def users(shop: Shop) -> dict[str, dict[str, object]]:
    """What Braze has."""
    return {
        key: {name: value for name, value in user.items() if value is not None}
        for key, user in shop.sandbox.braze_users.items()
    }


def iterable_users(shop: Shop) -> dict[str, object]:
    return {email: user.get("city") for email, user in shop.sandbox.iterable_users.items()}


def sent(entries: Sequence[Entry]) -> Counter[str]:
    """How often each record was sent, by vendor and what identifies it."""
    found: Counter[str] = Counter()
    for entry in entries:
        body = entry.body or {}
        for name, array in body.items():
            for one in array if isinstance(array, list) else ():
                key = one if isinstance(one, str) else one.get("external_id") or one.get("email")
                found[f"{entry.vendor} {name} {key}"] += 1
    return found


def settled(shop: Shop, customers: Customers) -> None:
    """The state of the world after one more run."""
    assert users(shop) == customers.for_braze
    assert iterable_users(shop) == {f"u{key}@example.com": city for key, (city, _) in customers.rows.items()}
    assert shop.sql("SELECT count(*) FROM main_roo.roo_locks WHERE run_id IS NOT NULL") == [(0,)]
    assert shop.sql("SELECT count(*) FROM main_roo.roo_acknowledged") == [(0,)]
    assert shop.sql("SELECT count(*) FROM main_roo.roo_destinations WHERE pending_run IS NOT NULL") == [(0,)]
    left = shop.sql("SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'changes__%'")
    assert left == []


@pytest.fixture
def both(shop: Shop) -> Customers:
    """Both vendors, in mode sync."""
    shop.braze(delete_limit="100%")
    shop.iterable(delete_limit="100%", mapping={"email": "email", "city": "city", "ltv": {"column": "ltv"}})
    shop.sandbox.latency = 0.01
    shop.write()
    return Customers(shop, random.Random(5))  # noqa: S311


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing_and_lock_nobody_out(both: Customers, tell: Tell) -> None:
    shop, dice, victims = both.shop, both.dice, Victims()
    both.change()
    assert victims.run(shop.folder, shop.environ) == 0
    both.change()
    began = time.monotonic()
    assert victims.run(shop.folder, shop.environ) == 0
    span = time.monotonic() - began
    todo: list[Step | None] = [*STEPS, *([None] * (RUNS - len(STEPS)))]
    dice.shuffle(todo)
    killed, twice, most = Counter[str](), 0, 0
    while todo:
        step = todo.pop()
        both.change()
        shop.sandbox.clear_requests()
        after = None if step else dice.uniform(0.0, span)
        code = victims.run(shop.folder, shop.environ, step=step, kill_after=after)
        assert code in (-9, 0), f"exit {code} instead of a death {step}"
        assert code == -9 or step is None, f"the step was not reached: {step}"
        killed["at a step" if step else "at random" if code == -9 else "too late"] += 1
        if code == 0:
            # It had ended already: not a kill, so once more, and sooner.
            todo.append(step)
            span *= 0.95
        last = max((entry.at for entry in shop.sandbox.requests), default=0.0)
        recent = [entry for entry in shop.sandbox.requests if entry.at > last - 1.0]
        report_code = victims.run(shop.folder, shop.environ)
        assert report_code == 0
        settled(shop, both)
        again = sum(times - 1 for times in sent(shop.sandbox.requests).values())
        assert again <= sum(entry.objects for entry in recent) + 2 * THREADS * BATCH
        twice, most = twice + again, max(most, again)
    assert killed["at a step"] + killed["at random"] == RUNS
    tell(
        f"{RUNS} runs with kill -9: {killed['at a step']} at {len(STEPS)} steps, {killed['at random']} at "
        f"random moments ({killed['too late']} more had ended before); after one more run "
        f"each: 0 records lost, 0 locks left, {twice} objects sent twice, {most} at most in one run"
    )


@pytest.mark.slow
def test_a_kill_sends_again_no_more_than_what_was_in_flight_or_not_yet_acknowledged(
    shop: Shop, tell: Tell
) -> None:
    victims, latency, acknowledged_every = Victims(), 0.15, 1.0
    shop.sandbox.latency = latency
    records = BATCH * 40
    shop.customers(ledger.MODEL.format(records + 1))
    shop.braze()
    shop.write()
    worst = 0
    for nth in (10, 20, 30):
        shop.sandbox.reset()
        shop.sql("DROP SCHEMA IF EXISTS main_roo CASCADE")
        step = Step("roo_dbt.transport", "Transport.send", after=True, nth=nth)
        assert victims.run(shop.folder, shop.environ, step=step, acknowledge=acknowledged_every) == -9
        before = list(shop.sandbox.requests)
        assert victims.run(shop.folder, shop.environ) == 0
        again = sum(times - 1 for times in sent(shop.sandbox.requests).values())
        # A second of answers, the time it takes to write them (as much again), and what was in flight.
        allowed = (2 * acknowledged_every / latency + 2) * THREADS * BATCH
        assert len(before) >= nth
        assert again <= allowed
        assert len(shop.sandbox.braze_users) == records
        worst = max(worst, again)
    tell(
        f"killed in the middle of {records} users at 1 s between acknowledgements: {worst} sent twice at most"
    )


@pytest.mark.parametrize(
    "step",
    [
        Step("roo_dbt.transport", "Transport.send"),
        Step("roo_dbt.transport", "Transport.send", after=True),
        Step("roo_dbt.state", "acknowledge"),
    ],
    ids=str,
)
def test_events_that_were_leaving_when_the_process_died_are_unknown_and_wait_to_be_asked_for(
    shop: Shop, step: Step
) -> None:
    ledger.declare(shop, "braze events", 8)
    shop.write()
    assert Victims().run(shop.folder, shop.environ, step=step) == -9
    arrived = len(shop.sandbox.braze_events)

    for _ in range(2):
        report = shop.report()
        assert (report.exit_code, counted(report.results[0])) == (1, {"unknown": 8})
        assert shop.sandbox.requests == []
    assert len(shop.sandbox.braze_events) == arrived

    assert retry(shop.options(), shop.environ) == 8
    assert counted(shop.sync()) == {"created": 8}
    assert len(shop.sandbox.braze_events) == arrived + 8
    assert counted(shop.sync()) == {"unchanged": 8}


def test_events_that_were_acknowledged_before_the_process_died_are_not_sent_again(shop: Shop) -> None:
    ledger.declare(shop, "braze events", 8)
    shop.write()
    step = Step("roo_dbt.run.syncing", "Sync._acknowledge", after=True)
    assert Victims().run(shop.folder, shop.environ, step=step) == -9

    assert counted(shop.sync()) == {"unchanged": 8}
    assert len(shop.sandbox.braze_events) == 8
