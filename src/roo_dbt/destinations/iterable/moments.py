"""When something happened, and the id that keeps it from happening twice.

Source: https://support.iterable.com/hc/articles/206430615 (read 2026-11-22).
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from hashlib import sha256
from typing import Any

FIRST_MILLISECOND = 10**11
"""From here on a number is taken for milliseconds: in seconds it is the year 5138."""

_MOMENT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z)?")


def epoch_seconds(value: Any) -> int:
    """A time or date as Unix seconds, a fraction of a second cut off; a date is its midnight in UTC.

    Raises:
        ValueError: null, before 1970, in milliseconds, or no time at all.
    """
    if value is None:
        raise ValueError("the time is null")
    if isinstance(value, str):
        return _past(_parsed(value))
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number:
        raise ValueError("this is no time")
    if abs(value) >= FIRST_MILLISECOND:
        raise ValueError("this looks like milliseconds; Iterable takes seconds")
    return _past(int(value))


def _parsed(text: str) -> int:
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise ValueError("this is no time (text is not read as one; cast the column to a TIMESTAMP)")
    moment = datetime.fromisoformat(f"{match[1]}T{match[2] or '00:00:00'}")
    return int(moment.replace(tzinfo=timezone.utc).timestamp())


def _past(seconds: int) -> int:
    if seconds < 0:
        raise ValueError("a time before 1970")
    return seconds


def stable_id(destination: str, key: str) -> str:
    """The id of an event or purchase: the same for the same record, so that sending it twice is harmless.

    Iterable takes letters, digits and hyphens, and updates what has the id already.
    """
    return sha256(f"{destination}\n{key}".encode()).hexdigest()
