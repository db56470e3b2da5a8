"""The models' meta and `vars: roo:` → declarations, with every problem at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from roo_dbt.config.apps import Settings, read_settings
from roo_dbt.config.blocks import ModelBlock
from roo_dbt.config.connections import VARS_FILE, VARS_PATH, is_loopback, validate_app
from roo_dbt.config.destination import AppKinds, ColumnLine, Draft, complete, read_draft
from roo_dbt.config.partial import what_is_valid
from roo_dbt.config.problems import Place, textual, wrong_type
from roo_dbt.config.references import calls_env_var, texts
from roo_dbt.destinations import app_type
from roo_dbt.destinations.protocol import App
from roo_dbt.errors import ConfigurationProblem, nearest
from roo_dbt.records import AppDeclaration, Destination, Model, Problem

_TRUE = {"true", "yes", "on"}
_FALSE = {"false", "no", "off"}


@dataclass(frozen=True, slots=True)
class Declarations:
    """What the project declares.

    Destinations that have errors are among `destinations` as far as they can be read, so that their
    columns can be checked, too: nothing may be sent while `errors` is not empty. `apps` can describe
    their objects but not send: variables that are not set are stood in for.
    """

    settings: Settings
    destinations: tuple[Destination, ...] = ()
    problems: tuple[Problem, ...] = ()
    apps: Mapping[str, App] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that forbid to go on; the others are warnings."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    def refuse_errors(self) -> None:
        """Raise ConfigurationProblem with all problems if one of them is an error."""
        if self.errors:
            raise ConfigurationProblem(self.problems)


def declare(
    models: Sequence[Model],
    roo_vars: object,
    *,
    vars_file: str = VARS_FILE,
    vars_path: str = VARS_PATH,
    environ: Mapping[str, str],
) -> Declarations:
    """Read what the project declares.

    Args:
        models: the models, seeds and snapshots, in the order in which problems shall appear.
        roo_vars: the value of `vars: roo:`, as in the YAML; None when there is none.
        vars_file: the file that holds it, for messages.
        vars_path: its YAML path there.
        environ: where `${NAME}` is looked up; variables that are not set are no problem here.
    """
    place = Place(vars_file, path=vars_path)
    settings, problems = read_settings(roo_vars, place, environ)
    apps, found = _apps(settings.apps, environ, place)
    problems += found
    problems += _targets(settings, apps, place)
    kinds = AppKinds({name: _class(app) for name, app in settings.apps.items()}, apps)
    drafts = []
    for model in models:
        own, found = _drafts(model)
        drafts += own
        problems += found
    owners = _owners(drafts)
    destinations = []
    for model in models:
        own = [draft for draft in drafts if draft.model is model]
        problems += _read_columns(model, own, owners)
        for draft in own:
            destination = complete(draft, kinds)
            problems += draft.problems
            if destination:
                destinations.append(destination)
    problems += _duplicates(owners)
    return Declarations(settings, tuple(destinations), tuple(problems), apps)


def _class(declaration: AppDeclaration) -> type[App] | None:
    try:
        return app_type(declaration.type)
    except ConfigurationProblem:  # reported with the app
        return None


def _apps(
    declared: Mapping[str, AppDeclaration], environ: Mapping[str, str], place: Place
) -> tuple[dict[str, App], list[Problem]]:
    apps = {}
    problems: list[Problem] = []
    for name, declaration in declared.items():
        app, found = validate_app(declaration, environ, vars_file=place.file, vars_path=place.path)
        problems += found
        if app:
            apps[name] = app
    return apps, problems


def _targets(settings: Settings, apps: Mapping[str, App], place: Place) -> list[Problem]:
    # An endpoint whose variable is not set is not known; whoever needs it will say so.
    known = {name: app for name, app in apps.items() if not app.endpoint.endswith(".invalid")}
    remote = [name for name, app in known.items() if not is_loopback(app.endpoint)]
    if settings.targets is not None or not remote:
        return []
    message = (
        f"is required, because app {remote[0]} is not on this machine: list the dbt targets that may send, "
        "such as [prod]; the others can only plan."
    )
    return [place.at("targets").problem("targets-missing", message)]


def _drafts(model: Model) -> tuple[list[Draft], list[Problem]]:
    """The destination blocks of a model, and what is wrong with the block around them."""
    place = Place(model.file, model.name, "config.meta.roo")
    problems = list(_references(model, place))
    raw = textual(model.meta)
    if raw is None or raw == {}:
        return [], problems
    if not isinstance(raw, dict):
        return [], [*problems, wrong_type(place, "a mapping with `key` and `destinations`", raw)]
    blocks = raw.pop("destinations", [])
    block, found, wrong = what_is_valid(ModelBlock, raw, place)
    problems += found
    key = tuple(block.key or ())
    if len(set(key)) < len(key):
        problems.append(place.at("key").problem("bad-value", "names a column twice."))
    if not isinstance(blocks, list):
        return [], [*problems, wrong_type(place.at("destinations"), "a list", blocks)]
    if blocks and not key and "key" not in wrong:
        message = "is required: the column or columns that identify a record, never null and unique."
        problems.append(place.at("key").problem("missing-key", message))
    drafts = []
    for number, one in enumerate(blocks):
        here = place.at("destinations", number)
        if isinstance(one, dict):
            drafts.append(read_draft(one, model, key, here))
        else:
            problems.append(wrong_type(here, "a mapping (name: value)", one))
    return drafts, problems


def _references(model: Model, place: Place) -> Iterator[Problem]:
    """Refuse references, which nobody would read here, and calls that dbt has left as they are.

    The calls of env_var() that dbt has rendered are found by those who read the YAML itself.
    """
    blocks: list[tuple[Place, Any]] = [(place, model.meta)]
    blocks += [(_column_place(model, column), meta) for column, meta in model.column_meta.items()]
    seen = set()
    for root, block in blocks:
        for path, text in texts(block):
            here = root.at(*path)
            if calls_env_var(text):
                id_ = "env-var-in-meta"
                message = (
                    "env_var() is not allowed here: dbt writes its value into manifest.json. Secrets and "
                    "endpoints belong to vars.roo.apps, as ${NAME}."
                )
            elif "${" in text:
                id_ = "reference-in-meta"
                message = "${NAME} is read in vars.roo.apps only, not in meta."
            else:
                continue
            if (id_, here) not in seen:
                seen.add((id_, here))
                yield here.problem(id_, message)


def _owners(drafts: Iterable[Draft]) -> dict[str, list[Draft]]:
    owners = defaultdict(list)
    for draft in drafts:
        if draft.name:
            owners[draft.name].append(draft)
    return dict(owners)


def _duplicates(owners: Mapping[str, Sequence[Draft]]) -> Iterator[Problem]:
    for name, drafts in owners.items():
        if len(drafts) == 1:
            continue
        models = list(dict.fromkeys(draft.model.name for draft in drafts))
        more = f" and {len(models) - 3} more" if len(models) > 3 else ""
        message = (
            f"the name is taken: it must be unique in the project, and models {', '.join(models[:3])}{more}"
        )
        if len(models) == 1:
            message = (
                f"model {models[0]} has two destinations of this name; it must be unique in the project."
            )
        else:
            message += (
                " declare it. If the block stands under `+meta` in dbt_project.yml, every model below it "
                "has it: move it to the one model that is meant."
            )
        yield drafts[1].place.at("name").problem("duplicate-destination", message, value=name)


def _column_place(model: Model, column: str) -> Place:
    return Place(model.file, model.name).at("columns", column).at("config", "meta", "roo")


def _read_columns(
    model: Model, drafts: Sequence[Draft], owners: Mapping[str, Sequence[Draft]]
) -> Iterator[Problem]:
    """Hand the lines that stand beside the columns to their destinations."""
    by_name = {draft.name: draft for draft in reversed(drafts) if draft.name}
    for column, meta in model.column_meta.items():
        place = _column_place(model, column)
        raw = textual(meta)
        if raw is None or raw == {}:
            continue
        if not isinstance(raw, dict):
            yield wrong_type(place, "a mapping of destinations to fields", raw)
            continue
        for name, said in raw.items():
            here = place.at(name)
            target = _field(said, column)
            if target is None:
                yield wrong_type(here, "the name of a field, or true for the column's own name", said)
            elif name not in by_name:
                yield _unknown_destination(here, name, by_name, owners)
            elif target:
                by_name[name].column_lines.append(ColumnLine(target, column, here))


def _field(said: object, column: str) -> str | None:
    """The field that a column fills: "" for none, None when what is said makes no sense."""
    if isinstance(said, bool):
        return column if said else ""
    if not isinstance(said, str) or not said:
        return None
    word = said.casefold()
    if word in _FALSE:
        return ""
    return column if word in _TRUE else said


def _unknown_destination(
    place: Place, name: str, own: Iterable[str], owners: Mapping[str, Sequence[Draft]]
) -> Problem:
    message = "this model has no destination of this name."
    if name in owners:
        message = f"this is a destination of model {owners[name][0].model.name}, not of this one."
    return place.problem("unknown-destination", message, value=name, nearest=nearest(name, own))
