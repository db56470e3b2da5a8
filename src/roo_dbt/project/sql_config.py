"""The `{{ config(meta=…) }}` of a model's SQL, read without running it."""

from __future__ import annotations

from dataclasses import dataclass

from roo_dbt.project.project_file import KEY


@dataclass(frozen=True, slots=True)
class SqlConfig:
    """Whether the SQL file has its own `meta.roo`, and whether `env_var()` is called in it."""

    has_block: bool = False
    uses_env_var: bool = False


def read_sql_config(source: str | None) -> SqlConfig:
    """Read the `config()` calls of a model's SQL; what cannot be parsed says nothing."""
    if not source or KEY not in source or "config" not in source:
        return SqlConfig()
    # Most models say it in YAML, and Jinja takes 50 ms to import.
    from roo_dbt.project.config_calls import calls_env_var, meta_entries

    blocks = meta_entries(source, KEY)
    return SqlConfig(bool(blocks), any(calls_env_var(block) for block in blocks))
