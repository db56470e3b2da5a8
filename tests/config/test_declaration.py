"""Rules of `config.meta.roo`, each broken once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from roo_dbt.config import Declarations, declare
from roo_dbt.errors import ConfigurationProblem, ExitCode
from roo_dbt.records import Mapped, Model, Problem, Threshold

Declare = Callable[..., Declarations]
ABSENT = object()
ROOT = "config.meta.roo"
HERE = f"{ROOT}.destinations[0]"
LETTER = {"external_id": "id", "subject": "s"}
LETTERS = {"name": "a", "app": "postbox", "object": "letters", "first_sync": "send"}


def only(declarations: Declarations) -> Problem:
    """The one problem there is."""
    assert len(declarations.problems) == 1, [str(problem) for problem in declarations.problems]
    return declarations.problems[0]


def test_a_block_without_mistakes_is_read_with_its_defaults(declared: Declare, meta: dict[str, Any]) -> None:
    found = declared(meta)

    assert found.problems == ()
    (destination,) = found.destinations
    assert (destination.name, destination.app, destination.object) == ("post_customers", "postbox", "users")
    assert destination.key == ("customer_id",)
    assert destination.identifier == ("external_id",)
    assert destination.mapping == (Mapped("external_id", "customer_id"), Mapped("email", "email"))
    assert destination.delete_limit == Threshold(10, is_percentage=True)
    assert destination.allowed_failures == Threshold(0, is_percentage=False)
    assert destination.options == {}
    assert destination.path == HERE
    assert destination.enabled


def test_every_setting_is_read(declared: Declare, meta: dict[str, Any]) -> None:
    meta["key"] = ["shop_id", "customer_id"]
    meta["destinations"][0] |= {
        "object": "users",
        "where": "not is_test",
        "nulls": "ignore",
        "mapping": {
            "external_id": "customer_id",
            "dob": {"column": "birth_date", "nulls": "clear"},
            "ltv": {"column": "ltv"},
            "source": {"value": "warehouse"},
            "address.city": "city",
        },
        "delete_limit": "12.5%",
        "allowed_failures": 7,
        "enabled": "no",
        "on_removal": "clear",
        "map_other_columns": "yes",
        "on_failed_model": "warn",
        "on_unknown": "resend",
        "merge_objects": "off",
        "ttl_days": 3,
    }
    found = declared(meta, {"plan": {"post_customers": "plan_name"}, "Tier": {"post_customers": "yes"}})

    assert found.problems == ()
    (destination,) = found.destinations
    assert destination.key == ("shop_id", "customer_id")
    assert destination.mapping == (
        Mapped("external_id", "customer_id", None, "ignore"),
        Mapped("dob", "birth_date", None, "clear"),
        Mapped("ltv", "ltv", None, "ignore"),
        Mapped("source", None, "warehouse", "ignore"),
        Mapped("address.city", "city", None, "ignore"),
        Mapped("plan_name", "plan", None, "ignore"),
        Mapped("Tier", "Tier", None, "ignore"),
    )
    assert not destination.enabled
    assert destination.map_other_columns
    assert (destination.where, destination.nulls) == ("not is_test", "ignore")
    assert destination.delete_limit == Threshold(12.5, is_percentage=True)
    assert destination.allowed_failures == Threshold(7, is_percentage=False)
    assert (destination.on_removal, destination.on_failed_model) == ("clear", "warn")
    assert destination.on_unknown == "resend"
    assert destination.options == {"merge_objects": False, "ttl_days": 3}


def test_destinations_are_in_the_order_in_which_they_are_written(
    declared: Declare, meta: dict[str, Any]
) -> None:
    meta["destinations"] = [{**meta["destinations"][0], "name": name} for name in ("b", "c", "a")]

    assert [one.name for one in declared(meta).destinations] == ["b", "c", "a"]


def test_all_problems_are_found_at_once(declared: Declare, meta: dict[str, Any]) -> None:
    meta["destinations"][0] = {
        "name": "Post",
        "app": "postbox",
        "snyc_mode": "sync",
        "delete_limit": "many",
        "mapping": {"fax": "fax", "x": {"colum": "x"}, "device": "d"},
        "groups": [{"nme": "High value", "column": "c"}],
    }
    ids = [problem.id for problem in declared(meta).problems]

    assert sorted(ids) == [
        "bad-name",
        "bad-threshold",
        "missing-identifier",
        "no-fax",
        "reserved-field",
        "sync-mode-missing",
        "unknown-setting",
        "unknown-setting",
        "unknown-setting",
    ]


def test_an_object_without_modes_refuses_a_mode(declared: Declare, meta: dict[str, Any]) -> None:
    mapping = {"external_id": "id", "subject": "s"}
    meta["destinations"][0] |= {"object": "letters", "mapping": mapping, "first_sync": "send"}
    problem = only(declared(meta))

    assert (problem.id, problem.path) == ("sync-mode-unsupported", f"{HERE}.sync_mode")
    del meta["destinations"][0]["sync_mode"]
    (destination,) = declared(meta).destinations
    assert (destination.sync_mode, destination.first_sync) == (None, "send")


def test_an_unmapped_required_field_is_named(declared: Declare, meta: dict[str, Any]) -> None:
    meta["destinations"] = [
        LETTERS | {"mapping": {"external_id": "id"}},
    ]
    problem = only(declared(meta))

    assert (problem.id, problem.path) == ("missing-field", f"{HERE}.mapping")
    assert "subject" in problem.message


def test_an_object_without_custom_fields_refuses_one(declared: Declare, meta: dict[str, Any]) -> None:
    mapping = {"external_id": "id", "subject": "s", "subjct": "t"}
    meta["destinations"] = [LETTERS | {"mapping": mapping}]
    problem = only(declared(meta))

    assert (problem.id, problem.nearest) == ("unknown-field", "subject")


@pytest.mark.parametrize(
    ("mapping", "identifier", "expected"),
    [
        ({"email": "e"}, None, ("email",)),
        ({"email": "e", "external_id": "i"}, None, ("external_id",)),
        ({"email": "e", "external_id": "i"}, "email", ("email",)),
        ({"email": "e", "external_id": "i"}, ["email"], ("email",)),
        (
            {"user_alias.alias_name": "n", "user_alias.alias_label": {"value": "shop"}, "email": "e"},
            "user_alias",
            ("user_alias.alias_name", "user_alias.alias_label"),
        ),
        (
            {"email": "e", "user_alias.alias_name": "n", "user_alias.alias_label": {"value": "shop"}},
            None,
            ("user_alias.alias_name", "user_alias.alias_label"),
        ),
    ],
)
def test_the_best_mapped_identifier_is_chosen_unless_the_setting_says_another(
    declared: Declare,
    meta: dict[str, Any],
    mapping: dict[str, Any],
    identifier: str | list[str] | None,
    expected: tuple[str, ...],
) -> None:
    meta["destinations"][0] |= {"mapping": mapping, "identifier": identifier}
    found = declared(meta)

    assert found.problems == ()
    assert found.destinations[0].identifier == expected


def test_a_block_with_a_key_alone_declares_nothing(declared: Declare) -> None:
    assert declared({"key": "customer_id"}) == declared({})


@pytest.mark.parametrize("junk", [True, "post", ["a"], 3])
def test_a_block_of_another_type_is_refused(declared: Declare, junk: object) -> None:
    problem = only(declared(junk))

    assert (problem.id, problem.path) == ("wrong-type", ROOT)


def test_a_block_inherited_by_many_models_is_one_problem_that_names_the_trap(
    model: Callable[..., Model], meta: dict[str, Any], roo_vars: dict[str, Any]
) -> None:
    models = [model(meta, name=name, file=f"models/{name}.yml") for name in "abcde"]
    problem = only(declare(models, roo_vars, environ={}))

    assert (problem.id, problem.model, problem.path) == ("duplicate-destination", "b", f"{HERE}.name")
    assert "models a, b, c and 2 more" in problem.message
    assert "+meta" in problem.message


def test_two_destinations_of_a_model_need_two_names(declared: Declare, meta: dict[str, Any]) -> None:
    meta["destinations"] *= 2
    problem = only(declared(meta))

    assert (problem.id, problem.path) == ("duplicate-destination", f"{ROOT}.destinations[1].name")
    assert problem.message.startswith("model customers has two")


def test_a_disabled_destination_is_checked_as_well(declared: Declare, meta: dict[str, Any]) -> None:
    meta["destinations"][0] |= {"enabled": False, "sync_mode": "snyc"}

    assert only(declared(meta)).id == "bad-value"


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        ({"sync_mode": "additive", "on_removal": "clear"}, "on_removal"),
        ({"recheck_days": 3}, "recheck_days"),
        (LETTERS | {"sync_mode": None, "delete_limit": 5, "mapping": LETTER}, "delete_limit"),
        (LETTERS | {"sync_mode": None, "on_removal": "clear", "mapping": LETTER}, "on_removal"),
        (LETTERS | {"sync_mode": None, "nulls": "ignore", "mapping": LETTER}, "nulls"),
    ],
)
def test_a_setting_without_effect_is_a_warning(
    declared: Declare, meta: dict[str, Any], settings: dict[str, Any], path: str
) -> None:
    meta["destinations"][0] |= settings
    problem = only(declared(meta))

    assert (problem.id, problem.severity) == ("setting-without-effect", "warning")
    assert problem.path == f"{HERE}.{path}"


def test_errors_are_raised_together_and_mean_that_nothing_was_sent(
    declared: Declare, meta: dict[str, Any]
) -> None:
    meta["destinations"][0] |= {"sync_mode": "snyc", "delete_limit": -1}
    with pytest.raises(ConfigurationProblem) as caught:
        declared(meta).refuse_errors()

    assert caught.value.exit_code == ExitCode.COULD_NOT_START
    assert str(caught.value).count("error [") == 2


@pytest.mark.parametrize("mapping", [{"external_id": 5, "city": "city"}, "customer_id"])
def test_an_identifier_whose_line_is_wrong_is_not_called_missing_as_well(
    declared: Declare, meta: dict[str, Any], mapping: object
) -> None:
    meta["destinations"][0]["mapping"] = mapping

    assert only(declared(meta)).id == "wrong-type"
