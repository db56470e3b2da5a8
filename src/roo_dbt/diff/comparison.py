"""What is compared with what: one model's rows against one snapshot, field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from roo_dbt.records import GROUP_MARK, Column, Destination, Mapped, is_subscription
from roo_dbt.warehouse import Dialect, FieldColumn, KeyColumn, Layout, Shape
from roo_dbt.warehouse.dialect import Kind, identifier_text, key_text
from roo_dbt.warehouse.forms import retyped, same_form
from roo_dbt.warehouse.layout import sanitised


@dataclass(frozen=True, slots=True)
class Holder:
    """Another destination of the same app, whose users must not be deleted.

    `users`: SELECT of their `identifier` as the vendor compares it, from its snapshot or from its model;
    None: the model cannot be read, and may have anybody. `shared`: the fields of our groups that it may fill.
    """

    destination: str
    users: str | None
    shared: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ComparedField:
    """One field on both sides. A side without the field has no type.

    `source` is SQL over the model's columns. `ignores_nulls`: a null means what the snapshot has.
    """

    field: str
    name: str
    new_type: str | None
    old_type: str | None
    source: str = "NULL"
    ignores_nulls: bool = False

    @property
    def is_gone(self) -> bool:
        """No longer mapped: to be cleared where the vendor has it."""
        return self.new_type is None

    @property
    def is_group(self) -> bool:
        """A membership, not a value."""
        return self.field.startswith(GROUP_MARK)

    @property
    def is_left(self) -> bool:
        """A group that a user can be taken out of: consent is nobody's to inherit or withdraw."""
        return self.is_group and self.old_type is not None and not is_subscription(self.field)

    @property
    def type(self) -> str:
        """The type of the values to come, or of the one that is dropped."""
        return self.new_type or self.old_type or ""

    def differs(self, dialect: Dialect, new: str, old: str) -> str:
        """SQL that tells whether the value changed.

        Typed and null-safe. A column that changed its type is unchanged where the old value, cast, is
        equal and looks the same as JSON: the vendor would see no difference. A null that is ignored is
        none either, even where the old value does not fit the new type.
        """
        if self.old_type is None:
            return f"({new} IS NOT NULL)"
        if self.new_type is None:
            return f"({old} IS NOT NULL)"
        if self.new_type == self.old_type:
            return f"(NOT {dialect.same(new, old, self.new_type)})"
        cast = dialect.try_cast(old, self.new_type, old=self.old_type)
        equal = dialect.same(new, cast, self.new_type)
        looks_equal = same_form(dialect, new, self.new_type, old, self.old_type)
        return self.unless_ignored(f"(NOT ({equal} AND {looks_equal}))", new)

    def kept(self, dialect: Dialect, old: str) -> str:
        """SQL of the old value in the new type; a field the snapshot lacks has none."""
        if self.old_type is None:
            return old
        return retyped(dialect, old, self.old_type, self.type, ignores_nulls=self.ignores_nulls)

    def unless_ignored(self, condition: str, new: str) -> str:
        """The condition, but for a null under `nulls: ignore`: no such null is ever sent."""
        return f"({condition} AND {new} IS NOT NULL)" if self.ignores_nulls else condition


def only_records(destination: Destination) -> str:
    """The WHERE, after a blank, that tells which rows of the model are records; empty: all of them.

    Two parentheses, since Spark takes `FROM t WHERE (a)` for a table by the name of WHERE.
    """
    conditions = [f"(({one}\n))" for one in (destination.where, destination.model.current_rows) if one]
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


