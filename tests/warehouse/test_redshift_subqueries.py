"""Redshift refuses subqueries that it cannot turn into joins: none of ours is one.

Source: https://docs.aws.amazon.com/redshift/latest/dg/r_correlated_subqueries.html (read 2026-11-22): a column of
an outer query may not skip a query block, and may not stand in a subquery of an ON clause.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

GOLDEN = Path(__file__).parent / "golden" / "redshift.sql"


def refused(sql: str) -> list[str]:
    """The columns of outer queries that stand where Redshift does not take them."""
    found = []
    for tree in sqlglot.parse(sql, read="redshift"):
        for select in tree.find_all(exp.Select) if tree else ():
            outer = [parent for parent in above(select) if isinstance(parent, exp.Select)]
            for column in select.find_all(exp.Column):
                if column.find_ancestor(exp.Select) is not select or column.table in tables(select):
                    continue
                depth = next((i for i, query in enumerate(outer) if column.table in tables(query)), None)
                if depth is not None and (depth > 0 or is_in_a_join(select, outer[0])):
                    found.append(column.sql())
    return found


def above(node: exp.Expr) -> Iterator[exp.Expr]:
    """What a node stands in, from inside out."""
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def tables(select: exp.Select) -> set[str]:
    """The names by which a query knows its tables."""
    sources = [select.args.get("from_") or select.args.get("from"), *(select.args.get("joins") or [])]
    return {source.this.alias_or_name for source in sources if source is not None}


def is_in_a_join(select: exp.Select, outer: exp.Select) -> bool:
    """Whether a subquery stands in an ON clause of the query around it."""
    for parent in above(select):
        if parent is outer:
            return False
        if isinstance(parent, exp.Join):
            return True
    return False


@pytest.mark.parametrize(
    ("sql", "columns"),
    [
        (
            (
                "select event.eventname from event where not exists (select * from listing where not exists "
                "(select * from sales where event.eventid = sales.eventid))"
            ),
            ["event.eventid"],
        ),
        (
            (
                "select * from category left join event on category.catid = event.catid and eventid = "
                "(select max(eventid) from sales where sales.eventid = event.eventid)"
            ),
            ["event.eventid"],
        ),
        ("select s.a from s where exists (select 1 from l where l.id = s.id) or s.b", []),
    ],
)
def test_the_patterns_of_the_documentation_are_seen(sql: str, columns: list[str]) -> None:
    assert refused(sql) == columns


def test_no_statement_has_a_subquery_that_redshift_refuses() -> None:
    text = GOLDEN.read_text()
    assert text.count("EXISTS (") > 20
    assert refused(text) == []
