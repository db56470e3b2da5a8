"""From the declaration of an app to one that can send."""

from __future__ import annotations

from typing import Any

import pytest

from roo_dbt.config import connect, unset_variables, validate_app
from roo_dbt.errors import CannotStart, ConfigurationProblem
from roo_dbt.records import AppDeclaration, Problem

KEY = "hunter2-hunter2"


def declaration(**options: Any) -> AppDeclaration:
    """The app `shop`, a Postbox."""
    given = {"api_key": "${POSTBOX_KEY}", "rest_endpoint": "https://api.postbox.example"} | options
    return AppDeclaration("shop", "postbox", given)


def refused(app: AppDeclaration, environ: dict[str, str]) -> tuple[Problem, ...]:
    """The problems for which connecting is refused."""
    with pytest.raises(ConfigurationProblem) as caught:
        connect(app, environ)
    assert isinstance(caught.value, CannotStart)
    return caught.value.problems


def test_references_are_read_from_the_environment() -> None:
    app = connect(
        declaration(
            rest_endpoint="https://${HOST:-api}.postbox.${DOMAIN}",
            region="${REGION:-eu}",
            settle_seconds="${SETTLE:-5}",
        ),
        {"POSTBOX_KEY": f" {KEY}\n", "DOMAIN": "example", "HOST": ""},
    )

    assert app.endpoint == "https://api.postbox.example"
    assert app.headers() == {"authorization": KEY}
    assert app.model_dump(include={"region", "settle_seconds"}) == {"region": "eu", "settle_seconds": 5}


@pytest.mark.parametrize("environ", [{}, {"POSTBOX_KEY": ""}])
def test_an_unset_variable_is_named_with_its_app_and_what_to_type(environ: dict[str, str]) -> None:
    (problem,) = refused(declaration(), environ)

    assert (problem.id, problem.path) == ("unset-variable", "vars.roo.apps.shop.api_key")
    assert "app shop needs the environment variable POSTBOX_KEY" in problem.message
    assert "`export POSTBOX_KEY=…`" in problem.message
    assert ".env" in problem.message


def test_every_unset_variable_is_named_at_once() -> None:
    app = declaration(rest_endpoint="${SCHEME}://${HOST}", settle_seconds="${SETTLE}")

    assert [problem.path.rpartition(".")[2] for problem in refused(app, {})] == [
        "api_key",
        "rest_endpoint",
        "rest_endpoint",
        "settle_seconds",
    ]
    assert unset_variables(app, {"HOST": "h"}) == ("POSTBOX_KEY", "SCHEME", "SETTLE")


def test_without_keys_an_app_is_still_checked_and_can_describe_its_objects() -> None:
    app, problems = validate_app(
        declaration(rest_endpoint="${ENDPOINT}", region="${REGION}", settle_seconds="${SETTLE}"), {}
    )

    assert problems == ()
    assert app is not None
    users = app.objects["users"]
    assert users.identifiers(app)[0].fields == ("external_id",)
    assert app.endpoint.endswith(".invalid")


def test_an_app_with_a_mistake_can_still_describe_its_objects() -> None:
    app, problems = validate_app(declaration(api_key=KEY, region="uk", rest_endpoint="http://x.example"), {})

    assert app is not None
    assert sorted(problem.id for problem in problems) == ["bad-value", "insecure-endpoint", "literal-secret"]
    assert KEY not in str(problems)
    assert KEY not in app.secrets()


def test_a_vendor_that_quotes_the_key_in_its_objection_is_silenced() -> None:
    (problem,) = refused(declaration(), {"POSTBOX_KEY": "hunter2 hunter2"})

    assert problem.path == "vars.roo.apps.shop.api_key"
    assert problem.message == "the key *** holds a blank."


def test_an_endpoint_from_the_environment_must_be_encrypted_as_well() -> None:
    environ = {"POSTBOX_KEY": KEY, "ENDPOINT": "http://api.postbox.example"}
    (problem,) = refused(declaration(rest_endpoint="${ENDPOINT}"), environ)

    assert problem.id == "insecure-endpoint"


def test_the_value_of_another_variable_in_the_wrong_place_is_not_shown() -> None:
    environ = {"POSTBOX_KEY": KEY, "REGION": "sk-live-123"}
    (problem,) = refused(declaration(region="${REGION}"), environ)

    assert problem.id == "bad-value"
    assert "sk-live" not in str(problem)


def test_a_settings_problem_keeps_from_connecting_although_the_key_is_there() -> None:
    (problem,) = refused(declaration(regoin="eu"), {"POSTBOX_KEY": KEY})

    assert (problem.id, problem.nearest) == ("unknown-setting", "region")
