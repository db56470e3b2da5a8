"""The `{{ config(meta=…) }}` of a model's SQL, read without running it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jinja2 import Environment, TemplateError, nodes

from roo_dbt.project.project_file import KEY

# dbt's own block tags are unknown to Jinja; what is inside them is read all the same.
_DBT_TAG = re.compile(r"\{%-?\s*(?:end)?(?:snapshot|materialization|test|data_test|docs)\b[^%]*%\}")


@dataclass(frozen=True, slots=True)
class SqlConfig:
    """Whether the SQL file has its own `meta.roo`, and whether `env_var()` is called in it."""

    has_block: bool = False
    uses_env_var: bool = False


def read_sql_config(source: str | None) -> SqlConfig:
    """Read the `config()` calls of a model's SQL; what cannot be parsed says nothing."""
    if not source or KEY not in source or "config" not in source:
        return SqlConfig()
    try:
        tree = Environment(extensions=["jinja2.ext.do"], autoescape=True).parse(_DBT_TAG.sub("", source))
    except TemplateError:
        return SqlConfig()
    blocks = [
        block
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == "config"
        for meta in _arguments(call)
        if (block := _item(meta, KEY)) is not None
    ]
    return SqlConfig(bool(blocks), any(_calls_env_var(block) for block in blocks))


def _arguments(call: nodes.Call) -> list[nodes.Node]:
    """The values of `meta`, given by name or in a dictionary."""
    named = [argument.value for argument in call.kwargs if getattr(argument, "key", None) == "meta"]
    return [*named, *(meta for each in call.args if (meta := _item(each, "meta")) is not None)]


def _item(value: nodes.Node, key: str) -> nodes.Node | None:
    if not isinstance(value, nodes.Dict):
        return None
    for pair in value.items:
        if isinstance(pair.key, nodes.Const) and pair.key.value == key:
            return pair.value
    return None


def _calls_env_var(tree: nodes.Node) -> bool:
    calls = [tree] if isinstance(tree, nodes.Call) else []
    calls += tree.find_all(nodes.Call)
    return any(isinstance(call.node, nodes.Name) and call.node.name == "env_var" for call in calls)
