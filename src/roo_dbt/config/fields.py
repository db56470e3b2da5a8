"""The rules that the names of destination fields obey, whoever maps them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from roo_dbt.config.problems import Place, shown
from roo_dbt.destinations.protocol import App, Identifier, Object
from roo_dbt.destinations.supervision import Asked
from roo_dbt.errors import nearest
from roo_dbt.records import GROUP_MARK, Mapped, Problem


@dataclass(frozen=True, slots=True)
class FieldNames:
    """The names that an object of an app knows. `app` is None when its settings are too wrong."""

    kind: type[Object]
    app: App | None

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """The alternatives by which the vendor finds a user, best first."""
        if self.app is None:
            return ()
        with Asked(type(self.app).type, "identifiers"):
            return self.kind.identifiers(self.app)

    @property
    def identifying(self) -> frozenset[str]:
        """Every field that is part of an alternative."""
        return frozenset(name for one in self.identifiers for name in one.fields)

    def reserved_for_others(self, identifier: tuple[str, ...]) -> frozenset[str]:
        """Fields that mean a user, and not something about one that is found by `identifier`."""
        better = True
        names: set[str] = set()
        for one in self.identifiers:
            better = better and one.fields != identifier
            names.update(one.fields if better or not one.plain else ())
        return frozenset(names)

    @property
    def known(self) -> dict[str, None]:
        """Every name that the vendor knows, in its own order."""
        return dict.fromkeys([*(field.name for field in self.kind.known), *sorted(self.identifying)])

    def objection(self, name: str, place: Place) -> Problem | None:
        """What is wrong with mapping a field of this name."""
        segments = name.split(".")
        if not all(part and part == part.strip() and part.isprintable() for part in segments):
            message = "is no field name: it is blank, or a part of it between dots is."
            return place.problem("bad-field", message, value=shown(name))
        if name.startswith(GROUP_MARK):
            message = f"is no field name: {GROUP_MARK} at the beginning marks groups here."
            return place.problem("bad-field", message, value=name)
        reason = self._reserved(name)
        if reason is not None:
            message = f"{self.kind.name} may not set this field: {reason.rstrip('.')}."
            return place.problem("reserved-field", message, value=name)
        known = self.known
        if name in known or segments[0] in known:
            return None
        spelt = self._other_case(name) or self._other_case(segments[0])
        if spelt:
            message = "differs from a field that the vendor knows only in upper and lower case."
            return place.problem("wrong-case", message, value=name, nearest=spelt)
        has_parts = any(other.startswith(f"{segments[0]}.") for other in known)
        if self.kind.field_system == "static" and not has_parts:
            message = f"{self.kind.name} has no field of this name, and takes no custom ones."
            return place.problem("unknown-field", message, value=name, nearest=nearest(name, known))
        return None

    def _reserved(self, name: str) -> str | None:
        """Why the vendor keeps a field to itself; the root of a dotted name counts, too."""
        for reserved, reason in self.kind.reserved.items():
            root = reserved.removesuffix(".*")
            # `user_alias` may be refused with the advice to map `user_alias.alias_name` instead.
            if name == root or (name.startswith(f"{root}.") and name not in reason):
                return reason
        return None

    def _other_case(self, name: str) -> str:
        folded = name.casefold()
        return next((known for known in self.known if known.casefold() == folded), "")


def overlapping(names: Collection[str]) -> list[tuple[str, str]]:
    """Pairs of a dotted field and a field that holds it (`address.city`, `address`)."""
    pairs = []
    for name in names:
        parts = name.split(".")
        parents = (".".join(parts[:length]) for length in range(1, len(parts)))
        pairs += [(name, parent) for parent in parents if parent in names]
    return pairs


def choose_identifier(
    names: FieldNames, lines: Sequence[Mapped], wanted: Sequence[str], place: Place
) -> tuple[tuple[str, ...], Problem | None]:
    """The fields by which the vendor finds the user: the `wanted` ones, else the best that are mapped."""
    alternatives = [one.fields for one in names.identifiers]
    if not alternatives:
        return (), None
    if wanted:
        chosen = next((fields for fields in alternatives if _means(wanted, fields)), None)
        here = place.at("identifier")
        if chosen is None:
            text = ", ".join(wanted)
            message = f"is no identifier here; {_either(alternatives)}."
            return (), here.problem(
                "unknown-identifier", message, value=text, nearest=nearest(text, names.identifying)
            )
        alternatives = [chosen]
    mapped = {line.field for line in lines}
    found = next((fields for fields in alternatives if mapped.issuperset(fields)), None)
    if found is None:
        return (), place.at("mapping").problem(
            "missing-identifier", _what_is_missing(alternatives, mapped), nearest=_close(alternatives, mapped)
        )
    if all(line.column is None for line in lines if line.field in found):
        message = "every record would be the same user: map the identifier to a column, not to a constant."
        return found, place.at("mapping", found[0]).problem("constant-identifier", message)
    return found, None


def _means(wanted: Sequence[str], fields: Sequence[str]) -> bool:
    """Whether the setting `identifier` names these fields: all, one of them, or what they are part of."""
    if set(wanted) == set(fields):
        return True
    only = wanted[0] if len(wanted) == 1 else ""
    return bool(only) and (only in fields or all(name.startswith(f"{only}.") for name in fields))


def _what_is_missing(alternatives: Iterable[tuple[str, ...]], mapped: Collection[str]) -> str:
    for fields in alternatives:
        lacking = [name for name in fields if name not in mapped]
        if len(lacking) < len(fields):
            return f"{' and '.join(fields)} identify a user together; {' and '.join(lacking)} is not mapped."
    return f"nothing says which user a record is; {_either(alternatives)}."


def _either(alternatives: Iterable[tuple[str, ...]]) -> str:
    words = [" + ".join(fields) for fields in alternatives]
    return f"map {words[0]}" if len(words) == 1 else f"it takes one of {', '.join(words)}"


def _close(alternatives: Iterable[tuple[str, ...]], mapped: Iterable[str]) -> str:
    """An identifier that one of the mapped fields seems to be a misspelling of."""
    names = [name for fields in alternatives for name in fields]
    strangers = [name for name in mapped if name not in names]
    return next((close for close in (nearest(name, names) for name in strangers) if close), "")
