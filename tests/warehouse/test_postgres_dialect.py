"""Every type of Postgres as JSON, and what is kept of it; the forms are those of DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.postgres_server import Server

from roo_dbt.records import NOT_FINITE, Relation
from roo_dbt.warehouse import Session, Warehouse
from roo_dbt.warehouse.dialect import identifier_text, key_text
from roo_dbt.warehouse.dialects.postgres import PostgresDialect
from roo_dbt.warehouse.postgres import Postgres

DIALECT = PostgresDialect()
MARK = NOT_FINITE


@pytest.fixture(scope="module")
def warehouse(postgres: Server) -> Iterator[Warehouse]:
    """A database with types of its own."""
    name = postgres.database()
    made = Postgres(postgres.credentials(name))
    with made.session() as session:
        session.run("CREATE EXTENSION citext")
        session.run("CREATE TYPE mood AS ENUM ('sad', 'ok', 'x,y')")
        session.run("CREATE DOMAIN mail AS character varying(30) CHECK (VALUE LIKE '%@%')")
        session.run("CREATE DOMAIN work_mail AS mail")
        session.run("CREATE TYPE pair AS (a integer, b text)")
    yield made
    postgres.drop(name)


@pytest.fixture
def session(warehouse: Warehouse) -> Iterator[Session]:
    """A session of it."""
    with warehouse.session() as opened:
        yield opened


def column(warehouse: Warehouse, session: Session, sql: str) -> str:
    """Store a value in a table, as a model would; the type that the catalogue gives it."""
    session.run("DROP TABLE IF EXISTS model")
    session.run(f"CREATE TABLE model AS SELECT {sql} AS x")
    found = warehouse.columns(session, Relation(warehouse.database, "public", "model", ""))
    assert found is not None
    return found[0].type


def as_json(warehouse: Warehouse, session: Session, sql: str) -> Any:
    """A stored value as the JSON that the warehouse writes of what a snapshot keeps."""
    type_ = column(warehouse, session, sql)
    assert DIALECT.sendable(type_)
    kept = DIALECT.as_stored("x", type_)
    form = DIALECT.json_form("x", DIALECT.stored(type_))
    text = session.one(f"SELECT {DIALECT.json_object([('x', form)])} FROM (SELECT {kept} AS x FROM model) m")
    return orjson.loads(text)["x"]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("true", True),
        ("7::smallint", 7),
        ("9007199254740993::bigint", 9007199254740993),
        ("0.1::real", 0.1),
        ("0.1::double precision", 0.1),
        ("1e300::double precision", 1e300),
        ("5e-324::double precision", 5e-324),
        ("'NaN'::double precision", MARK + "NaN"),
        ("'-Infinity'::real", MARK + "-Infinity"),
        ("1.50::numeric(10,2)", 1.5),
        ("-0.50::numeric(2,2)", -0.5),
        ("'NaN'::numeric(10,2)", MARK + "NaN"),
        ("123456789012345678::numeric(18,0)", 123456789012345678),
        ("12345678901234567890123::numeric(38,0)", MARK + "12345678901234567890123"),
        ("1500::numeric(4,-2)", 1500),
        ("7.00::numeric", 7),
        ("7.10::numeric", 7.1),
        ("'NaN'::numeric", MARK + "NaN"),
        ("'Infinity'::numeric", MARK + "Infinity"),
        ("12345678901234567890::numeric", MARK + "12345678901234567890"),
        ("1234567890123456.78::numeric(38,2)", 1234567890123456.78),
        ("12.5::money", 12.5),
    ],
)
def test_numbers_are_json_numbers_and_marked_text_where_json_has_none(
    warehouse: Warehouse, session: Session, sql: str, expected: Any
) -> None:
    found = as_json(warehouse, session, sql)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize("type_", ["real", "double precision", "numeric(10,2)"])
def test_a_whole_number_of_a_number_column_is_no_integer(
    warehouse: Warehouse, session: Session, type_: str
) -> None:
    assert isinstance(as_json(warehouse, session, f"7::{type_}"), float)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("DATE '2026-01-02'", "2026-01-02"),
        ("DATE '0999-01-02'", "0999-01-02"),
        ("'infinity'::date", MARK + "infinity"),
        ("'0044-03-15 BC'::date", MARK + "0044-03-15 BC"),
        ("TIMESTAMP '2026-01-02 03:04:05.678901'", "2026-01-02T03:04:05.678Z"),
        ("TIMESTAMPTZ '2026-01-02 03:04:05.6+02'", "2026-01-02T01:04:05.600Z"),
        ("'2026-01-02 03:04:05.6789'::timestamp(3)", "2026-01-02T03:04:05.679Z"),
        ("'2026-01-02 03:04:05'::timestamp(0) with time zone", "2026-01-02T03:04:05.000Z"),
        ("'-infinity'::timestamp", MARK + "-infinity"),
        ("'infinity'::timestamptz", MARK + "infinity"),
        ("'0044-03-15 01:02:03 BC'::timestamp", MARK + "0044-03-15 01:02:03 BC"),
        ("TIME '03:04:05'", "03:04:05"),
        ("'03:04:05+02'::timetz", "03:04:05+02"),
    ],
)
def test_times_are_in_utc_with_milliseconds_and_infinite_ones_marked(
    warehouse: Warehouse, session: Session, sql: str, expected: str
) -> None:
    assert as_json(warehouse, session, sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (r"""'a"b\c' || chr(10) || chr(1) || 'é😀'""", 'a"b\\c\n\x01é😀'),
        ("''", ""),
        ("'b  '::character(5)", "b"),
        ("'b'::character varying(3)", "b"),
        ("'Ann'::citext", "Ann"),
        ("'x,y'::mood", "x,y"),
        ("'ann@example.com'::work_mail", "ann@example.com"),
        ("'00000000-0000-0000-0000-000000000001'::uuid", "00000000-0000-0000-0000-000000000001"),
        ("""'{"a": [1, null, "x"], "a": 2}'::json""", {"a": 2}),
        ("""'{"b": {}, "a": [1, null, "x"]}'::jsonb""", {"a": [1, None, "x"], "b": {}}),
        ("""ARRAY['{"a": 1}'::json, NULL]""", [{"a": 1}, None]),
    ],
)
def test_text_enums_domains_ids_and_json_are_what_they_say(
    warehouse: Warehouse, session: Session, sql: str, expected: Any
) -> None:
    assert as_json(warehouse, session, sql) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("ARRAY[1, NULL, 3]", [1, None, 3]),
        ("'{}'::integer[]", []),
        ("'{{1,2},{3,NULL}}'::integer[]", [[1, 2], [3, None]]),
        ("ARRAY['NaN'::float8, 7]", [MARK + "NaN", 7.0]),
        ("ARRAY[0.50::numeric(3,2), NULL]", [0.5, None]),
        ("ARRAY[DATE '2026-01-01', NULL]", ["2026-01-01", None]),
        ("ARRAY[TIMESTAMPTZ '2026-01-01 02:00+02']", ["2026-01-01T00:00:00.000Z"]),
        ("""ARRAY['a"b', '', NULL]""", ['a"b', "", None]),
        ("ARRAY['sad', 'x,y']::mood[]", ["sad", "x,y"]),
        ("ARRAY['Ann']::citext[]", ["Ann"]),
        ("'{{1.5},{2}}'::float8[]", MARK + "an array of arrays"),
    ],
)
def test_arrays_follow_the_same_rules(
    warehouse: Warehouse, session: Session, sql: str, expected: Any
) -> None:
    assert as_json(warehouse, session, sql) == expected


@pytest.mark.parametrize(
    "type_",
    [
        "boolean",
        "real",
        "numeric",
        "text",
        "citext",
        "date",
        "timestamptz",
        "uuid",
        "json",
        "mood",
        "integer[]",
        "float8[]",
        "date[]",
        "text[]",
        "money",
        "work_mail",
    ],
)
def test_a_null_of_any_type_is_null(warehouse: Warehouse, session: Session, type_: str) -> None:
    assert as_json(warehouse, session, f"NULL::{type_}") is None


@pytest.mark.parametrize(
    "sql",
    [
        r"'\x01'::bytea",
        "INTERVAL '1 day'",
        "B'101'",
        "point(1, 2)",
        "int4range(1, 2)",
        "'<a/>'::xml",
        "'10.0.0.1'::inet",
        "ROW(1, 'x')::pair",
        "ARRAY[INTERVAL '1 day']",
        r"ARRAY['\x01'::bytea]",
        "to_tsvector('x')",
    ],
)
def test_what_has_no_json_form_is_not_sendable(warehouse: Warehouse, session: Session, sql: str) -> None:
    assert not DIALECT.sendable(column(warehouse, session, sql))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("'Ann'::citext", "'ann'::citext"),
        ("ARRAY['Ann']::citext[]", "ARRAY['ann']::citext[]"),
        ("""'{"a": 1}'::json""", """'{"a": 2}'::json"""),
        ("'sad'::mood", "'ok'::mood"),
    ],
)
def test_what_is_kept_tells_every_change(
    warehouse: Warehouse, session: Session, one: str, other: str
) -> None:
    type_ = column(warehouse, session, one)
    kept = [
        DIALECT.as_stored(f"CAST({value} AS {type_.replace('enum(mood)', 'mood')})", type_)
        for value in (one, other)
    ]
    assert session.one(f"SELECT {DIALECT.same(kept[0], kept[0])} AND NOT {DIALECT.same(*kept)}")


@pytest.mark.parametrize(
    ("one", "other"),
    [("""'{"a":1,"b":2}'::json""", """'{"b": 2, "a": 1}'::json"""), ("1.5::numeric", "1.50::numeric")],
)
def test_what_means_the_same_is_no_change(
    warehouse: Warehouse, session: Session, one: str, other: str
) -> None:
    type_ = column(warehouse, session, one)
    assert session.one(f"SELECT {DIALECT.same(*(DIALECT.as_stored(value, type_) for value in (one, other)))}")


@pytest.mark.parametrize(
    ("value", "old", "new", "expected"),
    [
        ("'7'", "text", "integer", 7),
        ("'x'", "text", "integer", None),
        ("'99999999999'", "text", "integer", None),
        ("'2026-02-30'", "text", "date", None),
        ("7", "integer", "text", "7"),
        ("NULL::text", "text", "bigint", None),
    ],
)
def test_a_cast_that_cannot_be_done_gives_null(
    session: Session, value: str, old: str, new: str, expected: Any
) -> None:
    with session.transaction():
        assert session.one(f"SELECT {DIALECT.try_cast(value, new, old=old)}") == expected


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
ONE_DATABASE = settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@ONE_DATABASE
@given(st.lists(TEXT), TEXT)
def test_any_text_survives_the_way_through_json(session: Session, texts: list[str], name: str) -> None:
    literals = ", ".join(DIALECT.literal(text) for text in texts)
    array = f"CAST(ARRAY[{literals}] AS text[])"
    pairs = [(name, DIALECT.json_form("x", "text[]")), (f"{name}2", DIALECT.json_texts(map_texts(texts)))]
    row = session.one(f"SELECT {DIALECT.json_object(pairs)} FROM (SELECT {array} AS x) m")
    assert orjson.loads(row) == {name: texts, f"{name}2": texts}


def map_texts(texts: list[str]) -> list[str]:
    """Texts as constants, a null among them."""
    return [*(DIALECT.literal(text) for text in texts), "NULL"]


@ONE_DATABASE
@given(TEXT.filter(lambda text: 0 < len(text.encode()) < 60))
def test_any_text_is_a_name(session: Session, text: str) -> None:
    assert session.one(f"SELECT {DIALECT.quote(text)} FROM (SELECT 1 AS {DIALECT.quote(text)}) m") == 1


def test_five_hundred_fields_are_one_object(session: Session) -> None:
    pairs = [(f"field {n}", DIALECT.json_form(str(n), "integer")) for n in range(512)]
    found = orjson.loads(session.one(f"SELECT {DIALECT.json_object(pairs)}"))
    assert found == {f"field {n}": n for n in range(512)}


def test_an_identifier_is_compared_as_the_vendor_does_and_blank_is_none(session: Session) -> None:
    values = ["'Ann@Example.com'", "' ann '", "'   '", "NULL::text", "7"]
    lower = [identifier_text(DIALECT, [value], "lower") for value in values]
    assert session.run(f"SELECT {', '.join(lower)}") == [("ann@example.com", "ann", None, None, "7")]
    both, one = (identifier_text(DIALECT, ["'a'", second], "exact") for second in ("'b'", "''"))
    assert session.run(f"SELECT {both}, {one}") == [('["a","b"]', None)]


def test_a_key_is_text_and_several_columns_are_a_json_array(session: Session) -> None:
    keys = [("7::bigint", "bigint"), ("'a,b'::text", "text"), ("DATE '2026-01-02'", "date")]
    assert session.run(f"SELECT {key_text(DIALECT, keys[:1])}, {key_text(DIALECT, keys)}") == [
        ("7", '[7,"a,b","2026-01-02"]')
    ]


def test_sets_of_names_are_sorted_and_without_blanks(session: Session) -> None:
    names = DIALECT.names("ARRAY['b', NULL, ' ', 'a', 'b']")
    kept = DIALECT.as_set("ARRAY[3, 1, 3, NULL]")
    empty = DIALECT.as_set("CAST('{}' AS integer[])")
    lacking = DIALECT.lacking("ARRAY['a', 'b']", "CAST(NULL AS text[])")
    assert session.run(f"SELECT {names}, {kept}, {empty}, {lacking}") == [
        (["a", "b"], [1, 3], [], ["a", "b"])
    ]
