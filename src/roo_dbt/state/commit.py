"""Confirmed changes become the snapshot, in one transaction.

The state tables alone describe the work, so the next run finishes an interrupted one with the same function.
A snapshot that keeps its columns is edited in place; one that gains, loses or retypes a field is rebuilt and
swapped. Where a transaction does not cover all that (`Dialect.replays`), every statement may be the last one:
all can be told again, until one UPDATE of `roo_destinations` says that it is done; the swap comes after it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from roo_dbt.state.identifiers import remember_former
from roo_dbt.state.lock import heartbeat, lost_lock
from roo_dbt.state.refusals import keep_unaccepted
from roo_dbt.state.remains import keep_remains, read_traces, renamed
from roo_dbt.state.retyped import kept, unfaithful, unsure
from roo_dbt.state.snapshots import Known, Preview, known, move
from roo_dbt.state.swap import rebuilt, snapshot_table, swap
from roo_dbt.warehouse import Dialect, FieldColumn, KeyColumn, Layout, Session, Shape
from roo_dbt.warehouse.forms import NEW, known_operation

_ANSWERED = "roo_answered"
_TRACES = "'written', 'renamed', 'lost'"
_UNSETTLED = f"'sending', 'leaving', {_TRACES}"
"""What is acknowledged of changes before they have an outcome."""
_LEAVING = ", 'leaving'"


@dataclass(frozen=True, slots=True)
class _Work:
    session: Session
    dialect: Dialect
    layout: Layout
    name: str
    run_id: str
    new: Shape
    old: Shape | None

    @property
    def changes(self) -> str:
        return self.layout.changes(self.name)

    @property
    def kept(self) -> Shape:
        """What the snapshot will keep of the changes."""
        return self.new.kept

    @property
    def answered(self) -> str:
        """The table of outcomes, one row each."""
        return self.dialect.temporary(_ANSWERED)

    def accepted(self, columns: str, condition: str = "true") -> str:
        """SELECT of the accepted changes."""
        return (
            f"SELECT {columns} FROM {self.changes} c JOIN {self.answered} a ON a.roo_seq = c.roo_seq "
            f"WHERE a.status = 'accepted' AND {condition}"
        )


def recover(session: Session, dialect: Dialect, layout: Layout, name: str, owner: str) -> bool:
    """Fold in what an interrupted run had confirmed. Returns whether there was such a run.

    Raises:
        WarehouseLost: the run `owner` does not have the lock any more; nothing is changed.
    """
    row = known(session, layout).get(name)
    if row is not None and row.is_unswapped:
        swap(session, dialect, layout, name, owner)
    is_pending = row is not None and row.pending_run is not None
    if is_pending:
        commit(session, dialect, layout, name, owner, crashed=True)
    # Whoever else says so is dead, or asleep: the lock is the owner's.
    session.run(
        f"UPDATE {layout.runs} SET status = 'error', finished_at = {dialect.now()}, "
        "message = 'interrupted; what it had confirmed was folded in by the next run' "
        "WHERE destination = ? AND run_id <> ? AND status = 'running'",
        [name, owner],
    )
    return is_pending


def commit(
    session: Session, dialect: Dialect, layout: Layout, name: str, owner: str, *, crashed: bool = False
) -> None:
    """Apply what was acknowledged to the snapshot, keep the failures, drop the frozen changes.

    `owner`: the run that has the lock. `crashed`: nobody knows whether what was marked `sending` or
    `leaving` has left; the one becomes `unknown`, the other is kept like a lost answer. In an orderly end
    it did not leave, and stays due.

    Raises:
        WarehouseLost: the owner does not have the lock any more; nothing is changed.
    """
    with session.transaction(), session.turn(layout.changes(name)):
        _fold_in(session, dialect, layout, name, owner, crashed=crashed)
        # Last: from here to the end nobody can take the lock, and a large snapshot takes its time.
        heartbeat(session, layout, name, owner)


def _fold_in(
    session: Session, dialect: Dialect, layout: Layout, name: str, owner: str, *, crashed: bool
) -> None:
    # Read only now: whoever had the turn before us may have done it already.
    before = known(session, layout)[name]
    if dialect.replays:
        # Nothing would undo what a run writes that slept while another one took over.
        heartbeat(session, layout, name, owner)
    if before.pending_run is None or before.pending_shape is None:
        return
    work = _Work(session, dialect, layout, name, before.pending_run, before.pending_shape, before.shape)
    work, row, answered, traced = _read(work, before, crashed=crashed)
    if row.elsewhere is not None and row.shape is not None:
        # Nothing arrived elsewhere, so what was sent before is still all that was sent.
        _record_outcomes(work)
        _keep_unaccepted(work, layout.unaccepted)
        _close(work, row.shape, is_swapped=True)
        return
    if before.elsewhere is not None:
        move(session, layout, row)
    shape, table = _apply(work, row, answered)
    if traced:
        _keep_remains(work, row, table, shape)
        remember_former(session, dialect, layout, row, work.new, renamed(dialect, work.changes))
    if answered:
        _record_outcomes(work)
        remember_former(session, dialect, layout, row, work.new, work.accepted)
    _keep_unaccepted(work, layout.unaccepted)
    _close(work, shape, is_swapped=table == layout.snapshot(name))
    if table != layout.snapshot(name):
        swap(session, dialect, layout, name, owner)


def preview(session: Session, dialect: Dialect, layout: Layout, row: Known) -> Preview:
    """What `recover` would make of an interrupted run, in temporary tables of this session."""
    untouched = Preview(snapshot_table(layout, row), layout.unaccepted, row)
    if row.pending_run is None or row.pending_shape is None:
        return untouched
    work = _Work(session, dialect, layout, row.destination, row.pending_run, row.pending_shape, row.shape)
    work, row, _, traced = _read(work, row, crashed=True)
    if row.elsewhere is not None:
        return untouched
    names = f"roo_preview__{row.destination}", f"roo_refused__{row.destination}"
    snapshot, refusals = (dialect.temporary(name) for name in names)
    shape, select = _rebuilt(work)
    session.run_all(dialect.create_temporary(names[0], select))
    _mark_unaccepted(work, snapshot, shape.key)
    if traced:
        _keep_remains(work, row, snapshot, shape)
    # What an old place refused is no matter of the new one.
    of_here = "false" if untouched.known.elsewhere else f"destination = {dialect.literal(row.destination)}"
    mine = f"SELECT * FROM {layout.unaccepted} WHERE {of_here}"
    session.run_all(dialect.create_temporary(names[1], mine))
    _keep_unaccepted(work, refusals)
    return Preview(snapshot, refusals, replace(row, shape=shape))


def _read(work: _Work, row: Known, *, crashed: bool) -> tuple[_Work, Known, int, int]:
    """What there is to do for a run, what is known then, and how many outcomes and traces there are.

    Where the run went elsewhere and something arrived there, or nothing had to, what is known is of there.
    """
    answered, traced = _read_answers(work, crashed=crashed)
    if row.elsewhere is not None and (traced or _has_arrived(work)):
        row = row.elsewhere.of(row)
        work = replace(work, old=None)
    return work, row, answered, traced


def _has_arrived(work: _Work) -> bool:
    """Whether anything of a run is at the vendor, or may be; also when there was nothing to send."""
    arrived = f"SELECT count(*) FROM {work.answered} WHERE status IN ('accepted', 'unknown')"
    return bool(work.session.one(arrived)) or not work.session.one(f"SELECT count(*) FROM {work.changes}")


def _read_answers(work: _Work, *, crashed: bool) -> tuple[int, int]:
    """Spread the acknowledged ranges into temporary tables; how many outcomes and traces there are."""
    dialect, literal = work.dialect, work.dialect.literal
    mine = f"destination = {literal(work.name)} AND run_id = {literal(work.run_id)}"

    def spread(condition: str) -> str:
        columns, source = "status, code, message, permanent", work.layout.acknowledged
        return dialect.spread(columns, source, work.changes, f"{mine} AND {condition}")

    # What was written before its confirmation got lost was written a second time.
    settled = f"SELECT DISTINCT * FROM ({spread(f'status NOT IN ({_UNSETTLED})')}) x"
    work.session.run_all(dialect.create_temporary(_ANSWERED, settled))
    if crashed:
        lost = "x.roo_seq, 'unknown', 'ambiguous', 'the run ended before the vendor answered', true"
        sending = spread("status = 'sending'")
        work.session.run(
            f"INSERT INTO {work.answered} SELECT DISTINCT {lost} FROM ({sending}) x "
            f"WHERE NOT EXISTS (SELECT 1 FROM {work.answered} a WHERE a.roo_seq = x.roo_seq)"
        )
    answered = int(work.session.one(f"SELECT count(*) FROM {work.answered}"))
    halfway = f"status IN ({_TRACES}{_LEAVING if crashed else ''})"
    noted = f"SELECT count(*) FROM {work.layout.acknowledged} WHERE {mine} AND {halfway}"
    if work.new.once or not work.session.one(noted):
        return answered, 0
    return answered, read_traces(work.session, dialect, spread(halfway), work.answered, work.changes)


def _keep_remains(work: _Work, row: Known, table: str, shape: Shape) -> None:
    keep_remains(
        work.session,
        work.dialect,
        changes=work.changes,
        new=work.new,
        snapshot=(table, shape),
        identifier=row.identifier,
    )


def _apply(work: _Work, row: Known, answered: int) -> tuple[Shape, str]:
    """The columns of the snapshot now, and the table that has them."""
    snapshot = work.layout.snapshot(work.name)
    if row.shape == work.kept and not (answered and any(f.dropped for f in work.new.fields)):
        if answered:
            _edit(work)
            _mark_unaccepted(work, snapshot, work.new.key)
        return work.kept, snapshot
    return _rebuild(work)


def _edit(work: _Work) -> None:
    quote = work.dialect.quote
    snapshot = work.layout.snapshot(work.name)
    keys = ", ".join(f"c.{quote(k.name)}" for k in work.new.key)
    target, old = work.dialect.deleted(snapshot, "s")
    same = " AND ".join(f"x.{quote(k.name)} = {old}.{quote(k.name)}" for k in work.new.key)
    work.session.run(
        f"DELETE FROM {target} WHERE EXISTS (SELECT 1 FROM ({work.accepted(keys)}) x WHERE {same})"
    )
    names = [*(k.name for k in work.new.key), *(f.name for f in work.kept.fields)]
    columns = ", ".join([*map(quote, names), *_MARKS])
    marks = f"{_LEFT}, {unsure(work.dialect, work.old, work.kept.fields)}, false, {work.dialect.now()}"
    values = ", ".join([keys, *(f"c.{quote(NEW + f.name)}" for f in work.kept.fields), marks])
    work.session.run(f"INSERT INTO {snapshot} ({columns}) {work.accepted(values, _stays(work))}")


_MARKS = ("roo_departed", "roo_dirty", "roo_whole", "roo_synced_at")
_LEFT = "c.roo_operation IN ('depart', 'delete')"


def _stays(work: _Work) -> str:
    """Which accepted changes leave a row: all where users are cleared and not deleted."""
    return "true" if work.new.clears else "c.roo_operation <> 'delete'"


def _mark_unaccepted(work: _Work, snapshot: str, keys: tuple[KeyColumn, ...]) -> None:
    """Mark what was not accepted and yet has consequences.

    Records that left and could not be removed stay as departed. A record whose user now belongs to
    another one is due, whole, as soon as it gets it back.
    """
    quote, text = work.dialect.quote, work.dialect.text
    # Of a key that changed its type the changes have the text.
    before = work.old.key if work.old else work.new.key
    kept = [k.type == n.type == o.type for k, n, o in zip(keys, work.new.key, before, strict=True)]
    same = " AND ".join(
        f"c.{quote(k.name)} = s.{quote(k.name)}"
        if all(kept)
        else f"{text(f'c.{quote(k.name)}')} = {text(f's.{quote(k.name)}')}"
        for k in keys
    )
    left = "a.status = 'skipped' AND c.roo_operation IN ('delete', 'depart')"
    lost = "a.code = 'duplicate_identifier' AND c.roo_operation = 'update'"
    for mark, condition in (("roo_departed", left), ("roo_dirty", lost)):
        found = (
            f"EXISTS (SELECT 1 FROM {work.changes} c "
            f"JOIN {work.answered} a ON a.roo_seq = c.roo_seq WHERE {condition} AND {same})"
        )
        work.session.run(work.dialect.update(snapshot, "s", {mark: "true"}, found))


def _rebuild(work: _Work) -> tuple[Shape, str]:
    snapshot = work.layout.snapshot(work.name)
    fresh = rebuilt(work.layout, work.name)
    shape, select = _rebuilt(work)
    work.session.run_all(work.dialect.create_table(fresh, select))
    _mark_unaccepted(work, fresh, shape.key)
    if work.dialect.replays:
        return shape, fresh
    work.session.run(f"DROP TABLE IF EXISTS {snapshot}")
    work.session.run(work.dialect.rename(fresh, f"snapshot__{work.name}"))
    return shape, snapshot


def _rebuilt(work: _Work) -> tuple[Shape, str]:
    """SELECT of what the snapshot will hold, but for the marks of records that left; and its columns."""
    quote = work.dialect.quote
    snapshot = work.layout.snapshot(work.name)
    keys = _key_columns(work)
    fields = [f for f in work.kept.fields if not f.dropped or _still_filled(work, f)]
    selected = ", ".join(
        [
            *(f"CAST(c.{quote(k.name)} AS {k.type}) AS {quote(k.name)}" for k in keys),
            *(f"c.{quote(NEW + f.name)} AS {quote(f.name)}" for f in fields),
            f"{_LEFT} AS roo_departed, {unsure(work.dialect, work.old, fields)} AS roo_dirty",
            f"false AS roo_whole, {work.dialect.now()} AS roo_synced_at",
        ]
    )
    sources = [work.accepted(selected, _stays(work))]
    if work.old is not None:
        unchanged = ", ".join(
            [
                *(f"CAST(s.{quote(k.name)} AS {k.type}) AS {quote(k.name)}" for k in keys),
                *(f"{kept(work.dialect, work.old, f)} AS {quote(f.name)}" for f in fields),
                f"s.roo_departed, (s.roo_dirty OR {unfaithful(work.dialect, work.old, fields)}) AS roo_dirty",
                "s.roo_whole, s.roo_synced_at",
            ]
        )
        sources.insert(0, f"SELECT {unchanged} FROM {snapshot} s WHERE NOT {_is_accepted(work)}")
    return Shape(keys, tuple(fields), once=work.new.once), " UNION ALL ".join(sources)


def _key_columns(work: _Work) -> tuple[KeyColumn, ...]:
    """The model's key types; text where the snapshot has keys that do not fit a new type."""
    if work.old is None:
        return work.new.key
    snapshot, quote = work.layout.snapshot(work.name), work.dialect.quote
    columns = []
    for key, old in zip(work.new.key, work.old.key, strict=True):
        misfits = 0
        if key.type != old.type:
            # Keys of two types are compared as text, so two keys must not become one: '01' is not 1.
            cast = work.dialect.try_cast(quote(key.name), key.type, old=old.type)
            text = work.dialect.text
            same = work.dialect.same(text(cast), text(quote(key.name)))
            misfits = work.session.one(f"SELECT count(*) FROM {snapshot} WHERE NOT {same}")
        columns.append(replace(key, type=work.dialect.type("text")) if misfits else key)
    return tuple(columns)


