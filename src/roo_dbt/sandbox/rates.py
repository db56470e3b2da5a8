"""How often the vendors may be called, and the two ways they count.

Braze counts in windows of the clock, Iterable fills a bucket.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

BRAZE_LIMITS = "https://www.braze.com/docs/api/api_limits"
BRAZE_EXPORT = "https://www.braze.com/docs/api/endpoints/export/user_data/post_users_identifier"
ITERABLE_LIMITS = "https://api.iterable.com/api/docs"


@dataclass(frozen=True, slots=True)
class Rate:
    """`number` requests in `per_seconds` seconds; `read` is the day the source was read."""

    name: str
    number: int
    per_seconds: float
    source: str
    read: str


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a meter says to one request. `wait` is seconds until more is allowed, never below 0."""

    allowed: bool
    limit: int
    remaining: int
    wait: float


RATES = {
    rate.name: rate
    for rate in (
        # Contracts counted in monthly users have a burst of their own size; this one stands in for it.
        Rate("braze.track", 3_000, 3, BRAZE_LIMITS, "2026-09-02"),
        Rate("braze.users", 20_000, 60, BRAZE_LIMITS, "2026-09-02"),
        Rate("braze.rename", 1_000, 60, BRAZE_LIMITS, "2026-09-02"),
        Rate("braze.remove", 1_000, 60, BRAZE_LIMITS, "2026-09-02"),
        # For requests that say which fields they want, and the sandbox takes no others.
        Rate("braze.export", 40, 1, BRAZE_EXPORT, "2026-11-22"),
        Rate("braze.subscription", 5_000, 60, BRAZE_LIMITS, "2026-09-02"),
        Rate("braze.discovery", 1_000, 3_600, BRAZE_LIMITS, "2026-09-02"),
        Rate("braze.pool", 250_000, 3_600, BRAZE_LIMITS, "2026-09-02"),
        Rate("iterable.update", 500, 1, ITERABLE_LIMITS, "2026-11-22"),
        Rate("iterable.bulkUpdate", 5, 1, ITERABLE_LIMITS, "2026-11-22"),
        Rate("iterable.delete", 100, 1, ITERABLE_LIMITS, "2026-11-22"),
        Rate("iterable.deleteByUserId", 100, 1, ITERABLE_LIMITS, "2026-11-22"),
        Rate("iterable.get", 100, 1, ITERABLE_LIMITS, "2026-11-22"),
        Rate("iterable.getByUserId", 100, 1, ITERABLE_LIMITS, "2026-11-22"),
        Rate("iterable.getFields", 3, 1, ITERABLE_LIMITS, "2026-11-22"),
        Rate("iterable.forget", 3, 1, ITERABLE_LIMITS, "2026-11-22"),
        Rate("iterable.track", 2_000, 1, ITERABLE_LIMITS, "2026-11-22"),
        Rate("iterable.trackBulk", 10, 1, ITERABLE_LIMITS, "2026-11-22"),
        Rate("iterable.lists", 100, 1, ITERABLE_LIMITS, "2026-11-22"),
        Rate("iterable.listSize", 5, 60, ITERABLE_LIMITS, "2026-11-22"),
        Rate("iterable.listUsers", 5, 60, ITERABLE_LIMITS, "2026-11-22"),
        Rate("iterable.channels", 100, 1, ITERABLE_LIMITS, "2026-11-22"),
    )
}
"""Every published rate by name. Iterable publishes none for its list, commerce and e-mail writes."""


class Window:
    """Counts requests in windows aligned with the clock, so an hour ends on the hour."""

    def __init__(self, number: int, per_seconds: float) -> None:
        self.number = number
        self.per_seconds = per_seconds
        self._window = -1
        self._used = 0

    def take(self, now: float) -> Allowance:
        """Count a request at `now`, seconds since 1970; a refused one is not counted."""
        window = math.floor(now / self.per_seconds)
        if window != self._window:
            self._window, self._used = window, 0
        allowed = self._used < self.number
        self._used += allowed
        wait = (window + 1) * self.per_seconds - now
        return Allowance(allowed, self.number, self.number - self._used, max(wait, 0.0))


class Bucket:
    """Lets `number` through at once and refills evenly over `per_seconds`."""

    def __init__(self, number: int, per_seconds: float) -> None:
        self.number = number
        self.per_seconds = per_seconds
        self._tokens = float(number)
        self._filled_at = -math.inf

    def take(self, now: float) -> Allowance:
        """Take a token at `now`, seconds since 1970, if there is one."""
        speed = self.number / self.per_seconds
        elapsed = max(now - self._filled_at, 0.0)
        self._tokens = float(self.number) if math.isinf(elapsed) else self._refilled(elapsed * speed)
        self._filled_at = max(now, self._filled_at)
        allowed = self._tokens >= 1
        self._tokens -= allowed
        wait = max((1 - self._tokens) / speed, 0.0)
        return Allowance(allowed, self.number, int(self._tokens), wait)

    def _refilled(self, tokens: float) -> float:
        # A hair is added so that waiting exactly as long as asked is enough in floating point.
        return min(self._tokens + tokens + 1e-6, float(self.number))


class Meters:
    """The counters of one vendor, made when first needed.

    Args:
        kind: how this vendor counts.
        changed: rate name → (requests, seconds) where a sandbox was told other numbers.
        enforce: whether a refusal counts; otherwise the headers never reach zero.
    """

    def __init__(
        self, kind: type[Window | Bucket], changed: Mapping[str, tuple[int, float]], *, enforce: bool
    ) -> None:
        self.enforce = enforce
        self._kind = kind
        self._changed = changed
        self._meters: dict[str, Window | Bucket] = {}

    def take(self, name: str, now: float) -> Allowance:
        """Count one request against the rate called `name`."""
        meter = self._meters.get(name)
        if meter is None:
            rate = RATES[name]
            number, per_seconds = self._changed.get(name, (rate.number, rate.per_seconds))
            meter = self._meters[name] = self._kind(number, per_seconds)
        allowance = meter.take(now)
        if self.enforce:
            return allowance
        return Allowance(True, allowance.limit, max(allowance.remaining, 1), allowance.wait)
