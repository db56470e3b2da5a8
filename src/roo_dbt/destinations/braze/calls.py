"""What the requests to Braze share, and the one that deletes users."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from roo_dbt.destinations.braze import limits
from roo_dbt.destinations.braze.identity import DELETED_AS, Identity
from roo_dbt.destinations.braze.outcomes import Source, delete_outcomes, judge
from roo_dbt.destinations.protocol import Call
from roo_dbt.records import Answer, Change, Item, Operation, Outcome, Request, refused

if TYPE_CHECKING:
    from roo_dbt.destinations.braze.settings import Braze


class BrazeCall(Call):
    """A request to Braze: it knows whose answers it reads and how its users are found.

    Args:
        clock: UTC epoch seconds.
    """

    permission: ClassVar[str]
    max_bytes = limits.BODY_BUDGET

    def __init__(self, app: Braze, identity: Identity, *, clock: Callable[[], float] = time.time) -> None:
        self.source = Source(app.endpoint, self.permission, app.secrets())
        self.identity = identity
        self._clock = clock

    def judge(self, answer: Answer) -> None:
        """What the status says, in Braze's words; raises as `outcomes.judge`."""
        judge(answer, self.source, now=self._clock())


class Delete(BrazeCall):
    """`POST /users/delete`: removes whole users for good.

    Args:
        prioritization: which of several users with the same e-mail or phone is meant; Braze deletes
            nobody while more than one is left.
    """

    name = "delete"
    operations = frozenset[Operation]({"delete"})
    permission = "users.delete"
    rate = limits.USER_LIFE_RATE
    batch_size = limits.DELETE_USERS.number

    def __init__(
        self,
        app: Braze,
        identity: Identity,
        prioritization: Sequence[str] = (),
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(app, identity, clock=clock)
        self._prioritization = list(prioritization)
        self._array = DELETED_AS[identity.kind]

    def item(self, change: Change) -> Item | Outcome | None:
        """What names a user whose record left."""
        if change.operation != "delete" or change.clears:
            return None
        user = self.identity.of(change.old)
        if isinstance(user, Outcome):
            return user
        if self.identity.kind in ("email", "phone"):
            user = {self.identity.kind: {**user, "prioritization": self._prioritization}}
        body = self.identity.written(user)
        return body if isinstance(body, Outcome) else Item(change, body)

    def request(self, items: Sequence[Item]) -> Request:
        """One request with the users of the items, in their order."""
        return Request("POST", "/users/delete", array_body(self._array, items))

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """One outcome per item; raises as `delete_outcomes`."""
        return delete_outcomes(answer, len(items), self.source, array=self._array)


def array_body(array: str, items: Sequence[Item]) -> bytes:
    """A body of one array that holds the bodies of the items, in their order."""
    return b'{"%s":[%s]}' % (array.encode(), b",".join([item.body for item in items]))


def not_unicode(body: dict[str, Any], identifier: str) -> Outcome:
    """The refusal of an object that cannot be written as UTF-8, with the first field that is why."""
    field = next((name for name, value in body.items() if not _is_writable(value)), identifier)
    return refused("invalid_value", f"{field}: holds text that is not valid Unicode")


def _is_writable(value: Any) -> bool:
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return False
    return True
