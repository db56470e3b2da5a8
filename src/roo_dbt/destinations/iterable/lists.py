"""The static lists of a project, found by name or id and made once, and who belongs to which.

Source: https://api.iterable.com/api/docs#lists_getLists (read 2026-11-22). Nothing published says that the
names of lists are unique, so a name that two lists have is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from roo_dbt.destinations.iterable.answers import json_body, judge_answer, refusal
from roo_dbt.destinations.iterable.identity import is_blank
from roo_dbt.destinations.protocol import Send, undeclared_groups
from roo_dbt.errors import AnswerProblem, AppRefused, Blocked, Fatal
from roo_dbt.records import GROUP_MARK, Answer, Change, Destination, Group, Request

DESCRIPTION_CHARACTERS = 140
"""Of a list. Source: https://support.iterable.com/hc/articles/204780549 (read 2026-11-22)."""

_WRITABLE = "Standard"


@dataclass(frozen=True, slots=True)
class _Known:
    number: int
    name: str
    kind: str


@dataclass(slots=True)
class ListGroups:
    """The lists of one destination.

    Args:
        destination: with its groups.
        endpoint: named when Iterable refuses the key.
        creates: whether lists that are not there are made.

    Attributes:
        numbers: ids by name, once `prepare` has run; None for a list that is not there and that nobody
            joins. A plan has none and goes by names.
    """

    destination: Destination
    endpoint: str
    creates: bool = True
    numbers: dict[str, int | None] = field(default_factory=dict)
    prepared: bool = False

    def prepare(self, send: Send, names: Sequence[str]) -> None:
        """Find the lists, and make those that are missing.

        Raises:
            Blocked: a name is ambiguous, a list is missing or cannot be written to, or there is no answer.
            AppRefused: Iterable refuses the key.
        """
        ids = sorted({group.list_id for group in self.destination.groups if group.list_id is not None})
        self.prepared = True
        if not names and not ids:
            return
        known = self._read(send)
        for number in ids:
            found = [each for each in known if each.number == number]
            self._check(f"list_id {number}", found)
        by_name: dict[str, list[_Known]] = {}
        for each in known:
            by_name.setdefault(each.name, []).append(each)
            self.numbers.setdefault(each.name, each.number)
        for name in names:
            self.numbers[name] = self._number(send, name, by_name.get(name, []))

    def target(self, group: Group, name: str | None) -> str | None:
        """What a list is called in `Item.batch`: its id, in a plan its name; None if there is no list."""
        if group.list_id is not None:
            return str(group.list_id)
        if not self.prepared:
            return name
        number = self.numbers.get(name or "")
        return None if number is None else str(number)

    def concern(self, change: Change) -> bool:
        """Whether a change joins or leaves any list."""
        return bool(self.joined(change) or self.left(change))

    def joined(self, change: Change) -> list[str]:
        """The lists that the user of a change joins: those it was not in, all of them in a whole record."""
        if not self.destination.groups or change.operation == "delete" or change.departs:
            return []
        before, after = self._members(change.old), self._members(change.new)
        return [target for target in after if target not in before or self._again(change)]

    def left(self, change: Change) -> list[str]:
        """The lists that the user of a change leaves: those of this record and of others who had the user.

        A deleted user needs no call for that.
        """
        if change.operation == "delete" and not change.clears:
            return []
        before = {**self._members(change.inherited or {}), **self._members(change.old)}
        after = {} if change.clears or not before else self._members(change.new)
        return [target for target in before if target not in after]

    def all_before(self, change: Change) -> list[str]:
        """The lists that the record was in."""
        return list(self._members(change.old))

    def _again(self, change: Change) -> bool:
        """Whether the user joins although somebody says it was in it: it may be another user by now."""
        identifier = self.destination.identifier[0]
        # Said to have changed, though equal: the snapshot does not know for sure what the user has.
        is_unsure = any(change.old.get(name) == change.new.get(name) for name in change.changed)
        is_new = change.operation == "create" or is_blank(change.old.get(identifier))
        return change.whole or change.returned or is_unsure or is_new

    def _members(self, values: Mapping[str, Any]) -> dict[str, str]:
        """The lists that the values belong to, each with the field that says so."""
        if not values or GROUP_MARK not in "".join(values):
            return {}
        groups = [*self.destination.groups, *undeclared_groups(values, self.destination.groups)]
        found: dict[str, str] = {}
        for group, name in _memberships(groups, values):
            target = self.target(group, name)
            if target is not None:
                found.setdefault(target, group.field)
        return found

    def _read(self, send: Send) -> list[_Known]:
        answer = send(Request("GET", "/api/lists"))
        self._judge(answer, "did not list its lists")
        body = json_body(answer)
        lists = body.get("lists") if isinstance(body, dict) else None
        if answer.status != 200 or not isinstance(lists, list):
            raise self._blocked(f"Iterable did not list its lists ({refusal(answer).named(answer)}).")
        return [
            _Known(int(each["id"]), str(each.get("name")), str(each.get("listType")))
            for each in lists
            if isinstance(each, dict) and isinstance(each.get("id"), int)
        ]

    def _number(self, send: Send, name: str, found: Sequence[_Known]) -> int | None:
        """The id of a list by name, made if need be; None if nobody can join it."""
        if found:
            return self._check(f"the name {name!r}", found)
        if not self._is_declared(name):
            return None
        if not self.creates:
            hint = "Create it in Iterable, or set create_lists: true."
            raise self._blocked(f"Iterable has no list named {name!r}.", hint)
        return self._create(send, name)

    def _is_declared(self, name: str) -> bool:
        return any(group.is_many or group.name == name for group in self.destination.groups)

    def _create(self, send: Send, name: str) -> int:
        description = f"Kept by roo-dbt, destination {self.destination.name}"[:DESCRIPTION_CHARACTERS]
        body = orjson.dumps({"name": name, "description": description})
        answer = send(Request("POST", "/api/lists", body))
        self._judge(answer, f"did not create the list {name!r}", is_question=False)
        made = json_body(answer)
        number = made.get("listId") if isinstance(made, dict) and answer.status == 200 else None
        if isinstance(number, int):
            return number
        # The answer was lost, so it may be there all the same; making it twice would make it ambiguous.
        found = [each for each in self._read(send) if each.name == name]
        if not found:
            raise self._blocked(
                f"Iterable did not create the list {name!r} ({refusal(answer).named(answer)})."
            )
        return self._check(f"the name {name!r}", found)

    def _check(self, what: str, found: Sequence[_Known]) -> int:
        if not found:
            raise self._blocked(f"Iterable has no list with {what}.", "Look its id up in Iterable's lists.")
        if len(found) > 1:
            ids = ", ".join(str(each.number) for each in found)
            hint = "Rename all but one in Iterable, or say list_id instead of name."
            raise self._blocked(f"{len(found)} lists have {what} (ids {ids}).", hint)
        (one,) = found
        if one.kind != _WRITABLE:
            hint = "Members can be put into static (Standard) lists only: choose another list."
            raise self._blocked(f"the list with {what} is of type {one.kind}.", hint)
        return one.number

    def _judge(self, answer: Answer, what: str, *, is_question: bool = True) -> None:
        try:
            judge_answer(answer, self.endpoint)
        except Fatal as problem:
            raise AppRefused(problem.message, where=self.destination.app, hint=problem.hint) from None
        except AnswerProblem as problem:
            if is_question:
                raise self._blocked(f"Iterable {what} ({problem.message}).") from None

    def _blocked(self, message: str, hint: str = "Nothing was sent; run again later.") -> Blocked:
        return Blocked(message, where=self.destination.name, hint=hint)


def _memberships(groups: Sequence[Group], values: Mapping[str, Any]) -> Iterator[tuple[Group, str | None]]:
    """Every list that the values say somebody is in: its group, and its name if it goes by name."""
    for group in groups:
        value = values.get(group.field)
        # False is a membership that nobody is sure of.
        if value is None:
            continue
        if group.is_many:
            yield from ((group, name) for name in value)
        else:
            yield group, group.name
