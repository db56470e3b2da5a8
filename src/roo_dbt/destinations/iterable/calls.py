"""The requests that every user may need: look up, write in bulk, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar
from urllib.parse import quote

from roo_dbt.destinations.iterable import limits
from roo_dbt.destinations.iterable.answers import (
    confirm,
    counted,
    is_there,
    judge_answer,
    refusal,
    says_absent,
)
from roo_dbt.destinations.iterable.batch import refused_batch, single_refusal
from roo_dbt.destinations.iterable.fields import EMAIL
from roo_dbt.destinations.iterable.identity import Identity
from roo_dbt.destinations.iterable.lists import ListGroups
from roo_dbt.destinations.iterable.moves import Moves, Successor
from roo_dbt.destinations.iterable.outcomes import Reading, absent_user, bulk_outcomes
from roo_dbt.destinations.iterable.payload import UserPayload
from roo_dbt.destinations.protocol import Call
from roo_dbt.records import ACCEPTED, Answer, Change, Item, Operation, Outcome, Request, refused


class UserCall(Call):
    """What the calls have in common: the identity of the users and how an HTTP status is read."""

    def __init__(self, identity: Identity, host: str) -> None:
        self._identity = identity
        self._host = host

    def judge(self, answer: Answer) -> None:
        """See `judge_answer`."""
        judge_answer(answer, self._host)

    def identifier(self, change: Change) -> str | Outcome:
        """The identifier to send, or why nothing may be sent."""
        return self._identity.text(change)


class Lookup(UserCall):
    """GET users/getByEmail or users/byUserId: is this user there? Asked in `enrich` only.

    A record in the snapshot is known to exist, so only new ones are looked up, and those whose old user
    was found to be gone or is another record's by now.
    """

    name: ClassVar[str] = "lookup"
    writes = False

    def __init__(self, moves: Moves, host: str) -> None:
        super().__init__(moves.identity, host)
        identity = moves.identity
        self._moves = moves
        self.rate = limits.GET_BY_EMAIL if identity.field == EMAIL else limits.GET_BY_USER_ID

    def item(self, change: Change) -> Item | Outcome | None:
        """The identifier alone: a GET has no body."""
        change = self._moves.resolved(change)
        is_lost = isinstance(change, Successor) and not change.is_sure
        if change.operation != "create" and not is_lost:
            return None
        text = self.identifier(change)
        return text if isinstance(text, Outcome) else Item(change, b"", text)

    def request(self, items: Sequence[Item]) -> Request:
        """The form with a query, which takes every character."""
        field = self._identity.field
        path = "/api/users/getByEmail" if field == EMAIL else "/api/users/byUserId"
        return Request("GET", path, params={field: items[0].match})

    def judge(self, answer: Answer) -> None:
        """As ever, but for one 500: `error.users.noUserWithIdExists` is an answer."""
        if not says_absent(answer):
            super().judge(answer)

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """Accepted when the user is there, else skipped and remembered."""
        if answer.status >= 400 and not says_absent(answer):
            return [single_refusal(refusal(answer), answer)]
        return [ACCEPTED if is_there(answer) else absent_user(self._identity)] * len(items)


class BulkUpdate(UserCall):
    """POST users/bulkUpdate: up to 1,000 users, created or updated with the fields that are sent.

    Args:
        moves: the moved users of the run.
        after_seconds: the wait before the call that writes moved users; 0 for the call that writes all
            others.
    """

    name: ClassVar[str] = "bulk_update"
    rate = limits.BULK_UPDATE
    batch_size = limits.BULK_USERS.number
    max_bytes = limits.BULK_BYTES.number

    def __init__(
        self,
        moves: Moves,
        host: str,
        payload: UserPayload,
        *,
        create_new_fields: bool | None,
        lists: ListGroups,
        only_existing: bool = False,
        after_seconds: float = 0.0,
    ) -> None:
        super().__init__(moves.identity, host)
        self.after_seconds = after_seconds
        self._moves = moves
        self._payload = payload
        self._lists = lists
        self._reading = Reading(_skips_absent(moves.identity) if only_existing else {})
        flag = {True: b'"createNewFields":true,', False: b'"createNewFields":false,', None: b""}
        self._head = b"{" + flag[create_new_fields] + b'"users":['

    def item(self, change: Change) -> Item | Outcome | None:
        """The user's part of the body; None when nothing of it concerns Iterable, or not now."""
        if change.departs or (change.operation == "delete" and not change.clears):
            return None
        if change.clears and (followed := self._moves.followed(change)):
            return followed
        change = self._moves.resolved(change)
        if self._moves.goes_last(change) is not bool(self.after_seconds):
            return None
        text = self.identifier(change)
        if isinstance(text, Outcome):
            return text
        note = self._identity.kept_other(change)
        try:
            body = self._payload.user(
                change,
                text,
                anew=self._moves.takes_over(change),
                always=note is not None and self._lists.concern(change),
            )
        except ValueError as fault:
            return refused("invalid_value", str(fault))
        if body is None:
            return Outcome("accepted", message=note) if note else None
        return Item(change, body, text)

    def request(self, items: Sequence[Item]) -> Request:
        """The users' JSON joined, `createNewFields` before it if it is set."""
        body = self._head + b",".join([item.body for item in items]) + b"]}"
        return Request("POST", "/api/users/bulkUpdate", body)

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """By identifier; see `bulk_outcomes` and, for a 4xx, `refused_batch`."""
        if answer.status >= 400:
            return refused_batch(items, answer)
        return bulk_outcomes(items, counted(answer, self.name), self._identity, self._reading)


