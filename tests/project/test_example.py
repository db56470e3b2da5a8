"""Finding and copying the example project."""

from __future__ import annotations

from pathlib import Path

import pytest

from roo_dbt.errors import ProjectProblem
from roo_dbt.project import example


def test_the_example_project_has_its_dbt_package_beside_it() -> None:
    project = example.example_project()

    assert (project / "profiles.yml").is_file()
    assert (project / ".env.example").is_file()
    assert (project.parent / "macros" / "dbt_project.yml").is_file()


def test_a_copy_holds_the_project_and_its_package_but_no_leftovers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    used = example.copy_example(tmp_path / "used")
    for leftover in (
        "shop.duckdb",
        ".env",
        ".user.yml",
        "target/manifest.json",
        "dbt_packages/roo_dbt/x.sql",
        "logs/dbt.log",
    ):
        (used / leftover).parent.mkdir(parents=True, exist_ok=True)
        (used / leftover).touch()
    monkeypatch.setattr(example, "example_project", lambda: used)

    copy = example.copy_example(tmp_path / "fresh")

    names = {path.name for path in copy.iterdir()}
    assert names == {path.name for path in used.iterdir()} - set(example.LEFT_BEHIND) - {"shop.duckdb"}
    assert {"dbt_project.yml", ".env.example", "seeds", "models", "packages.yml"} <= names
    assert copy == tmp_path / "fresh" / "dbt_project_example"
    assert (tmp_path / "fresh" / "macros" / "checks" / "sendable.sql").is_file()


def test_a_second_copy_into_the_same_folder_is_refused(tmp_path: Path) -> None:
    example.copy_example(tmp_path)

    with pytest.raises(ProjectProblem, match="in the way"):
        example.copy_example(tmp_path)


def test_an_installation_without_the_example_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(example, "__file__", str(tmp_path / "src" / "roo_dbt" / "project" / "example.py"))

    with pytest.raises(ProjectProblem, match="pip install"):
        example.example_project()
