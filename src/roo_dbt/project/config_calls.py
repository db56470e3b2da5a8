"""The `config()` calls in a model's SQL, as Jinja parses them."""

from __future__ import annotations

import re

from jinja2 import Environment, TemplateError, nodes

# dbt's own block tags are unknown to Jinja; what is inside them is read all the same.
_DBT_TAG = re.compile(r"\{%-?\s*(?:end)?(?:snapshot|materialization|test|data_test|docs)\b[^%]*%\}")


def meta_entries(source: str, key: str) -> list[nodes.Node]:
    """The values of `key` in the `meta` of every `config()`; none where the SQL cannot be parsed."""
    try:
        tree = Environment(extensions=["jinja2.ext.do"], autoescape=True).parse(_DBT_TAG.sub("", source))
    except TemplateError:
        return []
    return [
        block
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name == "config"
        for meta in _arguments(call)
        if (block := _item(meta, key)) is not None
    ]


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


def calls_env_var(tree: nodes.Node) -> bool:
    """Whether `env_var()` is called anywhere in it."""
    calls = [tree] if isinstance(tree, nodes.Call) else []
    calls += tree.find_all(nodes.Call)
    return any(isinstance(call.node, nodes.Name) and call.node.name == "env_var" for call in calls)
