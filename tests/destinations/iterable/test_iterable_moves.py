"""Changed e-mail addresses and userIds: what is sent, in which order, and who ends up where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from tests.destinations.iterable.journey import Journey, journey, statuses
from tests.destinations.iterable.request_checks import body_of, golden

from roo_dbt.destinations.iterable.moves import Successor
from roo_dbt.errors import Fatal, Retriable
from roo_dbt.records import ACCEPTED, Answer, Change, Group, Item, Outcome
from roo_dbt.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.destinations.iterable.conftest import World

    from roo_dbt.sandbox.settings import ProjectType

MakeWorld = Callable[..., "World"]
MakeAnswer = Callable[..., Answer]
ADA = {"email": "ada@x.org", "name": "Ada", "age": 36}
USER = {"userId": "u1", "name": "Ada", "age": 36}


def rename_of(world: World, change: Change) -> Item:
    item = world.call("rename").item(change)
    assert isinstance(item, Item), item
    return item


def answered(world: World, change: Change, answer: Answer) -> Outcome:
    """What an answer to a rename makes of the change."""
    call = world.call("rename")
    call.judge(answer)
    (outcome,) = call.outcomes([rename_of(world, change)], answer)
    assert outcome is not None
    return outcome


@contextmanager
def trip(make: MakeWorld, project: ProjectType, by: str, **more: Any) -> Iterator[Journey]:
    more.setdefault("fields", {by: "VARCHAR", "name": "VARCHAR", "age": "INTEGER"})
    with (
        Sandbox(iterable_project_type=project, enforce_limits=False) as sandbox,
        journey(make(project, by, base_url=sandbox.url, **more), sandbox) as found,
    ):
        yield found


@pytest.mark.parametrize(
    ("project", "by", "path"),
    [
        ("email", "email", "/api/users/updateEmail"),
        ("email", "userId", "/api/users/update"),
        ("user_id", "userId", "/api/users/update"),
        ("hybrid", "email", "/api/users/update"),
        ("hybrid", "userId", "/api/users/update"),
    ],
)
def test_edge_26_and_28_each_project_renames_in_its_own_way(
    world: MakeWorld, project: str, by: str, path: str
) -> None:
    w = world(project, by)
    old = {by: {"email": "Ada@x.org", "userId": "u1"}[by], "name": "Ada"}
    new = {by: {"email": "Countess@X.org", "userId": "U1"}[by]}
    request = w.call("rename").request([rename_of(w, w.update(old, **new, name="A"))])
    assert request.path == path
    golden(f"rename_{project}_by_{by}", body_of(request))


def test_a_change_of_case_alone_is_no_rename_of_an_address_but_one_of_a_user_id(world: MakeWorld) -> None:
    assert world().call("rename").item(world().update(ADA, email=" ADA@x.org")) is None
    w = world("user_id")
    assert isinstance(w.call("rename").item(w.update(USER, userId="U1")), Item)


def test_only_a_moved_user_is_renamed(world: MakeWorld) -> None:
    w, rename = world(), world().call("rename")
    for change in (w.create(ADA), w.update(ADA, name="A"), w.leave(ADA), w.update({"name": "x"}, **ADA)):
        assert rename.item(change) is None
    assert rename.item(w.update(ADA, email=None)) is None
    assert w.refusal(w.update(ADA, email=None)).code == "missing_identifier"
    assert w.refusal(w.update(ADA, email="none")).code == "invalid_value"


def test_the_other_changes_of_a_moved_user_go_last_and_nothing_else_does(world: MakeWorld) -> None:
    w = world()
    early, late = w.call("bulk_update"), w.call("bulk_update", late=True)
    moved = w.update(ADA, email="new@x.org", name="A")
    assert early.item(moved) is None
    item = late.item(moved)
    assert isinstance(item, Item)
    assert orjson.loads(item.body) == {"email": "new@x.org", "dataFields": {"name": "A"}}
    for change in (w.create(ADA), w.update(ADA, name="A")):
        assert isinstance(early.item(change), Item)
        assert late.item(change) is None
    assert late.item(w.update(ADA, email="new@x.org")) is None


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "EmailAlreadyExists"),
        (409, "EmailAlreadyExists"),
        (400, "UserIdAlreadyExists"),
        (409, "Conflict"),
        (409, "ExternalKeyConflict"),
        (409, ""),
    ],
)
def test_edge_27_a_taken_address_leaves_the_old_user_and_gives_the_new_one_everything(
    world: MakeWorld, answer: MakeAnswer, status: int, code: str
) -> None:
    w = world()
    change = w.update(ADA, email="new@x.org")
    outcome = answered(w, change, answer({"msg": "", "code": code, "params": None}, status))
    assert outcome.status == "accepted"
    assert outcome.message == (
        "email has changed, and another user has the new one already: that user gets the whole record; the "
        "old user ada@x.org is left alone, out of its lists"
    )
    assert isinstance(outcome.instead, Successor)
    assert (outcome.instead.seq, outcome.instead.operation, outcome.instead.left) == (
        1,
        "update",
        "ada@x.org",
    )
    assert w.call("bulk_update").item(outcome.instead) is None
    item = w.call("bulk_update", late=True).item(outcome.instead)
    assert isinstance(item, Item)
    assert orjson.loads(item.body) == {"email": "new@x.org", "dataFields": {"name": "Ada", "age": 36}}


def test_whoever_takes_over_a_user_clears_what_the_record_does_not_have(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    taken = answer({"msg": "", "code": "EmailAlreadyExists"}, 400)
    for nulls, expected in (("clear", {"name": "Ada", "age": None}), ("ignore", {"name": "Ada"})):
        w = world(nulls=nulls)
        outcome = answered(w, w.update({**ADA, "age": None}, email="new@x.org"), taken)
        assert outcome.instead is not None
        item = w.call("bulk_update", late=True).item(outcome.instead)
        assert isinstance(item, Item)
        assert orjson.loads(item.body)["dataFields"] == expected


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, {"msg": "User does not exist. Email: ada@x.org UserId: ", "code": "BadParams"}),
        (400, {"msg": "", "code": "UnknownEmailError"}),
        (404, {"msg": "", "code": "NotFound"}),
    ],
)
def test_a_user_who_is_gone_is_written_anew(
    world: MakeWorld, answer: MakeAnswer, status: int, body: object
) -> None:
    outcome = answered(world(), world().update(ADA, email="new@x.org"), answer(body, status))
    assert outcome.status == "accepted"
    assert "no longer has the old user ada@x.org" in str(outcome.message)
    assert isinstance(outcome.instead, Successor)
    assert outcome.instead.left == ""


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (409, "ForgottenUserError", "forgotten"),
        (400, "InvalidEmailAddressError", "invalid_value"),
        (400, "SomethingNew", "rejected"),
    ],
)
def test_a_rename_that_is_refused_for_another_reason_fails_the_record(
    world: MakeWorld, answer: MakeAnswer, status: int, code: str, expected: str
) -> None:
    body = {"msg": "Invalid newEmail x@y", "code": code, "params": None}
    outcome = answered(world(), world().update(ADA, email="new@x.org"), answer(body, status))
    assert (outcome.status, outcome.code, outcome.permanent) == ("failed", expected, True)
    assert "x@y" not in str(outcome.message)


def test_an_answer_to_a_rename_that_is_none_of_iterables_proves_nothing(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    with pytest.raises(Retriable):
        answered(world(), world().update(ADA, email="new@x.org"), answer("<html>"))
    with pytest.raises(Fatal):
        answered(world(), world().update(ADA, email="new@x.org"), answer("<html>", 404))
    assert answered(world(), world().update(ADA, email="n@x.org"), answer({"code": "Success"})) == Outcome(
        "accepted", renamed=True
    )


def test_a_user_who_is_another_record_s_too_is_not_renamed(world: MakeWorld) -> None:
    w = world()
    change = w.update(ADA, email="new@x.org")
    shared = Change(1, "update", "1", change.old, change.new, change.changed, shared=True)
    assert w.call("rename").item(shared) is None
    assert w.call("bulk_update").item(shared) is None
    late = w.call("bulk_update", late=True)
    item = late.item(shared)
    assert isinstance(item, Item)
    assert orjson.loads(item.body)["dataFields"]["name"] == "Ada"
    (outcome,) = late.outcomes([item], Answer(200, {}, b'{"successCount":1,"failCount":0}'))
    assert "the old one is another record's by now" in str(outcome and outcome.message)


@pytest.mark.parametrize(
    ("project", "by"),
    [
        ("email", "email"),
        ("email", "userId"),
        ("user_id", "userId"),
        ("hybrid", "email"),
        ("hybrid", "userId"),
    ],
)
def test_a_moved_user_stays_the_same_user(world: MakeWorld, project: ProjectType, by: str) -> None:
    with trip(world, project, by) as to:
        first, second = ("a@x.org", "b@x.org") if by == "email" else ("u1", "u2")
        to.sync({1: {by: first, "name": "Ada", "age": 36}})
        (before,) = to.sandbox.store.iterable.profiles.latest()
        to.sync({1: {by: second, "name": "Ada", "age": 37}})
        (after,) = to.sandbox.store.iterable.profiles.latest()
        assert after is before
        assert to.profiles()[0] | {by: second, "name": "Ada", "age": 37} == to.profiles()[0]
        assert to.outcomes == {1: ACCEPTED}


def test_edge_8_a_moved_user_is_written_in_bulk_only_after_settle_seconds(world: MakeWorld) -> None:
    with trip(world, "email", "email") as to:
        to.sync({1: dict(ADA), 2: {**ADA, "email": "bo@x.org"}})
        start = to.time.now
        to.sync({1: {**ADA, "email": "new@x.org"}, 2: {**ADA, "email": "bo@x.org", "age": 1}})
        assert to.time.now - start < 5
        assert to.paths()[-2:] == ["users/updateEmail", "users/bulkUpdate"]
        start = to.time.now
        to.sync({1: {**ADA, "email": "newer@x.org", "age": 9}, 2: {**ADA, "email": "bo@x.org", "age": 2}})
        assert 60 <= to.time.now - start < 65
        assert sorted(to.paths()[-3:-1]) == ["users/bulkUpdate", "users/updateEmail"]
        assert to.find(email="newer@x.org")["age"] == 9


def test_two_records_that_exchange_their_addresses_exchange_everything(world: MakeWorld) -> None:
    groups = [Group("vip", name="VIP")]
    with trip(world, "email", "email", groups=groups) as to:
        ann = {"name": "Ann", "age": 1, "@group:VIP": True}
        bo = {"name": "Bo", "age": None, "@group:VIP": None}
        to.sync({1: {"email": "a@x.org", **ann}, 2: {"email": "b@x.org", **bo}})
        to.sync({1: {"email": "B@x.org", **ann}, 2: {"email": "A@x.org", **bo}})
        assert to.profiles() == [
            {"email": "a@x.org", "userId": None, "name": "Bo", "lists": []},
            {"email": "b@x.org", "userId": None, "name": "Ann", "age": 1, "lists": ["VIP"]},
        ]
        assert all("is left alone" in str(outcome.message) for outcome in to.outcomes.values())


def test_a_chain_of_addresses_ends_with_each_record_under_its_own(world: MakeWorld) -> None:
    with trip(world, "hybrid", "email") as to:
        names = {1: "Ann", 2: "Bo", 3: "Cy"}
        to.sync({key: {"email": f"p{key}@x.org", "name": name, "age": key} for key, name in names.items()})
        to.sync(
            {key: {"email": f"p{key + 1}@x.org", "name": name, "age": key} for key, name in names.items()}
        )
        assert statuses(to.outcomes) == ["accepted"] * 3
        for key, name in names.items():
            assert to.find(email=f"p{key + 1}@x.org")["name"] == name


def test_a_new_record_that_gets_a_freed_address_does_not_meet_the_old_user(world: MakeWorld) -> None:
    groups = [Group("vip", name="VIP")]
    with trip(world, "email", "email", groups=groups) as to:
        ann = {"name": "Ann", "age": 1, "@group:VIP": True}
        to.sync({1: {"email": "a@x.org", **ann}})
        new = {"email": "a@x.org", "name": "New", "age": None, "@group:VIP": None}
        to.sync({1: {"email": "b@x.org", **ann}, 2: new})
        assert to.find(email="b@x.org") == {
            "email": "b@x.org",
            "userId": None,
            "name": "Ann",
            "age": 1,
            "lists": ["VIP"],
        }
        assert to.find(email="a@x.org") == {"email": "a@x.org", "userId": None, "name": "New", "lists": []}


def test_a_rename_whose_answer_was_lost_is_harmless(world: MakeWorld) -> None:
    with trip(world, "email", "email") as to:
        to.sync({1: dict(ADA)})
        to.sandbox.fault("drop_after", "/api/users/updateEmail", count=1)
        to.sync({1: {**ADA, "email": "new@x.org"}})
        assert statuses(to.outcomes) == ["accepted"]
        assert to.profiles() == [{**ADA, "email": "new@x.org", "userId": None, "lists": []}]


def test_in_a_project_of_unique_user_ids_a_clash_with_the_one_left_behind_is_a_conflict(
    world: MakeWorld,
) -> None:
    fields = {"email": "VARCHAR", "userId": "VARCHAR", "name": "VARCHAR"}
    with trip(world, "hybrid", "email", fields=fields) as to:
        a = {"email": "a@x.org", "userId": "1", "name": "Ann"}
        b = {"email": "b@x.org", "userId": "2", "name": "Bo"}
        to.sync({1: a, 2: b})
        to.sync({1: {**a, "email": "b@x.org"}, 2: {**b, "email": "a@x.org"}})
        assert statuses(to.outcomes) == ["conflict", "conflict"]
        assert [(each["email"], each["name"]) for each in to.profiles()] == [
            ("a@x.org", "Ann"),
            ("b@x.org", "Bo"),
        ]


def test_a_user_id_that_is_taken_in_an_email_project_is_found_by_asking(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    w = world("email", "userId", fields={"userId": "VARCHAR", "name": "VARCHAR"})
    vacancy, change = w.call("vacancy"), w.update({"userId": "u1", "name": "x"}, userId="u2")
    item = vacancy.item(change)
    assert isinstance(item, Item)
    request = vacancy.request([item])
    assert (request.method, request.path, dict(request.params)) == (
        "GET",
        "/api/users/byUserId",
        {"userId": "u2"},
    )
    assert vacancy.outcomes([item], answer({})) == [ACCEPTED]
    (taken,) = vacancy.outcomes([item], answer({"user": {"userId": "u2"}}))
    assert taken is not None
    assert isinstance(taken.instead, Successor)
    assert w.call("rename").item(taken.instead) is None
    (refused,) = vacancy.outcomes([item], answer({"msg": "", "code": "BadParams"}, 400))
    assert statuses([refused]) == ["rejected"]
    absent = answer({"code": "error.users.noUserWithIdExists", "msg": ""}, 500)
    vacancy.judge(absent)
    assert vacancy.outcomes([item], absent) == [ACCEPTED]
    with pytest.raises(Retriable):
        vacancy.judge(answer("", 500))


def test_enrich_looks_for_the_new_user_when_the_old_one_is_gone(world: MakeWorld) -> None:
    with trip(world, "email", "email", mode="enrich") as to:
        to.snapshot = {1: dict(ADA)}
        to.sync({1: {**ADA, "email": "new@x.org"}})
        assert statuses(to.outcomes) == ["absent"]
        assert to.profiles() == []
