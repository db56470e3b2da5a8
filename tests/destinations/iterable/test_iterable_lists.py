"""Lists: found, made, joined and left."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from tests.destinations.iterable.journey import journey, statuses
from tests.destinations.iterable.request_checks import body_of, golden

from roo_dbt.destinations.protocol import Send
from roo_dbt.errors import AppRefused, Blocked
from roo_dbt.records import ACCEPTED, Answer, Change, Group, Item, Outcome, Request
from roo_dbt.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.destinations.iterable.conftest import World

    from roo_dbt.sandbox.settings import ProjectType

MakeWorld = Callable[..., "World"]
MakeAnswer = Callable[..., Answer]
VIP, SEGMENTS, SEVEN = Group("vip", name="VIP"), Group("segments"), Group("seven", list_id=7)
ADA = {"email": "a@x.org", "name": "Ada"}


class Directory:
    """Answers for the lists of a project, in memory; `lose` loses the answer to a creation."""

    def __init__(self, *lists: tuple[int, str, str], lose: int = 0, makes: bool = True) -> None:
        self.lists = [
            {"id": number, "name": name, "listType": kind, "createdAt": 1} for number, name, kind in lists
        ]
        self.sent: list[Request] = []
        self._lose, self._makes = lose, makes

    def __call__(self, request: Request) -> Answer:
        self.sent.append(request)
        if request.method == "GET":
            return Answer(200, {}, orjson.dumps({"lists": self.lists}))
        name = orjson.loads(body_of(request))["name"]
        if self._makes:
            self.lists.append(
                {"id": 100 + len(self.lists), "name": name, "listType": "Standard", "createdAt": 1}
            )
        if self._lose:
            return Answer(self._lose, {}, b"<html>")
        return Answer(200, {}, orjson.dumps({"listId": self.lists[-1]["id"]}))


def always(reply: Answer) -> Send:
    """A vendor with one answer."""
    return lambda _: reply


def prepared(make: MakeWorld, directory: Directory, *names: str, **more: Any) -> World:
    """A world whose lists were looked up."""
    more.setdefault("groups", [VIP, SEGMENTS, SEVEN])
    more.setdefault("fields", {"email": "VARCHAR", "name": "VARCHAR"})
    w = make(**more)
    w.users.prepare(directory, names)
    return w


def targets(world: World, name: str, change: Change) -> list[str]:
    """The lists that a call concerns, in order."""
    found = world.call(name).item(change)
    assert not isinstance(found, Outcome)
    return [item.batch for item in found] if isinstance(found, list) else []


def members(world: World, name: str, *changes: Change) -> list[Item]:
    found = [world.call(name).item(change) for change in changes]
    return [item for items in found if isinstance(items, list) for item in items]


def test_lists_are_read_once_and_found_by_their_exact_name(world: MakeWorld) -> None:
    directory = Directory(
        (1, "vip", "Standard"), (2, "VIP", "Standard"), (3, "s1", "Standard"), (7, "x", "Standard")
    )
    w = prepared(world, directory, "VIP", "s1")
    assert [request.method for request in directory.sent] == ["GET"]
    new = {**ADA, VIP.field: True, SEGMENTS.field: ["s1"], SEVEN.field: True}
    assert targets(w, "join_lists", w.create(new)) == ["2", "3", "7"]


def test_a_list_that_is_not_there_is_made_once(world: MakeWorld) -> None:
    directory = Directory()
    w = prepared(world, directory, "VIP", groups=[VIP])
    assert [request.method for request in directory.sent] == ["GET", "POST"]
    golden("list", body_of(directory.sent[1]))
    assert targets(w, "join_lists", w.create({**ADA, VIP.field: True})) == ["100"]
    w.users.prepare(directory, ["VIP"])
    assert [request.method for request in directory.sent] == ["GET", "POST", "GET"]


def test_edge_32_a_creation_without_an_answer_is_looked_for_before_anything_else(world: MakeWorld) -> None:
    directory = Directory(lose=502)
    w = prepared(world, directory, "VIP", groups=[VIP])
    assert [request.method for request in directory.sent] == ["GET", "POST", "GET"]
    assert targets(w, "join_lists", w.create({**ADA, VIP.field: True})) == ["100"]
    with pytest.raises(Blocked, match="Iterable did not create the list 'VIP'"):
        prepared(world, Directory(lose=502, makes=False), "VIP", groups=[VIP])


@pytest.mark.parametrize(
    ("lists", "settings", "message"),
    [
        (
            [(1, "VIP", "Standard"), (2, "VIP", "Standard")],
            {},
            (
                "iterable_customers: 2 lists have the name 'VIP' (ids 1, 2). Rename all but one in Iterable, or say "
                "list_id instead of name."
            ),
        ),
        (
            [(1, "VIP", "Dynamic")],
            {},
            (
                "iterable_customers: the list with the name 'VIP' is of type Dynamic. Members can be put into static "
                "(Standard) lists only: choose another list."
            ),
        ),
        ([(1, "VIP", "Suppression")], {}, "is of type Suppression"),
        (
            [],
            {"create_lists": False},
            "Iterable has no list named 'VIP'. Create it in Iterable, or set create_lists: true.",
        ),
    ],
)
def test_edge_35_a_name_that_is_no_one_static_list_blocks_the_destination(
    world: MakeWorld, lists: list[tuple[int, str, str]], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(Blocked) as caught:
        prepared(world, Directory(*lists), "VIP", groups=[VIP], **settings)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("lists", "message"),
    [
        ([(8, "x", "Standard")], "Iterable has no list with list_id 7. Look its id up in Iterable's lists."),
        ([(7, "x", "Dynamic")], "the list with list_id 7 is of type Dynamic."),
    ],
)
def test_edge_34_an_unknown_or_dynamic_list_id_blocks_before_anything_is_sent(
    world: MakeWorld, lists: list[tuple[int, str, str]], message: str
) -> None:
    with pytest.raises(Blocked) as caught:
        prepared(world, Directory(*lists), groups=[SEVEN])
    assert message in str(caught.value)


def test_edge_34_a_list_that_vanished_fails_its_members_for_now(world: MakeWorld, answer: MakeAnswer) -> None:
    w = prepared(world, Directory((7, "x", "Standard")), groups=[SEVEN])
    items = members(
        w, "join_lists", *(w.create({**ADA, "email": f"{n}@x.org", SEVEN.field: True}, n) for n in (1, 2))
    )
    gone = answer({"msg": "error.lists.invalidListId(7)", "code": "Success", "params": {"listId": 7}}, 400)
    outcomes = w.call("join_lists").outcomes(items, gone)
    assert statuses(outcomes) == ["rejected", "rejected"]
    assert not any(outcome and outcome.permanent for outcome in outcomes)


def test_lists_that_cannot_be_read_block_and_a_refused_key_is_an_app_s_problem(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    for reply in (
        answer("<html>"),
        answer("", 503),
        answer({"lists": None}),
        answer({"code": "BadParams"}, 400),
    ):
        with pytest.raises(Blocked, match="did not list its lists"):
            world(groups=[SEVEN]).users.prepare(always(reply), [])
    with pytest.raises(AppRefused, match="HTTP 401 BadApiKey"):
        world(groups=[SEVEN]).users.prepare(lambda _: answer({"code": "BadApiKey"}, 401), [])


def test_without_groups_no_list_is_read(world: MakeWorld) -> None:
    directory = Directory()
    prepared(world, directory, groups=[])
    prepared(world, directory, groups=[VIP])
    assert directory.sent == []
    prepared(world, directory, groups=[VIP], on_removal="clear")
    assert directory.sent == []
    prepared(world, directory, "VIP", groups=[])
    assert len(directory.sent) == 1


def test_a_list_that_is_only_left_is_not_made(world: MakeWorld) -> None:
    directory = Directory()
    w = prepared(world, directory, "Old", groups=[])
    assert [request.method for request in directory.sent] == ["GET"]
    assert (
        targets(w, "leave_lists", w.update({**ADA, "@group:Old": True}, name="x", **{"@group:Old": None}))
        == []
    )


@pytest.mark.parametrize(
    ("old", "new", "leaves", "joins"),
    [
        ({}, {VIP.field: True, SEGMENTS.field: ["s1", "s2"]}, [], ["1", "2", "3"]),
        ({}, {VIP.field: None, SEGMENTS.field: None}, [], []),
        ({VIP.field: True}, {VIP.field: None}, ["1"], []),
        ({VIP.field: True}, {VIP.field: True}, [], []),
        ({SEGMENTS.field: ["s1", "s2"]}, {SEGMENTS.field: ["s2", "VIP"]}, ["2"], ["1"]),
        ({VIP.field: True}, {VIP.field: None, SEGMENTS.field: ["VIP"]}, [], []),
        ({SEVEN.field: True}, {SEVEN.field: None}, ["7"], []),
        ({"@group:s1": True, "@list:9": True, "@groups:gone": ["s2"]}, {}, ["2", "3", "9"], []),
        ({"@subscription:abc": True}, {}, [], []),
    ],
)
def test_an_update_joins_and_leaves_what_changed(
    world: MakeWorld, old: dict[str, Any], new: dict[str, Any], leaves: list[str], joins: list[str]
) -> None:
    known = ((1, "VIP", "Standard"), (2, "s1", "Standard"), (3, "s2", "Standard"), (7, "x", "Standard"))
    w = prepared(world, Directory(*known), "VIP", "s1", "s2")
    change = w.update({**ADA, **dict.fromkeys(new), **old}, **{**dict.fromkeys(old), **new})
    assert sorted(targets(w, "leave_lists", change)) == leaves
    assert sorted(targets(w, "join_lists", change)) == joins


def test_a_whole_record_joins_again_and_a_removed_one_leaves_only_if_its_user_stays(world: MakeWorld) -> None:
    w = prepared(world, Directory((1, "VIP", "Standard"), (7, "x", "Standard")), "VIP")
    old = {**ADA, VIP.field: True}
    assert targets(w, "join_lists", Change(1, "update", "1", old, old, (), whole=True)) == ["1"]
    assert targets(w, "leave_lists", w.leave(old)) == []
    assert targets(w, "leave_lists", w.leave(old, clears=True)) == ["1"]
    departs = Change(1, "update", "1", old, {**ADA, VIP.field: None}, (VIP.field,), departs=True)
    assert targets(w, "leave_lists", departs) == ["1"]
    assert targets(w, "join_lists", departs) == []
    assert w.bulk.item(departs) is None


def test_a_user_left_behind_leaves_all_its_lists_and_the_new_one_joins_those_of_the_record(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    w = prepared(
        world, Directory((1, "VIP", "Standard"), (2, "s1", "Standard"), (7, "x", "Standard")), "VIP", "s1"
    )
    old = {**ADA, VIP.field: True, SEGMENTS.field: None}
    change = w.update(old, email="new@x.org", **{SEGMENTS.field: ["s1"]})
    rename = w.call("rename")
    item = rename.item(change)
    assert isinstance(item, Item)
    (outcome,) = rename.outcomes([item], answer({"code": "EmailAlreadyExists", "msg": ""}, 400))
    assert outcome is not None
    assert outcome.instead is not None
    for name in ("leave_lists", "join_lists"):
        assert w.call(name).item(outcome.instead) is None
    (left,) = w.call("leave_lists", late=True).item(outcome.instead) or ()  # type: ignore[misc]
    assert (left.match, left.batch) == ("a@x.org", "1")
    joined = w.call("join_lists", late=True).item(outcome.instead)
    assert isinstance(joined, list)
    assert [(each.match, each.batch) for each in joined] == [("new@x.org", "1"), ("new@x.org", "2")]


@pytest.mark.parametrize(
    ("project", "by", "mode"),
    [
        ("email", "email", "sync"),
        ("email", "userId", "sync"),
        ("email", "email", "enrich"),
        ("hybrid", "email", "enrich"),
        ("user_id", "userId", "additive"),
    ],
)
def test_edge_36_the_bodies_of_list_calls(world: MakeWorld, project: str, by: str, mode: str) -> None:
    fields = {by: "VARCHAR"}
    known = Directory((7, "x", "Standard"))
    w = prepared(world, known, project=project, by=by, mode=mode, fields=fields, groups=[SEVEN])
    people = [{by: f"{n}@x.org" if by == "email" else n, SEVEN.field: True} for n in (1, 2)]
    join, leave = w.call("join_lists"), w.call("leave_lists")
    joining = members(w, "join_lists", *(w.create(person, n) for n, person in enumerate(people)))
    golden(f"join_{project}_by_{by}_{mode}", body_of(join.request(joining)))
    leaving = members(w, "leave_lists", *(w.update(person, **{SEVEN.field: None}) for person in people))
    golden(f"leave_by_{by}", body_of(leave.request(leaving)))


@pytest.mark.parametrize("key", ["notFoundEmails", "invalidEmails", "forgottenEmails"])
def test_edge_37_who_is_not_there_has_left_but_cannot_join(
    world: MakeWorld, answer: MakeAnswer, key: str
) -> None:
    expected = {
        "notFoundEmails": ("absent", "accepted", "absent"),
        "invalidEmails": ("invalid_value", "invalid_value", "invalid_value"),
        "forgottenEmails": ("forgotten", "forgotten", "forgotten"),
    }[key]
    reply = answer({"successCount": 1, "failCount": 1, "failedUpdates": {key: ["a@x.org"]}})
    found: list[str | None] = []
    kinds = []
    for name, mode in (("join_lists", "sync"), ("leave_lists", "sync"), ("join_lists", "enrich")):
        w = prepared(world, Directory((7, "x", "Standard")), groups=[SEVEN], mode=mode, project="hybrid")
        values = {SEVEN.field: True}
        new = [w.create({"email": who, **values}, n) for n, who in enumerate(("a@x.org", "b@x.org"))]
        if name == "leave_lists":
            new = [w.update(dict(change.new), **{SEVEN.field: None}) for change in new]
        outcomes = w.call(name).outcomes(members(w, name, *new), reply)
        found += statuses(outcomes)[:1]
        kinds.append(outcomes[0] and outcomes[0].status)
        assert outcomes[1] == ACCEPTED
    assert tuple(found) == expected
    if key == "notFoundEmails":
        assert kinds == ["failed", "accepted", "skipped"]
    if key == "forgottenEmails":
        assert kinds == ["failed", "skipped", "failed"]


def test_edge_38_and_2_a_list_answer_with_unnamed_failures_is_asked_for_alone(
    world: MakeWorld, answer: MakeAnswer
) -> None:
    w = prepared(world, Directory((7, "x", "Standard")), groups=[SEVEN])
    items = members(
        w, "join_lists", *(w.create({"email": f"{n}@x.org", SEVEN.field: True}, n) for n in (1, 2))
    )
    counts = answer({"successCount": 1, "failCount": 1})
    assert w.call("join_lists").outcomes(items, counts) == [None, None]
    assert w.call("join_lists").outcomes(items, answer({"successCount": 2, "failCount": 0})) == [ACCEPTED] * 2


def test_a_plan_knows_the_lists_by_name_and_sends_nothing(world: MakeWorld) -> None:
    w = world(groups=[VIP, SEVEN], fields={"email": "VARCHAR"})
    items = members(w, "join_lists", w.create({"email": "a@x.org", VIP.field: True, SEVEN.field: True}))
    assert [item.batch for item in items] == ["VIP", "7"]


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
def test_members_join_and_leave_in_every_project(world: MakeWorld, project: ProjectType, by: str) -> None:
    with Sandbox(iterable_project_type=project, enforce_limits=False) as sandbox:
        w = world(
            project,
            by,
            base_url=sandbox.url,
            groups=[VIP, SEGMENTS],
            fields={by: "VARCHAR", "name": "VARCHAR"},
        )
        with journey(w, sandbox) as to:
            who = "a@x.org" if by == "email" else "u1"
            person = {by: who, "name": "Ada", VIP.field: True, SEGMENTS.field: ["s1", "s2"]}
            to.sync({1: person})
            assert to.find(**{by: who})["lists"] == ["VIP", "s1", "s2"]
            to.sync({1: {**person, VIP.field: None, SEGMENTS.field: ["s2", "s3"]}})
            assert to.find(**{by: who})["lists"] == ["s2", "s3"]
            assert all(not entry.warnings for entry in sandbox.requests)
            to.sync({})
            assert to.profiles() == []


def test_500_list_members_take_two_calls(world: MakeWorld) -> None:
    with Sandbox(enforce_limits=False) as sandbox:
        w = world(base_url=sandbox.url, groups=[VIP], fields={"email": "VARCHAR"})
        with journey(w, sandbox) as to:
            people = {
                n: {"email": f"p{n}@x.org", VIP.field: True if n <= 250 else None} for n in range(1, 501)
            }
            to.sync(people)
            sandbox.clear_requests()
            to.sync({n: {**row, VIP.field: None if row[VIP.field] else True} for n, row in people.items()})
            assert sorted(to.paths()) == ["lists/subscribe", "lists/unsubscribe"]
            assert len(sandbox.iterable_lists["VIP"]) == 250


def test_a_user_whose_list_call_fails_is_not_accepted(world: MakeWorld) -> None:
    with Sandbox(enforce_limits=False) as sandbox:
        w = world(base_url=sandbox.url, groups=[VIP], fields={"email": "VARCHAR"})
        with journey(w, sandbox) as to:
            sandbox.fault("item", "/api/lists/subscribe", ids=["p1@x.org"])
            to.sync({n: {"email": f"p{n}@x.org", VIP.field: True} for n in (1, 2)})
            assert {seq: outcome.status for seq, outcome in to.outcomes.items()} == {
                1: "failed",
                2: "accepted",
            }
            assert to.snapshot.keys() == {2}
            sandbox.clear_faults()
            to.sync({n: {"email": f"p{n}@x.org", VIP.field: True} for n in (1, 2)})
            assert sorted(sandbox.iterable_lists["VIP"]) == ["p1@x.org", "p2@x.org"]


def test_a_note_about_the_other_identifier_survives_a_list_call(world: MakeWorld) -> None:
    w = prepared(world, Directory((7, "x", "Standard")), groups=[SEVEN], project="hybrid", by="userId")
    old = {"userId": "1", "email": "a@x.org", SEVEN.field: None}
    item = w.item(w.update(old, email=None, **{SEVEN.field: True}))
    assert orjson.loads(item.body) == {"userId": "1", "dataFields": {}}
    (outcome,) = w.bulk.outcomes([item], Answer(200, {}, b'{"successCount":1,"failCount":0}'))
    assert "cannot clear it" in str(outcome and outcome.message)
