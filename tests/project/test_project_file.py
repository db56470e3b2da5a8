"""`dbt_project.yml`, `--vars` and YAML errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from roo_dbt.errors import ProjectProblem, UsageProblem
from roo_dbt.project.project_file import parse_vars, read_project_file


def project(folder: Path, text: str) -> Path:
    (folder / "dbt_project.yml").write_text(text)
    return folder


def test_references_and_jinja_in_our_vars_stay_text(tmp_path: Path) -> None:
    text = (
        'name: shop\nvars: {roo: {apps: {b: {api_key: "${KEY}", rest_endpoint: "{{ env_var(\'X\') }}"}}}}\n'
    )
    file = read_project_file(project(tmp_path, text), {})
    assert file.roo_vars == {"apps": {"b": {"api_key": "${KEY}", "rest_endpoint": "{{ env_var('X') }}"}}}
    assert (file.vars_file, file.vars_path) == ("dbt_project.yml", "vars.roo")


def test_vars_of_the_project_itself_win_over_those_of_everybody(tmp_path: Path) -> None:
    file = read_project_file(project(tmp_path, "name: shop\nvars: {roo: {a: 1}, shop: {roo: {b: 2}}}\n"), {})
    assert (file.roo_vars, file.vars_path) == ({"b": 2}, "vars.shop.roo")


def test_vars_of_the_command_line_replace_the_whole_block(tmp_path: Path) -> None:
    variables = parse_vars('{"roo": {"targets": ["prod"]}}')
    file = read_project_file(project(tmp_path, "name: shop\nvars: {roo: {apps: {}}}\n"), variables)
    assert (file.roo_vars, file.vars_file, file.vars_path) == ({"targets": ["prod"]}, "--vars", "roo")


@pytest.mark.parametrize("text", ["name: shop\n", "name: shop\nvars:\n", "name: shop\nvars: {other: 1}\n"])
def test_a_project_without_our_vars_has_none(tmp_path: Path, text: str) -> None:
    assert read_project_file(project(tmp_path, text), {}).roo_vars == {}


def test_a_block_that_is_no_mapping_is_handed_on_for_others_to_refuse(tmp_path: Path) -> None:
    assert (
        read_project_file(project(tmp_path, "name: shop\nvars: {roo: yes please}\n"), {}).roo_vars
        == "yes please"
    )


def test_broken_yaml_names_the_file_and_the_line(tmp_path: Path) -> None:
    with pytest.raises(ProjectProblem, match=r"dbt_project\.yml line 2: this is not valid YAML"):
        read_project_file(project(tmp_path, "name: shop\nvars: {roo: ]}\n"), {})


def test_jinja_without_quotes_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ProjectProblem, match=r"line 2.*Jinja must be quoted"):
        read_project_file(project(tmp_path, "name: shop\nprofile: {{ env_var('P') }}\n"), {})


@pytest.mark.parametrize(("text", "said"), [("profile: shop\n", "no `name`"), ("- name\n", "not a list")])
def test_a_file_that_is_no_project_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ProjectProblem, match=said):
        read_project_file(project(tmp_path, text), {})


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_bytes(b"name: caf\xe9\n")
    with pytest.raises(ProjectProblem, match="cannot be read"):
        read_project_file(tmp_path, {})


@pytest.mark.parametrize("text", ["just text", "{a: [", "[1, 2]"])
def test_vars_that_are_no_mapping_are_a_wrong_option(text: str) -> None:
    with pytest.raises(UsageProblem, match="--vars"):
        parse_vars(text)


def test_no_vars_at_all_are_no_variables() -> None:
    assert parse_vars(None) == {}
