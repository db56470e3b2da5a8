"""The guards in numbers: what passes, what stops, and the way past."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from roo_dbt.guard import Identity, other_identity, renamed, too_many
from roo_dbt.records import Destination, Mapped, Model, Relation, Threshold

MODEL = Model("model.shop.m", "m", "model", Relation("shop", "main", "m", "m"), "m.sql", {}, {})
DESTINATION = Destination(
    "braze", MODEL, "app", "users", ("id",), (Mapped("external_id", "id"),), ("external_id",)
)
TEN_PERCENT = Threshold(10, is_percentage=True)
HERE = Identity("https://rest.example", "key:salt:digest", ("id",))


def reasons(limit: Threshold = TEN_PERCENT, **counts: Any) -> list[str]:
    """What the guard says of a destination with 1,000 records, nothing of which left."""
    found = {"rows": 1000, "active": 1000, "removals": 0, "cleared": {}, **counts}
    return too_many(replace(DESTINATION, delete_limit=limit), **found)


@pytest.mark.parametrize(
    ("limit", "active", "allowed"),
    [
        (Threshold(10, is_percentage=True), 1000, 100),
        (Threshold(10, is_percentage=True), 109, 10),
        (Threshold(10, is_percentage=True), 3, 10),
        (Threshold(0, is_percentage=True), 1000, 10),
        (Threshold(100, is_percentage=True), 1000, 1000),
        (Threshold(2.5, is_percentage=True), 1000, 25),
        (Threshold(0, is_percentage=False), 1000, 0),
        (Threshold(3, is_percentage=False), 1000, 3),
    ],
)
def test_so_many_may_leave_and_not_one_more(limit: Threshold, active: int, allowed: int) -> None:
    assert reasons(limit, active=active, removals=allowed) == []
    (reason,) = reasons(limit, active=active, removals=allowed + 1)
    assert f"{allowed + 1:,} of {active:,} records left the model" in reason
    assert f"allows {allowed:,}" in reason
    assert "--yes-delete braze" in reason


def test_every_dropped_field_is_counted_by_itself() -> None:
    assert reasons(cleared={"plan": 100, "city": 100}) == []
    (reason,) = reasons(cleared={"plan": 100, "city": 101})
    assert "city is no longer mapped and would be cleared in 101 records" in reason
    assert len(reasons(removals=101, cleared={"plan": 101, "city": 101})) == 3


def test_an_empty_model_is_one_reason_and_no_limit_allows_it() -> None:
    (reason,) = reasons(Threshold(100, is_percentage=True), rows=0, removals=1000, cleared={"plan": 1000})
    assert "the model is empty, and the last sync had 1,000 records" in reason
    assert "--yes-delete braze" in reason


def test_an_empty_model_after_an_empty_snapshot_is_nothing_to_guard() -> None:
    assert reasons(rows=0, active=0) == []


def test_the_same_place_is_no_reason() -> None:
    assert other_identity(HERE, HERE, same_workspace=False) == []


@pytest.mark.parametrize("unknown", [replace(HERE, endpoint=""), replace(HERE, workspace="")])
def test_what_is_not_known_is_not_compared(unknown: Identity) -> None:
    assert other_identity(unknown, HERE, same_workspace=False) == []
    assert other_identity(HERE, unknown, same_workspace=False) == []


def test_key_columns_are_compared_without_case_but_in_their_order() -> None:
    assert other_identity(HERE, replace(HERE, key_columns=("ID",)), same_workspace=False) == []
    two, turned = (replace(HERE, key_columns=names) for names in (("a", "b"), ("b", "a")))
    (reason,) = other_identity(two, turned, same_workspace=False)
    assert "the key was a, b and is now b, a" in reason


def test_vouching_for_the_workspace_excuses_the_key_and_nothing_else() -> None:
    elsewhere = Identity("https://other.example", "key:salt:other", ("email",))
    assert len(other_identity(HERE, elsewhere, same_workspace=False)) == 3
    excused = other_identity(HERE, elsewhere, same_workspace=True)
    assert len(excused) == 2
    assert not any("--same-workspace" in reason for reason in excused)
    assert all("--full-refresh" in reason for reason in excused)


def test_a_new_name_is_told_with_every_old_one_it_may_be() -> None:
    assert renamed([]) == []
    (reason,) = renamed(["old", "older"])
    assert "it looks like old or older under a new name" in reason
    assert "--full-refresh" in reason
