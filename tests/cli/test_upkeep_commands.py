"""Commands about what was sent, from the shell's side to a real database and back."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from tests.run.shop import ANN, BO, Shop

from roo_dbt.cli.group import program
from roo_dbt.cli.session import Session
from roo_dbt.destinations.braze import Braze
from roo_dbt.destinations.protocol import KnownField
from roo_dbt.errors import UsageProblem

Run = Callable[..., Any]
OLD, NEW = "braze_customers", "braze_people"


@pytest.fixture
def renamed(shop: Shop, run: Run) -> Shop:
    """A destination that was synced, and then got another name."""
    assert run("sync").code == 0
    shop.destinations[0]["name"] = NEW
    shop.write()
    return shop


def test_retry_says_how_many_records_are_due_again(shop: Shop, run: Run) -> None:
    shop.customers("(1, 'broken', 'Oslo', 1), (2, 'broken too', 'Rome', 2)")
    assert run("sync").code == 1
    assert "2 records held: sent again when it changes, or after `roo-dbt retry`." in run("failures").out

    ran = run("retry", "-d", OLD, "--key", "1")
    assert (ran.code, ran.out) == (0, "1 record is due again: the next `roo-dbt sync` tries.\n")
    ran = run("retry", "--output", "json")
    assert json.loads(ran.out) == {"event": "retry", "records": 1}
    ran = run("retry")
    assert (ran.code, ran.out.startswith("No such record is waiting")) == (0, True)
    assert "2 records due" in run("failures").out


def test_retry_of_an_unknown_destination_names_the_nearest(shop: Shop, run: Run) -> None:
    ran = run("retry", "-d", "braze_costumers")

    assert (ran.code, "Did you mean braze_customers?" in ran.err) == (2, True)


def test_why_tells_the_life_of_a_record(shop: Shop, run: Run) -> None:
    run("sync")
    shop.customers(f"(1, 'broken', 'Oslo', 10.5), {BO}")
    run("sync")

    ran = run("why", OLD, "1")

    assert ran.code == 0
    head, stands, model, held, blank, names, first, second = ran.out.splitlines()
    assert head == "braze_customers 1"
    assert stands.startswith("  The vendor has it, last accepted 20")
    assert model == "  It is in the model now."
    assert held.startswith("  It is held until it changes, or until `roo-dbt retry`: invalid_value")
    assert (blank, names.split()) == ("", ["when", "operation", "outcome", "code", "run", "message"])
    assert first.split()[2:5] == ["create", "accepted", "-"]
    assert second.split()[2:5] == ["update", "failed", "invalid_value"]
    assert "broken" not in ran.out


def test_why_speaks_json_and_refuses_what_is_unknown(shop: Shop, run: Run) -> None:
    run("sync")

    told = json.loads(run("why", OLD, "2", "--output", "json").out)
    assert (told["event"], told["standing"], told["in_model"]) == ("record", "active", True)
    assert [one["outcome"] for one in told["happenings"]] == ["accepted"]
    ran = run("why", OLD, "99")
    assert (ran.code, ran.out) == (2, "")
    assert "nothing is known of a record 99" in ran.err
    assert run("why", OLD).code == 2


def test_a_baseline_sends_nothing_and_says_so(shop: Shop, run: Run) -> None:
    ran = run("baseline")

    assert ran.code == 0
    assert ran.out.startswith("braze_customers  success  baseline: 3 records are taken as already sent;")
    assert shop.sandbox.requests == []
    assert "Nothing had changed" in run("sync").out


def test_a_baseline_that_leaves_records_behind_or_is_blocked_exits_with_1(shop: Shop, run: Run) -> None:
    shop.braze(mapping={"external_id": "email"})
    shop.write()
    shop.customers(f"{ANN}, (2, 'ann@example.com', 'Rome', 2)")

    ran = run("baseline")
    assert ran.code == 1
    assert "1 record cannot be sent as it is: see `roo-dbt failures`." in ran.out

    shop.customers(f"{ANN}, {ANN}")
    ran = run("baseline", "--output", "json")
    assert (ran.code, json.loads(ran.out)["status"]) == (1, "blocked")


def test_a_baseline_of_nothing_says_so(shop: Shop, run: Run) -> None:
    shop.braze(enabled=False)
    shop.write()

    assert run("baseline").out == "There is nothing to take: no destination is selected.\n"


def test_status_lists_what_is_gone_and_baseline_takes_it_over(renamed: Shop, run: Run) -> None:
    text = run("status").out
    assert "Snapshots whose destination is not declared any more:" in text
    assert f"{OLD}  customers  braze  users         3" in text
    events = [json.loads(line) for line in run("status", "--output", "json").out.splitlines()]
    assert [event["event"] for event in events] == ["run", "gone"]

    ran = run("baseline", "--from", OLD)

    assert (ran.code, ran.out.startswith(f"{NEW} goes on with the snapshot of {OLD}")) == (0, True)
    assert "Snapshots" not in run("status").out
    assert "Nothing had changed" in run("sync").out


def test_taking_over_speaks_json(renamed: Shop, run: Run) -> None:
    ran = run("baseline", "--from", OLD, "-d", NEW, "--output", "json")

    assert json.loads(ran.out) == {"event": "adopted", "from": OLD, "destination": NEW}


def forgetting(answer: str | None, *arguments: str) -> Any:
    """`roo-dbt forget` with somebody who types an answer."""
    typed = ["forget", OLD, *arguments]
    return CliRunner().invoke(program, typed, input=answer, standalone_mode=False, obj=Session())


def test_forget_asks_first_and_no_is_an_answer(renamed: Shop) -> None:
    ran = forgetting("n\n")

    assert ran.return_value == 1
    assert f"Forget that 3 records of {OLD} were sent to braze at {renamed.sandbox.url}?" in ran.stderr
    assert renamed.sql("SELECT count(*) FROM main_roo.snapshot__braze_customers") == [(3,)]


@pytest.mark.parametrize(("answer", "arguments"), [("y\n", ()), (None, ("--yes",))])
def test_forget_drops_the_snapshot_when_it_is_told_to(
    renamed: Shop, answer: str | None, arguments: tuple[str, ...]
) -> None:
    ran = forgetting(answer, *arguments)

    assert (ran.return_value, ran.stdout) == (0, f"The snapshot of {OLD} is dropped.\n")
    assert renamed.sql("SELECT count(*) FROM main_roo.roo_destinations") == [(0,)]


def test_forget_without_anybody_to_ask_wants_yes(renamed: Shop) -> None:
    ran = forgetting("")

    assert isinstance(ran.exception, UsageProblem)
    assert "Add --yes" in str(ran.exception)
    assert json.loads(forgetting(None, "--yes", "--output", "json").stdout)["destination"] == OLD


def test_forget_refuses_what_is_declared_without_asking(shop: Shop, run: Run) -> None:
    run("sync")

    ran = run("forget", OLD)

    assert (ran.code, ran.out) == (2, "")
    assert "is declared in this project" in ran.err


def test_fields_are_shown_as_a_table_and_as_json(
    shop: Shop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = (KnownField("tier", "text"), KnownField("age", "number", "blocklisted"))
    monkeypatch.setattr(Braze, "fields", lambda *_: found)

    assert run("fields", "braze").out.splitlines() == [
        "field  type",
        "age    number  blocklisted",
        "tier   text",
        "2 fields",
    ]
    lines = [json.loads(line) for line in run("fields", "braze", "--output", "json").out.splitlines()]
    assert lines[0] == {"event": "field", "name": "age", "type": "number", "note": "blocklisted"}
    monkeypatch.setattr(Braze, "fields", lambda *_: ())
    assert "names no fields" in run("fields", "braze").out


def test_fields_of_an_app_that_is_not_declared_exits_with_2(shop: Shop, run: Run) -> None:
    ran = run("fields", "braz")

    assert (ran.code, "Did you mean braze?" in ran.err) == (2, True)
