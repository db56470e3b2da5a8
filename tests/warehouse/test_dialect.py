"""Every type of DuckDB as JSON, and the names and messages around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roo_dbt.records import NOT_FINITE
from roo_dbt.warehouse.dialect import identifier_text, key_text
from roo_dbt.warehouse.dialects.duckdb import DuckDBDialect

DIALECT = DuckDBDialect()
MARK = NOT_FINITE


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory whose clock shows UTC, as every session's does."""
    with duckdb.connect() as made:
        made.execute("SET TimeZone = 'UTC'")
        yield made


def column(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """Store a value in a table, as a model would; the type that the catalogue gives it."""
    connection.execute(f"CREATE OR REPLACE TABLE model AS SELECT {sql} AS x")
    row = connection.execute("SELECT data_type FROM duckdb_columns() WHERE table_name = 'model'").fetchone()
    assert row is not None
    return str(row[0])


def as_json(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    """A stored value as the JSON that the warehouse writes."""
    form = DIALECT.json_form('"x"', column(connection, sql))
    row = connection.execute(
        f"SELECT {DIALECT.text(DIALECT.json_object([('x', form)]))} FROM model"
    ).fetchone()
    assert row is not None
    return orjson.loads(row[0])["x"]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("true", True),
        ("7::TINYINT", 7),
        ("18446744073709551615::UBIGINT", 18446744073709551615),
        ("9007199254740993::BIGINT", 9007199254740993),
        ("5::HUGEINT", 5),
        (
            "170141183460469231731687303715884105727::HUGEINT",
            MARK + "170141183460469231731687303715884105727",
        ),
        ("9223372036854775808::UHUGEINT", MARK + "9223372036854775808"),
        ("0.1::FLOAT", 0.1),
        ("0.1::DOUBLE", 0.1),
        ("1e300::DOUBLE", 1e300),
        ("'nan'::DOUBLE", MARK + "nan"),
        ("'-inf'::FLOAT", MARK + "-inf"),
        ("1.50::DECIMAL(10,2)", 1.5),
        ("-0.50::DECIMAL(2,2)", -0.5),
        ("0.25::DECIMAL(38,38)", 0.25),
        ("1234567890123456.78::DECIMAL(38,2)", 1234567890123456.78),
        ("123456789012345678::DECIMAL(18,0)", 123456789012345678),
        ("12345678901234567890123::DECIMAL(38,0)", MARK + "12345678901234567890123"),
    ],
)
def test_numbers_are_json_numbers_and_marked_text_where_json_has_none(
    connection: duckdb.DuckDBPyConnection, sql: str, expected: Any
) -> None:
    assert as_json(connection, sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("DATE '2026-01-02'", "2026-01-02"),
        ("DATE '0999-01-02'", "0999-01-02"),
        ("'infinity'::DATE", MARK + "infinity"),
        ("TIMESTAMP '2026-01-02 03:04:05.678901'", "2026-01-02T03:04:05.678Z"),
        ("TIMESTAMPTZ '2026-01-02 03:04:05.6+02'", "2026-01-02T01:04:05.600Z"),
        ("'2026-01-02 03:04:05'::TIMESTAMP_S", "2026-01-02T03:04:05.000Z"),
        ("'2026-01-02 03:04:05.123'::TIMESTAMP_MS", "2026-01-02T03:04:05.123Z"),
        ("'2026-01-02 03:04:05.123456789'::TIMESTAMP_NS", "2026-01-02T03:04:05.123Z"),
        ("'-infinity'::TIMESTAMP", MARK + "-infinity"),
        ("'infinity'::TIMESTAMPTZ", MARK + "infinity"),
        ("'infinity'::TIMESTAMP_NS", MARK + "infinity"),
        ("TIME '03:04:05'", "03:04:05"),
    ],
)
def test_times_are_in_utc_with_milliseconds_and_infinite_ones_marked(
    connection: duckdb.DuckDBPyConnection, sql: str, expected: str
) -> None:
    assert as_json(connection, sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("'a\"b\\c' || chr(10) || chr(0) || 'é😀'", 'a"b\\c\n\x00é😀'),
        ("''", ""),
        ("'b'::ENUM('a', 'b')", "b"),
        ("'00000000-0000-0000-0000-000000000001'::UUID", "00000000-0000-0000-0000-000000000001"),
        ("""'{"a": [1, null, "x"]}'::JSON""", {"a": [1, None, "x"]}),
    ],
)
def test_text_enums_ids_and_json_are_what_they_say(
    connection: duckdb.DuckDBPyConnection, sql: str, expected: Any
) -> None:
    assert as_json(connection, sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("[1, NULL, 3]", [1, None, 3]),
        ("[]::INTEGER[]", []),
        ("[[1, 2], NULL, []]", [[1, 2], None, []]),
        ("array_value(1, 2)", [1, 2]),
        ("['nan'::DOUBLE, 1.5]", [MARK + "nan", 1.5]),
        ("[[DATE '2026-01-01'], [NULL]]", [["2026-01-01"], [None]]),
        ("[0.5::DECIMAL(2,2)]", [0.5]),
        ("{'a': NULL::INTEGER, 'b': 'x'}", {"a": None, "b": "x"}),
        ("[{'a': 'inf'::FLOAT}, NULL]", [{"a": MARK + "inf"}, None]),
        (
            "{'a b': 1, 'c\"d': {'e,(': [TIMESTAMP '2026-01-01']}, 'select': 2}",
            {"a b": 1, 'c"d': {"e,(": ["2026-01-01T00:00:00.000Z"]}, "select": 2},
        ),
        ("{'a': 'r\"s'::ENUM('x,y', 'p)q', 'r\"s', 'it''s'), 'b': 2}", {"a": 'r"s', "b": 2}),
        ("['a]b'::ENUM('a]b', '[')]", ["a]b"]),
        ("MAP {'a': 1, 'b': NULL}", {"a": 1, "b": None}),
        ("MAP {1: ['nan'::DOUBLE]}", {"1": [MARK + "nan"]}),
        ("MAP {'k': MAP {'x': DATE '2026-01-01'}}", {"k": {"x": "2026-01-01"}}),
        ("MAP {}::MAP(VARCHAR, INTEGER)", {}),
    ],
)
def test_lists_structs_and_maps_follow_the_same_rules_at_any_depth(
    connection: duckdb.DuckDBPyConnection, sql: str, expected: Any
) -> None:
    assert as_json(connection, sql) == expected


