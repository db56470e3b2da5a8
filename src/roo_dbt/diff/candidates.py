"""What differs: the full join of the model's rows and the snapshot, as one SELECT."""

from __future__ import annotations

from roo_dbt.diff.comparison import ComparedField, Comparison
from roo_dbt.diff.suspects import suspected
from roo_dbt.warehouse.dialect import DAY
from roo_dbt.warehouse.forms import NEW, OLD

CANDIDATES = "roo_candidates"
"""Temporary table of the records that differ, before they are numbered."""

DUPLICATES = "roo_duplicates"
"""Temporary table of the identifiers that several records share, with the lowest key, which goes."""


def candidate_table(comparison: Comparison) -> str:
    """What SQL calls the table of the candidates."""
    return comparison.dialect.temporary(CANDIDATES)


def candidates(comparison: Comparison, *, contested: bool, suspects: bool = False) -> str:
    """SQL of every record that differs, with its operation, key, new (`n_`) and old (`o_`) values.

    `contested`: some records share an identifier; those that lose it are looked at although unchanged.
    `suspects`: it is known whose records may differ, and only those are compared.
    """
    if comparison.snapshot is None:
        return _all(comparison)
    table = comparison.remembered
    if comparison.once:
        return f"{_all(comparison)} WHERE NOT EXISTS (SELECT 1 FROM {table} s WHERE {_join(comparison)})"
    keys = [_key(comparison, k.name, k.type) for k in comparison.keys]
    values = [part for f in comparison.fields for part in (_new(comparison, f), _old(comparison, f))]
    operation = (
        "CASE WHEN c.roo_present IS NOT NULL AND s.roo_departed IS NULL THEN 'create' "
        f"WHEN c.roo_present IS NOT NULL THEN 'update' {_departing(comparison)} "
        "ELSE 'delete' END AS roo_operation"
    )
    columns = (
        f"{', '.join([operation, *keys, *values])}, "
        "coalesce(s.roo_departed, false) AS roo_departed, coalesce(s.roo_dirty, false) AS roo_dirty, "
        f"{_whole(comparison)} AS roo_whole, {_marks(comparison)}"
    )
    due = _due(comparison, contested=contested)
    # A view is not worked out twice.
    nobody = None if comparison.is_view else _nobody(comparison)
    offered = comparison.offered
    if suspects:
        offered, table = suspected(comparison, f"({offered})"), f"({suspected(comparison, table)})"
    return comparison.dialect.full_join(columns, offered, nobody, table, _join(comparison), due)


def _nobody(comparison: Comparison) -> str:
    """SELECT of what a record that left finds in the model: its columns, all null."""
    quote = comparison.dialect.quote
    columns = [(key.name, key.type) for key in comparison.keys]
    columns += [(f.name, f.type) for f in comparison.fields if not f.is_gone]
    columns.append(("roo_present", comparison.dialect.type("boolean")))
    return f"SELECT {', '.join(f'CAST(NULL AS {type_}) AS {quote(name)}' for name, type_ in columns)}"


def _whole(comparison: Comparison) -> str:
    """Whether all of a record goes: marked so, or back, and its user may have been deleted meanwhile."""
    if not comparison.is_shared:
        return "coalesce(s.roo_whole, false)"
    return "coalesce(s.roo_whole OR (s.roo_departed AND c.roo_present IS NOT NULL), false)"


def _departing(comparison: Comparison) -> str:
    """A record that left, whose user stays: it has groups to leave."""
    if not comparison.departs:
        return ""
    groups = [f for f in comparison.fields if f.is_group and f.old_type is not None]
    member = " OR ".join(f"s.{comparison.dialect.quote(f.name)} IS NOT NULL" for f in groups)
    return f"WHEN {member} THEN 'depart'" if member else ""


def _all(comparison: Comparison) -> str:
    """Every record of the model as new."""
    quote = comparison.dialect.quote
    keys = [f"c.{quote(k.name)}" for k in comparison.keys]
    values = [part for f in comparison.fields for part in (_new(comparison, f), _old(comparison, f))]
    return (
        f"SELECT {', '.join([_CREATE, *keys, *values])}, false AS roo_departed, false AS roo_dirty, "
        f"false AS roo_whole, {_marks(comparison)} FROM ({comparison.offered}) c"
    )


