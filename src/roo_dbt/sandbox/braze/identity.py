"""Which user an object of a Braze request means, and what is wrong with saying it so.

Rules: https://www.braze.com/docs/api/endpoints/user_data/post_user_track, read 2026-09-02.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_EXTERNAL_ID_BYTES = 987
MAX_ALIAS_BYTES = 236

PRIMARY = ("external_id", "user_alias", "braze_id")
ADDRESSES = ("email", "phone")

MISSING = "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"
AMBIGUOUS = "You must specify only one of 'external_id', 'user_alias' or 'braze_id'"


def identity_problem(target: Mapping[str, Any]) -> str | None:
    """Why the object names no user, in Braze's words; None when it names one."""
    named = [name for name in PRIMARY if target.get(name) is not None]
    if len(named) > 1:
        return AMBIGUOUS
    if not named:
        return None if any(_filled(target.get(name)) for name in ADDRESSES) else MISSING
    if named[0] == "user_alias":
        return alias_problem(target["user_alias"])
    value = target[named[0]]
    if not isinstance(value, str):
        return f"'{named[0]}' must be a string"
    if not value.strip():
        return MISSING
    if named[0] == "external_id" and len(value) > 246 and len(value.encode()) > MAX_EXTERNAL_ID_BYTES:
        return "'external_id' must be fewer than 988 bytes"
    return None


def alias_problem(alias: Any) -> str | None:
    """Why `alias` is not a pair of name and label; None when it is one."""
    if not isinstance(alias, Mapping):
        return "'user_alias' must be an object with 'alias_name' and 'alias_label'"
    for name in ("alias_name", "alias_label"):
        value = alias.get(name)
        if not _filled(value):
            return f"'{name}' is required in 'user_alias'"
        if len(str(value).encode()) > MAX_ALIAS_BYTES:
            return f"'{name}' must be fewer than {MAX_ALIAS_BYTES + 1} bytes"
    return None


def identifiers(target: Mapping[str, Any]) -> list[str]:
    """Everything in the object that names a user, for faults that refuse single users."""
    alias = target.get("user_alias")
    names = [target.get(name) for name in ("external_id", "braze_id", *ADDRESSES)]
    if isinstance(alias, Mapping):
        names.append(alias.get("alias_name"))
    return [name for name in names if isinstance(name, str)]


def _filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
