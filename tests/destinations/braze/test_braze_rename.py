"""Renaming users, and finding out why Braze did not: requests and answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest
from tests.destinations.braze.braze_samples import APP, answer, call_of, change, destination, sent, users

from roo_dbt.destinations.braze.rename import Kept, Rename, TellApart, renamed
from roo_dbt.destinations.braze.track import Leave, Move, Track, started_over
from roo_dbt.destinations.braze.users import Users
from roo_dbt.errors import Fatal, Retriable, Splittable
from roo_dbt.records import ACCEPTED, Change, Group, Item, Mapped, Outcome

VIP = Group("is_vip", name="VIP")
NEWS = Group("news", name="News", subscription_group_id="7a1c9e62-2b1f-4b0c-9f0e-6f1f1a2b3c4d")
USERS = users("external_id", "plan", "email_subscribe", groups=(VIP, NEWS))
RENAME, TELL, TRACK = call_of(USERS, Rename), call_of(USERS, TellApart), call_of(USERS, Track)
KEPT = call_of(USERS, Kept)
LEAVE, MOVE = call_of(USERS, Leave), call_of(USERS, Move)


def moved(old: object, new: object, seq: int = 1, **values: Any) -> Change:
    both = {"plan": "gold", **values}
    return change("update", old={"external_id": old, **both}, new={"external_id": new, **both}, seq=seq)


def item(call: Rename | TellApart, changed: Change) -> Item:
    part = call.item(changed)
    assert isinstance(part, Item)
    return part


def rename(reply: dict[str, Any], *pairs: tuple[str, str]) -> list[Outcome | None]:
    parts = [item(RENAME, moved(old, new, seq)) for seq, (old, new) in enumerate(pairs)]
    return list(RENAME.outcomes(parts, answer(201, {"message": "success", **reply})))


def was_renamed(outcome: Outcome | None) -> bool:
    assert outcome is not None
    assert outcome.status == "accepted"
    return outcome.instead is not None


# --- the rename ----------------------------------------------------------------------------------


def test_a_rename_names_the_old_and_the_new_id_and_comes_before_the_update() -> None:
    names = [call.name for call in USERS.calls()]
    assert names == ["rename", "tell_apart", "kept", "track", "leave", "move", "delete"]
    request = RENAME.request([item(RENAME, moved(7, "n7"))])
    assert (request.method, request.path) == ("POST", "/users/external_ids/rename")
    assert orjson.loads(request.body or b"") == {
        "external_id_renames": [{"current_external_id": "7", "new_external_id": "n7"}]
    }
    assert RENAME.batch_size == 50
    assert RENAME.rate.per_second == pytest.approx(1_000 / 60)


def test_only_a_changed_external_id_is_renamed() -> None:
    assert RENAME.item(moved("a", "a")) is None
    assert RENAME.item(moved(7, "7")) is None
    assert RENAME.item(change("create", new={"external_id": "a"})) is None
    assert RENAME.item(change("delete", old={"external_id": "a"})) is None
    assert RENAME.item(moved(None, "a")) is None
    assert RENAME.item(moved("a", None)) is None
    by_mail = users("email", identifier=("email",))
    assert [call.name for call in by_mail.calls()] == ["track", "leave", "move", "delete"]


def test_a_user_that_another_record_names_too_is_not_renamed_nor_taken_out_of_groups() -> None:
    shared = replace(moved("a", "b", **{VIP.field: True}), shared=True)
    assert RENAME.item(shared) is None
    assert TELL.item(shared) is None
    assert LEAVE.item(shared) is None
    part = MOVE.item(shared)
    assert isinstance(part, Item)
    (outcome,) = MOVE.outcomes([part], answer(201, {"message": "success", "attributes_processed": 1}))
    assert outcome is not None
    assert "another record still names the former one" in str(outcome.message)


@pytest.mark.parametrize("listed", ["b", "a"])
def test_a_renamed_user_goes_on_as_an_ordinary_update(listed: str) -> None:
    """Braze's page does not say which of its two ids stands in the answer."""
    (outcome,) = rename({"external_ids": [listed], "rename_errors": []}, ("a", "b"))
    assert outcome is not None
    assert outcome.instead == renamed(moved("a", "b", 0))
    assert TRACK.item(outcome.instead or moved("a", "b")) is None
    changed = replace(renamed(moved("a", "b")), new={"external_id": "b", "plan": "tin"}, changed=("plan",))
    assert sent(TRACK.item(changed)) == {"external_id": "b", "plan": "tin"}


def test_a_rename_error_inside_a_success_concerns_its_own_user_alone() -> None:
    """Edge case 42."""
    errors = [["index 1: new_external_id is already in use"]]
    outcomes = rename(
        {"external_ids": ["b", "f"], "rename_errors": errors}, ("a", "b"), ("c", "d"), ("e", "f")
    )
    assert [was_renamed(outcome) for outcome in outcomes] == [True, False, True]


