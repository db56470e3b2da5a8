"""`vars: roo:` of `dbt_project.yml`: the apps, who may send, and where the state lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from roo_dbt.config.blocks import NAME_RULE, Block, Names, Text, is_name
from roo_dbt.config.partial import what_is_valid
from roo_dbt.config.problems import Place, textual, wrong_type
from roo_dbt.config.references import calls_env_var, is_malformed, read, texts
from roo_dbt.destinations import app_types
from roo_dbt.records import THREADS, AppDeclaration, Problem


class StateBlock(Block):
    """The block `state` of `vars: roo:`."""

    path: Text | None = Field(
        None,
        description="A DuckDB file for the state tables, relative to the project. It is made when it is "
        "first needed.",
    )


class VarsBlock(Block):
    """The block `vars: roo:`."""

    apps: dict[str, Any] = Field(default_factory=dict, description="The apps by name.")
    targets: Names = Field(
        None,
        description="dbt targets that may send; the others can only plan. Required as soon as the endpoint "
        "of an app is not on this machine.",
    )
    state_schema: Text | None = Field(
        None, description="Schema of the state tables. Default: <target schema>_roo."
    )
    state_database: Text | None = Field(
        None, description="Database of the state tables. Default: the target's."
    )
    state: StateBlock | None = Field(
        None,
        description="Keeps the state in a local file (`path`) instead of the warehouse, to which nothing is "
        "written then. Every run reads the selected columns of the models from the warehouse.",
    )
    history_days: int = Field(30, ge=1, le=36500, description="Days for which outcomes are kept.")
    lock_wait_seconds: float = Field(
        30, ge=0, le=3600, allow_inf_nan=False, description="Seconds to wait for a locked database file."
    )
    acknowledge_seconds: float | None = Field(
        None,
        gt=0,
        le=300,
        allow_inf_nan=False,
        description="Seconds between two writes of outcomes. Default: 1 on DuckDB and Postgres, else 15.",
    )
    threads: int = Field(THREADS, ge=1, le=256, description="Requests in flight per app.")
    owner: Text | None = Field(
        None,
        description="Who answers for the exports in dbt's docs: a name, or `Name <address>`. Default: the "
        "project's name.",
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """`vars: roo:`, checked.

    `targets` is None when it is not given, and empty when nobody may send. `state_path` is the file that
    keeps the state, None where the warehouse does. `lock_wait_seconds` and
    `acknowledge_seconds` are seconds; None leaves it to the warehouse.
    """

    apps: Mapping[str, AppDeclaration] = field(default_factory=dict)
    targets: tuple[str, ...] | None = None
    state_schema: str | None = None
    state_database: str | None = None
    history_days: int = 30
    lock_wait_seconds: float = 30
    acknowledge_seconds: float | None = None
    threads: int = THREADS
    owner: str | None = None
    state_path: str | None = None


def read_settings(
    roo_vars: object, place: Place, environ: Mapping[str, str]
) -> tuple[Settings, list[Problem]]:
    """The settings in `roo_vars` and everything that is wrong with them.

    The options of the apps themselves are for `validate_app`.
    """
    raw = textual({} if roo_vars is None else roo_vars)
    if not isinstance(raw, dict):
        return Settings(), [wrong_type(place, "a mapping (name: value)", raw)]
    own = {name: value for name, value in raw.items() if name != "apps"}
    own, problems = _resolved(own, place, environ)
    block, faulty, _ = what_is_valid(VarsBlock, own | {"apps": raw.get("apps", {})}, place)
    apps, unreadable = _apps(block.apps, place.at("apps"))
    faulty += _state_problems(block, place)
    settings = Settings(
        apps=apps,
        # Targets that cannot be read let nobody send.
        targets=None if raw.get("targets") is None else tuple(block.targets or ()),
        state_schema=block.state_schema,
        state_database=block.state_database,
        state_path=block.state.path if block.state else None,
        history_days=block.history_days,
        lock_wait_seconds=block.lock_wait_seconds,
        acknowledge_seconds=block.acknowledge_seconds,
        threads=block.threads,
        owner=block.owner,
    )
    return settings, [*problems, *faulty, *unreadable]


def _state_problems(block: VarsBlock, place: Place) -> list[Problem]:
    """A state that is elsewhere needs a file, and is in no other database of the warehouse."""
    if block.state is None:
        return []
    if block.state.path is None:
        return [place.at("state", "path").problem("missing-setting", "is required: the file of the state.")]
    if block.state_database is not None:
        message = "names a database of the warehouse, and `state` keeps the state in a file: leave one out."
        return [place.at("state_database").problem("bad-value", message)]
    return []


def reference_problem(place: Place, value: object) -> Problem | None:
    """What is wrong with the references inside a setting: dbt's own call, or a broken `${…}`."""
    found = [text for _, text in texts(value)]
    if any(calls_env_var(text) for text in found):
        return place.problem(
            "env-var-in-vars",
            "dbt's env_var() is not read here, because dbt would write its value into its artifacts; "
            "write ${NAME} instead.",
        )
    if any(is_malformed(text) for text in found):
        return place.problem(
            "bad-reference", "holds ${ without being ${NAME} or ${NAME:-default}; the value is not shown."
        )
    return None


def unset_problem(place: Place, name: str, owner: str) -> Problem:
    """A variable without a value; `owner` says who wants it ("app crm")."""
    return place.problem(
        "unset-variable",
        f"{owner} needs the environment variable {name}, which is not set or empty. Type "
        f"`export {name}=…` and try again; roo-dbt does not read a .env file by itself.",
    )


def _resolved(
    raw: Mapping[str, Any], place: Place, environ: Mapping[str, str]
) -> tuple[dict[str, Any], list[Problem]]:
    """The settings with their references read; those that cannot be read are left out."""
    values: dict[str, Any] = {}
    problems = []
    for name, value in raw.items():
        broken = reference_problem(place.at(name), value)
        if broken:
            problems.append(broken)
            continue
        reading = read(value, environ)
        problems += [unset_problem(place.at(name), unset, f"vars.roo.{name}") for unset in reading.unset]
        if not reading.unset:
            values[name] = reading.value
    return values, problems


def _apps(raw: Mapping[str, Any], place: Place) -> tuple[dict[str, AppDeclaration], list[Problem]]:
    apps = {}
    problems = []
    for name, options in raw.items():
        here = place.at(name)
        if not is_name(name):
            problems.append(here.problem("bad-name", f"the name of an app {NAME_RULE}"))
        if not isinstance(options, Mapping):
            # Not shown: somebody may have written the key itself here.
            problems.append(here.problem("wrong-type", "must be a mapping (name: value) with a `type`."))
            continue
        type_ = options.get("type")
        if type_ is None:
            known = " or ".join(sorted(app_types()))
            problems.append(here.at("type").problem("missing-setting", f"is required: {known}."))
        elif not isinstance(type_, str):
            problems.append(wrong_type(here.at("type"), "text", type_))
        else:
            rest = {key: value for key, value in options.items() if key != "type"}
            apps[name] = AppDeclaration(name, type_, rest)
    return apps, problems
