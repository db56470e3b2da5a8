"""Users who get another identifier: what is renamed, what is written anew, and what must wait for it.

Iterable keeps calls for one user and bulk calls apart, and asks not to use both for a user within a short
time. So whatever concerns a moved user, or an identifier that a move sets free, goes last in the run.
Source: https://api.iterable.com/api/docs#users_bulkUpdateUser (read 2026-11-22).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from roo_dbt.destinations.iterable.identity import Identity
from roo_dbt.records import Change, Outcome

_FOLLOWED = "its user became another record's, which now has another"


@dataclass(slots=True)
class Successor(Change):
    """A change whose user could not be renamed: a user of the new identifier gets the whole record.

    `left`: the identifier of the old user, who stays as it is but leaves its lists; empty when there is
    none, or when it is another record's by now.
    """

    left: str = ""

    @property
    def is_sure(self) -> bool:
        """Whether Iterable is known to have the new user: it refused a rename because of it."""
        return bool(self.left) and not self.shared


def successor(change: Change, left: str = "") -> Successor:
    """The change as it goes on after its rename was refused."""
    values = {each.name: getattr(change, each.name) for each in fields(Change)}
    return Successor(**{**values, "whole": True}, left=left)


@dataclass(frozen=True, slots=True)
class Moves:
    """The moves of one destination in one run.

    `freed` remembers the identifiers that records give up: another record may get one in the same run,
    and must not be written to a user who is about to be renamed. `renamed` are those of them whose user goes
    along. Only the thread that reads changes touches them.
    """

    identity: Identity
    freed: set[str] = field(default_factory=set)
    renamed: set[str] = field(default_factory=set)

    def former(self, change: Change) -> str | None:
        """The identifier that a moved user has until now; None for a user who stays what it is."""
        if change.operation != "update" or self.identity.field not in change.changed:
            return None
        text = self.identity.text(change)
        if not isinstance(text, str) or not self.identity.is_moved(change, text):
            return None
        return self.identity.fold(change.old.get(self.identity.field))

    def followed(self, change: Change) -> Outcome | None:
        """What becomes of a record that left, when its user is another one's, who is renamed in this run.

        There is nobody to delete or to clear under the old identifier any more, and must not be before.
        """
        if not self.renamed or self.identity.text(change) not in self.renamed:
            return None
        return Outcome("accepted", message=f"{_FOLLOWED} {self.identity.field}; nothing was sent")

    def resolved(self, change: Change) -> Change:
        """The change; as a new user's when its old one is not its own any more."""
        if not change.shared or isinstance(change, Successor):
            return change
        former = self.former(change)
        if former is None:
            return change
        return successor(change, former if change.deserted else "")

    def goes_last(self, change: Change) -> bool:
        """Whether the user's bulk and list calls must wait until renames have settled."""
        return self.former(change) is not None or self.takes_over(change)

    def takes_over(self, change: Change) -> bool:
        """Whether the record gets an identifier that another one had: nothing old may shine through."""
        if isinstance(change, Successor):
            return True
        if not self.freed or change.operation == "delete":
            return False
        return self.identity.text(change) in self.freed and self.former(change) is None
