"""Each rule of a standard field or a custom attribute, broken once, with the sentence it prints."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.destinations.braze.braze_samples import APP, call_of, change, destination, sent

from roo_dbt.destinations.braze import codes
from roo_dbt.destinations.braze.attributes import attribute, key_problem, name_problem, with_removals
from roo_dbt.destinations.braze.events import Events
from roo_dbt.destinations.braze.fields import NAMES
from roo_dbt.destinations.braze.standard import CHECKS
from roo_dbt.destinations.braze.track import Track
from roo_dbt.destinations.braze.users import Users
from roo_dbt.destinations.braze.values import InvalidValueError
from roo_dbt.records import NOT_FINITE, Column, Outcome


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "ada@example.com"),
        ("email", "o'brien+news@mail.example.co.uk"),
        ("email", "ü@exämple.de"),
        ("phone", "+14155550100"),
        ("phone", "(415) 555-0100"),
        ("first_name", ""),
        ("last_name", "n" * 255),
        ("home_city", "São Paulo"),
        ("dob", "1980-02-29"),
        ("gender", "P"),
        ("country", "XK"),
        ("language", "saq"),
        ("time_zone", "Europe/Berlin"),
        ("time_zone", "Eastern Time (US & Canada)"),
        ("image_url", "https://example.com/" + "i" * 1_000),
        ("email_subscribe", "opted_in"),
        ("push_subscribe", "unsubscribed"),
        ("email_open_tracking_disabled", False),
        ("email_click_tracking_disabled", True),
        ("marked_email_as_spam_at", "2026-01-02"),
        ("date_of_first_session", "2026-01-02T03:04:05.678Z"),
        ("date_of_last_session", "2026-01-02 03:04:05+02:00"),
        ("current_location", {"longitude": -73.99, "latitude": 40}),
        ("facebook", {"id": "1", "likes": ["tea"], "num_friends": 3}),
        ("twitter", {"id": 1, "screen_name": "ada", "followers_count": 2.0}),
    ],
)
def test_a_good_value_is_sent_as_it_is(field: str, value: Any) -> None:
    assert CHECKS[field](value) == value


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("email", "ada.example.com", "not a valid e-mail"),
        ("email", "ada@example", "not a valid e-mail"),
        ("email", "ada@@example.com", "not a valid e-mail"),
        ("email", "ada@example..com", "not a valid e-mail"),
        ("email", " ada@example.com", "not a valid e-mail"),
        ("email", "a@b.co, c@d.co", "not a valid e-mail"),
        ("email", "", "not a valid e-mail"),
        ("email", True, "must be text"),
        ("email", "a" * 250 + "@example.com", "262 characters"),
        ("phone", "call me", "not a telephone number"),
        ("phone", "() -", "not a telephone number"),
        ("phone", 4.5, "must be text"),
        ("first_name", "n" * 256, "256 characters"),
        ("last_name", 7, "must be text"),
        ("home_city", f"{NOT_FINITE}NaN", "cannot say"),
        ("dob", "1980-02-30", "YYYY-MM-DD"),
        ("dob", "1980-2-3", "YYYY-MM-DD"),
        ("dob", "19800203", "YYYY-MM-DD"),
        ("dob", "02/03/1980", "YYYY-MM-DD"),
        ("dob", "1980-02-03T00:00:00.000Z", "YYYY-MM-DD"),
        ("dob", 1980, "YYYY-MM-DD"),
        ("gender", "female", "M, F, O"),
        ("gender", "f", "M, F, O"),
        ("gender", "", "M, F, O"),
        ("country", "Germany", "alpha-2"),
        ("country", "UK", "alpha-2"),
        ("country", 49, "alpha-2"),
        ("language", "en-US", "without a region|no region"),
        ("language", "EN", "lower case"),
        ("language", "no", "nb, not no"),
        ("time_zone", "Berlin", "IANA"),
        ("time_zone", "GMT+25", "IANA"),
        ("time_zone", 2, "IANA"),
        ("image_url", "https://example.com/" + "i" * 1_005, "1,025 characters"),
        ("image_url", "example.com/i.png", "https://"),
        ("email_subscribe", "yes", "opted_in, subscribed or unsubscribed"),
        ("push_subscribe", True, "opted_in, subscribed or unsubscribed"),
        ("email_open_tracking_disabled", "true", "true or false"),
        ("email_click_tracking_disabled", 1, "true or false"),
        ("marked_email_as_spam_at", "yesterday", "ISO 8601"),
        ("marked_email_as_spam_at", "2026-01-02T25:00:00Z", "ISO 8601"),
        ("date_of_first_session", 1_700_000_000, "ISO 8601"),
        ("date_of_last_session", "9999-12-31", "after the year 3000"),
        ("current_location", {"longitude": 1}, "needs longitude and latitude"),
        ("current_location", {"longitude": 1, "latitude": 91}, "latitude must be between -90 and 90"),
        ("current_location", {"longitude": 181, "latitude": 1}, "longitude must be between -180 and 180"),
        ("current_location", {"lon": 1, "lat": 2}, "has no part named lon"),
        ("current_location", "1,2", "must be an object"),
        ("current_location", {"longitude": "1", "latitude": 2}, "longitude must be a number"),
        ("facebook", {"likes": "tea"}, "likes must be an array"),
        ("facebook", {"num_friends": 1.5}, "num_friends must be a whole number"),
        ("twitter", {"followers_count": 2**60}, "beyond 2\\^53"),
    ],
)
def test_a_bad_value_is_refused_by_its_rule(field: str, value: Any, rule: str) -> None:
    """Edge cases 30, 31 and 32."""
    with pytest.raises(InvalidValueError, match=rule) as caught:
        CHECKS[field](value)
    if isinstance(value, str) and len(value) > 6:
        assert value not in str(caught.value)


def test_every_standard_field_has_a_check() -> None:
    top_level = {name for name in NAMES if "." not in name} - {"external_id", "braze_id"}
    assert {name for name in top_level if name != "user_alias"} == CHECKS.keys()


def test_a_country_goes_in_upper_case_and_a_numeric_phone_as_digits() -> None:
    assert CHECKS["country"]("de") == "DE"
    assert CHECKS["phone"](14155550100) == "14155550100"


def test_the_code_lists_are_complete() -> None:
    assert len(codes.COUNTRIES) == 250
    assert {"en", "de", "zh", "nb"} <= codes.LANGUAGES


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x" * 255,
        True,
        0,
        -(2**53),
        2**53,
        1.5,
        [],
        ["a", 1, True],
        ["x"] * 500,
        [{"id": 1}] * 501,
        {"a": {"b": [1, {"c": "d"}]}},
        "2026-01-02T03:04:05.000Z",
        "3000-12-31",
        "9999-not-a-date",
        "\x00 odd but text",
        "👩‍🚀",
    ],
)
def test_a_custom_attribute_keeps_its_value(value: Any) -> None:
    assert attribute(value) == value


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("x" * 256, "256 characters; Braze would ignore"),
        (2**53 + 1, "beyond 2\\^53"),
        (-(2**70), "beyond 2\\^53"),
        (math.nan, "cannot say"),
        (math.inf, "cannot say"),
        (f"{NOT_FINITE}NaN", "cannot say"),
        (f"{NOT_FINITE}-Infinity", "cannot say"),
        (["ok", math.inf], "cannot say"),
        ({"deep": [f"{NOT_FINITE}NaN"]}, "cannot say"),
        ("9999-12-31", "after the year 3000"),
        ("3001-01-01T00:00:00.000Z", "after the year 3000"),
        ({"until": "9999-12-31"}, "after the year 3000"),
        (["a", None], "null among its elements"),
        ([["a"]], "array of arrays"),
        (["x"] * 501, "501 elements"),
        (["x" * 256], "256 characters"),
        ({"text": "x" * 256}, "256 characters"),
        ({"two words": 1}, "blank, a dot or a \\$"),
        ({"a.b": 1}, "blank, a dot or a \\$"),
        ({"$add": [1]}, "blank, a dot or a \\$"),
        ({"": 1}, "is empty"),
        ({"k" * 256: 1}, "longer than 255"),
        ({"when": {"$time": "soon"}}, "ISO 8601"),
        ({"when": {"$time": None}}, "ISO 8601"),
        ({f"k{n}": "x" * 250 for n in range(400)}, "larger than the 100,000 bytes"),
        ([{"text": "x" * 250}] * 400, "larger than the 100,000 bytes"),
        (["\ud800"], "not valid Unicode"),
        (b"bytes", "must be a number"),
    ],
)
def test_a_custom_attribute_that_braze_would_drop_is_refused(value: Any, rule: str) -> None:
    """Edge cases 25, 28 and 29."""
    with pytest.raises(InvalidValueError, match=rule):
        attribute(value)


def test_times_inside_objects_are_marked_and_nulls_left_out() -> None:
    """Edge case 22."""
    value = {"since": "2026-01-02", "at": "2026-01-02T03:04:05.000Z", "note": "2026-99-99", "gone": None}
    assert attribute(value) == {
        "since": {"$time": "2026-01-02"},
        "at": {"$time": "2026-01-02T03:04:05.000Z"},
        "note": "2026-99-99",
    }
    assert attribute({"at": {"$time": "2026-01-02"}}) == {"at": {"$time": "2026-01-02"}}
    assert attribute([{"at": "2026-01-02"}]) == [{"at": {"$time": "2026-01-02"}}]


def test_parts_that_left_a_merged_object_become_null() -> None:
    old = {"a": 1, "b": {"c": 1, "d": 2}, "e": None, "f": 1}
    assert with_removals(old, {"a": 2, "b": {"c": 1}}) == {"a": 2, "b": {"c": 1, "d": None}, "f": None}
    assert with_removals(None, {"a": 1}) == {"a": 1}
    assert with_removals(old, 5) == 5
    assert with_removals({"at": {"x": 1}}, {"at": {"$time": "2026-01-02"}}) == {"at": {"$time": "2026-01-02"}}


trees = st.recursive(
    st.integers(0, 3), lambda parts: st.dictionaries(st.sampled_from("abc"), parts, max_size=3), max_leaves=8
)


def merged(target: Any, patch: Any) -> Any:
    """What a deep merge in which null removes makes of an object."""
    if not isinstance(patch, dict) or not isinstance(target, dict):
        return (
            {key: merged({}, part) for key, part in patch.items() if part is not None}
            if isinstance(patch, dict)
            else patch
        )
    kept = {key: part for key, part in target.items() if key not in patch}
    return kept | {key: merged(target.get(key), part) for key, part in patch.items() if part is not None}


@given(old=st.dictionaries(st.sampled_from("abc"), trees), new=st.dictionaries(st.sampled_from("abc"), trees))
def test_merging_the_new_object_with_its_removals_gives_the_new_object(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    assert merged(old, with_removals(old, new)) == new


@pytest.mark.parametrize("name", ["plan", "High value", "größe", "address.city", "a.b.c", "n" * 255, "Email"])
def test_a_usable_attribute_name_has_no_problem(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "is blank"),
        ("  ", "is blank"),
        (" plan", "blank, which Braze trims"),
        ("plan ", "blank, which Braze trims"),
        ("$plan", "starts with $"),
        ("n" * 256, "longer than 255"),
        (".city", "no name before its first dot"),
        ("address.", "is empty"),
        ("address..city", "is empty"),
        ("address.postal code", "a blank, a dot or a $"),
        ("address.$zip", "a blank, a dot or a $"),
    ],
)
def test_an_attribute_name_that_braze_would_not_take_is_explained(name: str, problem: str) -> None:
    """Edge case 24."""
    assert problem in str(name_problem(name))


def test_a_key_may_hold_anything_else() -> None:
    assert key_problem("größe-1") is None


# --- dates inside of arrays and objects -------------------------------------------------------------


@pytest.mark.parametrize(
    ("sql_type", "value"),
    [
        ("DATE[]", ["2026-01-02", "10000-01-02"]),
        ("TIMESTAMP WITH TIME ZONE[]", ["10000-01-02T01:02:03.000Z"]),
        ("STRUCT(a INTEGER, b STRUCT(c DATE)[])", {"a": 1, "b": [{"c": "-43-03-15"}]}),
        ("MAP(VARCHAR, TIMESTAMP)", {"x": "+12026-01-02 00:00:00"}),
    ],
)
def test_a_date_whose_year_has_not_four_digits_is_refused_at_any_depth(sql_type: str, value: Any) -> None:
    """Braze would keep it as text, and a scalar one is refused, too."""
    part = dated("since", sql_type).item(change("create", new={"external_id": "u1", "since": value}))
    assert isinstance(part, Outcome)
    assert (part.code, part.permanent) == ("invalid_value", True)
    assert str(part.message).startswith("since: holds a date whose year has not four digits")
    said = value[-1] if isinstance(value, list) else "43-03-15"
    assert said not in str(part.message)


def test_a_date_that_is_a_part_of_an_object_is_checked_like_the_others() -> None:
    record = {"external_id": "u1", "plan.since": "10000-01-02", "plan.name": "12026-01-02"}
    part = dated("plan.since", "DATE", "plan.name").item(change("create", new=record))
    assert isinstance(part, Outcome)
    assert str(part.message).startswith("plan.since: holds a date")
    assert "plan.name" not in str(part.message)


@pytest.mark.parametrize("sql_type", ["VARCHAR[]", "STRUCT(part_number VARCHAR)", "VARCHAR"])
def test_text_that_looks_like_a_date_of_a_far_year_is_text(sql_type: str) -> None:
    value = {"VARCHAR[]": ["12026-01-02"], "VARCHAR": "12026-01-02"}.get(
        sql_type, {"part_number": "12026-01-02"}
    )
    part = dated("since", sql_type).item(change("create", new={"external_id": "u1", "since": value}))
    assert sent(part) == {"external_id": "u1", "since": value}


@pytest.mark.parametrize(
    ("field", "sql_type", "value"),
    [
        ("properties.days", "STRUCT(a DATE)", {"a": "10000-01-02"}),
        ("properties.day", "DATE", "10000-01-02"),
        ("properties", "STRUCT(a DATE)", {"a": "10000-01-02"}),
    ],
)
def test_so_is_one_in_the_properties_of_an_event(field: str, sql_type: str, value: Any) -> None:
    declared = destination("external_id", "name", "time", field, mode=None, object="events")
    (track,) = Events(APP, declared, columns={field: Column("x", sql_type)}).calls()
    record = {"external_id": "u1", "name": "Visit", "time": "2026-01-02T00:00:00.000Z", field: value}
    part = track.item(change("create", new=record))
    assert isinstance(part, Outcome)
    assert str(part.message).startswith(f"{field}: holds a date whose year has not four digits")


def dated(field: str, sql_type: str, *others: str) -> Track:
    """The call of users with a column of this type."""
    columns = {field: Column("x", sql_type)}
    return call_of(Users(APP, destination("external_id", field, *others), columns=columns), Track)
