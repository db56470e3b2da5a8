"""From the declaration of an app to the vendor's settings: references read, secrets guarded."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo

from roo_dbt.config.apps import Settings, reference_problem, unset_problem
from roo_dbt.config.problems import Place, faults
from roo_dbt.config.references import default_of, has_default, has_reference, is_reference, read
from roo_dbt.destinations import app_type
from roo_dbt.destinations.protocol import App
from roo_dbt.destinations.supervision import Asked
from roo_dbt.errors import ConfigurationProblem, nearest
from roo_dbt.records import MASK, AppDeclaration, Problem

VARS_FILE = "dbt_project.yml"
VARS_PATH = "vars.roo"

_NOWHERE = "https://unset.invalid"
"""Stands in for an endpoint that is not known. RFC 2606, 2: no host name ends in `.invalid`."""


def validate_app(
    declaration: AppDeclaration,
    environ: Mapping[str, str],
    *,
    vars_file: str = VARS_FILE,
    vars_path: str = VARS_PATH,
) -> tuple[App | None, tuple[Problem, ...]]:
    """Check an app as far as that goes without keys, and build one that can describe its objects.

    Variables that are not set are no problem here; what they would fill is stood in for, so the app must
    not be used for sending. None when the settings are too wrong to build anything.
    """
    draft = _draft(declaration, environ, Place(vars_file, path=vars_path))
    return draft.app, tuple(draft.problems)


def connect(
    declaration: AppDeclaration,
    environ: Mapping[str, str],
    *,
    vars_file: str = VARS_FILE,
    vars_path: str = VARS_PATH,
) -> App:
    """The app with its secrets, ready to send.

    Raises:
        ConfigurationProblem: what `validate_app` finds, and every variable that is not set.
    """
    draft = _draft(declaration, environ, Place(vars_file, path=vars_path))
    problems = list(draft.problems)
    for option, names in draft.unset.items():
        problems += [unset_problem(draft.place.at(option), name, f"app {declaration.name}") for name in names]
    if problems or draft.app is None:
        raise ConfigurationProblem(problems)
    return draft.app


def unset_variables(declaration: AppDeclaration, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The variables that the app's settings name and that have no value, in the order of the YAML."""
    return read(declaration.options, environ).unset


def is_loopback(endpoint: str) -> bool:
    """Whether requests to the endpoint cannot leave this machine."""
    if any(char in endpoint for char in "\\@") or endpoint.split() != [endpoint]:
        return False
    try:
        host = urlsplit(endpoint).hostname or ""
    except ValueError:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def target_allowed(settings: Settings, apps: Mapping[str, App], target: str) -> bool:
    """Whether a sync of these apps may send from a dbt target.

    Without `targets` every target may, as long as nothing leaves this machine.
    """
    if settings.targets is None:
        return all(is_loopback(app.endpoint) for app in apps.values())
    return target in settings.targets


@dataclass(slots=True)
class _Draft:
    """An app being built.

    `unset` maps options to the variables they lack, `found` is what variables put into settings that are
    no secrets.
    """

    place: Place
    problems: list[Problem] = field(default_factory=list)
    unset: dict[str, tuple[str, ...]] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    defaults: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    app: App | None = None


def _draft(declaration: AppDeclaration, environ: Mapping[str, str], roo_vars: Place) -> _Draft:
    draft = _Draft(roo_vars.at("apps", declaration.name))
    try:
        kind = app_type(declaration.type)
    except ConfigurationProblem as error:
        draft.problems += [draft.place.at("type").located(problem) for problem in error.problems]
        return draft
    settings = {info.alias or name: info for name, info in kind.model_fields.items()}
    for name, raw in declaration.options.items():
        if name not in settings:
            names = [*settings, "type"]
            draft.problems.append(
                draft.place.at(name).problem(
                    "unknown-setting",
                    f"{kind.title} has no setting of this name.",
                    nearest=nearest(name, names),
                )
            )
        elif is_secret(settings[name]):
            _secret(draft, name, raw, environ)
        else:
            _option(draft, name, raw, environ, settings[name])
    with Asked(kind.type, "its settings"):
        _construct(draft, kind)
        _check_endpoint(draft)
    if draft.app is not None:
        draft.app.read_from_environment(draft.found)
    return draft


