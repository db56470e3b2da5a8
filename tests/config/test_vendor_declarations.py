"""Declarations for the vendors that come with roo-dbt."""

from __future__ import annotations

from typing import Any

import pytest

from roo_dbt.config import Declarations, declare
from roo_dbt.records import Model, Problem, Relation


def declared(app: dict[str, Any], mapping: dict[str, Any], **settings: Any) -> Declarations:
    """One destination of one app."""
    block = {"name": "a", "app": "app", "sync_mode": "additive", "mapping": mapping} | settings
    relation = Relation(None, "main", "customers", "customers")
    meta = {"key": "id", "destinations": [block]}
    model = Model("model.shop.customers", "customers", "model", relation, "a.yml", meta, {})
    return declare([model], {"apps": {"app": app}, "targets": ["prod"]}, environ={})


def braze(mapping: dict[str, Any], **settings: Any) -> Declarations:
    """A destination at Braze."""
    app = {"type": "braze", "api_key": "${KEY}", "rest_endpoint": "https://rest.iad-01.braze.com"}
    return declared(app, mapping, **settings)


def iterable(project_type: str, mapping: dict[str, Any], **settings: Any) -> Declarations:
    """A destination at Iterable."""
    app = {"type": "iterable", "api_key": "${KEY}", "project_type": project_type}
    return declared(app, mapping, **settings)


def described(problems: tuple[Problem, ...]) -> list[tuple[str, str]]:
    """Id and place below the destination."""
    return [(one.id, one.path.removeprefix("config.meta.roo.destinations[0].")) for one in problems]


def test_braze_users_go_by_external_id_and_the_email_is_an_attribute() -> None:
    found = braze({"email": "email", "external_id": "id", "address.city": "city"}, merge_objects=True)

    assert found.problems == ()
    (destination,) = found.destinations
    assert destination.identifier == ("external_id",)
    assert destination.options == {"merge_objects": True}


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        ({"external_id": "id", "First_Name": "n"}, ("wrong-case", "mapping.First_Name")),
        ({"external_id": "id", "push_tokens": "t"}, ("reserved-field", "mapping.push_tokens")),
        ({"external_id": "id", "_merge_objects": "t"}, ("reserved-field", "mapping._merge_objects")),
        ({"external_id": "id", "braze_id": "b"}, ("identifier-conflict", "mapping.braze_id")),
        ({"external_id": {"value": "x"}}, ("constant-identifier", "mapping.external_id")),
        ({"external_id": "id", "a": "x", "a.b": "y"}, ("field-conflict", "mapping.a.b")),
    ],
)
def test_a_mapping_that_braze_does_not_take_is_one_problem(
    mapping: dict[str, Any], expected: tuple[str, str]
) -> None:
    """Edge case 27 of Braze."""
    assert described(braze(mapping).problems) == [expected]


def test_what_another_vendor_offers_is_refused_once_and_by_name() -> None:
    found = braze({"external_id": "id"}, create_lists=True)
    assert described(found.problems) == [("not-supported-yet", "create_lists")]

    for setting in ({"groups_attribute": "g"}, {"verify": True}):
        found = iterable("email", {"email": "email"}, **setting)
        assert described(found.problems) == [("not-supported-yet", next(iter(setting)))]


@pytest.mark.parametrize("name", ["events", "purchases"])
@pytest.mark.parametrize("vendor", ["braze", "iterable"])
def test_what_goes_once_needs_a_first_sync_and_has_no_mode(vendor: str, name: str) -> None:
    settings: dict[str, Any] = {"object": name, "sync_mode": None}

    def found(**more: Any) -> list[str]:
        if vendor == "braze":
            return [one.id for one in braze({"external_id": "id"}, **settings, **more).problems]
        return [one.id for one in iterable("email", {"email": "email"}, **settings, **more).problems]

    assert "first-sync-missing" in found()
    assert set(found(first_sync="baseline")) == {"missing-field"}
    assert set(found(first_sync="send", delete_limit=5)) == {"missing-field", "setting-without-effect"}


@pytest.mark.parametrize(
    ("group", "braze_takes_it", "iterable_takes_it"),
    [
        ({"name": "High value", "column": "c"}, True, True),
        ({"from": "segments"}, True, True),
        ({"list_id": 7, "column": "c"}, False, True),
        ({"subscription_group_id": "7a1c9e62-2b1f-4b0c-9f0e-6f1f1a2b3c4d", "column": "c"}, True, False),
    ],
)
def test_each_vendor_has_groups_of_its_own_forms(
    group: dict[str, Any], braze_takes_it: bool, iterable_takes_it: bool
) -> None:
    form = next(name for name in ("list_id", "subscription_group_id", "from", "name") if name in group)
    refused = [("group-unsupported", f"groups[0].{form}")]

    found = braze({"external_id": "id"}, groups=[group]).problems
    assert described(found) == ([] if braze_takes_it else refused)
    found = iterable("email", {"email": "email"}, groups=[group]).problems
    assert described(found) == ([] if iterable_takes_it else refused)


@pytest.mark.parametrize(
    ("project_type", "mapping", "identifier", "expected"),
    [
        ("email", {"email": "e"}, None, ("email",)),
        ("user_id", {"userId": "u", "email": "e"}, None, ("userId",)),
        ("hybrid", {"userId": "u"}, None, ("userId",)),
        ("hybrid", {"email": "e"}, None, ("email",)),
        ("hybrid", {"userId": "u", "email": "e"}, "email", ("email",)),
        ("hybrid", {"userId": "u", "email": "e"}, "userId", ("userId",)),
    ],
)
def test_the_project_type_of_iterable_decides_the_identifier(
    project_type: str, mapping: dict[str, Any], identifier: str | None, expected: tuple[str, ...]
) -> None:
    found = iterable(project_type, mapping, identifier=identifier)

    assert found.problems == ()
    assert found.destinations[0].identifier == expected


def test_iterable_needs_an_identifier_of_its_project_type() -> None:
    (problem,) = iterable("user_id", {"email": "e"}).problems

    assert problem.id == "missing-identifier"
    assert "userId" in problem.message


@pytest.mark.parametrize(
    ("field", "id_"),
    [("userid", "wrong-case"), ("emailListIds", "reserved-field"), ("itblDS", "reserved-field")],
)
def test_a_field_that_iterable_keeps_is_refused(field: str, id_: str) -> None:
    assert described(iterable("email", {"email": "e", field: "x"}).problems) == [(id_, f"mapping.{field}")]
