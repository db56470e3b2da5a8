"""Selections that look at selectors.yml or an earlier run, asked of dbt and of roo-dbt at the same time."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from roo_dbt.project import Asked, PreviousState, Project, ProjectOptions, load_project, select_nodes

DATA = Path(__file__).parents[1] / "data"
ENVIRONMENT = {**os.environ, "DO_NOT_TRACK": "1", "SHOP_NOTE": "x", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}

SELECTORS = """
selectors:
  - name: text
    definition: "tag:staging"
  - name: short
    default: true
    definition: {tag: crm}
  - name: upstream
    definition: {method: fqn, value: order_totals, parents: true, parents_depth: 1}
  - name: family
    definition: {method: fqn, value: stg_events, childrens_parents: true}
  - name: downstream
    definition: {method: fqn, value: stg_orders, children: "true", indirect_selection: cautious}
  - name: both
    description: What somebody wants every night.
    definition:
      union:
        - "+order_totals"
        - {method: config.materialized, value: table}
        - exclude:
            - "resource_type:seed"
            - {method: tag, value: crm}
  - name: less
    definition:
      method: config.materialized
      value: table
      exclude:
        - "plans*"
        - {method: tag, value: crm}
  - name: odd
    definition:
      union:
        - "+order_totals"
        - {method: fqn, value: plans, exclude: ["stg_orders"]}
  - name: meeting
    definition:
      intersection:
        - {method: path, value: models/marts}
        - {method: config.enabled, value: true}
        - union: ["customers+", {method: selector, value: upstream}]
  - name: nested
    definition:
      union:
        - {method: selector, value: meeting}
        - {method: selector, value: text}
        - exclude: [{method: selector, value: upstream}, "stg_customers"]
"""
CASES: list[list[str]] = [
    *(["--selector", name] for name in ("text", "short", "upstream", "family", "downstream")),
    *(["--selector", name] for name in ("both", "less", "odd", "meeting", "nested")),
    [],
    ["--exclude", "tag:staging"],
    *(
        ["--select", f"state:{what}", "--state", "before"]
        for what in ("new", "old", "modified", "unmodified")
    ),
    *(
        ["--select", f"state:modified.{what}", "--state", "before"]
        for what in ("body", "configs", "relation", "macros", "persisted_descriptions", "contract")
    ),
    ["--select", "state:modified+", "--state", "before"],
    ["--select", "1+state:modified,resource_type:model", "--exclude", "tag:crm", "--state", "before"],
    *(
        ["--select", f"result:{what}", "--state", "before"]
        for what in ("success", "error", "fail", "skipped")
    ),
    ["--select", "result:error+", "result:fail", "--state", "before"],
    ["--select", "source_status:fresher+", "--state", "before"],
    ["--select", "test_type:singular", "test_name:unique"],
    ["--select", "test_type:generic"],
    ["--select", "@stg_events", "2+order_totals,resource_type:model", "*orders"],
    ["--select", "config.meta.owner:crm"],
]

pytestmark = pytest.mark.xdist_group("dbt ls")


def sources(latest: str) -> str:
    result: dict[str, Any] = {
        "unique_id": "source.shop.warehouse.raw_orders",
        "max_loaded_at": latest,
        "status": "pass",
    }
    result |= {"snapshotted_at": latest, "max_loaded_at_time_ago_in_s": 1.0, "adapter_response": {}}
    result |= {"criteria": {}, "timing": [], "thread_id": "1", "execution_time": 0.1}
    metadata = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/sources/v3.json"}
    return json.dumps({"metadata": metadata, "results": [result], "elapsed_time": 0.1})


def change(project: Path) -> None:
    """What somebody does on a branch: everything that dbt tells apart."""
    marts = project / "models" / "marts"
    (marts / "orders.sql").write_text("select *, 1 as one from {{ ref('stg_orders') }}\n")
    (marts / "fresh.sql").write_text("select 1 as id from {{ ref('stg_events') }}\n")
    (marts / "plans_v1.sql").write_text(
        "{{ config(alias='old_plans') }}\n" + (marts / "plans_v1.sql").read_text()
    )
    (project / "seeds" / "segments.csv").write_text("customer_id,segment\n1,other\n")
    (project / "macros" / "money.sql").write_text("{% macro money() %}0.00{% endmacro %}\n")
    schema = marts / "schema.yml"
    text = schema.read_text().replace("sync_mode: sync", "sync_mode: additive")
    text = text.replace("One row per customer.", "Everybody.").replace("severity: warn", "severity: error")
    schema.write_text(text)
    exposures = marts / "exposures.yml"
    exposures.write_text(exposures.read_text().replace("name: crm", "name: marketing"))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shop after a run, a change and a parse; `before/` holds what the run left behind."""
    folder = tmp_path_factory.mktemp("branch") / "shop"
    shutil.copytree(DATA / "shop", folder)
    (folder / "macros").mkdir()
    (folder / "macros" / "money.sql").write_text("{% macro money() %}0{% endmacro %}\n")
    (folder / "macros" / "price.sql").write_text("{% macro price() %}{{ money() }}{% endmacro %}\n")
    (folder / "models" / "marts" / "prices.sql").write_text("select {{ price() }} as price\n")
    file = folder / "dbt_project.yml"
    file.write_text(file.read_text() + "      +persist_docs: {relation: true}\n")
    dbt = [str(Path(sys.executable).with_name("dbt")), "-q"]
    # One model and one test of the shop fail on purpose.
    subprocess.run([*dbt, "build"], cwd=folder, env=ENVIRONMENT, capture_output=True, check=False)
    shutil.copytree(folder / "target", folder / "before")
    (folder / "before" / "sources.json").write_text(sources("2026-11-20T00:00:00Z"))
    change(folder)
    (folder / "selectors.yml").write_text(SELECTORS)
    subprocess.run([*dbt, "parse"], cwd=folder, env=ENVIRONMENT, capture_output=True, check=True)
    (folder / "target" / "sources.json").write_text(sources("2026-11-21T00:00:00Z"))
    return folder


