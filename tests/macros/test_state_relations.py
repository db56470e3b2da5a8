"""The dbt package in macros/: models that select from the state tables, and how fresh these are."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.conftest import Dbt
from tests.macros.lab import MACROS, ON_DUCKDB, Lab, values

from roo_dbt import __version__

COLUMNS = "id, email, city"
PEOPLE: list[tuple[str | None, ...]] = [
    ("1", "ann@example.com", "Oslo"),
    ("2", "ANN@example.com", "Rome"),
    ("3", "bo@example.com", None),
]
MODELS = {
    "refused": "select key, code, message from {{ roo_dbt.outcomes() }} where outcome = 'failed'",
    "accepted": "select key__id, email, city from {{ roo_dbt.snapshot_of('people_by_email') }} "
    "where not roo_departed",
    "last_runs": "select destination, created from {{ source('roo_state', 'roo_runs') }}",
    "misspelt": "select * from {{ roo_dbt.snapshot_of('people_by_mail') }}",
}
SOURCES = yaml.safe_load((MACROS / "sources" / "roo_state.yml").read_text(encoding="utf-8"))["sources"]


def schema_of(lab: Lab) -> str:
    """Where the state is: the default on one engine, a name of the project's own on the other."""
    return "main_roo" if lab.engine.adapter == "duckdb" else "marketing_roo"


def said_plainly(text: str) -> str:
    """The text without line breaks and quotes, which are dbt's and the engine's."""
    return " ".join(text.replace('"', "").split())


@pytest.fixture(scope="module")
def before(lab: Lab) -> tuple[Lab, str]:
    """The project after `dbt build`, before any sync; and what dbt said."""
    if schema_of(lab) != "main_roo":
        lab.write("dbt_project.yml", lab.settings(state_schema=schema_of(lab)))
    mapping = {"email": "email", "city": "city"}
    destination = {"name": "people_by_email", "app": "iterable", "sync_mode": "additive", "mapping": mapping}
    meta = {"roo": {"key": "id", "destinations": [destination]}}
    lab.write("models/people.yml", {"models": [{"name": "people", "config": {"meta": meta}}]})
    lab.write("models/people.sql", values(PEOPLE, COLUMNS))
    for name, sql in MODELS.items():
        lab.write(f"models/{name}.sql", sql)
    return lab, lab.ran("build", "--exclude", "last_runs", returncode=1)


@pytest.fixture(scope="module")
def after(before: tuple[Lab, str]) -> tuple[Lab, str]:
    """The project after a sync and another `dbt build`; and what dbt said of that."""
    lab, _ = before
    # The last run of dbt is the one that a sync looks at.
    lab.ran("build", "--exclude", "source:roo_state+")
    lab.synced(returncode=1)
    return lab, lab.ran("build", "--select", "source:roo_state+", returncode=1)


def test_before_the_first_sync_a_model_says_what_is_lacking(before: tuple[Lab, str]) -> None:
    lab, said = before
    table = f"{lab.engine.database}.{schema_of(lab)}"
    text = said_plainly(said)

    assert "PASS=1 WARN=0 ERROR=3 " in text
    assert f"roo_dbt.outcomes(): there is no table {table}.roo_outcomes yet." in text
    assert f"there is no table {table}.snapshot__people_by_email yet." in text
    assert "`roo-dbt sync` makes it, for the target dev." in text


def test_models_select_what_became_of_the_records(after: tuple[Lab, str]) -> None:
    lab, _ = after
    (refused,) = lab.rows("select key, code from main.refused")

    assert refused == ("2", "duplicate_identifier")
    assert sorted(lab.rows("select key__id, email, city from main.accepted")) == [
        ("1", "ann@example.com", "Oslo"),
        ("3", "bo@example.com", None),
    ]
    assert lab.rows("select destination, created from main.last_runs") == [("people_by_email", 2)]


def test_a_misspelt_destination_is_told_the_names_that_there_are(after: tuple[Lab, str]) -> None:
    lab, said = after
    text = said_plainly(said)

    assert "PASS=3 WARN=0 ERROR=1 " in text
    assert "there is no table" in text
    assert f"{schema_of(lab)}.snapshot__people_by_mail yet; there are snapshots of people_by_email." in text


