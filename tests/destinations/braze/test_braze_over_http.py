"""Whole exports against a local Braze with its real limits: sizes, faults, and what it stored."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from tests.destinations.braze.braze_samples import answer, call_of, calls, change, created, updated, users
from tests.destinations.braze.conftest import World

from roo_dbt.destinations.braze.fields import ALIAS_LABEL, ALIAS_NAME
from roo_dbt.destinations.braze.track import Track
from roo_dbt.destinations.protocol import Object
from roo_dbt.errors import AppRefused, Fatal, Splittable
from roo_dbt.records import ACCEPTED, Change, Group, Item

TRACK, DELETE = "/users/track", "/users/delete"
KINDS = ("users", "events", "purchases")


def object_of(world: World, name: str, **settings: Any) -> Object:
    fields = {
        "users": ("external_id", "plan"),
        "events": ("external_id", "name", "time", "properties.n"),
        "purchases": ("external_id", "product_id", "currency", "price", "quantity", "time"),
    }[name]
    return world.object(name, *fields, **({"mode": None} if name != "users" else {}), **settings)


def new(name: str, seq: int) -> Change:
    values: dict[str, dict[str, Any]] = {
        "users": {"plan": f"p{seq}"},
        "events": {"name": "Order", "time": "2026-01-02T03:04:05.000Z", "properties.n": seq},
        "purchases": {
            "product_id": f"p{seq}",
            "currency": "EUR",
            "price": 1.5,
            "quantity": 2,
            "time": "2026-01-02",
        },
    }
    return change("create", new={"external_id": f"u{seq}", **values[name]}, seq=seq)


# --- edge cases 7 and 8: sizes -------------------------------------------------------------------


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(
    ("count", "requests"), [(75, [75]), (76, [75, 1]), (150, [75, 75]), (151, [75, 75, 1])]
)
def test_requests_hold_75_objects_at_most(world: World, name: str, count: int, requests: list[int]) -> None:
    outcomes = world.ship(object_of(world, name), *(new(name, seq) for seq in range(count)), threads=1)
    assert set(outcomes.values()) == {ACCEPTED}
    assert [entry.objects for entry in world.sandbox.requests] == requests


def test_client_and_sandbox_agree_that_75_objects_are_taken_and_76_are_not(world: World) -> None:
    track = call_of(object_of(world, "users"), Track)
    items = [item for seq in range(76) if isinstance(item := track.item(new("users", seq)), Item)]
    answered = world.ask(lambda send: send(track.request(items)))
    assert answered.status == 400
    with pytest.raises(Splittable, match="Max Input Length Exceeded"):
        track.outcomes(items, answered)
    assert world.sandbox.braze_users == {}
    answered = world.ask(lambda send: send(track.request(items[:75])))
    assert answered.status == 201
    assert list(track.outcomes(items[:75], answered)) == [ACCEPTED] * 75


def test_a_setting_makes_requests_smaller(world: World) -> None:
    world.settings["max_objects"] = 10
    world.ship(object_of(world, "users"), *(new("users", seq) for seq in range(25)), threads=1)
    assert [entry.objects for entry in world.sandbox.requests] == [10, 10, 5]


def test_a_request_stays_below_its_bytes(world: World) -> None:
    large = {f"a{n:02}": {f"k{m:03}": "x" * 250 for m in range(350)} for n in range(3)}
    obj = world.object("users", "external_id", *large)
    changes = [change("create", new={"external_id": f"u{n}", **large}, seq=n) for n in range(20)]
    assert set(world.ship(obj, *changes, threads=1).values()) == {ACCEPTED}
    sizes = [len(entry.raw) for entry in world.sandbox.requests]
    assert len(sizes) == 2
    assert max(sizes) <= 3_500_000
    huge = {f"a{n:02}": large["a00"] for n in range(45)}
    outcomes = world.ship(obj, change("create", new={"external_id": "u", **huge}, seq=1))
    assert (outcomes[1].status, outcomes[1].code) == ("failed", "invalid_value")


# --- what is stored ------------------------------------------------------------------------------


def test_a_purchase_and_an_event_arrive_as_they_are(world: World) -> None:
    for name in KINDS:
        assert world.ship(object_of(world, name), new(name, 1)) == {1: ACCEPTED}
    profile = world.profile("u1")
    assert profile["events"] == {"Order": 1, "p1": 1}
    assert world.sandbox.braze_events == [
        {
            "external_id": "u1",
            "name": "Order",
            "time": "2026-01-02T03:04:05.000Z",
            "properties": {"n": 1},
        }
    ]


@pytest.mark.parametrize("name", ["events", "purchases"])
def test_update_users_only_records_nothing_for_a_user_that_braze_lacks(world: World, name: str) -> None:
    """Edge case 19: a miss is silent, so it is accepted."""
    obj = object_of(world, name, options={"update_users_only": True})
    assert world.ship(obj, new(name, 1)) == {1: ACCEPTED}
    assert world.sandbox.braze_users == {}


def test_an_enriched_user_that_braze_lacks_is_accepted_and_not_made(world: World) -> None:
    """Edge case 19: Braze answers success, and we say no more than that."""
    obj = world.object("users", "external_id", "plan", mode="enrich")
    assert world.ship(obj, created(plan="gold")) == {1: ACCEPTED}
    assert world.sandbox.braze_users == {}


def test_the_email_beside_an_external_id_is_no_key(world: World) -> None:
    """Edge case 17: a second profile comes into being."""
    world.track({"email": "ada@example.com", "plan": "old"})
    obj = world.object("users", "external_id", "email")
    world.ship(obj, created(email="ada@example.com"))
    assert len(world.sandbox.braze_profiles) == 2


def test_an_alias_user_is_created_grouped_and_deleted(world: World) -> None:
    """Edge case 18."""
    alias = (ALIAS_NAME, ALIAS_LABEL)
    group = Group("news", subscription_group_id="7a1c9e62-2b1f-4b0c-9f0e-6f1f1a2b3c4d")
    obj = world.object("users", *alias, "plan", identifier=alias, groups=(group,))
    record = {ALIAS_NAME: "1", ALIAS_LABEL: "crm", "plan": "gold", group.field: True}
    assert world.ship(obj, change("create", new=record)) == {1: ACCEPTED}
    (profile,) = world.sandbox.braze_profiles
    assert profile["subscription_groups"] == {group.subscription_group_id: "subscribed"}
    assert world.ship(obj, change("delete", old=record)) == {1: ACCEPTED}
    assert world.sandbox.braze_profiles == []


@pytest.mark.parametrize(
    ("identifier", "value"), [("email", "a@x.org"), ("phone", "+14155550100"), ("external_id", "a")]
)
def test_a_user_is_created_updated_cleared_and_deleted_by_each_identifier(
    world: World, identifier: str, value: str
) -> None:
    obj = world.object("users", identifier, "plan", identifier=(identifier,))
    first = {identifier: value, "plan": "tin"}
    world.ship(obj, change("create", new=first))
    world.ship(obj, change("update", old=first, new={**first, "plan": "gold"}))
    (profile,) = world.sandbox.braze_profiles
    assert profile["attributes"]["plan"] == "gold"
    world.ship(obj, change("delete", old=first, clears=True))
    (profile,) = world.sandbox.braze_profiles
    assert "plan" not in profile["attributes"]
    world.ship(obj, change("delete", old=first))
    assert world.sandbox.braze_profiles == []


def test_a_braze_id_finds_a_user_and_never_makes_one(world: World) -> None:
    world.track({"external_id": "a"})
    (profile,) = world.sandbox.braze_profiles
    obj = world.object("users", "braze_id", "plan", identifier=("braze_id",), mode="additive")
    there = change("create", new={"braze_id": profile["braze_id"], "plan": "gold"}, seq=1)
    assert world.ship(obj, there, change("create", new={"braze_id": "f00", "plan": "x"}, seq=2)) == {
        1: ACCEPTED,
        2: ACCEPTED,
    }
    assert world.sandbox.braze_users == {"a": {"plan": "gold"}}


@pytest.mark.parametrize("merged", [True, False])
def test_siblings_of_a_dotted_field_survive_and_those_in_a_written_object_do_not(
    world: World, merged: bool
) -> None:
    """Edge case 23."""
    world.track({"external_id": "u1", "address": {"zip": "00100"}})
    if merged:
        world.ship(world.object("users", "external_id", "address.city"), created(**{"address.city": "Rome"}))
    else:
        world.ship(world.object("users", "external_id", "address"), created(address={"city": "Rome"}))
    expected = {"zip": "00100", "city": "Rome"} if merged else {"city": "Rome"}
    assert world.sandbox.braze_users["u1"]["address"] == expected


# --- faults --------------------------------------------------------------------------------------


def test_one_bad_object_fails_alone(world: World) -> None:
    world.sandbox.fault("item", path=TRACK, ids=["u3"])
    outcomes = world.ship(object_of(world, "users"), *(new("users", seq) for seq in range(10)))
    assert [seq for seq, outcome in outcomes.items() if outcome.status == "failed"] == [3]
    assert len(world.sandbox.braze_users) == 9


@pytest.mark.parametrize("name", ["events", "purchases"])
@pytest.mark.parametrize(
    ("fault", "arrived"),
    [
        ({"kind": "drop_after"}, 1),
        ({"kind": "status", "status": 504}, 0),
        ({"kind": "status", "status": 500}, 0),
    ],
)
def test_an_event_that_might_have_arrived_is_never_sent_twice(
    world: World, name: str, fault: dict[str, Any], arrived: int
) -> None:
    """Edge cases 10 and 37."""
    world.sandbox.fault(**fault, path=TRACK, count=1)
    outcomes = world.ship(object_of(world, name), new(name, 1))
    assert (outcomes[1].status, outcomes[1].code) == ("unknown", "ambiguous")
    assert world.paths() == [TRACK]
    kept = world.sandbox.store.braze.workspace
    assert len(kept.events) + len(kept.purchases) == arrived


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("status", [502, 503])
def test_a_server_that_did_not_get_the_request_is_asked_again(world: World, name: str, status: int) -> None:
    """Edge case 10."""
    world.sandbox.fault("status", path=TRACK, status=status, count=2)
    assert world.ship(object_of(world, name), new(name, 1)) == {1: ACCEPTED}
    assert len(world.paths()) == 3


@pytest.mark.parametrize("fault", [{"kind": "drop_after"}, {"kind": "status", "status": 504}])
def test_attributes_and_groups_may_go_twice(world: World, fault: dict[str, Any]) -> None:
    """Edge case 10: adding an entry that is there changes nothing."""
    vip = Group("is_vip", name="VIP")
    world.sandbox.fault(**fault, path=TRACK, count=1)
    obj = world.object("users", "external_id", groups=(vip,))
    assert world.ship(obj, created(**{vip.field: True})) == {1: ACCEPTED}
    assert world.sandbox.braze_users["u1"]["groups"] == ["VIP"]


@pytest.mark.parametrize("contract", ["default", "mau"])
def test_a_rate_limit_in_either_dialect_is_waited_for(
    world: World, monkeypatch: pytest.MonkeyPatch, contract: str
) -> None:
    """Edge case 9."""
    monkeypatch.setattr(world.sandbox, "contract", contract)
    world.sandbox.fault("status", path=TRACK, status=429, count=1, seconds=2)
    assert world.ship(object_of(world, "users"), new("users", 1)) == {1: ACCEPTED}
    assert len(world.paths()) == 2


def test_a_redirect_is_not_followed() -> None:
    """Edge case 45."""
    track, _ = calls("external_id")
    for status in (301, 302, 307, 308):
        with pytest.raises(Fatal):
            track.judge(answer(status, location="https://elsewhere.example.com"))


def test_a_wrong_key_ends_the_run_without_showing_it(world: World) -> None:
    """Edge case 11."""
    world.settings["api_key"] = "wrong"
    with pytest.raises(AppRefused, match="or it belongs to another instance") as caught:
        world.ship(object_of(world, "users"), new("users", 1))
    assert "Bearer" not in str(caught.value)


# --- enrich, departures --------------------------------------------------------------------------


def test_a_departed_user_that_braze_deleted_is_not_made_again(world: World) -> None:
    vip = Group("is_vip", name="VIP")
    obj = world.object("users", "external_id", "plan", groups=(vip,), mode="additive")
    old = {"plan": "gold", vip.field: True}
    assert world.ship(obj, updated(old, {**old, vip.field: None}, departs=True)) == {1: ACCEPTED}
    assert world.sandbox.braze_users == {}


def test_check_and_permissions_over_http(world: World) -> None:
    declared = world.object("users", "external_id", "plan").destination
    findings = world.ask(lambda send: world.app.check_for(send, [declared]))
    assert [(finding.subject, finding.ok) for finding in findings] == [
        ("users.track", True),
        ("users.delete", True),
        ("users.external_ids.rename", True),
        ("users.export.ids", True),
    ]
    assert world.sandbox.braze_profiles == []


def test_no_path_ends_with_a_slash() -> None:
    """Edge case 46: Braze takes /users/track/ for another address."""
    paths = [call.request([]).path for call in users("external_id", mode="enrich", verify=True).calls()]
    assert not any(path.endswith("/") for path in paths)


def test_the_body_of_a_request_is_utf_8(world: World) -> None:
    world.ship(object_of(world, "users"), change("create", new={"external_id": "ü", "plan": "grün"}))
    (entry,) = world.sandbox.requests
    assert orjson.loads(entry.raw) == {"attributes": [{"external_id": "ü", "plan": "grün"}]}
