"""What `--select -`, `--selector` and `--state` mean on a command line."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.run.shop import Shop

Run = Callable[..., Any]
Pipeline = Callable[[str, Any], list[Any]]

SELECTORS = """
selectors:
  - name: nightly
    {default}
    definition: {definition}
"""


def selectors(shop: Shop, definition: str, *, default: bool = False) -> None:
    text = SELECTORS.format(definition=definition, default=f"default: {str(default).lower()}")
    (shop.folder / "selectors.yml").write_text(text)


@pytest.mark.parametrize(
    "lines",
    [
        '{"unique_id": "model.shop.customers"}',
        "model.shop.customers",
        "shop.customers",
        "models/customers.sql",
    ],
)
def test_what_dbt_lists_can_be_piped_into_select(
    run: Run, shop: Shop, monkeypatch: pytest.MonkeyPatch, lines: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"06:12:01  Running with dbt=1.11.16\n{lines}\n\n"))

    ran = run("list", "--select", "-", "--output", "json")

    assert [json.loads(line)["destination"] for line in ran.out.splitlines()] == ["braze_customers"]
    assert ran.err == ""


def test_a_list_without_a_model_selects_nothing_and_says_so(
    run: Run, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("model.shop.custmers\n"))

    ran = run("plan", "--select", "-")

    assert ran.code == 0
    assert "`--select -: model.shop.custmers` matches no node" in ran.err
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert "got no line that names a node" in run("plan", "-s", "-").err


def test_a_terminal_is_not_read_for_a_list(run: Run, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal())

    ran = run("list", "-s", "-")

    assert ran.code == 2
    assert "dbt -q ls --select … --output json | roo-dbt … --select -" in ran.err
    assert run("list", "--exclude", "-").code == 2


def test_a_selector_is_found_by_its_name(run: Run, shop: Shop) -> None:
    selectors(shop, "tag:nobody")

    selected = run("list", "--selector", "nightly")
    assert selected.out == "No destination is selected; `roo-dbt list` shows all of them.\n"
    assert "`--selector nightly` matches no node" in selected.err
    assert "braze_customers" in run("list").out
    wrong = run("list", "--selector", "nigthly")
    assert (wrong.code, wrong.out) == (2, "")
    assert "Did you mean nightly?" in wrong.err
    both = run("list", "--selector", "nightly", "-s", "customers")
    assert both.code == 2
    assert "--selector does not go together with --select" in both.err


def test_the_default_selector_says_what_it_leaves_out(run: Run, shop: Shop) -> None:
    selectors(shop, "tag:nobody", default=True)

    left_out = run("plan")
    named = run("plan", "-d", "braze_customers")

    assert "braze_customers" not in left_out.out
    assert "the default selector nightly leaves out braze_customers" in left_out.err
    assert "braze_customers" in named.out
    assert named.err == ""


def test_a_broken_selectors_file_names_the_selector(run: Run, shop: Shop) -> None:
    selectors(shop, "{union: tag:a}")

    ran = run("list")

    assert ran.code == 2
    assert "selectors.yml nightly" in ran.err
    assert "`union` must be a list" in ran.err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("selectors: 1", "a list `selectors` is expected"),
        ("selectors: [{name: a}]", "needs a `name` and a `definition`"),
        ("selectors: [{name: a, definition: [x]}]", "text or a mapping"),
        ("selectors: [{name: a, definition: {method: tag}}]", "no such thing"),
        ("selectors: [{name: a, definition: {method: selector, value: b}}]", "no selector b above"),
        ("selectors: [{name: a, definition: {union: []}}]", "selects nothing"),
        (
            "selectors: [{name: a, default: true, definition: x}, {name: b, default: true, definition: x}]",
            "both a and b",
        ),
    ],
)
def test_a_malformed_selectors_file_is_one_sentence(run: Run, shop: Shop, text: str, said: str) -> None:
    (shop.folder / "selectors.yml").write_text(text)

    ran = run("list")

    if said == "no such thing":
        said = "method `method:`"
        ran = run("list", "--selector", "a")
    assert ran.code == 2
    assert said in ran.err


def test_a_state_folder_shows_what_a_branch_changed(run: Run, shop: Shop) -> None:
    shutil.copytree(shop.folder / "target", shop.folder / "before")

    unchanged = run("list", "-s", "state:modified", "--state", "before")
    shop.braze("additive")
    shop.write()
    changed = run("list", "-s", "state:modified", "--state", "before")

    assert unchanged.out.startswith("No destination is selected")
    assert "braze_customers" in changed.out


def test_the_state_folder_may_come_from_the_environment(
    run: Run, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = pipeline("declared", ZeroDivisionError())
    monkeypatch.setenv("DBT_STATE", "elsewhere")

    run("list")

    assert calls[0][0][0].state_dir == Path("elsewhere")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-s", "state:modified", "--state", "nowhere"), "--state nowhere is no folder"),
        (("-s", "state:modifed", "--state", "target"), "Did you mean state:modified?"),
        (("-s", "state:", "--state", "target"), "empty part"),
        (("-s", "result:error", "--state", "target"), "needs run_results.json"),
        (("-s", "source_status:fresher", "--state", "target"), "needs sources.json"),
        (("-s", "source_status:old", "--state", "target"), "There is source_status:fresher"),
    ],
)
def test_a_comparison_that_cannot_be_made_is_one_sentence(
    run: Run, shop: Shop, arguments: tuple[str, ...], said: str
) -> None:
    ran = run("list", *arguments)

    assert ran.code == 2
    assert said in ran.err
    assert ran.out == ""
