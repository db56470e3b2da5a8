"""What a branch changes in the declarations, against another manifest, and how much that alone would resend.

The rows are the branch's own on both sides, so that nothing but the declarations differs: a snapshot as the
other declaration would have left it is made of them, in a temporary table, and compared as a sync would.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from roo_dbt.config import declare, resolve
from roo_dbt.config.differences import differences
from roo_dbt.diff import Comparison, changed_fields, freeze
from roo_dbt.errors import Blocked, Problem, UsageProblem
from roo_dbt.project import Manifest, find_state, read_manifest
from roo_dbt.records import (
    Destination,
    DestinationDifference,
    Difference,
    ManifestComparison,
    Model,
    Resent,
    without_mark,
)
from roo_dbt.run.arriving import Arrived, arrived
from roo_dbt.run.comparing import comparison_of
from roo_dbt.run.opening import Opened
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.statement import RefusedStatement

_OTHER = "roo_other_declaration"
_RESULTS = ("run_results.json", "sources.json")
_HARMLESS = frozenset({"limit"})


def read_other(opened: Opened, state: Path) -> Manifest | None:
    """The manifest in the folder of `--state`; relative to the project, else to the current folder.

    None: the folder holds only the results of an earlier run, for `result:` and `source_status:`.

    Raises:
        UsageProblem: there is nothing of dbt's.
        ProjectProblem: it is broken, or of a version that this roo-dbt does not know.
    """
    folder = find_state(state.expanduser(), opened.project.directory, Path.cwd())
    if not (folder / "manifest.json").is_file():
        if any((folder / name).is_file() for name in _RESULTS):
            return None
        raise UsageProblem(
            "--state has no manifest.json.",
            where=str(folder),
            hint="Name the folder of another manifest.json, such as production's; `dbt parse` writes one.",
        )
    return read_manifest(folder / "manifest.json")


def not_compared(given: Path) -> Problem:
    """Said when the folder of `--state` has results to select by, and no manifest."""
    message = (
        "--state has no manifest.json, so what this branch changes in the declarations is not in the plan."
    )
    return Problem("not-compared", message, file=str(given), severity="warning")


def compare_manifests(opened: Opened, session: Session, other: Manifest, given: Path) -> ManifestComparison:
    """This project's destinations against those of another manifest. Writes temporary tables only.

    The apps are those of this project: a manifest does not hold `vars: roo:`.

    Args:
        opened: the project, with its warehouse.
        session: where the rows are.
        other: the manifest to compare with.
        given: its folder as the user named it.
    """
    project = opened.project
    declared = declare(
        other.models,
        project.roo_vars,
        vars_file=project.vars_file,
        vars_path=project.vars_path,
        environ=opened.environ,
    )
    before = {destination.name: destination for destination in declared.destinations}
    unreadable = _names(other.models) - set(before)
    now = {destination.name: destination for destination in opened.declarations.destinations}
    found: list[DestinationDifference] = []
    unchanged = 0
    for resolved in opened.destinations:
        name = resolved.name
        if name in unreadable:
            found.append(_unreadable(resolved))
        elif name not in before:
            found.append(_added(opened, session, resolved))
        elif said := differences(before[name], now[name]):
            found.append(_changed(_Pair(opened, session, before[name], resolved), said))
        else:
            unchanged += 1
    found += _removed(opened, before, set(now))
    problems = tuple(problem for problem in declared.errors)
    return ManifestComparison(str(given), other.generated_at, tuple(found), unchanged, problems)


def _names(models: Sequence[Model]) -> set[str]:
    """Every destination that a manifest names, readable or not."""
    return {
        str(block["name"])
        for model in models
        if isinstance(model.meta, dict) and isinstance(model.meta.get("destinations"), list)
        for block in model.meta["destinations"]
        if isinstance(block, dict) and block.get("name")
    }


def _unreadable(destination: Destination) -> DestinationDifference:
    note = "the other manifest declares it in a way that this project's apps do not allow to read"
    return DestinationDifference(destination.name, destination.model.unique_id, "changed", notes=(note,))


def _added(opened: Opened, session: Session, destination: Destination) -> DestinationDifference:
    resent, notes = _everything(opened, session, destination)
    return DestinationDifference(
        destination.name, destination.model.unique_id, "added", resent=resent, notes=notes
    )


def _removed(
    opened: Opened, before: dict[str, Destination], now: set[str]
) -> Iterator[DestinationDifference]:
    """What only the other manifest has, as far as it belongs to the selection."""
    options = opened.options
    if options.destinations:
        return
    selected = {destination.model.unique_id for destination in opened.destinations}
    for name, destination in before.items():
        model = destination.model.unique_id
        is_elsewhere = opened.project.manifest.model(model) is not None and model not in selected
        if name in now or (options.is_selection and is_elsewhere):
            continue
        note = f"nobody is deleted; what was sent is remembered until `roo-dbt forget {name}`"
        yield DestinationDifference(name, model, "removed", resent=Resent(), notes=(note,))


@dataclass(frozen=True, slots=True)
class _Pair:
    """One destination in both manifests: `old` as it was declared, `new` in terms of its table."""

    opened: Opened
    session: Session
    old: Destination
    new: Destination


def _changed(pair: _Pair, said: tuple[Difference, ...]) -> DestinationDifference:
    resent, notes = _resent(pair, said)
    return DestinationDifference(pair.new.name, pair.new.model.unique_id, "changed", said, resent, notes)


def _resent(pair: _Pair, said: Sequence[Difference]) -> tuple[Resent | None, tuple[str, ...]]:
    aspects = {difference.aspect for difference in said}
    if not pair.new.enabled or aspects <= _HARMLESS:
        return Resent(), () if pair.new.enabled else ("disabled by enabled: false",)
    if not pair.old.enabled:
        resent, notes = _everything(pair.opened, pair.session, pair.new)
        return resent, ("the other manifest has it disabled", *notes)
    if aspects & {"target", "key"}:
        resent, notes = _everything(pair.opened, pair.session, pair.new)
        return resent, ("what was sent so far cannot be compared: every record is new", *notes)
    old, notes = _on_this_table(pair)
    if pair.old.key and len(old.key) < len(pair.old.key):
        return None, notes
    try:
        return _compare(pair, old), notes
    except Blocked as error:
        return None, (*notes, str(error))
    except RefusedStatement as error:
        return None, (*notes, f"the warehouse cannot compare the two: {error.message}")


def _on_this_table(pair: _Pair) -> tuple[Destination, tuple[str, ...]]:
    """The old declaration in terms of this branch's table, without columns that it does not have."""
    opened, new = pair.opened, pair.new
    columns = opened.columns[new.name]
    folded = {name.casefold() for name in columns}

    def is_there(column: str | None) -> bool:
        return column is None or column.casefold() in folded

    gone = {line.column for line in pair.old.mapping if not is_there(line.column)}
    gone |= {group.column for group in pair.old.groups if not is_there(group.column)}
    gone |= {name for name in pair.old.key if not is_there(name)}
    old = replace(
        pair.old,
        model=new.model,
        key=tuple(name for name in pair.old.key if is_there(name)),
        mapping=tuple(line for line in pair.old.mapping if is_there(line.column)),
        groups=tuple(group for group in pair.old.groups if is_there(group.column)),
    )
    resolved, _ = resolve(
        old,
        list(columns.values()),
        obj_class=opened.object_class(new),
        app=opened.app(new),
        sendable=lambda column: opened.source.dialect.sendable(column.type),
    )
    names = ", ".join(sorted(str(name) for name in gone))
    note = f"this branch's table lacks {names}: what came from there counts as not sent yet"
    return resolved, (note,) if gone else ()