@pytest.mark.parametrize("errors", [None, [], "odd", [["no index at all"]], [["index 99: far off"]], [None]])
def test_a_user_that_the_answer_does_not_list_was_not_renamed(errors: object) -> None:
    outcomes = rename({"external_ids": ["b"], "rename_errors": errors}, ("a", "b"), ("c", "d"))
    assert [was_renamed(outcome) for outcome in outcomes] == [True, False]


def test_where_one_id_is_old_and_new_the_users_are_asked_for_alone() -> None:
    assert rename({"external_ids": ["b"]}, ("a", "b"), ("b", "c")) == [None, None]
    errors = [["index 0: new_external_id is already in use"]]
    assert rename({"external_ids": ["c"], "rename_errors": errors}, ("a", "b"), ("b", "c")) == [
        ACCEPTED,
        None,
    ]


def test_a_rename_that_braze_refuses_as_a_whole() -> None:
    parts = [item(RENAME, moved("a", "b"))]
    with pytest.raises(Splittable, match="must have at most 50"):
        RENAME.outcomes(parts, answer(400, {"message": "must have at most 50 entries"}))
    with pytest.raises(Retriable):
        RENAME.outcomes(parts, answer(201, b"<html>"))
    assert RENAME.outcomes(parts, answer(201, {"message": "no"})) == [
        Outcome("failed", "rejected", "Braze: no")
    ]
    with pytest.raises(Fatal, match=r"lacks the permission users\.external_ids\.rename"):
        RENAME.judge(answer(403))


# --- who has the two ids? ------------------------------------------------------------------------


def tell(found: list[str], absent: list[str], *pairs: tuple[str, str]) -> list[Outcome | None]:
    parts = [item(TELL, moved(old, new, seq)) for seq, (old, new) in enumerate(pairs)]
    reply = {
        "message": "success",
        "users": [{"external_id": name} for name in found],
        "invalid_user_ids": absent,
    }
    return list(TELL.outcomes(parts, answer(200, reply)))


def test_both_ids_of_a_record_are_looked_up_in_one_request() -> None:
    request = TELL.request([item(TELL, moved("a", "b")), item(TELL, moved(1, "ü"))])
    assert (request.method, request.path) == ("POST", "/users/export/ids")
    assert orjson.loads(request.body or b"") == {
        "external_ids": ["a", "b", "1", "ü"],
        "fields_to_export": ["external_id"],
    }
    assert TELL.batch_size == 25
    assert TELL.after_seconds > 0


def test_two_users_stay_two() -> None:
    assert tell(["a", "b"], [], ("a", "b")) == [ACCEPTED]


@pytest.mark.parametrize("found", [["b"], ["b", "b"]])
def test_a_rename_that_an_interrupted_run_had_done_is_recognised(found: list[str]) -> None:
    """Braze answers the former id with the user's present one."""
    (outcome,) = tell(found, [], ("a", "b"))
    assert outcome is not None
    assert (outcome.instead, outcome.message) == (renamed(moved("a", "b", 0)), None)


def test_a_user_that_is_renamed_back_is_recognised() -> None:
    (outcome,) = tell(["a"], [], ("a", "b"))
    assert outcome is not None
    assert outcome.instead == renamed(moved("a", "b", 0))


def test_an_id_that_leads_to_another_user_is_never_written_to() -> None:
    """After b was renamed to c, b still finds that user: a record that is called b now must not."""
    for found, absent in ((["a", "c"], []), (["c"], ["a"])):
        (outcome,) = tell(found, absent, ("a", "b"))
        assert outcome is not None
        assert (outcome.status, outcome.code, outcome.permanent) == ("failed", "conflict", True)
        assert "a former external_id of another user" in str(outcome.message)
        assert "/users/external_ids/remove" in str(outcome.message)


@pytest.mark.parametrize(("found", "absent"), [([], ["a", "b"]), (["b"], ["a"])])
def test_a_user_that_is_gone_starts_over_under_the_new_id(found: list[str], absent: list[str]) -> None:
    (outcome,) = tell(found, absent, ("a", "b"))
    assert outcome is not None
    assert outcome.instead == started_over(moved("a", "b", 0))
    assert "no longer finds a user of its own" in str(outcome.message)
    assert sent(TRACK.item(outcome.instead or moved("a", "b"))) == {"external_id": "b", "plan": "gold"}


@pytest.mark.parametrize(("found", "absent"), [(["x"], ["b"]), (["x", "b"], [])])
def test_a_user_that_braze_has_under_a_third_id_is_left_behind(found: list[str], absent: list[str]) -> None:
    """It leaves our groups, by the old id, and the new one gets the whole record."""
    assert tell(found, absent, ("a", "b")) == [ACCEPTED]


