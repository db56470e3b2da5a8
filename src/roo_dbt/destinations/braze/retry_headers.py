"""How long Braze asks to wait, read from the headers of its two rate limit dialects.

Default contracts send `X-RateLimit-Reset` as UTC epoch seconds; contracts by monthly active users send it
as seconds left, and on a 429 `X-RateLimit-Retry-After` instead.
Source: https://www.braze.com/docs/api/api_limits (read 2026-11-22).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

_EPOCH_FROM = 1e9


def seconds_asked(headers: Mapping[str, str], *, now: float) -> float | None:
    """Seconds to wait before the next request; None when no header says so, or only one in the past.

    Args:
        headers: names in lower case.
        now: UTC epoch seconds.
    """
    for name, read in (
        ("x-ratelimit-retry-after", _delta),
        ("retry-after", _delta_or_date),
        ("x-ratelimit-reset", _delta_or_epoch),
    ):
        value = headers.get(name)
        seconds = None if value is None else read(value.strip(), now)
        if seconds is not None and math.isfinite(seconds) and seconds > 0:
            return seconds
    return None


def _delta(text: str, _now: float) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _delta_or_date(text: str, now: float) -> float | None:
    seconds = _delta(text, now)
    if seconds is not None:
        return seconds
    try:
        return parsedate_to_datetime(text).timestamp() - now
    except (TypeError, ValueError):
        return None


def _delta_or_epoch(text: str, now: float) -> float | None:
    seconds = _delta(text, now)
    if seconds is not None and seconds > _EPOCH_FROM:
        return seconds - now
    return seconds
