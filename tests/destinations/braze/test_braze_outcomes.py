"""Answers of users/track and users/delete → one outcome per object.

Edge case 43 is of catalogs, whose requests are all or nothing: roo-dbt exports none.
"""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.destinations.braze.braze_samples import APP, ENDPOINT, KEY, answer, calls, items

from roo_dbt.destinations.braze.outcomes import TEXT_LIMIT
from roo_dbt.errors import Fatal, Retriable, Splittable
from roo_dbt.records import ACCEPTED, Answer, Outcome

TRACK, DELETE = calls("external_id", "email")
BAD_EMAIL = "The value provided for the 'email' field is not a valid email."


def error(index: Any, array: Any = "attributes", text: str = BAD_EMAIL) -> dict[str, Any]:
    return {"type": text, "input_array": array, "index": index}


def track(count: int, reply: Answer) -> list[Outcome | None]:
    TRACK.judge(reply)
    return list(TRACK.outcomes(items(count), reply))


def delete(count: int, reply: Answer) -> list[Outcome | None]:
    DELETE.judge(reply)
    return list(DELETE.outcomes(items(count), reply))


def statuses(outcomes: list[Outcome | None]) -> list[str | None]:
    return [outcome.status if outcome else None for outcome in outcomes]


def success(**more: Any) -> Answer:
    return answer(201, {"message": "success", **more})


# --- edge case 1, 2, 3: a 201 that names errors ------------------------------------------------


def test_a_201_with_errors_fails_exactly_the_named_objects() -> None:
    reply = success(attributes_processed=2, errors=[error(1), error(3), error(4)])
    outcomes = track(5, reply)
    assert statuses(outcomes) == ["accepted", "failed", "accepted", "failed", "failed"]
    assert outcomes[1] == Outcome("failed", "rejected", f"Braze: {BAD_EMAIL}", permanent=True)


@given(count=st.integers(1, 75), data=st.data())
def test_for_any_set_of_refused_objects_exactly_those_fail(count: int, data: st.DataObject) -> None:
    refused = data.draw(st.lists(st.integers(0, count - 1), unique=True))
    reply = success(attributes_processed=count - len(refused), errors=[error(index) for index in refused])
    outcomes = track(count, reply)
    assert [place for place, outcome in enumerate(outcomes) if outcome != ACCEPTED] == sorted(refused)


@given(count=st.integers(1, 75), data=st.data())
def test_a_400_with_errors_fails_the_named_objects_and_asks_for_the_others(
    count: int, data: st.DataObject
) -> None:
    refused = data.draw(st.sets(st.integers(0, count - 1), min_size=1))
    message = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."
    outcomes = track(count, answer(400, {"message": message, "errors": [error(index) for index in refused]}))
    assert statuses(outcomes) == ["failed" if place in refused else None for place in range(count)]


@pytest.mark.parametrize("errors", [None, [], "", {}])
def test_no_errors_in_any_spelling_is_success(errors: object) -> None:
    assert track(3, success(attributes_processed=3, errors=errors)) == [ACCEPTED] * 3


def test_a_missing_errors_key_is_success() -> None:
    assert track(2, success(attributes_processed=2)) == [ACCEPTED] * 2


@pytest.mark.parametrize(
    "stray",
    [
        "one of them was bad",
        {"type": BAD_EMAIL},
        error(None),
        error("1"),
        error(True),
        error(1.0),
        error(-1),
        error(3),
        error(0, "events"),
        error(0, "attribute"),
        error(0, None),
        17,
        None,
        ["nested"],
    ],
)
def test_an_error_that_names_no_object_leaves_the_others_unknown(stray: object) -> None:
    outcomes = track(3, success(attributes_processed=1, errors=[error(1), stray]))
    assert statuses(outcomes) == [None, "failed", None]


@pytest.mark.parametrize("stray", ["it was bad", {"type": "it was bad"}])
def test_an_error_without_an_index_belongs_to_the_only_object_there_is(stray: object) -> None:
    (outcome,) = track(1, success(attributes_processed=0, errors=[stray]))
    assert outcome == Outcome("failed", "rejected", "Braze: it was bad", permanent=True)


@pytest.mark.parametrize("errors", ["all of it", {"type": "all of it"}])
def test_errors_that_are_no_list_leave_every_object_unknown(errors: object) -> None:
    assert track(2, success(errors=errors)) == [None, None]


def test_several_errors_of_one_object_are_told_together() -> None:
    (outcome, _) = track(
        2, success(attributes_processed=1, errors=[error(0, text="first"), error(0, text="second")])
    )
    assert outcome is not None
    assert outcome.message == "Braze: first; second"


def test_a_count_that_does_not_add_up_is_logged_and_no_row_is_guessed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        assert track(3, success(attributes_processed=2)) == [ACCEPTED] * 3
    assert "counted 2 of 3 attributes" in caplog.text


# --- edge case 4, 5, 6, 7: whole requests -------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"message": "Valid data must be provided"},
        {"error": "the JSON could not be parsed"},
        {"message": "no", "errors": ["unindexed"]},
        {},
        b"<html>",
    ],
)
def test_a_400_without_reasons_is_split(body: object) -> None:
    with pytest.raises(Splittable, match="400"):
        track(2, answer(400, body))