def test_a_rename_refused_for_no_reason_is_due_again() -> None:
    (outcome,) = tell(["a"], ["b"], ("a", "b"))
    assert outcome is not None
    assert (outcome.status, outcome.code, outcome.permanent) == ("failed", "rejected", False)


def test_former_ids_are_asked_for_alone_because_the_answer_has_no_order() -> None:
    assert tell(["a", "b", "d"], [], ("a", "b"), ("c", "d")) == [ACCEPTED, None]


def test_a_key_that_may_not_look_up_leaves_the_former_user_in_its_groups_and_says_so() -> None:
    reply = answer(403, {"message": "Access Denied"})
    TELL.judge(reply)
    (outcome,) = TELL.outcomes([item(TELL, moved("a", "b", **{VIP.field: True}))], reply)
    assert outcome is not None
    assert outcome.status == "accepted"
    assert "former user of record 1 is left as it is. It may still be in groups" in str(outcome.message)
    assert outcome.instead is not None
    assert LEAVE.item(outcome.instead) is None
    with pytest.raises(Fatal):
        TELL.judge(answer(401))


# --- users that cannot be renamed ----------------------------------------------------------------


def test_the_former_user_leaves_its_groups_and_nothing_else() -> None:
    groups: dict[str, Any] = {VIP.field: True, NEWS.field: True}
    part = LEAVE.item(moved("a", "b", **groups))
    assert sent(part) == {
        "external_id": "a",
        "_update_existing_only": True,
        "groups": {"remove": ["VIP"]},
        "subscription_groups": [
            {"subscription_group_id": NEWS.subscription_group_id, "subscription_state": "unsubscribed"}
        ],
    }
    assert LEAVE.item(moved("a", "b")) is None
    assert LEAVE.item(moved("a", "a", **groups)) is None


def test_the_new_user_gets_the_whole_record_but_no_subscription_that_did_not_change() -> None:
    values: dict[str, Any] = {VIP.field: True, NEWS.field: True, "email_subscribe": "opted_in"}
    assert TRACK.item(moved("a", "b", **values)) is None
    assert sent(MOVE.item(moved("a", "b", **values))) == {
        "external_id": "b",
        "plan": "gold",
        "groups": {"add": ["VIP"]},
    }
    assert MOVE.item(moved("a", "a", **values)) is None
    assert MOVE.after_seconds > 0


def test_what_another_record_had_set_does_not_shine_through() -> None:
    null = moved("a", "b", plan=None, email_subscribe=None)
    assert sent(MOVE.item(null)) == {"external_id": "b", "plan": None}
    assert sent(TRACK.item(started_over(null))) == {"external_id": "b", "plan": None}
    kept = Mapped("plan", "plan", nulls="ignore")
    declared = destination(mapping=(Mapped("external_id", "id"), kept))
    ignoring = call_of(Users(APP, declared), Move)
    assert sent(ignoring.item(null)) == {"external_id": "b"}


def test_who_stays_behind_is_named_by_the_key_of_its_record() -> None:
    part = MOVE.item(moved("a", "b", 42))
    assert isinstance(part, Item)
    (outcome,) = MOVE.outcomes([part], answer(201, {"message": "success", "attributes_processed": 1}))
    assert outcome == Outcome(
        "accepted",
        message="the external_id of record 42 changed: the user of the new one got the whole record, the "
        "former one is left as it is, out of our groups",
    )


def test_subscriptions_that_are_not_repeated_for_the_new_user_are_told() -> None:
    def message(changed: Change) -> str:
        part = MOVE.item(changed)
        assert isinstance(part, Item)
        (outcome,) = MOVE.outcomes([part], answer(201, {"message": "success", "attributes_processed": 1}))
        assert outcome is not None
        return str(outcome.message)

    for unsaid in ({NEWS.field: True}, {"email_subscribe": "opted_in"}):
        told = message(moved("a", "b", **unsaid))
        assert "its subscriptions were not repeated there" in told
        assert "--resend-subscriptions" in told
        resent = replace(moved("a", "b", **unsaid), resend=True)
        assert "not repeated" not in message(resent)
    assert "not repeated" not in message(moved("a", "b", **{VIP.field: True}))


# --- a new record with an id that another one had -------------------------------------------------


def arrived(seq: int, name: str) -> Change:
    return change("create", new={"external_id": name, "plan": "gold"}, seq=seq, vacated=True)


def test_a_left_id_is_asked_for_and_its_record_goes_last() -> None:
    assert RENAME.item(arrived(1, "a")) is None
    assert TRACK.item(arrived(1, "a")) is None
    assert LEAVE.item(arrived(1, "a")) is None
    assert sent(MOVE.item(arrived(1, "a"))) == {"external_id": "a", "plan": "gold"}
    assert orjson.loads(item(TELL, arrived(1, "a")).body) == "a"
    blank = TELL.item(arrived(1, ""))
    assert isinstance(blank, Outcome)
    assert blank.code == "missing_identifier"


