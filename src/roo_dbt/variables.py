"""dbt's environment variables: `DBT_ENGINE_X` is read before `DBT_X`.

dbt-core 1.11.16, dbt/cli/params.py (read 2026-11-22).
"""

from __future__ import annotations

import os
from collections.abc import Mapping

_TRUE = ("1", "true", "yes", "on", "t", "y")


def names(option: str) -> list[str]:
    """The variables of an option, the one that wins first.

    >>> names("TARGET")
    ['DBT_ENGINE_TARGET', 'DBT_TARGET']
    """
    return [f"DBT_ENGINE_{option}", f"DBT_{option}"]


def value(option: str, environment: Mapping[str, str] = os.environ) -> str:
    """What the environment says of an option; empty: nothing."""
    return next((found for name in names(option) if (found := environment.get(name))), "")


def is_on(option: str) -> bool:
    """Whether the environment turns a flag on."""
    return value(option).lower() in _TRUE
