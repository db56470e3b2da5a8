"""A vendor's message loses the record's values and keeps its words."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roo_dbt.export.masking import without_values
from roo_dbt.records import Change


def change(new: dict[str, Any], old: dict[str, Any] | None = None, key: str = "42") -> Change:
    return Change(1, "update" if old else "create", key, old or {}, new, tuple(new))


@pytest.mark.parametrize(
    ("values", "said", "left"),
    [
        ({"email": "a@b.example"}, "'a@b.example' is not valid", "'***' is not valid"),
        ({"city": "Oslo", "town": "Oslo"}, "Oslo or Oslo-West", "*** or ***-West"),
        ({"city": "the"}, "other things", "other things"),
        ({"city": "is"}, "it is wrong", "it is wrong"),
        ({"ltv": 1234.5}, "1234.5 is too much, 71234.5 is not", "*** is too much, 71234.5 is not"),
        ({"vip": True, "none": None}, "True and None", "True and None"),
        ({"tags": ["secret"], "home": {"street": "Storgata"}}, "secret in Storgata", "*** in ***"),
        ({"id": "4200"}, "record 4200", "record ***"),
        ({"a": "long", "b": "long road"}, "a long road", "a ***"),
    ],
)
def test_values_are_masked_where_they_stand_alone(values: dict[str, Any], said: str, left: str) -> None:
    assert without_values(said, change(values)) == left


def test_old_values_are_masked_too_and_the_key_is_not() -> None:
    one = change({"id": "42777", "city": "Rome"}, {"city": "Oslo"}, key="42777")
    assert without_values("42777 left Oslo for Rome", one) == "42777 left *** for ***"


@given(st.lists(st.text("abcæ01", min_size=3, max_size=6), min_size=1))
def test_no_value_is_left_among_the_words(values: list[str]) -> None:
    said = f"bad: {' and '.join(values)}!"
    masked = without_values(said, change({str(n): value for n, value in enumerate(values)}, key=""))
    assert masked == f"bad: {' and '.join(['***'] * len(values))}!"
