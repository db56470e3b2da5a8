"""meta and vars → declarations, with every problem of the project at once."""

from roo_dbt.config.apps import Settings
from roo_dbt.config.columns import resolve
from roo_dbt.config.connections import connect, is_loopback, target_allowed, unset_variables, validate_app
from roo_dbt.config.declaration import Declarations, declare
from roo_dbt.config.schema import file_schema, json_schema

__all__ = [
    "Declarations",
    "Settings",
    "connect",
    "declare",
    "file_schema",
    "is_loopback",
    "json_schema",
    "resolve",
    "target_allowed",
    "unset_variables",
    "validate_app",
]
