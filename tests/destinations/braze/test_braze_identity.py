"""The five ways in which Braze finds a user, and what goes wrong with each."""

from __future__ import annotations

from typing import Any

import pytest
from tests.destinations.braze.braze_samples import calls, change, refusal, sent

from roo_dbt.destinations.braze.fields import ALIAS_LABEL, ALIAS_NAME
from roo_dbt.destinations.braze.identity import Identity
from roo_dbt.records import Item, SyncMode

ALIAS = (ALIAS_NAME, ALIAS_LABEL)
Record = dict[str, Any]

PEOPLE: list[tuple[tuple[str, ...], Record, Record]] = [
    (("external_id",), {"external_id": 42}, {"external_id": "42"}),
    (("braze_id",), {"braze_id": "5f1"}, {"braze_id": "5f1"}),
    (
        ALIAS,
        {ALIAS_NAME: 7, ALIAS_LABEL: "crm"},
        {"user_alias": {"alias_name": "7", "alias_label": "crm"}},
    ),
    (("email",), {"email": "ada@example.com"}, {"email": "ada@example.com"}),
    (("phone",), {"phone": "+14155550100"}, {"phone": "+14155550100"}),
]


def flag(identifier: tuple[str, ...], mode: SyncMode) -> Record:
    if mode == "enrich":
        return {"_update_existing_only": True}
    return {"_update_existing_only": False} if identifier == ALIAS else {}


@pytest.mark.parametrize("mode", ["sync", "additive", "enrich"])
@pytest.mark.parametrize(("identifier", "record", "body"), PEOPLE)
def test_an_object_names_its_user_once_and_says_whether_it_may_be_created(
    identifier: tuple[str, ...], record: Record, body: Record, mode: SyncMode
) -> None:
    """Edge case 18: an alias is update-only unless the object says otherwise."""
    track, _ = calls(*identifier, "plan", mode=mode, identifier=identifier)
    found = track.item(change("create", new={**record, "plan": "gold"}))
    assert sent(found) == {**body, **flag(identifier, mode), "plan": "gold"}


@pytest.mark.parametrize(("identifier", "record", "body"), PEOPLE)
def test_an_update_that_changes_nothing_else_does_not_repeat_the_identifier_as_a_field(
    identifier: tuple[str, ...], record: Record, body: Record
) -> None:
    track, _ = calls(*identifier, "plan", identifier=identifier)
    assert track.item(change("update", old=record, new=record)) is None
    found = track.item(change("update", old=record, new=record, whole=True))
    assert sent(found) == {**body, **flag(identifier, "sync")}


@pytest.mark.parametrize(
    ("identifier", "old", "body"),
    [
        (("external_id",), {"external_id": 42}, {"external_ids": ["42"]}),
        (("braze_id",), {"braze_id": "5f1"}, {"braze_ids": ["5f1"]}),
        (
            ALIAS,
            {ALIAS_NAME: "7", ALIAS_LABEL: "crm"},
            {"user_aliases": [{"alias_name": "7", "alias_label": "crm"}]},
        ),
        (
            ("email",),
            {"email": "a@b.co"},
            {
                "email_addresses": [
                    {"email": "a@b.co", "prioritization": ["identified", "most_recently_updated"]}
                ]
            },
        ),
        (
            ("phone",),
            {"phone": 14155550100},
            {
                "phone_numbers": [
                    {"phone": "14155550100", "prioritization": ["identified", "most_recently_updated"]}
                ]
            },
        ),
    ],
)
def test_a_delete_names_users_by_one_kind_of_identifier(
    identifier: tuple[str, ...], old: Record, body: Record
) -> None:
    """Edge case 39."""
    _, delete = calls(*identifier, identifier=identifier)
    item = delete.item(change("delete", old=old))
    assert isinstance(item, Item)
    assert sent([item][0]) == next(iter(body.values()))[0]
    request = delete.request([item, item])
    (name,) = body
    assert request.path == "/users/delete"
    assert request.body is not None
    assert request.body.startswith(b'{"%s":[' % name.encode())


