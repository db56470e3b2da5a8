"""What a plan adds up, with a vendor made for the test."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import ClassVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roo_dbt.destinations.protocol import App, Call, Identifier, Limit, Object
from roo_dbt.estimate import EXACT_CHANGES, SAMPLES, Estimate, sample
from roo_dbt.records import (
    ACCEPTED,
    Answer,
    Change,
    Destination,
    Item,
    Mapped,
    Model,
    Operation,
    Outcome,
    Relation,
    Request,
    refused,
)

SHARED = Limit("calls", 10, "requests per 1 s", "https://vendor.example/limits", "2026-11-22", 1.0)
OWN = Limit("deletes", 1, "requests per 1 s", "https://vendor.example/limits", "2026-11-22", 1.0)


class Write(Call):
    """Creates and updates, 75 a request; keys that end in 0 are refused before sending."""

    name = "write"
    rate = SHARED
    batch_size = 75
    max_bytes = 10_000

    def item(self, change: Change) -> Item | Outcome | None:
        """The record, as long as its `size` says."""
        if change.key.endswith("0"):
            return refused("invalid_value", f"{change.key} ends in 0")
        if change.operation == "delete":
            return None
        return Item(change, b"x" * int(change.new.get("size", 10)))

    def request(self, items: Sequence[Item]) -> Request:
        """Not sent here."""
        raise NotImplementedError

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """Not sent here."""
        raise NotImplementedError


class Follow(Write):
    """A second call for creates, under the limit of the first."""

    name = "follow"
    batch_size = 10

    def item(self, change: Change) -> Item | Outcome | None:
        """Every create."""
        return Item(change, b"x") if change.operation == "create" else None


class Remove(Write):
    """Deletes, with a limit of their own."""

    name = "remove"
    rate = OWN
    batch_size = 5

    def item(self, change: Change) -> Item | Outcome | None:
        """Every delete."""
        return Item(change, b"x") if change.operation == "delete" else None


class People(Object):
    """What the calls above are for."""

    name: ClassVar[str] = "users"

    @classmethod
    def identifiers(cls, app: App) -> tuple[Identifier, ...]:  # noqa: ARG003
        """By id."""
        return (Identifier(("id",)),)

    def calls(self) -> tuple[Call, ...]:
        """Write, follow, remove."""
        return Write(), Follow(), Remove()


MODEL = Model("model.shop.m", "m", "model", Relation("shop", "main", "m", "m"), "m.sql", {}, {})
DESTINATION = Destination(
    "people", MODEL, "app", "users", ("id",), (Mapped("id", "id"),), ("id",), sync_mode="sync"
)


def people() -> People:
    """The object; its calls look at no app."""
    return People(cast("App", None), DESTINATION)


def change(seq: int, operation: Operation = "create", **values: int) -> Change:
    """A change whose key never ends in 0."""
    return Change(seq, operation, f"{seq}k", {}, values, tuple(values))


def estimated(changes: Sequence[Change], total: int | None = None) -> tuple[int, float]:
    """Requests and seconds."""
    estimate = Estimate(people())
    estimate.read([changes])
    effort = estimate.effort(len(changes) if total is None else total)
    return effort.requests, effort.seconds


@pytest.mark.parametrize(
    ("updates", "requests"), [(0, 0), (1, 1), (74, 1), (75, 1), (76, 2), (150, 2), (151, 3)]
)
def test_full_batches_make_full_requests(updates: int, requests: int) -> None:
    assert estimated([change(seq, "update") for seq in range(updates)])[0] == requests


def test_large_items_fill_a_request_by_their_bytes() -> None:
    assert estimated([change(seq, "update", size=999) for seq in range(10)])[0] == 1
    assert estimated([change(seq, "update", size=999) for seq in range(11)])[0] == 2


def test_calls_that_share_a_limit_add_up_and_others_go_side_by_side() -> None:
    creates = [change(seq) for seq in range(100)]
    assert estimated(creates) == (2 + 10, 1.2)
    deletes = [change(seq, "delete") for seq in range(100, 111)]
    assert estimated([*creates, *deletes]) == (2 + 10 + 3, 3.0)


def test_what_is_settled_beforehand_costs_nothing() -> None:
    verdict = Change(1, "create", "1k", {}, {}, (), verdict=Outcome("skipped", "mode", "kept"))
    local = Change(2, "create", "20", {}, {}, ())
    assert estimated([verdict, local]) == (0, 0.0)


def test_beyond_the_changes_looked_at_the_count_is_scaled_up() -> None:
    many = [change(seq, "update") for seq in range(EXACT_CHANGES + 500)]
    estimate = Estimate(people())
    estimate.read([many])
    assert estimate.seen == EXACT_CHANGES
    total = 30 * EXACT_CHANGES
    assert estimate.effort(total).requests == -(-total // 75)


@given(st.lists(st.sampled_from(["create", "update", "delete"]), max_size=40))
def test_samples_are_few_and_show_every_operation_there_is(operations: list[Operation]) -> None:
    estimate = Estimate(people())
    estimate.read([[change(seq, operation) for seq, operation in enumerate(operations)]])
    shown = [kept.operation for kept in estimate.samples()]
    assert len(shown) == min(SAMPLES, len(operations))
    assert set(shown) == set(operations)


@given(st.lists(st.sampled_from(["create", "update", "delete"]), max_size=40), st.randoms())
def test_the_order_of_the_warehouse_does_not_show_in_a_plan(
    operations: list[Operation], chance: Random
) -> None:
    changes = [change(seq, operation) for seq, operation in enumerate(operations)]
    refusals = [Change(seq, "create", f"{seq}0", {}, {}, ()) for seq in range(3)]
    plans = []
    for _ in range(2):
        estimate = Estimate(people())
        estimate.read([[*changes, *refusals]])
        plans.append((estimate.samples(), estimate.refused(estimate.seen)))
        chance.shuffle(changes)
        chance.shuffle(refusals)

    assert plans[0] == plans[1]


def test_samples_are_the_lowest_keys_as_people_count_them() -> None:
    estimate = Estimate(people())
    estimate.read([[change(seq, "update") for seq in (10, 100, 9, 2, 30, 11)], [change(7, "create")]])

    assert [kept.key for kept in estimate.samples()] == ["7k", "2k", "9k", "10k", "11k"]


OLD = {"email": "old@example.com", "city": "Oslo", "plan": None}
NEW = {"email": "new@example.com", "city": "Oslo", "plan": None}


def test_a_sample_shows_what_changes_masked_unless_asked_for() -> None:
    update = Change(1, "update", "1", OLD, NEW, ("email",))
    masked, shown = sample(update, show_values=False), sample(update, show_values=True)
    assert (masked.key, masked.old, masked.new) == ("1", {"email": "***"}, {"email": "***"})
    assert (shown.old, shown.new) == ({"email": "old@example.com"}, {"email": "new@example.com"})


def test_a_mask_hides_what_a_value_is_and_not_whether_there_is_one() -> None:
    cleared = Change(1, "update", "1", OLD, {**OLD, "city": None}, ("city",))
    found = sample(cleared, show_values=False)
    assert (found.old, found.new) == ({"city": "***"}, {"city": None})


def test_a_new_record_shows_its_values_and_a_removed_one_what_it_had() -> None:
    created = sample(Change(1, "create", "1", {}, NEW, ()), show_values=True)
    assert (created.old, created.new) == ({}, {"email": "new@example.com", "city": "Oslo"})
    removed = sample(Change(1, "delete", "1", OLD, {}, ()), show_values=True)
    assert (removed.old, removed.new) == ({"email": "old@example.com", "city": "Oslo"}, {})
    cleared = Change(1, "delete", "1", OLD, {"email": None}, ("email",), clears=True)
    assert sample(cleared, show_values=True).new == {"email": None}


def test_no_value_survives_the_mask() -> None:
    for made in (
        Change(1, "create", "1", {}, NEW, ()),
        Change(1, "update", "1", OLD, NEW, ("email", "city"), verdict=ACCEPTED),
        Change(1, "delete", "1", OLD, {}, ()),
    ):
        found = sample(made, show_values=False)
        assert {*found.old.values(), *found.new.values()} <= {"***", None}