def _secret(draft: _Draft, name: str, raw: object, environ: Mapping[str, str]) -> None:
    place = draft.place.at(name)
    # Stands in until the variable is set; nobody mistakes it for a key.
    draft.values[name] = f"${{{name.upper()}}}"
    broken = reference_problem(place, raw)
    if isinstance(raw, str) and is_reference(raw):
        reading = read(raw, environ)
        if default_of(raw):
            draft.defaults.append(name)
        if reading.unset:
            draft.unset[name] = reading.unset
        else:
            draft.values[name] = reading.value.strip()
            draft.secrets.add(draft.values[name])
    elif broken:
        draft.problems.append(broken)
    else:
        draft.problems.append(
            place.problem(
                "literal-secret",
                "a secret is written out here, in a file that others can read; put it into an environment "
                "variable and write ${NAME}. The value is not shown; if it was committed, replace the key.",
            )
        )


def _option(draft: _Draft, name: str, raw: object, environ: Mapping[str, str], info: FieldInfo) -> None:
    place = draft.place.at(name)
    broken = reference_problem(place, raw)
    reading = read(raw, environ)
    value = reading.value
    if isinstance(raw, Mapping) and _may_hold_secrets(info) and not (broken or reading.unset):
        value = _hidden(draft, name, raw, value)
    if broken:
        draft.problems.append(broken)
        _stand_in(draft, name, info)
    elif reading.unset:
        draft.unset[name] = reading.unset
        _stand_in(draft, name, info)
    elif isinstance(value, str) and value.strip().lower().startswith("http://") and not is_loopback(value):
        draft.problems.append(_insecure(place))
        _stand_in(draft, name, info)
    else:
        draft.values[name] = value
        draft.found += reading.found
        # Two variables are easily swapped: what comes from the environment is not shown either.
        draft.secrets.update(reading.found)
        if isinstance(value, str) and value != raw:
            draft.secrets.add(value)


def _hidden(draft: _Draft, name: str, raw: Mapping[str, Any], value: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping whose values that come from variables are secrets."""
    found = dict(value)
    for key, text in raw.items():
        if isinstance(text, str) and has_reference(text):
            found[key] = SecretStr(value[key].strip())
            draft.secrets.add(value[key])
            if has_default(text):
                draft.defaults.append(name)
    return found


def _stand_in(draft: _Draft, name: str, info: FieldInfo) -> None:
    """Fill an option whose value is not known or not right: with its default, else with any valid value."""
    draft.values.pop(name, None)
    if not info.is_required():
        return
    is_choice = get_origin(info.annotation) is Literal
    draft.values[name] = get_args(info.annotation)[0] if is_choice else _NOWHERE


def _construct(draft: _Draft, kind: type[App]) -> None:
    """Build the app; report what its settings object to, and build it once more without that."""
    try:
        draft.app = kind.model_validate(draft.values)
    except ValidationError as error:
        for problem in faults(error, draft.place, kind, hidden=True):
            draft.problems.append(_redacted(problem, draft.secrets))
        for detail in error.errors(include_url=False, include_input=False):
            name = str(detail["loc"][0]) if detail["loc"] else ""
            info = next((i for n, i in kind.model_fields.items() if name in (n, i.alias)), None)
            if info is not None:
                _replace(draft, info.alias or name, info)
        try:
            draft.app = kind.model_validate(draft.values)
        except ValidationError:
            draft.app = None


def _replace(draft: _Draft, name: str, info: FieldInfo) -> None:
    if is_secret(info):
        draft.values[name] = f"${{{name.upper()}}}"
    else:
        _stand_in(draft, name, info)


def _check_endpoint(draft: _Draft) -> None:
    """What can be judged only when the whole app is known."""
    endpoint = draft.app.endpoint if draft.app else ""
    if endpoint.lower().startswith("http://") and not is_loopback(endpoint):
        draft.problems.append(_insecure(draft.place))
    if is_loopback(endpoint):
        return
    for name in draft.defaults:
        draft.problems.append(
            draft.place.at(name).problem(
                "literal-secret",
                "the default of this reference is a secret written out (or would be sent as one); a default "
                "is for endpoints on this machine only: write ${NAME}. The value is not shown.",
            )
        )


def _insecure(place: Place) -> Problem:
    return place.problem(
        "insecure-endpoint",
        "http:// would send the key and the customers unencrypted; write https:// (http:// is for this "
        "machine only, such as http://127.0.0.1:8080).",
    )


def _redacted(problem: Problem, secrets: set[str]) -> Problem:
    message = problem.message
    for secret in filter(None, secrets):
        message = message.replace(secret, MASK)
    return replace(problem, message=message, value="")


def is_secret(info: FieldInfo) -> bool:
    """Whether a setting holds a secret and nothing else."""
    return info.annotation is SecretStr or SecretStr in get_args(info.annotation)


def _may_hold_secrets(info: FieldInfo) -> bool:
    """Whether a setting is a mapping some of whose values are secrets."""
    return any(SecretStr in get_args(part) for part in get_args(info.annotation))
