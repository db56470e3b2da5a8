"""What an HTTP status alone says, by the rules that every vendor shares."""

from __future__ import annotations

from collections.abc import Collection

from roo_dbt.errors import Fatal, Retriable, Splittable
from roo_dbt.records import Answer


def retry_after(answer: Answer) -> float | None:
    """The wait in the one header that HTTP itself knows, in seconds; None when it is absent or a date.

    Source: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after (read 2026-11-22).
    """
    text = answer.headers.get("retry-after", "").strip()
    return float(text) if text.isdecimal() else None


def may_be_done(status: int) -> bool:
    """Whether a request may have been carried out although this was the answer.

    A server that fails, or whose answer got lost on the way, may have done it before; one that has no room
    (503) or takes no risk (425) has not.
    Source: https://www.rfc-editor.org/rfc/rfc9110#section-15.6 (read 2026-11-22).

    >>> [status for status in (408, 425, 429, 500, 502, 503, 504) if may_be_done(status)]
    [408, 500, 502, 504]
    """
    return status == 408 or (status >= 500 and status != 503)


def judge_status(answer: Answer, *, retry_in: float | None = None, unprocessed: Collection[int] = ()) -> None:
    """Raise what an HTTP status alone means; return for everything else (see `Call.judge`).

    `unprocessed`: statuses of which the vendor says that nothing of the request was carried out.
    """
    status = answer.status
    if status == 429:
        raise Retriable("rate limited (429)", retry_in=retry_in, rate_limited=True)
    if status in (408, 425) or status >= 500:
        unsure = may_be_done(status) and status not in unprocessed
        raise Retriable(f"HTTP {status}", retry_in=retry_in, ambiguous=unsure)
    if status == 413:
        raise Splittable("the request is too large (413)")
    if status in (401, 403, 404, 405, 415):
        raise Fatal(f"HTTP {status}")
    if status // 100 == 3:
        raise Fatal(f"HTTP {status}: redirects are not followed; check the endpoint")
