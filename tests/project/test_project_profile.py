"""`profiles.yml`: one target, rendered, with credentials that nobody sees."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import duckdb
import pytest

from roo_dbt.errors import ProjectProblem
from roo_dbt.project.credentials import database_name
from roo_dbt.project.profile import Profile, read_profile
from roo_dbt.project.rendering import Renderer

PROFILES = """
config: {send_anonymous_usage_stats: false}
shop:
  target: "{{ env_var('SHOP_TARGET', 'dev') }}"
  outputs:
    dev: {type: duckdb, path: shop.duckdb, threads: 4}
    prod:
      type: postgres
      host: db.example.com
      dbname: shop
      schema: mart
      user: roo
      pass: "{{ env_var('DBT_ENV_SECRET_PG') }}"
      port: "{{ env_var('PG_PORT', '5432') | as_number }}"
broken:
  outputs:
    default: {path: x.duckdb}
empty:
"""


def read(
    folder: Path, target: str | None = None, *, name: Any = "shop", text: str = PROFILES, **env: str
) -> Profile:
    (folder / "profiles.yml").write_text(text)
    renderer = Renderer(env)
    return read_profile(
        folder / "profiles.yml", name, target, renderer, cwd=folder, project=folder / "project"
    )


def duckdb_target(folder: Path, settings: str) -> Profile:
    return read(folder, "dev", text=f"shop: {{outputs: {{dev: {{type: duckdb, {settings}}}}}}}")


def test_the_profile_chooses_its_own_target(tmp_path: Path) -> None:
    profile = read(tmp_path)
    assert (profile.name, profile.target, profile.type, profile.threads) == ("shop", "dev", "duckdb", 4)


def test_only_the_chosen_target_is_rendered(tmp_path: Path) -> None:
    assert read(tmp_path, "dev").target == "dev"
    with pytest.raises(ProjectProblem, match=r"shop\.outputs\.prod\.pass: .*DBT_ENV_SECRET_PG is not set"):
        read(tmp_path, "prod")


def test_the_target_itself_may_be_jinja(tmp_path: Path) -> None:
    assert read(tmp_path, SHOP_TARGET="prod", DBT_ENV_SECRET_PG="x").target == "prod"


def test_credentials_have_one_name_whatever_alias_the_file_uses(tmp_path: Path) -> None:
    profile = read(tmp_path, "prod", DBT_ENV_SECRET_PG="hunter2")
    assert profile.credentials["password"] == "hunter2"
    assert (profile.database, profile.schema, profile.credentials["port"]) == ("shop", "mart", 5432)


def test_credentials_never_show(tmp_path: Path) -> None:
    profile = read(tmp_path, "prod", DBT_ENV_SECRET_PG="hunter2")
    assert "hunter2" not in f"{profile!r} {profile} {profile.target_names()}"


def test_an_unknown_profile_or_target_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ProjectProblem, match=r"no profile `shopp`.*Did you mean `shop`.*--profile"):
        read(tmp_path, name="shopp")
    with pytest.raises(ProjectProblem, match=r"no target `prodd`.*Did you mean `prod`.*--target"):
        read(tmp_path, "prodd")


def test_an_unknown_target_like_no_other_lists_them_all(tmp_path: Path) -> None:
    with pytest.raises(ProjectProblem, match=r"There is `dev`, `prod`"):
        read(tmp_path, "zzz")


def test_dbts_own_settings_are_no_profile(tmp_path: Path) -> None:
    with pytest.raises(ProjectProblem, match="no profile `config`"):
        read(tmp_path, name="config")


@pytest.mark.parametrize(
    ("name", "said"),
    [(None, "names no profile"), ("empty", "is empty"), ("broken", "the target has no `type`")],
)
def test_a_profile_without_what_it_needs_is_refused(tmp_path: Path, name: str | None, said: str) -> None:
    with pytest.raises(ProjectProblem, match=said):
        read(tmp_path, name=name)


def test_broken_yaml_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(ProjectProblem, match=r"profiles\.yml line 3: this is not valid YAML"):
        read(tmp_path, text="shop:\n  outputs:\n\tdev: {}\n")


def test_duckdb_defaults_are_those_of_dbt_duckdb(tmp_path: Path) -> None:
    profile = duckdb_target(tmp_path, "path: data/shop.prod.duckdb")
    assert (profile.database, profile.schema) == ("shop", "main")


@pytest.mark.parametrize("settings", ["schema: main", "path: ':memory:'", "path: ''", "path: ':memory:shop'"])
def test_a_duckdb_in_memory_is_refused_with_advice(tmp_path: Path, settings: str) -> None:
    with pytest.raises(ProjectProblem, match=r"in memory.*`path: warehouse\.duckdb`"):
        duckdb_target(tmp_path, settings)


def test_a_duckdb_path_starts_from_the_current_folder_as_in_dbt(tmp_path: Path) -> None:
    assert duckdb_target(tmp_path, "path: shop.duckdb").credentials["path"] == str(tmp_path / "shop.duckdb")


def test_a_duckdb_file_beside_the_project_is_found_from_elsewhere(tmp_path: Path) -> None:
    beside = tmp_path / "project" / "shop.duckdb"
    beside.parent.mkdir()
    beside.touch()
    assert duckdb_target(tmp_path, "path: shop.duckdb").credentials["path"] == str(beside)
    (tmp_path / "shop.duckdb").touch()
    assert duckdb_target(tmp_path, "path: shop.duckdb").credentials["path"] == str(tmp_path / "shop.duckdb")


@pytest.mark.parametrize("path", ["md:shop", "ducklake:meta.ducklake", "s3://bucket/shop.duckdb"])
def test_a_duckdb_that_is_no_local_file_keeps_its_path(tmp_path: Path, path: str) -> None:
    assert duckdb_target(tmp_path, f"path: '{path}'").credentials["path"] == path


@pytest.mark.parametrize(
    ("path", "name"),
    [("md:", "my_db"), ("md:shop?x=1", "shop"), ("motherduck:shop", "shop"), ("ducklake:m.ducklake", "m")],
)
def test_a_database_elsewhere_is_named_by_its_path(path: str, name: str) -> None:
    assert database_name(path) == name


@pytest.mark.parametrize("file", ["shop.duckdb", "shop.prod.duckdb", ".shop.duckdb", "shop"])
def test_a_database_is_named_as_duckdb_names_it(tmp_path: Path, file: str) -> None:
    with duckdb.connect(os.fspath(tmp_path / file)) as connection:
        row = connection.execute("select current_database()").fetchone()
    assert row == (database_name(str(tmp_path / file)),)
