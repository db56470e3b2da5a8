"""Records made due again, snapshots taken over and forgotten."""

from __future__ import annotations

import pytest
from tests.run.shop import ANN, BO, CY, Shop, counted

from roo_dbt.errors import Blocked, RooError, TargetRefused, UsageProblem, WarehouseLost
from roo_dbt.records.history import GoneSnapshot
from roo_dbt.run import adopt, forget, gone, retry, status

ALSO_ELSEWHERE = True

OLD, NEW = "braze_customers", "braze_people"


def retried(shop: Shop, *keys: str, destinations: tuple[str, ...] = ()) -> int:
    """`roo-dbt retry`."""
    shop.write()
    return retry(shop.options(destinations=destinations), shop.environ, keys)


def snapshots(shop: Shop) -> list[GoneSnapshot]:
    """The snapshots whose destination is gone."""
    shop.write()
    return gone(shop.options(), shop.environ)


def taken_over(shop: Shop, old: str = OLD, *destinations: str) -> str:
    """`roo-dbt baseline --from`."""
    shop.write()
    return adopt(shop.options(destinations=destinations), old, shop.environ)


def tables(shop: Shop) -> set[str]:
    """The tables of snapshots and changes."""
    rows = shop.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = 'main_roo'")
    return {name for (name,) in rows if "__" in name}


def rename(shop: Shop) -> None:
    """Give the destination another name, as its author would."""
    shop.destinations[0]["name"] = NEW


def held_live(shop: Shop, name: str) -> None:
    """A lock of somebody on another machine who is alive."""
    shop.sql(
        f"DELETE FROM main_roo.roo_locks WHERE destination = '{name}'",
        f"INSERT INTO main_roo.roo_locks VALUES ('{name}', 'theirs', 'elsewhere', 1, now(), now())",
    )


def test_a_refused_record_goes_again_after_retry(shop: Shop) -> None:
    shop.sandbox.fault("item", "/users/track", ids=["2"], count=1)
    shop.sync()
    assert counted(shop.sync()) == {"unchanged": 2, "held": 1}

    assert retried(shop) == 1

    assert shop.failures()[0].permanent is False
    assert counted(shop.sync()) == {"created": 1, "unchanged": 2}
    assert shop.failures() == []


def test_retry_makes_the_named_records_due_and_no_others(shop: Shop) -> None:
    shop.customers("(1, 'broken', 'Oslo', 1), (2, 'broken too', 'Rome', 2)")
    shop.sync()

    assert retried(shop, "2", "99") == 1

    assert {row.key: row.permanent for row in shop.failures()} == {"1": True, "2": False}
    assert retried(shop, "2") == 0


def test_retry_leaves_other_destinations_alone(shop: Shop) -> None:
    shop.customers(f"(1, 'broken', 'Oslo', 1), {BO}")
    shop.destinations.append({**shop.destinations[0], "name": NEW})
    shop.report()

    assert retried(shop, destinations=(NEW,)) == 1

    assert {row.destination: row.permanent for row in shop.failures()} == {OLD: True, NEW: False}


def test_a_record_without_a_sure_answer_is_forgotten_so_that_it_can_go(shop: Shop) -> None:
    shop.sync()
    shop.sql(
        "INSERT INTO main_roo.roo_unaccepted VALUES ('braze_customers', '7', 'create', 'unknown', "
        "'ambiguous', 'no answer', 1, now(), now(), true, '')"
    )

    assert retried(shop) == 1

    assert shop.sql("SELECT * FROM main_roo.roo_unaccepted") == []


def test_an_absent_user_is_asked_for_again_only_when_it_is_named(shop: Shop) -> None:
    shop.destinations.clear()
    shop.iterable("enrich")
    shop.customers(ANN)
    assert counted(shop.sync()) == {"skipped": 1}
    shop.sandbox.iterable_users["ann@example.com"] = {"email": "ann@example.com"}

    assert retried(shop) == 0
    assert counted(shop.sync()) == {"skipped": 1}
    assert retried(shop, "1") == 1
    assert shop.sql("SELECT permanent FROM main_roo.roo_unaccepted") == [(False,)]


