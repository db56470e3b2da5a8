"""Changed identifiers against a local Braze: what is left in the workspace afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.destinations.braze.braze_samples import change
from tests.destinations.braze.conftest import World

from roo_dbt.destinations.braze.fields import ALIAS_LABEL, ALIAS_NAME
from roo_dbt.destinations.protocol import Object
from roo_dbt.records import Change, Group

VIP = Group("is_vip", name="VIP")
RENAME, LOOK_UP, TRACK = "/users/external_ids/rename", "/users/export/ids", "/users/track"


def users(world: World, identifier: str = "external_id", **settings: Any) -> Object:
    return world.object("users", identifier, "plan", identifier=(identifier,), groups=(VIP,), **settings)


def created(seq: int, name: str, identifier: str = "external_id") -> Change:
    return change("create", new={identifier: name, "plan": f"p{seq}", VIP.field: True}, seq=seq)


def moved(seq: int, old: str, new: str, identifier: str = "external_id", plan: str = "") -> Change:
    before = {identifier: old, "plan": f"p{seq}", VIP.field: True}
    return change("update", old=before, new={**before, identifier: new, "plan": plan or f"p{seq}"}, seq=seq)


def start(world: World, *changes: Change, identifier: str = "external_id", **settings: Any) -> Object:
    """Create users and forget that it took requests."""
    obj = users(world, identifier, **settings)
    outcomes = world.ship(obj, *changes)
    assert {outcome.status for outcome in outcomes.values()} <= {"accepted"}
    world.sandbox.clear_requests()
    return obj


def test_a_renamed_user_keeps_everything_and_its_old_id_keeps_working(world: World) -> None:
    obj = start(world, created(1, "a"))
    world.track({"external_id": "a", "theirs": 1})
    world.sandbox.clear_requests()
    outcomes = world.ship(obj, moved(1, "a", "b", plan="tin"))
    assert outcomes[1].message is None
    assert world.paths() == [RENAME, TRACK]
    assert world.profile("b")["attributes"] == {"plan": "tin", "theirs": 1, "groups": ["VIP"]}
    assert world.profile("b")["former_ids"] == ["a"]
    world.track({"external_id": "a", "late": True})
    assert world.profile("b")["attributes"]["late"] is True


def test_a_rename_alone_needs_no_update(world: World) -> None:
    obj = start(world, created(1, "a"))
    assert world.ship(obj, moved(1, "a", "b"))[1].status == "accepted"
    assert world.paths() == [RENAME]


def test_a_taken_id_gets_the_whole_record_and_the_old_user_is_left_out_of_the_groups(world: World) -> None:
    obj = start(world, created(1, "a"))
    world.track({"external_id": "b", "theirs": 1})
    world.sandbox.clear_requests()
    outcomes = world.ship(obj, moved(1, "a", "b"))
    assert outcomes[1].status == "accepted"
    assert "record 1 changed" in str(outcomes[1].message)
    assert world.profile("a")["attributes"] == {"plan": "p1", "groups": []}
    assert world.profile("b")["attributes"] == {"plan": "p1", "theirs": 1, "groups": ["VIP"]}


def test_a_user_deleted_by_somebody_else_is_made_anew(world: World) -> None:
    outcomes = world.ship(users(world), moved(1, "a", "b"))
    assert "no longer finds a user" in str(outcomes[1].message)
    assert world.profile("b")["attributes"] == {"plan": "p1", "groups": ["VIP"]}


def test_a_run_that_stopped_after_the_rename_is_continued(world: World) -> None:
    obj = start(world, created(1, "a"))
    world.ship(obj, moved(1, "a", "b"))
    outcomes = world.ship(obj, moved(1, "a", "b", plan="tin"))
    assert (outcomes[1].status, outcomes[1].message) == ("accepted", None)
    assert world.profile("b")["attributes"] == {"plan": "tin", "groups": ["VIP"]}
    assert len(world.sandbox.braze_users) == 1


def test_a_lost_answer_to_a_rename_does_no_harm(world: World) -> None:
    obj = start(world, created(1, "a"), created(2, "c"))
    world.sandbox.fault("drop_after", path=RENAME, count=1)
    outcomes = world.ship(obj, moved(1, "a", "b", plan="tin"), moved(2, "c", "d", plan="tin"))
    assert [outcome.message for outcome in outcomes.values()] == [None, None]
    for name in ("b", "d"):
        assert world.profile(name)["attributes"] == {"plan": "tin", "groups": ["VIP"]}


def test_swapped_ids_swap_the_records_and_the_groups(world: World) -> None:
    obj = start(world, created(1, "a"), change("create", new={"external_id": "b", "plan": "p2"}, seq=2))
    outcomes = world.ship(
        obj,
        moved(1, "a", "b"),
        change(
            "update", old={"external_id": "b", "plan": "p2"}, new={"external_id": "a", "plan": "p2"}, seq=2
        ),
    )
    assert {outcome.status for outcome in outcomes.values()} == {"accepted"}
    assert world.profile("b")["attributes"] == {"plan": "p1", "groups": ["VIP"]}
    assert world.profile("a")["attributes"] == {"plan": "p2", "groups": []}


def test_ids_handed_on_in_a_row_never_write_one_record_to_the_user_of_another(world: World) -> None:
    obj = start(world, created(1, "a"), created(2, "b"))
    outcomes = world.ship(obj, moved(1, "a", "b"), moved(2, "b", "c"))
    assert outcomes[2].status == "accepted"
    assert (outcomes[1].status, outcomes[1].code) == ("failed", "conflict")
    assert world.profile("c")["attributes"]["plan"] == "p2"
    assert world.profile("a")["attributes"]["plan"] == "p1"


@pytest.mark.parametrize("mode", ["sync", "additive"])
@pytest.mark.parametrize(
    ("identifier", "old", "new"), [("email", "a@x.org", "b@x.org"), ("phone", "+14155550100", "+14155550101")]
)
def test_where_nothing_can_be_renamed_the_new_user_gets_the_whole_record(
    world: World, identifier: str, old: str, new: str, mode: str
) -> None:
    obj = start(world, created(1, old, identifier), identifier=identifier, mode=mode)
    outcomes = world.ship(obj, moved(1, old, new, identifier))
    assert f"the {identifier} of record 1 changed" in str(outcomes[1].message)
    assert set(world.paths()) == {TRACK}
    found = {profile["attributes"][identifier]: profile for profile in world.sandbox.braze_profiles}
    assert found[old]["attributes"] == {identifier: old, "plan": "p1", "groups": []}
    assert found[new]["attributes"] == {identifier: new, "plan": "p1", "groups": ["VIP"]}


def test_swapped_emails_swap_the_records_and_the_groups(world: World) -> None:
    one = created(1, "a@x.org", "email")
    two = {"email": "b@x.org", "plan": None}
    obj = start(world, one, change("create", new=two, seq=2), identifier="email")
    back = change("update", old=two, new={**two, "email": "a@x.org"}, seq=2)
    world.ship(obj, moved(1, "a@x.org", "b@x.org", "email"), back)
    found = {p["attributes"]["email"]: p["attributes"] for p in world.sandbox.braze_profiles}
    assert found["b@x.org"] == {"email": "b@x.org", "plan": "p1", "groups": ["VIP"]}
    assert found["a@x.org"] == {"email": "a@x.org", "groups": []}


def test_a_changed_alias_starts_a_user_of_its_own(world: World) -> None:
    """Edge case 41: /users/alias/update does not say what it did, so it is not relied on."""
    alias = (ALIAS_NAME, ALIAS_LABEL)
    obj = world.object("users", *alias, "plan", identifier=alias, groups=(VIP,))
    before = {ALIAS_NAME: "1", ALIAS_LABEL: "crm", "plan": "gold", VIP.field: True}
    world.ship(obj, change("create", new=before))
    world.ship(obj, change("update", old=before, new={**before, ALIAS_NAME: "2"}))
    found = {profile["aliases"]["crm"]: profile["attributes"] for profile in world.sandbox.braze_profiles}
    assert found == {"1": {"plan": "gold", "groups": []}, "2": {"plan": "gold", "groups": ["VIP"]}}


def test_an_enriched_user_is_renamed_too_and_a_missing_one_is_not_made(world: World) -> None:
    world.track({"external_id": "a", "plan": "p1"})
    obj = users(world, mode="enrich", options={"verify": True})
    outcomes = world.ship(obj, moved(1, "a", "b"), moved(2, "x", "y"))
    assert {outcome.status for outcome in outcomes.values()} == {"accepted"}
    assert world.sandbox.braze_users.keys() == {"b"}


def test_renames_go_by_fifty(world: World) -> None:
    obj = start(world, *(created(n, f"u{n}") for n in range(120)))
    world.ship(obj, *(moved(n, f"u{n}", f"n{n}") for n in range(120)))
    assert sorted(entry.objects for entry in world.sandbox.requests) == [20, 50, 50]
    assert world.sandbox.braze_users.keys() == {f"n{n}" for n in range(120)}


def values(number: int) -> dict[str, Any]:
    """What the record of this number says; every other one has no plan."""
    return {"plan": f"p{number}" if number % 2 else None, VIP.field: True if number < 2 else None}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(["u0", "u1", "u2", "u3", "n4", "n5"]).map(lambda ids: ids[:4]))
def test_whatever_ids_become_no_record_is_written_to_the_user_of_another(
    world: World, ids: list[str]
) -> None:
    world.sandbox.reset()
    before = [{"external_id": f"u{n}", **values(n)} for n in range(4)]
    obj = start(world, *(change("create", new=old, seq=n) for n, old in enumerate(before)))
    moves = [
        change("update", old=old, new={**old, "external_id": new}, seq=n)
        for n, (old, new) in enumerate(zip(before, ids, strict=True))
        if new != f"u{n}"
    ]
    outcomes = world.ship(obj, *moves) if moves else {}
    failed = {f"u{n}" for n, outcome in outcomes.items() if outcome.status != "accepted"}
    assert {outcome.code for outcome in outcomes.values()} <= {None, "conflict"}
    found = world.sandbox.braze_users
    for number, new in enumerate(ids):
        if f"u{number}" in failed:
            continue
        assert found[new].get("plan") == values(number)["plan"]
        # A record that could not move on stays in the groups of its user, whoever else has it now.
        if new not in failed:
            assert bool(found[new].get("groups")) is bool(values(number)[VIP.field])
