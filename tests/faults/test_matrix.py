"""Every fault of the matrix, met by the real pipeline at a real HTTP server."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.faults import ledger
from tests.faults.conftest import Hours
from tests.faults.matrix import KINDS, MATRIX, RECORDS, WRITES, Case, Expected
from tests.run.shop import Shop, counted

from roo_dbt import transport
from roo_dbt.records import SyncReport


def set_fault(shop: Shop, case: Case, kind: str) -> None:
    shop.sandbox.contract = "mau" if case.contract == "mau" else "default"
    if case.fault.get("kind") == "closed":
        # A port that was free a moment ago: nobody listens there.
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            nowhere = f"http://127.0.0.1:{free.getsockname()[1]}"
        shop.roo["apps"]["braze"]["rest_endpoint"] = nowhere
        shop.roo["apps"]["iterable"]["base_url"] = nowhere
    elif case.fault:
        shop.sandbox.fault(path=WRITES[kind], **case.fault)


@contextmanager
def patience(case: Case) -> Iterator[None]:
    """Give up an answer after a good second where none is to come, and after as long as ever elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        if case.fault.get("kind") in ("stall", "drip"):
            patch.setattr(transport, "READ_SECONDS", 1.5)
            patch.setattr(transport, "ANSWER_SECONDS", 2.0)
        yield


def heal(shop: Shop) -> None:
    shop.sandbox.clear_faults()
    shop.roo["apps"]["braze"]["rest_endpoint"] = shop.sandbox.url
    shop.roo["apps"]["iterable"]["base_url"] = shop.sandbox.url


def check_words(report: SyncReport, expected: Expected) -> None:
    (result,) = report.results
    assert (report.exit_code, counted(result)) == (expected.exit_code, dict(expected.counts))
    assert expected.sentence in str(result.message or "")
    assert (result.retries > 0) == expected.again
    assert {failure.code for failure in result.failures if failure.code != "ambiguous"} == (
        {expected.code} if expected.code else set()
    )


@pytest.mark.usefixtures("hours")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", MATRIX, ids=lambda case: case.name)
def test_the_ledger_of_a_run_is_what_the_vendor_recorded(shop: Shop, case: Case, kind: str) -> None:
    ledger.declare(shop, kind, RECORDS)
    plan = shop.plan()
    set_fault(shop, case, kind)

    with patience(case):
        report = shop.report()
    found = ledger.read(shop)

    expected = case.expected(kind)
    check_words(report, expected)
    ledger.settle(plan, report.results[0], found)
    assert len(set(found.vendor)) == expected.arrived
    assert kind != "braze events" or len(found.vendor) == len(set(found.vendor)), "an event went twice"

    heal(shop)
    follow_up(shop, kind, expected, before=found)


def follow_up(shop: Shop, kind: str, expected: Expected, *, before: ledger.Ledger) -> None:
    """With the fault gone the vendor ends up with the model, and nothing that might be there goes unasked."""
    report = shop.report()
    sent = sum(entry.objects for entry in shop.sandbox.requests)
    withheld = before.unknown if kind == "braze events" else set()
    assert sent == RECORDS - len(before.snapshot) - len(before.failed) - len(withheld)
    assert report.exit_code == (1 if before.failed or withheld else 0)
    if before.failed or withheld:
        assert retried(shop) == len(before.failed) + len(withheld)
        assert shop.report().exit_code == 0
    after = ledger.arrived(shop, shop.destinations[0]["name"])
    assert set(after) == before.model
    twice = len(set(before.vendor) & withheld)
    assert len(after) == RECORDS + (twice if kind == "braze events" else 0)
    assert shop.report().results[0].requests == 0


def retried(shop: Shop) -> int:
    from roo_dbt.run import retry

    return retry(shop.options(), shop.environ)


@pytest.mark.parametrize(
    "fault",
    [{"kind": "drop_after"}, {"kind": "truncated"}, {"kind": "status", "status": 504}],
    ids=lambda fault: fault["kind"],
)
def test_events_go_again_at_once_where_the_project_says_resend(
    shop: Shop, hours: Hours, fault: dict[str, Any]
) -> None:
    ledger.declare(shop, "braze events", RECORDS, on_unknown="resend")
    shop.sandbox.fault(**fault, count=1)
    assert counted(shop.sync()) == {"unknown": RECORDS}
    assert counted(shop.sync()) == {"created": RECORDS}
    assert counted(shop.sync()) == {"unchanged": RECORDS}


@pytest.mark.usefixtures("hours")
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 429},
        {"kind": "drop_before"},
        {"kind": "html"},
    ],
    ids=lambda fault: str(fault.get("status", fault["kind"])),
)
def test_a_question_asked_before_sending_is_asked_again(shop: Shop, fault: dict[str, Any]) -> None:
    ledger.declare(shop, "iterable users", RECORDS)
    shop.sandbox.fault(method="GET", count=1, **fault)

    assert counted(shop.sync()) == {"created": RECORDS}
    assert [entry.method for entry in shop.sandbox.requests] == ["GET", "GET", "POST"]
