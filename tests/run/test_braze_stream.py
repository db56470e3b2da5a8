"""The settings of Amplitude's stream to Braze, by the rows of the table in the vendor folder's README."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.run.shop import Shop, counted

from roo_dbt.destinations import braze

README = Path(braze.__file__).with_name("README.md")
COLUMNS = "SELECT i AS id, 'u' || i AS user_id, 'Login' AS kind, TIMESTAMP '2026-01-01' AS at, i * 1.5 AS ltv"
USER = {"external_id": "user_id", "lifetime_value": "ltv"}
EVENT = {"external_id": "user_id", "name": "kind", "time": "at", "properties.total": "ltv"}


@pytest.fixture
def stream(shop: Shop) -> Shop:
    """Three rows that can be users or events; Braze has the first user."""
    shop.customers(f"{COLUMNS} FROM range(3) r(i)")
    shop.sandbox.store.braze.workspace.profiles.create({"external_id": "u0"}, 0.0)
    return shop


def users(shop: Shop, **settings: Any) -> None:
    """Declare users alone."""
    shop.destinations = []
    shop.braze(**{"mode": "additive", "mapping": USER, **settings})


def events(shop: Shop, **settings: Any) -> None:
    """Declare events alone."""
    shop.destinations = []
    declared = {"object": "events", "first_sync": "send", "mapping": EVENT, **settings}
    shop.braze(**{"sync_mode": None, **declared})


def user_identifier(shop: Shop) -> None:
    """External ID or alias."""
    alias = {"user_alias.alias_name": "user_id", "user_alias.alias_label": {"value": "amplitude_id"}}
    users(shop, mapping={**alias, "lifetime_value": "ltv"})
    shop.sync()
    aliases = [p["aliases"] for p in shop.sandbox.braze_profiles if p["aliases"]]
    assert sorted(found["amplitude_id"] for found in aliases) == ["u0", "u1", "u2"]


def send_users(shop: Shop) -> None:
    """Users with their properties, and cohorts as groups."""
    shop.customers(f"{COLUMNS}, i > 0 AS is_buyer FROM range(3) r(i)")
    users(shop, groups=[{"name": "Buyers", "column": "is_buyer"}])
    assert counted(shop.sync()) == {"created": 3}
    assert shop.sandbox.braze_users["u2"] == {"lifetime_value": 3.0, "groups": ["Buyers"]}


def send_events(shop: Shop) -> None:
    """Events, those that are there included."""
    events(shop)
    assert counted(shop.sync()) == {"created": 3}
    assert {event["external_id"] for event in shop.sandbox.braze_events} == {"u0", "u1", "u2"}


def update_users_only(shop: Shop) -> None:
    """Nobody is created, by users or by events."""
    users(shop, mode="enrich", verify=True)
    assert counted(shop.sync()) == {"created": 1, "skipped": 2}
    events(shop, name="braze_events", update_users_only=True)
    assert counted(shop.sync()) == {"created": 3}
    assert shop.sandbox.braze_users == {"u0": {"lifetime_value": 0.0}}
    assert [event["external_id"] for event in shop.sandbox.braze_events] == ["u0"]


def selected_properties(shop: Shop) -> None:
    """What is mapped and nothing else."""
    events(shop)
    shop.sync()
    assert all(event["properties"].keys() == {"total"} for event in shop.sandbox.braze_events)


def all_properties(shop: Shop) -> None:
    """Every column by its own name."""
    users(shop, mapping={"external_id": "user_id"}, map_other_columns=True)
    shop.sync()
    assert shop.sandbox.braze_users["u1"].keys() == {"id", "kind", "at", "ltv"}


def filter_events(shop: Shop) -> None:
    """Rows that a condition leaves out stay where they are."""
    events(shop, where="ltv > 1")
    assert counted(shop.sync()) == {"created": 2}


def enabled(shop: Shop) -> None:
    """A destination that is switched off sends nothing."""
    users(shop, enabled=False)
    assert (shop.sync().status, shop.sandbox.requests) == ("skipped", [])


ROWS = {
    "user identifier: external ID or alias": user_identifier,
    "send users (properties, cohorts)": send_users,
    "send events": send_events,
    "update users only": update_users_only,
    "selected user and event properties": selected_properties,
    "all properties": all_properties,
    "filter events": filter_events,
    "enabled": enabled,
}


@pytest.mark.parametrize("row", ROWS)
def test_a_setting_of_the_stream_does_here_what_the_readme_says(stream: Shop, row: str) -> None:
    ROWS[row](stream)


def test_every_setting_of_the_stream_in_the_readme_is_shown() -> None:
    table = README.read_text(encoding="utf-8").partition("## Coming from Amplitude")[2].partition("##")[0]
    rows = re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)
    assert rows[2:] == list(ROWS)
