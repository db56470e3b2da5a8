"""The fault dial: what can go wrong with a request, as data.

A fault has a kind from `KINDS` and says which requests it meets. A new kind is one more line there.
"""

from __future__ import annotations

import contextlib
import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from typing import Any

from roo_dbt.errors import UsageProblem
from roo_dbt.sandbox.exchange import Reply, Request, Vendor

_HTML = "<html><head><title>{status}</title></head><body><center><h1>{status}</h1></center></body></html>\n"
_IDENTIFIERS = frozenset(
    [
        "external_id",
        "external_ids",
        "braze_id",
        "braze_ids",
        "alias_name",
        "email",
        "emails",
        "email_addresses",
        "current_external_id",
        "new_external_id",
        "userId",
        "currentEmail",
        "newEmail",
        "currentUserId",
    ]
)


@dataclass(slots=True, eq=False, kw_only=True)
class Fault:
    """A rule that spoils requests.

    Attributes:
        kind: a name from `KINDS`.
        path: a glob over the path, such as `/users/*`; `braze` or `iterable` means all of a vendor.
        method: `GET`, `POST` …; `*` is any.
        status: the HTTP status of `status` and `html`.
        count: requests it still spoils, None without end.
        after: requests that it lets through first.
        probability: the share of requests it meets, 0 to 1.
        seconds: how long `stall` and `drip` last, and the wait that a 429 asks for.
        ids: identifiers; only requests that hold one of them are met.
        message: text of the error instead of the vendor's own. For `item` at Iterable the failure
            group: `invalid`, `invalidData`, `conflict`, `forgotten` or `notFound`; any other word is
            counted as failed without naming the user.
        written: whether the vendor carries the request out; None: as usual for the kind.
    """

    kind: str
    path: str = "*"
    method: str = "*"
    status: int = 500
    count: int | None = None
    after: int = 0
    probability: float = 1.0
    seconds: float = 1.0
    ids: frozenset[str] = frozenset()
    message: str | None = None
    written: bool | None = None
    number: int = 0
    met: int = 0

    @property
    def writes(self) -> bool:
        """Whether the vendor carries the request out."""
        return KINDS[self.kind].writes if self.written is None else self.written

    def as_json(self) -> dict[str, Any]:
        """The fault as the control endpoints show it."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return {**values, "ids": sorted(self.ids), "writes": self.writes}


Effect = Callable[[Fault, Vendor, Reply | None], Reply]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a fault does: `effect` makes the reply from the vendor's, which is None if nothing ran.

    `holds`: the reply waits for the fault's `seconds`.
    """

    name: str
    description: str
    effect: Effect
    writes: bool = False
    holds: bool = False


def _status(fault: Fault, vendor: Vendor, reply: Reply | None) -> Reply:
    answer = vendor.error(fault.status, message=fault.message, seconds=fault.seconds)
    answer.objects = reply.objects if reply else 0
    return answer


def _cut(_fault: Fault, _vendor: Vendor, reply: Reply | None) -> Reply:
    return Reply(0, b"", cut=True, objects=reply.objects if reply else 0)


def _html(fault: Fault, _vendor: Vendor, _reply: Reply | None) -> Reply:
    return Reply(fault.status, _HTML.format(status=fault.status), content_type="text/html")


def _truncated(fault: Fault, vendor: Vendor, reply: Reply | None) -> Reply:
    if reply is None:
        return _cut(fault, vendor, reply)
    whole = reply.payload()
    return Reply(
        reply.status, whole[: len(whole) // 2], reply.headers, reply.content_type, objects=reply.objects
    )


def _dripping(fault: Fault, vendor: Vendor, reply: Reply | None) -> Reply:
    reply = _unchanged(fault, vendor, reply)
    reply.over = fault.seconds
    return reply


def _unchanged(fault: Fault, vendor: Vendor, reply: Reply | None) -> Reply:
    return reply if reply is not None else _cut(fault, vendor, reply)


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("status", "Answers with an HTTP status; nothing is written.", _status),
        Kind("drop_before", "Cuts the connection; nothing is written.", _cut),
        Kind("drop_after", "Writes, then cuts the connection.", _cut, writes=True),
        Kind("stall", "Waits, then goes on if the client still does.", _unchanged, writes=True, holds=True),
        Kind("html", "Answers with an HTML page; nothing is written.", _html),
        Kind("truncated", "Writes, then sends half of the answer.", _truncated, writes=True),
        Kind(
            "drip", "Writes, then sends the answer piece by piece over its seconds.", _dripping, writes=True
        ),
        Kind("item", "Refuses the objects of the given ids.", _unchanged, writes=True),
    )
}
"""Every kind of fault by name."""


