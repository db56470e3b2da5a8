"""Values are written by the type of their column, never by their looks."""

from __future__ import annotations

import pytest

from roo_dbt.destinations.iterable.values import encoder, family
from roo_dbt.records import NOT_FINITE, Column

TIME = "2026-01-02T03:04:05.678Z"


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("VARCHAR", "text"),
        ("VARCHAR(20)", "text"),
        ("character varying(256)", "text"),
        ("ENUM('a', 'date')", "text"),
        ("UUID", "text"),
        ("TIME", "text"),
        ("integer", "number"),
        ("UTINYINT", "number"),
        ("INT64", "number"),
        ("HUGEINT", "number"),
        ("DECIMAL(18,3)", "number"),
        ("double precision", "number"),
        ("BOOLEAN", "boolean"),
        ("DATE", "date"),
        ("TIMESTAMP", "time"),
        ("TIMESTAMP WITH TIME ZONE", "time"),
        ("timestamp without time zone", "time"),
        ("TIMESTAMP_NTZ(9)", "time"),
        ("DATETIME", "time"),
        ("VARCHAR[]", "nested"),
        ("INTEGER[3]", "nested"),
        ("STRUCT(a DATE)", "nested"),
        ("MAP(VARCHAR, INTEGER)", "nested"),
        ("JSON", "nested"),
        ("jsonb", "nested"),
        ("INTERVAL", "text"),
    ],
)
def test_the_family_of_a_column_type(type_: str, expected: str) -> None:
    assert family(type_) == expected


@pytest.mark.parametrize("type_", ["TIMESTAMP", "TIMESTAMP WITH TIME ZONE", "DATETIME"])
def test_edge_18_a_time_is_written_without_milliseconds_and_with_its_offset(type_: str) -> None:
    assert encoder("seen_at", Column("seen_at", type_))(TIME) == "2026-01-02 03:04:05 +00:00"


def test_lists_of_times_are_lists_of_times_at_every_depth() -> None:
    written = "2026-01-02 03:04:05 +00:00"
    assert encoder("t", Column("t", "TIMESTAMP[]"))([TIME, None]) == [written, None]
    assert encoder("t", Column("t", "TIMESTAMP[][2]"))([[TIME], None]) == [[written], None]


@pytest.mark.parametrize(
    "column", [None, Column("a", "VARCHAR"), Column("a", "JSON"), Column("a", "STRUCT(a TIMESTAMP)")]
)
def test_text_that_looks_like_a_time_stays_as_it_is(column: Column | None) -> None:
    assert encoder("a", column)(TIME) == TIME


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("TIMESTAMP", f"{NOT_FINITE}infinity"),
        ("TIMESTAMP", "12026-01-02T03:04:05.678Z"),
        ("TIMESTAMP", "2026-01-02"),
        ("TIMESTAMP", 3),
        ("DATE", f"{NOT_FINITE}-infinity"),
        ("DATE", "12026-01-02"),
        ("DATE", TIME),
        ("TIMESTAMP[]", [f"{NOT_FINITE}infinity"]),
        ("DOUBLE[]", [f"{NOT_FINITE}NaN"]),
    ],
)
def test_what_iterable_cannot_hold_is_refused_without_repeating_it(type_: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"cannot hold|cannot say") as caught:
        encoder("a", Column("a", type_))(value)
    assert "2026" not in str(caught.value)


@pytest.mark.parametrize(
    "value", ["", "x", 0, -1, 2**53 + 1, 0.1, True, False, [], [None, 1], {}, {"a": None}]
)
def test_edge_19_everything_else_stays_as_it_is(value: object) -> None:
    written = encoder("a", None)(value)
    assert written == value
    assert type(written) is type(value)
