"""`import roo_dbt`: the two functions, what they return and raise, and what the guide shows of them."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.run.shop import ANN, BO, CY, Shop

import roo_dbt
from roo_dbt.errors import UsageProblem
from roo_dbt.run import Options
from roo_dbt.sandbox.server import Sandbox

GUIDE = Path(__file__).parents[2] / "docs" / "python.md"
PUBLIC = [
    "CannotStart",
    "ConfigurationProblem",
    "Plan",
    "ProjectProblem",
    "Results",
    "RooError",
    "Stopped",
    "TargetRefused",
    "UsageProblem",
    "WarehouseUnavailable",
    "__version__",
    "plan",
    "sync",
]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path))
    with Sandbox(enforce_limits=False) as sandbox:
        made = Shop(tmp_path, sandbox)
        made.customers(f"{ANN}, {BO}, {CY}")
        made.braze()
        made.write()
        yield made


def test_the_public_names_are_these() -> None:
    assert sorted(roo_dbt.__all__) == PUBLIC
    assert all(getattr(roo_dbt, name) for name in PUBLIC)
    with pytest.raises(AttributeError, match="no attribute 'resync'"):
        _ = roo_dbt.resync  # type: ignore[attr-defined]


def test_importing_the_package_loads_nothing_of_it() -> None:
    code = "import roo_dbt, sys; print([n for n in sys.modules if n.startswith('roo_dbt.')])"

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout == "[]\n"


def test_a_sync_returns_what_became_of_each_destination(shop: Shop) -> None:
    first = roo_dbt.sync(shop.folder, environ=shop.environ)
    second = roo_dbt.sync(str(shop.folder), environ=shop.environ, select="customers", threads=1)

    assert isinstance(first, roo_dbt.Results)
    assert list(first) == ["braze_customers"]
    assert first["braze_customers"].counts.created == 3
    assert (first.ok, first.exit_code, first.stopped, first.warnings) == (True, 0, None, ())
    assert second["braze_customers"].counts.unchanged == 3
    assert second.to_dict()["results"][0]["requests"] == 0
    assert second.elapsed_time > 0
    with pytest.raises(KeyError):
        _ = second["nobody"]


def test_a_plan_needs_no_key_and_sends_nothing(shop: Shop) -> None:
    plan = roo_dbt.plan(shop.folder, environ={}, show_values=True, limit=2)

    assert isinstance(plan, roo_dbt.Plan)
    assert (len(plan), plan.has_changes, plan.blocked) == (1, True, ())
    assert plan["braze_customers"].counts.create == 2
    assert plan.to_dict()["results"][0]["destination"] == "braze_customers"
    assert shop.sandbox.braze_users == {}


def test_the_functions_are_still_there_after_they_ran(shop: Shop) -> None:
    roo_dbt.sync(shop.folder, environ=shop.environ)
    roo_dbt.plan(shop.folder)

    assert callable(roo_dbt.sync)
    assert callable(roo_dbt.plan)


def test_what_was_not_accepted_is_in_the_results_and_not_raised(shop: Shop) -> None:
    shop.customers("(1, 'ann@example.com', 'Oslo', 1), (2, 'not an address', 'Oslo', 2)")

    results = roo_dbt.sync(shop.folder, environ=shop.environ)

    assert (results.ok, results.exit_code) == (False, 1)
    assert [failure.key for failure in results["braze_customers"].failures] == ["2"]


def test_an_empty_model_is_blocked_in_a_plan(shop: Shop) -> None:
    roo_dbt.sync(shop.folder, environ=shop.environ)
    shop.sql("DELETE FROM customers")

    assert roo_dbt.plan(shop.folder).blocked == ("braze_customers",)


def test_a_stop_that_is_set_ends_a_sync_before_it_sends(shop: Shop) -> None:
    stop = threading.Event()
    stop.set()

    results = roo_dbt.sync(shop.folder, environ=shop.environ, stop=stop)

    assert results.exit_code == 3
    assert results.stopped is not None
    assert shop.sandbox.braze_users == {}


def test_what_cannot_start_is_raised(shop: Shop) -> None:
    with pytest.raises(roo_dbt.UsageProblem, match="Did you mean braze_customers"):
        roo_dbt.sync(shop.folder, destinations=["braze_custmers"], environ=shop.environ)
    with pytest.raises(roo_dbt.ConfigurationProblem) as caught:
        roo_dbt.sync(shop.folder, environ={})
    assert [problem.id for problem in caught.value.problems] == ["unset-variable"]
    with pytest.raises(roo_dbt.ProjectProblem):
        roo_dbt.plan(shop.folder / "nowhere")
    assert shop.sandbox.requests == []


def test_every_option_reaches_the_pipeline(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Options] = []

    class Seen(Exception):
        pass

    def sync(options: Options, *_: object) -> None:
        seen.append(options)
        raise Seen

    monkeypatch.setattr("roo_dbt.run.sync", sync)
    with pytest.raises(Seen):
        roo_dbt.sync(
            "shop",
            select=["a", "b"],
            exclude="c d",
            selector="e",
            destinations="f",
            profiles_dir="g",
            profile="h",
            target="i",
            target_path="j",
            variables={"day": 2},
            state_dir="k",
            state_schema="l",
            state_database="m",
            threads=2,
            full_refresh=True,
            limit=3,
            fail_fast=True,
            yes_delete=["n"],
            same_workspace=True,
            resend_subscriptions=True,
        )

    assert seen == [
        Options(
            project_dir=Path("shop"),
            select=("a", "b"),
            exclude=("c", "d"),
            selector="e",
            destinations=("f",),
            profiles_dir=Path("g"),
            profile="h",
            target="i",
            target_path=Path("j"),
            vars='{"day": 2}',
            state_dir=Path("k"),
            state_schema="l",
            state_database="m",
            threads=2,
            full_refresh=True,
            limit=3,
            fail_fast=True,
            yes_delete=frozenset({"n"}),
            same_workspace=True,
            resend_subscriptions=True,
        )
    ]


def test_an_option_that_does_not_exist_is_a_mistake_of_the_programmer() -> None:
    with pytest.raises(TypeError, match="unexpected option: selct"):
        roo_dbt.sync(selct="customers")  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"threads": -1}, "threads must be 1 or more"),
        ({"threads": 0}, "threads must be 1 or more"),
        ({"limit": 0}, "limit must be 1 or more"),
        ({"select": ""}, "select is empty"),
        ({"destinations": []}, "destinations is empty"),
    ],
)
def test_options_that_mean_nothing_are_refused_before_anything_is_sent(
    shop: Shop, option: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageProblem, match=words):
        roo_dbt.sync(shop.folder, environ=shop.environ, **option)
    assert not shop.sandbox.requests


def test_the_snippets_of_the_guide_run(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in shop.environ.items():
        monkeypatch.setenv(name, value)
    snippets = re.findall(
        r"^```python\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )

    for snippet in snippets:
        exec(compile(snippet.replace("path/to/project", str(shop.folder)), str(GUIDE), "exec"), {})  # noqa: S102

    said = capsys.readouterr().out.splitlines()
    assert said[:2] == ["braze_customers: 3 to create, 0 to update", "success 3"]
    assert said[2].startswith("nothing was sent: no destination is named braze_custmers.")
    assert len(said) == 3


def test_the_guide_names_every_option_of_the_functions() -> None:
    from roo_dbt.api import SyncOptions

    text = GUIDE.read_text(encoding="utf-8")
    options = [*SyncOptions.__annotations__, "environ", "stop"]

    assert [name for name in options if f"`{name}" not in text] == []
