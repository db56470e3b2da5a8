"""Whether the API key may do what the destinations need.

No endpoint of Braze tells the permissions of a key. So each one is tried with a request that holds nothing:
Braze answers 400 ("Valid data must be provided") to a key that may, 401 or 403 to one that may not. That
reading is inferred from https://www.braze.com/docs/api/errors (read 2026-11-22), which does not name it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from roo_dbt.destinations.protocol import Send
from roo_dbt.records import Finding, Request

_PROBES = {
    "users": (
        ("users.track", Request("POST", "/users/track", b'{"attributes":[]}'), ""),
        (
            "users.delete",
            Request("POST", "/users/delete", b'{"external_ids":[]}'),
            " It is needed only by `sync_mode: sync` with `on_removal: delete`.",
        ),
    ),
}


def try_permissions(send: Send, objects: Sequence[str], endpoint: str) -> Iterator[Finding]:
    """One finding per permission; after a 401 the others are not tried."""
    for permission, request, needed_by in (probe for name in objects for probe in _PROBES.get(name, ())):
        status = send(request).status
        yield _finding(permission, status, endpoint, needed_by)
        if status == 401:
            return


def _finding(permission: str, status: int, endpoint: str, needed_by: str) -> Finding:
    if status == 400 or status // 100 == 2:
        return Finding(permission, ok=True, message=f"the key may use it at {endpoint}")
    if status == 401:
        message = (
            f"Braze does not accept the API key at {endpoint}: the key is wrong, or it belongs to another "
            "instance than rest_endpoint. Compare both with the dashboard, Settings > APIs and Identifiers."
        )
    elif status == 403:
        message = (
            f"The API key lacks the permission {permission}.{needed_by} The permissions of a Braze key "
            "cannot be edited: create a new key with all it needs."
        )
    elif status == 404:
        message = f"{endpoint} does not know this URL: rest_endpoint is not a REST endpoint of Braze."
    else:
        message = f"Braze answered HTTP {status}, which says nothing about the key. Try again later."
    return Finding(permission, ok=False, message=message)
