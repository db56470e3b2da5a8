"""Times as Braze reads them.

Source: https://www.braze.com/docs/api/basics and the page on data types, read 2026-09-02.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

_ISO = re.compile(
    r"(?P<year>\d{4})-\d{2}-\d{2}"
    r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.:](?P<fraction>\d{1,9}))?)?(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)


def moment(text: Any) -> datetime | None:
    """The time that `text` means, in UTC; None when Braze would take it for a plain string."""
    if not isinstance(text, str):
        return None
    match = _ISO.fullmatch(text)
    if match is None:
        return _other(text)
    if int(match["year"]) > 3000:
        return None
    zone = match["zone"] or ""
    plain = text[: match.start("zone")] if zone else text
    plain = plain[: match.start("fraction") - 1] if match["fraction"] else plain
    offset = "+00:00" if zone in ("", "Z") else f"{zone[:3]}:{zone[-2:]}"
    plain = plain if len(plain) > 10 else f"{plain}T00:00"
    try:
        return datetime.fromisoformat(plain + offset).astimezone(timezone.utc)
    except ValueError:
        return None


def _other(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%m/%d/%Y").replace(tzinfo=timezone.utc)
    except ValueError:
        return None


def iso(seconds: float) -> str:
    """Seconds since 1970 as Braze writes times."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
