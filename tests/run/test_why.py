"""The life of one record, and the fields of a workspace."""

from __future__ import annotations

import pytest
from tests.run.shop import ANN, BO, CY, Shop, counted

from roo_dbt.destinations.braze import Braze
from roo_dbt.destinations.protocol import KnownField, Send
from roo_dbt.errors import ConfigurationProblem, UsageProblem
from roo_dbt.records import Request
from roo_dbt.records.history import RecordLife
from roo_dbt.run import baseline, fields, why

ALSO_ELSEWHERE = True

NAME = "braze_customers"


def life(shop: Shop, key: str, name: str = NAME) -> RecordLife:
    """`roo-dbt why`."""
    shop.write()
    return why(shop.options(), name, key, shop.environ)


def test_the_life_of_an_accepted_record(shop: Shop) -> None:
    shop.sync()
    shop.customers(f"(1, 'ann@example.com', 'Bergen', 10.5), {BO}, {CY}")
    shop.sync()

    ann = life(shop, "1")

    assert (ann.standing, ann.in_model, ann.waiting, ann.interrupted) == ("active", True, None, False)
    assert [(one.operation, one.outcome) for one in ann.happenings] == [
        ("create", "accepted"),
        ("update", "accepted"),
    ]
    runs = [run.run_id for run in reversed(shop.status())]
    assert [one.run_id for one in ann.happenings] == runs
    assert ann.synced_at is not None
    assert ann.happenings[0].time <= ann.synced_at


def test_the_life_of_a_record_that_is_held(shop: Shop) -> None:
    shop.customers(f"(1, 'broken', 'Oslo', 1), {BO}")
    shop.sync()

    ann = life(shop, "1")

    assert (ann.standing, ann.synced_at, ann.in_model) == ("absent", None, True)
    assert ann.waiting is not None
    assert (ann.waiting.code, ann.waiting.permanent) == ("invalid_value", True)
    assert [(one.outcome, one.code) for one in ann.happenings] == [("failed", "invalid_value")]


def test_the_life_of_a_record_that_left(shop: Shop) -> None:
    shop.braze("additive")
    shop.sync()
    shop.customers(f"{ANN}, {BO}")
    shop.sync()
    assert (life(shop, "3").standing, life(shop, "3").in_model) == ("departed", False)
    shop.braze("sync")
    shop.sync()
    assert life(shop, "3").standing == "absent"
    assert life(shop, "3").happenings[-1].operation == "delete"


def test_a_row_that_where_leaves_out_is_not_in_the_model(shop: Shop) -> None:
    shop.braze("additive")
    shop.sync()
    shop.braze("additive", where="id <> 2 -- not him")

    assert life(shop, "2").in_model is False


def test_a_composite_key_may_be_typed_with_blanks(shop: Shop) -> None:
    shop.key = ["id", "city"]
    shop.customers(f"{ANN}, {CY}")
    shop.sync()

    ann = life(shop, '[1, "Oslo"]')

    assert (ann.key, ann.standing, ann.in_model) == ('[1,"Oslo"]', "active", True)
    with pytest.raises(UsageProblem, match="JSON array"):
        life(shop, "1")


def test_a_record_before_the_first_sync_is_only_in_the_model(shop: Shop) -> None:
    ann = life(shop, "1")

    assert (ann.standing, ann.in_model, ann.happenings) == ("absent", True, ())


def test_a_baseline_is_part_of_a_life(shop: Shop) -> None:
    shop.write()
    baseline(shop.options(), shop.environ)

    assert "baseline" in str(life(shop, "1").happenings[0].message)


def test_a_destination_that_is_gone_can_still_be_asked_about(shop: Shop) -> None:
    shop.sync()
    shop.destinations.clear()

    assert (life(shop, "1").standing, life(shop, "1").in_model) == ("active", None)


def test_a_model_without_its_table_cannot_tell_and_that_is_no_error(shop: Shop) -> None:
    shop.sync()
    shop.sql("DROP TABLE customers")

    assert (life(shop, "1").standing, life(shop, "1").in_model) == ("active", None)


def test_an_interrupted_run_is_said_to_be_missing(shop: Shop) -> None:
    shop.sync()
    shop.sql("UPDATE main_roo.roo_destinations SET pending_run = 'x', pending_shape = snapshot_shape")

    assert life(shop, "1").interrupted


def test_an_unknown_key_and_an_unknown_destination_are_refused(shop: Shop) -> None:
    shop.sync()
    with pytest.raises(UsageProblem, match="nothing is known of a record 99"):
        life(shop, "99")
    with pytest.raises(UsageProblem, match=r"Did you mean braze_customers\?"):
        life(shop, "1", "braze_costumers")


def test_the_fields_of_a_workspace_are_asked_for_over_http(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(_: Braze, send: Send) -> tuple[KnownField, ...]:
        send(Request("GET", "/a-question"))
        return KnownField("tier", "text"), KnownField("age", "number", "blocklisted")

    monkeypatch.setattr(Braze, "fields", told)
    shop.write()

    found = fields(shop.options(), "braze", shop.environ)

    assert [field.name for field in found] == ["age", "tier"]
    assert [entry.path for entry in shop.sandbox.requests] == ["/a-question"]


def test_the_fields_of_an_unknown_app_or_without_a_key_are_refused(shop: Shop) -> None:
    shop.write()
    with pytest.raises(UsageProblem, match=r"Did you mean braze\?"):
        fields(shop.options(), "braz", shop.environ)
    with pytest.raises(UsageProblem, match="It has braze, iterable"):
        fields(shop.options(), "mail", shop.environ)
    with pytest.raises(ConfigurationProblem, match="BRAZE_KEY"):
        fields(shop.options(), "braze", {})
    assert counted(shop.sync()) == {"created": 3}