def _is_accepted(work: _Work, condition: str = "true") -> str:
    quote, text = work.dialect.quote, work.dialect.text
    keys = ", ".join(f"c.{quote(k.name)}" for k in work.new.key)
    same = " AND ".join(f"{text(f'x.{quote(k.name)}')} = {text(f's.{quote(k.name)}')}" for k in work.new.key)
    return f"EXISTS (SELECT 1 FROM ({work.accepted(keys, condition)}) x WHERE {same})"


def _still_filled(work: _Work, f: FieldColumn) -> bool:
    """A dropped field stays while the vendor has it in a record that was not cleared."""
    if work.old is None or work.old.field(f.field) is None:
        return False
    # A dirty row may have lost the value to a change of type, and the vendor has it all the same.
    # Who only left its groups was not cleared either.
    cleared = _is_accepted(work, "c.roo_operation <> 'depart'")
    filled = f"(s.{work.dialect.quote(f.name)} IS NOT NULL OR s.roo_dirty) AND NOT {cleared}"
    return bool(work.session.one(f"SELECT count(*) FROM {work.layout.snapshot(work.name)} s WHERE {filled}"))


def _record_outcomes(work: _Work) -> None:
    mine, unless = [work.run_id, work.name], ""
    if work.dialect.replays:
        again = f"SELECT 1 FROM {work.layout.outcomes} o WHERE o.run_id = ? AND o.destination = ?"
        mine, unless = mine * 2, f" WHERE NOT EXISTS ({again} AND o.key = c.roo_key)"
    work.session.run(
        f"INSERT INTO {work.layout.outcomes} SELECT ?, ?, c.roo_key, {known_operation('c')}, a.status, "
        f"a.code, a.message, {work.dialect.now()} "
        f"FROM {work.changes} c JOIN {work.answered} a ON a.roo_seq = c.roo_seq{unless}",
        mine,
    )


def _keep_unaccepted(work: _Work, table: str) -> None:
    keep_unaccepted(
        work.session,
        work.dialect,
        destination=work.name,
        changes=work.changes,
        answered=work.answered,
        shape=work.new,
        table=table,
    )


def _close(work: _Work, shape: Shape, *, is_swapped: bool) -> None:
    """Say that it is done, and only then forget what it would take to do it again.

    Raises:
        WarehouseLost: another run has done it, and what is there now is that one's.
    """
    done = work.session.one(
        f"UPDATE {work.layout.destinations} SET snapshot_shape = ?, pending_run = NULL, "
        f"pending_shape = ?, updated_at = {work.dialect.now()} WHERE destination = ? AND pending_run = ?",
        [shape.to_json(), None if is_swapped else shape.to_json(), work.name, work.run_id],
    )
    if not done:
        raise lost_lock(work.name)
    # Whatever runs that died at other moments have left, too: one at a time has the lock.
    work.session.run(f"DELETE FROM {work.layout.acknowledged} WHERE destination = ?", [work.name])
    work.session.run(f"DROP TABLE IF EXISTS {work.changes}")
