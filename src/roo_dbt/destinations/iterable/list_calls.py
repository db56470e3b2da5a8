"""The requests that put users into lists and take them out.

Sources: https://api.iterable.com/api/docs#lists_subscribe and
https://api.iterable.com/api/docs#lists_unsubscribe (read 2026-11-22).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

import orjson

from roo_dbt.destinations.iterable import limits
from roo_dbt.destinations.iterable.answers import counted, refusal
from roo_dbt.destinations.iterable.batch import refused_batch
from roo_dbt.destinations.iterable.calls import UserCall
from roo_dbt.destinations.iterable.fields import EMAIL, USER_ID
from roo_dbt.destinations.iterable.lists import ListGroups
from roo_dbt.destinations.iterable.moves import Moves, Successor
from roo_dbt.destinations.iterable.outcomes import Reading, absent_user, bulk_outcomes
from roo_dbt.records import ACCEPTED, Answer, Change, Item, Outcome, Request

_FORGOTTEN = Outcome(
    "skipped",
    "forgotten",
    "Iterable was told to forget this user (GDPR), who is in no list any more",
    permanent=True,
)


class ListCall(UserCall):
    """What joining and leaving have in common. Items of different lists never share a request.

    Args:
        moves: the moved users of the run.
        host: named when Iterable refuses the key.
        lists: the destination's lists.
        after_seconds: the wait before the call for moved users; 0 for the call for all others.
    """

    batch_size = limits.BULK_OTHERS.number
    path: ClassVar[str]

    def __init__(self, moves: Moves, host: str, lists: ListGroups, *, after_seconds: float = 0.0) -> None:
        super().__init__(moves.identity, host)
        self.after_seconds = after_seconds
        self._moves = moves
        self._lists = lists

    @abstractmethod
    def targets(self, change: Change) -> Sequence[str]:
        """The lists that the change concerns."""

    def item(self, change: Change) -> Sequence[Item] | Outcome | None:
        """One item per list; None when there is none, or not now."""
        change = self._moves.resolved(change)
        if self._moves.goes_last(change) is not bool(self.after_seconds):
            return None
        return self.items(change) or None

    def items(self, change: Change) -> Sequence[Item] | Outcome:
        """One item per list for the user of the record as it is now."""
        targets = self.targets(change)
        if not targets:
            return ()
        text = self.identifier(change)
        if isinstance(text, Outcome):
            return text
        return self._each(change, targets, text)

    def _each(self, change: Change, targets: Sequence[str], text: str) -> list[Item]:
        body = self._body(text)
        return [Item(change, body, text, batch=target) for target in targets]

    def _body(self, text: str) -> bytes:
        return orjson.dumps({self._identity.field: text})

    def request(self, items: Sequence[Item]) -> Request:
        """The members of one list."""
        target = items[0].batch
        # Only a plan, which sends nothing, has names of lists instead of numbers.
        number = target if target.isdecimal() else "0"
        members = b",".join([item.body for item in items])
        body = b'{"listId":' + number.encode() + b"," + self.head + b'"subscribers":[' + members + b"]}"
        return Request("POST", self.path, body)

    @property
    @abstractmethod
    def head(self) -> bytes:
        """The properties between the list and its members, with a comma at the end."""

    @property
    @abstractmethod
    def verdicts(self) -> Mapping[str, Outcome]:
        """What the lists of refused users mean here; see `Reading`."""

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """By identifier; see `bulk_outcomes`."""
        if answer.status >= 400:
            why = refusal(answer)
            if why.code.startswith("error.lists."):
                message = (
                    f"Iterable has no list {items[0].batch} any more, or one without members ({why.code})"
                )
                return [Outcome("failed", "rejected", message)] * len(items)
            return refused_batch(items, answer)
        reading = Reading(self.verdicts, profile=False)
        return bulk_outcomes(items, counted(answer, self.name), self._identity, reading)


class Leave(ListCall):
    """POST lists/unsubscribe. Who is in no list, or not there at all, has left it."""

    name: ClassVar[str] = "leave_lists"
    rate = limits.UNSUBSCRIBE
    path = "/api/lists/unsubscribe"

    @property
    def head(self) -> bytes:
        """The list alone is left, not its whole channel. Said, because sources differ on the default."""
        return b'"channelUnsubscribe":false,'

    @property
    def verdicts(self) -> Mapping[str, Outcome]:
        """A user who is not there is in no list."""
        return {
            "notFoundEmails": ACCEPTED,
            "notFoundUserIds": ACCEPTED,
            "forgottenEmails": _FORGOTTEN,
            "forgottenUserIds": _FORGOTTEN,
        }

    def targets(self, change: Change) -> Sequence[str]:
        """Lists that the record is no longer in, and those of others who had its user."""
        return self._lists.left(change)

    def items(self, change: Change) -> Sequence[Item] | Outcome:
        """For a record whose user was not renamed, all lists of the one who is left behind as well.

        The new user may be in lists of the record, too: an earlier run may have renamed it and gone no
        further, or the answer to the rename was lost.
        """
        found = super().items(change)
        if isinstance(found, Outcome) or not isinstance(change, Successor) or not change.left:
            return found
        return [*self._each(change, self._lists.all_before(change), change.left), *found]


class Join(ListCall):
    """POST lists/subscribe. In `enrich` only for users who are there."""

    name: ClassVar[str] = "join_lists"
    rate = limits.SUBSCRIBE
    path = "/api/lists/subscribe"

    def __init__(
        self,
        moves: Moves,
        host: str,
        lists: ListGroups,
        *,
        only_existing: bool,
        is_email_based: bool,
        after_seconds: float = 0.0,
    ) -> None:
        super().__init__(moves, host, lists, after_seconds=after_seconds)
        self._only_existing = only_existing
        self._is_email_based = is_email_based

    @property
    def head(self) -> bytes:
        """The flag is for the projects that respect it."""
        flag = self._only_existing and not self._is_email_based
        return b'"updateExistingUsersOnly":true,' if flag else b""

    @property
    def verdicts(self) -> Mapping[str, Outcome]:
        """A user who is not there is none that `enrich` creates."""
        if not self._only_existing:
            return {}
        skipped = absent_user(self._identity)
        names = ["notFoundEmails", "notFoundUserIds"]
        if self._is_email_based and self._identity.field == USER_ID:
            names += ["invalidUserIds", "older invalidUserIds"]
        return dict.fromkeys(names, skipped)

    def _body(self, text: str) -> bytes:
        member: dict[str, object] = {self._identity.field: text}
        if self._identity.prefers_user_id and self._identity.field != EMAIL:
            member["preferUserId"] = True
        return orjson.dumps(member)

    def targets(self, change: Change) -> Sequence[str]:
        """Lists that the record was not in yet."""
        return self._lists.joined(change)
