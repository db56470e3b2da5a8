"""Numbers as people write them."""

from __future__ import annotations

import pytest

from roo_dbt.report.columns import aligned
from roo_dbt.report.wording import counted, duration, listed


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (0.44, "0.4 s"),
        (42, "42 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 5 min"),
    ],
)
def test_a_duration_has_no_more_digits_than_matter(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_one_is_singular_and_thousands_are_separated() -> None:
    assert counted(1, "record") == "1 record"
    assert counted(0, "record") == "0 records"
    assert counted(1200, "query", "queries") == "1,200 queries"


def test_a_list_of_words_ends_in_and() -> None:
    assert [listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_columns_are_as_wide_as_their_widest_cell_on_screen() -> None:
    lines = aligned([["日本", "1"], ["a", "1,000"]], right={1})

    assert [line.plain for line in lines] == ["日本      1", "a     1,000"]