def test_a_left_id_is_free_unless_braze_finds_another_user_by_it() -> None:
    def told(users: list[dict[str, str]], absent: list[str], *names: str) -> list[Outcome | None]:
        parts = [item(TELL, arrived(seq, name)) for seq, name in enumerate(names)]
        body = {"message": "success", "users": users, "invalid_user_ids": absent}
        return list(TELL.outcomes(parts, answer(200, body)))

    assert told([{"external_id": "a"}], [], "a") == [ACCEPTED]
    assert told([], ["a"], "a") == [ACCEPTED]
    (taken,) = told([{"external_id": "b"}], [], "a")
    assert taken is not None
    assert (taken.code, taken.permanent) == ("conflict", True)
    # Of several ids the answer does not say whose the other one is.
    assert told([{"external_id": "b"}], ["c"], "a", "c") == [None, ACCEPTED]


def test_a_key_that_may_not_ask_leaves_a_left_id_alone() -> None:
    (outcome,) = TELL.outcomes([item(TELL, arrived(1, "a"))], answer(403))
    assert outcome is not None
    assert outcome.code == "conflict"
    assert "users.export.ids" in str(outcome.message)


def test_who_comes_to_a_left_id_and_has_a_user_to_rename_is_renamed_first_and_asked_for_then() -> None:
    coming = replace(moved("a", "b"), vacated=True, successors=("c",))
    assert isinstance(RENAME.item(coming), Item)
    assert (renamed(coming).vacated, renamed(coming).successors) == (False, ())
    assert orjson.loads(b"[%s]" % item(TELL, coming).body) == ["a", "b"]
    shared = replace(coming, shared=True)
    assert RENAME.item(shared) is None
    assert orjson.loads(item(TELL, shared).body) == "b"


def test_a_key_that_may_not_ask_gives_nobody_an_id_that_was_left() -> None:
    (outcome,) = TELL.outcomes([item(TELL, replace(moved("a", "b"), vacated=True))], answer(403))
    assert outcome is not None
    assert (outcome.status, outcome.code) == ("failed", "conflict")
    (part,) = asked_for(replace(arrived(1, "a"), successors=("b",)))
    assert KEPT.outcomes([part], answer(403)) == [outcome]


def asked_for(change: Change) -> Sequence[Item]:
    """The pairs of ids by which `Kept` asks."""
    parts = KEPT.item(change)
    assert isinstance(parts, list)
    return parts


def test_an_id_is_asked_for_beside_each_former_one_that_it_was_left_for() -> None:
    parts = asked_for(replace(arrived(1, "a"), successors=("b", "ü", "b")))
    assert [orjson.loads(b"[%s]" % part.body) for part in parts] == [["a", "b"], ["a", "ü"]]
    assert KEPT.item(arrived(1, "a")) is None
    assert KEPT.item(moved("a", "b")) is None
    assert KEPT.item(change("delete", old={"external_id": "a"})) is None
    number = change("create", new={"external_id": 7.0}, vacated=True)
    (part,) = asked_for(replace(number, successors=("2e+06",)))
    assert orjson.loads(b"[%s]" % part.body) == ["7", "2000000"]
    blank = KEPT.item(replace(arrived(1, ""), successors=("b",)))
    assert isinstance(blank, Outcome)
    assert blank.code == "missing_identifier"


@pytest.mark.parametrize(
    ("found", "absent", "is_free"),
    [
        (["a"], [], False),
        (["a", "b"], [], True),
        (["a", "x"], [], True),
        (["a"], ["b"], True),
        ([], ["a", "b"], True),
    ],
)
def test_an_id_is_not_free_while_its_user_went_back_to_a_former_one(
    found: list[str], absent: list[str], is_free: bool
) -> None:
    users = [{"external_id": i} for i in found]
    reply = answer(200, {"message": "success", "users": users, "invalid_user_ids": absent})
    (part,) = asked_for(replace(arrived(1, "a"), successors=("b",)))
    (outcome,) = KEPT.outcomes([part], reply)
    assert outcome is not None
    if is_free:
        assert outcome == ACCEPTED
        return
    assert (outcome.code, outcome.permanent) == ("conflict", True)
    assert "went back to a former external_id" in str(outcome.message)
    # Of several ids the answer does not say whose is whose.
    assert KEPT.outcomes([part, part], reply) == [None, None]


def test_what_a_plan_reckons_with_is_a_rename_that_works() -> None:
    assert [RENAME.onward(moved("a", i)) for i in "ba"] == [renamed(moved("a", "b")), moved("a", "a")]
