"""The changes of one destination, frozen into a numbered table: the model may be rebuilt meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from roo_dbt.diff.candidates import CANDIDATES, candidates
from roo_dbt.diff.claims import mark_claims
from roo_dbt.diff.comparison import Comparison
from roo_dbt.diff.handovers import mark_handovers
from roo_dbt.diff.keys import check_unique, count_remembered, count_rows
from roo_dbt.diff.suspects import SUSPECTS, find_suspects
from roo_dbt.diff.verdicts import TEMPORARY, find_duplicates, numbered
from roo_dbt.diff.withheld import count_withheld
from roo_dbt.records import group_field
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.forms import NEW, OLD

_DRAFT = "roo_draft"
"""Temporary table of the changes until it is sure whose they are."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """What the diff found.

    `rows` are the model's records, `active` those of the snapshot that had not left. The changes to
    make are numbered 1 … `total`; `found` is how many there were before `--limit`. `removals` are
    records that left, whatever the mode does with them. `cleared` counts, for each field dropped
    from the mapping, the records that still have it at the vendor; `leavers`, for each group, the users
    who leave it and stay. `withheld` rows, which are among the held ones, are listed by failed dbt tests.
    """

    rows: int
    active: int
    total: int
    found: int
    held: int
    creates: int
    updates: int
    deletes: int
    skips: int
    removals: int
    unchanged: int
    cleared: Mapping[str, int] = field(default_factory=dict)
    leavers: Mapping[str, int] = field(default_factory=dict)
    withheld: int = 0


def freeze(session: Session, comparison: Comparison, still_ours: Callable[[], None] | None = None) -> Frozen:
    """Write the changes table of one destination and count it.

    Args:
        session: temporary tables of `plan` live as long as it does.
        comparison: what is compared with what.
        still_ours: raises when another run may have changes of its own in the table by now; what it
            writes is in one transaction with the table. None where nobody else can write meanwhile.

    Raises:
        Blocked: null or duplicate keys; nothing is written then.
    """
    dialect = comparison.dialect
    with session.steady(comparison.destination.model.relation.quoted):
        rows = count_rows(session, comparison)
        withheld = count_withheld(session, comparison)
        contested = find_duplicates(session, comparison)
        suspects = find_suspects(session, comparison, rows, contested=contested)
        select = candidates(comparison, contested=contested, suspects=suspects)
        session.run_all(dialect.create_temporary(CANDIDATES, select))
        if suspects:
            session.run(dialect.drop_temporary(SUSPECTS))
        # Most later syncs find nothing, and every statement costs a trip to the warehouse.
        if comparison.snapshot is None or session.one(
            f"SELECT count(*) FROM {dialect.temporary(CANDIDATES)}"
        ):
            mark_claims(session, comparison)
            mark_handovers(session, comparison)
        remembered = count_remembered(session, comparison)
        check_unique(session, comparison, rows, remembered)
        changes = numbered(session, comparison, contested=contested)
        if comparison.temporary:
            made = dialect.create_temporary(comparison.temporary_changes, changes, numbered=True)
        elif still_ours is not None:
            made = dialect.create_temporary(_DRAFT, changes)
        else:
            made = dialect.create_table(comparison.changes, changes, numbered=True)
        session.run_all(made)
    if still_ours is not None:
        _publish(session, comparison, still_ours)
    session.run_all(dialect.drop_temporary(name) for name in TEMPORARY)
    found = _count(session, comparison, rows, active=_active(session, comparison, remembered[1]))
    return replace(found, rows=rows + withheld, held=found.held + withheld, withheld=withheld)


def _publish(session: Session, comparison: Comparison, still_ours: Callable[[], None]) -> None:
    """Replace the changes table, apart from the diff, which would see the lock as it was at its beginning."""
    draft = comparison.dialect.temporary(_DRAFT)
    with session.transaction():
        still_ours()
        session.run_all(
            comparison.dialect.create_table(comparison.changes, f"SELECT * FROM {draft}", numbered=True)
        )


def _active(session: Session, comparison: Comparison, offered: int) -> int:
    """The records of the snapshot that had not left, held back or not."""
    if comparison.snapshot is None or comparison.withheld is None:
        return offered
    return int(session.one(f"SELECT count(*) FROM {comparison.snapshot[0]} WHERE NOT roo_departed"))


def _count(session: Session, comparison: Comparison, rows: int, *, active: int) -> Frozen:
    quote, count = comparison.dialect.quote, comparison.dialect.count
    gone = [f for f in comparison.fields if f.is_gone]
    cleared = [
        count(f"roo_operation = 'update' AND NOT roo_held AND {quote(OLD + f.name)} IS NOT NULL")
        for f in gone
    ]
    looked_at = [
        count("roo_operation IN ('create', 'update')"),
        count(
            "roo_operation IN ('delete', 'depart') AND NOT roo_held AND coalesce(roo_code, 'mode') = 'mode'"
        ),
    ]
    found, held, touched, removals, *drops = session.run(
        f"SELECT {', '.join([count('NOT roo_held'), count('roo_held'), *looked_at, *cleared])} "
        f"FROM {comparison.changes}"
    )[0]
    total = found if comparison.limit is None else min(found, comparison.limit)
    counts = [count("roo_status = 'skipped'")] + [
        count(f"roo_operation IN ({names}) AND coalesce(roo_status, '') <> 'skipped'")
        for names in ("'create'", "'update', 'depart'", "'delete'")
    ]
    skips, *operations = session.run(
        f"SELECT {', '.join(counts)} FROM {comparison.changes} WHERE roo_seq <= {total}"
    )[0]
    creates, updates, deletes = operations
    return Frozen(
        rows=rows,
        active=active,
        total=total,
        found=found,
        held=held,
        creates=creates,
        updates=updates,
        deletes=deletes,
        skips=skips,
        removals=removals,
        unchanged=rows - touched,
        cleared={f.field: number for f, number in zip(gone, drops, strict=True) if number},
        leavers=_leavers(session, comparison),
    )


def _leavers(session: Session, comparison: Comparison) -> dict[str, int]:
    """How many users leave each group, of those who are not removed altogether."""
    quote, found = comparison.dialect.quote, {}
    groups = [f for f in comparison.fields if f.is_group and f.old_type is not None and not f.is_gone]
    where = "roo_operation IN ('update', 'depart') AND NOT roo_held AND roo_status IS NULL"
    for f in groups:
        new, old = quote(NEW + f.name), quote(OLD + f.name)
        if f.type == comparison.dialect.type("boolean"):
            left = f"{where} AND {old} IS NOT NULL AND {new} IS NULL"
            found[f.field] = session.one(f"SELECT count(*) FROM {comparison.changes} WHERE {left}")
            continue
        lost = comparison.dialect.lacking(old, new)
        each = comparison.dialect.exploded(lost, comparison.changes, f"{where} AND {old} IS NOT NULL")
        rows = session.run(f"SELECT name, count(*) FROM ({each}) e GROUP BY name")
        found |= {group_field("group", name): count for name, count in rows}
    return {name: count for name, count in found.items() if count}
