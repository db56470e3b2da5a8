"""What the contract asks of its subclasses, and which cases follow from a declaration."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tests.destinations.webhook import test_webhook_contract as webhooks
from tests.testing.guide import ROOT, parcel_contract

from roo_dbt.destinations.webhook import Webhook
from roo_dbt.testing import DestinationContract


def cases(contract: type) -> set[str]:
    return {name for name in dir(contract) if name.startswith("test_") and getattr(contract, name)}


def test_there_are_over_forty_cases_and_each_says_what_it_is_about() -> None:
    every = cases(DestinationContract)

    assert len(every) > 40
    assert [name for name in every if not getattr(DestinationContract, name).__doc__] == []


def test_cases_about_groups_go_with_the_groups() -> None:
    with_groups, without = cases(parcel_contract()), cases(webhooks.TestWebhookInBatches)

    assert "test_a_record_leaves_a_group" in with_groups
    assert not any("group" in name for name in without)


def test_cases_about_removal_go_with_the_mode() -> None:
    assert "test_a_record_that_left_is_deleted" in cases(webhooks.TestWebhookInBatches)
    assert "test_a_record_that_left_is_deleted" not in cases(webhooks.TestWebhookByTheStatusAlone)


def test_cases_about_the_body_go_with_whether_it_is_read() -> None:
    assert "test_a_page_instead_of_an_answer_is_no_success" in cases(webhooks.TestWebhookInBatches)
    assert "test_a_page_instead_of_an_answer_is_no_success" not in cases(webhooks.TestWebhookByTheStatusAlone)


def test_a_case_cannot_be_switched_off() -> None:
    with pytest.raises(TypeError, match="must not override test_a_full_request"):
        type("TestLazy", (webhooks.TestWebhookInBatches,), {"test_a_full_request": None})


def test_what_has_no_default_must_be_said() -> None:
    with pytest.raises(TypeError, match="TestSilent must say app_type, text_field, other_field"):
        type("TestSilent", (DestinationContract,), {})


def test_the_object_must_exist() -> None:
    said = {"app_type": Webhook, "text_field": "city", "other_field": "name"}

    with pytest.raises(TypeError, match="Webhook has no object users"):
        type("TestElsewhere", (DestinationContract,), said)


def test_nothing_but_the_kit_imports_pytest() -> None:
    program = (
        "import sys, roo_dbt.run, roo_dbt.cli.group, roo_dbt.destinations.webhook;"
        "print('pytest' in sys.modules, 'roo_dbt.testing' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT / "src"
    )

    assert done.stdout.split() == ["False", "False"]
