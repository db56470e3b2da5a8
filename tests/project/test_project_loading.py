"""Loading a whole project, as a command does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from roo_dbt.errors import ExitCode, ProjectProblem
from roo_dbt.project import Project, ProjectOptions, load_project

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    shutil.copytree(DATA / "shop", folder)
    shutil.copytree(DATA / "dbt_1_11", folder / "target")
    return folder


def load(
    shop: Path, *, environment: dict[str, str] | None = None, needs_profile: bool = True, **options: Any
) -> Project:
    return load_project(
        ProjectOptions(**options),
        needs_profile=needs_profile,
        environment=environment or {},
        cwd=shop,
        home=shop / "nobody",
    )


def change_manifest(shop: Path, **metadata: Any) -> None:
    path = shop / "target" / "manifest.json"
    document = json.loads(path.read_text())
    document["metadata"].update(metadata)
    path.write_text(json.dumps(document))


def test_a_project_is_read_from_its_own_folder(shop: Path) -> None:
    project = load(shop)
    assert (project.directory, project.target_path, project.name) == (shop, shop / "target", "shop")
    assert project.roo_vars["apps"]["braze"]["api_key"] == "${BRAZE_API_KEY}"
    assert (project.vars_file, project.vars_path) == ("dbt_project.yml", "vars.roo")
    assert project.profile is not None
    assert (project.profile.target, project.profile.type, project.profile.schema) == ("dev", "duckdb", "main")
    assert {problem.id for problem in project.problems} == {"env-var-in-meta", "top-level-meta", "no-table"}


def test_the_gate_reads_the_target_folder(shop: Path) -> None:
    project = load(shop)
    assert "model.shop.broken" in project.run_results().blocked
    (shop / "target" / "run_results.json").rename(shop / "saved.json")
    assert project.run_results().blocked == {}
    assert "model.shop.broken" in project.run_results((shop / "saved.json",)).blocked


def test_without_the_need_of_a_warehouse_no_profile_is_read(shop: Path) -> None:
    (shop / "profiles.yml").unlink()
    assert load(shop, needs_profile=False).profile is None
    with pytest.raises(ProjectProblem, match=r"no profiles\.yml"):
        load(shop)


def test_variables_and_options_say_where_things_are(shop: Path, tmp_path: Path) -> None:
    (shop / "target").rename(shop / "elsewhere")
    environment = {
        "DBT_PROJECT_DIR": str(shop),
        "DBT_TARGET_PATH": "elsewhere",
        "DBT_PROFILES_DIR": str(shop),
    }
    project = load_project(environment=environment, cwd=tmp_path, home=tmp_path)
    assert project.target_path == shop / "elsewhere"
    project = load_project(
        ProjectOptions(target_path=shop / "elsewhere"), environment={}, cwd=shop, home=tmp_path
    )
    assert project.target_path == shop / "elsewhere"


def test_the_target_path_of_the_project_may_name_the_target(shop: Path) -> None:
    file = shop / "dbt_project.yml"
    file.write_text(file.read_text() + 'target-path: "out/{{ target.name }}"\n')
    (shop / "out").mkdir()
    (shop / "target").rename(shop / "out" / "dev")
    assert load(shop, needs_profile=False).target_path == shop / "out" / "dev"


def test_the_profile_may_come_from_jinja_or_an_option(shop: Path) -> None:
    file = shop / "dbt_project.yml"
    file.write_text(file.read_text().replace("profile: shop", "profile: \"{{ env_var('WHICH') }}\""))
    project = load(shop, environment={"WHICH": "shop"})
    assert project.profile is not None
    assert project.profile.name == "shop"
    assert load(shop, environment={"DBT_PROFILE": "shop"}).profile == project.profile
    with pytest.raises(ProjectProblem, match=r"dbt_project\.yml profile: .*WHICH is not set"):
        load(shop)


def test_env_vars_in_meta_of_the_project_file_are_found(shop: Path) -> None:
    file = shop / "dbt_project.yml"
    text = file.read_text().replace("+materialized: table", "+meta: {roo: {key: \"{{ env_var('K') }}\"}}")
    file.write_text(text)
    found = [each for each in load(shop).problems if each.file == "dbt_project.yml"]
    assert [(each.id, each.path) for each in found] == [
        ("env-var-in-meta", "models.shop.marts.+meta.roo.key")
    ]


def test_a_manifest_for_another_kind_of_warehouse_is_refused(shop: Path) -> None:
    change_manifest(shop, adapter_type="postgres")
    with pytest.raises(
        ProjectProblem, match=r"for postgres, the target `dev` is duckdb.*dbt parse --target dev"
    ):
        load(shop)


def test_a_manifest_made_for_another_schema_is_warned_about(shop: Path) -> None:
    profiles = shop / "profiles.yml"
    profiles.write_text(profiles.read_text().replace("threads: 2", "schema: prod"))
    [problem] = [each for each in load(shop).problems if each.id == "manifest-of-another-target"]
    assert (problem.severity, problem.value, problem.nearest) == ("warning", "main", "prod")


def test_problems_of_dbts_files_end_before_anything_is_sent() -> None:
    assert ProjectProblem.exit_code is ExitCode.COULD_NOT_START


def test_reading_a_project_imports_no_dbt_and_no_duckdb(shop: Path) -> None:
    code = (
        "import sys; from roo_dbt.project import load_project; load_project(environment={});"
        "print([name for name in sys.modules if name in ('dbt', 'duckdb', 'httpx')])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=shop, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
