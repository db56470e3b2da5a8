"""A plan as Markdown that fits a comment on GitHub, whatever the number of destinations.

A comment holds 65,536 characters (what GitHub's API answers to a longer one, `body is too long (maximum is
65536 characters)`, read 2026-11-22): what does not fit is left out, whole tables first, and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from roo_dbt.errors import printable
from roo_dbt.records import DestinationDifference, DestinationPlan, ManifestComparison, PlanReport, Sample
from roo_dbt.report import branches
from roo_dbt.report.planned import FATES, is_blocked, to_send, verdict
from roo_dbt.report.wording import counted, duration, model_name, sending_time

LIMIT = 65_000
"""Characters (UTF-16 units, to be on the safe side) of the whole text; GitHub takes 65,536."""
MARK = "<!-- roo-dbt plan -->"
"""The first line, by which a job finds the comment that it wrote before."""
_ROOM_FOR_THE_END = 400
_SHARES = {"overview": 0.45, "branch": 0.3}
"""The most that the tables of all destinations take of the text; details get the rest."""
_CELL = 90
_FIELDS = 15
_SAMPLE_FIELDS = 6


def plan_markdown(report: PlanReport) -> str:
    """The plan with tables, samples folded away, at most `LIMIT` characters long."""
    page = _Page()
    page.add(_head(report))
    left_out = page.table(_overview_head(), map(_overview_row, report.plans), share=_SHARES["overview"])
    if left_out:
        page.add(f"\n… and {counted(left_out, 'more destination')} that this comment has no room for.\n")
    if report.comparison is not None:
        _branch(page, report.comparison)
    told = [plan for plan in report.plans if _has_details(plan)]
    dropped = sum(not page.add(_details(plan)) for plan in told)
    if dropped:
        said = f"the details of {counted(dropped, 'destination')} are"
        page.end(f"\n_Cut to fit a comment: {said} left out; `roo_plan.json` has them all._\n")
    return page.text


@dataclass
class _Page:
    """Text that grows only as far as there is room, some of it kept for the sentence at the end."""

    text: str = ""
    size: int = 0
    full: bool = field(default=False)

    def add(self, block: str) -> bool:
        """Append the block if it fits; False if not. After one that does not, a smaller one may."""
        size = _size(block)
        if self.size + size > LIMIT - _ROOM_FOR_THE_END:
            return False
        self.text += block
        self.size += size
        return True

    def end(self, sentence: str) -> None:
        """Append what there is always room for."""
        self.text += sentence

    def table(self, head: str, rows: Iterator[str], *, share: float) -> int:
        """Append a table with as many rows as its share allows; how many were left out."""
        room = int(share * LIMIT)
        kept, left_out = head, 0
        used = _size(head)
        for row in rows:
            used += _size(row)
            if used > room:
                left_out += 1
            else:
                kept += row
        self.add(kept)
        return left_out


def _size(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _head(report: PlanReport) -> str:
    target = report.invocation.target_name
    facts = [
        f"target {_code(target)}" if target else "",
        counted(len(report.plans), "destination"),
        f"planned in {duration(report.elapsed_time)}",
        f"roo-dbt {report.invocation.roo_dbt_version}",
    ]
    lines = [
        MARK,
        f"### roo-dbt plan: {verdict(report).rstrip('.')}",
        "",
        " · ".join(filter(None, facts)),
        "",
    ]
    if is_blocked(report):
        lines += ["> [!WARNING]"]
        blocked = [plan for plan in report.plans if plan.status == "blocked" or plan.blocked_by]
        for plan in blocked[:10]:
            why = " Also: ".join(plan.blocked_by) or plan.message or ""
            lines.append(f"> {_code(plan.destination)} would be blocked: {_sentence(why, 400)}  ")
        if len(blocked) > 10:
            lines.append(f"> … and {counted(len(blocked) - 10, 'more destination')}.")
        lines.append("")
    return "\n".join(lines) + "\n"


def _overview_head() -> str:
    numbers = (
        "create",
        "update",
        "delete",
        "unchanged",
        "held or skipped",
        "requests",
        "time",
        "data points",
    )
    return f"| destination | {' | '.join(numbers)} |\n|---{'|--:' * len(numbers)}|\n"


def _overview_row(plan: DestinationPlan) -> str:
    counts = plan.counts
    if plan.status == "skipped":
        return f"| {_code(plan.destination)} | skipped: {_sentence(plan.message or '', 60)} | | | | | | | |\n"
    numbers = [counts.create, counts.update, counts.delete, counts.unchanged, counts.skip + counts.held]
    cells = [f"**{n:,}**" if n and i < 3 else f"{n:,}" for i, n in enumerate(numbers)]
    time = sending_time(plan.seconds) if plan.requests else "–"
    points = "–" if plan.data_points is None else f"{plan.data_points:,}"
    name = f"{'⛔ ' if plan.status == 'blocked' or plan.blocked_by else ''}{_code(plan.destination)}"
    return f"| {' | '.join([name, *cells, f'{plan.requests:,}', time, points])} |\n"


def _branch(page: _Page, comparison: ManifestComparison) -> None:
    page.add(f"\n#### What this branch changes\n\n{_sentence(branches.heading(comparison), 300)}. ")
    page.add(f"{_sentence(branches.summary(comparison), 300)}\n\n")
    rows = (
        f"| {_code(one.destination)} | {label} | {_code(name) if name else ''} | {said} | {resent} |\n"
        for one in comparison.destinations
        for label, name, said, resent in _branch_rows(one)
    )
    if comparison.destinations:
        head = "| destination | change | of | from → to | alone would resend |\n|---|---|---|---|---|\n"
        left_out = page.table(head, rows, share=_SHARES["branch"])
        if left_out:
            page.add(f"\n… and {counted(left_out, 'more line')} that this comment has no room for.\n")
    if comparison.problems:
        words = counted(len(comparison.problems), "problem")
        page.add(f"\nThe other manifest's declarations have {words}, the first: ")
        page.add(f"{_sentence(str(comparison.problems[0]), 300)}\n")


def _branch_rows(one: DestinationDifference) -> Iterator[tuple[str, str, str, str]]:
    """A line with what is resent, then one per difference; a single difference shares the line."""
    resent = branches.resent(one)
    notes = " ".join(f"{note}." for note in one.notes)
    lines = [(branches.aspect(d), branches.subject(d), _code(branches.sides(d))) for d in one.differences]
    if len(lines) == 1 and not notes:
        yield (*lines[0], resent)
        return
    yield f"**{one.change}**", "", _sentence(notes, 300), resent
    yield from ((*line, "") for line in lines)


def _has_details(plan: DestinationPlan) -> bool:
    return bool(to_send(plan) or plan.reasons or plan.notes)


def _details(plan: DestinationPlan) -> str:
    changes = counted(to_send(plan), "change")
    model = model_name(plan.unique_id)
    way = f"{_html(model)} → {_html(plan.app)} {_html(plan.object)}"
    title = f"<b>{_html(plan.destination)}</b>: {changes} · {way}"
    parts = [f"\n<details><summary>{title}</summary>\n"]
    if plan.fields:
        parts.append(_table(("field", "records that change it"), _field_rows(plan)))
    if plan.reasons:
        rows = [
            (
                f"{FATES[r.outcome]}",
                _code(r.code) if r.code else "",
                f"{r.records:,}",
                _sentence(r.message, 200),
            )
            for r in plan.reasons
        ]
        parts.append(_table(("not accepted", "code", "records", "why"), rows))
    if plan.samples:
        samples = [row for sample in plan.samples for row in _sample_rows(sample)]
        parts.append(_table(("sample", "key", "field", "old", "new"), samples))
    parts += [f"{_sentence(note, 300)}\n" for note in plan.notes]
    return "\n".join([*parts, "</details>\n"])


def _field_rows(plan: DestinationPlan) -> list[tuple[str, ...]]:
    ordered = sorted(plan.fields.items(), key=lambda item: (-item[1], item[0]))
    rows: list[tuple[str, ...]] = [(_code(name), f"{number:,}") for name, number in ordered[:_FIELDS]]
    if len(ordered) > _FIELDS:
        rows.append((f"… and {counted(len(ordered) - _FIELDS, 'more field')}", ""))
    return rows


def _sample_rows(sample: Sample) -> list[tuple[str, ...]]:
    names = list(dict.fromkeys([*sample.old, *sample.new]))
    rows: list[tuple[str, ...]] = []
    for index, name in enumerate(names[:_SAMPLE_FIELDS]):
        first = (sample.operation, _code(sample.key)) if index == 0 else ("", "")
        old, new = (_code(shown(side[name])) if name in side else "" for side in (sample.old, sample.new))
        rows.append((*first, _code(name), old, new))
    if not names:
        rows.append((sample.operation, _code(sample.key), "", "", ""))
    if len(names) > _SAMPLE_FIELDS:
        rows.append(("", "", f"… and {counted(len(names) - _SAMPLE_FIELDS, 'more field')}", "", ""))
    return rows


def shown(value: object) -> str:
    """A value of a sample as people read it; null is said as such."""
    if value is None:
        return "null"
    return value if isinstance(value, str) else repr(value)


def _table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (names, *rows)]
    return "\n".join([lines[0], "|---" * len(names) + "|", *lines[1:], ""])


def _code(text: str, limit: int = _CELL) -> str:
    """Text in a code span, where nothing has a meaning and nobody is mentioned."""
    plain = _printable(text, limit).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", plain)), default=0) + 1)
    pad = " " if plain.startswith("`") or plain.endswith("`") or not plain.strip() else ""
    return f"{fence}{pad}{plain or ' '}{pad}{fence}"


def _sentence(text: str, limit: int) -> str:
    """A sentence without Markdown, tags or mentions of its own; code spans stay code spans."""
    plain = _printable(text, limit)
    spoken = re.sub(r"([\\*_\[\]#~|])", r"\\\1", _html(plain))
    return spoken.replace("@", "@\N{ZERO WIDTH SPACE}")


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _printable(text: str, limit: int) -> str:
    line = printable(text)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
