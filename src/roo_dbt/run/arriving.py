"""A destination's rows where they are compared: in the warehouse, or copied to a state that is elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from roo_dbt.diff import FailingRows, only_records
from roo_dbt.errors import Blocked
from roo_dbt.records import Column, Destination, Relation
from roo_dbt.run.opening import Opened
from roo_dbt.run.withholding import failing_rows
from roo_dbt.warehouse import Session
from roo_dbt.warehouse.copying import Copied, Size, copy, key_column, value_column
from roo_dbt.warehouse.statement import RefusedStatement


@dataclass(frozen=True, slots=True)
class Arrived:
    """A destination in terms of the table that is compared, and of its columns there.

    `failing` are the rows that failed dbt tests list. `cost` says what it takes to have the state elsewhere,
    None where it is beside the models.
    """

    destination: Destination
    columns: Mapping[str, Column]
    failing: Sequence[FailingRows] = ()
    cost: str | None = None


@contextmanager
def arrived(
    opened: Opened,
    session: Session,
    destination: Destination,
    *,
    name: str = "rows",
    label: str | None = None,
    withholds: bool = False,
) -> Iterator[Arrived]:
    """The rows of a destination, there until the block ends.

    Args:
        opened: the project.
        session: where the state is.
        destination: with its columns resolved.
        name: tells several copies of one session apart.
        label: the destination whose statements they are, if it is another one.
        withholds: look for the rows that failed dbt tests list, too.

    Raises:
        Blocked: they cannot be read.
    """
    if not opened.is_state_elsewhere:
        failing = failing_rows(opened, session, destination) if withholds else []
        yield Arrived(destination, opened.columns[destination.name], failing)
        return
    table = f"roo_{name}__{destination.name}"
    copies = _Copies(opened, session, destination, table, label or destination.name)
    try:
        yield copies.make(withholds=withholds)
    finally:
        copies.drop()


@dataclass
class _Copies:
    """The temporary tables of one destination: its rows, and the keys that each failed test lists."""

    opened: Opened
    session: Session
    destination: Destination
    table: str
    label: str

    def __post_init__(self) -> None:
        self.made: list[str] = []

    def make(self, *, withholds: bool) -> Arrived:
        """Read it all in one session of the warehouse."""
        destination, columns = self.destination, _Columns(self.opened, self.destination)
        where = only_records(destination)
        try:
            with self.opened.source.session(self.label) as source:
                size = self._copy(source, columns.all, f"{self._from}{where}", self.table)
                found = failing_rows(self.opened, source, destination) if withholds else []
                failing = [self._failing(source, columns, each) for each in found]
        except RefusedStatement as error:
            reason = f"the warehouse cannot read it: {error.message}"
            raise Blocked(reason, where=destination.model.name) from None
        there = {column.name: Column(column.name, column.type) for column in columns.all}
        said = cost(destination.model.name, size, has_where=bool(where))
        return Arrived(self._local(columns), there, failing, said)

    def drop(self) -> None:
        """Make room for the next destination."""
        self.session.run_all(self.session.dialect.drop_temporary(name) for name in self.made)

    @property
    def _from(self) -> str:
        return self.destination.model.relation.quoted

    def _copy(self, source: Session, columns: Sequence[Copied], rows: str, table: str) -> Size:
        self.made.append(table)
        return copy(source, self.session, columns, rows, table)

    def _failing(self, source: Session, columns: _Columns, test: FailingRows) -> FailingRows:
        """The keys of the rows that a test lists, found where its table is."""
        quote, text = source.dialect.quote, source.dialect.text
        same = " AND ".join(
            f"{text(f'f.{quote(theirs)}')} = {text(f'm.{quote(ours)}')}" for ours, theirs in test.pairs
        )
        listed = f"{self._from} m WHERE EXISTS (SELECT 1 FROM {test.table} f WHERE {same})"
        table = f"{self.table}__{len(self.made)}"
        self._copy(source, columns.keys, listed, table)
        pairs = tuple((key.name, key.name) for key in columns.keys)
        return FailingRows(test.test, self.session.dialect.temporary(table), pairs)

    def _local(self, columns: _Columns) -> Destination:
        """The destination as it is declared, over the copy."""
        destination, place = self.destination, self.session.dialect.temporary(self.table)
        relation = Relation(None, "", self.table, place)
        return replace(
            destination,
            model=replace(destination.model, relation=relation, current_rows=None),
            key=tuple(key.name for key in columns.keys),
            mapping=tuple(replace(line, column=columns.name_of(line.column)) for line in destination.mapping),
            groups=tuple(
                replace(group, column=columns.values[group.column].name) for group in destination.groups
            ),
            where=None,
        )


class _Columns:
    """What is read of a model: the columns of its key, and those that are mapped or tell who is in a group.

    One that is both is read twice where the two are not the same text.
    """

    def __init__(self, opened: Opened, destination: Destination) -> None:
        self._dialect = opened.source.dialect
        self._types = opened.columns[destination.name]
        self._taken: set[str] = set()
        self._keys = {name: self._key(name) for name in destination.key}
        mapped = [line.column for line in destination.mapping if line.column is not None]
        wanted = dict.fromkeys([*mapped, *(group.column for group in destination.groups)])
        self.values = {name: self._value(name) for name in wanted}

    @property
    def keys(self) -> Sequence[Copied]:
        """The columns of the key."""
        return list(self._keys.values())

    @property
    def all(self) -> Sequence[Copied]:
        """Every column once."""
        return list(dict.fromkeys([*self.keys, *self.values.values()]))

    def name_of(self, column: str | None) -> str | None:
        """The name that a mapped column has in the copy."""
        return None if column is None else self.values[column].name

    def _key(self, name: str) -> Copied:
        return key_column(self._dialect, self._free(name), name, self._types[name].type)

    def _value(self, name: str) -> Copied:
        key, type_ = self._keys.get(name), self._types[name].type
        if key is not None and value_column(self._dialect, key.name, name, type_) == key:
            return key
        return value_column(self._dialect, self._free(name), name, type_)

    def _free(self, name: str) -> str:
        """A name that no column of the copy has; a file takes `Id` and `id` for one."""
        free, number = name, 2
        while free.casefold() in self._taken:
            free, number = f"{name} {number}", number + 1
        self._taken.add(free.casefold())
        return free


def cost(model: str, size: Size, *, has_where: bool) -> str:
    """What it takes to keep the state elsewhere, as one sentence for a plan.

    >>> cost("customers", Size(100_000, 6, 12_345_678), has_where=False)
    'the whole of customers is read from the warehouse each run: 100,000 rows, 6 columns (about 12 MB)'
    """
    which = f"what `where` keeps of {model}" if has_where else f"the whole of {model}"
    rows, columns = (
        f"{number:,} {noun}{'s' if number != 1 else ''}"
        for number, noun in ((size.rows, "row"), (size.columns, "column"))
    )
    return f"{which} is read from the warehouse each run: {rows}, {columns} ({_bytes(size.bytes)})"


def _bytes(number: int) -> str:
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if number >= unit:
            return f"about {number / unit:.0f} {name}"
    return "less than 1 kB"