def test_retry_before_the_first_sync_has_nothing_to_do(shop: Shop) -> None:
    assert retried(shop) == 0
    shop.sync()
    shop.iterable()
    assert retried(shop) == 0


def test_retry_finishes_an_interrupted_run_first(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_: object) -> None:
        raise WarehouseLost("the warehouse went away")

    shop.sandbox.fault("item", "/users/track", ids=["2"], count=1)
    with monkeypatch.context() as broken:
        broken.setattr("roo_dbt.state.commit", lost)
        assert shop.report().exit_code == 3

    assert retried(shop) == 1

    assert shop.sql("SELECT pending_run FROM main_roo.roo_destinations") == [(None,)]
    assert counted(shop.sync()) == {"created": 1, "unchanged": 2}


def test_a_composite_key_may_be_typed_with_blanks(shop: Shop) -> None:
    shop.key = ["id", "city"]
    shop.customers("(1, 'broken', 'Oslo', 1)")
    shop.sync()

    assert shop.failures()[0].key == '[1,"Oslo"]'
    assert retried(shop, '[1, "Oslo"]') == 1


def test_nobody_takes_over_what_a_live_run_is_exporting(shop: Shop) -> None:
    shop.sync()
    held_live(shop, OLD)

    with pytest.raises(Blocked, match="process 1 on elsewhere"):
        retried(shop)
    rename(shop)
    with pytest.raises(Blocked):
        taken_over(shop)
    with pytest.raises(Blocked):
        forget(shop.options(), OLD, shop.environ)
    assert "snapshot__braze_customers" in tables(shop)


def test_a_target_that_may_only_plan_changes_no_state(shop: Shop) -> None:
    shop.sync()
    rename(shop)
    shop.roo["targets"] = ["prod"]

    for change in (lambda: retried(shop), lambda: taken_over(shop), lambda: forget(shop.options(), OLD)):
        with pytest.raises(TargetRefused, match="the target dev may not send"):
            change()
    assert [one.destination for one in snapshots(shop)] == [OLD]


def test_a_snapshot_whose_destination_is_gone_is_listed(shop: Shop) -> None:
    assert snapshots(shop) == []
    shop.sync()
    assert snapshots(shop) == []
    shop.destinations.clear()

    (one,) = snapshots(shop)

    assert (one.destination, one.unique_id, one.app, one.object) == (
        OLD,
        "model.shop.customers",
        "braze",
        "users",
    )
    assert (one.endpoint, one.records) == (shop.sandbox.url, 3)
    history = status(shop.options(), environ=shop.environ)
    assert [run.destination for run in history.runs] == [OLD]
    assert history.gone == (one,)


def test_a_destination_that_never_committed_is_gone_without_records(shop: Shop) -> None:
    shop.sync()
    shop.sql("UPDATE main_roo.roo_destinations SET snapshot_shape = NULL")
    shop.destinations.clear()

    assert [one.records for one in snapshots(shop)] == [0]


def test_the_last_runs_are_those_of_the_selected_destinations(shop: Shop) -> None:
    shop.iterable()
    shop.report()
    shop.write()

    runs = status(shop.options(destinations=(OLD,)), environ=shop.environ).runs

    assert [run.destination for run in runs] == [OLD]
    assert len(status(shop.options(), environ=shop.environ).runs) == 2


def test_a_renamed_destination_says_how_to_go_on(shop: Shop) -> None:
    shop.sync()
    rename(shop)

    message = str(shop.sync().message)

    assert "roo-dbt baseline --from braze_customers" in message
    assert "roo-dbt forget braze_customers" in message
    assert "--full-refresh" in message


def test_a_renamed_destination_goes_on_with_the_snapshot_it_took_over(shop: Shop) -> None:
    shop.customers(f"{ANN}, {BO}, (4, 'broken', 'Rome', 4)")
    shop.sync()
    rename(shop)

    assert taken_over(shop) == NEW

    assert tables(shop) == {"snapshot__braze_people"}
    assert counted(shop.sync()) == {"unchanged": 2, "held": 1}
    assert snapshots(shop) == []
    assert shop.sql("SELECT DISTINCT destination FROM main_roo.roo_outcomes") == [(NEW,)]
    shop.customers("(1, 'ann@example.com', 'Bergen', 10.5)")
    assert counted(shop.sync()) == {"updated": 1, "deleted": 1}