def test_the_prioritization_of_a_delete_is_a_setting() -> None:
    _, delete = calls("email", identifier=("email",), prioritization=["unidentified"])
    item = delete.item(change("delete", old={"email": "a@b.co"}))
    assert sent(item) == {"email": "a@b.co", "prioritization": ["unidentified"]}


@pytest.mark.parametrize("blank", [None, "", "  ", "\t"])
@pytest.mark.parametrize(("identifier", "record", "_body"), PEOPLE)
def test_a_blank_identifier_of_any_kind_is_refused_before_sending(
    identifier: tuple[str, ...], record: Record, _body: Record, blank: str | None
) -> None:
    """Edge case 13."""
    for name in identifier:
        track, delete = calls(*identifier, identifier=identifier)
        without = {**record, name: blank}
        for part in (
            track.item(change("create", new=without)),
            delete.item(change("delete", old=without)),
            track.item(change("delete", old={**without, "plan": "x"}, clears=True)),
        ):
            outcome = refusal(part)
            assert (outcome.code, outcome.permanent) == ("missing_identifier", True)
            assert outcome.message == f"{name} is null or blank, so Braze cannot find the user"


@pytest.mark.parametrize(
    ("identifier", "record", "message"),
    [
        (ALIAS, {ALIAS_NAME: "ü" * 119, ALIAS_LABEL: "crm"}, f"{ALIAS_NAME}: has 238 bytes; Braze takes"),
        (ALIAS, {ALIAS_NAME: "7", ALIAS_LABEL: "x" * 237}, f"{ALIAS_LABEL}: has 237 bytes; Braze takes"),
        (ALIAS, {ALIAS_NAME: True, ALIAS_LABEL: "crm"}, f"{ALIAS_NAME}: must be text or a whole number"),
        (("braze_id",), {"braze_id": 1.5}, "braze_id: is a number that is not whole"),
        (("email",), {"email": "ada at home"}, "email: is not a valid e-mail address"),
        (("phone",), {"phone": "call me"}, "phone: is not a telephone number"),
    ],
)
def test_an_identifier_that_braze_would_not_take_is_refused(
    identifier: tuple[str, ...], record: Record, message: str
) -> None:
    """Edge case 14: lengths are measured in bytes."""
    track, _ = calls(*identifier, identifier=identifier)
    outcome = refusal(track.item(change("create", new=record)))
    assert outcome.code == "invalid_value"
    assert message in str(outcome.message)


@pytest.mark.parametrize(("identifier", "record", "_body"), PEOPLE)
def test_an_identifier_that_is_not_unicode_is_refused(
    identifier: tuple[str, ...], record: Record, _body: Record
) -> None:
    bad = dict.fromkeys(record, "\ud800")
    track, delete = calls(*identifier, identifier=identifier)
    for part in (track.item(change("create", new=bad)), delete.item(change("delete", old=bad))):
        assert refusal(part).code == "invalid_value"


@pytest.mark.parametrize(
    ("identifier", "old", "new", "is_other"),
    [
        (("external_id",), {"external_id": 7}, {"external_id": "7"}, False),
        (("external_id",), {"external_id": "a"}, {"external_id": "A"}, True),
        (("email",), {"email": "Ada@B.co"}, {"email": "ada@b.co"}, False),
        (("email",), {"email": "ada@b.co"}, {"email": "bob@b.co"}, True),
        (ALIAS, {ALIAS_NAME: "1", ALIAS_LABEL: "x"}, {ALIAS_NAME: 1, ALIAS_LABEL: "x"}, False),
        (ALIAS, {ALIAS_NAME: "1", ALIAS_LABEL: "x"}, {ALIAS_NAME: "1", ALIAS_LABEL: "y"}, True),
        (("phone",), {"phone": None}, {"phone": "+14155550100"}, False),
        (("braze_id",), {"braze_id": "1"}, {"braze_id": None}, False),
    ],
)
def test_users_are_told_apart_as_braze_does(
    identifier: tuple[str, ...], old: Record, new: Record, is_other: bool
) -> None:
    """Edge case 16: ids differ by case and are text, e-mails do not differ by case."""
    identity = Identity(identifier)
    assert (identity.former(change("update", old=old, new=new)) is not None) is is_other