class Delete(UserCall):
    """DELETE users/{email} or users/byUserId/{userId}. Who is not there counts as deleted."""

    name: ClassVar[str] = "delete"
    operations = frozenset[Operation]({"delete"})

    def __init__(self, moves: Moves, host: str, *, may_delete: bool) -> None:
        super().__init__(moves.identity, host)
        identity = moves.identity
        self._moves = moves
        self._may_delete = may_delete
        self.rate = limits.DELETE_BY_EMAIL if identity.field == EMAIL else limits.DELETE_BY_USER_ID

    def item(self, change: Change) -> Item | Outcome | None:
        """The identifier alone: a DELETE has no body."""
        if change.operation != "delete" or change.clears:
            return None
        if not self._may_delete:
            return Outcome("skipped", "mode", "only sync_mode sync deletes users")
        if followed := self._moves.followed(change):
            return followed
        text = self.identifier(change)
        if isinstance(text, Outcome):
            return text
        if text in (".", ".."):
            # In a path these mean another address, "all users" for instance.
            return refused("invalid_value", f"{self._identity.field}: dots alone cannot stand in an address")
        return Item(change, b"", text)

    def request(self, items: Sequence[Item]) -> Request:
        """The identifier percent-encoded, its slashes too."""
        folder = "/api/users/" if self._identity.field == EMAIL else "/api/users/byUserId/"
        return Request("DELETE", folder + quote(items[0].match, safe="@"))

    def judge(self, answer: Answer) -> None:
        """As ever, but a 404 in Iterable's own words means that the user is gone."""
        if not (answer.status == 404 and says_absent(answer)):
            super().judge(answer)

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """Accepted when the user is deleted or was not there."""
        if says_absent(answer):
            return [ACCEPTED] * len(items)
        if answer.status >= 400:
            return [single_refusal(refusal(answer), answer)]
        confirm(answer)
        return [ACCEPTED]


def _skips_absent(identity: Identity) -> dict[str, Outcome]:
    """Where a bulkUpdate that creates nobody names users who are not there.

    Blank and malformed identifiers never leave, so what Iterable calls invalid here is unknown to it.
    """
    skipped = absent_user(identity)
    return dict.fromkeys(("invalidUserIds", "older invalidUserIds", "notFoundUserIds"), skipped)
