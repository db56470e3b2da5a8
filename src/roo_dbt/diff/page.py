"""Frozen changes, read a page at a time: the warehouse writes JSON, Python parses it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, cast, overload

import orjson

from roo_dbt.diff.comparison import Comparison
from roo_dbt.records import GROUP_MARK, NOT_FINITE, Change, Outcome, Status, group_form
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.forms import NEW, OLD, json_values


def changed_list(comparison: Comparison) -> str:
    """SQL of the names of the fields that differ, as a JSON array."""
    dialect = comparison.dialect
    cases = []
    for f in comparison.fields:
        new, old = dialect.quote(NEW + f.name), dialect.quote(OLD + f.name)
        changed = f.unless_ignored(f"({f.differs(dialect, new, old)} OR roo_dirty)", new)
        cases.append(f"CASE WHEN {changed} THEN {dialect.literal(f.field)} END")
    return dialect.json_texts(cases) if cases else "'[]'"


class Page(Sequence[Change]):
    """The changes of a page in the order of their sequence, each made when it is looked at.

    Text that waits is small, and Python's garbage collector never looks at it. Made all at once,
    the changes of a page cost a quarter more time.
    """

    def __init__(self, comparison: Comparison, rows: Sequence[tuple[Any, ...]]) -> None:
        self._comparison = comparison
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Change: ...
    @overload
    def __getitem__(self, index: slice) -> Page: ...
    def __getitem__(self, index: int | slice) -> Change | Page:
        if isinstance(index, slice):
            return Page(self._comparison, self._rows[index])
        return _change(self._comparison, self._rows[index])

    def __iter__(self) -> Iterator[Change]:
        return map(partial(_change, self._comparison), self._rows)


def read_page(session: Session, comparison: Comparison, after: int, size: int) -> Page:
    """The changes with a sequence number in `(after, after + size]`; the session may end then."""
    new = json_values(comparison.dialect, comparison.shape, NEW)
    old = json_values(comparison.dialect, comparison.old_shape, OLD)
    rows = session.run(
        f"SELECT roo_seq, roo_operation, roo_key, {new}, "
        f"CASE WHEN roo_operation <> 'create' OR roo_dirty OR roo_whole THEN {old} END, "
        f"CASE WHEN roo_operation IN ('update', 'depart') THEN {changed_list(comparison)} END, "
        "roo_returned, roo_dirty, roo_whole, roo_shared, roo_deserted, roo_vacated, roo_inherited, "
        "roo_successors, roo_status, roo_code, roo_message "
        f"FROM {comparison.changes} WHERE roo_seq > {after} AND roo_seq <= {after + size} ORDER BY roo_seq"
    )
    return Page(comparison, rows)


def _change(comparison: Comparison, row: tuple[Any, ...]) -> Change:
    seq, operation, key, new, old, changed, returned, *marks, status, code, message = row
    dirty, whole, shared, deserted, vacated, groups, gone_to = marks
    whole = whole or comparison.full_refresh
    inherited = _inherited(groups) if groups else None
    successors = tuple([name for names in _parsed(gone_to) for name in names]) if gone_to else ()
    verdict = None
    if status:
        permanent = status in ("failed", "unknown") or code == "absent"
        verdict = Outcome(cast("Status", status), code, message, permanent=permanent)
    resend = comparison.resend
    if operation == "create":
        values = _parsed(new)
        before: dict[str, Any] = {}
        present = tuple(values)
        if old is not None:
            before, present = _taken_over(comparison, values, _parsed(old), unsure=not dirty)
        elif None in values.values():
            present = tuple([name for name in present if values[name] is not None])
        return Change(
            seq,
            "create",
            key,
            before,
            values,
            present,
            whole,
            resend=resend,
            vacated=vacated,
            successors=successors,
            inherited=inherited,
            verdict=verdict,
        )
    before = _parsed(old)
    if operation == "delete":
        return _removal(comparison, seq, key, before, inherited, verdict, is_sure=not dirty)
    departs = operation == "depart"
    return Change(
        seq,
        "update",
        key,
        before,
        _parsed(new),
        tuple(orjson.loads(changed)),
        whole=whole and not departs,
        returned=returned,
        departs=departs,
        resend=resend,
        shared=shared,
        deserted=deserted,
        vacated=vacated,
        successors=successors,
        inherited=inherited,
        verdict=verdict,
    )


def _taken_over(
    comparison: Comparison, values: Mapping[str, Any], old: Mapping[str, Any], *, unsure: bool
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Old values and changed fields of a new record whose user another record had: it clears what that set.

    Of the other record only the groups count, so that the user leaves them, and is not told again that
    it is in them. `unsure`: it is the record's own user, who may be there since an answer was lost: what
    may have arrived and is null now is cleared.
    """
    before = {name: value for name, value in old.items() if value is not None and name.startswith(GROUP_MARK)}
    if unsure:
        sent = (name for name, value in values.items() if value is not None or old.get(name) is not None)
        return before, tuple(sent)
    kept = {f.field for f in comparison.fields if f.ignores_nulls and values[f.field] is None}
    kept |= {name for name, value in before.items() if values.get(name) == value}
    return before, tuple([name for name in values if name not in kept])


