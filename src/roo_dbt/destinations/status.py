"""What an HTTP status alone says, by the rules that every vendor shares."""

from __future__ import annotations

from roo_dbt.errors import Fatal, Retriable, Splittable
from roo_dbt.records import Answer


def retry_after(answer: Answer) -> float | None:
    """The wait in the one header that HTTP itself knows, in seconds; None when it is absent or a date.

    Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after (read 2026-11-22).
    """
    text = answer.headers.get("retry-after", "").strip()
    return float(text) if text.isdecimal() else None


def judge_status(answer: Answer, *, retry_in: float | None = None) -> None:
    """Raise what an HTTP status alone means; return for everything else (see `Call.judge`)."""
    status = answer.status
    if status == 429:
        raise Retriable("rate limited (429)", retry_in=retry_in, rate_limited=True)
    if status in (408, 425) or status >= 500:
        raise Retriable(f"HTTP {status}", retry_in=retry_in, ambiguous=status in (408, 504))
    if status == 413:
        raise Splittable("the request is too large (413)")
    if status in (401, 403, 404, 405, 415):
        raise Fatal(f"HTTP {status}")
    if status // 100 == 3:
        raise Fatal(f"HTTP {status}: redirects are not followed; check the endpoint")
