"""Data points: what sending costs on the contracts that count them; newer contracts have none.

A custom attribute is 1 each time it is sent, so are the standard fields that are billed; of an object each
key inside counts, of an edited array each value. Events are 1, purchases 1 for each unit.
Source: https://www.braze.com/docs/user_guide/data/data_points (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from roo_dbt.destinations.braze.fields import BILLED, NAMES
from roo_dbt.destinations.braze.standard import OBJECTS
from roo_dbt.records import GROUP_MARK, is_subscription

_FREE = (NAMES - BILLED) | {"user_alias", "subscription_groups", "_merge_objects", "_update_existing_only"}


def of_user(body: Mapping[str, Any], identifier: str) -> int:
    """Data points of one attributes object; what identifies the user is free."""
    names = (name for name in body if name != identifier and name not in _FREE)
    return sum(1 if name in BILLED else _of_value(body[name]) for name in names)


def _of_value(value: Any) -> int:
    if isinstance(value, dict) and value and value.keys() <= {"add", "remove"}:
        return sum(len(names) for names in value.values())
    if isinstance(value, list) and any(isinstance(part, dict) for part in value):
        return sum(_of_value(part) for part in value)
    if _is_object(value):
        return sum(1 + (_of_value(part) if _is_object(part) else 0) for part in value.values())
    return 1


def _is_object(value: Any) -> bool:
    """Whether it is an object with keys that count; a marked time is a single value."""
    return isinstance(value, dict) and bool(value) and "$time" not in value


def of_fields(counts: Mapping[str, int], identifier: frozenset[str]) -> int:
    """Data points of sending fields (name → records), as far as counts can say.

    An object column counts as one key and a column of group names as one name: their contents are not
    known here.
    """
    total = 0
    shared: dict[str, int] = {}
    for name, records in counts.items():
        root, *path = name.split(".")
        if name.startswith(GROUP_MARK):
            total += 0 if is_subscription(name) else records
        elif name in identifier or root in _FREE:
            continue
        elif root in OBJECTS:
            shared[root] = max(shared.get(root, 0), records)
        else:
            total += records
            # Parts of one object share the keys on the way to them; its root is free.
            for depth in range(1, len(path)):
                branch = ".".join([root, *path[:depth]])
                shared[branch] = max(shared.get(branch, 0), records)
    return total + sum(shared.values())