def test_too_many_objects_are_split_and_nothing_is_taken_as_processed() -> None:
    with pytest.raises(Splittable, match="Max Input Length Exceeded"):
        track(76, answer(400, {"message": "Max Input Length Exceeded", "errors": [error(0)]}))


def test_a_body_that_is_too_large_is_split() -> None:
    with pytest.raises(Splittable):
        track(2, answer(413))


def test_a_success_with_another_message_fails_every_object_for_now() -> None:
    outcomes = track(2, answer(201, {"message": "this workspace is paused"}))
    assert outcomes == [Outcome("failed", "rejected", "Braze: this workspace is paused")] * 2


def test_a_request_queued_for_maintenance_is_accepted() -> None:
    assert track(2, answer(202, {"message": "queued"})) == [ACCEPTED] * 2


@pytest.mark.parametrize(
    "body", [b"", b"<html>ok</html>", b'{"message": "succ', b"[]", b"{}", b'{"message": 1}']
)
def test_a_success_that_is_not_an_answer_of_braze_is_asked_again(body: bytes) -> None:
    for send in (track, delete):
        with pytest.raises(Retriable) as caught:
            send(2, answer(201, body))
        assert caught.value.ambiguous


# --- edge case 9, 10, 11: statuses --------------------------------------------------------------


def test_a_401_hints_at_the_host_and_does_not_repeat_the_key() -> None:
    with pytest.raises(Fatal) as caught:
        track(1, answer(401, {"message": f"Invalid API key: {KEY}"}))
    assert "another instance than rest_endpoint" in str(caught.value)
    assert ENDPOINT in str(caught.value)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(("send", "permission"), [(track, "users.track"), (delete, "users.delete")])
def test_a_403_names_the_permission(send: Any, permission: str) -> None:
    with pytest.raises(Fatal, match=f"lacks the permission {permission}") as caught:
        send(1, answer(403))
    assert "cannot be edited" in str(caught.value)


@pytest.mark.parametrize("status", [301, 307, 404, 405, 415])
def test_a_status_that_no_request_can_change_is_fatal(status: int) -> None:
    with pytest.raises(Fatal):
        track(1, answer(status))


def test_a_429_waits_for_what_its_headers_ask() -> None:
    limited, _ = calls("external_id")
    limited._clock = lambda: 1_790_000_000.0
    with pytest.raises(Retriable) as caught:
        limited.judge(answer(429, x_ratelimit_reset="1790000012"))
    assert caught.value.rate_limited
    assert caught.value.retry_in == 12


def test_a_429_without_headers_leaves_the_wait_to_the_runner() -> None:
    with pytest.raises(Retriable) as caught:
        track(1, answer(429))
    assert caught.value.rate_limited
    assert caught.value.retry_in is None


@pytest.mark.parametrize(("status", "ambiguous"), [(500, True), (502, False), (503, False), (504, True)])
def test_server_errors_are_asked_again(status: int, ambiguous: bool) -> None:
    with pytest.raises(Retriable) as caught:
        track(1, answer(status, b"<html>"))
    assert caught.value.ambiguous is ambiguous
    assert TRACK.repeatable


# --- what a message repeats ---------------------------------------------------------------------


def test_the_key_is_struck_from_what_braze_says() -> None:
    (outcome,) = track(1, success(errors=[error(0, text=f"the key {KEY} is odd")]))
    assert outcome is not None
    assert outcome.message == "Braze: the key *** is odd"
    with pytest.raises(Splittable) as caught:
        track(1, answer(400, {"message": f"key {KEY}"}))
    assert KEY not in str(caught.value)


def test_a_long_text_of_braze_is_cut_and_kept_on_one_line() -> None:
    (outcome,) = track(1, success(errors=[error(0, text="x\n" * 5_000)]))
    assert outcome is not None
    assert outcome.message is not None
    assert len(outcome.message) <= TEXT_LIMIT + len("Braze: ")
    assert "\n" not in outcome.message


# --- edge case 39: deletes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"deleted": 2},
        {"deleted": 2, "message": "success"},
        {"deleted": 1, "message": "success", "errors": []},
    ],
)
def test_a_queued_delete_is_accepted_whatever_it_counts(body: dict[str, Any]) -> None:
    assert delete(2, answer(201, body)) == [ACCEPTED] * 2


def test_a_delete_that_was_refused_is_split() -> None:
    with pytest.raises(Splittable, match="at most 50"):
        delete(2, answer(400, {"message": "at most 50 users"}))


def test_an_error_beside_a_delete_leaves_its_users_unknown() -> None:
    assert delete(2, answer(201, {"message": "success", "errors": ["one is odd"]})) == [None, None]


def test_a_delete_with_another_message_fails_for_now() -> None:
    (outcome,) = delete(1, answer(200, {"deleted": 0, "message": "not today"}))
    assert outcome == Outcome("failed", "rejected", "Braze: not today")


def test_the_source_of_an_answer_hides_every_secret() -> None:
    assert TRACK.source.secrets == APP.secrets()
