"""Every rule of a block, broken once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from roo_dbt.config import Declarations
from roo_dbt.records import Problem

Declare = Callable[..., Declarations]
ABSENT = object()
ROOT = "config.meta.roo"
HERE = f"{ROOT}.destinations[0]"

Case = tuple[str, Any, str, str, str, str]

# setting (/ separates) and its value → id, path below the destination (empty: the setting's), nearest, words
BROKEN: list[Case] = [
    ("name", ABSENT, "missing-setting", "", "", "is required"),
    ("name", "Post-1", "bad-name", "", "", "lower-case letter"),
    ("name", "a" * 51, "bad-name", "", "", "at most 49"),
    ("name", True, "wrong-type", "", "", "put it in quotes"),
    ("app", ABSENT, "missing-setting", "", "", "is required"),
    ("app", "postbx", "unknown-app", "", "postbox", "no app"),
    ("object", "user", "unknown-object", "", "users", "letters"),
    ("object", "events", "not-supported-yet", "", "", "events are"),
    ("object", "purchases", "not-supported-yet", "", "", "yet"),
    ("sync_mode", ABSENT, "sync-mode-missing", "", "", "sync, a"),
    ("sync_mode", "snyc", "bad-value", "", "sync", "must be sync"),
    ("sync_mode", "enrich", "sync-mode-unsupported", "", "", "sync,"),
    ("where", "  ", "bad-value", "", "", "condition in SQL"),
    ("where", ["x"], "wrong-type", "", "", "must be text"),
    ("mappings", {}, "unknown-setting", "", "mapping", "no setting"),
    ("merge_object", 1, "unknown-setting", "", "merge_objects", ""),
    ("ttl_days", 0, "bad-value", "", "", "greater than"),
    ("enabled", "perhaps", "wrong-type", "", "", "true or false"),
    ("nulls", "clean", "bad-value", "", "clear", "clear or ignore"),
    ("on_removal", "erase", "bad-value", "", "", "delete or clear"),
    ("on_unknown", "retry", "bad-value", "", "", "hold or resend"),
    ("on_failed_model", "w", "bad-value", "", "", "block or"),
    ("recheck_days", 0, "bad-value", "", "", "greater than"),
    ("delete_limit", -1, "bad-threshold", "", "", "10%"),
    ("delete_limit", 0.1, "bad-threshold", "", "", "10%"),
    ("delete_limit", "101%", "bad-threshold", "", "", "100%"),
    ("allowed_failures", True, "bad-threshold", "", "", ""),
    ("verify", True, "not-supported-yet", "", "", "verify is not"),
    ("verify", [], "wrong-type", "", "", "true or false"),
    ("first_sync", "all", "bad-value", "", "", "send or"),
    ("groups_attribute", "g", "not-supported-yet", "", "", ""),
    ("groups", {"from": "s"}, "wrong-type", "", "", "must be a list"),
    ("groups", ["s"], "wrong-type", ".groups[0]", "", "must be a mapping"),
    (
        "groups",
        [{"name": "n", "column": "c", "list_id": 7}],
        "group-unsupported",
        ".groups[0].list_id",
        "",
        "fr",
    ),
    ("groups", [{"from": "s"}, {"from": "S"}], "duplicate-group", ".groups[1]", "", "groups[0]"),
    ("groups", [{"name": " ", "column": "c"}], "bad-value", ".groups[0].name", "", "people can read"),
    ("first_sync", "send", "first-sync-unsupported", "", "", "sync_mode"),
    ("mapping/@x", "y", "bad-field", '.mapping["@x"]', "", "marks groups"),
    ("mapping/x", {"value": 1, "unordered": True}, "conflicting-settings", "", "", "no array"),
    ("mapping/x", {"column": "y", "unordered": "so"}, "wrong-type", ".mapping.x.unordered", "", "true or"),
    ("identifier", "id", "unknown-identifier", "", "", "external_id"),
    ("identifier", "e_mail", "unknown-identifier", "", "email", ""),
    ("identifier", "user_alias", "missing-identifier", ".mapping", "", "alias"),
    ("mapping", ABSENT, "missing-identifier", "", "", "one of external_id"),
    ("mapping", ["email"], "wrong-type", "", "", "must be a mapping"),
    ("mapping", {"externalid": "id"}, "missing-identifier", "", "external_id", "which user"),
    (
        "mapping",
        {"user_alias.alias_name": "id"},
        "missing-identifier",
        "",
        "",
        "user_alias.alias_label is not mapped",
    ),
    ("mapping/external_id", {"value": 7}, "constant-identifier", "", "", "same user"),
    ("mapping/x", 5, "wrong-type", "", "", "must be a column"),
    ("mapping/x", "", "bad-value", ".mapping.x.column", "", "not be empty"),
    ("mapping/x", {"colum": "y", "column": "y"}, "unknown-setting", ".mapping.x.colum", "column", ""),
    ("mapping/x", {"nulls": "clear"}, "missing-setting", "", "", "neither a column nor a constant"),
    ("mapping/x", {"column": "y", "value": 1}, "conflicting-settings", "", "", "both"),
    ("mapping/x", {"value": 1, "nulls": "clear"}, "conflicting-settings", "", "", "never null"),
    ("mapping/x", {"value": None}, "wrong-type", ".mapping.x.value", "", "must be text, a number"),
    ("mapping/x", {"value": float("nan")}, "bad-value", ".mapping.x.value", "", "finite"),
    ("mapping/Email", "y", "wrong-case", "", "email", "upper and lower case"),
    ("mapping/Address.city", "y", "wrong-case", "", "address", ""),
    ("mapping/device", "y", "reserved-field", "", "", "SDK"),
    ("mapping/internal.id", "y", "reserved-field", "", "", "Postbox writes it"),
    ("mapping/a..b", "y", "bad-field", "", "", "blank"),
    ("mapping/email.city", "y", "field-conflict", "", "", "part of email"),
    ("mapping/x", "${COLUMN}", "reference-in-meta", "", "", "vars.roo.apps only"),
    ("where", "a = '{{ env_var('A') }}'", "env-var-in-meta", "", "", "manifest.json"),
    ("mapping/fax", "y", "no-fax", "", "", "nobody"),
]

# the same for the block around the destinations
BROKEN_AROUND: list[Case] = [
    ("kye", "id", "unknown-setting", "", "key", "no setting of this name"),
    ("key", ABSENT, "missing-key", "", "", "identify a record"),
    ("key", 1, "wrong-type", "", "", "into quotes"),
    ("key", ["a", "a"], "bad-value", "", "", "twice"),
    ("destinations", "post", "wrong-type", "", "", "must be a list"),
    ("destinations/0", "post", "wrong-type", ".destinations[0]", "", "must be a mapping"),
]


def broken(block: Any, setting: str, value: Any) -> None:
    """Put `value` at a setting of the block, or take the setting out."""
    *steps, last = (int(step) if step.isdigit() else step for step in setting.split("/"))
    for step in steps:
        block = block[step]
    if value is ABSENT:
        del block[last]
    else:
        block[last] = value


def named(cases: list[Case]) -> list[Any]:
    """The cases as pytest parameters, named after what they break."""
    return [pytest.param(*case, id=f"{case[0]}-{case[2]}-{number}") for number, case in enumerate(cases)]


PARAMETERS = ("setting", "value", "id_", "path", "nearest", "words")


@pytest.mark.parametrize(PARAMETERS, named(BROKEN))
def test_a_broken_rule_of_a_destination_is_one_problem_with_its_place(
    declared: Declare,
    meta: dict[str, Any],
    setting: str,
    value: Any,
    id_: str,
    path: str,
    nearest: str,
    words: str,
) -> None:
    broken(meta["destinations"][0], setting, value)

    expected = HERE + (path or "." + setting.replace("/", "."))
    assert_problem(single(declared(meta).problems), id_, expected, nearest, words)


@pytest.mark.parametrize(PARAMETERS, named(BROKEN_AROUND))
def test_a_broken_rule_of_the_block_is_one_problem_with_its_place(
    declared: Declare,
    meta: dict[str, Any],
    setting: str,
    value: Any,
    id_: str,
    path: str,
    nearest: str,
    words: str,
) -> None:
    broken(meta, setting, value)

    assert_problem(single(declared(meta).problems), id_, ROOT + (path or f".{setting}"), nearest, words)


def single(problems: tuple[Problem, ...]) -> Problem:
    """The one problem there is."""
    assert len(problems) == 1, [str(problem) for problem in problems]
    return problems[0]


def assert_problem(problem: Problem, id_: str, path: str, nearest: str, words: str) -> None:
    """Everything that a user needs is there, on one line."""
    assert (problem.id, problem.path, problem.nearest) == (id_, path, nearest)
    assert words in problem.message
    assert (problem.file, problem.model, problem.severity) == ("models/shop.yml", "customers", "error")
    text = str(problem)
    assert text.startswith(f"error [{id_}] models/shop.yml customers {path}: ")
    assert "\n" not in text