@pytest.fixture(scope="module")
def answers(project: Path) -> dict[str, list[str]]:
    """dbt's answer to every case, tests left out: `indirect_selection` brings some along."""
    asked = subprocess.run(
        [sys.executable, str(DATA / "dbt_ls.py")],
        cwd=project,
        env=ENVIRONMENT,
        input=json.dumps(CASES),
        capture_output=True,
        text=True,
        check=True,
    )
    return dict(zip(map(" ".join, CASES), json.loads(asked.stdout), strict=True))


def values(case: Sequence[str], option: str) -> tuple[str, ...]:
    found = []
    current = ""
    for word in case:
        if word.startswith("--"):
            current = word
        elif current == option:
            found.append(word)
    return tuple(found)


def loaded(folder: Path) -> Project:
    return load_project(ProjectOptions(project_dir=folder), needs_profile=False, environment=ENVIRONMENT)


def is_test(unique_id: str) -> bool:
    return unique_id.startswith("test.")


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_roo_dbt_selects_what_dbt_selects(project: Path, answers: dict[str, Any], case: list[str]) -> None:
    read = loaded(project)
    default = read.selectors.default if not case else None
    selector = next(iter(values(case, "--selector")), default)
    asked = Asked(values(case, "--select"), values(case, "--exclude"), selector)
    state = PreviousState(project / "before", read.manifest.path, read.target_path)

    found = select_nodes(read.manifest, asked, selectors=read.selectors, state=state)

    keep_tests = any("test_" in word for word in case)
    ours = {one for one in found.unique_ids if keep_tests or not is_test(one)}
    theirs = {one for one in answers[" ".join(case)] if keep_tests or not is_test(one)}
    assert sorted(ours) == sorted(theirs)


def test_the_cases_tell_the_selections_apart(answers: dict[str, Any]) -> None:
    """Were they all empty, or all alike, agreeing would mean nothing."""
    filled = {name: tuple(found) for name, found in answers.items() if found}
    empty = {name for name in answers if name not in filled}

    assert empty <= {"--select state:modified.contract --state before"}
    assert len(set(filled.values())) >= len(filled) - 4


@pytest.mark.parametrize("form", ["json", "name", "path", "selector", "log"])
def test_the_lines_of_dbt_ls_mean_the_same_nodes_in_every_form(project: Path, form: str) -> None:
    quiet = [] if form == "log" else ["-q"]
    output = "selector" if form == "log" else form
    program = str(Path(sys.executable).with_name("dbt"))
    arguments = [program, *quiet, "ls", "--select", "stg_customers+", "--output", output]
    listed = subprocess.run(
        arguments, cwd=project, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    manifest = loaded(project).manifest

    found = select_nodes(manifest, Asked(piped=listed.stdout.splitlines()))

    wanted = select_nodes(manifest, Asked(["stg_customers+"])).unique_ids
    assert {one for one in found.unique_ids if not is_test(one)} == {
        one for one in wanted if not is_test(one)
    }
    assert found.problems == ()
