"""Objects whose mapping changed its depth, objects that Braze takes for edits, and times that it would not keep."""

from __future__ import annotations

from typing import Any

import pytest
from tests.destinations.braze.braze_samples import (
    APP,
    call_of,
    calls,
    created,
    destination,
    refusal,
    sent,
    updated,
)
from tests.destinations.braze.conftest import World

from roo_dbt.destinations.braze.track import Track
from roo_dbt.destinations.braze.users import Users
from roo_dbt.records import Column

ADDRESS = {"city": "Oslo", "zip": "0150"}
GEO = {"geo": {"lat": 1, "lon": 2}}

# What the record had and has, by field; what Braze has of `address` afterwards.
REMAPPED: dict[str, tuple[dict[str, Any], dict[str, Any], Any]] = {
    "parts become a column": ({"address.city": "Oslo", "address": None}, {"address": ADDRESS}, ADDRESS),
    "a column becomes parts": (
        {"address": ADDRESS, "address.city": None},
        {"address.city": "Oslo"},
        {"city": "Oslo"},
    ),
    "a column becomes deep parts": (
        {"address": GEO, "address.geo.lat": None},
        {"address.geo.lat": 1},
        {"geo": {"lat": 1}},
    ),
    "a part becomes an object": (
        {"address.geo.lat": 1, "address.geo": None},
        {"address.geo": {"lon": 2}},
        {"geo": {"lon": 2}},
    ),
    "an object becomes a part": (
        {"address.geo": GEO["geo"], "address.geo.lon": None},
        {"address.geo.lon": 2},
        {"geo": {"lon": 2}},
    ),
    "parts become a text": ({"address.city": "Oslo", "address": None}, {"address": "Oslo 0150"}, "Oslo 0150"),
    "a text becomes parts": (
        {"address": "Oslo", "address.city": None},
        {"address.city": "Oslo"},
        {"city": "Oslo"},
    ),
    "parts become a column of null": ({"address.city": "Oslo", "address": None}, {"address.city": None}, {}),
    "a column becomes parts of null": ({"address": ADDRESS, "address.city": None}, {"address": None}, None),
}


@pytest.mark.parametrize("merge_objects", [False, True])
@pytest.mark.parametrize("case", REMAPPED)
def test_an_object_survives_a_change_of_its_mapping(world: World, case: str, merge_objects: bool) -> None:
    old, new, expected = REMAPPED[case]
    after = {**dict.fromkeys(old), **new}
    obj = world.object("users", "external_id", *after, options={"merge_objects": merge_objects})
    start = {name: value for name, value in old.items() if value is not None}
    world.ship(obj, created(**start))
    world.ship(obj, updated(old, after))
    assert world.sandbox.braze_users["u1"].get("address") == expected


@pytest.mark.parametrize("to_column", [True, False])
def test_a_standard_object_survives_a_change_of_its_mapping(world: World, to_column: bool) -> None:
    whole = {"longitude": 1.5, "latitude": 2.5}
    column = {"current_location": whole, **dict.fromkeys(f"current_location.{part}" for part in whole)}
    parts = {"current_location": None, **{f"current_location.{part}": value for part, value in whole.items()}}
    obj = world.object("users", "external_id", *column)
    before, after = (parts, column) if to_column else (column, parts)
    world.ship(obj, updated(before, after))
    assert world.sandbox.braze_users["u1"]["current_location"] == whole


@pytest.mark.parametrize(
    "values",
    [
        {"score": {"inc": 3}},
        {"score": {"add": ["a"]}},
        {"score": {"remove": ["a"], "add": []}},
        {"score.inc": 3},
        {"score.add": "a", "score.remove": "b"},
    ],
)
def test_an_object_that_braze_takes_for_an_edit_is_refused(values: dict[str, Any]) -> None:
    track, _ = calls("external_id", *values)
    outcome = refusal(track.item(created(**values)))
    assert outcome.code == "invalid_value"
    assert str(outcome.message).startswith("score: is an object with no keys but inc, or add and remove")


def test_an_object_that_only_looks_like_an_edit_is_sent() -> None:
    values = {"a": {"inc": 1, "other": 2}, "b": {}, "c": {"inner": {"inc": 1}}}
    track, _ = calls("external_id", *values)
    assert sent(track.item(created(**values))) == {"external_id": "u1", **values}


@pytest.mark.parametrize("sql_type", ["DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"])
@pytest.mark.parametrize("value", ["-43-03-15", "12345-01-01", "3001-01-01"])
def test_a_time_column_holds_no_time_that_braze_would_keep_as_text(sql_type: str, value: str) -> None:
    obj = Users(APP, destination("external_id", "seen"), columns={"seen": Column("seen", sql_type)})
    assert refusal(call_of(obj, Track).item(created(seen=value))).code == "invalid_value"
    assert sent(call_of(obj, Track).item(created(seen="2026-01-02")))["seen"] == "2026-01-02"
