"""What the protocol itself does for those who write destinations."""

# ruff: noqa: ARG002 - the signatures are the protocol's

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.config.postbox import Postbox

from roo_dbt.destinations import protocol
from roo_dbt.destinations.once import Once
from roo_dbt.destinations.protocol import Call, Limit, in_order, memberships, normalised, retry_after
from roo_dbt.errors import Retriable
from roo_dbt.records import Answer, Change, Group, Item, Outcome, Request


class Step(Call):
    rate = Limit("r", 1, "requests per 1 s", "tests", "2026-11-22", 1.0)

    def __init__(self, name: str) -> None:
        self.name = name  # type: ignore[misc]

    def item(self, change: Change) -> Item | Outcome | None:
        return None

    def request(self, items: Sequence[Item]) -> Request:
        return Request("GET", "/")

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        return ()


def test_the_public_names_are_all_there() -> None:
    assert all(hasattr(protocol, name) for name in protocol.__all__)
    assert sorted(protocol.__all__, key=str.casefold) == sorted(set(protocol.__all__), key=str.casefold)


def test_calls_come_in_the_usual_order() -> None:
    words = ("delete", "join", "leave", "write", "rename", "find")
    calls = {word: Step(word) for word in words}

    order = in_order(**calls)

    assert [call.name for call in order] == ["find", "rename", "write", "leave", "join", "delete"]
    assert in_order(write=calls["write"]) == (calls["write"],)


def test_what_is_made_once_is_made_by_one_thread_while_the_others_wait() -> None:
    once, made, begun, go_on = Once(), [], threading.Event(), threading.Event()
    found: list[int] = []

    def make() -> int:
        made.append(1)
        begun.set()
        go_on.wait(10)
        return 7

    threads = [threading.Thread(target=lambda: found.append(once("list", make))) for _ in range(8)]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    assert once("another", lambda: 8) == 8
    go_on.set()
    for thread in threads:
        thread.join(10)

    assert found == [7] * 8
    assert len(made) == 1


def test_what_could_not_be_made_is_tried_again() -> None:
    once = Once()

    with pytest.raises(ZeroDivisionError):
        once("list", lambda: 1 // 0)

    assert once("list", lambda: 1) == 1


def test_an_app_makes_things_once_and_another_app_for_itself() -> None:
    one, other = (Postbox(api_key="k", rest_endpoint="http://127.0.0.1") for _ in range(2))

    assert (one.once("x", lambda: 1), one.once("x", lambda: 2), other.once("x", lambda: 3)) == (1, 1, 3)
    assert one == other


@pytest.mark.parametrize(
    ("text", "seconds"), [("7", 7.0), (" 30 ", 30.0), ("soon", None), ("", None), ("-1", None)]
)
def test_retry_after_is_read_in_seconds(text: str, seconds: float | None) -> None:
    assert retry_after(Answer(429, {"retry-after": text}, b"")) == seconds


def test_a_rate_limit_is_obeyed_by_calls_that_say_nothing_themselves() -> None:
    with pytest.raises(Retriable) as caught:
        Step("write").judge(Answer(429, {"retry-after": "9"}, b""))

    assert (caught.value.retry_in, caught.value.rate_limited) == (9.0, True)


def test_names_of_groups_that_the_vendor_does_not_tell_apart_are_one_group() -> None:
    group = Group("segments")
    change = Change(
        1,
        "update",
        "1",
        {group.field: ["Gold ", "Old"]},
        {group.field: ["GOLD", "gold", "New"]},
        (group.field,),
    )

    moves = [(one.name, one.joins) for one in memberships(change, [group], "lower")]

    assert moves == [("Old", False), ("New", True)]
    assert ("GOLD", True) in [(one.name, one.joins) for one in memberships(change, [group])]


@given(st.text())
def test_normalised_names_stay_normalised(text: str) -> None:
    assert normalised(text, "exact") == text
    once = normalised(text, "lower")
    assert normalised(once, "lower").casefold() == once.casefold()
