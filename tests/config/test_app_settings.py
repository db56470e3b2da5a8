"""`vars: roo:`: settings of the run, apps, and who may send."""

from __future__ import annotations

from typing import Any

import pytest

from roo_dbt.config import Settings, connect, declare, is_loopback, target_allowed
from roo_dbt.records import AppDeclaration, Problem

ENVIRON = {"POSTBOX_KEY": "hunter2-hunter2"}


def found(roo_vars: Any, environ: dict[str, str] | None = None) -> tuple[Problem, ...]:
    """The problems of a project that has these vars and no model."""
    return declare([], roo_vars, environ=environ or {}).problems


def only(problems: tuple[Problem, ...]) -> Problem:
    """The one problem there is."""
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def test_a_project_without_vars_has_the_defaults() -> None:
    declarations = declare([], None, environ={})

    assert declarations.problems == ()
    assert declarations.settings == Settings()
    assert declarations.settings.history_days == 30
    assert declarations.settings.lock_wait_seconds == 30


def test_every_setting_of_the_run_is_read(roo_vars: dict[str, Any]) -> None:
    roo_vars |= {
        "targets": ["prod", "staging"],
        "state_schema": "${SCHEMA:-marketing}_roo",
        "state_database": "${DATABASE}",
        "history_days": 7,
        "lock_wait_seconds": 1.5,
        "acknowledge_seconds": 5,
        "threads": 4,
    }
    declarations = declare([], roo_vars, environ={"DATABASE": "shop"})

    assert declarations.problems == ()
    options = {"api_key": "${POSTBOX_KEY}", "rest_endpoint": "https://api.postbox.example"}
    assert declarations.settings == Settings(
        {"postbox": AppDeclaration("postbox", "postbox", options)},
        ("prod", "staging"),
        "marketing_roo",
        "shop",
        7,
        1.5,
        5,
        4,
    )


@pytest.mark.parametrize(
    ("name", "value", "id_", "path", "nearest"),
    [
        ("target", ["prod"], "unknown-setting", "vars.roo.target", "targets"),
        ("targets", 1, "wrong-type", "vars.roo.targets", ""),
        ("targets", [1], "wrong-type", "vars.roo.targets[0]", ""),
        ("history_days", 0, "bad-value", "vars.roo.history_days", ""),
        ("history_days", "many", "wrong-type", "vars.roo.history_days", ""),
        ("lock_wait_seconds", -1, "bad-value", "vars.roo.lock_wait_seconds", ""),
        ("lock_wait_seconds", float("inf"), "wrong-type", "vars.roo.lock_wait_seconds", ""),
        ("acknowledge_seconds", 0, "bad-value", "vars.roo.acknowledge_seconds", ""),
        ("threads", 0, "bad-value", "vars.roo.threads", ""),
        ("state_schema", "{{ env_var('S') }}", "env-var-in-vars", "vars.roo.state_schema", ""),
        ("state_schema", "${S", "bad-reference", "vars.roo.state_schema", ""),
        ("state_schema", "${S}", "unset-variable", "vars.roo.state_schema", ""),
        ("apps", ["braze"], "wrong-type", "vars.roo.apps", ""),
    ],
)
def test_a_broken_setting_of_the_run_is_one_problem(
    roo_vars: dict[str, Any], name: str, value: Any, id_: str, path: str, nearest: str
) -> None:
    problem = only(found(roo_vars | {name: value}))

    assert (problem.id, problem.path, problem.nearest) == (id_, path, nearest)
    assert (problem.file, problem.severity) == ("dbt_project.yml", "error")


@pytest.mark.parametrize("junk", [[], "braze", 3, True])
def test_vars_of_another_type_are_refused(junk: object) -> None:
    assert only(found(junk)).id == "wrong-type"


def test_vars_from_the_command_line_are_located_there(roo_vars: dict[str, Any]) -> None:
    roo_vars["apps"]["postbox"]["region"] = "uss"
    problem = only(
        declare([], roo_vars, vars_file="--vars", vars_path="roo", environ={}).problems,
    )

    assert (problem.file, problem.path) == ("--vars", "roo.apps.postbox.region")


@pytest.mark.parametrize(
    ("option", "value", "id_", "nearest", "words"),
    [
        ("type", "postbx", "unknown-app-type", "postbox", "installed are"),
        ("type", None, "missing-setting", "", "is required"),
        ("type", 5, "wrong-type", "", "must be text"),
        ("api_key", "hunter2-hunter2", "literal-secret", "", "${NAME}"),
        ("api_key", "Bearer ${POSTBOX_KEY}", "literal-secret", "", "${NAME}"),
        ("api_key", "${POSTBOX_KEY:-hunter2-hunter2}", "literal-secret", "", "default"),
        ("api_key", 5123456789, "literal-secret", "", "${NAME}"),
        ("api_key", ["hunter2-hunter2"], "literal-secret", "", "${NAME}"),
        ("api_key", "${POSTBOX KEY hunter2}", "bad-reference", "", "not shown"),
        ("api_key", "{{ env_var('POSTBOX_KEY') }}", "env-var-in-vars", "", "write ${NAME} instead"),
        ("api_kee", "hunter2-hunter2", "unknown-setting", "api_key", "Postbox has no setting"),
        ("rest_endpoint", "http://api.postbox.example", "insecure-endpoint", "", "https://"),
        ("rest_endpoint", "HTTP://127.0.0.1@api.postbox.example", "insecure-endpoint", "", "https://"),
        ("rest_endpoint", 5, "wrong-type", "", "must be text"),
        ("region", "uss", "bad-value", "us", "must be us or eu"),
        ("settle_seconds", "soon", "wrong-type", "", "whole number"),
        ("settle_seconds", -1, "bad-value", "", "greater than"),
        ("workspace", "{{ env_var('W') }}", "env-var-in-vars", "", "${NAME}"),
    ],
)
def test_a_broken_option_of_an_app_is_one_problem_that_shows_no_secret(
    roo_vars: dict[str, Any], option: str, value: Any, id_: str, nearest: str, words: str
) -> None:
    roo_vars["apps"]["postbox"][option] = value
    problem = only(found(roo_vars, ENVIRON))

    assert (problem.id, problem.path) == (id_, f"vars.roo.apps.postbox.{option}")
    assert problem.nearest == nearest
    assert words in problem.message
    assert "hunter2" not in str(problem)
    assert "5123456789" not in str(problem)


