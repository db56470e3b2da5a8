"""The shapes of Iterable's answers and the envelope of its requests.

Sources: https://api.iterable.com/api/docs and https://support.iterable.com/hc/en-us/articles/204780579,
read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from roo_dbt.sandbox.exchange import Refusal, Reply, Request

_GROUPS = ("invalid", "invalidData", "conflict", "forgotten", "notFound")
_KINDS: Mapping[str, tuple[type | tuple[type, ...], str]] = {
    "string": (str, "String value expected"),
    "object": (dict, "Object value expected"),
    "array": (list, "Array value expected"),
    "boolean": (bool, "Boolean value expected"),
    "number": ((int, float), "Number value expected"),
}

USER = {
    "email": "string",
    "userId": "string",
    "dataFields": "object",
    "preferUserId": "boolean",
    "mergeNestedObjects": "boolean",
}
"""Properties of a user in bulk calls; the single call also takes `createNewFields`."""


def reply(status: int, code: str, message: str, params: Any = None, *, objects: int = 0) -> Reply:
    """The three-field envelope of most answers."""
    return Reply(status, {"msg": message, "code": code, "params": params}, objects=objects)


def success(message: str = "", params: Any = None) -> Reply:
    """200 with code `Success`, for one object."""
    return reply(200, "Success", message, params, objects=1)


def refuse(status: int, code: str, message: str, params: Any = None) -> Refusal:
    """An error for the whole request."""
    return Refusal(reply(status, code, message, params))


def check_envelope(
    request: Request,
    values: Any,
    known: Mapping[str, str],
    *,
    required: tuple[str, ...] = (),
    at: str = "obj",
) -> dict[str, Any]:
    """The object `values` after its properties were compared with `known` (name → kind).

    One property of a wrong kind fails the whole request; an unknown one is only noted.

    Raises:
        Refusal: 400 `BadJsonBody` naming the property.
    """
    if not isinstance(values, dict):
        raise refuse(400, "BadJsonBody", "Invalid JSON body", {at: "Object value expected"})
    for name in required:
        if values.get(name) is None:
            raise refuse(400, "BadJsonBody", "Invalid JSON body", {f"{at}.{name}": "Missing value"})
    for name, value in values.items():
        kind = known.get(name)
        if kind is None:
            request.warn(f"{at}.{name} is no property of this call; it was ignored")
        elif value is not None and not _is_kind(value, kind):
            raise refuse(400, "BadJsonBody", "Invalid JSON body", {f"{at}.{name}": _KINDS[kind][1]})
    return values


def _is_kind(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _KINDS[kind][0])


class RowRefused(Exception):
    """One user of a request is refused.

    Args:
        group: which of the `failedUpdates` pairs: `invalid`, `invalidData`, `conflict`, `forgotten` or
            `notFound`.
        name: `email` or `userId`, what `value` is.
        value: the identifier as the answer lists it.
        single: the answer when the user was sent alone.
    """

    def __init__(self, group: str, name: str, value: str, single: Reply) -> None:
        super().__init__(group)
        self.group = group
        self.name = name
        self.value = value
        self.single = single


class Unidentified(Exception):
    """A row without any identifier, which no answer can name."""


@dataclass(slots=True)
class Tally:
    """The outcome of a bulk call, collected row by row."""

    succeeded: int = 0
    failed: int = 0
    refused: dict[str, list[str]] = field(default_factory=dict)
    created_fields: dict[str, None] = field(default_factory=dict)
    filtered_fields: dict[str, None] = field(default_factory=dict)
    unchanged: dict[str, list[str]] = field(default_factory=dict)

    @contextmanager
    def row(self) -> Iterator[None]:
        """Around the handling of one row: counts it by how that ends."""
        try:
            yield
        except RowRefused as row:
            self.refuse(row)
        except Unidentified:
            self.failed += 1
        else:
            self.succeeded += 1

    def refuse(self, row: RowRefused) -> None:
        """Count a refused row under its identifier."""
        self.failed += 1
        place = f"{row.group}{'Emails' if row.name == 'email' else 'UserIds'}"
        self.refused.setdefault(place, []).append(row.value)

    def as_json(self) -> dict[str, Any]:
        """The body of the answer."""
        names = [f"{group}{suffix}" for group in _GROUPS for suffix in ("Emails", "UserIds")]
        failures = {name: self.refused.get(name, []) for name in names}
        return {
            "successCount": self.succeeded,
            "failCount": self.failed,
            "invalidEmails": failures["invalidEmails"],
            "invalidUserIds": failures["invalidUserIds"],
            "filteredOutFields": list(self.filtered_fields),
            "createdFields": list(self.created_fields),
            **self.unchanged,
            "failedUpdates": failures,
        }

    def reply(self) -> Reply:
        """200, however many rows failed."""
        return Reply(200, self.as_json(), objects=self.succeeded + self.failed)
