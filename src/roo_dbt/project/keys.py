"""Which columns identify a row of a model, as far as dbt's files tell."""

from __future__ import annotations

from dataclasses import dataclass

from roo_dbt.project.graph import Graph
from roo_dbt.records import Model

UNIQUE = "unique"
NOT_NULL = "not_null"
COMBINATION = "unique_combination_of_columns"


@dataclass(frozen=True, slots=True)
class Key:
    """Columns that identify a record, and `why` they are believed to; `sure` if tests say so."""

    columns: tuple[str, ...]
    why: str
    sure: bool = False


def key_of(model: Model, graph: Graph, columns: tuple[str, ...]) -> Key | None:
    """The key of a model: what its tests say, else its config, else the names of its columns.

    Args:
        model: the model.
        graph: with the tests.
        columns: the names of the table's columns, in their order.
    """
    present = {name.casefold(): name for name in columns}
    tested = _tested(model, graph)
    unique = [name for name in tested.get(UNIQUE, ()) if name in present]
    both = [name for name in unique if name in tested.get(NOT_NULL, ())]
    if both:
        return Key((present[_likeliest(both, model)],), "its tests say unique and not_null", sure=True)
    for combination in _combinations(model, graph):
        if all(name.casefold() in present for name in combination):
            return Key(
                tuple(present[name.casefold()] for name in combination), "a test says unique", sure=True
            )
    if unique:
        return Key((present[_likeliest(unique, model)],), "a test says unique; none says not_null")
    configured = model.config.get("unique_key")
    names = [configured] if isinstance(configured, str) else configured or []
    if names and all(str(name).casefold() in present for name in names):
        return Key(tuple(present[str(name).casefold()] for name in names), "the model's unique_key")
    guess = next((name for name in _names(model) if name in present), None)
    guess = guess or next((name for name in present if name.endswith("_id")), None)
    if guess is not None:
        return Key((present[guess],), "guessed from its name")
    return Key((columns[0],), "a guess: the first column") if columns else None


def _tested(model: Model, graph: Graph) -> dict[str, list[str]]:
    """The columns of the tests of a model that are about one column each, by the test's name."""
    found: dict[str, list[str]] = {}
    for node in graph.nodes.values():
        if node.attached_node == model.unique_id and node.test_name and len(node.test_columns) == 1:
            found.setdefault(node.test_name, []).append(node.test_columns[0].casefold())
    return found


def _combinations(model: Model, graph: Graph) -> list[tuple[str, ...]]:
    return [
        node.test_columns
        for node in graph.nodes.values()
        if node.attached_node == model.unique_id and node.test_name == COMBINATION and node.test_columns
    ]


def _likeliest(candidates: list[str], model: Model) -> str:
    """An id rather than an e-mail address, that of the model rather than another one."""
    named = [name for name in _names(model) if name in candidates]
    ids = [name for name in candidates if name.endswith("id")]
    return [*named, *ids, *candidates][0]


def _names(model: Model) -> tuple[str, ...]:
    name = model.name.casefold()
    singular = name[:-3] + "y" if name.endswith("ies") else name.removesuffix("s")
    return f"{singular}_id", f"{name}_id", "id", f"{singular}_key", f"{singular}id"
