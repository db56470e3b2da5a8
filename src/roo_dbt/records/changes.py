"""Records that differ from the snapshot, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Operation = Literal["create", "update", "delete"]
OPERATIONS: tuple[Operation, ...] = ("create", "update", "delete")
Status = Literal["accepted", "skipped", "failed", "unknown"]
Trace = Literal["written", "renamed", "lost"]
"""What reached the vendor of a change that is not accepted as a whole: values, a new identifier, or nobody
knows what, because an answer was lost."""
Code = Literal[
    "rejected",
    "invalid_value",
    "missing_identifier",
    "duplicate_identifier",
    "conflict",
    "forgotten",
    "mode",
    "absent",
    "unavailable",
    "ambiguous",
]

MASK = "***"
"""Stands for a value or a secret that is nobody's business."""

NOT_FINITE = "\x00roo:"
"""Prefix of a JSON string that stands for a number JSON cannot say: NaN, Infinity, 2^70."""


@dataclass(slots=True)
class Change:
    """A record that differs from the snapshot, with old and new values by destination field.

    Never changed once it is made. Python does not enforce it here, as it does for the others: there is
    one for every record of a run, and enforcing takes a sixth of the time that a record takes.

    Values are what JSON can say: str, int, float, bool, None, list, dict; dates `YYYY-MM-DD`,
    times `YYYY-MM-DDTHH:MM:SS.sssZ`. `old` is empty for a create, but for the groups that its user is in
    by another record; `new` is empty for a delete, but for the nulls that `clears` sends.
    `changed` lists the fields whose value differs, for a create those that are not null, and nulls that
    clear what another record had written to its user; after `--full-refresh` `whole` asks for every
    mapped field. `returned`: the record had left the model and is back. `clears`: a delete under
    `on_removal: clear`: the user stays, its fields go.
    `departs`: an update of a record that left under a mode that keeps users: it only leaves its groups.
    `resend`: subscriptions go again although the model's value did not change.
    `shared`: another record of the snapshot has the old identifier, too, so its user is not to be renamed.
    `deserted`: it is shared, and no record keeps it: whoever had it takes its user out of the groups.
    `vacated`: it names the user by what another record named its own by, until this run or an earlier one;
    the vendor may still find the other one's user by it. `successors`: what the others named it by then,
    where that had been given up before, so that the vendor may find it by both. `inherited`: the groups in
    which the user that it names may be by other records of the snapshot, as a record would have them.
    `verdict` is an outcome known before anything is sent: a mode that forbids, an identifier that
    is taken.
    """

    seq: int
    operation: Operation
    key: str
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    changed: tuple[str, ...]
    whole: bool = False
    returned: bool = False
    clears: bool = False
    departs: bool = False
    resend: bool = False
    shared: bool = False
    deserted: bool = False
    vacated: bool = False
    successors: tuple[str, ...] = ()
    inherited: Mapping[str, Any] | None = None
    verdict: Outcome | None = None

    def value(self, name: str) -> Any:
        """The new value of a field; for a record that left, the one it had."""
        return self.old.get(name) if self.operation == "delete" else self.new.get(name)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a change.

    `permanent`: not sent again until the record changes or `retry` asks. `message` says why in one
    sentence, without secrets or field values. `instead`: what an accepted change goes on as to the
    calls that follow (a rename that was refused, say, makes the rest whole). `retry_in`: the vendor did
    not process the record and asks to send it again after so many seconds. `renamed`: the vendor finds the
    user by its new identifier from now on, whatever becomes of the rest.
    """

    status: Status
    code: Code | None = None
    message: str | None = None
    permanent: bool = False
    instead: Change | None = None
    retry_in: float | None = None
    renamed: bool = False


ACCEPTED = Outcome("accepted")


def refused(code: Code, message: str) -> Outcome:
    """A permanent failure: held until the record changes."""
    return Outcome("failed", code, message, permanent=True)


def postponed(message: str, retry_in: float) -> Outcome:
    """The vendor was too busy for this record and wants it again after `retry_in` seconds.

    It is due in the next run if that does not help.
    """
    return Outcome("failed", "unavailable", message, retry_in=retry_in)
