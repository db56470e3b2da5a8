"""Both dialects of Braze's rate limit headers."""

from __future__ import annotations

import pytest

from roo_dbt.destinations.braze.retry_headers import seconds_asked

NOW = 1_790_000_000.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"x-ratelimit-retry-after": "7", "retry-after": "9", "x-ratelimit-reset": "11"}, 7),
        ({"retry-after": "9", "x-ratelimit-reset": "11"}, 9),
        ({"retry-after": "Mon, 21 Sep 2026 14:13:50 GMT"}, 30),
        ({"x-ratelimit-reset": "1790000045"}, 45),
        ({"x-ratelimit-reset": "45"}, 45),
        ({"x-ratelimit-reset": "3599.5"}, 3599.5),
        ({"x-ratelimit-retry-after": "soon", "x-ratelimit-reset": " 3 "}, 3),
        ({}, None),
        ({"x-ratelimit-reset": "1789999999"}, None),
        ({"retry-after": "0"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "never"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"x-ratelimit-remaining": "12"}, None),
    ],
)
def test_the_wait_is_read_in_the_order_of_the_headers(headers: dict[str, str], seconds: float | None) -> None:
    assert seconds_asked(headers, now=NOW) == seconds
