"""Groups of a destination: what may stand there, and the columns that fill them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from roo_dbt.config import Declarations, resolve
from roo_dbt.config.column_types import is_array, is_boolean, is_text_array
from roo_dbt.records import Column, Destination, Group, Problem

Declare = Callable[..., Declarations]
HERE = "config.meta.roo.destinations[0]"
UUID = "7a1c9e62-2b1f-4b0c-9f0e-6f1f1a2b3c4d"
TABLE = [
    Column("customer_id", "VARCHAR"),
    Column("email", "VARCHAR"),
    Column("IS_BIG", "BOOLEAN"),
    Column("Segments", "VARCHAR[]"),
]


def only(problems: Sequence[Problem]) -> Problem:
    """The one problem there is."""
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def resolved(declarations: Declarations, columns: Sequence[Column]) -> tuple[Destination, list[Problem]]:
    """The first destination, resolved against a table."""
    assert declarations.errors == ()
    (destination,) = declarations.destinations
    app = declarations.apps[destination.app]
    kind = app.objects[destination.object]
    return resolve(destination, columns, obj_class=kind, app=app, sendable=lambda _: True)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ({"name": "High value", "column": "is_big"}, Group("is_big", "High value")),
        ({"column": "is_big", "subscription_group_id": UUID}, Group("is_big", None, UUID)),
        ({"name": "News", "column": "is_big", "subscription_group_id": UUID}, Group("is_big", "News", UUID)),
        ({"from": "segments"}, Group("segments")),
    ],
)
def test_a_group_is_read_as_it_is_written(
    declared: Declare, meta: dict[str, Any], written: dict[str, Any], read: Group
) -> None:
    meta["destinations"][0]["groups"] = [written]
    found = declared(meta)

    assert found.problems == ()
    assert found.destinations[0].groups == (read,)


@pytest.mark.parametrize(
    ("group", "id_", "path", "nearest"),
    [
        ({"column": "c", "name": "n", "nam": 1}, "unknown-setting", "[0].nam", "name"),
        ({"column": "c"}, "missing-setting", "[0]", ""),
        ({"name": "n"}, "missing-setting", "[0]", ""),
        ({"from": "s", "name": "n"}, "conflicting-settings", "[0]", ""),
        ({"from": "s", "column": "c"}, "conflicting-settings", "[0]", ""),
        ({"column": "c", "list_id": 7, "subscription_group_id": UUID}, "conflicting-settings", "[0]", ""),
        (
            {"name": "n", "column": "c", "subscription_group_id": "7a1c"},
            "bad-value",
            "[0].subscription_group_id",
            "",
        ),
        ({"list_id": 0, "column": "c"}, "bad-value", "[0].list_id", ""),
        ({"list_id": "first", "column": "c"}, "wrong-type", "[0].list_id", ""),
    ],
)
def test_a_group_of_the_wrong_form_is_one_problem_with_its_place(
    declared: Declare, meta: dict[str, Any], group: dict[str, Any], id_: str, path: str, nearest: str
) -> None:
    meta["destinations"][0]["groups"] = [group, {"name": "right", "column": "c"}]
    found = declared(meta)
    problem = only(found.problems)

    assert (problem.id, problem.path, problem.nearest) == (id_, f"{HERE}.groups{path}", nearest)
    assert found.destinations[0].groups == ()


def test_every_wrong_group_is_reported_at_once(declared: Declare, meta: dict[str, Any]) -> None:
    same = {"name": "Big", "column": "a"}
    meta["destinations"][0]["groups"] = [{"column": "c"}, same, {**same, "column": "b"}, 5]

    assert [(one.id, one.path.removeprefix(HERE)) for one in declared(meta).problems] == [
        ("missing-setting", ".groups[0]"),
        ("wrong-type", ".groups[3]"),
        ("duplicate-group", ".groups[2]"),
    ]


def test_a_subscription_group_is_the_same_in_upper_and_lower_case(
    declared: Declare, meta: dict[str, Any]
) -> None:
    meta["destinations"][0]["groups"] = [
        {"column": "a", "subscription_group_id": UUID},
        {"column": "b", "subscription_group_id": UUID.upper()},
    ]

    assert only(declared(meta).problems).id == "duplicate-group"


def test_an_object_without_groups_says_that_they_are_not_supported_yet(
    declared: Declare, meta: dict[str, Any]
) -> None:
    meta["destinations"][0] = {
        "name": "a",
        "app": "postbox",
        "object": "letters",
        "first_sync": "baseline",
        "mapping": {"external_id": "id", "subject": "s"},
        "groups": [{"from": "segments"}],
    }
    problem = only(declared(meta).problems)

    assert (problem.id, problem.path) == ("not-supported-yet", f"{HERE}.groups")


def test_an_object_without_modes_needs_a_first_sync(declared: Declare, meta: dict[str, Any]) -> None:
    mapping = {"external_id": "id", "subject": "s"}
    meta["destinations"][0] = {"name": "a", "app": "postbox", "object": "letters", "mapping": mapping}
    problem = only(declared(meta).problems)

    assert (problem.id, problem.path) == ("first-sync-missing", f"{HERE}.first_sync")
    assert "send, or baseline" in problem.message


def test_the_columns_of_groups_get_the_catalogues_case(declared: Declare, meta: dict[str, Any]) -> None:
    meta["destinations"][0]["groups"] = [{"name": "Big", "column": "is_big"}, {"from": "segments"}]
    destination, problems = resolved(declared(meta), TABLE)

    assert problems == []
    assert destination.groups == (Group("IS_BIG", "Big"), Group("Segments"))


@pytest.mark.parametrize(
    ("group", "id_", "path", "words"),
    [
        ({"name": "Big", "column": "is_bigg"}, "unknown-column", "column", "no such column"),
        ({"name": "Big", "column": "email"}, "column-type", "column", "boolean column"),
        ({"name": "Big", "column": "segments"}, "column-type", "column", "is VARCHAR[]"),
        ({"from": "is_big"}, "column-type", "from", "array of texts"),
        ({"from": "segmentss"}, "unknown-column", "from", "no such column"),
    ],
)
def test_a_column_that_cannot_fill_a_group_is_named(
    declared: Declare, meta: dict[str, Any], group: dict[str, Any], id_: str, path: str, words: str
) -> None:
    meta["destinations"][0]["groups"] = [group]
    problem = only(resolved(declared(meta), TABLE)[1])

    assert (problem.id, problem.path) == (id_, f"{HERE}.groups[0].{path}")
    assert words in problem.message


def test_the_columns_of_groups_are_not_mapped_as_other_columns(
    declared: Declare, meta: dict[str, Any]
) -> None:
    groups = [{"name": "Big", "column": "is_big"}, {"from": "segments"}]
    meta["destinations"][0] |= {"map_other_columns": True, "groups": groups}
    destination, problems = resolved(declared(meta), [*TABLE, Column("plan", "VARCHAR")])

    assert problems == []
    assert [line.field for line in destination.mapping] == ["external_id", "email", "plan"]


def test_an_array_may_be_compared_as_a_set_and_other_columns_may_not(
    declared: Declare, meta: dict[str, Any]
) -> None:
    mapping = meta["destinations"][0]["mapping"]
    mapping["segments"] = {"column": "segments", "unordered": True}
    destination, problems = resolved(declared(meta), TABLE)
    assert (problems, destination.mapping[2].unordered) == ([], True)

    mapping["segments"] = {"column": "is_big", "unordered": True}
    problem = only(resolved(declared(meta), TABLE)[1])
    assert (problem.id, problem.path) == ("column-type", f"{HERE}.mapping.segments")
    assert "IS_BIG is BOOLEAN" in problem.message


@pytest.mark.parametrize("type_", ["BOOLEAN", "bool", "Boolean"])
def test_a_boolean_is_one_in_any_engine(type_: str) -> None:
    assert is_boolean(type_)
    assert not is_array(type_)


@pytest.mark.parametrize(
    "type_", ["VARCHAR[]", "text[]", "VARCHAR(20)[]", "ARRAY<STRING>", "ARRAY", "VARCHAR[3]"]
)
def test_an_array_of_texts_is_one_in_any_engine(type_: str) -> None:
    assert is_text_array(type_)
    assert is_array(type_)


@pytest.mark.parametrize(
    "type_", ["INTEGER[]", "VARCHAR[][]", "STRUCT(a VARCHAR[])[]", "ARRAY<INT64>", "JSON"]
)
def test_an_array_of_anything_else_is_no_array_of_texts(type_: str) -> None:
    assert not is_text_array(type_)
