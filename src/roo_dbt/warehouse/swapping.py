"""UPDATE and DELETE as a SELECT of the table as it is afterwards, for engines whose tables know neither."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_PIECE = re.compile(r"'(?:\\.|[^'\\])*'|`(?:``|[^`])*`|/\*.*?\*/|\w+|.", re.DOTALL)
"""Text, names and comments in one piece each, so that nothing in them is taken for SQL."""


@dataclass(frozen=True, slots=True)
class Writing:
    """An UPDATE or DELETE of ours.

    Args:
        table: which.
        alias: what its rows are called in the other parts.
        condition: which rows.
        sets: values by column, both SQL; None: the rows go.
        source: a table or SELECT with its alias, of which one row at most goes with a row.
    """

    table: str
    alias: str
    condition: str
    sets: tuple[tuple[str, str], ...] | None = None
    source: str = ""

    @property
    def counting(self) -> str:
        """SELECT of the number of rows that are met."""
        met = f" JOIN {self.source} ON {self.condition}" if self.source else f" WHERE {self.condition}"
        return f"SELECT count(*) FROM {self.table} {self.alias}{met}"

    @property
    def afterwards(self) -> str:
        """SELECT of all rows as they are afterwards; the columns have their names, and another order."""
        row = self.alias
        if self.sets is None:
            return f"SELECT {row}.* FROM {self.table} {row} WHERE NOT coalesce(({self.condition}), false)"
        if self.source:
            select, _, other = self.source.rpartition(" ")
            found = f"(SELECT {other}.*, true AS roo_hit FROM {select} {other}) {other}"
            rows, hit, but = (
                f"{self.table} {row} LEFT JOIN {found} ON {self.condition}",
                f"{other}.roo_hit",
                "",
            )
        else:
            met = f"coalesce(({self.condition}), false) AS roo_hit"
            rows, hit = f"(SELECT {row}.*, {met} FROM {self.table} {row}) {row}", f"{row}.roo_hit"
            but = "roo_hit, "
        left_out = but + ", ".join(column for column, _ in self.sets)
        values = ", ".join(
            f"CASE WHEN {hit} THEN {value} ELSE {row}.{column} END AS {column}" for column, value in self.sets
        )
        return f"SELECT {row}.* EXCEPT ({left_out}), {values} FROM {rows}"


def read(sql: str) -> Writing | None:
    """The statement, if it is an UPDATE or DELETE as this package writes them; None: it is another."""
    kind = next((kind for kind in ("UPDATE ", "DELETE FROM ") if sql.startswith(kind)), None)
    if kind is None:
        return None
    parts = _parts(sql.removeprefix(kind))
    table, *alias = [word for word in parts[""][0].split() if word != "AS"]
    sets = tuple(_pair(each) for each in parts["SET"]) if kind == "UPDATE " else None
    row = alias[0] if alias else "r"
    return Writing(table, row, parts["WHERE"][0].strip(), sets, parts["FROM"][0].strip())


def filled(sql: str, parameters: Sequence[Any], literal: Callable[[Any], str]) -> str:
    """A statement with its parameters in the places of `?`."""
    if not parameters:
        return sql
    left = iter(parameters)
    return "".join(literal(next(left)) if piece == "?" else piece for piece in _PIECE.findall(sql))


def _parts(sql: str) -> dict[str, list[str]]:
    """What follows the words of a statement, and what stands before them; of SET, each assignment."""
    parts = {word: [""] for word in ("", "SET", "FROM", "WHERE")}
    now = ""
    for piece, is_top in _pieces(sql):
        if is_top and piece in parts and now != "WHERE":
            now = piece
        elif is_top and piece == "," and now == "SET":
            parts[now].append("")
        else:
            parts[now][-1] += piece
    return parts


def _pieces(sql: str) -> Iterator[tuple[str, bool]]:
    """Every piece, and whether it is outside of all parentheses and of CASE … END."""
    depth = 0
    for piece in _PIECE.findall(sql):
        depth -= piece in (")", "END")
        yield piece, depth == 0
        depth += piece in ("(", "CASE")


def _pair(assignment: str) -> tuple[str, str]:
    column, _, value = assignment.partition(" = ")
    return column.strip(), value.strip()
