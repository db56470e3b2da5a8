"""The custom attributes of a workspace, and mapped columns that do not agree with them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.destinations.braze.braze_samples import APP, ENDPOINT, KEY, answer, destination, users
from tests.destinations.braze.conftest import World

from roo_dbt.destinations.braze.users import Users
from roo_dbt.destinations.protocol import KnownField
from roo_dbt.errors import AppRefused, VendorLost
from roo_dbt.records import Answer, Column, Group, Problem, Request

ELSEWHERE = "https://somewhere.example.com/custom_attributes"


class Pages:
    """Answers with pages whose cursors follow each other."""

    def __init__(self, *pages: list[Any], loop: bool = False) -> None:
        self.pages = pages
        self.loop = loop
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        number = int(request.params.get("cursor", "c0")[1:])
        following = 0 if self.loop else number + 1
        more = following < len(self.pages)
        link = f'<{ELSEWHERE}?cursor=c0>; rel="first", <{ELSEWHERE}?x=1&cursor=c{following}>; rel="next"'
        headers = {"link": link} if more else {}
        return answer(200, {"message": "success", "attributes": self.pages[number]}, **headers)


def entry(name: str, data_type: str | None = "Number", **more: Any) -> dict[str, Any]:
    return {"name": name, "data_type": data_type, "status": "Active", **more}


# --- the list ------------------------------------------------------------------------------------


def test_the_attributes_are_read_page_by_page_by_the_cursor_alone() -> None:
    """Edge case 45: the key never goes to an address that an answer names."""
    pages = Pages([entry("a")], [entry("b", "String (Automatically Detected)")], [entry("c", None)])
    assert APP.fields(pages) == (
        KnownField("a", "Number"),
        KnownField("b", "String (Automatically Detected)"),
        KnownField("c", ""),
    )
    asked = [(request.method, request.path, dict(request.params)) for request in pages.asked]
    assert asked == [
        ("GET", "/custom_attributes", {}),
        ("GET", "/custom_attributes", {"cursor": "c1"}),
        ("GET", "/custom_attributes", {"cursor": "c2"}),
    ]


def test_a_list_that_leads_back_to_its_beginning_ends() -> None:
    pages = Pages([entry("a")], loop=True)
    assert {field.name for field in APP.fields(pages)} == {"a"}
    assert len(pages.asked) == 2


def test_a_blocklisted_attribute_is_marked_and_odd_entries_are_left_out() -> None:
    page = [entry("a", status="Blocklisted"), "odd", {"name": 7}, entry("b", status=None)]
    assert APP.fields(Pages(page)) == (KnownField("a", "Number", "blocklisted"), KnownField("b", "Number"))


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (401, f"does not accept the API key at {ENDPOINT}"),
        (403, "lacks the permission custom_attributes.get"),
        (404, "does not know this URL"),
    ],
)
def test_a_key_that_may_not_ask_is_refused(status: int, text: str) -> None:
    with pytest.raises(AppRefused, match=text) as caught:
        APP.fields(lambda _: answer(status, {"message": KEY}))
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("reply", [answer(503), answer(200, b"<html>"), answer(200, {"attributes": None})])
def test_an_answer_without_attributes_is_no_empty_workspace(reply: Answer) -> None:
    with pytest.raises(VendorLost, match="does not list its custom attributes"):
        APP.fields(lambda _: reply)


def test_the_attributes_of_a_workspace_are_found(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.track({"external_id": "1", "plan": "gold", "tags": ["a"], **{f"n{n:02}": n for n in range(60)}})
    monkeypatch.setattr(world.sandbox, "braze_blocklist", ["n01"])
    found = {field.name: field for field in world.ask(world.app.fields)}
    assert len(found) == 62
    assert found["n01"].note == "blocklisted"
    assert found["plan"].type == "String (Automatically Detected)"
    assert found["tags"].type == "Array (Automatically Detected)"


# --- what does not agree -------------------------------------------------------------------------


def warnings(field: str, sql_type: str, *known: KnownField) -> list[Problem]:
    return list(users("external_id", field).check_fields({field: Column("some_column", sql_type)}, known))


@pytest.mark.parametrize(
    ("data_type", "sql_type"),
    [
        ("Number", "VARCHAR"),
        ("Number (Automatically Detected)", "BOOLEAN"),
        ("Boolean", "INTEGER"),
        ("Date", "BIGINT"),
        ("String", "DOUBLE"),
        ("Array", "VARCHAR"),
        ("Object", "VARCHAR"),
        ("object_array", "STRUCT(a INTEGER)"),
    ],
)
def test_a_column_of_another_type_than_brazes_is_a_warning(data_type: str, sql_type: str) -> None:
    """Edge case 26."""
    (problem,) = warnings("ltv", sql_type, KnownField("ltv", data_type))
    assert (problem.id, problem.severity) == ("type-differs", "warning")
    assert problem.message == (
        f"ltv is {data_type} in Braze and gets {sql_type} here; Braze may ignore it without a word"
    )
    assert problem.path == "config.meta.roo.destinations[0].mapping.ltv"


@pytest.mark.parametrize(
    ("data_type", "sql_type"),
    [
        ("Number", "DECIMAL(18,2)"),
        ("Boolean", "BOOLEAN"),
        ("Date", "TIMESTAMP"),
        ("Time", "VARCHAR"),
        ("String", "VARCHAR"),
        ("Array", "VARCHAR[]"),
        ("Object", "STRUCT(a INTEGER)"),
        ("Object Array", "STRUCT(a INTEGER)[]"),
        ("Number", "JSON"),
        ("Something new", "BOOLEAN"),
        ("", "BOOLEAN"),
    ],
)
def test_a_column_that_agrees_or_cannot_be_judged_is_none(data_type: str, sql_type: str) -> None:
    assert warnings("ltv", sql_type, KnownField("ltv", data_type)) == []


def test_a_blocklisted_attribute_is_a_warning_once() -> None:
    """Edge case 44."""
    (problem,) = warnings("ltv", "VARCHAR", KnownField("ltv", "Number", "blocklisted"))
    assert problem.id == "blocklisted-attribute"
    assert "Braze answers success and stores nothing" in problem.message
    object_ = users("external_id", "address.city", "address.zip")
    blocked = KnownField("address", "Object", "blocklisted")
    assert len(object_.check_fields({}, [blocked])) == 1


def test_a_part_of_an_attribute_that_is_no_object_is_a_warning() -> None:
    (problem,) = warnings("address.city", "VARCHAR", KnownField("address", "String"))
    assert "address is String in Braze and is a part of an object here" in problem.message
    assert warnings("address.city", "VARCHAR", KnownField("address", "Object")) == []


def test_standard_fields_and_unknown_attributes_are_not_compared() -> None:
    assert warnings("email", "VARCHAR", KnownField("email", "Number")) == []
    assert warnings("new_one", "VARCHAR", KnownField("other", "Number")) == []
    assert warnings("ltv", "VARCHAR") == []


@pytest.mark.parametrize(
    ("known", "problem_id"),
    [
        (KnownField("groups", "String"), "type-differs"),
        (KnownField("groups", "Array", "blocklisted"), "blocklisted-attribute"),
        (KnownField("groups", "Array"), None),
        (KnownField("groups", ""), None),
        (KnownField("other", "String"), None),
    ],
)
def test_the_array_of_the_groups_is_compared_too(known: KnownField, problem_id: str | None) -> None:
    object_ = Users(APP, destination("external_id", groups=(Group("is_vip", name="VIP"),)))
    found = [problem.id for problem in object_.check_fields({}, [known])]
    assert found == ([problem_id] if problem_id else [])
    assert users("external_id").check_fields({}, [known]) == []
