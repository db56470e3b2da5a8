"""The careful client's list: situations that no other file of this folder has, and those that cannot arise.

Numbers are those of the tests named `test_edge_N`, here and in the files beside this one:

- 1–6, 9–13, 21, 22, 29, 30, 33, 48: answers (`outcomes`), identifiers (`identity`)
- 8, 26–28: moved users (`moves`)
- 23, 24, 31, 44, 47: look-ups, deletes, statuses (`calls`)
- 25: a warning (`mapping`)
- 32, 34–38: lists (`lists`)
- 40, 41: events (`events`), 46: subscriptions (`subscriptions`)
- 39, 45: nothing is read to verify what was written, see below
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from tests.destinations.iterable.journey import journey, statuses
from tests.destinations.iterable.request_checks import check_body

from roo_dbt.destinations import iterable
from roo_dbt.records import Change, Group, Item, Outcome
from roo_dbt.sandbox import Sandbox

if TYPE_CHECKING:
    from tests.destinations.iterable.conftest import World

    from roo_dbt.sandbox.settings import ProjectType

MakeWorld = Callable[..., "World"]
ADA = {"email": "ada@x.org", "name": "Ada", "age": 36}


def test_edge_7_an_identifier_is_in_a_bulk_request_once(world: MakeWorld) -> None:
    """The comparison lets one record of an identifier pass; here each of those is one entry."""
    with Sandbox(enforce_limits=False) as sandbox:
        w = world(base_url=sandbox.url)
        with journey(w, sandbox) as to:
            to.sync({n: {**ADA, "email": f"p{n}@x.org"} for n in range(1, 30)})
            to.sync({n: {**ADA, "email": f"p{n % 29 + 1}@x.org"} for n in range(1, 30)})
            for entry in sandbox.requests:
                users = [user["email"] for user in (entry.body or {}).get("users", [])]
                assert len(users) == len(set(users))


def test_edge_14_a_null_clears_and_nulls_ignore_keeps(world: MakeWorld) -> None:
    """`nulls: ignore` is the comparison's: the old value comes as the new one, so nothing has changed."""
    assert world().data(world().update(ADA, name=None)) == {"name": None}
    assert world(nulls="ignore").bulk.item(world().update(ADA)) is None


def test_edge_15_a_mapped_part_of_an_object_that_left_the_mapping_is_cleared_by_merging(
    world: MakeWorld, left_the_mapping: object
) -> None:
    w = world(fields={"email": "VARCHAR", "address.city": "VARCHAR"})
    old = {"email": "a@x.org", "address.city": "Rome", "address.zip": "1"}
    user = w.user(w.update(old, address__zip=left_the_mapping))
    assert user == {"email": "a@x.org", "dataFields": {"address": {"zip": None}}, "mergeNestedObjects": True}


def test_edge_16_and_17_dotted_fields_are_nested_and_never_wipe_their_siblings(world: MakeWorld) -> None:
    with Sandbox(enforce_limits=False) as sandbox:
        w = world(base_url=sandbox.url, fields={"email": "VARCHAR", "address.city": "VARCHAR"})
        with journey(w, sandbox) as to:
            to.sync({1: {"email": "a@x.org", "address.city": "Rome"}})
            (profile,) = sandbox.store.iterable.profiles.latest()
            profile.fields["address"]["zip"] = "00100"
            to.sync({1: {"email": "a@x.org", "address.city": "Turin"}})
            assert profile.fields["address"] == {"city": "Turin", "zip": "00100"}


def test_edge_18_times_have_a_zone_and_no_fraction(world: MakeWorld) -> None:
    w = world(fields={"email": "VARCHAR", "at": "TIMESTAMP"})
    assert w.data(w.create({"email": "a@x.org", "at": "2020-04-13T14:04:09.123Z"})) == {
        "at": "2020-04-13 14:04:09 +00:00"
    }


def test_edge_20_text_that_is_too_long_never_leaves(world: MakeWorld) -> None:
    outcome = world().refusal(world().create({"email": "a@x.org", "note": "x" * 32_001}))
    assert (outcome.code, outcome.permanent) == ("invalid_value", True)


def test_edge_33_a_user_of_more_than_a_request_fails_alone(world: MakeWorld) -> None:
    fields = {"email": "VARCHAR", **{f"f{n}": "VARCHAR" for n in range(140)}}
    with (
        Sandbox(enforce_limits=False) as sandbox,
        journey(world(base_url=sandbox.url, fields=fields), sandbox) as to,
    ):
        big = {name: "x" * 30_000 for name in fields if name != "email"}
        to.sync({1: {"email": "a@x.org", **big}, 2: {"email": "b@x.org", **dict.fromkeys(big)}})
        assert statuses(dict(sorted(to.outcomes.items()))) == ["invalid_value", "accepted"]


