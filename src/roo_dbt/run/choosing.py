"""Which of the declared destinations a command is about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from roo_dbt.config import Declarations
from roo_dbt.errors import UsageProblem, nearest
from roo_dbt.project import Asked, PreviousState, Project, find_state, select_nodes
from roo_dbt.project.selectors_file import SELECTORS_FILE
from roo_dbt.records import Destination, Problem
from roo_dbt.run.options import Options

_ORDER = {"users": 0, "events": 1, "purchases": 2}


def selected(
    options: Options, project: Project, declarations: Declarations
) -> tuple[tuple[Destination, ...], list[Problem]]:
    """The destinations to look at, in running order, and what is odd about the selection.

    Raises:
        UsageProblem: a selection that makes no sense, or the name of no destination.
    """
    if not declarations.errors:
        _refuse_unknown((*options.destinations, *options.yes_delete), declarations.destinations)
    models, warnings = _models(options, project)
    chosen = [
        destination
        for destination in declarations.destinations
        if (not options.destinations or destination.name in options.destinations)
        and (models is None or destination.model.unique_id in models)
    ]
    if not options.is_selection and project.selectors.default:
        warnings += _left_out(project.selectors.default, declarations.destinations, chosen)
    chosen.sort(key=lambda d: (d.app, _ORDER.get(d.object, len(_ORDER)), d.name))
    return tuple(chosen), warnings


def _refuse_unknown(names: Sequence[str], destinations: Sequence[Destination]) -> None:
    known = [destination.name for destination in destinations]
    for name in names:
        if name not in known:
            close = nearest(name, known)
            hint = f"Did you mean {close}?" if close else "Type roo-dbt list to see them all."
            raise UsageProblem(f"no destination is named {name}.", hint=hint)


def _models(options: Options, project: Project) -> tuple[frozenset[str] | None, list[Problem]]:
    """The unique ids that were selected, None for all of them; dbt's default selector is one."""
    selector = options.selector
    if not options.is_selection:
        selector = project.selectors.default
    asked = Asked(options.select, options.exclude, selector, options.piped)
    if asked == Asked():
        return None, []
    folder = find_state(options.state_dir, project.directory, Path.cwd()) if options.state_dir else None
    state = PreviousState(folder, project.manifest.path, project.target_path)
    selection = select_nodes(project.manifest, asked, selectors=project.selectors, state=state)
    return selection.unique_ids, list(selection.problems)


def _left_out(name: str, declared: Sequence[Destination], chosen: Sequence[Destination]) -> list[Problem]:
    """Nobody asked for the default selector, so it is said what it leaves out."""
    missing = [destination.name for destination in declared if destination not in chosen]
    if not missing:
        return []
    message = (
        f"the default selector {name} leaves out {', '.join(missing)}; --destination, --select or "
        "--selector choose otherwise"
    )
    return [Problem("default-selector", message, SELECTORS_FILE, severity="warning")]
