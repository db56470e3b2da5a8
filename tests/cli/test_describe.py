"""What can be declared, told by the code itself, without a project."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from roo_dbt.config.blocks import DestinationBlock
from roo_dbt.destinations.braze import Braze
from roo_dbt.destinations.iterable import Iterable

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No project around."""
    monkeypatch.chdir(tmp_path)


def test_describe_lists_every_object_and_the_settings_of_a_project(run: Run) -> None:
    ran = run("describe")

    assert ran.code == 0
    for app in (Braze, Iterable):
        for name in app.objects:
            assert f"  {app.type}:{name} " in ran.out
    assert "history_days" in ran.out
    assert "roo-dbt describe TYPE:OBJECT" in ran.out.splitlines()[-1]


@pytest.mark.parametrize("app", [Braze, Iterable])
def test_describe_shows_settings_objects_and_limits_of_a_vendor(
    run: Run, app: type[Braze | Iterable]
) -> None:
    text = run("describe", app.type).out

    for name in app.model_fields:
        assert f"  {name} " in text
    assert "${VARIABLE}" in text
    for limit in app.limits:
        lines = [line for line in text.splitlines() if line.startswith(f"  {limit.name} ")]
        facts = (f" {limit.number:,} ", limit.unit, limit.read, limit.source)
        assert any(all(fact in line for fact in facts) for line in lines), limit


@pytest.mark.parametrize(
    ("app", "name"), [(app, name) for app in (Braze, Iterable) for name in sorted(app.objects)]
)
def test_describe_shows_modes_fields_and_settings_of_an_object(
    run: Run, app: type[Braze | Iterable], name: str
) -> None:
    kind = app.objects[name]
    text = run("describe", f"{app.type}:{name}").out

    shown = next(line for line in text.splitlines() if line.startswith("  sync modes"))
    assert all(mode in shown for mode in kind.modes)
    groups = next(line for line in text.splitlines() if line.startswith("  groups  "))
    assert all(form in groups for form in kind.groups)
    for field in (*kind.known, *(one for one in kind.reserved)):
        assert f"  {getattr(field, 'name', field)} " in text
    for setting in (*DestinationBlock.model_fields, *kind.options.model_fields):
        assert text.count(f"\n  {setting} ") >= 1, setting


def test_identifiers_are_told_for_each_project_type(run: Run) -> None:
    lines = [line for line in run("describe", "iterable:users").out.splitlines() if "project_type: " in line]

    assert len(lines) == 3
    assert lines[1].split() == ["identifier", "userId", "(project_type:", "user_id)"]


def test_describe_speaks_json(run: Run) -> None:
    apps = [json.loads(line) for line in run("describe", "--output", "json").out.splitlines()]
    assert [app["type"] for app in apps] == ["braze", "iterable", "webhook"]
    assert apps[0]["limits"][0].keys() >= {"name", "number", "unit", "source", "read"}
    one = json.loads(run("describe", "braze:users", "--output", "json").out)
    assert (one["type"], one["name"], "sync" in one["modes"]) == ("braze", "users", True)
    assert "delete_limit" in [setting["name"] for setting in one["common_settings"]]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("braz", "Did you mean braze?"),
        ("braze:user", "Did you mean users?"),
        ("iterable:", "It has"),
        ("braze:nonsense", "It has"),
    ],
)
def test_what_is_not_installed_cannot_be_described(run: Run, what: str, words: str) -> None:
    ran = run("describe", what)

    assert (ran.code, ran.out) == (2, "")
    assert words in ran.err


def test_the_schema_is_a_json_schema_that_accepts_a_block(run: Run) -> None:
    ran = run("schema")

    assert ran.code == 0
    schema = json.loads(ran.out)
    jsonschema.Draft202012Validator.check_schema(schema)
    mapping = {"external_id": "id", "tags": {"column": "tags", "unordered": True}}
    one = {"name": "a", "app": "braze", "sync_mode": "sync", "mapping": mapping}
    jsonschema.validate({"key": "id", "destinations": [one]}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"key": "id", "destinations": [{**one, "snyc_mode": "sync"}]}, schema)
