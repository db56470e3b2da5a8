"""docs/reliability.md says what the tests show."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from tests.faults.matrix import table

from roo_dbt.export import RetryPolicy

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"

MEANINGS = {
    "attempts": "how often one request is sent in all after lost connections and server errors",
    "seconds": "time that one request may spend on it, sending and waiting, in seconds",
    "base": "longest wait after the first failure, in seconds; doubled after each further one (full jitter)",
    "cap": "longest wait between two attempts, in seconds",
    "least": "shortest wait, in seconds",
    "longest_wait": "waits named by the vendor, and rate limits, of one request in all, in seconds; beyond "
    "it the destination ends with exit 3",
    "isolated": "records that a search for what spoils a batch may find before it is given up",
    "drain_seconds": "time that requests in flight have after an interrupt, in seconds",
}


def policy() -> str:
    """The numbers of the retry policy."""
    rows = [
        f"| `{number.name}` | {number.default:g} | {MEANINGS[number.name]} |"
        for number in fields(RetryPolicy)
    ]
    return "\n".join(["| number | default | meaning |", "| --- | --- | --- |", *rows])


TABLES = {"matrix": table, "retry policy": policy}


@pytest.mark.parametrize("name", TABLES)
def test_the_reliability_page_has_the_table_that_the_tests_are_made_from(name: str) -> None:
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- end -->", PAGE.read_text(encoding="utf-8"), re.DOTALL)

    assert found is not None
    assert found[1] == TABLES[name]()


def test_every_number_of_the_policy_is_explained() -> None:
    assert set(MEANINGS) == {number.name for number in fields(RetryPolicy)}
