"""What a branch changes in the declarations, in words that every form of a plan uses."""

from __future__ import annotations

from rich.text import Text

from roo_dbt.records import DestinationDifference, Difference, ManifestComparison
from roo_dbt.report.columns import aligned
from roo_dbt.report.wording import counted

CHANGES = {"added": "green", "changed": "yellow", "removed": "red"}
_LABELS = {
    "mode": "sync mode",
    "where": "where",
    "key": "key",
    "identifier": "identifier",
    "model": "model",
}


def heading(comparison: ManifestComparison) -> str:
    """`Against the manifest in production, written 2026-11-22 03:04:05`."""
    when = comparison.generated_at[:19].replace("T", " ")
    return f"Against the manifest in {comparison.manifest}{f', written {when}' if when else ''}"


def summary(comparison: ManifestComparison) -> str:
    """How many destinations are declared differently, and what that alone would resend."""
    number, same = len(comparison.destinations), comparison.unchanged
    alike = f"{counted(same, 'destination')} {'is' if same == 1 else 'are'} declared alike"
    if not number:
        return f"This branch changes no declaration: {alike}."
    known = sum(one.resent.records for one in comparison.destinations if one.resent is not None)
    open_ones = sum(one.resent is None for one in comparison.destinations)
    unknown = f", and what cannot be counted of {counted(open_ones, 'destination')}" if open_ones else ""
    words = f"This branch changes {counted(number, 'destination')}; that alone would resend"
    rest = f" {alike[0].upper()}{alike[1:]}." if same else ""
    return f"{words} {counted(known, 'record')}{unknown}.{rest}"


def aspect(difference: Difference) -> str:
    """`field added`, `field re-mapped`, `sync mode`, `limit delete_limit`."""
    if difference.aspect in ("field", "group"):
        kind = "re-mapped" if difference.kind == "changed" else difference.kind
        return f"{difference.aspect} {kind}"
    label = (
        difference.name if difference.aspect in ("target", "limit", "setting") else _LABELS[difference.aspect]
    )
    return label if difference.kind == "changed" else f"{label} {difference.kind}"


def subject(difference: Difference) -> str:
    """The field or group that it is about; empty where the aspect says it all."""
    return difference.name if difference.aspect in ("field", "group") else ""


def sides(difference: Difference) -> str:
    """`city → town`; the only side there is of what was added or dropped."""
    return " → ".join(side for side in (difference.old, difference.new) if side is not None)


def resent(one: DestinationDifference) -> str:
    """`284 records (2 to create, 282 to update)`, or that nobody knows."""
    if one.resent is None:
        return "not known"
    parts = {"create": one.resent.create, "update": one.resent.update, "delete": one.resent.delete}
    named = [f"{number:,} to {name}" for name, number in parts.items() if number]
    inside = f" ({', '.join(named)})" if named else ""
    return f"{counted(one.resent.records, 'record')}{inside}"


def comparison_lines(comparison: ManifestComparison) -> list[Text]:
    """The comparison for a terminal."""
    lines = [Text(f"{heading(comparison)}:", style="bold")]
    for one in comparison.destinations:
        head = Text.assemble("  ", (one.destination, "bold"), " ", (one.change, CHANGES[one.change]))
        lines.append(head.append(f"; alone it would resend {resent(one)}"))
        rows: list[list[str | Text]] = [
            [Text(f"    {aspect(each)}", style="dim"), subject(each), sides(each)] for each in one.differences
        ]
        lines += aligned(rows) if rows else []
        lines += [Text(f"    note: {note}") for note in one.notes]
    lines += [Text(f"  of that manifest: {problem}", style="yellow") for problem in comparison.problems]
    return [*lines, Text(f"  {summary(comparison)}"), Text()]
