"""dbt_project_example/: it builds by hand, without the network, and its second day changes what it says."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess, run
from typing import Any

import duckdb
import pytest
import yaml

from roo_dbt.project.example import copy_example, example_project

Dbt = Callable[..., CompletedProcess[str]]
Rows = dict[int, dict[str, Any]]

pytestmark = pytest.mark.xdist_group("example project")


@dataclass(frozen=True)
class Shop:
    """The project after both days: its files, its manifest, and the rows of two models on each day."""

    project: Path
    manifest: dict[str, Any]
    customers: tuple[Rows, Rows]
    subscribers: tuple[Rows, Rows]


def rows(project: Path, model: str) -> Rows:
    with duckdb.connect(str(project / "shop.duckdb"), read_only=True) as connection:
        found = connection.execute(f"select * from {model}")
        names = [column[0] for column in found.description]
        records = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {record["customer_id"]: record for record in records}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, dbt: Dbt) -> Shop:
    project = copy_example(tmp_path_factory.mktemp("shop"))
    seen: list[tuple[Rows, Rows]] = []
    for arguments in (["deps"], ["build"], ["build", "--vars", "day: 2"]):
        done = dbt(project, *arguments)
        assert done.returncode == 0, done.stdout
        assert "WARN=0" in done.stdout or arguments == ["deps"]
        if arguments != ["deps"]:
            seen.append((rows(project, "customers"), rows(project, "subscribers")))
    manifest = json.loads((project / "target" / "manifest.json").read_text(encoding="utf-8"))
    (customers, subscribers), (customers_later, subscribers_later) = seen
    return Shop(project, manifest, (customers, customers_later), (subscribers, subscribers_later))


def changed_fields(before: Rows, after: Rows, columns: list[str]) -> dict[str, int]:
    """How many records change each of the columns; columns that nobody changes are left out."""
    both = before.keys() & after.keys()
    counts = {name: sum(before[key][name] != after[key][name] for key in both) for name in columns}
    return {name: count for name, count in counts.items() if count}


def columns_sent_to_braze(shop: Shop) -> list[str]:
    (destination,) = shop.manifest["nodes"]["model.shop.customers"]["config"]["meta"]["roo"]["destinations"]
    spelt = (
        value if isinstance(value, str) else value.get("column") for value in destination["mapping"].values()
    )
    return [column for column in spelt if column]


def real(customers: Rows) -> Rows:
    return {key: row for key, row in customers.items() if not row["is_test_account"]}


def test_day_one_has_a_few_hundred_customers_of_whom_some_subscribe(shop: Shop) -> None:
    assert len(shop.customers[0]) == 300
    assert len(real(shop.customers[0])) == 294
    assert 100 < len(shop.subscribers[0]) < 294


def test_the_night_changes_twelve_fields_of_the_customers(shop: Shop) -> None:
    before, after = (real(day) for day in shop.customers)

    assert changed_fields(before, after, columns_sent_to_braze(shop)) == {
        "last_name": 1,
        "phone": 1,
        "birth_date": 1,
        "city": 1,
        "plan": 2,
        "orders_count": 2,
        "lifetime_value": 2,
        "last_ordered_at": 2,
    }
    assert before[85]["phone"] is not None
    assert after[85]["phone"] is None


def test_three_customers_come_and_two_leave_overnight(shop: Shop) -> None:
    before, after = (real(day) for day in shop.customers)

    assert after.keys() - before.keys() == {301, 302, 303}
    assert before.keys() - after.keys() == {78, 128}


def test_subscribers_follow_the_newsletter_flag_overnight(shop: Shop) -> None:
    before, after = shop.subscribers

    assert after.keys() - before.keys() == {59, 302, 303}
    assert before.keys() - after.keys() == {113, 128}
    assert changed_fields(before, after, list(before[2])) == {
        "plan": 2,
        "orders_count": 2,
        "lifetime_value": 2,
        "last_ordered_at": 2,
        "latest_category": 2,
    }


def test_identifiers_are_unique_and_nobody_real_can_be_reached(shop: Shop) -> None:
    for day in shop.customers:
        addresses = [row["email"] for row in day.values()]

        assert len(set(addresses)) == len(addresses)
        assert all(re.fullmatch(r"[a-z.]+\.\d+@example\.com", address) for address in addresses)


def test_one_model_declares_above_its_columns_and_the_other_beside_them(shop: Shop) -> None:
    customers, subscribers = (
        shop.manifest["nodes"][f"model.shop.{name}"] for name in ("customers", "subscribers")
    )

    (braze,) = customers["config"]["meta"]["roo"]["destinations"]
    (iterable,) = subscribers["config"]["meta"]["roo"]["destinations"]
    beside = {
        name: column["config"]["meta"]["roo"][iterable["name"]]
        for name, column in subscribers["columns"].items()
        if column["config"].get("meta")
    }
    assert braze["where"] == "not is_test_account"
    assert braze["mapping"]["dob"] == {"column": "birth_date", "nulls": "ignore"}
    assert not any(column["config"].get("meta") for column in customers["columns"].values())
    assert iterable["mapping"] == {"source": {"value": "shop"}}
    assert beside["email"] is True
    assert beside["orders_count"] == "shop.orders"


def test_its_declarations_are_valid_without_any_key(shop: Shop) -> None:
    validate = [sys.executable, "-m", "roo_dbt", "validate", "--project-dir", str(shop.project)]
    done = run(validate, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_variable_of_the_apps_is_listed_in_the_env_example() -> None:
    project = example_project()
    named = re.findall(r"\$\{(\w+)", (project / "dbt_project.yml").read_text(encoding="utf-8"))
    listed = re.findall(r"^#? ?(\w+)=", (project / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(named) == sorted(listed)
    assert len(named) == 4


def test_no_secret_has_a_default_and_every_endpoint_defaults_to_the_sandbox() -> None:
    declared = yaml.safe_load((example_project() / "dbt_project.yml").read_text(encoding="utf-8"))
    apps = declared["vars"]["roo"]["apps"]

    assert [app["api_key"] for app in apps.values()] == ["${BRAZE_API_KEY}", "${ITERABLE_API_KEY}"]
    assert apps["braze"]["rest_endpoint"].endswith(":-http://127.0.0.1:8911}")
    assert apps["iterable"]["base_url"].endswith(":-http://127.0.0.1:8911}")
    assert declared["flags"] == {"send_anonymous_usage_stats": False}


def test_the_seeds_are_what_their_generator_writes(tmp_path: Path) -> None:
    generator = Path(__file__).parent / "data" / "make_shop_seeds.py"
    run([sys.executable, generator, tmp_path], check=True)
    written = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.csv")}
    seeds = example_project() / "seeds"

    assert written == {path.relative_to(seeds): path.read_bytes() for path in seeds.rglob("*.csv")}