def _compare(pair: _Pair, old: Destination) -> Resent:
    """What the new declaration changes in a snapshot as the old one would have left it."""
    opened, session = pair.opened, pair.session
    with arrived(opened, session, old, name="rows_before") as then, arrived(opened, session, pair.new) as now:
        before = _plain(opened, then)
        dialect = before.dialect
        names = [*(key.name for key in before.keys), *(f.name for f in before.fields)]
        marks = (
            f"false AS roo_departed, false AS roo_dirty, false AS roo_whole, {dialect.now()} AS roo_synced_at"
        )
        columns = ", ".join(dialect.quote(name) for name in names)
        select = f"SELECT {columns}, {marks} FROM ({before.current}) c"
        session.run_all(dialect.create_temporary(_OTHER, select))
        try:
            snapshot = (dialect.temporary(_OTHER), before.shape.kept)
            return _counted(session, replace(_plain(opened, now), snapshot=snapshot))
        finally:
            session.run(dialect.drop_temporary(_OTHER))


def _everything(
    opened: Opened, session: Session, destination: Destination
) -> tuple[Resent | None, tuple[str, ...]]:
    """All records of a destination that nothing was sent to."""
    if not destination.enabled:
        return Resent(), ("disabled by enabled: false",)
    if destination.first_sync == "baseline":
        return Resent(), ("first_sync: baseline takes what is there as already sent",)
    try:
        with arrived(opened, session, destination) as here:
            return _counted(session, _plain(opened, here)), ()
    except Blocked as error:
        return None, (str(error),)


def _plain(opened: Opened, here: Arrived) -> Comparison:
    """A comparison of declarations: no refresh, no limit, nothing remembered."""
    return replace(
        comparison_of(opened, here),
        full_refresh=False,
        limit=None,
        temporary=True,
        resend_after_days=None,
    )


def _counted(session: Session, comparison: Comparison) -> Resent:
    frozen = freeze(session, comparison)
    fields = changed_fields(session, comparison, frozen.total)
    return Resent(
        frozen.creates,
        frozen.updates,
        frozen.deletes,
        {without_mark(name): number for name, number in fields.items()},
    )