@pytest.mark.parametrize(
    "type_",
    [
        "BOOLEAN",
        "HUGEINT",
        "FLOAT",
        "DECIMAL(10,2)",
        "DECIMAL(30,0)",
        "VARCHAR",
        "DATE",
        "TIMESTAMP WITH TIME ZONE",
        "UUID",
        "JSON",
        "ENUM('a')",
        "INTEGER[]",
        "DOUBLE[2]",
        "STRUCT(a INTEGER)",
        "MAP(VARCHAR, DATE)",
    ],
)
def test_a_null_of_any_type_is_null(connection: duckdb.DuckDBPyConnection, type_: str) -> None:
    assert as_json(connection, f"NULL::{type_}") is None


@pytest.mark.parametrize(
    "sql",
    [
        "'x'::BLOB",
        "'101'::BIT",
        "INTERVAL 1 DAY",
        "union_value(a := 1)",
        "['x'::BLOB]",
        "{'a': [INTERVAL 1 DAY]}",
        "MAP {'a': 'x'::BLOB}",
        "MAP {'x'::BLOB: 1}",
        "12345678901234567890123456789012345678901::BIGNUM",
    ],
)
def test_what_has_no_json_form_is_not_sendable_at_any_depth(
    connection: duckdb.DuckDBPyConnection, sql: str
) -> None:
    assert not DIALECT.sendable(column(connection, sql))