class FaultDial:
    """The faults in force, in the order they were set.

    Args:
        seed: of the dice, so that a run can be repeated.
    """

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311  not for secrets
        self._faults: list[Fault] = []
        self._numbered = 0

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._faults)

    def __bool__(self) -> bool:
        return bool(self._faults)

    def set(self, values: Mapping[str, Any]) -> Fault:
        """Add a fault from its JSON form. Raises UsageProblem for an unknown kind or setting."""
        ids = _checked(values)
        self._numbered += 1
        fault = Fault(**{**values, "ids": ids}, number=self._numbered)
        self._faults.append(fault)
        return fault

    def clear(self, number: int | None = None) -> None:
        """Take back one fault, or all of them."""
        self._faults = [] if number is None else [f for f in self._faults if f.number != number]

    def meet(self, request: Request, vendor: str) -> Fault | None:
        """The first fault that meets the request, counted down."""
        for fault in self._faults:
            if not _matches(fault, request, vendor) or not self._due(fault):
                continue
            fault.met += 1
            if fault.count is not None:
                fault.count -= 1
                if fault.count <= 0:
                    self._faults.remove(fault)
            return fault
        return None

    def _due(self, fault: Fault) -> bool:
        if fault.after > 0:
            fault.after -= 1
            return False
        return fault.probability >= 1 or self._dice.random() < fault.probability


_LIMITS: Mapping[str, tuple[type | tuple[type, ...], float, float]] = {
    "status": (int, 200, 599),
    "count": (int, 1, math.inf),
    "after": (int, 0, math.inf),
    "probability": ((int, float), 0, 1),
    "seconds": ((int, float), 0, math.inf),
}
_TYPES: Mapping[str, type] = {"path": str, "method": str, "message": str, "written": bool}


def _checked(values: Mapping[str, Any]) -> frozenset[str]:
    """The ids of a fault in its JSON form. Raises UsageProblem when any of it makes no sense."""
    known = {entry.name for entry in fields(Fault)} - {"number", "met"}
    unknown = sorted(set(values) - known)
    if unknown:
        raise UsageProblem(
            f"A fault has no setting '{unknown[0]}'.", hint=f"It has {', '.join(sorted(known))}."
        )
    kind, ids = values.get("kind"), values.get("ids") or ()
    if kind not in KINDS:
        raise UsageProblem(f"There is no fault of the kind '{kind}'.", hint=f"Use one of {', '.join(KINDS)}.")
    if isinstance(ids, str) or (kind == "item" and not ids):
        raise UsageProblem("The ids of a fault are a list of text.", hint='For example "ids": ["42"].')
    for name, (kinds, least, most) in _LIMITS.items():
        value = values.get(name, least)
        if value is None and name == "count":
            continue
        if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value <= most:
            raise UsageProblem(f"'{name}' of a fault is a number from {least} to {most}.")
    for name, wanted in _TYPES.items():
        if values.get(name) is not None and not isinstance(values[name], wanted):
            raise UsageProblem(f"'{name}' of a fault is of the type {wanted.__name__}.")
    return frozenset(str(value) for value in ids)


def _matches(fault: Fault, request: Request, vendor: str) -> bool:
    if fault.method not in ("*", request.method):
        return False
    if fault.path != vendor and not fnmatchcase(request.path, fault.path):
        return False
    if not fault.ids:
        return True
    return not {fold(value) for value in fault.ids}.isdisjoint(map(fold, _identifiers(request)))


def fold(identifier: str) -> str:
    """An identifier as faults compare it: addresses without case, all else exactly."""
    return identifier.lower() if "@" in identifier else identifier


def _identifiers(request: Request) -> set[str]:
    found = {*request.segments, *request.query.values()}
    if request.body:
        with contextlib.suppress(ValueError):
            _collect(request.json(), found)
    return found


def _collect(value: Any, found: set[str]) -> None:
    if isinstance(value, list):
        for entry in value:
            _collect(entry, found)
    elif isinstance(value, dict):
        for name, entry in value.items():
            if name in _IDENTIFIERS:
                found.update(str(part) for part in (entry if isinstance(entry, list) else [entry]))
            if isinstance(entry, dict | list):
                _collect(entry, found)


def refused_by(fault: Fault | None) -> dict[str, str]:
    """The identifiers that an `item` fault refuses, each with its message ("" for the usual one)."""
    if fault is None or fault.kind != "item":
        return {}
    return dict.fromkeys(map(fold, fault.ids), fault.message or "")
