"""Numbers and durations as people write them."""

from __future__ import annotations


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """`1 record`, `1,200 records`: the number with its noun."""
    noun = singular if number == 1 else plural or f"{singular}s"
    return f"{number:,} {noun}"


def duration(seconds: float) -> str:
    """`0.4 s`, `42 s`, `3 min 20 s`, `2 h 5 min`: no more digits than matter."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60} min"


def sending_time(seconds: float) -> str:
    """A duration at the vendor's rate limit, which says nothing about the fractions of a second."""
    return duration(seconds) if seconds >= 1 else "< 1 s"


def listed(words: list[str], last: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def model_name(unique_id: str) -> str:
    """How dbt's users call a node: without its type and package, with its version (`customers.v2`)."""
    return ".".join(unique_id.split(".")[2:]) or unique_id
