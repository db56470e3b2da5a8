"""How each type of project tells its users apart.

Source: https://support.iterable.com/hc/articles/9216719179796 and
https://support.iterable.com/hc/articles/29156459027348 (read 2026-11-22).

A request names its user by one identifier, as the API documentation asks. When the other one is mapped,
too, it travels in `dataFields`, where Iterable takes it as the user's new e-mail address or userId.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from roo_dbt.destinations.iterable.fields import EMAIL, USER_ID
from roo_dbt.destinations.protocol import Identifier
from roo_dbt.records import NOT_FINITE, Change, Outcome, SyncMode, refused

ProjectType = Literal["email", "user_id", "hybrid"]

_BY_EMAIL = Identifier((EMAIL,), "lower")
_BY_USER_ID = Identifier((USER_ID,), "exact")
IDENTIFIERS: Mapping[ProjectType, tuple[Identifier, ...]] = {
    "email": (_BY_EMAIL, _BY_USER_ID),
    "user_id": (_BY_USER_ID,),
    "hybrid": (_BY_EMAIL, _BY_USER_ID),
}
"""What may identify a user in each type of project, best first."""

# Only what no address can lack: Iterable, which knows the top-level domains, has the last word.
_ADDRESS = re.compile(r'(?:"[^"]*"|[^\s@"]+)@(?:[^\s@.]+\.)+[^\s@.]{2,}')
_EXACT = 2**53
"""Up to here a floating-point number is exactly the whole number it shows."""


def email_text(value: object) -> str:
    """An e-mail address as Iterable stores it: trimmed, lower case.

    Raises:
        ValueError: it is no text, or cannot be an address.
    """
    if isinstance(value, str):
        text = value.strip().lower()
        if _ADDRESS.fullmatch(text):
            return text
    raise ValueError("this is no e-mail address")


def user_id_text(value: object) -> str:
    """A userId as Iterable takes it: text; a whole number becomes its digits.

    Raises:
        ValueError: it is no whole number and no printable ASCII, or ends with a space.
    """
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return _ascii_text(value)
    raise ValueError("a userId must be text or a whole number")


def _ascii_text(value: str) -> str:
    if value.startswith(NOT_FINITE):
        # Whole numbers over 64 bits come marked, because JSON readers may round them.
        value = value[len(NOT_FINITE) :]
        if not value.lstrip("-").isdecimal():
            raise ValueError("a userId must be text or a whole number")
    if not (value.isascii() and value.isprintable()):
        raise ValueError("a userId must be printable ASCII")
    if value.endswith(" "):
        raise ValueError("a userId must not end with a space")
    return value


def is_blank(value: object) -> bool:
    """Null, or text without a visible character: Iterable takes neither as an identifier."""
    return value is None or (isinstance(value, str) and not value.strip())


@dataclass(frozen=True, slots=True)
class Identity:
    """How the users of one destination are told apart.

    `field` is the identifier; `other` the identifier it is not. `prefers_user_id`: requests create a
    user under a placeholder address when the userId is new (email-based projects only).
    """

    field: str
    other: str
    prefers_user_id: bool = False

    @classmethod
    def of(cls, project_type: ProjectType, field: str, mode: SyncMode | None) -> Identity:
        """The identity of a destination that finds its users by `field`."""
        by_user_id = field == USER_ID
        creates = project_type == "email" and by_user_id and mode != "enrich"
        return cls(field, EMAIL if by_user_id else USER_ID, creates)

    def text(self, change: Change) -> str | Outcome:
        """The identifier of the user to write or delete, or why there is none."""
        value = change.value(self.field)
        if is_blank(value):
            return refused(
                "missing_identifier", f"{self.field} is null or blank, so Iterable cannot find the user"
            )
        try:
            return email_text(value) if self.field == EMAIL else user_id_text(value)
        except ValueError as fault:
            return refused("invalid_value", f"{self.field}: {fault}")

    def is_moved(self, change: Change, text: str) -> bool:
        """Whether an update gives the user another identifier; `text` is the new one."""
        if change.operation != "update" or self.field not in change.changed:
            return False
        before = change.old.get(self.field)
        return not is_blank(before) and self.fold(before) != text

    def kept_other(self, change: Change) -> str | None:
        """What to tell when the other identifier became null, which Iterable has no way to store."""
        name = self.other
        if change.operation == "create" or is_blank(change.old.get(name)):
            return None
        gone = change.clears or (name in change.changed and is_blank(change.new.get(name)))
        return f"{name} is null now; Iterable cannot clear it and keeps the old one" if gone else None

    def fold(self, value: Any, field: str | None = None) -> str:
        """A value as it is compared with one in an answer: addresses without case, userIds exactly."""
        text = str(value)
        if (field or self.field) == EMAIL:
            return text.strip().lower()
        try:
            return user_id_text(value)
        except ValueError:
            return text
