"""The calls over real HTTP, against the local Iterable of the sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from roo_dbt.errors import Fatal
from roo_dbt.records import ACCEPTED, Change, Item, Outcome
from roo_dbt.sandbox import Sandbox
from roo_dbt.transport import Transport

if TYPE_CHECKING:
    from tests.destinations.iterable.conftest import World

    from roo_dbt.destinations.protocol import Call

MakeWorld = Callable[..., "World"]
PROJECTS = [
    ("email", "email"),
    ("email", "userId"),
    ("user_id", "userId"),
    ("hybrid", "email"),
    ("hybrid", "userId"),
]


class Line:
    """A sandbox, and a connection to it."""

    def __init__(self, sandbox: Sandbox, world: World, transport: Transport) -> None:
        self.sandbox, self.world, self._transport = sandbox, world, transport

    def ask(self, call: Call, *changes: Change) -> list[Outcome | None]:
        """One request with these changes."""
        items = [call.item(change) for change in changes]
        assert all(isinstance(item, Item) for item in items), items
        sendable = [item for item in items if isinstance(item, Item)]
        answer = self._transport.send(call.request(sendable))
        call.judge(answer)
        return list(call.outcomes(sendable, answer))

    def users(self) -> list[dict[str, Any]]:
        found = sorted(self.sandbox.store.iterable.profiles.latest(), key=lambda profile: profile.number)
        return [{"email": p.email, "userId": p.user_id, **p.fields} for p in found]


@contextmanager
def line(make: MakeWorld, project: Any, by: str, **more: Any) -> Iterator[Line]:
    with Sandbox(iterable_project_type=project, enforce_limits=False) as sandbox:
        world = make(project, by, base_url=sandbox.url, **more)
        with Transport(world.app.endpoint, world.app.headers(), secrets=world.app.secrets()) as transport:
            yield Line(sandbox, world, transport)


@pytest.mark.parametrize(("project", "by"), PROJECTS)
def test_a_user_is_created_updated_cleared_and_deleted(world: MakeWorld, project: str, by: str) -> None:
    first = {
        by: {"email": "A+b/c@x.org", "userId": "U/1 #?"}[by],
        "name": "Ada",
        "address.city": "Rome",
        "age": 36,
    }
    with line(world, project, by) as to:
        w = to.world
        assert [o and o.status for o in to.ask(w.bulk, w.create(first))] == ["accepted"]
        assert to.ask(w.bulk, w.update(first, age=37, name=None)) == [ACCEPTED]
        (user,) = to.users()
        assert user[by] == {"email": "a+b/c@x.org", "userId": "U/1 #?"}[by]
        assert {k: user.get(k) for k in ("name", "address", "age")} == {
            "name": None,
            "address": {"city": "Rome"},
            "age": 37,
        }
        assert to.ask(w.bulk, w.leave({**first, "name": None}, clears=True)) == [ACCEPTED]
        assert "age" not in to.users()[0]
        assert to.ask(w.delete, w.leave(first)) == [ACCEPTED]
        assert to.users() == []
        assert to.ask(w.delete, w.leave(first)) == [ACCEPTED]


@pytest.mark.parametrize(
    ("project", "by"), [("email", "email"), ("hybrid", "email"), ("hybrid", "userId"), ("user_id", "userId")]
)
def test_both_identifiers_arrive_at_one_user(world: MakeWorld, project: str, by: str) -> None:
    with line(world, project, by) as to:
        both = {"email": "A@x.org", "userId": "1"}
        assert to.ask(to.world.bulk, to.world.create(both)) == [ACCEPTED]
        assert to.users() == [{"email": "a@x.org", "userId": "1"}]


def test_only_the_refused_users_fail(world: MakeWorld) -> None:
    with line(world, "hybrid", "userId") as to:
        w = to.world
        to.ask(w.bulk, w.create({"userId": "0", "email": "Taken@x.org", "age": 1}))
        people = [
            {"userId": "1", "email": "TAKEN@x.org"},
            {"userId": "2", "email": "free@x.org"},
            {"userId": "3", "email": "x@y.z_"},
            {"userId": "4", "age": "old"},
        ]
        outcomes = to.ask(w.bulk, *(w.create(person, seq) for seq, person in enumerate(people)))
        assert [o and (o.code or o.status) for o in outcomes] == [
            "conflict",
            "accepted",
            "invalid_value",
            "invalid_value",
        ]
        assert [user["userId"] for user in to.users()] == ["0", "2"]


LOOKED_UP = [pair for pair in PROJECTS if pair != ("email", "userId")]


@pytest.mark.parametrize(("project", "by"), LOOKED_UP)
def test_enrich_skips_who_is_absent(world: MakeWorld, project: str, by: str) -> None:
    with line(world, project, by, mode="enrich") as to:
        w = to.world
        person = {by: {"email": "a@x.org", "userId": "u 1/?+%"}[by], "name": "Ada"}
        (absent,) = to.ask(w.lookup, w.create(person))
        assert absent is not None
        assert (absent.status, absent.code, absent.permanent) == ("skipped", "absent", True)
        there = world(project, by, base_url=to.sandbox.url)
        to.ask(there.bulk, there.create(person))
        assert to.ask(w.lookup, w.create(person)) == [ACCEPTED]


def test_a_dropped_field_is_told(world: MakeWorld) -> None:
    with line(world, "email", "email", create_new_fields=False) as to:
        (outcome,) = to.ask(to.world.bulk, to.world.create({"email": "a@x.org", "pet": "cat"}))
        assert outcome is not None
        assert outcome.status == "accepted"
        assert str(outcome.message).startswith("Iterable dropped pet:")


def test_check_asks_the_project(world: MakeWorld) -> None:
    with line(world, "email", "email") as to, Transport(to.sandbox.url, {"Api-Key": "wrong"}) as wrong:
        (refused,) = to.world.app.check(wrong.send, ["users"])
        assert not refused.ok
        with pytest.raises(Fatal):
            to.world.bulk.judge(
                wrong.send(to.world.bulk.request([to.world.item(to.world.create({"email": "a@x.org"}))]))
            )
        (found,) = to.world.app.check(to._transport.send, ["users"])
        assert found.ok
