"""The requests that give a user another e-mail address or userId.

Sources: https://api.iterable.com/api/docs#users_updateEmail (e-mail-based projects only) and
https://api.iterable.com/api/docs#users_updateUser (all others, and every userId), read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import orjson

from roo_dbt.destinations.iterable import limits
from roo_dbt.destinations.iterable.answers import confirm, is_there, refusal, says_absent
from roo_dbt.destinations.iterable.batch import single_refusal
from roo_dbt.destinations.iterable.calls import UserCall
from roo_dbt.destinations.iterable.fields import EMAIL
from roo_dbt.destinations.iterable.identity import ProjectType
from roo_dbt.destinations.iterable.moves import Moves, Successor, successor
from roo_dbt.records import ACCEPTED, Answer, Change, Item, Outcome, Request

_RENAMED = Outcome("accepted", renamed=True)
_TAKEN = frozenset({"EmailAlreadyExists", "UserIdAlreadyExists", "ExternalKeyConflict", "Conflict"})


class MoveCall(UserCall):
    """A call for users who get another identifier; `match` of its items is the old one."""

    def __init__(self, moves: Moves, host: str) -> None:
        super().__init__(moves.identity, host)
        self._moves = moves

    def former(self, change: Change) -> str | None:
        """The old identifier of a user to be renamed; None when there is nobody to rename."""
        if isinstance(change, Successor):
            return None
        former = self._moves.former(change)
        if former is not None:
            self._moves.freed.add(former)
        if former is None or change.shared:
            return None
        self._moves.renamed.add(former)
        return former

    def taken(self, item: Item) -> Outcome:
        """The new identifier is somebody else's: the old user stays, the new one gets the record."""
        field, left = self._identity.field, item.match
        message = (
            f"{field} has changed, and another user has the new one already: that user gets the whole "
            f"record; the old user {left} is left alone, out of its lists"
        )
        return Outcome("accepted", message=message, instead=successor(item.change, left))


class Vacancy(MoveCall):
    """GET users/byUserId: is the new userId free?

    Asked in e-mail-based projects only, where several users can share a userId, so that Iterable would not
    refuse one that is taken.
    """

    name: ClassVar[str] = "vacancy"
    writes = False
    rate = limits.GET_BY_USER_ID

    def item(self, change: Change) -> Item | None:
        """Nothing but identifiers: a GET has no body."""
        former = self.former(change)
        return None if former is None else Item(change, b"", former)

    def request(self, items: Sequence[Item]) -> Request:
        """A question for the new userId."""
        text = self.identifier(items[0].change)
        return Request("GET", "/api/users/byUserId", params={"userId": str(text)})

    def judge(self, answer: Answer) -> None:
        """As ever, but for one 500: `error.users.noUserWithIdExists` is an answer."""
        if not says_absent(answer):
            super().judge(answer)

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """Accepted; if the userId is taken, the change goes on as that of a new user."""
        if answer.status >= 400 and not says_absent(answer):
            return [single_refusal(refusal(answer), answer)]
        return [self.taken(items[0]) if is_there(answer) else ACCEPTED]


class Rename(MoveCall):
    """POST users/updateEmail, or users/update with the new identifier among the data.

    It renames and does nothing else. Sent a second time after a lost answer, it finds the new identifier
    taken or the old user gone; either way the new one gets the whole record.
    """

    name: ClassVar[str] = "rename"
    writes = False
    renames = True

    def __init__(self, moves: Moves, host: str, project_type: ProjectType) -> None:
        super().__init__(moves, host)
        self._is_address = project_type == "email" and moves.identity.field == EMAIL
        self.rate = limits.UPDATE_EMAIL if self._is_address else limits.UPDATE

    def item(self, change: Change) -> Item | None:
        """Old and new identifier; what is wrong with a record is found by the calls that write it."""
        former = self.former(change)
        if former is None:
            return None
        text = self.identifier(change)
        field = self._identity.field
        if self._is_address:
            return Item(change, orjson.dumps({"currentEmail": former, "newEmail": text}), former)
        return Item(change, orjson.dumps({field: former, "dataFields": {field: text}}), former)

    def request(self, items: Sequence[Item]) -> Request:
        """The one item is the body."""
        path = "/api/users/updateEmail" if self._is_address else "/api/users/update"
        return Request("POST", path, items[0].body)

    def judge(self, answer: Answer) -> None:
        """As ever, but a 404 in Iterable's own words means that the old user is gone."""
        if not (answer.status == 404 and says_absent(answer)):
            super().judge(answer)

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """Accepted when the user has the new identifier, and when a new user is to get the record."""
        item = items[0]
        if says_absent(answer):
            return [self._gone(item)]
        if answer.status >= 400:
            why = refusal(answer)
            is_taken = why.code in _TAKEN or (answer.status == 409 and why.code != "ForgottenUserError")
            return [self.taken(item) if is_taken else single_refusal(why, answer)]
        confirm(answer)
        return [_RENAMED]

    def _gone(self, item: Item) -> Outcome:
        field = self._identity.field
        message = (
            f"{field} has changed, and Iterable no longer has the old user {item.match}: the new one got the "
            "whole record"
        )
        return Outcome("accepted", message=message, instead=successor(item.change))
