"""Whether the API key may do what the destinations need.

No endpoint of Braze tells the permissions of a key. So each one is tried with a request that holds nothing:
Braze answers 400 ("Valid data must be provided") to a key that may, 401 or 403 to one that may not. That
reading is inferred from https://www.braze.com/docs/api/errors (read 2026-11-22), which does not name it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from roo_dbt.destinations.braze.fields import EXTERNAL_ID
from roo_dbt.destinations.protocol import Send
from roo_dbt.records import Destination, Finding, Request


@dataclass(frozen=True, slots=True)
class Probe:
    """A permission and the empty request that needs it. `optional`: without it, less can be explained."""

    permission: str
    request: Request
    needed_by: str = ""
    optional: bool = False


TRACK: Final = Probe("users.track", Request("POST", "/users/track", b'{"attributes":[]}'))
DELETE: Final = Probe(
    "users.delete",
    Request("POST", "/users/delete", b'{"external_ids":[]}'),
    " It is needed only by `sync_mode: sync` with `on_removal: delete`.",
)
RENAME: Final = Probe(
    "users.external_ids.rename",
    Request("POST", "/users/external_ids/rename", b'{"external_id_renames":[]}'),
    " It is needed as soon as the external_id of a record changes.",
)
_EXPORT: Final = Request(
    "POST", "/users/export/ids", b'{"external_ids":[],"fields_to_export":["external_id"]}'
)
EXPORT: Final = Probe("users.export.ids", _EXPORT, " It is needed by `verify: true`.")
EXPLAIN: Final = Probe(
    "users.export.ids",
    _EXPORT,
    " Without it a user whose new external_id is taken stays in its groups, and a new record with an "
    "external_id that another one gave up fails.",
    optional=True,
)

_BY_OBJECT: Final = {"users": (TRACK, DELETE), "events": (TRACK,), "purchases": (TRACK,)}


def probes_of(objects: Sequence[str]) -> list[Probe]:
    """What objects may need, when no more is known of their destinations."""
    probes = (probe for name in objects for probe in _BY_OBJECT.get(name, ()))
    return list({probe.permission: probe for probe in probes}.values())


def probes_for(destinations: Sequence[Destination]) -> list[Probe]:
    """What these destinations need, each permission once."""
    found: dict[str, Probe] = {}
    for probe in (probe for one in destinations for probe in _needs(one)):
        if probe.permission not in found or found[probe.permission].optional:
            found[probe.permission] = probe
    return list(found.values())


def _needs(destination: Destination) -> Iterator[Probe]:
    yield TRACK
    if destination.object != "users":
        return
    if destination.sync_mode == "sync" and destination.on_removal == "delete":
        yield DELETE
    if destination.sync_mode == "enrich" and destination.options.get("verify"):
        yield EXPORT
    line = destination.mapped(EXTERNAL_ID)
    # A record whose key changes is another record, so an id that is the key is never renamed.
    if destination.identifier == (EXTERNAL_ID,) and line is not None and destination.key != (line.column,):
        yield RENAME
        yield EXPLAIN


def try_permissions(send: Send, probes: Sequence[Probe], endpoint: str) -> Iterator[Finding]:
    """One finding per permission; after a 401 the others are not tried."""
    for probe in probes:
        status = send(probe.request).status
        yield _finding(probe, status, endpoint)
        if status == 401:
            return


def _finding(probe: Probe, status: int, endpoint: str) -> Finding:
    permission = probe.permission
    if status == 400 or status // 100 == 2:
        return Finding(permission, ok=True, message=f"the key may use it at {endpoint}")
    if status == 403 and probe.optional:
        return Finding(permission, ok=True, message=f"the API key lacks it.{probe.needed_by}")
    if status == 401:
        message = (
            f"Braze does not accept the API key at {endpoint}: the key is wrong, or it belongs to another "
            "instance than rest_endpoint. Compare both with the dashboard, Settings > APIs and Identifiers."
        )
    elif status == 403:
        message = (
            f"The API key lacks the permission {permission}.{probe.needed_by} The permissions of a Braze key "
            "cannot be edited: create a new key with all it needs."
        )
    elif status == 404:
        message = f"{endpoint} does not know this URL: rest_endpoint is not a REST endpoint of Braze."
    else:
        message = f"Braze answered HTTP {status}, which says nothing about the key. Try again later."
    return Finding(permission, ok=False, message=message)