@dataclass(frozen=True)
class Comparison:
    """Everything the diff of one destination needs to know.

    Args:
        destination: the declaration, its columns in the catalogue's case.
        columns: the model's columns by their name.
        normalisation: how the vendor compares the identifier.
        snapshot: table and shape of the snapshot; None before the first sync.
        unaccepted: table of the records refused earlier; None when there are none.
        holders: finds the other destinations of the same app; asked once, where somebody leaves.
        is_shared: another one may delete a user of ours who has left, and may come back.
        full_refresh: every record is sent whole.
        limit: changes at most, None: all.
        temporary: the changes live in a temporary table, as `plan` wants.
        resend: subscriptions go again although the model's value did not change.
        order: the field by whose order changes are sent.
        unique_identifier: two records never share a user.
        frees_identifiers: a renamed user is no longer found by its old identifier.
        resend_after_days: unchanged records go again when they were last sent so long ago.
        recheck_days: an absence is asked for again after so many days.
        withheld: table of the keys that failed dbt tests list; None when there are none.
        consent: fields that are subscription states.
        worded: those of them that are a word: kept as text, so that no change of type loses what was said.
        former: SELECT of the identifiers that records of the app gave up, and of what each `went_to`; None:
            nothing is known of them.
    """

    destination: Destination
    columns: Mapping[str, Column]
    dialect: Dialect
    layout: Layout
    normalisation: Literal["exact", "lower"] = "exact"
    snapshot: tuple[str, Shape] | None = None
    unaccepted: str | None = None
    holders: Callable[[], Sequence[Holder]] = tuple
    is_shared: bool = False
    full_refresh: bool = False
    limit: int | None = None
    temporary: bool = False
    resend: bool = False
    order: str | None = None
    unique_identifier: bool = True
    frees_identifiers: bool = False
    resend_after_days: int | None = None
    recheck_days: int | None = None
    withheld: str | None = None
    consent: frozenset[str] = frozenset()
    worded: frozenset[str] = frozenset()
    former: str | None = None

    @property
    def is_contestable(self) -> bool:
        """Two records can come to share an identifier, and must not."""
        return self.unique_identifier and bool(self.destination.identifier) and not self.identifier_is_key

    @property
    def has_old_identifier(self) -> bool:
        """The snapshot has the identifier, so that it tells who holds which user."""
        old = {f.field for f in self.fields if f.old_type is not None}
        return bool(self.destination.identifier) and set(self.destination.identifier) <= old

    @property
    def followed(self) -> str | None:
        """The snapshot's table, where identifiers can change hands and it tells from whom to whom."""
        if self.snapshot is None or not (self.is_contestable and self.has_old_identifier):
            return None
        return self.snapshot[0]

    @property
    def once(self) -> bool:
        """Records go once: what has no mode is neither updated nor removed."""
        return self.destination.sync_mode is None

    @property
    def clears(self) -> bool:
        """Who left the model stays at the vendor, without its fields and groups."""
        return self.destination.sync_mode == "sync" and self.destination.on_removal == "clear"

    def is_cleared(self, alias: str) -> str:
        """SQL that tells whether a row of the snapshot left and has nothing more to be cleared.

        Of a row that lost a value to another type nobody can tell.
        """
        if not self.clears:
            return "false"
        quote, identifier = self.dialect.quote, self.destination.identifier
        fields = [f for f in self.fields if f.old_type is not None and f.field not in identifier]
        empty = [f"{alias}.{quote(f.name)} IS NULL" for f in fields]
        return f"({' AND '.join([f'{alias}.roo_departed', f'NOT {alias}.roo_dirty', *empty])})"

    @property
    def departs(self) -> bool:
        """Users who left the model stay at the vendor, but not in their groups."""
        return self.destination.sync_mode in ("additive", "enrich") and any(f.is_group for f in self.fields)

    @property
    def changes(self) -> str:
        """The table of changes."""
        if self.temporary:
            return self.dialect.temporary(self.temporary_changes)
        return self.layout.changes(self.destination.name)

    @property
    def temporary_changes(self) -> str:
        """The name of the table of changes where it is a temporary one."""
        return f"changes__{self.destination.name}"

    @cached_property
    def keys(self) -> tuple[KeyColumn, ...]:
        """The key as it will be in the snapshot."""
        columns = [self.columns[name] for name in self.destination.key]
        names = sanitised(column.name for column in columns)
        return tuple(
            KeyColumn(c.name, f"key__{name}", self.dialect.stored(c.type))
            for c, name in zip(columns, names, strict=True)
        )

    @property
    def same_key_types(self) -> bool:
        """Keys can be compared as they are; else they are compared as text."""
        return self.snapshot is None or [k.type for k in self.snapshot[1].key] == [k.type for k in self.keys]

    @cached_property
    def fields(self) -> tuple[ComparedField, ...]:
        """Every field and group of the YAML, then those that the snapshot has and the YAML dropped."""
        old = self.snapshot[1].fields if self.snapshot else ()
        known = {column.field: column for column in old}
        fresh = [field for field in self._sources if field not in known]
        names = dict(zip(fresh, sanitised(fresh, taken=[c.name for c in old]), strict=True))
        mapped = [
            ComparedField(
                field,
                known[field].name if field in known else names[field],
                type_,
                known[field].type if field in known else None,
                source,
                ignores_nulls,
            )
            for field, (type_, source, ignores_nulls) in self._sources.items()
        ]
        # Consent is not ours to withdraw: a subscription that the YAML drops is forgotten.
        gone = [
            ComparedField(c.field, c.name, None, c.type)
            for c in old
            if c.field not in self._sources and not self._is_consent(c.field)
        ]
        return (*mapped, *gone)

    def _is_consent(self, field: str) -> bool:
        return field in self.consent or is_subscription(field)

    @cached_property
    def _sources(self) -> dict[str, tuple[str, str, bool]]:
        """Type, SQL and null rule of every field and group."""
        dialect = self.dialect
        sources = {}
        for line in self.destination.mapping:
            source = self._source(line)
            if line.unordered:
                source = dialect.as_set(source)
            sources[line.field] = (self._type(line), source, line.nulls == "ignore")
        for group in self.destination.groups:
            column = dialect.quote(group.column)
            if group.is_many:
                sources[group.field] = (dialect.names_type, dialect.names(column), False)
            else:
                sources[group.field] = (dialect.type("boolean"), dialect.membership(column), False)
        return sources

    @cached_property
    def shape(self) -> Shape:
        """The columns of the changes, and of the snapshot once they are committed."""
        return Shape(
            self.keys,
            tuple(
                FieldColumn(
                    f.field, f.name, f.type, f.is_gone, f.ignores_nulls, consent=f.field in self.consent
                )
                for f in self.fields
            ),
            once=self.once,
            clears=self.clears,
        )

    @property
    def old_shape(self) -> Shape | None:
        """The columns of the snapshot as it is."""
        return self.snapshot[1] if self.snapshot else None

    @cached_property
    def current(self) -> str:
        """SQL of the model's rows as destination fields, with the columns of the snapshot."""
        quote = self.dialect.quote
        types = [self.columns[name].type for name in self.destination.key]
        keys = [
            f"{self.dialect.as_stored(quote(key.source), type_)} AS {quote(key.name)}"
            for key, type_ in zip(self.keys, types, strict=True)
        ]
        values = [f"{f.source} AS {quote(f.name)}" for f in self.fields if not f.is_gone]
        rows = f"{self.destination.model.relation.quoted}{only_records(self.destination)}"
        return f"SELECT {', '.join([*keys, *values])}, true AS roo_present FROM {rows}"

    @property
    def is_view(self) -> bool:
        """The model is worked out anew by each statement that reads it."""
        return self.destination.model.config.get("materialized") == "view"

    @property
    def offered(self) -> str:
        """SQL of the rows that may go: all of them, but for what failed dbt tests list."""
        return self._without_withheld(self.current)

    @property
    def remembered(self) -> str:
        """The snapshot as a table expression, without the records that are held back.

        A row that is kept out on one side must be on the other, too, or it would look new or gone.
        """
        table = self.snapshot[0] if self.snapshot else ""
        return f"({self._without_withheld(f'SELECT * FROM {table}')})" if self.withheld else table

    def is_offered(self, alias: str) -> str:
        """SQL that tells whether no failed test lists a row."""
        return f"NOT EXISTS (SELECT 1 FROM {self.withheld} w WHERE {self.is_listed(alias, 'w')})"

    @property
    def listed(self) -> list[str]:
        """The columns of the key in the table of the keys that are held back."""
        return [f"k{number}" for number in range(1, len(self.keys) + 1)]

    def is_listed(self, alias: str, listed: str) -> str:
        """SQL that tells whether a row is the one that a failed test lists."""
        quote, text = self.dialect.quote, self.dialect.text
        return " AND ".join(
            f"{text(f'{alias}.{quote(key.name)}')} = {listed}.{name}"
            for key, name in zip(self.keys, self.listed, strict=True)
        )

    def same_key(self, one: str, other: str) -> str:
        """SQL that tells whether two rows have one key, be they of the model or of the snapshot."""
        quote, text = self.dialect.quote, self.dialect.text
        return " AND ".join(
            f"{text(f'{one}.{quote(k.name)}')} = {text(f'{other}.{quote(k.name)}')}" for k in self.keys
        )

    def _without_withheld(self, rows: str) -> str:
        return f"SELECT * FROM ({rows}) o WHERE {self.is_offered('o')}" if self.withheld else rows

    def identifier(self, alias: str, prefix: str = "") -> str:
        """The identifier of a row as the vendor compares it."""
        names = {f.field: f.name for f in self.fields}
        columns = [f"{alias}.{self.dialect.quote(prefix + names[f])}" for f in self.destination.identifier]
        return identifier_text(self.dialect, columns, self.normalisation)

    def key_text(self, alias: str) -> str:
        """The key as people read it."""
        quote = self.dialect.quote
        return key_text(self.dialect, [(f"{alias}.{quote(k.name)}", k.type) for k in self.keys])

    @property
    def identifier_is_key(self) -> bool:
        """The key column itself identifies the user, so two records never share it."""
        lines = [self.destination.mapped(name) for name in self.destination.identifier]
        columns = [line.column for line in lines if line is not None]
        return self.normalisation == "exact" and columns == [key.source for key in self.keys]

    def _type(self, line: Mapped) -> str:
        if line.field in self.worded:
            return self.dialect.type("text")
        if line.column is not None:
            return self.dialect.stored(self.columns[line.column].type)
        return self.dialect.type(_constant_kind(line))

    def _source(self, line: Mapped) -> str:
        if line.column is not None:
            quoted = self.dialect.quote(line.column)
            if line.field in self.worded:
                return self.dialect.text(quoted)
            return self.dialect.as_stored(quoted, self.columns[line.column].type)
        return f"CAST({self.dialect.literal(line.value)} AS {self._type(line)})"


def _constant_kind(line: Mapped) -> Kind:
    if isinstance(line.value, bool):
        return "boolean"
    if isinstance(line.value, int):
        return "integer"
    return "number" if isinstance(line.value, float) else "text"
