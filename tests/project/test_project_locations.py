"""Finding the project and its profiles, from options and dbt's environment variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from roo_dbt.errors import ProjectProblem
from roo_dbt.project.locations import ProjectOptions, find_profiles, find_project, with_environment


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}\n")
    return path


def test_an_option_wins_over_dbts_variables() -> None:
    options = with_environment(ProjectOptions(target="dev"), {"DBT_TARGET": "prod", "DBT_PROFILE": "shop"})
    assert (options.target, options.profile) == ("dev", "shop")


def test_the_newer_name_of_a_variable_wins_and_an_empty_one_is_not_set() -> None:
    environment = {
        "DBT_ENGINE_TARGET": "new",
        "DBT_TARGET": "old",
        "DBT_ENGINE_TARGET_PATH": "",
        "DBT_TARGET_PATH": "out",
    }
    options = with_environment(ProjectOptions(), environment)
    assert (options.target, options.target_path) == ("new", "out")


def test_all_of_dbts_variables_are_read() -> None:
    names = ["PROJECT_DIR", "PROFILES_DIR", "PROFILE", "TARGET", "TARGET_PATH"]
    options = with_environment(ProjectOptions(), {f"DBT_{name}": name for name in names})
    assert [getattr(options, name.lower()) for name in names] == names


def test_the_project_is_found_from_a_folder_inside_it(tmp_path: Path) -> None:
    touch(tmp_path / "shop" / "dbt_project.yml")
    inside = tmp_path / "shop" / "models" / "marts"
    inside.mkdir(parents=True)
    assert find_project(None, inside) == tmp_path / "shop"


def test_a_given_folder_is_not_searched_upwards(tmp_path: Path) -> None:
    touch(tmp_path / "dbt_project.yml")
    (tmp_path / "models").mkdir()
    with pytest.raises(ProjectProblem, match=r"models: there is no dbt_project\.yml .*--project-dir"):
        find_project("models", tmp_path)


def test_a_folder_without_a_project_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(ProjectProblem, match=r"not a dbt project.*--project-dir PATH"):
        find_project(None, tmp_path)


def test_profiles_are_looked_for_here_then_in_the_project_then_at_home(tmp_path: Path) -> None:
    here, project, home = tmp_path / "here", tmp_path / "project", tmp_path / "home"
    at_home = touch(home / ".dbt" / "profiles.yml")
    assert find_profiles(None, here, project, home) == at_home
    in_project = touch(project / "profiles.yml")
    assert find_profiles(None, here, project, home) == in_project
    right_here = touch(here / "profiles.yml")
    assert find_profiles(None, here, project, home) == right_here


def test_missing_profiles_name_every_folder_looked_in(tmp_path: Path) -> None:
    with pytest.raises(ProjectProblem) as caught:
        find_profiles(None, tmp_path / "here", tmp_path / "project", tmp_path / "home")
    assert all(name in str(caught.value) for name in ("here", "project", "home/.dbt", "--profiles-dir"))


def test_a_given_profiles_folder_is_the_only_one(tmp_path: Path) -> None:
    touch(tmp_path / "profiles.yml")
    with pytest.raises(ProjectProblem, match=r"looked in .*elsewhere;|looked in .*elsewhere\."):
        find_profiles("elsewhere", tmp_path, tmp_path, tmp_path)
