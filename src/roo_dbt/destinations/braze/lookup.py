"""`POST /users/export/ids`: which users Braze has.

Source: https://www.braze.com/docs/api/endpoints/export/user_data/post_users_identifier (read 2026-11-22).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from roo_dbt.destinations.braze import limits
from roo_dbt.destinations.braze.calls import BrazeCall
from roo_dbt.destinations.braze.fields import EXTERNAL_ID
from roo_dbt.destinations.braze.identity import Identity, Kind
from roo_dbt.destinations.braze.outcomes import Source, read_body, refusal, succeeded
from roo_dbt.records import ACCEPTED, Answer, Change, Item, Outcome, Request

if TYPE_CHECKING:
    from roo_dbt.destinations.braze.settings import Braze

_ASKED_AS: Final[Mapping[Kind, tuple[str, str]]] = {
    "external_id": ("external_ids", "external_id"),
    "user_alias": ("user_aliases", "user_aliases"),
    "braze_id": ("braze_id", "braze_id"),
    "email": ("email_address", "email"),
    "phone": ("phone", "phone"),
}
"""By kind: the name in the request and the field to ask for. Only the first two take several users."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an answer says: users, identifiers without one, and the failure of all if it is no success."""

    users: tuple[Mapping[str, Any], ...] = ()
    absent: tuple[object, ...] = ()
    failed: Outcome | None = None

    @property
    def ids(self) -> frozenset[str]:
        """The present external ids of the users."""
        return frozenset(str(user[EXTERNAL_ID]) for user in self.users if user.get(EXTERNAL_ID))

    @property
    def missing(self) -> frozenset[str]:
        """The identifiers without a user, as text."""
        return frozenset(str(name) for name in self.absent)

    @classmethod
    def read(cls, answer: Answer, source: Source) -> Exported:
        """Read an answer.

        Raises:
            Retriable: it is not Braze's. Splittable: refused as a whole.
        """
        body = read_body(answer)
        if answer.status >= 400:
            raise refusal(answer, body, source)
        message = succeeded(answer, body, source)
        if message:
            return cls(failed=Outcome("failed", "rejected", f"Braze: {message}"))
        users, absent = body.get("users"), body.get("invalid_user_ids")
        if not isinstance(users, list) and not isinstance(absent, list):
            return cls(failed=Outcome("failed", "rejected", "Braze: the answer lists no users"))
        return cls(
            tuple(user for user in users if isinstance(user, dict)) if isinstance(users, list) else (),
            tuple(absent) if isinstance(absent, list) else (),
        )


def export_body(name: str, field: str, items: Sequence[Item], *, single: bool = False) -> Request:
    """A request for the users of the items, with the one field that is needed of them."""
    asked = b",".join([item.body for item in items])
    value = asked if single else b"[%s]" % asked
    body = b'{"%s":%s,"fields_to_export":["%s"]}' % (name.encode(), value, field.encode())
    return Request("POST", "/users/export/ids", body)


class Verify(BrazeCall):
    """Asks, in `enrich`, whether Braze has the user before anything is sent."""

    name = "verify"
    writes = False
    permission = "users.export.ids"
    rate = limits.EXPORT_RATE

    def __init__(self, app: Braze, identity: Identity, *, clock: Callable[[], float] = time.time) -> None:
        super().__init__(app, identity, clock=clock)
        self._asked, self._field = _ASKED_AS[identity.kind]
        self._single = identity.kind not in ("external_id", "user_alias")
        self.batch_size = 1 if self._single else limits.EXPORT_USERS.number

    def item(self, change: Change) -> Item | Outcome | None:
        """What names the user. A changed external_id is not asked for: renaming it answers the question."""
        if change.operation == "delete" or change.departs:
            return None
        if self.identity.kind == "external_id" and self.identity.former(change) is not None:
            return None
        user = self.identity.of(change.new)
        if isinstance(user, Outcome):
            return user
        body = self.identity.written(user)
        return body if isinstance(body, Outcome) else Item(change, body, match=self.identity.key(user))

    def request(self, items: Sequence[Item]) -> Request:
        """One request for the users of the items."""
        return export_body(self._asked, self._field, items, single=self._single)

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """Accepted for a user that is there, skipped for one that is not.

        A user may be answered under another id than it was asked for. Then it takes a request of its own
        to know which item was meant.
        """
        found = Exported.read(answer, self.source)
        if found.failed is not None:
            return [found.failed] * len(items)
        if len(items) == 1:
            return [ACCEPTED if found.users else self._absent()]
        keys = [self._keys(user) for user in found.users]
        asked = {item.match for item in items}
        is_sure = all(not asked.isdisjoint(names) for names in keys)
        there = {name for names in keys for name in names}
        absent = {str(name) for name in found.absent}
        return [
            ACCEPTED if item.match in there else (self._absent() if is_sure or item.match in absent else None)
            for item in items
        ]

    def _keys(self, user: Mapping[str, Any]) -> set[str]:
        """What a user that was found can have been asked for by."""
        if self.identity.kind != "user_alias":
            return {str(user.get(self._field))}
        aliases = [one for one in user.get("user_aliases") or () if isinstance(one, dict)]
        whole = (one for one in aliases if "alias_name" in one and "alias_label" in one)
        return {self.identity.key({"user_alias": one}) for one in whole}

    def _absent(self) -> Outcome:
        message = f"Braze has no user with this {self.identity.kind}, and enrich creates none"
        return Outcome("skipped", "absent", message, permanent=True)
