"""A changed external_id: the user is renamed, so that everything Braze knows of it survives.

Source: https://www.braze.com/docs/api/endpoints/user_data/external_id_migration/post_external_ids_rename
(read 2026-11-22): the new id must never have been in use, and the old one goes on finding the user.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import orjson

from roo_dbt.destinations.braze import limits
from roo_dbt.destinations.braze.calls import BrazeCall, array_body
from roo_dbt.destinations.braze.fields import EXTERNAL_ID
from roo_dbt.destinations.braze.lookup import Exported, export_body
from roo_dbt.destinations.braze.outcomes import rename_answer
from roo_dbt.destinations.braze.track import started_over
from roo_dbt.records import ACCEPTED, Answer, Change, Item, Operation, Outcome, Request, refused

_GONE = (
    "external_id changed, and Braze no longer finds a user of its own by the former one: the user of the new "
    "one got the whole record"
)
_UNSURE = (
    "external_id changed and could not be renamed: the user of the new one got the whole record, the former "
    "user of record {key} is left as it is. It may still be in groups: only a key with the permission "
    "users.export.ids can tell the two users apart"
)
_CONFLICT = (
    "external_id changed to one that is a former external_id of another user in Braze, which would get the "
    "record. Remove it there (POST /users/external_ids/remove), then run roo-dbt retry"
)
_TAKEN = (
    "this external_id was another user's, whom Braze goes on finding by it: the record would be written to "
    "that user. Remove it there (POST /users/external_ids/remove), then run roo-dbt retry"
)
_KEPT = (
    "this external_id is still another record's user: that record went back to a former external_id, and "
    "Braze finds the user by both. Give one of the two records an external_id that was never used"
)
_UNKNOWN = (
    "this external_id was another user's until now, and only a key with the permission users.export.ids can "
    "tell whether Braze still finds that user by it. Give it that permission, then run roo-dbt retry"
)
_NOT_RENAMED = "Braze did not rename the user, although it exists and nobody has the new external_id"

State = Literal["primary", "former", "absent"]


def renamed(change: Change) -> Change:
    """The change as later calls see it, once its user has the new external_id: nobody else has it."""
    old = {**change.old, EXTERNAL_ID: change.new[EXTERNAL_ID]}
    rest = tuple([name for name in change.changed if name != EXTERNAL_ID])
    return replace(change, old=old, changed=rest, vacated=False, successors=())


class Rename(BrazeCall):
    """`POST /users/external_ids/rename`. A refusal is no failure: `TellApart` finds out what it means."""

    name = "rename"
    operations = frozenset[Operation]({"update"})
    writes = False
    renames = True
    permission = "users.external_ids.rename"
    rate = limits.RENAME_RATE
    batch_size = limits.RENAME_USERS.number

    def item(self, change: Change) -> Item | Outcome | None:
        """The former and the new external_id of a record."""
        former = self.identity.former(change)
        if former is None or change.shared:
            return None
        old, new = self.identity.written(former), self.identity.written(_now(self, change))
        if isinstance(old, Outcome) or isinstance(new, Outcome):
            return new if isinstance(new, Outcome) else None
        return Item(change, b'{"current_external_id":%s,"new_external_id":%s}' % (old, new))

    def request(self, items: Sequence[Item]) -> Request:
        """One request with the renames of the items, in their order."""
        return Request("POST", "/users/external_ids/rename", array_body("external_id_renames", items))

    def onward(self, change: Change) -> Change:
        """The change with its user renamed."""
        return change if self.item(change) is None else renamed(change)

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """Accepted for every item; one whose user was renamed goes on as an ordinary update.

        The answer lists what was renamed. Where an id is the new one of one item and the former one of
        another, it does not say which was meant, and the item is asked for alone.
        """
        failed, done, errors = rename_answer(answer, self.source)
        if failed is not None:
            return [failed] * len(items)
        pairs = [_pair(item) for item in items]
        both = {old for old, _ in pairs} & {new for _, new in pairs}
        return [
            _renaming(item, pair, done, alone=len(items) == 1 or both.isdisjoint(pair), named=named)
            for item, pair, named in zip(items, pairs, _named(errors, len(items)), strict=True)
        ]


def _renaming(
    item: Item, pair: tuple[str, str], done: frozenset[str], *, alone: bool, named: bool
) -> Outcome | None:
    if named:
        return ACCEPTED
    if not alone:
        return None
    done_now = replace(ACCEPTED, instead=renamed(item.change), renamed=True)
    return done_now if not done.isdisjoint(pair) else ACCEPTED


def _named(errors: Sequence[str], count: int) -> list[bool]:
    """Which items an error names, by the first number in its text that can be an index."""
    named = [False] * count
    for error in errors:
        number = re.search(r"index\D{0,3}(\d+)", error)
        if number and int(number[1]) < count:
            named[int(number[1])] = True
    return named


def _pair(item: Item) -> tuple[str, str]:
    ids = orjson.loads(item.body)
    return ids["current_external_id"], ids["new_external_id"]


def _now(call: BrazeCall, change: Change) -> dict[str, Any]:
    """The user that a record names now; the call has seen that there is one."""
    user = call.identity.of(change.new)
    return {} if isinstance(user, Outcome) else user


class TellApart(BrazeCall):
    """`POST /users/export/ids` for records whose user was not renamed: who has the two ids?

    Braze answers a former id with the user's present one. So a rename that an interrupted run had done
    is recognised, and a user that got the new id from another record is not taken for its own. A record
    that comes to an id that was another record's, and has no user of its own to rename, asks for that one id.
    """

    name = "tell_apart"
    operations = frozenset[Operation]({"update"})
    writes = False
    permission = "users.export.ids"
    rate = limits.EXPORT_RATE
    batch_size = limits.EXPORT_USERS.number // 2
    after_seconds = limits.SETTLE_SECONDS

    def item(self, change: Change) -> Item | Sequence[Item] | Outcome | None:
        """Both ids of a record, the new one of a record whose user is not to be renamed."""
        former = self.identity.former(change)
        if former is None or change.shared:
            comes = change.vacated and change.operation != "delete"
            return self._only_id(change) if comes else None
        old, new = self.identity.written(former), self.identity.written(_now(self, change))
        if isinstance(old, Outcome) or isinstance(new, Outcome):
            return new if isinstance(new, Outcome) else None
        return Item(change, b"%s,%s" % (old, new))

    def _only_id(self, change: Change) -> Item | Outcome:
        user = self.identity.of(change.new)
        if isinstance(user, Outcome):
            return user
        body = self.identity.written(user)
        return body if isinstance(body, Outcome) else Item(change, body)

    def request(self, items: Sequence[Item]) -> Request:
        """One request for the ids of the items."""
        return export_body("external_ids", EXTERNAL_ID, items)

    def judge(self, answer: Answer) -> None:
        """As always, but a key that may not ask is no reason to stop."""
        if answer.status != 403:
            super().judge(answer)

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """Accepted as what it turns out to be: renamed before, a user to leave behind, or nobody."""
        if answer.status == 403:
            return [_unsure(item.change) for item in items]
        found = Exported.read(answer, self.source)
        if found.failed is not None:
            return [found.failed] * len(items)
        return [_verdict(item, found.ids, found.missing, alone=len(items) == 1) for item in items]


class Kept(TellApart):
    """`POST /users/export/ids` for records that come to an id which another record left for a former one.

    Braze finds that other user by both ids, and names only the present one: the id that was left. So both
    are asked for, and lead to one user or to two.
    """

    name = "kept"
    # Of changes that are `vacated` alone, and those are shown to every call.
    operations = frozenset[Operation]()
    # What it needs to know has settled when `TellApart` is answered.
    after_seconds = 0.0

    def item(self, change: Change) -> Item | Sequence[Item] | Outcome | None:
        """The id that the record comes to, once beside each id for which it was left."""
        if not (change.vacated and change.successors) or change.operation == "delete":
            return None
        mine = self._only_id(change)
        if isinstance(mine, Outcome):
            return mine
        names = [self._successor(change, name) for name in change.successors]
        return [Item(change, b"%s,%s" % (mine.body, orjson.dumps(name))) for name in dict.fromkeys(names)]

    def _successor(self, change: Change, name: str) -> str:
        """The id as Braze has it: the state has a number of two million as `2e+06`."""
        if not isinstance(change.new[EXTERNAL_ID], float):
            return name
        user = self.identity.of({EXTERNAL_ID: float(name)})
        return name if isinstance(user, Outcome) else str(user[EXTERNAL_ID])

    def outcomes(self, items: Sequence[Item], answer: Answer) -> Sequence[Outcome | None]:
        """Accepted where the two ids lead to two users, or to nobody."""
        if answer.status == 403:
            return [refused("conflict", _UNKNOWN)] * len(items)
        found = Exported.read(answer, self.source)
        if found.failed is not None:
            return [found.failed] * len(items)
        return [_is_kept(item, found, alone=len(items) == 1) for item in items]


def _is_kept(item: Item, found: Exported, *, alone: bool) -> Outcome | None:
    mine, other = orjson.loads(b"[%s]" % item.body)
    if _state(other, found.ids, found.missing) != "former":
        return ACCEPTED
    if not alone:
        return None
    return refused("conflict", _KEPT) if found.ids == {mine} else ACCEPTED


def _verdict(item: Item, ids: frozenset[str], absent: frozenset[str], *, alone: bool) -> Outcome | None:
    *others, new = orjson.loads(b"[%s]" % item.body)
    if not others:
        is_former = _state(new, ids, absent) == "former"
        return (refused("conflict", _TAKEN) if alone else None) if is_former else ACCEPTED
    old = others[0]
    before, now = _state(old, ids, absent), _state(new, ids, absent)
    if "former" in (before, now) and not alone:
        return None
    same_user = replace(ACCEPTED, instead=renamed(item.change), renamed=True)
    if now == "former":
        # Asked for alone: whoever was found beside the old id is the one that the new id leads to.
        is_same = ids == {old} if before == "primary" else before == "former" and len(ids) == 1
        return same_user if is_same else refused("conflict", _CONFLICT)
    if before == "primary":
        return ACCEPTED if now == "primary" else Outcome("failed", "rejected", _NOT_RENAMED)
    if before == "former" and ids == {new}:
        return same_user
    # By the old id Braze finds a user under a third one, which its record leaves behind.
    return ACCEPTED if before == "former" else _over(item.change, _GONE)


def _state(name: str, ids: frozenset[str], absent: frozenset[str]) -> State:
    if name in ids:
        return "primary"
    return "absent" if name in absent else "former"


def _unsure(change: Change) -> Outcome:
    if change.vacated:
        return refused("conflict", _UNKNOWN)
    return _over(change, _UNSURE.format(key=change.key))


def _over(change: Change, message: str) -> Outcome:
    # Who comes to an id that others had is written to last, and told about then.
    told = None if change.vacated else message
    return replace(ACCEPTED, message=told, instead=started_over(change))
