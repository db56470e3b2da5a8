"""What two declarations say differently."""

from __future__ import annotations

from dataclasses import replace

import pytest

from roo_dbt.config.differences import differences
from roo_dbt.records import Destination, Group, Mapped, Model, Relation, Threshold

MODEL = Model("model.shop.c", "c", "model", Relation("db", "main", "c", "main.c"), "models/c.yml", {}, {})
BASE = Destination(
    "one",
    MODEL,
    "braze",
    "users",
    ("id",),
    (Mapped("external_id", "id"), Mapped("email", "email")),
    ("external_id",),
    sync_mode="sync",
)


def said(new: Destination, old: Destination = BASE) -> list[tuple[str, str, str | None, str | None]]:
    return [(d.aspect, d.name, d.old, d.new) for d in differences(old, new)]


def test_a_declaration_is_no_different_from_itself_in_another_schema() -> None:
    elsewhere = replace(MODEL, relation=Relation("db", "ci", "c", "ci.c"), file="models/moved.yml")
    assert said(replace(BASE, model=elsewhere, path="config.meta.roo.destinations[3]")) == []


def test_every_setting_of_a_destination_is_compared() -> None:
    other = Destination(
        name="one",
        model=replace(MODEL, unique_id="model.shop.d"),
        app="iterable",
        object="events",
        key=("a", "b"),
        mapping=(Mapped("email", "mail"),),
        identifier=("email",),
        sync_mode=None,
        where="x > 1",
        enabled=False,
        on_removal="clear",
        delete_limit=Threshold(5, is_percentage=False),
        allowed_failures=Threshold(1.5, is_percentage=True),
        on_failed_model="warn",
        on_unknown="resend",
        recheck_days=3,
        map_other_columns=True,
        hold_back_failing_rows=True,
        nulls="ignore",
        groups=(Group("vip", name="VIP"),),
        first_sync="send",
        options={"overwrite": True},
        path="elsewhere",
    )
    told = {name for _, name, _, _ in said(other)}
    # `nulls` of a line is compared with its destination's; the place of a block is no part of what it says.
    renamed = {"mapping": {"email", "external_id"}, "groups": {"VIP"}, "options": {"overwrite"}}
    untold = {"name", "path"}
    expected = {name for name in Destination.__slots__ if name not in {*renamed, *untold}}
    assert told == expected.union(*renamed.values())


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (Mapped("email", "mail"), "mail"),
        (Mapped("email", None, "x"), 'value: "x"'),
        (Mapped("email", None, True), "value: true"),
        (Mapped("email", "email", nulls="ignore"), "email, nulls: ignore"),
        (Mapped("email", "email", unordered=True), "email, unordered: true"),
    ],
)
def test_a_line_of_the_mapping_is_told_as_it_is_written(line: Mapped, words: str) -> None:
    new = replace(BASE, mapping=(BASE.mapping[0], line))
    assert said(new) == [("field", "email", "email", words)]


def test_another_default_for_nulls_is_one_difference_and_not_one_per_field() -> None:
    lines = tuple(replace(line, nulls="ignore") for line in BASE.mapping)
    assert said(replace(BASE, nulls="ignore", mapping=lines)) == [("setting", "nulls", "clear", "ignore")]


@pytest.mark.parametrize(
    ("group", "name"),
    [
        (Group("vip", name="High value"), "High value"),
        (Group("segments"), "from segments"),
        (Group("vip", list_id=42), "list 42"),
        (Group("vip", subscription_group_id="7A1c"), "subscription 7a1c"),
    ],
)
def test_a_group_is_named_as_people_know_it(group: Group, name: str) -> None:
    assert said(replace(BASE, groups=(group,))) == [("group", name, None, group.column)]


def test_blanks_in_a_condition_mean_nothing() -> None:
    spaced = replace(BASE, where="a  >\n 1")
    assert said(replace(BASE, where=" a > 1 "), spaced) == []
    assert said(replace(BASE, where="a > 2"), spaced) == [("where", "where", "a > 1", "a > 2")]