def test_the_sources_say_how_long_ago_a_sync_came_through(after: tuple[Lab, str]) -> None:
    lab, _ = after

    lab.ran("source", "freshness")
    (checked,) = freshness(lab)

    assert (checked["unique_id"], checked["status"]) == ("source.roo_dbt.roo_state.roo_runs", "pass")


@ON_DUCKDB
def test_a_state_that_no_sync_touched_for_a_week_is_an_error_unless_the_project_says(
    after: tuple[Lab, str],
) -> None:
    lab, _ = after
    stale = date(2026, 1, 2).isoformat()
    lab.rows(f"update {schema_of(lab)}.roo_runs set finished_at = '{stale} 03:04:05+00'")
    lab.ran("source", "freshness", returncode=1)
    (checked,) = freshness(lab)

    assert (checked["status"], checked["max_loaded_at"][:10]) == ("error", stale)

    settings = lab.settings()
    hours = {"warn_after": {"count": 99999, "period": "hour"}, "error_after": {"count": None}}
    settings["sources"] = {"roo_dbt": {"roo_state": {"roo_runs": {"+freshness": hours}}}}
    lab.write("dbt_project.yml", settings)
    lab.ran("source", "freshness")


def freshness(lab: Lab) -> list[dict[str, Any]]:
    """What the last `dbt source freshness` found."""
    found = json.loads((lab.project / "target" / "sources.json").read_text(encoding="utf-8"))
    return list(found["results"])


def test_the_sources_are_the_tables_of_a_sync_column_by_column(after: tuple[Lab, str]) -> None:
    lab, _ = after
    found: dict[str, list[str]] = {}
    for table, column in lab.rows(
        "select table_name, column_name from information_schema.columns "
        f"where table_schema = '{schema_of(lab)}' order by table_name, ordinal_position"
    ):
        found.setdefault(table, []).append(column)
    del found["snapshot__people_by_email"]
    (state,) = SOURCES

    assert {one["name"]: [column["name"] for column in one["columns"]] for one in state["tables"]} == found


def test_every_table_and_column_is_described() -> None:
    (state,) = SOURCES
    described = [state, *state["tables"], *(column for one in state["tables"] for column in one["columns"])]

    assert [one["name"] for one in described if not one.get("description")] == []


@ON_DUCKDB
def test_a_schema_that_dbt_cannot_read_stops_the_compilation(lab: Lab) -> None:
    lab.write("models/anybody.sql", "select * from {{ roo_dbt.outcomes() }}")
    lab.write("dbt_project.yml", lab.settings(state_schema="${WHEREVER}"))

    said = said_plainly(lab.ran("parse", returncode=2))

    assert "state_schema of vars: roo: is ${WHEREVER}, which dbt does not read." in said


def test_it_installs_from_a_git_repository(tmp_path: Path, dbt: Dbt) -> None:
    repository, project = tmp_path / "repository", tmp_path / "project"
    project.mkdir()
    (repository / "macros").parent.mkdir()
    subprocess.run(["cp", "-R", MACROS, repository / "macros"], check=True)
    who = ["-c", "user.name=ann", "-c", "user.email=ann@example.com", "-c", "init.defaultBranch=main"]
    for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "Macros"]):
        subprocess.run(["git", *who, *words], cwd=repository, check=True)
    package = {"git": repository.as_uri(), "subdirectory": "macros", "revision": "main"}
    (project / "packages.yml").write_text(json.dumps({"packages": [package]}))
    (project / "dbt_project.yml").write_text(json.dumps({"name": "shop", "profile": "shop"}))
    outputs = {"dev": {"type": "duckdb", "path": "shop.duckdb"}}
    (project / "profiles.yml").write_text(json.dumps({"shop": {"target": "dev", "outputs": outputs}}))

    installed = dbt(project, "deps")
    parsed = dbt(project, "ls", "--resource-type", "source", "--output", "name")

    assert installed.returncode == 0, installed.stdout
    assert parsed.returncode == 0, parsed.stdout
    assert "roo_state.roo_runs" in parsed.stdout


def test_its_version_is_that_of_roo_dbt() -> None:
    text = (MACROS / "dbt_project.yml").read_text(encoding="utf-8")

    assert re.findall(r'^version: "(.*)"$', text, re.MULTILINE) == [__version__]