def test_edge_39_and_45_nothing_is_read_back_to_verify() -> None:
    """Reads lag behind writes by up to a minute, and a list's members may be read five times a minute."""
    code = "".join(path.read_text(encoding="utf-8") for path in Path(iterable.__file__).parent.glob("*.py"))
    for path in ("lists/getUsers", "/size", "previewUsers"):
        assert path not in code


@pytest.mark.parametrize("project", ["email", "user_id", "hybrid"])
def test_edge_42_flags_go_only_to_the_projects_that_respect_them(world: MakeWorld, project: str) -> None:
    by = "userId"
    for mode in ("sync", "enrich"):
        w = world(project, by, mode=mode, groups=[Group("vip", list_id=7)], fields={by: "VARCHAR"})
        change = w.create({by: "u1", "@list:7": True})
        found = w.call("join_lists").item(change)
        assert isinstance(found, list)
        body = orjson.loads(w.call("join_lists").request(found).body or b"")
        check_body("lists/subscribe", body)
        assert body.get("updateExistingUsersOnly", False) is (mode == "enrich" and project != "email")
        assert body["subscribers"][0].get("preferUserId", False) is (mode == "sync" and project == "email")


def test_edge_43_a_placeholder_address_is_never_taken_for_the_users_own(world: MakeWorld) -> None:
    """No address is read from Iterable: a look-up asks whether the user is there, and nothing else."""
    w = world("email", "userId", fields={"userId": "VARCHAR"})
    assert "email" not in w.user(w.create({"userId": "u1"}))


@pytest.mark.parametrize(
    ("project", "by", "looks_up"),
    [
        ("email", "email", True),
        ("email", "userId", False),
        ("user_id", "userId", True),
        ("hybrid", "email", True),
        ("hybrid", "userId", True),
    ],
)
def test_enrich_asks_only_where_iterable_would_create_a_user(
    world: MakeWorld, project: ProjectType, by: str, looks_up: bool
) -> None:
    with Sandbox(iterable_project_type=project, enforce_limits=False) as sandbox:
        groups = [Group("vip", name="VIP")]
        fields = {by: "VARCHAR", "name": "VARCHAR"}
        there, absent = ("a@x.org", "b@x.org") if by == "email" else ("u1", "u2")
        profiles = sandbox.store.iterable.profiles
        if by == "email":
            profiles.create(there, None, 0)
        else:
            profiles.create("a@x.org", there, 0)
        w = world(project, by, mode="enrich", base_url=sandbox.url, groups=groups, fields=fields)
        with journey(w, sandbox) as to:
            to.sync(
                {n: {by: who, "name": "Ada", "@group:VIP": True} for n, who in enumerate((there, absent), 1)}
            )
            found = {seq: (one.status, one.code, one.permanent) for seq, one in to.outcomes.items()}
            assert found == {1: ("accepted", None, False), 2: ("skipped", "absent", True)}
            assert len(profiles) == 1
            assert to.find(**{by: there})["lists"] == ["VIP"]
            assert [entry.method for entry in sandbox.requests].count("GET") == (3 if looks_up else 1)


def test_100_000_users_go_in_100_bulk_calls(world: MakeWorld) -> None:
    w = world(fields={"email": "VARCHAR", "name": "VARCHAR"})
    calls = w.users.calls()
    batch: list[Item] = []
    sizes: list[int] = []
    for number in range(100_000):
        new: Mapping[str, Any] = {"email": f"p{number}@x.org", "name": "Ada"}
        change = Change(number, "create", str(number), {}, new, ("email", "name"))
        needed = [(call, found) for call in calls if (found := call.item(change)) is not None]
        ((call, item),) = needed
        assert isinstance(item, Item)
        batch.append(item)
        if len(batch) == call.batch_size:
            sizes.append(len(call.request(batch).body or b""))
            batch.clear()
    assert (len(sizes), batch) == (100, [])
    assert max(sizes) < 4_000_000


def test_a_wrong_type_in_one_of_a_thousand_fails_that_one(world: MakeWorld) -> None:
    for mismatch in ("row", "request"):
        with Sandbox(enforce_limits=False, iterable_mismatch=mismatch) as sandbox:
            w = world(base_url=sandbox.url, fields={"email": "VARCHAR", "age": ""})
            with journey(w, sandbox) as to:
                to.sync({1: {"email": "p1@x.org", "age": 1}})
                people = {
                    n: {"email": f"p{n}@x.org", "age": "old" if n == 500 else 2} for n in range(1, 1001)
                }
                to.sync(people)
                failed = {seq for seq, outcome in to.outcomes.items() if outcome.status != "accepted"}
                assert failed == {500}
                assert isinstance(to.outcomes[500], Outcome)
                assert to.outcomes[500].code == "invalid_value"
