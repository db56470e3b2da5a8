"""Events and purchases: what is sent, what is refused before, and what no answer means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.destinations.braze.braze_samples import (
    APP,
    ENDPOINT,
    KEY,
    answer,
    change,
    destination,
    occurrences,
    refusal,
    sent,
)

from roo_dbt.destinations.braze import Braze
from roo_dbt.destinations.braze.events import Events, Occurrences, Purchases
from roo_dbt.destinations.braze.fields import ALIAS_LABEL, ALIAS_NAME
from roo_dbt.destinations.protocol import Call
from roo_dbt.errors import Retriable, Splittable
from roo_dbt.records import ACCEPTED, Change, Item, Outcome

GOLDEN = Path(__file__).parent / "golden"
Kind = type[Occurrences]

ALL_FIELDS: dict[Kind, dict[str, Any]] = {
    Events: {
        "external_id": 42,
        "name": "Order Placed",
        "time": "2026-03-04T05:06:07.000Z",
        "app_id": "shop-app",
        "properties.total": 129.5,
        "properties.paid": True,
        "properties.due": "2026-04-05",
        "properties.note": None,
        "properties.tags": ["first", 2],
        "properties.address.city": "London",
        "properties.address.zone": 1,
        "properties.lines": [{"sku": "a-1", "quantity": 2}, {"sku": "b-2", "quantity": 1, "gift": None}],
    },
    Purchases: {
        "external_id": 42,
        "product_id": "backpack",
        "currency": "eur",
        "price": 39.9,
        "quantity": 3,
        "time": "2026-03-04",
        "app_id": "shop-app",
        "properties": {"color": "red", "checkout_seconds": 180, "coupon": None},
    },
}
REQUIRED: dict[Kind, dict[str, Any]] = {
    Events: {"external_id": "u1", "name": "Login", "time": "2026-03-04T05:06:07.000Z"},
    Purchases: {
        "external_id": "u1",
        "product_id": "pen",
        "currency": "USD",
        "price": 2,
        "time": "2026-03-04T05:06:07.000Z",
    },
}
FIELDS = ("name", "time", "app_id", "product_id", "currency", "price", "quantity")
BOTH = pytest.mark.parametrize("kind", [Events, Purchases])


def new(**values: Any) -> Change:
    return change("create", new=values)


def call(kind: Kind = Events, *fields: str, app: Braze = APP, **options: object) -> Call:
    (found,) = occurrences(kind, *fields, app=app, **options).calls()
    return found


def read(kind: Kind, count: int, reply: Any) -> list[str | None]:
    track = call(kind)
    items = [track.item(new(**REQUIRED[kind])) for _ in range(count)]
    outcomes = track.outcomes([item for item in items if isinstance(item, Item)], reply)
    return [outcome.status if outcome else None for outcome in outcomes]


# --- bodies --------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("fields", ["all_fields", "required_only"])
def test_the_request_is_as_recorded(kind: Kind, fields: str) -> None:
    values = ALL_FIELDS[kind] if fields == "all_fields" else REQUIRED[kind]
    track = call(kind, *values)
    item = track.item(new(**values))
    assert isinstance(item, Item), item
    request = track.request([item])
    assert (request.method, request.path) == ("POST", "/users/track")
    golden = json.loads((GOLDEN / f"{kind.name}_{fields}.json").read_text(encoding="utf-8"))
    assert orjson.loads(request.body or b"") == golden


@BOTH
def test_update_users_only_is_an_option(kind: Kind) -> None:
    assert (
        sent(call(kind, update_users_only=True).item(new(**REQUIRED[kind])))["_update_existing_only"] is True
    )
    assert "_update_existing_only" not in sent(call(kind).item(new(**REQUIRED[kind])))


@BOTH
def test_the_app_id_of_the_record_goes_before_the_options_and_that_before_the_apps(kind: Kind) -> None:
    app = Braze.model_validate({"rest_endpoint": ENDPOINT, "api_key": KEY, "app_id": "of-the-app"})
    required = new(**REQUIRED[kind])
    assert sent(call(kind, app=app).item(required))["app_id"] == "of-the-app"
    assert sent(call(kind, app=app, app_id="of-the-option").item(required))["app_id"] == "of-the-option"
    own = new(**REQUIRED[kind], app_id="own")
    assert sent(call(kind, app=app, app_id="of-the-option").item(own))["app_id"] == "own"
    assert "app_id" not in sent(call(kind).item(required))


def test_users_are_named_in_every_way() -> None:
    for identifier, values, body in (
        (("braze_id",), {"braze_id": "5f"}, {"braze_id": "5f"}),
        (
            (ALIAS_NAME, ALIAS_LABEL),
            {ALIAS_NAME: "1", ALIAS_LABEL: "crm"},
            {"user_alias": {"alias_name": "1", "alias_label": "crm"}},
        ),
        (("email",), {"email": "a@b.co"}, {"email": "a@b.co"}),
        (("phone",), {"phone": "+14155550100"}, {"phone": "+14155550100"}),
    ):
        declared = destination(*identifier, mode=None, object="events", identifier=identifier)
        (track,) = Events(APP, declared).calls()
        rest = {name: value for name, value in REQUIRED[Events].items() if name != "external_id"}
        assert sent(track.item(new(**values, **rest))) == {**body, **rest}


@BOTH
def test_only_new_records_are_sent(kind: Kind) -> None:
    """Edge case 37: each key once; a row that changes or leaves is no second event."""
    values = REQUIRED[kind]
    assert call(kind).item(change("update", old=values, new={**values, "time": "2026-01-01"})) is None
    assert call(kind).item(change("delete", old=values)) is None
    assert (kind.order, kind.unique_identifier, kind.modes) == ("time", False, frozenset())
    assert call(kind).repeatable is False
    assert call(kind).batch_size == 75


# --- limits that are checked before anything is sent ---------------------------------------------


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        (Events, {"external_id": None}, "external_id is null or blank, so Braze cannot find the user"),
        (Events, {"name": None}, "name: is null, and Braze takes no events without it"),
        (Events, {"name": "  "}, "name: is blank"),
        (Events, {"name": "x" * 256}, "name: has 256 characters; Braze would ignore"),
        (Events, {"name": True}, "name: must be text"),
        (Events, {"time": None}, "time: is null, and Braze takes no events without it"),
        (Events, {"time": "yesterday"}, "time: must be a date or a time in ISO 8601"),
        (Events, {"time": "3001-01-01"}, "time: is a time after the year 3000"),
        (Events, {"app_id": 7}, "app_id: must be text"),
        (Purchases, {"product_id": ""}, "product_id: is blank"),
        (Purchases, {"currency": "dollars"}, "currency: must be a currency code of ISO 4217 (USD, EUR)"),
        (Purchases, {"currency": "XXL"}, "currency: must be a currency code"),
        (Purchases, {"currency": None}, "currency: is null, and Braze takes no purchases without it"),
        (Purchases, {"price": "2.00"}, "price: must be a number"),
        (Purchases, {"price": "\x00roo:NaN"}, "price: holds a number that JSON cannot say"),
        (Purchases, {"quantity": 0}, "quantity: must be between 1 and 100"),
        (Purchases, {"quantity": 101}, "quantity: must be between 1 and 100"),
        (Purchases, {"quantity": 1.5}, "quantity: must be a whole number"),
    ],
)
def test_a_value_that_braze_would_refuse_fails_the_record(
    kind: Kind, values: dict[str, Any], message: str
) -> None:
    """Edge case 38: quantities over 100 and wrong currencies."""
    outcome = refusal(call(kind).item(new(**{**REQUIRED[kind], **values})))
    assert (outcome.status, outcome.permanent) == ("failed", True)
    assert message in str(outcome.message)


def test_every_broken_rule_is_named_at_once() -> None:
    bad = {**REQUIRED[Purchases], "currency": "no", "quantity": 7000, "properties": {"price": 1}}
    message = str(refusal(call(Purchases).item(new(**bad))).message)
    assert all(f"{name}: " in message for name in ("currency", "quantity", "properties"))
    assert "7000" not in message


@pytest.mark.parametrize(
    ("kind", "name"),
    [(Events, name) for name in ("time", "event_name")]
    + [(Purchases, name) for name in ("time", "product_id", "quantity", "event_name", "price", "currency")],
)
def test_reserved_property_names_are_refused(kind: Kind, name: str) -> None:
    """Edge case 38."""
    for values in ({"properties": {name: 1}}, {f"properties.{name}": 1}):
        outcome = refusal(call(kind).item(new(**REQUIRED[kind], **values)))
        assert "properties: has a name that Braze keeps to itself" in str(outcome.message)


@BOTH
@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"$x": 1}, "properties: has a name that starts with $"),
        ({" ": 1}, "properties: has a name that is blank"),
        ({"x" * 256: 1}, "properties: has a name that is longer than 255 characters"),
        ({"a": {"$b": 1}}, "properties.a: has a key in its object that starts with $"),
        ({"a": "x" * 256}, "properties.a: has 256 characters"),
        ({"a": ["2026-01-02"]}, "properties.a: has a time among its elements"),
        ({"a": [{"b": "x" * 256}]}, "properties.a: has 256 characters"),
        ({"a": [None]}, "properties.a: has a null among its elements"),
        ({"a": "\x00roo:Infinity"}, "properties.a: holds a number that JSON cannot say"),
        ([1], "properties: must be an object"),
        ("text", "properties: must be an object"),
    ],
)
def test_properties_that_braze_would_drop_are_refused(kind: Kind, properties: Any, message: str) -> None:
    outcome = refusal(call(kind).item(new(**REQUIRED[kind], properties=properties)))
    assert outcome.code == "invalid_value"
    assert message in str(outcome.message)


@pytest.mark.parametrize(("kind", "most"), [(Events, 102_400), (Purchases, 50_000)])
def test_properties_have_a_size(kind: Kind, most: int) -> None:
    count = (most - 2) // 260
    fits = {f"p{n:03}": "x" * 250 for n in range(count)}
    assert isinstance(call(kind).item(new(**REQUIRED[kind], properties=fits)), Item)
    outcome = refusal(
        call(kind).item(new(**REQUIRED[kind], properties={**fits, "more": "x" * 255, "most": "x" * 255}))
    )
    assert f"properties: are larger than the {most:,} bytes Braze takes" in str(outcome.message)


@BOTH
def test_text_that_is_not_unicode_is_refused(kind: Kind) -> None:
    for values in ({"properties": {"a": "\ud800"}}, {"properties": {"\ud800": 1}}):
        assert refusal(call(kind).item(new(**REQUIRED[kind], **values))).code == "invalid_value"


def test_a_date_becomes_the_first_moment_of_its_day() -> None:
    assert sent(call().item(new(**{**REQUIRED[Events], "time": "2026-01-02"})))["time"] == (
        "2026-01-02T00:00:00.000Z"
    )


def test_a_time_to_come_is_sent_as_it_is() -> None:
    """Edge case 37: Braze turns it into now; what the model says is not ours to change."""
    assert sent(call().item(new(**{**REQUIRED[Events], "time": "2999-01-02T00:00:00.000Z"})))["time"] == (
        "2999-01-02T00:00:00.000Z"
    )


NAMES = [*FIELDS, "properties", "properties.a", "properties.b.c"]
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300),
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(st.text(max_size=5), parts, max_size=4),
    max_leaves=10,
)


@given(
    st.dictionaries(
        st.sampled_from(NAMES),
        json_values,
    ),
    st.sampled_from([Events, Purchases]),
)
def test_any_value_is_either_sent_as_json_or_refused_with_a_reason(
    values: dict[str, Any], kind: Kind
) -> None:
    part = call(kind).item(new(**{**REQUIRED[kind], **values}))
    if isinstance(part, Item):
        assert sent(part)["external_id"] == "u1"
    else:
        assert refusal(part).code == "invalid_value"


# --- answers -------------------------------------------------------------------------------------


def error(kind: Kind, index: int) -> dict[str, Any]:
    return {"type": "'time' is not valid", "input_array": kind.name, "index": index}


@BOTH
def test_a_201_with_errors_fails_exactly_the_named_objects(kind: Kind) -> None:
    reply = answer(201, {"message": "success", f"{kind.name}_processed": 2, "errors": [error(kind, 1)]})
    assert read(kind, 3, reply) == ["accepted", "failed", "accepted"]


@BOTH
def test_an_error_of_another_array_leaves_the_objects_unknown(kind: Kind) -> None:
    other = {"type": "bad", "input_array": "attributes", "index": 0}
    assert read(kind, 2, answer(201, {"message": "success", "errors": [other]})) == [None, None]


@BOTH
def test_what_might_have_arrived_is_unknown_and_not_due_again(kind: Kind) -> None:
    """Edge cases 6 and 10."""
    assert read(kind, 2, answer(201, {"message": "odd"})) == ["unknown", "unknown"]
    for reply in (answer(201, b"<html>"), answer(201, {})):
        with pytest.raises(Retriable) as caught:
            read(kind, 1, reply)
        assert caught.value.ambiguous
    for status, ambiguous in ((500, True), (502, False), (503, False), (504, True), (408, True)):
        with pytest.raises(Retriable) as caught:
            call(kind).judge(answer(status))
        assert caught.value.ambiguous is ambiguous


@BOTH
def test_a_request_that_was_refused_as_a_whole_is_split(kind: Kind) -> None:
    with pytest.raises(Splittable):
        read(kind, 2, answer(400, {"message": "Max Input Length Exceeded"}))
    assert read(kind, 1, answer(202, {"message": "queued"})) == [ACCEPTED.status]


@BOTH
@given(count=st.integers(1, 75), data=st.data())
def test_for_any_set_of_refused_objects_exactly_those_fail(
    kind: Kind, count: int, data: st.DataObject
) -> None:
    refused = data.draw(st.sets(st.integers(0, count - 1), max_size=count - 1))
    reply = {
        "message": "success",
        f"{kind.name}_processed": count - len(refused),
        "errors": [error(kind, index) for index in refused],
    }
    statuses = read(kind, count, answer(201, reply))
    assert [place for place, status in enumerate(statuses) if status != "accepted"] == sorted(refused)


def test_what_the_unknown_outcome_says() -> None:
    item = call().item(new(**REQUIRED[Events]))
    assert isinstance(item, Item)
    (outcome,) = call().outcomes([item], answer(200, {"message": "odd"}))
    assert outcome == Outcome("unknown", "ambiguous", "Braze: odd")
