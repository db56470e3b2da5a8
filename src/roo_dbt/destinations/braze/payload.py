"""Changes → the attributes objects of `/users/track`. Pure.

Source: https://www.braze.com/docs/api/endpoints/user_data/post_user_track (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from roo_dbt.destinations.braze import limits
from roo_dbt.destinations.braze.attributes import attribute, nested, size_of, with_removals
from roo_dbt.destinations.braze.fields import CONSENT
from roo_dbt.destinations.braze.standard import CHECKS, OBJECTS, standard_object
from roo_dbt.destinations.braze.values import Check, InvalidValueError
from roo_dbt.records import NOT_FINITE, Outcome, refused


def external_id(value: Any) -> str | Outcome:
    """The text of an external_id, or why there is none; whole numbers are written without `.0`."""
    if type(value) is str and value[:1] > " " and len(value) <= 200 and not value.isspace():
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | float | None):
        return refused("invalid_value", "external_id: must be text or a whole number")
    if isinstance(value, float):
        if not value.is_integer():
            return refused("invalid_value", "external_id: is a number that is not whole; cast it to text")
        value = int(value)
    name = "" if value is None else str(value)
    if name.startswith(NOT_FINITE):
        name = name[len(NOT_FINITE) :]
        if not name.removeprefix("-").isdigit():
            return refused("invalid_value", "external_id: is not a number that can name a user")
    if not name.strip():
        return refused("missing_identifier", "external_id is null or blank, so Braze cannot find the user")
    size = len(name.encode("utf-8", "surrogatepass"))
    if size > limits.EXTERNAL_ID.number:
        return refused(
            "invalid_value",
            f"external_id: has {size:,} bytes; Braze takes at most {limits.EXTERNAL_ID.number}",
        )
    return name


class Attributes:
    """Writes values into attributes objects; made once for a destination.

    Args:
        fields: the mapped fields; others are learnt when they come.
        merge_objects: object columns are merged into what Braze has, not written over it.
    """

    def __init__(self, fields: Iterable[str], *, merge_objects: bool = False) -> None:
        self._merge_objects = merge_objects
        self._checks: dict[str, Check | None] = {}
        for field in fields:
            self._learn(field)

    def write(
        self,
        body: dict[str, Any],
        values: Mapping[str, Any],
        *,
        new: Mapping[str, Any],
        old: Mapping[str, Any],
    ) -> None:
        """Put `values` into `body`; null clears.

        `new` and `old` are the whole records: a standard object goes whole, and a part that left an
        object that is merged needs a null.

        Raises:
            InvalidValueError: names every field that breaks a rule, and the rule.
        """
        checks = self._checks
        dotted: list[str] = []
        try:
            for name, value in values.items():
                check = checks.get(name) or self._learn(name)
                if check is None:
                    dotted.append(name)
                elif value is not None:
                    body[name] = check(value)
                else:
                    _must_be_clearable(name)
                    body[name] = None
            if dotted:
                self._write_dotted(body, dotted, new, old)
        except InvalidValueError as error:
            problems = (self._problem(name, value, new) for name, value in values.items())
            told = "; ".join(dict.fromkeys(problem for problem in problems if problem))
            raise InvalidValueError(told or str(error)) from None
        if self._merge_objects or "_merge_objects" in body:
            self._merge(body, values, old)

    def _learn(self, name: str) -> Check | None:
        """The check of a field that is one key of the attributes object, None for a dotted field."""
        check = CHECKS.get(name) or (None if "." in name else attribute)
        self._checks[name] = check
        return check

    def _write_dotted(
        self, body: dict[str, Any], names: Sequence[str], new: Mapping[str, Any], old: Mapping[str, Any]
    ) -> None:
        for root in dict.fromkeys(name.partition(".")[0] for name in names):
            if root in OBJECTS:
                body[root] = standard_object(root, _parts(root, new))
                continue
            tree: dict[str, Any] = {}
            for name in names:
                if name.startswith(f"{root}."):
                    value = new.get(name)
                    _plant(tree, name, None if value is None else with_removals(old.get(name), nested(value)))
            if size_of(tree) > limits.OBJECT.number:
                raise InvalidValueError(
                    f"{root}: is larger than the {limits.OBJECT.number:,} bytes Braze stores"
                )
            body |= tree
            body["_merge_objects"] = True

    def _merge(self, body: dict[str, Any], values: Mapping[str, Any], old: Mapping[str, Any]) -> None:
        """Mark object columns for merging: the flag is one for the whole user."""
        for name, value in values.items():
            if isinstance(value, dict) and self._checks[name] is attribute:
                body[name] = with_removals(old.get(name), body[name])
                body["_merge_objects"] = True

    def _problem(self, name: str, value: Any, new: Mapping[str, Any]) -> str | None:
        root = name.partition(".")[0]
        check = self._checks.get(name) or self._learn(name)
        subject = name
        try:
            if check is not None and value is not None:
                check(value)
            elif check is not None:
                _must_be_clearable(name)
            elif root in OBJECTS:
                subject = root
                standard_object(root, _parts(root, new))
            elif value is not None:
                nested(value)
        except InvalidValueError as error:
            return f"{subject}: {error}"
        return None


def _must_be_clearable(name: str) -> None:
    if name in CONSENT:
        raise InvalidValueError(
            "is null, and Braze cannot clear a subscription state; give opted_in, subscribed or "
            "unsubscribed, or map it with `nulls: ignore`"
        )


def _parts(root: str, record: Mapping[str, Any]) -> dict[str, Any]:
    return {name[len(root) + 1 :]: value for name, value in record.items() if name.startswith(f"{root}.")}


def _plant(tree: dict[str, Any], name: str, value: Any) -> None:
    *branches, leaf = name.split(".")
    for branch in branches:
        tree = tree.setdefault(branch, {})
    tree[leaf] = value