def test_an_empty_snapshot_of_its_own_is_replaced(shop: Shop) -> None:
    shop.sync()
    rename(shop)
    shop.customers("SELECT * FROM customers WHERE false")
    shop.sync(full_refresh=True)
    shop.customers(f"{ANN}, {BO}, {CY}")

    assert taken_over(shop) == NEW
    assert counted(shop.sync()) == {"unchanged": 3}


def refused(shop: Shop, *words: str, old: str = OLD, destinations: tuple[str, ...] = ()) -> None:
    """Nothing is taken over, and the sentence says why."""
    before = tables(shop)
    with pytest.raises(UsageProblem) as caught:
        taken_over(shop, old, *destinations)
    assert all(word in str(caught.value) for word in words), str(caught.value)
    assert tables(shop) == before


def test_what_is_declared_is_not_taken_over(shop: Shop) -> None:
    shop.sync()
    refused(shop, "is declared in this project")


def test_what_is_not_known_is_not_taken_over(shop: Shop) -> None:
    refused(shop, "there is no snapshot named braze_customer.", old="braze_customer")
    shop.sync()
    rename(shop)
    refused(shop, "Did you mean braze_customers?", old="braze_customer")


def test_an_heir_must_be_the_only_one_of_its_kind(shop: Shop) -> None:
    shop.sync()
    shop.destinations[0]["name"] = "one"
    shop.destinations.append({**shop.destinations[0], "name": "two"})
    refused(shop, "several destinations are: one, two", "--destination")
    assert taken_over(shop, OLD, "two") == "two"


def test_an_heir_must_have_the_same_app_and_object(shop: Shop) -> None:
    shop.sync()
    shop.destinations.clear()
    shop.iterable()
    refused(shop, "no selected destination is", "app and object must be the same")


def test_two_snapshots_with_records_are_not_mixed(shop: Shop) -> None:
    shop.sync()
    rename(shop)
    shop.sync(full_refresh=True)
    refused(shop, "has a snapshot of its own already, with 3 records", "roo-dbt forget braze_customers")


def test_records_of_the_heir_that_may_have_arrived_are_not_forgotten(shop: Shop) -> None:
    shop.sync()
    shop.sql(
        "INSERT INTO main_roo.roo_unaccepted (destination, key, operation, status, permanent) "
        f"VALUES ('{NEW}', '7', 'create', 'unknown', true)"
    )
    rename(shop)
    refused(shop, f"{NEW} has 1 record of its own that may have arrived", f"roo-dbt failures -d {NEW}")


def test_a_snapshot_that_never_was_cannot_be_taken_over(shop: Shop) -> None:
    shop.sync()
    shop.sql("UPDATE main_roo.roo_destinations SET snapshot_shape = NULL")
    rename(shop)
    refused(shop, "never sent a record")


def test_a_forgotten_snapshot_leaves_nothing_but_its_runs(shop: Shop) -> None:
    shop.customers(f"{ANN}, (4, 'broken', 'Rome', 4)")
    shop.sync()
    rename(shop)
    shop.write()

    forget(shop.options(), OLD, shop.environ)

    assert tables(shop) == set()
    for table in ("roo_destinations", "roo_unaccepted", "roo_outcomes", "roo_locks", "roo_acknowledged"):
        assert shop.sql(f"SELECT * FROM main_roo.{table}") == []
    assert shop.sql("SELECT destination FROM main_roo.roo_runs") == [(OLD,)]
    assert counted(shop.sync()) == {"created": 1, "failed": 1}


@pytest.mark.parametrize("name", [OLD, "nobody"])
def test_what_is_declared_or_unknown_cannot_be_forgotten(shop: Shop, name: str) -> None:
    shop.sync()
    with pytest.raises(RooError) as caught:
        forget(shop.options(), name, shop.environ)
    assert caught.value.exit_code == 2
    assert counted(shop.sync()) == {"unchanged": 3}
