"""dbt's Jinja in YAML values."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roo_dbt.errors import ProjectProblem
from roo_dbt.project.rendering import Renderer

RENDERER = Renderer({"HOST": "db.example.com", "PORT": "5432", "ON": "true", "EMPTY": ""}, {"schema": "mart"})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{{ env_var('HOST') }}", "db.example.com"),
        ("{{ env_var('PORT') }}", "5432"),
        ("{{ env_var('PORT') | as_number }}", 5432),
        ("{{ env_var('PORT') | int }}", 5432),
        ("{{ env_var('PORT') | as_text }}", "5432"),
        ("{{ env_var('PORT') | as_native }}", 5432),
        ("{{ env_var('ON') | as_bool }}", True),
        ("{{ env_var('NOT_SET', 'fallback') }}", "fallback"),
        ("{{ env_var('NOT_SET', '') }}", ""),
        ("{{ env_var('EMPTY', 'fallback') }}", ""),
        ("{{ var('schema') }}_dev", "mart_dev"),
        ("{{ var('nothing', 7) }}", 7),
        ("{% if env_var('ON') == 'true' %}a{% else %}b{% endif %}", "a"),
        ("no jinja, ${BRAZE_KEY}", "no jinja, ${BRAZE_KEY}"),
    ],
)
def test_a_value_is_what_dbt_makes_of_it(text: str, value: Any) -> None:
    rendered = RENDERER.render(text, where="here")
    assert rendered == value
    assert type(rendered) is type(value)


@given(st.text(alphabet=st.characters(exclude_characters="{")))
def test_text_without_jinja_is_left_alone(text: str) -> None:
    assert RENDERER.render(text, where="here") == text


@pytest.mark.parametrize("value", [5, 1.5, True, None])
def test_what_is_no_text_is_left_alone(value: Any) -> None:
    assert RENDERER.render(value, where="here") is value


def test_dates_become_text_as_in_dbt() -> None:
    assert RENDERER.render(date(2026, 1, 2), where="here") == "2026-01-02"


def test_an_unset_variable_is_named_with_its_place_and_a_hint() -> None:
    with pytest.raises(
        ProjectProblem, match=r"^here: the environment variable SECRET_KEY is not set.*export SECRET_KEY"
    ):
        RENDERER.render("{{ env_var('SECRET_KEY') }}", where="here")


def test_a_missing_var_says_how_to_give_it() -> None:
    with pytest.raises(ProjectProblem, match="--vars 'colour: …'"):
        RENDERER.render("{{ var('colour') }}", where="here")


@pytest.mark.parametrize(
    "text",
    [
        "{{ nobody_knows }}",
        "{{ env_var( }}",
        "{{ env_var('HOST') | as_bool }}",
        "{{ env_var('HOST') | as_number }}",
    ],
)
def test_jinja_that_cannot_be_rendered_says_where(text: str) -> None:
    with pytest.raises(ProjectProblem, match=r"^here: the Jinja here cannot be rendered"):
        RENDERER.render(text, where="here")


def test_errors_never_show_a_value() -> None:
    renderer = Renderer({"DBT_ENV_SECRET_PW": "hunter2"})
    for text in (
        "{{ env_var('DBT_ENV_SECRET_PW') | as_number }}",
        "{{ [][env_var('DBT_ENV_SECRET_PW')] + 1 }}",
    ):
        with pytest.raises(ProjectProblem) as caught:
            renderer.render(text, where="here")
        assert "hunter2" not in str(caught.value)
    assert "hunter2" not in repr(renderer)


def test_an_unknown_name_is_named() -> None:
    with pytest.raises(ProjectProblem, match="'nobody_knows' is undefined"):
        RENDERER.render("a {{ nobody_knows }}", where="here")


def test_a_template_cannot_reach_into_python() -> None:
    with pytest.raises(ProjectProblem, match="cannot be rendered"):
        RENDERER.render("{{ ''.__class__.__mro__ }}", where="here")


def test_a_password_that_is_no_jinja_is_taken_as_it_is() -> None:
    tree = {"password": "a{{b{%", "keys": [{"password": "{{ env_var('PORT') }}"}]}
    assert RENDERER.render_all(tree, where="here") == {"password": "a{{b{%", "keys": [{"password": "5432"}]}


def test_a_place_deep_inside_is_named() -> None:
    with pytest.raises(ProjectProblem, match=r"^profiles\.yml dev\.attach\[1\]\.path: "):
        RENDERER.render_all({"attach": [{}, {"path": "{{ env_var('GONE') }}"}]}, where="profiles.yml dev")