_CREATE = "'create' AS roo_operation"


def _marks(comparison: Comparison) -> str:
    """What `handovers` and `claims` find out of identifiers that change hands."""
    text = comparison.dialect.type("text")
    return (
        "false AS roo_shared, false AS roo_deserted, false AS roo_vacated, false AS roo_moved, "
        "false AS roo_claims, "
        f"CAST(NULL AS {text}) AS roo_inherited, CAST(NULL AS {text}) AS roo_successors"
    )


def _key(comparison: Comparison, name: str, type_: str) -> str:
    column, text = comparison.dialect.quote(name), comparison.dialect.text
    if comparison.same_key_types:
        return f"CAST(coalesce(c.{column}, s.{column}) AS {type_}) AS {column}"
    # The key changed its type: both sides are compared, and kept, as text.
    return f"coalesce({text(f'c.{column}')}, {text(f's.{column}')}) AS {column}"


def _join(comparison: Comparison) -> str:
    quote, text = comparison.dialect.quote, comparison.dialect.text
    pairs = [(f"c.{quote(k.name)}", f"s.{quote(k.name)}") for k in comparison.keys]
    if comparison.same_key_types:
        return " AND ".join(f"{new} = {old}" for new, old in pairs)
    return " AND ".join(f"{text(new)} = {text(old)}" for new, old in pairs)


def _value(comparison: Comparison, f: ComparedField) -> str:
    """The new value: a null under `nulls: ignore` means what the snapshot has."""
    column = comparison.dialect.quote(f.name)
    value = f"CAST(NULL AS {f.type})" if f.is_gone else f"c.{column}"
    if f.old_type is None:
        return value
    before = f.kept(comparison.dialect, f"s.{column}")
    if comparison.clears:
        # A user who is cleared keeps its identifier, and nothing else whatever its nulls mean.
        left = before if f.field in comparison.destination.identifier else f"CAST(NULL AS {f.type})"
        here = f"coalesce({value}, {before})" if f.ignores_nulls else value
        return f"CASE WHEN c.roo_present IS NULL THEN {left} ELSE {here} END"
    if f.ignores_nulls:
        return f"coalesce({value}, {before})"
    if comparison.departs and not f.is_group:
        # A departing user keeps everything but its groups.
        return f"CASE WHEN c.roo_present IS NULL THEN {before} ELSE {value} END"
    return value


def _new(comparison: Comparison, f: ComparedField) -> str:
    return f"{_value(comparison, f)} AS {comparison.dialect.quote(NEW + f.name)}"


def _old(comparison: Comparison, f: ComparedField) -> str:
    column = comparison.dialect.quote(f.name)
    value = f"s.{column}" if f.old_type is not None else f"CAST(NULL AS {f.type})"
    return f"{value} AS {comparison.dialect.quote(OLD + f.name)}"


def _due(comparison: Comparison, *, contested: bool) -> str:
    gone = "c.roo_present IS NULL"
    if comparison.destination.sync_mode != "sync":
        gone = f"({gone} AND NOT s.roo_departed)"
    elif comparison.clears:
        gone = f"({gone} AND NOT {comparison.is_cleared('s')})"
    dialect = comparison.dialect
    differs = [
        f.differs(dialect, _value(comparison, f), f"s.{dialect.quote(f.name)}") for f in comparison.fields
    ]
    changed = ["s.roo_departed", "s.roo_dirty", "s.roo_whole", *differs]
    if comparison.full_refresh:
        changed = ["true"]
    if contested:
        shared = dialect.temporary(DUPLICATES)
        changed.append(
            f"EXISTS (SELECT 1 FROM {shared} d WHERE d.identifier = {comparison.identifier('c')} "
            f"AND d.roo_key <> {comparison.key_text('c')})"
        )
    if comparison.resend_after_days is not None:
        changed.append(f"s.roo_synced_at < {dialect.ago(comparison.resend_after_days * DAY)}")
    return f"s.roo_departed IS NULL OR {gone} OR (c.roo_present AND ({' OR '.join(changed)}))"
