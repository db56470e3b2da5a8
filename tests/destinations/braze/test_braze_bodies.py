"""The body of every request beyond a plain create, byte for byte as recorded in the folder `golden`.

After a change that is meant: `UPDATE_GOLDEN=1 python -m pytest tests/destinations/braze/test_braze_bodies.py`.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from tests.destinations.braze.braze_samples import call_of, change, occurrences, users

from roo_dbt.destinations.braze.calls import BrazeCall, Delete
from roo_dbt.destinations.braze.events import Events, Purchases
from roo_dbt.destinations.braze.fields import ALIAS_LABEL, ALIAS_NAME
from roo_dbt.destinations.braze.lookup import Verify
from roo_dbt.destinations.braze.occurrences import TrackOnce
from roo_dbt.destinations.braze.rename import Kept, Rename, TellApart
from roo_dbt.destinations.braze.track import Leave, Move, Track
from roo_dbt.destinations.protocol import Object
from roo_dbt.records import Change, Group, Item, Request

GOLDEN = Path(__file__).parent / "golden"
NEWS = Group("news", name="News", subscription_group_id="7a1c9e62-2b1f-4b0c-9f0e-6f1f1a2b3c4d")
VIP = Group("is_vip", name="VIP")
SEGMENTS = Group("segments")
ALIAS = (ALIAS_NAME, ALIAS_LABEL)
MEMBER = {NEWS.field: True, VIP.field: True, SEGMENTS.field: ["North", "Sea"]}
STRANGER = {NEWS.field: None, VIP.field: None, SEGMENTS.field: None}
ORDER = {"external_id": 42, "name": "Order Placed", "time": "2026-03-04T05:06:07.000Z"}
SALE = {"external_id": 42, "product_id": "pen", "currency": "EUR", "price": 2.5, "time": "2026-03-04"}


def new(**values: Any) -> Change:
    return change("create", new=values)


def changed(old: dict[str, Any], **new_values: Any) -> Change:
    return change("update", old=old, new={**old, **new_values})


def left(**values: Any) -> Change:
    return change("delete", old=values)


def grouped(*fields: str, **options: Any) -> Object:
    return users("external_id", "plan", *fields, groups=(NEWS, VIP, SEGMENTS), **options)


def found_by(*identifier: str, **options: Any) -> Object:
    return users(*identifier, "plan", identifier=identifier, groups=(VIP,), **options)


ANN = {"external_id": "u1", "plan": "gold", **MEMBER}
ALIASED = {ALIAS_NAME: "1", ALIAS_LABEL: "crm"}
ADDRESS = {"address.city": "Oslo", "address.zip": "0150", "home": {"floor": 1, "bell": "Boole"}}

BODIES: dict[str, tuple[Object, type[BrazeCall], list[Change]]] = {
    "update_one_field": (
        users("external_id", "plan", "ltv"),
        Track,
        [
            changed({"external_id": "u1", "plan": "tin", "ltv": 1.5}, plan="gold"),
            changed({"external_id": 2, "plan": "tin", "ltv": 1.5}, ltv=None),
        ],
    ),
    "update_nested": (
        users("external_id", *ADDRESS, merge_objects=True),
        Track,
        [
            changed({"external_id": "u1", **ADDRESS}, **{"address.zip": None, "home": {"floor": 2}}),
        ],
    ),
    "update_remapped": (
        users("external_id", "address"),
        Track,
        [
            changed(
                {"external_id": "u1", "address": None, "address.city": "Oslo", "address.zip": "0150"},
                **{"address": {"city": "Rome"}, "address.city": None, "address.zip": None},
            ),
        ],
    ),
    "update_enrich": (
        users("external_id", "plan", "ltv", mode="enrich"),
        Track,
        [
            changed({"external_id": "u1", "plan": "tin", "ltv": 1.5}, plan=None),
        ],
    ),
    "groups_join": (grouped(), Track, [new(**ANN)]),
    "groups_leave": (grouped(), Track, [changed(ANN, **STRANGER)]),
    "groups_edit": (grouped(), Track, [changed(ANN, **{VIP.field: None, SEGMENTS.field: ["Sea", "West"]})]),
    "groups_depart": (grouped(mode="additive"), Track, [replace(changed(ANN, **STRANGER), departs=True)]),
    "groups_whole": (grouped(), Track, [replace(changed(ANN), whole=True)]),
    "groups_whole_resend": (grouped(), Track, [replace(changed(ANN), whole=True, resend=True)]),
    "groups_elsewhere": (
        users("external_id", "plan", groups=(replace(VIP, place="tags"),), groups_attribute="tags"),
        Track,
        [changed({"external_id": "u1", VIP.field: True}, **{VIP.field: None, "@group in tags:VIP": True})],
    ),
    "groups_clear": (grouped(), Track, [replace(left(**ANN), clears=True)]),
    "alias_create": (found_by(*ALIAS), Track, [new(**ALIASED, plan="gold")]),
    "alias_enrich": (found_by(*ALIAS, mode="enrich"), Track, [new(**ALIASED, plan="gold")]),
    "rename": (
        grouped(),
        Rename,
        [changed(ANN, external_id="u2"), changed({**ANN, "external_id": 7}, external_id=8)],
    ),
    "rename_tell_apart": (
        grouped(),
        TellApart,
        [changed(ANN, external_id="u2"), replace(new(**{**ANN, "external_id": "u1"}), vacated=True)],
    ),
    "rename_kept": (
        grouped(),
        Kept,
        [replace(new(**{**ANN, "external_id": "u1"}), vacated=True, successors=("u2", "u3"))],
    ),
    "rename_leave": (grouped(), Leave, [changed(ANN, external_id="u2")]),
    "rename_move": (grouped(), Move, [changed(ANN, external_id="u2", plan=None)]),
    "move_email": (
        found_by("email"),
        Move,
        [changed({"email": "a@x.org", "plan": "gold", VIP.field: True}, email="b@x.org")],
    ),
    "verify": (
        users("external_id", "plan", mode="enrich", verify=True),
        Verify,
        [changed({"external_id": "u1", "plan": "tin"}, plan="gold"), new(external_id=2, plan="tin")],
    ),
    "verify_alias": (found_by(*ALIAS, mode="enrich", verify=True), Verify, [new(**ALIASED, plan="gold")]),
    "verify_email": (
        found_by("email", mode="enrich", verify=True),
        Verify,
        [new(email="a@x.org", plan="tin")],
    ),
    "delete_alias": (found_by(*ALIAS), Delete, [left(**ALIASED, plan="gold")]),
    "delete_braze_id": (found_by("braze_id"), Delete, [left(braze_id="f00", plan="gold")]),
    "delete_email": (found_by("email"), Delete, [left(email="a@x.org"), left(email="b@x.org")]),
    "delete_phone": (found_by("phone", prioritization=["identified"]), Delete, [left(phone="+14155550100")]),
    "events_several": (
        occurrences(Events, "name", "time", "properties.total", app_id="shop"),
        TrackOnce,
        [new(**ORDER, **{"properties.total": 1.5}), new(**{**ORDER, "external_id": "u2"})],
    ),
    "events_update_only": (
        occurrences(Events, "name", "time", update_users_only=True),
        TrackOnce,
        [new(**ORDER)],
    ),
    "purchases_several": (
        occurrences(Purchases, "product_id", "currency", "price", "quantity", "time"),
        TrackOnce,
        [new(**SALE, quantity=3), new(**SALE, quantity=None)],
    ),
    "purchases_update_only": (
        occurrences(Purchases, "product_id", "currency", "price", "time", update_users_only=True),
        TrackOnce,
        [new(**SALE)],
    ),
}


def request(name: str) -> Request:
    obj, kind, changes = BODIES[name]
    call = call_of(obj, kind)
    found = [call.item(each) for each in changes]
    parts = [part for each in found for part in (each if isinstance(each, list) else [each])]
    items = [part for part in parts if isinstance(part, Item)]
    assert len(items) == len(parts), parts
    return call.request(items)


@pytest.mark.parametrize("name", BODIES)
def test_the_body_is_as_recorded(name: str) -> None:
    sent = request(name)
    file = GOLDEN / f"{name}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        pretty = json.dumps(orjson.loads(sent.body or b""), indent=2, ensure_ascii=False)
        file.write_text(f"{pretty}\n", encoding="utf-8")
    recorded = orjson.loads(file.read_bytes())
    assert sent.body == orjson.dumps(recorded)


PATHS: dict[type[BrazeCall], str] = {
    Rename: "/users/external_ids/rename",
    TellApart: "/users/export/ids",
    Kept: "/users/export/ids",
    Verify: "/users/export/ids",
    Delete: "/users/delete",
}


@pytest.mark.parametrize("name", BODIES)
def test_the_request_goes_to_its_address(name: str) -> None:
    sent, kind = request(name), BODIES[name][1]
    assert (sent.method, sent.path, dict(sent.params)) == ("POST", PATHS.get(kind, "/users/track"), {})
