"""Names of state tables and columns: whatever the vendor calls a field, the engine takes it."""

from __future__ import annotations

import re

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from roo_dbt.warehouse import FieldColumn, KeyColumn, Layout, Shape
from roo_dbt.warehouse.layout import sanitised

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
FIELDS = st.one_of(
    TEXT, st.sampled_from(["roo_seq", "key__id", "ROO_x", "f_roo_x", "a", "A", "a__2", "1st", "É"])
)


@given(st.lists(FIELDS, max_size=30), st.lists(FIELDS, max_size=10))
def test_column_names_are_plain_and_unique_and_never_ours(fields: list[str], before: list[str]) -> None:
    taken = sanitised(before)
    names = sanitised(fields, taken=taken)
    assert len(names) == len(fields)
    assert len({*names, *taken}) == len(names) + len(taken)
    for name in names:
        assert re.fullmatch(r"[a-z_][a-z0-9_]{0,60}", name)
        assert not name.startswith(("roo_", "key__"))


@given(st.lists(FIELDS, max_size=20))
def test_the_same_fields_always_get_the_same_names(fields: list[str]) -> None:
    assert sanitised(fields) == sanitised(iter(fields))


@settings(deadline=None, max_examples=50)
@given(st.lists(FIELDS, min_size=1, max_size=20))
def test_the_engine_takes_the_names_beside_our_own_columns(fields: list[str]) -> None:
    columns = [f'"{prefix}{name}" INTEGER' for name in sanitised(fields) for prefix in ("", "n_", "o_")]
    own = ["roo_seq", "roo_operation", "roo_key", "roo_departed", "roo_dirty", "key__id"]
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t ({', '.join([*columns, *(f'{name} INTEGER' for name in own)])})")


TYPES = st.sampled_from(["VARCHAR", "DECIMAL(10,2)", 'STRUCT("a b" INTEGER)', "ENUM('x', 'y')"])
SHAPES = st.builds(
    Shape,
    st.lists(st.builds(KeyColumn, TEXT, TEXT, TYPES), max_size=3).map(tuple),
    st.lists(st.builds(FieldColumn, TEXT, TEXT, TYPES, st.booleans()), max_size=5).map(tuple),
)


@given(SHAPES)
def test_a_shape_survives_the_state_table(shape: Shape) -> None:
    assert Shape.from_json(shape.to_json()) == shape


def test_a_field_is_found_by_its_vendor_name() -> None:
    home = FieldColumn("Home City", "home_city", "VARCHAR")
    shape = Shape((), (home,))
    assert shape.field("Home City") is home
    assert shape.field("home_city") is None


def test_tables_are_qualified_and_named_after_their_destination() -> None:
    layout = Layout('"shop"."main_roo"')
    assert layout.snapshot("braze") == '"shop"."main_roo"."snapshot__braze"'
    assert layout.changes("braze") == '"shop"."main_roo"."changes__braze"'
    fixed = {layout.runs, layout.outcomes, layout.locks, layout.destinations, layout.unaccepted}
    assert len(fixed | {layout.acknowledged, layout.versions, layout.former}) == 8
