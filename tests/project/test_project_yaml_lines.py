"""The line of a YAML path."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from roo_dbt.project.yaml_lines import line_of

MODELS = """\
version: 2

models:
  - name: other
  - name: customers
    description: what
    config:
      meta:
        roo:
          key: id
          destinations:
            - &first
              name: braze
              mapping:
                external_id: id
                address.city: city
                "Lifetime value": ltv
            - name: second
              <<: *first
              sync_mode:
                sync
    columns:
      - name: id
        description: the key
      - name: plan
        config: {meta: {roo: {braze: plan}}}
    versions:
      - v: 2
        config:
          meta: {roo: {key: id}}
seeds:
  - name: legacy
    meta:
      roo:
        key: id
"""
PROJECT = """\
name: shop
vars:
  roo:
    apps:
      braze:
        type: braze
"""
HERE = "config.meta.roo"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    path = tmp_path / "schema.yml"
    path.write_text(MODELS)
    return path


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("", 5),
        (HERE, 9),
        (f"{HERE}.key", 10),
        (f"{HERE}.destinations[0]", 12),
        (f"{HERE}.destinations[0].name", 13),
        (f"{HERE}.destinations[0].mapping.external_id", 15),
        (f"{HERE}.destinations[0].mapping.address.city", 16),
        (f'{HERE}.destinations[0].mapping["Lifetime value"]', 17),
        (f"{HERE}.destinations[1].sync_mode", 20),
        (f"{HERE}.destinations[1].mapping.external_id", 15),
        (f"{HERE}.destinations[1].where", 18),
        (f"{HERE}.destinations[7].where", 11),
        ("columns.plan.config.meta.roo.braze", 26),
        ("columns[plan].config.meta.roo.braze", 26),
        ("columns.absent", 22),
        ("versions[2].config.meta.roo.key", 30),
        ("nothing.of.it", 5),
    ],
)
def test_a_path_leads_to_its_line_or_to_the_nearest_thing_around_it(
    models: Path, path: str, line: int
) -> None:
    assert line_of(models, "customers", path) == line


def test_meta_at_the_top_level_is_found_where_the_path_says_config(models: Path) -> None:
    assert line_of(models, "legacy", f"{HERE}.key") == 35


def test_a_path_without_a_model_begins_at_the_top_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "dbt_project.yml"
    path.write_text(PROJECT)
    assert line_of(path, "", "vars.roo.apps.braze.rest_endpoint") == 5
    assert line_of(path, "", "vars.roo.targets") == 3
    assert line_of(path, "", "elsewhere") is None


@pytest.mark.parametrize("content", ["", "a: [", "\x00", "&a [*a]", "- 1", "text"])
def test_a_file_that_holds_no_such_thing_has_no_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "broken.yml"
    path.write_text(content)
    assert line_of(path, "customers", HERE) is None
    assert line_of(path, "", HERE) is None


def test_sql_and_files_that_are_not_there_have_no_lines(tmp_path: Path) -> None:
    (tmp_path / "model.sql").write_text("select 1")
    assert line_of(tmp_path / "model.sql", "model", HERE) is None
    assert line_of(tmp_path / "absent.yml", "model", HERE) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(alphabet='abc.[]0"\\ ', max_size=30))
def test_no_path_is_too_odd(models: Path, path: str) -> None:
    line = line_of(models, "customers", path)
    assert line is not None
    assert 1 <= line <= len(MODELS.splitlines())
