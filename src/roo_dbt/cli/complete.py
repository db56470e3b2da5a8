"""What the shell offers after a Tab: names that the project has.

They are read from dbt's files as they are, without checking anything; where a file is missing or broken
nothing is offered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from roo_dbt.errors import RooError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from roo_dbt.project import Project
    from roo_dbt.records import Model

Completion = Callable[[click.Context, click.Parameter, str], "list[CompletionItem]"]
Found = Iterable[tuple[str, str]]
"""Names, each with what the shell may show beside it."""


def _completion(find: Callable[[Project], Found]) -> Completion:
    def complete(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        project = _project(ctx)
        found = find(project) if project else ()
        return _starting(found, incomplete)

    return complete


def _starting(found: Found, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(name, help=note or None) for name, note in found if name.startswith(incomplete)]


def _project(ctx: click.Context) -> Project | None:
    """The project that the words typed so far mean."""
    from roo_dbt.project import ProjectOptions, load_project

    typed = ctx.params
    options = ProjectOptions(
        project_dir=typed.get("project_dir"),
        profiles_dir=typed.get("profiles_dir"),
        profile=typed.get("profile"),
        target=typed.get("target"),
        target_path=typed.get("target_path"),
    )
    try:
        return load_project(options, needs_profile=False)
    except RooError:
        return None


def _declared(project: Project) -> Iterator[tuple[str, str]]:
    for model in project.manifest.models:
        blocks = model.meta.get("destinations") if isinstance(model.meta, dict) else None
        for block in blocks if isinstance(blocks, list) else ():
            if isinstance(block, dict) and isinstance(block.get("name"), str):
                yield block["name"], f"{model.name} → {block.get('app', '?')}"


def _models(project: Project) -> Iterator[tuple[str, str]]:
    for model in project.manifest.models:
        yield _spelt(model), model.resource_type


def _spelt(model: Model) -> str:
    version = model.unique_id.rpartition(".")[2]
    return f"{model.name}.{version}" if version != model.name else model.name


def _nodes(project: Project) -> Iterator[tuple[str, str]]:
    yield from _models(project)
    tags = {tag for node in project.manifest.graph.nodes.values() for tag in node.tags}
    yield from ((f"tag:{tag}", "tag") for tag in sorted(tags))
    yield from ((f"selector:{name}", "selectors.yml") for name in project.selectors.specs)


def _selectors(project: Project) -> Found:
    return (
        (name, "default" if name == project.selectors.default else "") for name in project.selectors.specs
    )


def _apps(project: Project) -> Iterator[tuple[str, str]]:
    declared: Any = project.roo_vars.get("apps") if isinstance(project.roo_vars, dict) else None
    for name, app in (declared if isinstance(declared, dict) else {}).items():
        yield str(name), str(app.get("type", "")) if isinstance(app, dict) else ""


destinations = _completion(_declared)
"""The names of the declared destinations."""

models = _completion(_models)
"""The models, seeds and snapshots."""

nodes = _completion(_nodes)
"""What `--select` takes: models, tags, selectors."""

selectors = _completion(_selectors)
"""The names in `selectors.yml`."""

apps = _completion(_apps)
"""The apps of `vars: roo:`."""


def types(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """TYPE and TYPE:OBJECT, of every vendor that is installed."""
    from roo_dbt.destinations import app_type, app_types

    found: list[tuple[str, str]] = []
    for name in app_types():
        try:
            objects = app_type(name).objects
        except RooError:
            continue
        found.append((name, ""))
        found += [(f"{name}:{one}", "") for one in objects]
    return _starting(found, incomplete)
