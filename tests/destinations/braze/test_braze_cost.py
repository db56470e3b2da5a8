"""Data points: what sending costs where they are counted."""

from __future__ import annotations

from typing import Any

import pytest
from tests.destinations.braze.braze_samples import (
    APP,
    ENDPOINT,
    KEY,
    change,
    created,
    destination,
    occurrences,
    updated,
    users,
)

from roo_dbt.destinations.braze import Braze
from roo_dbt.destinations.braze.cost import of_user
from roo_dbt.destinations.braze.events import Events, Purchases
from roo_dbt.destinations.braze.users import Users
from roo_dbt.records import Change, Group, SyncMode

VIP, SEGMENTS = Group("is_vip", name="VIP"), Group("segments")
NEWS = Group("news", subscription_group_id="7a1c9e62-2b1f-4b0c-9f0e-6f1f1a2b3c4d")
SONG = {
    "song_name": "Solea",
    "artist_name": "Miles Davis",
    "album_name": "Sketches of Spain",
    "genre": "Jazz",
    "play_analytics": {"count": 1000, "top_10_listeners": True},
}
"""The example of Braze's page on nested custom attributes, which counts seven."""


@pytest.mark.parametrize(
    ("body", "points"),
    [
        ({"external_id": "u1"}, 0),
        ({"external_id": "u1", "email": "a@b.co", "first_name": "Ada", "country": "GB", "dob": None}, 4),
        ({"user_alias": {"alias_name": "a", "alias_label": "b"}, "_update_existing_only": False}, 0),
        ({"email_subscribe": "opted_in", "push_subscribe": "opted_in", "image_url": "https://x.y"}, 0),
        ({"facebook": {"id": "1", "likes": ["x"]}, "twitter": {"id": 1}}, 0),
        ({"current_location": {"longitude": 1, "latitude": 2}}, 1),
        ({"plan": "gold", "ltv": 1.5, "gone": None}, 3),
        ({"tags": ["a", "b", "c"]}, 1),
        ({"groups": {"add": ["a", "b"], "remove": ["c"]}}, 3),
        ({"subscription_groups": [{"subscription_group_id": "x", "subscription_state": "subscribed"}]}, 0),
        ({"most_played_song": SONG}, 7),
        ({"address": {"city": "Rome", "since": {"$time": "2026-01-02"}}, "_merge_objects": True}, 2),
        ({"address": {}}, 1),
        ({"pets": [{"id": 1, "name": "Boole"}, {"id": 2}]}, 3),
    ],
)
def test_an_object_costs_what_braze_counts(body: dict[str, Any], points: int) -> None:
    assert of_user(body, "external_id") == points


@pytest.mark.parametrize(
    ("fields", "points"),
    [
        ({}, 0),
        ({"external_id": 10, "email_subscribe": 10, "push_subscribe": 10, "image_url": 10}, 0),
        ({"email": 10, "first_name": 5, "country": 1}, 16),
        ({"plan": 10, "ltv": 3}, 13),
        ({"address.city": 4, "address.zip": 4}, 8),
        ({"address.geo.zone": 4, "address.geo.code": 6}, 16),
        ({"current_location.latitude": 4, "current_location.longitude": 6}, 6),
        ({"twitter": 5, "facebook.id": 5}, 0),
        ({VIP.field: 7, SEGMENTS.field: 3, NEWS.field: 9}, 10),
    ],
)
def test_counts_of_changed_fields_give_an_estimate(fields: dict[str, int], points: int) -> None:
    assert Users(APP, destination("external_id")).data_points(fields) == points


def test_the_identifier_is_free_whichever_it_is() -> None:
    assert users("email", "plan", identifier=("email",)).data_points({"email": 5, "plan": 1}) == 1
    assert users("external_id", "email").data_points({"email": 5}) == 5


def cost(one: Change, mode: SyncMode = "sync") -> int:
    return users("external_id", "plan", "email", mode=mode, groups=(VIP, SEGMENTS, NEWS)).points(one)


def test_a_change_costs_what_its_object_holds() -> None:
    assert cost(created(plan="gold", email="a@b.co", **{VIP.field: True, SEGMENTS.field: ["a", "b"]})) == 5
    assert cost(updated({"plan": "tin"}, {"plan": "gold"})) == 1
    assert (
        cost(updated({"plan": "tin", "email": "a@b.co"}, {"plan": "gold", "email": "a@b.co"}, whole=True))
        == 2
    )
    assert (
        cost(updated({"plan": "tin", "email": "a@b.co"}, {"plan": "gold", "email": "a@b.co"}), "enrich") == 2
    )
    assert cost(updated({NEWS.field: True}, {NEWS.field: None})) == 0
    assert cost(change("delete", old={"external_id": "u1", "plan": "gold"})) == 0
    assert cost(change("delete", old={"external_id": "u1", "plan": "gold"}, clears=True)) == 1
    assert cost(created(email="not an address")) == 0


def test_a_rename_is_free() -> None:
    moved = change("update", old={"external_id": "a", "plan": "x"}, new={"external_id": "b", "plan": "y"})
    assert cost(moved) == 1


def test_events_are_one_and_purchases_one_for_each_unit() -> None:
    event = change("create", new={"external_id": "u1", "name": "Login", "time": "2026-01-02"})
    assert occurrences(Events).points(event) == 1
    bought = {"external_id": "u1", "product_id": "pen", "currency": "USD", "price": 1, "time": "2026-01-02"}
    assert occurrences(Purchases).points(change("create", new=bought)) == 1
    assert occurrences(Purchases).points(change("create", new={**bought, "quantity": 5})) == 5
    assert occurrences(Purchases).points(change("create", new={**bought, "quantity": 500})) == 0
    assert occurrences(Events).data_points({"name": 4, "time": 4, "properties.x": 2}) == 4
    assert occurrences(Purchases).data_points({}) == 0


def test_the_limit_of_the_destination_goes_before_that_of_the_app() -> None:
    app = Braze.model_validate({"rest_endpoint": ENDPOINT, "api_key": KEY, "max_data_points": 1_000})
    assert Users(app, destination("external_id")).spending_limit == 1_000
    assert Users(app, destination("external_id", options={"max_data_points": 0})).spending_limit == 0
    assert occurrences(Events, app=app).spending_limit == 1_000
    assert occurrences(Events, app=app, max_data_points=5).spending_limit == 5
    assert users("external_id").spending_limit is None
