"""Selections, compared with what dbt itself answered (`tests/data/ask_dbt.py`)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roo_dbt.errors import UsageProblem
from roo_dbt.project import Asked, read_manifest
from roo_dbt.project import select_nodes as select_asked
from roo_dbt.project.manifest import Manifest
from roo_dbt.project.selection import Selection

DATA = Path(__file__).parents[1] / "data"
MANIFEST = read_manifest(DATA / "dbt_1_11" / "manifest.json")
CASES: list[dict[str, Any]] = json.loads((DATA / "selections.json").read_text())
CRITERIA = st.sampled_from(
    sorted({part for case in CASES for value in case["select"] for part in value.split()})
)


def select_nodes(
    manifest: Manifest, select: list[str], exclude: tuple[str, ...] | list[str] = ()
) -> Selection:
    return select_asked(manifest, Asked(select, exclude))


def selected(*select: str, exclude: tuple[str, ...] = ()) -> frozenset[str]:
    return select_nodes(MANIFEST, [*select], exclude).unique_ids


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['select']}-{case['exclude']}")
def test_a_selection_is_what_dbt_makes_of_it(case: dict[str, Any]) -> None:
    assert sorted(selected(*case["select"], exclude=tuple(case["exclude"]))) == case["selected"]


def test_nothing_selected_means_everything() -> None:
    assert selected() == set(MANIFEST.graph.nodes)


@given(CRITERIA, CRITERIA)
def test_a_space_unites_and_a_comma_intersects(one: str, other: str) -> None:
    assert selected(f"{one} {other}") == selected(one, other) == selected(one) | selected(other)
    assert selected(f"{one},{other}") == selected(one) & selected(other)


@given(CRITERIA, CRITERIA)
def test_excluding_takes_away(one: str, other: str) -> None:
    assert selected(one, exclude=(other,)) == selected(one) - selected(other)


@given(st.sampled_from(sorted(MANIFEST.graph.nodes)), st.integers(1, 4))
def test_more_steps_reach_at_least_as_much(unique_id: str, depth: int) -> None:
    assert {unique_id} == selected(unique_id)
    for near, far, all_of_them in (
        (f"{depth}+{unique_id}", f"{depth + 1}+{unique_id}", f"+{unique_id}"),
        (f"{unique_id}+{depth}", f"{unique_id}+{depth + 1}", f"{unique_id}+"),
    ):
        assert selected(near) <= selected(far) <= selected(all_of_them)


def test_the_answer_of_dbt_ls_can_be_handed_over() -> None:
    lines = ("shop.marts.customers", "shop.marts.plans.v2", "source:shop.warehouse.raw_orders")
    assert selected("\n".join([*lines, "exposure:shop.newsletter"])) == {
        "model.shop.customers",
        "model.shop.plans.v2",
        "source.shop.warehouse.raw_orders",
        "exposure.shop.newsletter",
    }


def test_a_name_that_matches_nothing_is_a_warning_with_the_nearest() -> None:
    found = select_nodes(MANIFEST, ["custmers+"])
    [problem] = found.problems
    assert found.unique_ids == frozenset()
    assert (problem.id, problem.severity, problem.nearest) == ("nothing-selected", "warning", "customers")
    assert "--select custmers+" in problem.message


def test_a_tag_that_matches_nothing_names_the_nearest_tag() -> None:
    [problem] = select_nodes(MANIFEST, [], ["tag:stagin"]).problems
    assert (problem.nearest, "--exclude" in problem.message) == ("tag:staging", True)


@pytest.mark.parametrize("blank", ["", " \n"])
def test_an_empty_selection_selects_nothing_and_says_so(blank: str) -> None:
    found = select_nodes(MANIFEST, [blank])
    assert found.unique_ids == frozenset()
    assert [problem.id for problem in found.problems] == ["nothing-selected"]


@pytest.mark.parametrize(
    ("criterion", "file"),
    [
        ("state:modified+", "manifest.json"),
        ("result:error", "run_results.json"),
        ("source_status:fresher+", "sources.json"),
    ],
)
def test_a_method_that_compares_asks_for_the_folder_of_the_earlier_run(criterion: str, file: str) -> None:
    with pytest.raises(UsageProblem, match=rf"compares with an earlier run\. Add --state .*{file}"):
        selected(criterion)


def test_a_method_that_is_not_known_says_to_pipe_dbts_list() -> None:
    with pytest.raises(
        UsageProblem, match=r"no selection method `wildest:`.*dbt -q ls --select '2\+wildest:x'"
    ):
        selected("2+wildest:x")


def test_a_misspelt_method_names_the_nearest() -> None:
    with pytest.raises(UsageProblem, match=r"no selection method `tags:`.*`tag:`"):
        selected("tags:crm")


@pytest.mark.parametrize(
    ("criterion", "said"),
    [
        ("tag:crm,", "empty part"),
        ("+", "empty part"),
        ("@customers+", "both @ and a \\+"),
        ("source:a.b.c.d", "too many dots"),
        ("version:newest", "version:newest.*latest"),
        ("resource_type:modle", "Did you mean resource_type:model"),
        ("resource_type:zzz", "There is model, seed"),
        ("test_type:zzz", "There is generic"),
        ("selector:zzz", "selectors.yml has no selector named zzz"),
    ],
)
def test_a_selection_that_cannot_be_read_is_refused(criterion: str, said: str) -> None:
    with pytest.raises(UsageProblem, match=said):
        selected(criterion)


def test_the_manifest_of_dbt_2_answers_alike() -> None:
    other = read_manifest(DATA / "dbt_2_0" / "manifest.json")
    for select in (
        "+customers",
        "@orders",
        "tag:staging",
        "path:models/marts",
        "config.materialized:table",
        "plans.v1",
    ):
        legacy = {"model.shop.legacy", "model.shop.legacy_leaky"}
        assert select_nodes(other, [select]).unique_ids == selected(select) - legacy
