"""Reverse ETL for dbt: models to Braze and Iterable, only what changed.

From Python: `roo_dbt.plan(project_dir)` and `roo_dbt.sync(project_dir)`, see docs/python.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from roo_dbt.api import Plan, Results, plan, sync
    from roo_dbt.errors import (
        CannotStart,
        ConfigurationProblem,
        ProjectProblem,
        RooError,
        Stopped,
        TargetRefused,
        UsageProblem,
        WarehouseUnavailable,
    )

__all__ = [
    "CannotStart",
    "ConfigurationProblem",
    "Plan",
    "ProjectProblem",
    "Results",
    "RooError",
    "Stopped",
    "TargetRefused",
    "UsageProblem",
    "WarehouseUnavailable",
    "__version__",
    "plan",
    "sync",
]

__version__ = "0.1.0"

_OF_THE_API = frozenset({"Plan", "Results", "plan", "sync"})


# Hidden from type checkers, to whom every name would seem to exist.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        """Load a public name when it is asked for: the command line imports this package, too."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        module = import_module("roo_dbt.api" if name in _OF_THE_API else "roo_dbt.errors")
        return getattr(module, name)
