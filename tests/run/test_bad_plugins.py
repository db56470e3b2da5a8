"""A destination of somebody else that fails, hangs or contradicts itself is named, and nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.published import published
from tests.run import rogue
from tests.run.shop import ANN, BO, CY, Shop, counted

from roo_dbt.destinations import supervision
from roo_dbt.errors import ConfigurationProblem, ExitCode
from roo_dbt.records import DestinationResult, SyncReport
from roo_dbt.run import check
from roo_dbt.sandbox.server import Sandbox
from roo_dbt.testing import RecordingServer, Vendor

TYPES = ("rogue:Rogue", "stutter:Stutter", "impostor:Impostor", "hollow:Hollow", "misnamed:Misnamed")


@pytest.fixture(scope="module", autouse=True)
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The distribution `roo-dbt-rogue`, which publishes them."""
    lines = [f"{name} = tests.run.rogue:{kind}" for name, _, kind in (one.partition(":") for one in TYPES)]
    with published(tmp_path_factory.mktemp("rogue"), "roo-dbt-rogue", "\n".join(lines)):
        yield


@pytest.fixture
def server() -> Iterator[RecordingServer]:
    """A vendor that says yes."""
    rogue.WAKE.clear()
    with RecordingServer(Vendor()) as running:
        yield running
    rogue.WAKE.set()


class Lab:
    """A shop with three customers for a rogue."""

    def __init__(self, folder: Path, server: RecordingServer) -> None:
        self.shop = Shop(folder, Sandbox())
        self.shop.customers(f"{ANN}, {BO}, {CY}")
        self.server = server
        self.shop.roo["apps"] = {}
        self.shop.destinations = [
            {
                "name": "rogue_users",
                "app": "rogue",
                "sync_mode": "sync",
                "mapping": {"email": "email", "id": "id"},
            }
        ]

    def sync(
        self, trouble: str = "", how: str = "raise", **settings: Any
    ) -> tuple[DestinationResult, SyncReport]:
        """`roo-dbt sync` with this trouble."""
        app = {"type": "rogue", "url": self.server.url, "trouble": trouble, "how": how, **settings}
        self.shop.roo["apps"] = {"rogue": app}
        report = self.shop.report()
        (result,) = report.results
        return result, report

    def loses_nothing(self, already: int = 0) -> None:
        """Without trouble the next run sends what is due, and the one after it nothing."""
        result, _ = self.sync()
        assert counted(result) == {"created": 3 - already} | ({"unchanged": already} if already else {})
        assert counted(self.sync()[0]) == {"unchanged": 3}


@pytest.fixture
def lab(tmp_path: Path, server: RecordingServer) -> Lab:
    return Lab(tmp_path, server)


@pytest.mark.parametrize(
    ("trouble", "what"),
    [
        ("item", "item of the call put"),
        ("request", "request of the call put"),
        ("judge", "outcomes of the call put"),
        ("outcomes", "outcomes of the call put"),
        ("prepare", "prepare"),
        ("calls", "calls"),
        ("headers", "headers"),
    ],
)
def test_code_that_raises_is_named_with_its_package_and_line(lab: Lab, trouble: str, what: str) -> None:
    result, report = lab.sync(trouble)

    assert result.status == "error"
    said = f"the destination type rogue of the package roo-dbt-rogue failed in {what}: KeyError in rogue.py, line"
    assert said in (result.message or "")
    assert rogue.VALUE not in str(report)
    assert report.exit_code == ExitCode.STOPPED_MIDWAY
    lab.loses_nothing(already=result.counts.created)


@pytest.mark.parametrize("trouble", ["check_mapping", "identifiers", "constructor"])
def test_code_that_raises_before_anything_is_sent_stops_the_start(lab: Lab, trouble: str) -> None:
    with pytest.raises(ConfigurationProblem) as caught:
        lab.sync(trouble)

    assert "[broken-plugin]" in str(caught.value)
    assert "the destination type rogue of the package roo-dbt-rogue failed in" in str(caught.value)
    assert rogue.VALUE not in str(caught.value)
    assert lab.server.received == []
    lab.loses_nothing()


