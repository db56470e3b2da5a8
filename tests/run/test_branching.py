"""A plan with `--state` says what a branch declares differently, and how many records that alone resends."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.run.engines import DUCKDB
from tests.run.shop import Shop

from roo_dbt.errors import ProjectProblem, UsageProblem
from roo_dbt.records import DestinationDifference, ManifestComparison, PlanReport
from roo_dbt.run import plan

ALSO_ELSEWHERE = True

FIELDS = {"external_id": "id", "email": "email", "home_city": "city", "ltv": "ltv"}
PRODUCTION = Path("production")


@pytest.fixture
def live(shop: Shop) -> Shop:
    """A shop whose declarations of now are production's: 10 customers, two of them without a city."""
    shop.customers(
        "SELECT i AS id, 'u' || i || '@example.com' AS email, CASE WHEN i > 1 THEN 'Oslo' END AS city, "
        "i * 1.5 AS ltv, i < 3 AS vip, i < 6 AS news FROM range(10) r(i)"
    )
    keep(shop)
    return shop


def keep(shop: Shop) -> None:
    """Take the manifest as production's."""
    shop.write()
    (shop.folder / PRODUCTION).mkdir(exist_ok=True)
    (shop.folder / PRODUCTION / "manifest.json").write_bytes(
        (shop.folder / "target" / "manifest.json").read_bytes()
    )


def compared(shop: Shop, **options: Any) -> ManifestComparison:
    report = reported(shop, **options)
    assert report.comparison is not None
    return report.comparison


def reported(shop: Shop, **options: Any) -> PlanReport:
    shop.write()
    return plan(shop.options(**{"state_dir": PRODUCTION, **options}), environ=shop.environ)


def only(shop: Shop, **options: Any) -> DestinationDifference:
    (one,) = compared(shop, **options).destinations
    return one


def said(one: DestinationDifference) -> list[tuple[str, str, str, str | None, str | None]]:
    return [(d.aspect, d.kind, d.name, d.old, d.new) for d in one.differences]


def numbers(one: DestinationDifference) -> tuple[int, int, int]:
    assert one.resent is not None
    return one.resent.create, one.resent.update, one.resent.delete


def test_a_branch_that_changes_no_declaration_resends_nothing(live: Shop) -> None:
    live.sql("UPDATE customers SET city = 'Rome'")
    comparison = compared(live)
    assert (comparison.destinations, comparison.unchanged) == ((), 1)
    assert comparison.generated_at == "2026-11-22T00:00:00Z"
    assert comparison.manifest == "production"


def test_without_another_manifest_nothing_is_compared(live: Shop) -> None:
    assert reported(live, state_dir=None).comparison is None


def test_an_added_field_is_resent_where_it_is_not_null(live: Shop) -> None:
    live.braze(mapping={**FIELDS, "town": "city"})
    one = only(live)
    assert said(one) == [("field", "added", "town", None, "city")]
    assert numbers(one) == (0, 8, 0)
    assert one.resent is not None
    assert one.resent.fields == {"town": 8}


def test_a_dropped_field_is_cleared_where_it_is_not_null(live: Shop) -> None:
    live.braze(mapping={name: column for name, column in FIELDS.items() if name != "home_city"})
    one = only(live)
    assert said(one) == [("field", "dropped", "home_city", "city", None)]
    assert numbers(one) == (0, 8, 0)


def test_a_field_that_is_filled_from_elsewhere_is_resent_where_the_value_differs(live: Shop) -> None:
    live.sql("ALTER TABLE customers ADD COLUMN town VARCHAR", "UPDATE customers SET town = city WHERE id < 8")
    live.braze(mapping={**FIELDS, "home_city": "town"})
    one = only(live)
    assert said(one) == [("field", "changed", "home_city", "city", "town")]
    assert numbers(one) == (0, 2, 0)


def test_what_the_data_did_meanwhile_is_not_counted(live: Shop) -> None:
    live.sync()
    live.sql("UPDATE customers SET ltv = 0", "DELETE FROM customers WHERE id = 9")
    live.braze(mapping={**FIELDS, "source": {"value": "shop"}})
    report = reported(live)
    assert report.comparison is not None
    (one,) = report.comparison.destinations
    assert said(one) == [("field", "added", "source", None, 'value: "shop"')]
    assert numbers(one) == (0, 9, 0)
    assert one.resent is not None
    assert one.resent.fields == {"source": 9}
    assert report.plans[0].counts.delete == 1
    assert report.plans[0].fields["ltv"] == 8


