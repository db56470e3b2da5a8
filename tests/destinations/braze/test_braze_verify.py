"""`verify: true`: users are looked up before `enrich` writes to them."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.destinations.braze.braze_samples import answer, call_of, change, created, refusal, updated, users
from tests.destinations.braze.conftest import World

from roo_dbt.destinations.braze.fields import ALIAS_LABEL, ALIAS_NAME
from roo_dbt.destinations.braze.lookup import Verify
from roo_dbt.errors import Fatal, Retriable, Splittable
from roo_dbt.records import ACCEPTED, Change, Item, Outcome

ALIAS = (ALIAS_NAME, ALIAS_LABEL)


def verify_by(*identifier: str) -> Verify:
    return call_of(users(*identifier, "plan", mode="enrich", identifier=identifier, verify=True), Verify)


BY_ID, BY_ALIAS, BY_EMAIL = verify_by("external_id"), verify_by(*ALIAS), verify_by("email")


def asked(verify: Verify, *changes: Change) -> list[Item]:
    parts = [verify.item(one) for one in changes]
    assert all(isinstance(part, Item) for part in parts)
    return [part for part in parts if isinstance(part, Item)]


def people(*ids: str) -> list[Item]:
    return asked(BY_ID, *(change("create", new={"external_id": name}) for name in ids))


def told(verify: Verify, items: list[Item], **reply: Any) -> list[str | None]:
    outcomes = verify.outcomes(items, answer(200, {"message": "success", **reply}))
    return [outcome.status if outcome else None for outcome in outcomes]


def test_only_enrich_with_verify_looks_users_up() -> None:
    for mode, verify in (("enrich", False), ("sync", True), ("additive", True)):
        names = [
            call.name
            for call in users("external_id", mode=mode, verify=verify).calls()  # type: ignore[arg-type]
        ]
        assert "verify" not in names
    found = users("external_id", mode="enrich", verify=True).calls()[0]
    assert (found.name, found.batch_size) == ("verify", 50)
    assert found.rate.per_second == 40


@pytest.mark.parametrize(
    ("identifier", "record", "body", "size"),
    [
        (("external_id",), {"external_id": 7}, {"external_ids": ["7"]}, 50),
        (
            ALIAS,
            {ALIAS_NAME: "n", ALIAS_LABEL: "l"},
            {"user_aliases": [{"alias_name": "n", "alias_label": "l"}]},
            50,
        ),
        (("braze_id",), {"braze_id": "5f"}, {"braze_id": "5f"}, 1),
        (("email",), {"email": "a@b.co"}, {"email_address": "a@b.co"}, 1),
        (("phone",), {"phone": "+14155550100"}, {"phone": "+14155550100"}, 1),
    ],
)
def test_a_look_up_names_the_one_field_it_wants(
    identifier: tuple[str, ...], record: dict[str, Any], body: dict[str, Any], size: int
) -> None:
    verify = verify_by(*identifier)
    request = verify.request(asked(verify, change("create", new=record)))
    written = orjson.loads(request.body or b"")
    assert len(written.pop("fields_to_export")) == 1
    assert (request.path, written, verify.batch_size) == ("/users/export/ids", body, size)


def test_a_user_that_is_absent_is_skipped_for_good() -> None:
    (outcome,) = BY_ID.outcomes(people("u1"), answer(200, {"message": "success", "users": []}))
    message = "Braze has no user with this external_id, and enrich creates none"
    assert outcome == Outcome("skipped", "absent", message, permanent=True)


def test_absent_users_are_told_by_the_answer_in_any_order() -> None:
    """Edge case 40."""
    found = [{"external_id": "c"}, {"external_id": "a"}]
    items = people("a", "b", "c")
    assert told(BY_ID, items, users=found, invalid_user_ids=["b"]) == ["accepted", "skipped", "accepted"]
    assert told(BY_ID, items, users=found) == ["accepted", "skipped", "accepted"]


def test_a_former_id_is_answered_with_the_present_one_and_asked_for_alone() -> None:
    found = [{"external_id": "present"}, {"external_id": "a"}]
    assert told(BY_ID, people("a", "former", "b"), users=found, invalid_user_ids=["b"]) == [
        "accepted",
        None,
        "skipped",
    ]
    assert told(BY_ID, people("former"), users=[{"external_id": "present"}]) == ["accepted"]


@pytest.mark.parametrize("user", [{}, {"external_id": None}, {"user_aliases": None}, {"user_aliases": ["x"]}])
def test_a_missing_field_is_no_error(user: dict[str, Any]) -> None:
    """Edge case 40."""
    assert told(BY_ID, people("a", "b"), users=[user], invalid_user_ids=["b"]) == [None, "skipped"]
    aliases = asked(BY_ALIAS, *(change("create", new={ALIAS_NAME: n, ALIAS_LABEL: "l"}) for n in "ab"))
    assert told(BY_ALIAS, aliases, users=[user]) == [None, None]


def test_an_alias_is_matched_by_name_and_label() -> None:
    people = [{ALIAS_NAME: "1", ALIAS_LABEL: "crm"}, {ALIAS_NAME: "1", ALIAS_LABEL: "web"}]
    items = asked(BY_ALIAS, *(change("create", new=new) for new in people))
    found = [{"user_aliases": [{"alias_name": "1", "alias_label": "crm"}]}]
    assert told(BY_ALIAS, items, users=found) == ["accepted", "skipped"]


@given(st.sets(st.integers(0, 49)), st.booleans())
def test_for_any_set_of_users_exactly_the_others_are_absent(there: set[int], listed: bool) -> None:
    items = people(*(f"u{n}" for n in range(50)))
    absent = {"invalid_user_ids": [f"u{n}" for n in range(50) if n not in there]} if listed else {}
    statuses = told(BY_ID, items, users=[{"external_id": f"u{n}"} for n in there], **absent)
    assert statuses == ["accepted" if n in there else "skipped" for n in range(50)]


def test_removals_departures_and_renames_are_not_looked_up() -> None:
    assert BY_ID.item(change("delete", old={"external_id": "a"})) is None
    assert BY_ID.item(updated({"plan": "a"}, {"plan": "a"}, departs=True)) is None
    assert BY_ID.item(change("update", old={"external_id": "a"}, new={"external_id": "b"})) is None
    moved = change("update", old={"email": "a@b.co"}, new={"email": "b@b.co"})
    assert isinstance(BY_EMAIL.item(moved), Item)


def test_a_blank_identifier_is_refused_before_the_look_up() -> None:
    assert refusal(BY_ID.item(change("create", new={"external_id": " "}))).code == "missing_identifier"
    assert refusal(BY_ID.item(created(external_id="\ud800"))).code == "invalid_value"


def test_a_look_up_that_fails_fails_nobody_for_good() -> None:
    items = people("a", "b")
    with pytest.raises(Splittable):
        BY_ID.outcomes(items, answer(400, {"message": "no"}))
    with pytest.raises(Retriable):
        BY_ID.outcomes(items, answer(200, b"<html>"))
    assert (
        BY_ID.outcomes(items, answer(200, {"message": "odd"}))
        == [Outcome("failed", "rejected", "Braze: odd")] * 2
    )
    with pytest.raises(Fatal, match=r"lacks the permission users\.export\.ids"):
        BY_ID.judge(answer(403))


@pytest.mark.parametrize("odd", [{}, {"users": None}, {"users": "x", "invalid_user_ids": 3}])
def test_an_answer_without_a_list_says_nothing_about_anybody(odd: dict[str, Any]) -> None:
    assert told(BY_ID, people("a"), **odd) == ["failed"]
    assert told(BY_ID, people("a"), **{**odd, "invalid_user_ids": ["a"]}) == ["skipped"]


@pytest.mark.parametrize("identifier", [("external_id",), ALIAS, ("email",), ("phone",)])
def test_verified_users_are_written_and_absent_ones_are_not(
    world: World, identifier: tuple[str, ...]
) -> None:
    people: dict[tuple[str, ...], tuple[tuple[str, ...], ...]] = {
        ("external_id",): (("a",), ("b",)),
        ALIAS: (("a", "crm"), ("b", "crm")),
        ("email",): (("a@x.org",), ("b@x.org",)),
        ("phone",): (("+14155550100",), ("+14155550101",)),
    }
    records = [dict(zip(identifier, values, strict=True)) for values in people[identifier]]
    settings: dict[str, Any] = {"identifier": identifier}
    world.ship(world.object("users", *identifier, **settings), change("create", new=records[0]))
    obj = world.object("users", *identifier, "plan", mode="enrich", options={"verify": True}, **settings)
    both = [change("create", new={**one, "plan": "gold"}, seq=seq) for seq, one in enumerate(records)]
    outcomes = world.ship(obj, *both)
    assert [outcomes[0], outcomes[1].code] == [ACCEPTED, "absent"]
    (profile,) = world.sandbox.braze_profiles
    assert profile["attributes"]["plan"] == "gold"