def _parsed(text: str) -> Any:
    """JSON read fast; slowly where a JSON column holds a number that JSON cannot say."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text, parse_constant=_marked, parse_float=_finite)


def _finite(number: str) -> float | str:
    return float(number) if math.isfinite(float(number)) else _marked(number)


def _marked(number: str) -> str:
    return NOT_FINITE + number


def _inherited(groups: str) -> dict[str, Any]:
    """The groups that other records put a user into, as one record would have them."""
    found: dict[str, Any] = {}
    for record in _parsed(groups):
        for name, value in record.items():
            if isinstance(value, list):
                found[name] = sorted({*found.get(name, ()), *value})
            elif value is not None:
                found[name] = value
    return found


def _removal(
    comparison: Comparison,
    seq: int,
    key: str,
    old: Mapping[str, Any],
    inherited: Mapping[str, Any] | None,
    verdict: Outcome | None,
    *,
    is_sure: bool,
) -> Change:
    """A record that left; where it is not sure what its user has, every field of ours is cleared."""
    destination = comparison.destination
    if not comparison.clears:
        return Change(seq, "delete", key, old, {}, (), verdict=verdict)
    had = [name for name, value in old.items() if value is not None]
    if not is_sure:
        had += [f.field for f in comparison.fields if not f.is_group and old.get(f.field) is None]
    gone = tuple([name for name in had if name not in destination.identifier])
    return Change(
        seq,
        "delete",
        key,
        old,
        dict.fromkeys(gone),
        gone,
        clears=True,
        inherited=inherited,
        verdict=verdict,
    )


def changed_fields(session: Session, comparison: Comparison, total: int) -> dict[str, int]:
    """How many of the first `total` changes touch each field.

    Creates touch what is not null, removals under `on_removal: clear` what they clear.
    """
    clears, dialect = comparison.clears, comparison.dialect
    counts = []
    for f in comparison.fields:
        new, old = dialect.quote(NEW + f.name), dialect.quote(OLD + f.name)
        whole = "true" if comparison.full_refresh else "roo_whole"
        changed = f.unless_ignored(f"({f.differs(dialect, new, old)} OR roo_dirty)", new)
        touched = f"{changed} OR ({whole} AND {new} IS NOT NULL)"
        gone = ""
        if clears and f.old_type is not None and f.field not in comparison.destination.identifier:
            had = f"{old} IS NOT NULL" if f.is_group else f"({old} IS NOT NULL OR roo_dirty)"
            gone = f" OR (roo_operation = 'delete' AND {had})"
        counts.append(
            dialect.count(
                f"(roo_operation = 'create' AND {new} IS NOT NULL) "
                f"OR (roo_operation IN ('update', 'depart') AND ({touched})){gone}"
            )
        )
    if not counts:
        return {}
    row = session.run(
        f"SELECT {', '.join(counts)} FROM {comparison.changes} "
        f"WHERE roo_status IS NULL AND NOT roo_held AND roo_seq <= {total}"
    )[0]
    return {f.field: number for f, number in zip(comparison.fields, row, strict=True) if number}


def group_names(session: Session, comparison: Comparison, total: int) -> list[str]:
    """Names of the groups that the first `total` changes join or leave, sorted."""
    quote = comparison.dialect.quote
    where = f"NOT roo_held AND roo_status IS NULL AND roo_seq <= {total}"
    if not comparison.clears:
        where += " AND roo_operation <> 'delete'"
    found = _inherited_names(session, comparison, where)
    for f in comparison.fields:
        new, old = quote(NEW + f.name), quote(OLD + f.name)
        group = group_form(f.field)
        if not f.is_group or group.kind not in ("group", "groups"):
            continue
        touched = f"({new} IS NOT NULL OR {old} IS NOT NULL)"
        if group.kind == "group":
            if session.one(f"SELECT 1 FROM {comparison.changes} WHERE {where} AND {touched} LIMIT 1"):
                found.add(group.name)
            continue
        both = comparison.dialect.joined(new, old)
        every = comparison.dialect.exploded(both, comparison.changes, f"{where} AND {touched}")
        rows = session.run(f"SELECT DISTINCT name FROM ({every}) e")
        found |= {row[0] for row in rows}
    return sorted(found)


def _inherited_names(session: Session, comparison: Comparison, where: str) -> set[str]:
    """Names of the groups that users are in by other records."""
    rows = session.run(
        f"SELECT DISTINCT roo_inherited FROM {comparison.changes} WHERE {where} AND roo_inherited IS NOT NULL"
    )
    found: set[str] = set()
    for (groups,) in rows:
        for field, value in _inherited(groups).items():
            group = group_form(field)
            if group.kind == "group":
                found.add(group.name)
            elif group.kind == "groups":
                found.update(value)
    return found