def test_an_option_that_is_missing_is_named(roo_vars: dict[str, Any]) -> None:
    del roo_vars["apps"]["postbox"]["rest_endpoint"]
    problem = only(found(roo_vars))

    assert (problem.id, problem.path) == ("missing-setting", "vars.roo.apps.postbox.rest_endpoint")


def test_an_app_that_is_its_key_alone_is_not_shown(roo_vars: dict[str, Any]) -> None:
    roo_vars["apps"] = {"postbox": "hunter2-hunter2"}
    problem = only(found(roo_vars))

    assert (problem.id, problem.path) == ("wrong-type", "vars.roo.apps.postbox")
    assert "hunter2" not in str(problem)


def test_the_name_of_an_app_obeys_the_rule(roo_vars: dict[str, Any]) -> None:
    roo_vars["apps"] = {"Post-Box": roo_vars["apps"]["postbox"]}

    assert only(found(roo_vars)).id == "bad-name"


def test_a_plugin_that_cannot_be_imported_is_reported_with_the_app(roo_vars: dict[str, Any]) -> None:
    roo_vars["apps"]["postbox"]["type"] = "broken"
    problem = only(found(roo_vars))

    assert (problem.id, problem.path) == ("broken-plugin", "vars.roo.apps.postbox.type")
    assert "roo-postbox" in problem.message


def test_what_is_wrong_in_an_app_does_not_hide_what_is_wrong_in_another(roo_vars: dict[str, Any]) -> None:
    second = roo_vars["apps"]["postbox"] | {"region": "uk", "api_key": "hunter2"}
    roo_vars["apps"] = {"one": {"type": "pstbox"}, "two": second}

    assert [problem.id for problem in found(roo_vars)] == [
        "unknown-app-type",
        "literal-secret",
        "bad-value",
    ]


def test_targets_that_cannot_be_read_let_nobody_send(roo_vars: dict[str, Any]) -> None:
    assert declare([], roo_vars | {"targets": [1]}, environ={}).settings.targets == ()
    assert declare([], roo_vars | {"targets": "prod"}, environ={}).settings.targets == ("prod",)


def test_targets_are_required_as_soon_as_an_endpoint_is_remote(roo_vars: dict[str, Any]) -> None:
    del roo_vars["targets"]
    problem = only(found(roo_vars))

    assert (problem.id, problem.path) == ("targets-missing", "vars.roo.targets")
    roo_vars["apps"]["postbox"]["rest_endpoint"] = "http://localhost:8080"
    assert found(roo_vars) == ()


def test_a_default_key_is_fine_for_a_sandbox_on_this_machine(roo_vars: dict[str, Any]) -> None:
    roo_vars["apps"]["postbox"] |= {
        "api_key": "${POSTBOX_KEY:-sandbox}",
        "rest_endpoint": "${POSTBOX:-http://127.0.0.1:8080}",
    }

    assert found(roo_vars) == ()
    assert only(found(roo_vars, {"POSTBOX": "https://api.postbox.example"})).id == "literal-secret"


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ("http://localhost:8080", True),
        ("http://127.0.0.1", True),
        ("http://127.8.8.8", True),
        ("http://[::1]:80", True),
        ("http://sandbox.localhost", True),
        ("https://rest.iad-01.braze.com", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1@example.com", False),
        ("http://example.com\\@127.0.0.1", False),
        ("http://127.0.0.1 example.com", False),
        ("http://[::1", False),
        ("localhost", False),
        ("", False),
    ],
)
def test_only_hosts_of_this_machine_are_loopback(endpoint: str, expected: bool) -> None:
    assert is_loopback(endpoint) is expected


def test_without_targets_every_target_may_send_on_this_machine_alone() -> None:
    apps = {}
    for name, endpoint in (("near", "http://localhost:1"), ("far", "https://api.postbox.example")):
        options = {"api_key": "${POSTBOX_KEY}", "rest_endpoint": endpoint}
        apps[name] = connect(AppDeclaration(name, "postbox", options), ENVIRON)

    assert target_allowed(Settings(), {"near": apps["near"]}, "dev")
    assert not target_allowed(Settings(), apps, "dev")
    assert target_allowed(Settings(targets=("prod",)), apps, "prod")
    assert not target_allowed(Settings(targets=("prod",)), {"near": apps["near"]}, "dev")
    assert not target_allowed(Settings(targets=()), {"near": apps["near"]}, "dev")
