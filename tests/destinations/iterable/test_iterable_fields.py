"""The fields of a project: read, compared with columns, and numbers sent as the type the field has."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import orjson
import pytest

from roo_dbt.destinations.protocol import KnownField, Send
from roo_dbt.errors import AppRefused, VendorLost
from roo_dbt.records import Answer, Column, Request
from roo_dbt.sandbox import Sandbox
from roo_dbt.transport import Transport

if TYPE_CHECKING:
    from tests.destinations.iterable.conftest import World

MakeWorld = Callable[..., "World"]
MakeAnswer = Callable[..., Answer]
KNOWN = [
    KnownField("age", "long"),
    KnownField("address", "object"),
    KnownField("address.city", "string"),
    KnownField("City", "string"),
    KnownField("flag", "boolean"),
    KnownField("born", "date"),
    KnownField("ltv", "double"),
    KnownField("home_geo_location", "geo_location"),
    KnownField("odd", "something new"),
]


def always(reply: Answer) -> Send:
    """A vendor with one answer."""
    return lambda _: reply


def warnings(world: World, known: list[KnownField], **columns: str) -> list[tuple[str, str]]:
    """Ids and sentences about these columns (field with `__` for a dot → type)."""
    named = {name.replace("__", "."): Column("c", type_) for name, type_ in columns.items()}
    found = world.users.check_fields(named, known)
    assert all(problem.severity == "warning" for problem in found)
    return [(problem.id, problem.message) for problem in found]


def test_the_fields_of_a_project_come_by_name_and_with_their_types(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    sent: list[Request] = []

    def send(request: Request) -> Answer:
        sent.append(request)
        return answer({"fields": {"b": "long", "a.x": "date", "emailListIds": "long"}})

    fields = world().app.fields(send)
    assert sent == [Request("GET", "/api/users/getFields")]
    assert [(field.name, field.type) for field in fields] == [
        ("a.x", "date"),
        ("b", "long"),
        ("emailListIds", "long"),
    ]
    assert fields[2].note == "kept by Iterable: Iterable writes it when a user joins or leaves a list"


def test_the_sandbox_lists_its_fields(world: MakeWorld) -> None:
    with Sandbox(enforce_limits=False) as sandbox, Transport(sandbox.url, {"Api-Key": "k"}) as transport:
        names = [field.name for field in world().app.fields(transport.send)]
        assert {"email", "signupDate"} <= set(names)
        assert names == sorted(names)


def test_fields_that_cannot_be_read_are_an_error_that_says_why(world: MakeWorld, answer: MakeAnswer) -> None:
    with pytest.raises(AppRefused, match="HTTP 403 Forbidden") as refused:
        world().app.fields(lambda _: answer({"code": "Forbidden", "msg": ""}, 403))
    assert "Server-side" in refused.value.hint
    for reply in (answer("<html>"), answer("", 503), answer({"fields": []})):
        with pytest.raises(VendorLost, match="did not list its fields"):
            world().app.fields(always(reply))


@pytest.mark.parametrize(
    ("field", "type_"),
    [
        ("age", "BIGINT"),
        ("age", "INTEGER[]"),
        ("address__city", "VARCHAR"),
        ("address", "STRUCT(a INTEGER)"),
        ("flag", "BOOLEAN"),
        ("born", "DATE"),
        ("born", "TIMESTAMP WITH TIME ZONE"),
        ("ltv", "DECIMAL(9,2)"),
        ("ltv", "INTEGER"),
        ("City", "BIGINT"),
        ("odd", "VARCHAR"),
        ("new", "VARCHAR"),
        ("email", "VARCHAR"),
    ],
)
def test_a_column_that_fits_its_field_is_no_problem(world: MakeWorld, field: str, type_: str) -> None:
    assert warnings(world(), KNOWN, **{field: type_}) == []


@pytest.mark.parametrize(
    ("field", "type_", "expected"),
    [
        (
            "age",
            "VARCHAR",
            "is long in the project, and the column c is VARCHAR: Iterable would refuse its values.",
        ),
        (
            "age",
            "VARCHAR[]",
            "is long in the project, and the column c is VARCHAR[]: Iterable would refuse its values.",
        ),
        (
            "age",
            "DOUBLE",
            "is long in the project, and the column c is DOUBLE: values with a fraction do not fit.",
        ),
        (
            "City",
            "DECIMAL(9,2)",
            "is string in the project, and the column c is DECIMAL(9,2): values with a fraction do not fit.",
        ),
        (
            "flag",
            "INTEGER",
            "is boolean in the project, and the column c is INTEGER: Iterable would refuse its values.",
        ),
        (
            "born",
            "BIGINT",
            "is date in the project, and the column c is BIGINT: Iterable would refuse its values.",
        ),
        (
            "born",
            "VARCHAR",
            (
                "is date in the project, and the column c is VARCHAR: only text in the form of a date is taken; a DATE "
                "or TIMESTAMP column is safer."
            ),
        ),
        (
            "address",
            "VARCHAR",
            "is object in the project, and the column c is VARCHAR: Iterable would refuse its values.",
        ),
        ("age__years", "BIGINT", "age is long in the project and holds no further fields."),
    ],
)
def test_a_column_that_does_not_fit_its_field_is_a_warning(
    world: MakeWorld, field: str, type_: str, expected: str
) -> None:
    assert warnings(world(), KNOWN, **{field: type_}) == [("field-type", expected)]


def test_a_new_field_that_differs_from_another_in_case_alone_is_a_warning(world: MakeWorld) -> None:
    ((id_, message),) = warnings(world(), KNOWN, city="VARCHAR")
    assert id_ == "field-case"
    assert message == "the project has City; this would create another field, and fields stay for ever."


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (898, None),
        (
            899,
            "900 profile fields, 1 of them made by this mapping; Iterable allows about 1,000, and fields",
        ),
        (
            1000,
            "1,001 profile fields, 1 of them made by this mapping; Iterable allows about 1,000 and refuses",
        ),
    ],
)
def test_edge_13_a_project_close_to_its_limit_of_fields_is_a_warning(
    world: MakeWorld, number: int, expected: str | None
) -> None:
    known = [KnownField(f"f{n}", "string") for n in range(number)]
    found = warnings(world(), known, new="VARCHAR", f1="VARCHAR")
    assert [id_ for id_, _ in found] == (["many-fields"] if expected else [])
    assert all(str(expected) in message for _, message in found)


def test_parents_of_dotted_fields_count_as_fields(world: MakeWorld) -> None:
    known = [KnownField(f"f{n}", "string") for n in range(897)]
    (found,) = warnings(world(), known, a__b__c="VARCHAR")
    assert found[1].startswith("the project has 900 profile fields, 3 of them made by this mapping")


@pytest.mark.parametrize(
    ("type_", "column", "value", "sent"),
    [
        ("long", "DOUBLE", 12.0, b"12"),
        ("long", "DOUBLE", 12.5, b"12.5"),
        ("long", "BIGINT", 2**53 + 1, b"9007199254740993"),
        ("double", "BIGINT", 12, b"12.0"),
        ("double", "BIGINT", 2**60, b"1152921504606846976"),
        ("string", "BIGINT", 12, b'"12"'),
        ("string", "DOUBLE", 1.5, b"1.5"),
        ("double", "INTEGER[]", [1, None], b"[1.0,null]"),
        ("long", "VARCHAR", "12", b'"12"'),
        ("boolean", "BIGINT", 1, b"1"),
        (None, "DOUBLE", 12.0, b"12.0"),
        (None, "BIGINT", 12, b"12"),
    ],
)
def test_edge_19_a_number_is_sent_as_the_type_its_field_has(
    world: MakeWorld, answer: MakeAnswer, type_: str | None, column: str, value: object, sent: bytes
) -> None:
    w = world(fields={"email": "VARCHAR", "n": column})
    fields = {"n": type_} if type_ else {}
    w.users.prepare(lambda _: answer({"fields": fields}), [])
    assert w.item(w.create({"email": "a@x.org", "n": value})).body.endswith(b'{"n":' + sent + b"}}")


def test_types_are_asked_for_only_where_there_are_numbers_and_may_be_unknown(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    asked: list[str] = []

    def send(request: Request) -> Answer:
        asked.append(request.path)
        return answer("<html>", 500)

    world(fields={"email": "VARCHAR", "name": "VARCHAR", "userId": "BIGINT"}).users.prepare(send, [])
    assert asked == []
    w = world(fields={"email": "VARCHAR", "n": "DECIMAL(9,2)"})
    w.users.prepare(send, [])
    assert asked == ["/api/users/getFields"]
    assert orjson.loads(w.item(w.create({"email": "a@x.org", "n": 1.5})).body)["dataFields"] == {"n": 1.5}
