"""`{{ config() }}` blocks, read from SQL without running them."""

from __future__ import annotations

import pytest

from roo_dbt.project.sql_config import SqlConfig, read_sql_config


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("{{ config(meta={'roo': {'key': 'id'}}) }} select 1", SqlConfig(has_block=True)),
        ("{{ config(meta={'roo': {'key': env_var('K')}}) }}", SqlConfig(has_block=True, uses_env_var=True)),
        ("{{ config(meta={'roo': env_var('K')}) }}", SqlConfig(has_block=True, uses_env_var=True)),
        ("{{ config({'meta': {'roo': {'key': 'id'}}}) }}", SqlConfig(has_block=True)),
        ("{{ config(schema=env_var('S'), meta={'roo': {'key': 'id'}}) }}", SqlConfig(has_block=True)),
        ("{{ config(meta={'owner': env_var('O'), 'roo': {}}) }}", SqlConfig(has_block=True)),
        ("{{ config(meta={'owner': 'roo'}) }}", SqlConfig()),
        ("{% snapshot s %}{{ config(meta={'roo': {}}) }}{% endsnapshot %}", SqlConfig(has_block=True)),
        ("select '{{ roo' as config", SqlConfig()),
        ("select 1", SqlConfig()),
        (None, SqlConfig()),
    ],
)
def test_a_block_and_its_env_vars_are_seen(sql: str | None, expected: SqlConfig) -> None:
    assert read_sql_config(sql) == expected
