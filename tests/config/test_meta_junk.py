"""Whatever YAML can say in a block is answered with problems, never with an exception."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from roo_dbt.config import declare
from roo_dbt.config.blocks import DestinationBlock
from roo_dbt.records import Model, Problem, Relation

APPS = {
    "postbox": {"type": "postbox", "api_key": "${KEY}", "rest_endpoint": "http://localhost:1"},
    "braze": {"type": "braze", "api_key": "${KEY}", "rest_endpoint": "https://rest.iad-01.braze.com"},
    "iterable": {"type": "iterable", "api_key": "${KEY}", "project_type": "email"},
}

# How long an example takes says more about the machine than about the code.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.text(max_size=8),
    st.sampled_from(["${X}", "{{ env_var('X') }}", "10%", "sync", "users", "a.b", "a", "yes", "\ud800", "."]),
)
names = st.one_of(
    st.text(max_size=6),
    st.integers(),
    st.sampled_from(["external_id", "email", "email.x", "Email", "userId", "column", "value", "nulls"]),
)
junk = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
settings_of_a_destination = st.sampled_from(
    [*DestinationBlock.model_fields, "merge_objects", "groups_attribute", "app_id", "x"]
)


def block(app: str) -> dict[str, Any]:
    """A block without a mistake."""
    identifier = "email" if app == "iterable" else "external_id"
    mapping = {identifier: "id", "city": "city"}
    return {
        "key": "id",
        "destinations": [{"name": "a", "app": app, "sync_mode": "additive", "mapping": mapping}],
    }


def problems_of(meta: Any, columns: Any = None) -> tuple[Problem, ...]:
    """What is wrong with a model that has this meta; every problem is one printable line."""
    relation = Relation(None, "main", "customers", "customers")
    model = Model("model.shop.customers", "customers", "model", relation, "a.yml", meta, columns or {})
    found = declare([model], {"apps": APPS, "targets": ["prod"]}, environ={}).problems
    for problem in found:
        assert "\n" not in str(problem)
        assert str(problem).encode()
        assert problem.id.replace("-", "").isalnum()
    return found


@pytest.mark.parametrize("app", list(APPS))
def test_the_block_to_be_spoilt_has_no_mistake(app: str) -> None:
    assert problems_of(block(app)) == ()


@unhurried
@given(meta=junk)
def test_any_value_may_stand_for_the_block(meta: Any) -> None:
    found = problems_of(meta)

    assert found or not meta or set(meta) <= {"key", "destinations"}


@unhurried
@given(key=junk, destinations=junk)
def test_any_value_may_stand_for_key_and_destinations(key: Any, destinations: Any) -> None:
    problems_of({"key": key, "destinations": destinations})


@unhurried
@given(
    app=st.sampled_from(list(APPS)),
    spoilt=st.dictionaries(settings_of_a_destination, junk, min_size=1, max_size=3),
)
def test_any_value_may_stand_for_a_setting(app: str, spoilt: dict[str, Any]) -> None:
    meta = block(app)
    meta["destinations"][0] |= spoilt
    before = copy.deepcopy(meta)
    problems_of(meta)

    assert json.dumps(meta, default=str) == json.dumps(before, default=str)


@unhurried
@given(app=st.sampled_from(list(APPS)), mapping=st.dictionaries(names, junk, max_size=4))
def test_any_value_may_stand_in_a_mapping(app: str, mapping: dict[Any, Any]) -> None:
    meta = block(app)
    meta["destinations"][0]["mapping"] |= mapping
    problems_of(meta)


@unhurried
@example(columns={"": {"\n": False}})
@given(columns=st.dictionaries(st.text(max_size=5), junk | st.dictionaries(st.just("a"), junk), max_size=3))
def test_any_value_may_stand_beside_a_column(columns: dict[str, Any]) -> None:
    problems_of(block("postbox"), columns)


@unhurried
@given(roo_vars=junk, app=st.dictionaries(names | st.sampled_from(["type", "api_key"]), junk, max_size=3))
def test_any_value_may_stand_for_the_vars(roo_vars: Any, app: Any) -> None:
    declare([], roo_vars, environ={})
    for kind in ("postbox", "braze", "iterable"):
        declare([], {"apps": {"a": {"type": kind} | app}}, environ={})
        declare([], {"apps": {"a": {"type": kind, "api_key": roo_vars}}}, environ={})