def test_a_column_that_the_branch_renamed_counts_as_not_sent_yet(live: Shop) -> None:
    live.sql("ALTER TABLE customers RENAME COLUMN city TO town")
    live.braze(mapping={**FIELDS, "home_city": "town"})
    one = only(live)
    assert numbers(one) == (0, 8, 0)
    assert one.notes == ("this branch's table lacks city: what came from there counts as not sent yet",)


def test_rows_that_stop_matching_leave_and_rows_that_begin_to_are_new(live: Shop) -> None:
    live.braze(where="id > 2")
    keep(live)
    live.braze(where="  id   < 8 ")
    one = only(live)
    assert said(one) == [("where", "changed", "where", "id > 2", "id < 8")]
    assert numbers(one) == (3, 0, 2)
    live.braze(where="id  > 2")
    assert compared(live).unchanged == 1


def test_a_mode_alone_resends_nothing(live: Shop) -> None:
    live.braze("additive")
    one = only(live)
    assert said(one) == [("mode", "changed", "sync_mode", "sync", "additive")]
    assert numbers(one) == (0, 0, 0)


def test_groups_are_joined_and_left(live: Shop) -> None:
    live.braze(groups=[{"name": "VIP", "column": "vip"}])
    one = only(live)
    assert said(one) == [("group", "added", "VIP", None, "vip")]
    assert numbers(one) == (0, 3, 0)
    keep(live)
    live.braze(groups=[{"name": "VIP", "column": "news"}])
    one = only(live)
    assert said(one) == [("group", "changed", "VIP", "vip", "news")]
    assert numbers(one) == (0, 3, 0)


def test_limits_and_settings_are_told_and_resend_nothing(live: Shop) -> None:
    live.braze(delete_limit="25%", max_data_points=100, on_removal="clear", nulls="ignore")
    one = only(live)
    assert said(one) == [
        ("limit", "changed", "delete_limit", "10%", "25%"),
        ("limit", "added", "max_data_points", None, "100"),
        ("setting", "changed", "nulls", "clear", "ignore"),
        ("setting", "changed", "on_removal", "delete", "clear"),
    ]
    assert numbers(one) == (0, 0, 0)


def test_a_new_destination_sends_every_record_and_a_removed_one_deletes_nobody(live: Shop) -> None:
    live.iterable()
    live.destinations = [d for d in live.destinations if d["name"] != "braze_customers"]
    comparison = compared(live)
    added, removed = comparison.destinations
    assert (added.destination, added.change, numbers(added)) == ("iterable_customers", "added", (10, 0, 0))
    assert (removed.destination, removed.change) == ("braze_customers", "removed")
    assert numbers(removed) == (0, 0, 0)
    assert "roo-dbt forget braze_customers" in removed.notes[0]
    assert comparison.unchanged == 0


def test_a_selection_leaves_out_what_was_removed_elsewhere(live: Shop) -> None:
    live.iterable()
    keep(live)
    live.destinations = [d for d in live.destinations if d["name"] != "iterable_customers"]
    assert [one.change for one in compared(live, select=("customers",)).destinations] == ["removed"]
    assert compared(live, destinations=("braze_customers",)).destinations == ()


def test_events_go_once_so_that_a_mapping_resends_none(live: Shop) -> None:
    live.sql("ALTER TABLE customers ADD COLUMN seen_at TIMESTAMP")
    live.sql("UPDATE customers SET seen_at = TIMESTAMP '2026-01-01'")
    mapping: dict[str, Any] = {"email": "email", "eventName": {"value": "seen"}, "createdAt": "seen_at"}
    event: dict[str, Any] = {
        "name": "orders",
        "app": "iterable",
        "object": "events",
        "first_sync": "send",
        "mapping": mapping,
    }
    live.destinations = [event]
    keep(live)
    live.destinations = [
        {**event, "mapping": {**event["mapping"], "dataFields.ltv": "ltv"}, "where": "id < 99"}
    ]
    one = only(live)
    assert {d.aspect for d in one.differences} == {"field", "where"}
    assert numbers(one) == (0, 0, 0)
    live.destinations = [{**event, "name": "later", "first_sync": "baseline"}]
    added = compared(live).destinations[0]
    assert numbers(added) == (0, 0, 0)
    assert "baseline" in added.notes[0]


