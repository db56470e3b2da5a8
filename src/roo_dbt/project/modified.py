"""Which nodes differ between two manifests, by dbt's rules for `state:`.

They follow dbt-core 1.11.16, dbt/graph/selector_methods.py and dbt/contracts/graph/nodes.py (read
2026-11-22), with the project flag `state_modified_compare_more_unrendered_values` at its default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from roo_dbt.errors import UsageProblem, nearest
from roo_dbt.project.graph import COLLECTIONS

Raw = Mapping[str, Any]

ELSEWHERE = frozenset({"alias", "schema", "database", "tags", "group"})
"""Config that is no config to `modified.configs`: part of the relation, or of no consequence."""

TEST_CONFIG = (
    "severity",
    "where",
    "limit",
    "fail_calc",
    "warn_if",
    "error_if",
    "store_failures",
    "store_failures_as",
)
"""All that counts of a test's config."""

COMPARED: Mapping[str, tuple[str, ...]] = {
    "source": (
        "database",
        "schema",
        "identifier",
        "fqn",
        "quoting",
        "freshness",
        "loaded_at_field",
        "external",
    ),
    "exposure": ("fqn", "type", "owner", "maturity", "url", "description", "label"),
    "metric": ("type", "description", "label"),
    "semantic_model": (
        *("config", "model", "description", "defaults", "entities", "dimensions", "measures"),
        *("primary_entity", "group"),
    ),
    "saved_query": ("config", "query_params", "description", "label", "exports", "tags", "group"),
    "unit_test": ("checksum",),
}
"""What counts of the nodes that are no SQL of their own."""

NEW_IS_SAME = frozenset(COMPARED) - {"unit_test"}
"""Nodes that dbt does not call modified when they are new; `state:new` finds them."""

CONFIGURED = frozenset({"source", "exposure", "metric"})
"""Those of them whose config is compared as it was written."""

_MISSING: Any = object()


class Comparison:
    """This manifest beside an earlier one.

    Args:
        before: the earlier manifest.
        current: this one.
    """

    def __init__(self, before: Raw, current: Raw) -> None:
        self._before = dict(_nodes(before))
        self._current = dict(_nodes(current))
        self._macros: Raw = current.get("macros") or {}
        earlier: Raw = before.get("macros") or {}
        self._changed_macros = {
            name
            for name in {*self._macros, *earlier}
            if _sql(self._macros.get(name)) != _sql(earlier.get(name))
        }

    def select(self, what: str) -> Iterator[str]:
        """The unique ids of the nodes that `state:what` means.

        Raises:
            UsageProblem: there is no such comparison.
        """
        if what not in CHECKS:
            close = nearest(what, CHECKS)
            hint = f"Did you mean state:{close}?" if close else f"There is {', '.join(CHECKS)}."
            raise UsageProblem(f"`state:{what}` is unknown.", hint=hint)
        check = CHECKS[what]
        for unique_id, node in self._current.items():
            if check(self, self._before.get(unique_id), node):
                yield unique_id

    def is_modified(self, old: Raw | None, new: Raw) -> bool:
        """Whether a node is new, or differs in what dbt looks at."""
        return not _same_contents(old, new) or self.calls_modified_macro(old, new)

    def calls_modified_macro(self, _old: Raw | None, new: Raw) -> bool:
        """Whether a macro changed that the node calls, directly or through others."""
        seen: set[str] = set()
        waiting = _called(new)
        while waiting and self._changed_macros:
            name = waiting.pop()
            if name in self._changed_macros:
                return True
            if name not in seen:
                seen.add(name)
                waiting += _called(self._macros.get(name) or {})
        return False


def _nodes(document: Raw) -> Iterator[tuple[str, Raw]]:
    for collection in COLLECTIONS:
        yield from (document.get(collection) or {}).items()


def _sql(macro: Raw | None) -> Any:
    return None if macro is None else macro.get("macro_sql")


def _called(node: Raw) -> list[str]:
    return list((node.get("depends_on") or {}).get("macros") or ())


