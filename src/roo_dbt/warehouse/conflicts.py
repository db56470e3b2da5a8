"""Statements that an engine refuses because another session wrote the same table: nothing was done."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TypeVar

import tenacity

Result = TypeVar("Result")

ATTEMPTS = 6
"""In about half a minute: who writes the state tables has written within seconds."""


def insisting(
    attempt: Callable[[], Result],
    conflict: re.Pattern[str] | None,
    errors: tuple[type[Exception], ...],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Result:
    """Run a statement, and again after a conflict: two apps of a run write the same tables, as two runs do.

    Args:
        attempt: runs the statement.
        conflict: what the engine says of a conflict; None: writers wait for each other there.
        errors: what a statement raises.
        sleep: waits some seconds.

    Raises:
        Exception: one of `errors`, as the last attempt raised it.
    """

    def is_conflict(error: BaseException) -> bool:
        return isinstance(error, errors) and conflict is not None and conflict.search(str(error)) is not None

    attempts = tenacity.Retrying(
        retry=tenacity.retry_if_exception(is_conflict),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_random_exponential(multiplier=1, max=15),
        sleep=sleep,
        reraise=True,
    )
    return attempts(attempt)
