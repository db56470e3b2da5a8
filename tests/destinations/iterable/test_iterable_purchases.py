"""Purchases: their bodies, their items, and what the answers mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from tests.destinations.iterable.journey import statuses
from tests.destinations.iterable.request_checks import body_of, golden
from tests.destinations.iterable.tracked import create, item_of, make, only_call, refusal_of

from roo_dbt.destinations.iterable.purchases import Purchases
from roo_dbt.errors import Retriable
from roo_dbt.records import ACCEPTED, Answer, Column
from roo_dbt.sandbox import Sandbox
from roo_dbt.transport import Transport

MakeAnswer = Callable[..., Answer]
FIELDS = {
    "email": "VARCHAR",
    "total": "DECIMAL(9,2)",
    "items": "STRUCT(id VARCHAR, name VARCHAR, price DOUBLE, quantity INTEGER)[]",
    "createdAt": "TIMESTAMP",
    "dataFields.store": "VARCHAR",
}
TEA: dict[str, Any] = {"id": 12, "name": "Tea", "price": 4.5, "quantity": 2.0}
CUP = {
    "id": "cup-1",
    "name": "Cup",
    "price": 9,
    "quantity": 1,
    "sku": "C1",
    "description": None,
    "categories": ["Kitchen", "Cups"],
    "url": "https://shop.example/cup",
    "imageUrl": "https://shop.example/cup.png",
    "dataFields": {"color": "blue"},
}
BOUGHT = {
    "email": "Ada@x.org",
    "total": 18,
    "items": [TEA, CUP],
    "createdAt": "2026-01-02T03:04:05.000Z",
    "dataFields.store": "Oslo",
}


@pytest.mark.parametrize(("project", "by"), [("email", "email"), ("email", "userId"), ("hybrid", "userId")])
def test_the_body_of_a_purchase(project: str, by: str) -> None:
    fields = {by: "VARCHAR", **{name: type_ for name, type_ in FIELDS.items() if name != "email"}}
    call = only_call(make(Purchases, fields, project=project, by=by))
    request = call.request([item_of(call, create({**BOUGHT, "userId": "u1"}, "p1"))])
    assert request.path == "/api/commerce/trackPurchase"
    golden(f"purchase_{project}_by_{by}", body_of(request))
    assert (call.batch_size, call.repeatable) == (1, True)


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        (None, "items: this is no array of objects"),
        ("[]", "items: this is no array of objects"),
        ([], "items: a purchase needs at least one item"),
        ([TEA, 3], "items: item 2 is no object"),
        ([{**TEA, "id": None}], "items: item 1, id: this is null or blank"),
        ([{**TEA, "id": 1.5}], "items: item 1, id: this is no whole number"),
        ([{**TEA, "name": " "}], "items: item 1, name: this is null or blank"),
        ([{**TEA, "name": 3}], "items: item 1, name: this is no text"),
        ([{**TEA, "price": "4"}], "items: item 1, price: this is no number"),
        ([{**TEA, "price": float("nan")}], "items: item 1, price: this is no number"),
        ([{**TEA, "quantity": 0.5}], "items: item 1, quantity: this is no whole number"),
        ([{**TEA, "categories": "a"}], "items: item 1, categories: this is no array"),
        ([{**TEA, "categories": [1]}], "items: item 1, categories: this is no text"),
        ([{**TEA, "dataFields": [1]}], "items: item 1, dataFields: this is no object"),
        (
            [{**TEA, "color": "red"}],
            (
                "items: item 1 has color, which Iterable does not know; it has id, name, price, quantity, sku, "
                "description, categories, url, imageUrl, dataFields, and whatever else there is belongs into the "
                "item's dataFields"
            ),
        ),
    ],
)
def test_items_are_checked_before_sending(items: object, reason: str) -> None:
    outcome = refusal_of(only_call(make(Purchases, FIELDS)), create({**BOUGHT, "items": items}))
    assert (outcome.code, outcome.message, outcome.permanent) == ("invalid_value", reason, True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"total": None}, "total: this is no number"),
        ({"total": True}, "total: this is no number"),
        ({"total": float("inf")}, "total: this is no number"),
        ({"createdAt": None}, "createdAt: the time is null"),
        ({"email": ""}, "email is null or blank, so Iterable cannot find the user"),
        ({"dataFields.store": "\ud800"}, "a text is not valid Unicode"),
    ],
)
def test_what_is_wrong_with_a_purchase_is_said_before_sending(change: dict[str, Any], message: str) -> None:
    assert refusal_of(only_call(make(Purchases, FIELDS)), create({**BOUGHT, **change})).message == message


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (409, "Conflict", "conflict"),
        (400, "InvalidEmailAddressError", "invalid_value"),
        (400, "RequestFieldsTypesMismatched", "invalid_value"),
        (400, "BadParams", "rejected"),
        (409, "ForgottenUserError", "forgotten"),
    ],
)
def test_a_refused_purchase_gets_its_reason(
    answer: MakeAnswer, status: int, code: str, expected: str
) -> None:
    call = only_call(make(Purchases, FIELDS))
    (outcome,) = call.outcomes([item_of(call, create(BOUGHT))], answer({"msg": "x@y", "code": code}, status))
    assert outcome is not None
    assert (outcome.status, outcome.code) == ("failed", expected)
    assert "x@y" not in str(outcome.message)


def test_an_answer_without_json_proves_nothing_and_asking_again_is_harmless(answer: MakeAnswer) -> None:
    call = only_call(make(Purchases, FIELDS))
    some = [item_of(call, create(BOUGHT))]
    with pytest.raises(Retriable):
        call.outcomes(some, answer("<html>"))
    with Sandbox(enforce_limits=False) as sandbox, Transport(sandbox.url, {"Api-Key": "k"}) as transport:
        for _ in range(2):
            assert call.outcomes(some, transport.send(call.request(some))) == [ACCEPTED]
        assert len(sandbox.store.iterable.events.purchases) == 1
        assert not sandbox.requests[0].warnings


def test_what_a_declaration_of_purchases_must_have() -> None:
    good = make(Purchases, FIELDS)
    assert list(good.check_mapping(good.app, good.destination)) == []
    assert list(good.check_columns({name: Column(name, type_) for name, type_ in FIELDS.items()})) == []
    (problem,) = good.check_columns({"items": Column("i", "VARCHAR")})
    assert problem.message == "items needs an array of objects, the column i is VARCHAR."
    assert [field.name for field in Purchases.known if field.required] == ["total", "items", "createdAt"]


def test_the_ids_of_two_purchases_differ() -> None:
    call = only_call(make(Purchases, FIELDS))
    bodies = [orjson.loads(item_of(call, create(BOUGHT, key)).body)["id"] for key in ("1", "2", "1")]
    assert bodies[0] == bodies[2] != bodies[1]
    assert statuses([ACCEPTED]) == ["accepted"]