def test_another_key_or_object_makes_every_record_new(live: Shop) -> None:
    live.key = "email"
    one = only(live)
    assert said(one)[0] == ("key", "changed", "key", "id", "email")
    assert numbers(one) == (10, 0, 0)
    assert "cannot be compared" in one.notes[0]


def test_a_destination_that_is_switched_on_sends_everything_and_one_switched_off_nothing(live: Shop) -> None:
    live.braze(enabled=False)
    off = only(live)
    assert (numbers(off), off.notes) == ((0, 0, 0), ("disabled by enabled: false",))
    keep(live)
    live.braze(enabled=True)
    assert numbers(only(live)) == (10, 0, 0)


def test_a_condition_that_this_branchs_table_cannot_answer_is_told_and_not_counted(live: Shop) -> None:
    live.braze(where="news")
    keep(live)
    live.sql("ALTER TABLE customers DROP COLUMN news")
    live.braze(where="vip")
    one = only(live)
    assert one.resent is None
    assert re.search("the warehouse cannot (compare the two|read it)", one.notes[0])


def test_a_declaration_that_needs_an_app_of_the_other_branch_is_told(live: Shop) -> None:
    live.roo["apps"]["new_braze"] = live.roo["apps"].pop("braze")
    live.braze(app="new_braze")
    comparison = compared(live)
    (one,) = comparison.destinations
    assert (one.change, one.resent) == ("changed", None)
    assert one.notes == (
        "the other manifest declares it in a way that this project's apps do not allow to read",
    )
    assert [problem.id for problem in comparison.problems] == ["unknown-app"]


@DUCKDB
def test_a_comparison_changes_no_byte_and_leaves_the_plan_as_it_is(live: Shop) -> None:
    live.iterable()
    live.report()
    keep(live)
    live.braze(mapping={**FIELDS, "town": "city"})
    live.write()
    alone = plan(live.options(), environ=live.environ)
    before = live.file.read_bytes()
    both = reported(live)
    assert both.plans == alone.plans
    assert live.file.read_bytes() == before


def test_a_folder_without_a_manifest_is_one_clear_sentence(live: Shop) -> None:
    with pytest.raises(UsageProblem, match="--state nowhere is no folder"):
        reported(live, state_dir=Path("nowhere"))
    (live.folder / "empty").mkdir()
    with pytest.raises(UsageProblem, match=r"--state has no manifest\.json") as caught:
        reported(live, state_dir=Path("empty"))
    assert str(live.folder / "empty") in str(caught.value)


def test_a_folder_of_results_selects_and_compares_nothing(live: Shop) -> None:
    earlier = live.folder / "earlier"
    earlier.mkdir()
    result = {"unique_id": "model.shop.customers", "status": "error"}
    metadata = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json"}
    (earlier / "run_results.json").write_text(json.dumps({"metadata": metadata, "results": [result]}))
    report = reported(live, state_dir=Path("earlier"), select=["result:error"])
    assert [entry.destination for entry in report.plans] == ["braze_customers"]
    assert report.comparison is None
    assert [problem.id for problem in report.warnings] == ["not-compared"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v99.json"}}', "v99"),
        ("{", "not valid JSON"),
        ("[]", "no file of dbt's"),
    ],
)
def test_a_manifest_that_cannot_be_read_is_one_clear_sentence(live: Shop, content: str, words: str) -> None:
    (live.folder / PRODUCTION / "manifest.json").write_text(content)
    with pytest.raises(ProjectProblem, match=words):
        reported(live)


def test_the_file_of_the_plan_has_the_comparison(live: Shop) -> None:
    live.braze(mapping={**FIELDS, "town": "city"})
    reported(live)
    document = json.loads((live.folder / "target" / "roo_plan.json").read_text())
    (one,) = document["comparison"]["destinations"]
    assert one["resent"] == {"create": 0, "update": 8, "delete": 0, "fields": {"town": 8}}
    assert one["differences"] == [
        {"aspect": "field", "name": "town", "kind": "added", "old": None, "new": "city"}
    ]