def test_a_wrong_number_of_outcomes_takes_nothing_as_sent(lab: Lab) -> None:
    result, report = lab.sync("too many outcomes")

    assert result.status == "error"
    said = "the destination type rogue of the package roo-dbt-rogue read"
    # Two batches are under way, of two records and of one; whichever answer comes first tells.
    assert re.search(rf"{said} (3 outcomes for 2|2 outcomes for 1) records", result.message or "")
    assert report.exit_code == ExitCode.STOPPED_MIDWAY
    lab.loses_nothing()


def test_what_must_not_go_twice_is_unknown_when_its_answer_cannot_be_read(lab: Lab) -> None:
    result, _ = lab.sync("outcomes", repeatable=False)

    assert result.status == "error"
    assert counted(result)["unknown"] >= 1
    assert {row.code for row in lab.shop.failures()} == {"ambiguous"}


@pytest.mark.parametrize(
    ("trouble", "what"),
    [
        ("item", "item of the call put"),
        ("outcomes", "outcomes of the call put"),
        ("request", "request of the call put"),
        ("prepare", "prepare"),
    ],
)
def test_code_that_hangs_is_given_up(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, trouble: str, what: str
) -> None:
    monkeypatch.setattr(supervision, "PATIENCE_SECONDS", 0.3)

    result, report = lab.sync(trouble, "hang")

    assert result.status == "error"
    said = f"the destination type rogue of the package roo-dbt-rogue did not return from {what} within 0.3 seconds"
    assert said in (result.message or "")
    assert report.exit_code == ExitCode.STOPPED_MIDWAY
    sent = len(lab.server.received)
    rogue.WAKE.set()
    monkeypatch.setattr(supervision, "PATIENCE_SECONDS", 30)
    lab.loses_nothing(already=result.counts.created)
    # Those that woke up sent nothing more: two runs, each with a look at the lists and a request or two.
    assert len(lab.server.received) - sent <= 5


def test_other_apps_go_on_when_one_hangs(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "PATIENCE_SECONDS", 0.3)
    good = {**lab.shop.destinations[0], "name": "good_users", "app": "good"}
    app = {"type": "rogue", "url": lab.server.url}
    lab.shop.roo["apps"] = {"rogue": {**app, "trouble": "prepare", "how": "hang"}, "good": app}
    lab.shop.destinations.append(good)

    results = {result.destination: result.status for result in lab.shop.report().results}

    assert results == {"rogue_users": "error", "good_users": "success"}


@pytest.mark.parametrize(
    ("type_", "what"),
    [
        ("stutter", "names the field email of users twice."),
        ("impostor", "calls itself rogue."),
        ("hollow", "has users, which is no Object class."),
        ("misnamed", "has people, which calls itself users."),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused_before_anything_is_sent(
    lab: Lab, type_: str, what: str
) -> None:
    lab.shop.roo["apps"] = {"rogue": {"type": type_}}

    with pytest.raises(ConfigurationProblem) as caught:
        lab.shop.report()

    assert f"the destination type {type_} of the package roo-dbt-rogue {what}" in str(caught.value)
    lab.loses_nothing()


def test_check_names_code_that_raises(lab: Lab) -> None:
    lab.shop.roo["apps"] = {"rogue": {"type": "rogue", "url": lab.server.url, "trouble": "check"}}
    lab.shop.write()

    found = check(lab.shop.options(), {})

    assert [finding.ok for finding in found] == [True, False]
    assert (
        "the destination type rogue of the package roo-dbt-rogue failed in check: KeyError"
        in found[1].message
    )


def test_a_plan_names_code_that_raises(lab: Lab) -> None:
    lab.shop.roo["apps"] = {"rogue": {"type": "rogue", "url": lab.server.url, "trouble": "item"}}

    with pytest.raises(ConfigurationProblem, match=r"failed in its calls: KeyError in rogue\.py"):
        lab.shop.plan()
