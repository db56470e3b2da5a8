"""Changes of which the vendor has only a part when the run ends: the next run sees to the whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import Any

import pytest
from tests.run.shop import Shop, counted
from tests.run.test_interruptions import SYNC, acknowledged, until

from roo_dbt.report.progress import SilentProgress
from roo_dbt.run import sync

COLUMNS = "id, email, city, ltv, vip"
LISTS = [{"name": "VIP", "column": "vip"}]
JOIN, LEAVE, RENAME, BULK = (
    f"/api/{path}"
    for path in ("lists/subscribe", "lists/unsubscribe", "users/updateEmail", "users/bulkUpdate")
)


@pytest.fixture
def club(shop: Shop) -> Shop:
    """Ann, who is in no list."""
    shop.destinations = []
    shop.roo["apps"]["iterable"]["settle_seconds"] = 0
    shop.iterable(groups=LISTS)
    shop.customers("(1, 'ann@x.org', 'Oslo', 1, false)", COLUMNS)
    shop.sync()
    return shop


class Impatient(SilentProgress):
    """Stops the run as soon as it waits."""

    def __init__(self) -> None:
        self.stop = threading.Event()

    def waiting(self, app: str, seconds: float, reason: str) -> None:  # noqa: ARG002 - any wait will do
        """Has enough of it."""
        self.stop.set()


def user(shop: Shop, email: str) -> dict[str, Any]:
    """The fields of a user, and the lists it is in."""
    lists = [name for name, members in shop.sandbox.iterable_lists.items() if email in members]
    return {**shop.sandbox.iterable_users[email], "lists": lists}


def refuse(shop: Shop, path: str, *emails: str) -> None:
    """Let a call refuse users."""
    shop.sandbox.fault("item", path, ids=list(emails))


def test_a_row_that_is_back_at_its_old_values_is_sent_again(club: Shop) -> None:
    refuse(club, JOIN, "ann@x.org")
    club.customers("(1, 'ann@x.org', 'Rome', 1, true)", COLUMNS)
    assert counted(club.sync()) == {"failed": 1}
    assert user(club, "ann@x.org")["city"] == "Rome"
    club.sandbox.clear_faults()
    club.customers("(1, 'ann@x.org', 'Oslo', 1, false)", COLUMNS)
    assert counted(club.sync()) == {"updated": 1}
    assert user(club, "ann@x.org") == {"city": "Oslo", "ltv": 1.0, "lists": []}
    assert counted(club.sync()) == {"unchanged": 1}


def test_a_null_that_is_back_clears_what_arrived(club: Shop) -> None:
    club.customers("(1, 'ann@x.org', NULL, 1, false)", COLUMNS)
    club.sync()
    refuse(club, JOIN, "ann@x.org")
    club.customers("(1, 'ann@x.org', 'Rome', 1, true)", COLUMNS)
    club.sync()
    club.sandbox.clear_faults()
    club.customers("(1, 'ann@x.org', NULL, 1, false)", COLUMNS)
    club.sync()
    assert user(club, "ann@x.org") == {"ltv": 1.0, "lists": []}


def test_a_list_of_several_that_was_joined_is_left_again(club: Shop) -> None:
    club.iterable(groups=[*LISTS, {"name": "Rich", "column": "rich"}])
    rows = "SELECT 1 AS id, 'ann@x.org' AS email, 'Oslo' AS city, 1.0 AS ltv, {0} AS vip, {0} AS rich"
    club.customers(rows.format("false"))
    club.sync()
    club.customers(rows.format("true"))
    club.sandbox.fault("item", JOIN, ids=["ann@x.org"], count=1)
    assert counted(club.sync()) == {"failed": 1}
    assert len(user(club, "ann@x.org")["lists"]) == 1
    club.sandbox.clear_faults()
    club.customers(rows.format("false"))
    assert counted(club.sync()) == {"updated": 1}
    assert user(club, "ann@x.org")["lists"] == []


def test_a_new_user_whose_row_leaves_before_it_was_accepted_is_removed(club: Shop) -> None:
    refuse(club, JOIN, "bo@x.org")
    club.customers("(1, 'ann@x.org', 'Oslo', 1, false), (2, 'bo@x.org', 'Rome', 2, true)", COLUMNS)
    assert counted(club.sync()) == {"failed": 1, "unchanged": 1}
    assert "bo@x.org" in club.sandbox.iterable_users
    club.customers("(1, 'ann@x.org', 'Oslo', 1, false)", COLUMNS)
    assert counted(club.sync()) == {"deleted": 1, "unchanged": 1}
    assert set(club.sandbox.iterable_users) == {"ann@x.org"}


def test_a_new_user_who_was_accepted_in_part_is_completed(club: Shop) -> None:
    club.sandbox.fault("item", JOIN, ids=["bo@x.org"], count=1)
    club.customers("(1, 'ann@x.org', 'Oslo', 1, false), (2, 'bo@x.org', 'Rome', 2, true)", COLUMNS)
    club.sync()
    club.sql("UPDATE main_roo.roo_unaccepted SET permanent = false")
    club.sync()
    assert user(club, "bo@x.org") == {"city": "Rome", "ltv": 2.0, "lists": ["VIP"]}
    assert counted(club.sync()) == {"unchanged": 2}


def test_a_refusal_of_the_first_call_leaves_nothing_to_see_to(club: Shop) -> None:
    refuse(club, BULK, "ann@x.org")
    club.customers("(1, 'ann@x.org', 'Rome', 1, true)", COLUMNS)
    assert counted(club.sync()) == {"failed": 1}
    club.sandbox.clear_faults()
    club.customers("(1, 'ann@x.org', 'Oslo', 1, false)", COLUMNS)
    assert (club.sync().requests, club.failures()) == (0, [])


def test_a_user_who_was_renamed_and_no_more_is_renamed_back(club: Shop) -> None:
    club.customers("(1, 'ann@x.org', 'Oslo', 1, true)", COLUMNS)
    club.sync()
    (before,) = club.sandbox.store.iterable.profiles.latest()
    refuse(club, BULK, "new@x.org")
    club.customers("(1, 'new@x.org', 'Rome', 1, true)", COLUMNS)
    assert counted(club.sync()) == {"failed": 1}
    club.sandbox.clear_faults()
    club.customers("(1, 'ann@x.org', 'Oslo', 1, true)", COLUMNS)
    assert counted(club.sync()) == {"updated": 1}
    (after,) = club.sandbox.store.iterable.profiles.latest()
    assert after is before
    assert user(club, "ann@x.org") == {"city": "Oslo", "ltv": 1.0, "lists": ["VIP"]}


def test_a_user_who_was_renamed_and_no_more_leaves_the_lists_it_had(club: Shop) -> None:
    club.customers("(1, 'ann@x.org', 'Oslo', 1, true)", COLUMNS)
    club.sync()
    refuse(club, LEAVE, "new@x.org")
    club.customers("(1, 'new@x.org', 'Oslo', 1, false)", COLUMNS)
    assert counted(club.sync()) == {"failed": 1}
    assert user(club, "new@x.org")["lists"] == ["VIP"]
    club.sandbox.clear_faults()
    club.sql("UPDATE main_roo.roo_unaccepted SET permanent = false")
    assert counted(club.sync()) == {"updated": 1}
    assert club.sandbox.iterable_lists == {"VIP": []}
    assert set(club.sandbox.iterable_users) == {"new@x.org"}


def test_an_interrupt_while_the_vendor_settles_loses_no_list(club: Shop) -> None:
    """The rename is done and the lists are still to be left when somebody stops the run."""
    club.customers("(1, 'ann@x.org', 'Oslo', 1, true)", COLUMNS)
    club.sync()
    club.roo["apps"]["iterable"]["settle_seconds"] = 60
    club.customers("(1, 'new@x.org', 'Oslo', 1, false)", COLUMNS)
    impatient = Impatient()
    club.write()
    assert sync(club.options(), impatient, impatient.stop, club.environ).exit_code == 3
    assert user(club, "new@x.org")["lists"] == ["VIP"]
    club.roo["apps"]["iterable"]["settle_seconds"] = 0
    assert counted(club.sync()) == {"updated": 1}
    assert club.sandbox.iterable_lists == {"VIP": []}
    assert counted(club.sync()) == {"unchanged": 1}


def test_a_plan_counts_what_is_half_done_as_due(club: Shop) -> None:
    refuse(club, JOIN, "ann@x.org")
    club.customers("(1, 'ann@x.org', 'Rome', 1, true)", COLUMNS)
    club.sync()
    club.customers("(1, 'ann@x.org', 'Oslo', 1, false)", COLUMNS)
    assert club.plan().counts.update == 1


def test_a_run_killed_while_the_vendor_settles_loses_no_list(club: Shop) -> None:
    """Its row is back at its old values before the next run, which a plan foresees."""
    club.customers("(1, 'ann@x.org', 'Oslo', 1, true)", COLUMNS)
    club.sync()
    club.roo["apps"]["iterable"]["settle_seconds"] = 600
    club.roo["acknowledge_seconds"] = 0.1
    club.customers("(1, 'new@x.org', 'Rome', 1, false)", COLUMNS)
    club.write()
    command = [sys.executable, "-c", SYNC, str(club.folder), "2"]
    with subprocess.Popen(command, env={**os.environ, **club.environ}) as process:
        until(lambda: acknowledged(club) == 1, process)
        process.send_signal(signal.SIGKILL)
    assert set(club.sandbox.iterable_users) == {"new@x.org"}
    club.roo["apps"]["iterable"]["settle_seconds"] = 0
    club.customers("(1, 'ann@x.org', 'Oslo', 1, true)", COLUMNS)
    plan = club.plan()
    assert (plan.counts.update, plan.requests) == (1, 3)
    result = club.sync()
    assert (counted(result), result.requests) == ({"updated": 1}, 3)
    assert set(club.sandbox.iterable_users) == {"ann@x.org"}
    assert user(club, "ann@x.org") == {"city": "Oslo", "ltv": 1.0, "lists": ["VIP"]}
    assert counted(club.sync()) == {"unchanged": 1}
