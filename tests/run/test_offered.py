"""Fields that must exist in the workspace, and settings whose choices the vendor knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.published import published
from tests.run.census import Census
from tests.run.shop import ANN, BO, CY, Shop, counted

from roo_dbt.config.describing import describe_app
from roo_dbt.errors import ConfigurationProblem
from roo_dbt.report.described import app_lines, object_lines
from roo_dbt.run import check
from roo_dbt.sandbox.server import Sandbox
from roo_dbt.testing import Received, RecordingServer, Reply, Vendor


@pytest.fixture(scope="module", autouse=True)
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The distribution `roo-dbt-census`."""
    with published(tmp_path_factory.mktemp("census"), "roo-dbt-census", "census = tests.run.census:Census"):
        yield


class Workspace(Vendor):
    """Knows two fields."""

    def answer(self, received: Received) -> Reply:  # noqa: ARG002 - the kit's
        return Reply(200, json={"fields": ["home_city", "street"]})


class Office:
    """A shop that sends its customers to the census."""

    def __init__(self, folder: Path, server: RecordingServer) -> None:
        self.server = server
        self.shop = Shop(folder, Sandbox())
        self.shop.customers(f"{ANN}, {BO}, {CY}")
        self.app: dict[str, Any] = {"type": "census", "url": server.url}
        self.destination: dict[str, Any] = {
            "name": "people",
            "app": "census",
            "sync_mode": "additive",
            "mapping": {"email": "email", "home_city": "city"},
        }

    def declare(self, **settings: Any) -> Shop:
        self.shop.roo["apps"] = {"census": self.app}
        self.shop.destinations = [{**self.destination, **settings}]
        return self.shop

    def findings(self) -> list[str]:
        """What `roo-dbt check` finds wrong."""
        self.shop.write()
        return [f"{one.subject}: {one.message}" for one in check(self.shop.options(), {}) if not one.ok]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with RecordingServer(Workspace()) as server:
        yield Office(tmp_path, server)


def test_fields_that_the_workspace_has_are_sent_and_the_only_object_need_not_be_named(office: Office) -> None:
    assert counted(office.declare().sync()) == {"created": 3}
    assert [one.path for one in office.server.received] == ["/fields", "/in", "/in", "/in"]


def test_a_field_that_the_workspace_lacks_blocks_the_destination_before_anything_is_sent(
    office: Office,
) -> None:
    shop = office.declare(mapping={"email": "email", "home_cities": "city"})

    result = shop.sync()

    assert result.status == "blocked"
    assert "no field home_cities (did you mean home_city?), and people takes no others" in str(result.message)
    assert "roo-dbt fields census lists them" in str(result.message)
    assert [one.path for one in office.server.received] == ["/fields"]
    assert office.findings() == [
        "census: fields of people: the workspace has no field home_cities (did you mean home_city?)"
    ]


def test_nothing_is_asked_where_only_known_fields_are_mapped(office: Office) -> None:
    office.declare(mapping={"email": "email", "name": "city"}).sync()

    assert "/fields" not in {one.path for one in office.server.received}


def test_check_compares_settings_with_what_the_vendor_offers(office: Office) -> None:
    office.app["office"] = "pub"
    office.declare(district="east")

    assert office.findings() == [
        "census: office: the vendor has no such value; it offers town hall, library",
        "census: district of people: the vendor has no such value; it offers north (North side), south",
    ]
    office.app["office"] = "library"
    office.declare(district="north")
    assert office.findings() == []


def test_names_of_groups_that_the_vendor_does_not_tell_apart_are_declared_once(office: Office) -> None:
    office.shop.customers("SELECT 1 AS id, 'a@x.org' AS email, 'Oslo' AS city, true AS vip")
    groups = [{"name": "VIP", "column": "vip"}, {"name": " vip", "column": "vip"}]

    with pytest.raises(ConfigurationProblem, match="duplicate-group"):
        office.declare(groups=groups).sync()


def test_a_setting_is_described_with_title_placeholder_and_whether_it_is_required() -> None:
    app = describe_app(Census)
    by_name = {one.name: one for one in app.settings}

    assert (by_name["url"].title, by_name["url"].placeholder) == ("Address", "https://census.example")
    assert (by_name["url"].required, by_name["url"].secret) == (True, False)
    assert by_name["office"].title == "Office"
    said = [line.plain for line in app_lines(app)]
    assert any("For example https://census.example." in line for line in said)
    assert any("roo-dbt fields APP" in line.plain for line in object_lines(app, app.objects[0], ()))
