"""Destinations that share users, of which one was interrupted: the others know whom it had sent."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

import pytest
from tests.run.shop import Shop, counted
from tests.state.test_lock import dead_pid

from roo_dbt.run import planning, why
from roo_dbt.run.opening import Opened
from roo_dbt.run.syncing import Sync
from roo_dbt.state import Known
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.statement import RefusedStatement

COLUMNS = "id, email, city, ltv, vip"
ANN_PAYS = "(1, 'ann@example.com', 'Oslo', 1, false), (2, 'bo@example.com', 'Rome', 2, true)"
ANN_PAYS_AND_IS_VIP = ANN_PAYS.replace("1, false", "1, true")
ANN_IS_VIP = ANN_PAYS.replace("1, false", "-1, true")


class Death(BaseException):
    """The process ends before it commits what the vendor confirmed."""


@pytest.fixture
def both(shop: Shop) -> Shop:
    """Ann is of the payers alone, Bo of the payers and of the VIPs."""
    shop.destinations = []
    shop.braze(name="braze_payers", where="ltv > 0", mapping={"external_id": "id", "email": "email"})
    shop.braze(name="braze_vips", where="vip", mapping={"external_id": "id", "home_city": "city"})
    shop.customers(ANN_PAYS, COLUMNS)
    shop.report()
    return shop


def interrupted_while_vips_are_sent(shop: Shop) -> None:
    """A sync of the VIPs whose process is killed when all answers are there."""
    with mock.patch.object(Sync, "_commit", side_effect=Death), pytest.raises(Death):
        shop.report(destinations=("braze_vips",))
    shop.sql(f"UPDATE main_roo.roo_locks SET pid = {dead_pid()} WHERE destination = 'braze_vips'")


def sync_payers(shop: Shop) -> dict[str, int]:
    """A sync of the payers alone, however many leave."""
    return counted(shop.sync(destinations=("braze_payers",), yes_delete=frozenset({"braze_payers"})))


def test_a_user_whom_an_interrupted_run_had_sent_is_not_deleted_by_another_destination(both: Shop) -> None:
    both.customers(ANN_PAYS_AND_IS_VIP, COLUMNS)
    interrupted_while_vips_are_sent(both)
    assert both.sandbox.braze_users["1"]["home_city"] == "Oslo"
    both.customers(ANN_IS_VIP, COLUMNS)
    assert [plan.counts.delete for plan in both.plans() if plan.destination == "braze_payers"] == [0]
    sync_payers(both)
    assert both.sandbox.braze_users["1"]["home_city"] == "Oslo"
    assert counted(both.sync(destinations=("braze_vips",))) == {"unchanged": 2}


def test_what_a_live_run_is_exporting_is_left_to_it(both: Shop) -> None:
    both.customers(ANN_PAYS_AND_IS_VIP, COLUMNS)
    interrupted_while_vips_are_sent(both)
    both.sql("UPDATE main_roo.roo_locks SET host = 'elsewhere' WHERE destination = 'braze_vips'")
    assert sync_payers(both) == {"unchanged": 2}
    assert both.sql("SELECT pending_run IS NULL FROM main_roo.roo_destinations ORDER BY destination") == [
        (True,),
        (False,),
    ]


def test_a_plan_reads_a_rebuilt_snapshot_that_is_not_in_its_place_yet(both: Shop) -> None:
    """As a commit without transactions leaves it when it ends before the swap."""

    both.sql(
        "CREATE TABLE main_roo.rebuilt__braze_payers AS SELECT * FROM main_roo.snapshot__braze_payers",
        "DELETE FROM main_roo.snapshot__braze_payers",
        "UPDATE main_roo.roo_destinations SET pending_shape = snapshot_shape WHERE destination = 'braze_payers'",
    )
    assert [plan.counts.unchanged for plan in both.plans()] == [2, 1]
    assert why(both.options(), "braze_payers", "1", both.environ).standing == "active"
    assert sync_payers(both) == {"unchanged": 2}


def test_a_plan_begins_anew_when_a_sync_has_ended_under_it(both: Shop) -> None:
    """What was known said that a run is pending; its table of changes is gone when it is read."""
    now, asked = planning._known, list[dict[str, Known]]()

    def before_the_sync_ended(opened: Opened, session: Session) -> dict[str, Known]:
        found = now(opened, session)
        if not asked:
            found = {
                n: replace(row, pending_run="theirs", pending_shape=row.shape) for n, row in found.items()
            }
        asked.append(found)
        return found

    with mock.patch.object(planning, "_known", before_the_sync_ended):
        assert [plan.status for plan in both.plans()] == ["planned", "planned"]
    assert len(asked) == 3


def test_a_plan_that_the_warehouse_refuses_is_refused_once(both: Shop) -> None:
    refusal = RefusedStatement("no", "SELECT 1")
    with (
        mock.patch.object(planning, "compare", side_effect=refusal) as compare,
        pytest.raises(RefusedStatement),
    ):
        both.plans()
    assert compare.call_count == 1