def _kind(node: Raw) -> str:
    return str(node.get("resource_type") or str(node.get("unique_id")).partition(".")[0])


def _same(old: Raw, new: Raw, *names: str) -> bool:
    return all(old.get(name) == new.get(name) for name in names)


def _same_contents(old: Raw | None, new: Raw) -> bool:
    kind = _kind(new)
    if old is None:
        return kind in NEW_IS_SAME
    if kind in COMPARED:
        return (
            _same(old, new, *COMPARED[kind])
            and (kind not in CONFIGURED or _same_config(old, new))
            and (kind != "exposure" or _same_parents(old, new))
        )
    if kind == "test" and new.get("test_metadata"):
        return _same_config(old, new) and _same(old, new, "fqn")
    same = (
        _same_body(old, new)
        and _same_config(old, new)
        and _same_persisted_descriptions(old, new)
        and _same(old, new, "fqn")
        and _same_relation(old, new)
        and _same_contract(old, new)
    )
    if kind == "model":
        return same and _same(old, new, "latest_version", "access", "deprecation_date")
    return same and (kind != "function" or _same(old, new, "arguments", "returns"))


def _same_parents(old: Raw, new: Raw) -> bool:
    before, now = (set((node.get("depends_on") or {}).get("nodes") or ()) for node in (old, new))
    return before == now


def _same_body(old: Raw, new: Raw) -> bool:
    return _same(old, new, "checksum" if _kind(new) == "seed" else "raw_code")


def _same_config(old: Raw, new: Raw) -> bool:
    before, now = old.get("unrendered_config") or {}, new.get("unrendered_config") or {}
    names = TEST_CONFIG if _kind(new) == "test" else {*before, *now} - ELSEWHERE
    return all(before.get(name, _MISSING) == now.get(name, _MISSING) for name in names)


def _same_relation(old: Raw, new: Raw) -> bool:
    if _kind(new) == "source":
        return _same(old, new, "database", "schema", "identifier")
    before, now = old.get("unrendered_config") or {}, new.get("unrendered_config") or {}
    return _same(before, now, "database", "schema", "alias")


def _same_persisted_descriptions(old: Raw, new: Raw) -> bool:
    """Descriptions count where dbt writes them into the warehouse."""
    persisted = (new.get("config") or {}).get("persist_docs") or {}
    if persisted.get("relation") and not _same(old, new, "description"):
        return False
    return not persisted.get("columns") or _column_descriptions(old) == _column_descriptions(new)


def _column_descriptions(node: Raw) -> dict[str, Any]:
    return {name: column.get("description") for name, column in (node.get("columns") or {}).items()}


def _same_contract(old: Raw, new: Raw) -> bool:
    """Any change of an enforced contract counts, also one that dbt would not call breaking."""
    before, now = old.get("contract") or {}, new.get("contract") or {}
    if _kind(new) != "model" or not (before.get("enforced") or now.get("enforced")):
        return True
    return bool(before.get("enforced")) and bool(now.get("enforced")) and _same(before, now, "checksum")


def _differ(same: Callable[[Raw, Raw], bool], *others: str) -> Check:
    """A comparison of one aspect, for nodes with SQL or rows of their own and some `others`."""

    def check(_: Comparison, old: Raw | None, new: Raw) -> bool:
        kind = _kind(new)
        return (kind not in COMPARED or kind in others) and (old is None or not same(old, new))

    return check


Check = Callable[[Comparison, "Raw | None", Raw], bool]

CHECKS: Mapping[str, Check] = {
    "new": lambda _, old, __: old is None,
    "old": lambda _, old, __: old is not None,
    "modified": Comparison.is_modified,
    "unmodified": lambda both, old, new: not both.is_modified(old, new),
    "modified.body": _differ(_same_body),
    "modified.configs": _differ(_same_config, *CONFIGURED),
    "modified.persisted_descriptions": _differ(_same_persisted_descriptions),
    "modified.relation": _differ(_same_relation, "source"),
    "modified.macros": Comparison.calls_modified_macro,
    "modified.contract": _differ(_same_contract),
}
"""Every comparison of `state:`."""