@pytest.mark.parametrize(
    "sql",
    [
        "{'blob': 1, 'bit': 2, 'interval': 3, 'geometry': 4}",
        "'BLOB'::ENUM('BLOB', 'UNION')",
        "{'a': 'x'::ENUM('x', 'BLOB)')}",
        "1.5::DECIMAL(4,2)",
    ],
)
def test_names_and_labels_that_look_like_types_do_no_harm(
    connection: duckdb.DuckDBPyConnection, sql: str
) -> None:
    assert DIALECT.sendable(column(connection, sql))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1.50::DECIMAL(10,2)", "1.5::DECIMAL(12,4)"),
        ("1.50::DECIMAL(10,2)", "1.5::DOUBLE"),
        ("0.1::FLOAT", "0.1::DOUBLE"),
        ("7::INTEGER", "7::DECIMAL(9,0)"),
        ("7::INTEGER", "7::HUGEINT"),
        ("TIMESTAMP '2026-01-02'", "TIMESTAMPTZ '2026-01-02 00:00:00Z'"),
    ],
)
def test_equal_values_of_related_types_look_the_same(
    connection: duckdb.DuckDBPyConnection, old: str, new: str
) -> None:
    forms = []
    for sql in (old, new):
        form = DIALECT.text(DIALECT.json_form('"x"', column(connection, sql)))
        forms.append(connection.execute(f"SELECT {form} FROM model").fetchone())
    assert forms[0] == forms[1]


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
LETTERS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@settings(deadline=None, max_examples=100)
@given(st.lists(TEXT), LETTERS)
def test_any_text_survives_the_way_through_json(texts: list[str], name: str) -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE model (x VARCHAR[])")
        connection.execute("INSERT INTO model VALUES (?)", [texts])
        form = DIALECT.json_object([(name, DIALECT.json_form("x", "VARCHAR[]"))])
        row = connection.execute(f"SELECT {DIALECT.text(form)} FROM model").fetchone()
    assert row is not None
    assert orjson.loads(row[0]) == {name: texts}


@settings(deadline=None, max_examples=100)
@given(LETTERS)
def test_any_text_is_a_name_and_a_literal(text: str) -> None:
    with duckdb.connect() as connection:
        row = connection.execute(f"SELECT {DIALECT.literal(text)}").fetchone()
        assert row == (text,)
        if text:
            cursor = connection.execute(f"SELECT 1 AS {DIALECT.quote(text)}")
            assert cursor.description[0][0] == text


@pytest.mark.parametrize("value", [None, True, False, 7, -1.5, 1e20, 2**62])
def test_constants_keep_their_value(connection: duckdb.DuckDBPyConnection, value: float | None) -> None:
    row = connection.execute(f"SELECT {DIALECT.literal(value)}").fetchone()
    assert row is not None
    assert row[0] == value


@pytest.mark.parametrize(
    ("value", "exact", "lower"),
    [
        ("'Ann@Example.com'", "Ann@Example.com", "ann@example.com"),
        ("' ann '", " ann ", "ann"),
        ("''", None, None),
        ("'   '", None, None),
        ("NULL::VARCHAR", None, None),
        ("7", "7", "7"),
    ],
)
def test_an_identifier_is_compared_as_the_vendor_does_and_blank_is_none(
    connection: duckdb.DuckDBPyConnection, value: str, exact: str | None, lower: str | None
) -> None:
    forms = identifier_text(DIALECT, [value], "exact"), identifier_text(DIALECT, [value], "lower")
    assert connection.execute(f"SELECT {', '.join(forms)}").fetchone() == (exact, lower)


def test_an_identifier_of_two_parts_needs_both(connection: duckdb.DuckDBPyConnection) -> None:
    both, one = (identifier_text(DIALECT, ["'a'", second], "exact") for second in ("'b'", "''"))
    found = connection.execute(f"SELECT {both}, {one}").fetchone()
    assert found == ('["a","b"]', None)


def test_a_key_is_text_and_several_columns_are_a_json_array(connection: duckdb.DuckDBPyConnection) -> None:
    keys = [("7::BIGINT", "BIGINT"), ("'a,b'", "VARCHAR"), ("DATE '2026-01-02'", "DATE")]
    one = connection.execute(f"SELECT {key_text(DIALECT, keys[:1])}").fetchone()
    several = connection.execute(f"SELECT {key_text(DIALECT, keys)}").fetchone()
    assert (one, several) == (("7",), ('[7,"a,b","2026-01-02"]',))
