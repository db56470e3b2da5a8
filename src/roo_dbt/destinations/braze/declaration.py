"""What only Braze can object to in a declaration."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Literal

from roo_dbt.destinations.braze import fields, limits
from roo_dbt.destinations.braze.attributes import name_problem
from roo_dbt.destinations.braze.occurrences import Form
from roo_dbt.destinations.braze.properties import ROOT, key_problem
from roo_dbt.destinations.braze.standard import OBJECTS, WHOLE
from roo_dbt.records import Destination, Problem

Severity = Literal["error", "warning"]

_ADDRESSES = ("email", "phone")


def mapping_problem(
    destination: Destination,
    problem_id: str,
    field: str,
    message: str,
    *,
    nearest: str = "",
    severity: Severity = "error",
) -> Problem:
    """A problem at one line of the mapping."""
    step = f".{field}" if re.fullmatch(r"[\w.]+", field) else f"[{json.dumps(field, ensure_ascii=False)}]"
    return Problem(
        problem_id,
        message,
        file=destination.model.file,
        model=destination.model.name,
        path=f"{destination.path}.mapping{step}".lstrip("."),
        value=field,
        nearest=nearest,
        severity=severity,
    )


def setting_problem(
    destination: Destination, problem_id: str, setting: str, message: str, *, severity: Severity = "error"
) -> Problem:
    """A problem at one setting of the destination; at the destination itself if `setting` is empty."""
    return Problem(
        problem_id,
        message,
        file=destination.model.file,
        model=destination.model.name,
        path=f"{destination.path}.{setting}".strip("."),
        severity=severity,
    )


def user_problems(destination: Destination) -> Iterator[Problem]:
    """Everything about a destination of users."""
    names = [line.field for line in destination.mapping]
    yield from _identifier_problems(destination, names)
    for name in names:
        yield from _name_problems(destination, name)
    yield from _combinations(destination, names)
    yield from _group_problems(destination, names)
    if destination.options.get("verify") and destination.sync_mode != "enrich":
        text = f"has no effect in mode {destination.sync_mode}, which creates the users that are missing"
        yield setting_problem(destination, "setting-without-effect", "verify", text, severity="warning")
    if destination.identifier[:1] == (fields.ALIAS_NAME,) and destination.sync_mode == "enrich":
        text = "enrich never creates users that have only an alias: an alias that Braze lacks stays unknown"
        yield mapping_problem(destination, "alias-never-created", fields.ALIAS_NAME, text, severity="warning")
    if destination.identifier == (fields.BRAZE_ID,) and destination.sync_mode != "enrich":
        text = "Braze gives braze_ids itself: a record with one that it lacks is accepted and changes nothing"
        yield mapping_problem(
            destination, "braze-id-never-created", fields.BRAZE_ID, text, severity="warning"
        )


def occurrence_problems(destination: Destination, form: Form) -> Iterator[Problem]:
    """Everything about a destination of events or purchases."""
    names = [line.field for line in destination.mapping]
    yield from _identifier_problems(destination, names)
    for name in names:
        root, _, rest = name.partition(".")
        if root == ROOT:
            yield from _property_problems(destination, name, rest, form)
        elif rest and root != "user_alias":
            text = f"{root} is a single value, so it has no parts; the others go under {ROOT}"
            yield mapping_problem(destination, "unknown-field", name, text)
        elif name in _ADDRESSES and name not in destination.identifier and destination.identifier:
            text = f"{form.array} name their user once, by {' and '.join(destination.identifier)}"
            yield mapping_problem(destination, "identifier-conflict", name, text)
    if destination.identifier[:1] == (fields.ALIAS_NAME,):
        text = f"Braze takes {form.array} of users that have the alias already, and drops the others"
        yield mapping_problem(destination, "alias-never-created", fields.ALIAS_NAME, text, severity="warning")


def _property_problems(destination: Destination, name: str, rest: str, form: Form) -> Iterator[Problem]:
    if not rest:
        return
    first, *others = rest.split(".")
    wrong = form.properties.name_problem(first) or next(filter(None, map(key_problem, others)), None)
    if wrong:
        yield mapping_problem(destination, "invalid-field-name", name, f"the property name {rest!r} {wrong}")


def _identifier_problems(destination: Destination, names: Sequence[str]) -> Iterator[Problem]:
    given = [one for one in fields.PRIMARY if set(one.fields) & set(names)]
    if len(given) > 1:
        words = " and ".join(one.fields[0].partition(".")[0] for one in given)
        text = f"Braze takes exactly one of external_id, braze_id and user_alias, and {words} are mapped"
        field = next(name for name in names if name in given[1].fields)
        yield mapping_problem(destination, "identifier-conflict", field, text)
    alias = [name for name in (fields.ALIAS_NAME, fields.ALIAS_LABEL) if name in names]
    if len(alias) == 1 and destination.identifier:
        other = fields.ALIAS_LABEL if alias[0] == fields.ALIAS_NAME else fields.ALIAS_NAME
        text = f"an alias is a name and a label: {other} is not mapped"
        yield mapping_problem(destination, "missing-field", alias[0], text)
    chosen = destination.identifier[:1]
    if given and chosen and chosen[0] in _ADDRESSES:
        first = given[0].fields[0].partition(".")[0]
        text = f"Braze looks a user up by {chosen[0]} only in objects without {first}; leave one of them out"
        yield mapping_problem(destination, "identifier-conflict", chosen[0], text)
    elif chosen == ("phone",) and "email" in names:
        text = "Braze looks a user up by the e-mail as soon as an object has one; leave one of them out"
        yield mapping_problem(destination, "identifier-conflict", "phone", text)


def _name_problems(destination: Destination, name: str) -> Iterator[Problem]:
    wrong = name_problem(name)
    if wrong:
        text = f"the attribute name {name!r} {wrong}"
        yield mapping_problem(destination, "invalid-field-name", name, text)
        return
    root, _, part = name.partition(".")
    if not part or name in fields.NAMES:
        return
    if root in OBJECTS:
        close = get_close_matches(part, OBJECTS[root], n=1, cutoff=0.5)
        text = f"{root} has no part {part}; it has {', '.join(OBJECTS[root])}"
        nearest = f"{root}.{close[0]}" if close else ""
        if part not in OBJECTS[root]:
            yield mapping_problem(destination, "unknown-field", name, text, nearest=nearest)
    elif root in fields.NAMES:
        text = f"{root} is a single value, so it has no parts"
        yield mapping_problem(destination, "unknown-field", name, text)


def _combinations(destination: Destination, names: Sequence[str]) -> Iterator[Problem]:
    for root in WHOLE:
        given = [name for name in names if name.startswith(f"{root}.")]
        missing = [f"{root}.{part}" for part in OBJECTS[root] if f"{root}.{part}" not in names]
        if given and missing:
            text = f"Braze takes {root} only with {' and '.join(missing)}"
            yield mapping_problem(destination, "missing-field", given[0], text)


def _group_problems(destination: Destination, names: Sequence[str]) -> Iterator[Problem]:
    attribute = str(destination.options.get("groups_attribute", "groups"))
    wrong = name_problem(attribute) or ("has parts; groups are a plain array" if "." in attribute else None)
    if attribute in fields.NAMES or attribute in fields.RESERVED:
        wrong = "is a standard field of Braze"
    if wrong:
        text = f"the attribute name {attribute!r} {wrong}"
        yield setting_problem(destination, "invalid-field-name", "groups_attribute", text)
    in_array = [one for one in destination.groups if one.subscription_group_id is None]
    clash = next((name for name in names if name.partition(".")[0] == attribute), None)
    if in_array and clash is not None:
        text = f"the groups are kept in the attribute {attribute}; map another name, or set groups_attribute"
        yield mapping_problem(destination, "field-conflict", clash, text)
    for number, group in enumerate(destination.groups):
        if group.name is not None and len(group.name) > limits.TEXT.number:
            text = f"is longer than the {limits.TEXT.number} characters that an entry may have"
            yield setting_problem(destination, "invalid-group-name", f"groups[{number}].name", text)
